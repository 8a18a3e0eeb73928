//! All transitions of the protocol, printed for a person to read, and the promises that must hold in every one.

use std::fmt::Write;

use model::outcome::Outcome;
use model::protocol::{
    Evidence, Kind, MarkReceipt, Marked, Next, Preparation, Reason, Reply, Reread, Sight, Standing, decide,
};
use model::status::{Operation, Status, Transferred};

const SIGHTS: [Sight; 5] = [Sight::Missing, Sight::Equal, Sight::Different, Sight::Several, Sight::Unavailable];
const REPLIES: [Reply; 4] = [Reply::Accepted, Reply::Refused, Reply::Unknown, Reply::NotDone];
const OPERATIONS: [Operation; 2] = [Operation::Create, Operation::Update];

fn statuses() -> [Status; 6] {
    [
        Status::Blank,
        Status::InProgress,
        Status::Error,
        Status::Complete,
        Status::Ignore,
        Status::Unrecognised("Synced".into()),
    ]
}

fn standings() -> Vec<Standing> {
    let flags = |kind| match kind {
        Kind::Master => vec![Transferred::Untracked],
        Kind::Document => {
            vec![Transferred::No, Transferred::Processing, Transferred::Error, Transferred::Yes, Transferred::Ignore]
        }
    };
    let mut all = Vec::new();
    for kind in [Kind::Document, Kind::Master] {
        for status in statuses() {
            for transferred in flags(kind) {
                for linked in [false, true] {
                    all.push(Standing { kind, status: status.clone(), transferred: transferred.clone(), linked });
                }
            }
        }
    }
    all
}

fn receipt() -> MarkReceipt {
    MarkReceipt::confirmed_by_source("1", "Creating Invoice")
}

/// Every piece of evidence that there can be.
fn all_evidence() -> Vec<Evidence> {
    let mut all = vec![Evidence::Selected];
    all.extend(SIGHTS.map(Evidence::Searched));
    all.extend(SIGHTS.map(Evidence::AskedRecord));
    for operation in OPERATIONS {
        all.extend(
            [Preparation::Ready, Preparation::Invalid, Preparation::Waiting]
                .map(|preparation| Evidence::Prepared(operation, preparation)),
        );
        all.extend(
            [Marked::Confirmed(receipt()), Marked::Refused, Marked::Unknown, Marked::NotDone]
                .map(|marked| Evidence::Marked(operation, marked)),
        );
        all.extend(
            [Reread::Stands(receipt()), Reread::Absent, Reread::Unavailable]
                .map(|reread| Evidence::RereadMark(operation, reread)),
        );
        for reply in REPLIES {
            all.push(Evidence::Written(operation, reply));
            all.extend(SIGHTS.map(|sight| Evidence::ReadBack(operation, reply, sight)));
            all.extend(SIGHTS.map(|sight| Evidence::ReadAtRecord(operation, reply, sight)));
        }
    }
    for reply in REPLIES {
        all.push(Evidence::Completed(Outcome::Created, reply));
        all.push(Evidence::Failed(Reason::WriteRefused, reply));
    }
    all
}

fn shown(next: &Next) -> String {
    match next {
        Next::Write(intent) => format!("Write({})", intent.operation()),
        other => format!("{other:?}"),
    }
}

fn shown_evidence(evidence: &Evidence) -> String {
    format!("{evidence:?}").replace(&format!("{:?}", receipt()), "receipt")
}

fn named(standing: &Standing) -> String {
    let linked = if standing.linked { ", id filled" } else { "" };
    let flag = match standing.transferred {
        Transferred::Untracked => String::new(),
        ref flag => format!(", transferred {}", flag.as_str()),
    };
    format!("{:?}: {}{flag}{linked}", standing.kind, standing.status.kind())
}

/// What a standing leads to, from the selection to the mark.
fn before_the_mark(standing: &Standing) -> String {
    let selected = decide(standing, Evidence::Selected);
    let mut table = format!("    selected                   -> {}\n", shown(&selected));
    if matches!(selected, Next::Stop(..)) {
        return table;
    }
    for sight in SIGHTS {
        let searched = decide(standing, Evidence::Searched(sight));
        let word = format!("{sight:?}").to_lowercase();
        writeln!(table, "    searched, {word:<16} -> {}", shown(&searched)).unwrap();
        if searched == Next::AskRecord {
            for sight in SIGHTS {
                let word = format!("{sight:?}").to_lowercase();
                let asked = decide(standing, Evidence::AskedRecord(sight));
                writeln!(table, "        asked, {word:<15} -> {}", shown(&asked)).unwrap();
            }
        }
    }
    table
}

