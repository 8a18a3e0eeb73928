//! What a person's hand may do, over every standing and every sight.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use model::flow::Marks;
use model::hands::{
    self, Before, Carried, Deed, Fields, Named, Refusal, carried, clear, ignore, mark_synced, retry, undo,
};
use model::key::ExternalKey;
use model::ports::{Found, Held, LookUpKey};
use model::protocol::{Kind, Sight, Standing};
use model::status::{Status, Transferred};
use model::value::Record;

const SIGHTS: [Sight; 5] = [Sight::Missing, Sight::Equal, Sight::Different, Sight::Several, Sight::Unavailable];

fn standings() -> Vec<Standing> {
    let statuses = ["", "Creating Invoice", "Error Creating Invoice", "Sync Complete", "Ignore", "sync compleet"];
    let mut all = Vec::new();
    for status in statuses.map(Status::read) {
        for flag in ["No", "Processing", "Error", "Yes", "Ignore"].map(Transferred::read) {
            for linked in [false, true] {
                all.push(Standing { kind: Kind::Document, status: status.clone(), transferred: flag.clone(), linked });
            }
        }
        let (kind, transferred) = (Kind::Master, Transferred::Untracked);
        all.extend([false, true].map(|linked| Standing {
            kind,
            status: status.clone(),
            transferred: transferred.clone(),
            linked,
        }));
    }
    all
}

fn marks() -> Marks {
    Marks {
        status: "Status".into(),
        id: "Id".into(),
        date: "Date".into(),
        transferred: Some("Flag".into()),
        stamp: None,
    }
}

fn fields(texts: [&str; 4]) -> Fields {
    ["Status", "Id", "Date", "Flag"].into_iter().map(Into::into).zip(texts.map(Into::into)).collect()
}

#[test]
fn without_a_look_nothing_is_written() {
    for standing in standings() {
        let deeds = [
            retry(&standing, Sight::Unavailable),
            ignore(&standing, Sight::Unavailable, true),
            clear(&standing, Sight::Unavailable, None, None),
        ];
        for deed in deeds {
            assert!(matches!(deed, Err(_) | Ok(Deed::Nothing)), "{standing:?}: {deed:?}");
        }
    }
}

#[test]
fn a_retry_blanks_marks_only_where_the_destination_certainly_has_nothing() {
    let mut blanked = 0;
    for standing in standings() {
        for sight in SIGHTS {
            if retry(&standing, sight) == Ok(Deed::ClearAndPass) {
                assert_eq!(sight, Sight::Missing, "{standing:?}");
                blanked += 1;
            }
        }
    }
    assert!(blanked > 0);
}

#[test]
fn what_stands_in_the_destination_is_ignored_or_cleared_only_with_a_word_for_it() {
    for standing in standings() {
        for sight in [Sight::Equal, Sight::Different] {
            assert_ne!(ignore(&standing, sight, false), Ok(Deed::Write), "{standing:?}");
            for accepted in [None, Some("8")] {
                assert_eq!(clear(&standing, sight, Some("7"), accepted), Err(Refusal::Stands), "{standing:?}");
            }
            assert_ne!(clear(&standing, sight, Some("7"), Some("7")), Err(Refusal::Stands), "{standing:?}");
        }
        assert_eq!(clear(&standing, Sight::Several, None, None), Err(Refusal::Several));
    }
}

#[test]
fn sync_complete_is_said_by_hand_only_of_what_was_seen_and_is_equal_and_nobody_elses() {
    let carriers = [None, Some(Carried::Nobodys), Some(Carried::Ours), Some(Carried::Anothers)];
    for carried in carriers {
        for sight in SIGHTS {
            for (found_elsewhere, linked_elsewhere, said) in
                [(false, false, false), (true, false, false), (false, true, false), (false, false, true)]
            {
                let named = Named { carried, sight, found_elsewhere, linked_elsewhere, said };
                let right = matches!(carried, Some(Carried::Nobodys | Carried::Ours)) && sight == Sight::Equal;
                let right = right && !found_elsewhere && !linked_elsewhere;
                assert_eq!(mark_synced(named).is_ok(), right, "{named:?}");
            }
        }
    }
    let before = fields(["Sync Complete", "7", "today", "Yes"]);
    let after = fields(["Ignore", "7", "today", "Ignore"]);
    for sight in SIGHTS {
        for found in [None, Some("7"), Some("8")] {
            let put_back = Before { marks: &marks(), before: &before, after: &after, now: &after };
            let right = sight == Sight::Equal && found == Some("7");
            assert_eq!(undo(Kind::Document, put_back, sight, found) == Ok(Deed::Write), right, "{sight:?} {found:?}");
        }
    }
}

#[test]
fn an_undo_is_refused_after_any_change_and_takes_an_empty_flag_for_the_no_that_it_says() {
    let (before, after) = (fields(["", "", "", ""]), fields(["Ignore", "", "", "Ignore"]));
    let undone = |now: &Fields| {
        undo(Kind::Document, Before { marks: &marks(), before: &before, after: &after, now }, Sight::Missing, None)
    };
    assert_eq!(undone(&after), Ok(Deed::Write));
    for changed in
        [["", "", "", "Ignore"], ["Ignore", "9", "", "Ignore"], ["Ignore", "", "x", "Ignore"], ["Ignore", "", "", "No"]]
    {
        assert_eq!(undone(&fields(changed)), Err(Refusal::ChangedSince), "{changed:?}");
    }
    assert_eq!(hands::put_back(&marks(), &before), fields(["", "", "", "No"]));
    assert!(hands::same(&marks(), &before, &fields(["", "", "", "No"])));
}

#[test]
fn whose_id_a_record_carries_is_told_by_the_field_and_by_the_form_of_its_key() {
    let key = LookUpKey {
        external: ExternalKey::new("zuora", "Invoice", "aB1"),
        source_id: "aB1".into(),
        record_id: "aB1".into(),
    };
    let whose = |source_id: &str, external: &str| {
        let found = Found { id: "7".into(), record: Record::default() };
        carried(&Held { found, source_id: source_id.into(), external: external.into() }, &key)
    };
    assert_eq!(whose("", ""), Carried::Nobodys);
    assert_eq!(whose("", "LEGACY-7"), Carried::Nobodys);
    assert_eq!(whose("aB1", ""), Carried::Ours);
    assert_eq!(whose("", "ZUORA-Invoice-a_b1"), Carried::Ours);
    assert_eq!(whose("aB2", ""), Carried::Anothers);
    assert_eq!(whose("", "zuora-invoice-other"), Carried::Anothers);
    assert_eq!(whose("aB1", "zuora-payment-a_b1"), Carried::Anothers);
}
