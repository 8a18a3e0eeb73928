//! Good examples: what the sandbox answers, the shipped flows, and, where they are at hand, examples of the vendors' own.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

/// No example is larger: what is nearly right is small, and the change is seen.
const LARGEST: usize = 16 * 1024;

fn within(root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(root)
}

/// The shipped flow files.
pub(crate) fn flows() -> Vec<Vec<u8>> {
    files(&within("flows"), &[".toml"])
}

/// The bodies of a shared folder; none, and that is said, where it is not at hand.
pub(crate) fn shared(folder: &str) -> Vec<Vec<u8>> {
    let path = within("../shared/data").join(folder);
    if !path.is_dir() {
        println!("not run with the examples of {folder}: they are not at {}", path.display());
    }
    files(&path, &[".json", ".xml", ".csv", ".yaml", ".gz"])
}

/// What Zuora shows in its documentation as answers.
pub(crate) fn zuora_examples() -> Vec<Vec<u8>> {
    let lines = shared("zuora-api-examples").concat();
    let parsed = lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    parsed.map(|line| line["example"].to_string().into_bytes()).collect()
}

fn files(folder: &Path, endings: &[&str]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.display().to_string();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if name.ends_with(".jsonl.gz") {
            let mut text = Vec::new();
            GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_end(&mut text).unwrap();
            found.push(text);
        } else if endings.iter().any(|ending| name.ends_with(ending)) && !name.ends_with(".gz") {
            let mut text = std::fs::read(&path).unwrap();
            text.truncate(LARGEST);
            found.push(text);
        }
    }
    found
}
