//! All transitions of the protocol, printed for a person to read, and the promises that must hold in every one.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

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

/// A protocol: the real one, or one with a fault planted in it.
type Protocol = fn(&Standing, Evidence) -> Next;

/// A promise about every transition. Gives the first transition that breaks it.
type Promise = fn(Protocol) -> Option<String>;

fn first_broken(protocol: Protocol, broken: impl Fn(&Standing, &str, &Evidence, &Next) -> bool) -> Option<String> {
    standings().into_iter().find_map(|standing| {
        let pairs = all_evidence().into_iter().zip(all_evidence());
        pairs.into_iter().find_map(|(asked, kept)| {
            let next = protocol(&standing, asked);
            let question = shown_evidence(&kept);
            let told = format!("{}: {question} -> {}", named(&standing), shown(&next));
            broken(&standing, &question, &kept, &next).then_some(told)
        })
    })
}

fn a_write_needs_a_confirmed_mark(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, _, evidence, next| {
        let confirmed =
            matches!(evidence, Evidence::Marked(_, Marked::Confirmed(_)) | Evidence::RereadMark(_, Reread::Stands(_)));
        matches!(next, Next::Write(_)) && !confirmed
    })
}

fn sync_complete_needs_a_record_that_was_seen_and_is_equal(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, _, evidence, next| {
        let equal = matches!(
            evidence,
            Evidence::Searched(Sight::Equal)
                | Evidence::AskedRecord(Sight::Equal)
                | Evidence::ReadBack(_, _, Sight::Equal)
                | Evidence::ReadAtRecord(_, _, Sight::Equal)
        );
        matches!(next, Next::Complete(_)) && !equal
    })
}

fn an_unknown_outcome_is_looked_up_and_never_sent_again(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, _, evidence, next| match evidence {
        Evidence::Written(operation, Reply::Unknown) => *next != Next::ReadBack(*operation, Reply::Unknown),
        Evidence::ReadBack(operation, Reply::Unknown, Sight::Missing) => {
            *next != Next::ReadAtRecord(*operation, Reply::Unknown)
        }
        Evidence::ReadAtRecord(_, Reply::Unknown, Sight::Missing) => {
            *next != Next::Stop(Outcome::Deferred, Reason::OutcomeUnknown)
        }
        _ => false,
    })
}

fn the_destination_is_searched_before_anything_is_made(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, _, evidence, next| {
        *evidence == Evidence::Selected && !matches!(next, Next::Search | Next::Stop(Outcome::Skipped, Reason::Ignored))
    })
}

fn a_miss_in_doubt_is_settled_at_the_record_itself(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |standing, _, evidence, next| {
        let status = matches!(standing.status, Status::InProgress | Status::Error | Status::Unrecognised(_));
        let flag = matches!(standing.transferred, Transferred::Processing | Transferred::Error);
        (status || flag) && *evidence == Evidence::Searched(Sight::Missing) && *next != Next::AskRecord
    })
}

fn a_difference_after_a_write_is_an_error_only_at_the_record_itself(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, _, evidence, next| match evidence {
        // What was refused need not be looked at again: it is as it was.
        Evidence::ReadBack(Operation::Update, Reply::Refused, _) => false,
        Evidence::ReadBack(_, _, Sight::Different) => matches!(next, Next::Fail(..)),
        _ => false,
    })
}

fn ignore_wins(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |standing, _, evidence, next| {
        let ignored = standing.status == Status::Ignore || standing.transferred == Transferred::Ignore;
        let stopped = *next == Next::Stop(Outcome::Skipped, Reason::Ignored);
        *evidence == Evidence::Selected && ignored != stopped
    })
}

fn what_is_absent_under_yes_is_not_made_again(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |standing, _, evidence, next| {
        standing.transferred == Transferred::Yes
            && *evidence == Evidence::AskedRecord(Sight::Missing)
            && matches!(next, Next::Prepare(_))
    })
}