#[test]
fn all_transitions_before_a_write_can_be_read() {
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for standing in standings() {
        let body = before_the_mark(&standing);
        match tables.iter_mut().find(|(held, _)| *held == body) {
            Some((_, names)) => names.push(named(&standing)),
            None => tables.push((body, vec![named(&standing)])),
        }
    }
    let mut table = String::new();
    for (body, names) in tables {
        writeln!(table, "{}\n{body}", names.join("\n")).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn all_transitions_from_the_mark_on_can_be_read() {
    let standing = &standings()[0];
    let mut table = String::new();
    for evidence in all_evidence() {
        if matches!(evidence, Evidence::Selected | Evidence::Searched(_) | Evidence::AskedRecord(_)) {
            continue;
        }
        let question = shown_evidence(&evidence);
        writeln!(table, "{question:<52} -> {}", shown(&decide(standing, evidence))).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_write_follows_only_from_a_mark_that_the_source_confirmed() {
    for standing in standings() {
        for evidence in all_evidence() {
            let confirmed = matches!(
                evidence,
                Evidence::Marked(_, Marked::Confirmed(_)) | Evidence::RereadMark(_, Reread::Stands(_))
            );
            let writes = matches!(decide(&standing, evidence), Next::Write(_));
            assert_eq!(writes, confirmed);
        }
    }
}

#[test]
fn sync_complete_follows_only_from_a_record_that_was_seen_and_is_equal() {
    for standing in standings() {
        for evidence in all_evidence() {
            let equal = matches!(
                evidence,
                Evidence::Searched(Sight::Equal)
                    | Evidence::AskedRecord(Sight::Equal)
                    | Evidence::ReadBack(_, _, Sight::Equal)
                    | Evidence::ReadAtRecord(_, _, Sight::Equal)
            );
            if matches!(decide(&standing, evidence), Next::Complete(_)) {
                assert!(equal);
            }
        }
    }
}

#[test]
fn an_unknown_outcome_leads_to_a_look_and_never_to_a_write() {
    for standing in standings() {
        for operation in OPERATIONS {
            let next = decide(&standing, Evidence::Written(operation, Reply::Unknown));
            assert_eq!(next, Next::ReadBack(operation, Reply::Unknown));
            let next = decide(&standing, Evidence::ReadBack(operation, Reply::Unknown, Sight::Missing));
            assert_eq!(next, Next::ReadAtRecord(operation, Reply::Unknown));
            let next = decide(&standing, Evidence::ReadAtRecord(operation, Reply::Unknown, Sight::Missing));
            assert_eq!(next, Next::Stop(Outcome::Deferred, Reason::OutcomeUnknown));
        }
    }
}

#[test]
fn nothing_is_created_before_the_destination_was_searched_even_under_a_blank_status() {
    for standing in standings() {
        let next = decide(&standing, Evidence::Selected);
        assert!(matches!(next, Next::Search | Next::Stop(Outcome::Skipped, Reason::Ignored)), "{next:?}");
    }
}

#[test]
fn a_miss_under_a_doubtful_status_is_settled_at_the_record_itself() {
    for standing in standings() {
        let status = matches!(standing.status, Status::InProgress | Status::Error | Status::Unrecognised(_));
        let flag = matches!(standing.transferred, Transferred::Processing | Transferred::Error);
        if (status || flag) && standing.transferred != Transferred::Ignore {
            assert_eq!(decide(&standing, Evidence::Searched(Sight::Missing)), Next::AskRecord);
        }
    }
}

#[test]
fn ignore_wins_in_either_field() {
    for standing in standings() {
        let ignored = standing.status == Status::Ignore || standing.transferred == Transferred::Ignore;
        let stopped = decide(&standing, Evidence::Selected) == Next::Stop(Outcome::Skipped, Reason::Ignored);
        assert_eq!(ignored, stopped);
    }
}

#[test]
fn what_is_absent_under_yes_is_never_made_again_silently() {
    let standing = |status| Standing { kind: Kind::Document, status, transferred: Transferred::Yes, linked: false };
    for status in [Status::Blank, Status::InProgress, Status::Error, Status::Complete] {
        let searched = decide(&standing(status.clone()), Evidence::Searched(Sight::Missing));
        assert_eq!(searched, Next::AskRecord, "{status:?}");
        let asked = decide(&standing(status), Evidence::AskedRecord(Sight::Missing));
        assert_eq!(asked, Next::Stop(Outcome::Warned, Reason::AbsentUnderYes));
    }
}
