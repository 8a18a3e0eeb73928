//! The scenarios as the document that people read: `docs/errors/causes.md`.

use std::fmt::Write;

use super::scenario::{Scenario, Told};
use model::cause::Cause;

const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors/causes.md");
/// Set it to write the document anew.
const WRITE: &str = "COUNTERFOIL_WRITE_DOCS";

const HEAD: &str = "# Every cause, and what it is told apart by

Written by the tests that play it ([causes](../../crates/counterfoil/tests/it/causes/mod.rs)): each row is a scenario in the sandbox, met by
the real program over real sockets, and the log named this cause and no other, with the application's own words, the next step, whether and
when it is tried again and who can mend it. *Rests on* is all that the verdict is made of: the status of the answer, the vendor's documented
code, or what the network says. Where a vendor publishes nothing (most of Nue), the status alone decides. *Told* is how often: once, of the
application as a whole, with no record blamed; or of each record that it concerns.

`COUNTERFOIL_WRITE_DOCS=1 cargo test -p counterfoil --test it -- causes::every` writes this page anew.
";

/// Where a cause cannot occur, or cannot be played.
const NOT_PLAYED: &str = "
## What is not among them

* No such host, for Nue: as long as its API is only assumed, its address must be this machine's.
* Validation by Nue: no flow that ships writes business records into it yet. 400 and 422 are a validation by their status.
* A daily limit of Nue's or NetSuite's: neither publishes one. Zuora's counts are met by `RateLimit-*` and `Retry-After`, as above.
* A page with 503 cannot tell an overload from maintenance; nor can 503 from Nue, whatever its body says. Both are named maintenance: for
  either the application is left alone until it answers.
* A field that does not exist and one that field-level security hides look alike in Salesforce; the next step names both.
* A host that belongs to another company: Zuora, NetSuite and Nue answer like to wrong credentials; the next step names the address, too.
";

pub(super) fn rendered(scenarios: &[Scenario]) -> String {
    let mut text = HEAD.to_owned();
    for cause in Cause::ALL {
        let _ = write!(
            text,
            "\n## [{cause}]({cause}.md)\n\n| scenario | application | rests on | known from | told | tried again | who can mend it |\n\
             |---|---|---|---|---|---|---|\n"
        );
        for scenario in scenarios.iter().filter(|scenario| scenario.cause == cause) {
            let _ = writeln!(text, "{}", row(scenario));
        }
    }
    text + NOT_PLAYED
}

fn row(scenario: &Scenario) -> String {
    let status = scenario.status.map(|status| format!("HTTP {status} ")).unwrap_or_default();
    let code = scenario.code.map(|code| format!("`{code}` ")).unwrap_or_default();
    let words = if scenario.words.is_empty() { String::new() } else { format!("\"{}\"", scenario.words) };
    let outlook = scenario.cause.outlook(scenario.when());
    let told = match scenario.told {
        Told::Once => "once",
        Told::OfRecords => "of each record",
    };
    let rests_on = format!("{status}{code}{words}");
    format!(
        "| {} | {} | {} | {} | {told} | {} | {} |",
        scenario.what,
        scenario.application,
        rests_on.trim(),
        scenario.known,
        outlook.retry,
        outlook.mender
    )
}

/// The document says what the scenarios say.
pub(super) fn assert_written(scenarios: &[Scenario]) {
    let wanted = rendered(scenarios);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(PLACE, &wanted).unwrap();
    }
    let held = std::fs::read_to_string(PLACE).unwrap_or_default();
    assert!(held == wanted, "docs/errors/causes.md is not what the scenarios say: run this with {WRITE}=1");
}
