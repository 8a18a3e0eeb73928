//! The documentation of the causes says what the code says.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use model::cause::Cause;

/// A file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_table_of_the_causes_says_what_the_code_says() {
    let index = read("docs/errors/README.md");
    let rows = index.lines().filter(|line| line.starts_with("| [")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [cause, group, _, retry, mender] = cells[..] else { panic!("{line}") };
        format!("{cause}: {group}, {retry}, {mender}")
    });
    let told = Cause::ALL.map(|cause| {
        let (group, retry, mender) = (cause.group(), cause.retry(), cause.mender());
        format!("[{cause}]({cause}.md): {group}, {retry}, {mender}")
    });
    assert_eq!(rows.collect::<Vec<_>>(), told);
}

#[test]
fn every_cause_has_its_page_with_all_its_parts_and_the_same_word_on_who_can_mend_it() {
    for cause in Cause::ALL {
        let page = read(&cause.outlook(cause.retry()).page);
        assert!(page.starts_with(&format!("# {cause}\n")), "{cause}");
        for part in ["What happened.", "What Counterfoil does.", "What you can do.", "The words."] {
            let other_words = part == "The words." && page.contains(" words | what to do |");
            assert!(page.contains(&format!("**{part}**")) || other_words, "{cause}: {part}");
        }
        let (_, who) = page.split_once("**Who can mend it.** ").unwrap();
        let mender = cause.mender().to_string();
        assert!(who.to_lowercase().starts_with(&mender.to_lowercase()), "{cause}: {mender}");
    }
}