fn of_two_found_none_is_picked(protocol: Protocol) -> Option<String> {
    first_broken(protocol, |_, question, _, next| {
        question.contains("Several") && !matches!(next, Next::Fail(_, Reason::Several))
    })
}

/// Each promise, beside a fault that breaks it: a promise that no fault can break would prove nothing.
const PROMISES: [(&str, Promise, Protocol); 9] = [
    ("a write needs a confirmed mark", a_write_needs_a_confirmed_mark, |standing, evidence| match evidence {
        Evidence::Marked(operation, Marked::Unknown) => {
            decide(standing, Evidence::Marked(operation, Marked::Confirmed(receipt())))
        }
        other => decide(standing, other),
    }),
    (
        "sync complete needs a record that was seen and is equal",
        sync_complete_needs_a_record_that_was_seen_and_is_equal,
        |standing, evidence| match evidence {
            Evidence::Written(_, Reply::Accepted) => Next::Complete(Outcome::Created),
            other => decide(standing, other),
        },
    ),
    (
        "an unknown outcome is looked up and never sent again",
        an_unknown_outcome_is_looked_up_and_never_sent_again,
        |standing, evidence| match evidence {
            Evidence::Written(operation, Reply::Unknown) => Next::Mark(operation),
            other => decide(standing, other),
        },
    ),
    (
        "the destination is searched before anything is made",
        the_destination_is_searched_before_anything_is_made,
        |standing, evidence| match evidence {
            Evidence::Selected if standing.status == Status::Blank => Next::Prepare(Operation::Create),
            other => decide(standing, other),
        },
    ),
    (
        "a miss in doubt is settled at the record itself",
        a_miss_in_doubt_is_settled_at_the_record_itself,
        |standing, evidence| match evidence {
            Evidence::Searched(Sight::Missing) => Next::Prepare(Operation::Create),
            other => decide(standing, other),
        },
    ),
    (
        "a difference after a write is an error only at the record itself",
        a_difference_after_a_write_is_an_error_only_at_the_record_itself,
        |standing, evidence| match evidence {
            Evidence::ReadBack(operation, reply, Sight::Different) => {
                decide(standing, Evidence::ReadAtRecord(operation, reply, Sight::Different))
            }
            other => decide(standing, other),
        },
    ),
    ("ignore wins", ignore_wins, |standing, evidence| match evidence {
        Evidence::Selected if standing.status != Status::Ignore => Next::Search,
        other => decide(standing, other),
    }),
    ("what is absent under yes is not made again", what_is_absent_under_yes_is_not_made_again, |standing, evidence| {
        match evidence {
            Evidence::AskedRecord(Sight::Missing) => Next::Prepare(Operation::Create),
            other => decide(standing, other),
        }
    }),
    ("of two found none is picked", of_two_found_none_is_picked, |standing, evidence| match evidence {
        Evidence::Searched(Sight::Several) => decide(standing, Evidence::Searched(Sight::Equal)),
        other => decide(standing, other),
    }),
];

#[test]
fn every_promise_holds_in_every_transition() {
    for (name, promise, _) in PROMISES {
        assert_eq!(promise(decide), None, "{name}");
    }
}

#[test]
fn every_promise_catches_the_fault_that_is_planted_against_it() {
    for (name, promise, faulty) in PROMISES {
        assert!(promise(faulty).is_some(), "{name}: the planted fault was not caught");
    }
}

#[test]
fn a_record_that_a_person_called_complete_is_given_the_id_for_which_its_children_wait() {
    for kind in [Kind::Master, Kind::Document] {
        let transferred = if kind == Kind::Master { Transferred::Untracked } else { Transferred::Yes };
        let mut standing = Standing { kind, status: Status::Complete, transferred, linked: false };
        assert_eq!(decide(&standing, Evidence::Searched(Sight::Equal)), Next::Complete(Outcome::Found));
        standing.linked = true;
        assert_eq!(decide(&standing, Evidence::Searched(Sight::Equal)), Next::Stop(Outcome::Skipped, Reason::InSync));
    }
}
