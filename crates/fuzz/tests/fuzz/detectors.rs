//! What the targets would notice: each detector against a defect that was planted for it.

use std::process::Command;

use fuzz::{Corpus, LARGEST_TAKE, feed};

const PLANT: &str = "COUNTERFOIL_FUZZ_PLANT";

/// A reader with a defect. Its defect shows on inputs that hold `null`, which is a change away.
#[test]
fn planted() {
    let Ok(plant) = std::env::var(PLANT) else { return };
    let corpus = Corpus::of(["{\"a\":1}"]);
    feed(bolero::check!(), 1_000, &corpus, |input| {
        if input.windows(4).any(|word| word == b"null") {
            match plant.as_str() {
                "panic" => panic!("a planted panic"),
                "hang" => while std::hint::black_box(true) {},
                "memory" => drop(std::hint::black_box(vec![1_u8; LARGEST_TAKE + 1])),
                "runaway" => {
                    let mut all = Vec::new();
                    while std::hint::black_box(true) {
                        all.push(vec![1_u8; LARGEST_TAKE]);
                    }
                }
                _ => {}
            }
        }
    });
}

/// Runs the target with a defect; gives what it said when it failed.
fn told_of(plant: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "detectors::planted", "--nocapture"])
        .env(PLANT, plant)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.success(), plant == "nothing", "{plant}: {told}");
    told
}

#[test]
fn a_panic_is_told_with_the_input_made_small() {
    let told = told_of("panic");
    assert!(told.contains("a planted panic") && told.contains("FUZZ_INPUTS=1"), "{told}");
    assert!(told.contains("null") && told.contains("bytes: b\""), "{told}");
}

#[test]
fn a_reader_that_hangs_is_told_with_its_input() {
    let told = told_of("hang");
    assert!(told.contains("takes longer than") && told.contains("null"), "{told}");
}

#[test]
fn a_reader_that_takes_too_much_memory_is_told_with_its_input() {
    let told = told_of("memory");
    assert!(told.contains("bytes of memory for an input of") && told.contains("null"), "{told}");
    assert!(told_of("runaway").contains("takes more than"));
}

#[test]
fn a_reader_without_a_defect_is_fed_to_the_end() {
    assert!(told_of("nothing").contains("1000 inputs"));
}
