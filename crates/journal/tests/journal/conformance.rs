//! What holds of a journal wherever it is kept: every test runs on each kind.

use journal::{AuditLine, Filter, Journal};
use model::outcome::Outcome;
use model::ports::{Event, Log};
use model::problem::{Cause, Pause, Problem};

use crate::home::Home;
use crate::{asked_to_stay_away, at, attempt, end};

macro_rules! on_each_kind {
    ($($test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::home::Home::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::home::Home::postgres()).await;
            })*
        }
    };
}

on_each_kind! {
    what_happened_to_a_record_is_told_by_id_or_number_in_the_order_in_which_it_happened,
    the_log_is_filtered_by_cause_and_run_and_the_newest_lines_are_kept,
    whether_and_when_a_failure_is_tried_again_is_told_as_exactly_as_it_was_known,
    a_pause_is_one_line_while_it_lasts_and_two_afterwards,
    records_that_were_skipped_leave_no_line,
    a_journal_that_was_deleted_is_begun_anew_within_the_same_run,
    many_who_open_a_new_journal_at_once_all_get_it,
    a_long_batch_is_told_whole_and_in_order,
    two_runs_at_once_keep_their_own_numbers,
    no_word_of_an_application_keeps_a_line_out,
    what_a_person_did_is_told_by_number_and_by_record_with_what_came_of_it,
}

async fn what_happened_to_a_record_is_told_by_id_or_number_in_the_order_in_which_it_happened(home: Home) {
    let journal = home.open().await;
    let run = journal.begin_run(at(1), "run").await.unwrap();
    journal
        .append(vec![
            end("1", Outcome::Created, None),
            attempt("1"),
            end("2", Outcome::Warned, Some(Cause::Validation)),
        ])
        .await;
    for name in ["1", "INV-1"] {
        let lines = journal.history(name).await.unwrap();
        let told: Vec<&str> = lines.iter().map(|line| line.what.as_str()).collect();
        assert_eq!(told, ["write: unknown", "created"]);
        assert_eq!(lines[1].destination_id.as_deref(), Some("77"));
        assert_eq!(lines[0].run, Some(run));
    }
}

async fn the_log_is_filtered_by_cause_and_run_and_the_newest_lines_are_kept(home: Home) {
    let journal = home.open().await;
    let first = journal.begin_run(at(1), "run").await.unwrap();
    journal.append(vec![end("1", Outcome::Warned, Some(Cause::Validation))]).await;
    journal.finish_run(at(2), "{}").await.unwrap();
    let second = journal.begin_run(at(3), "run").await.unwrap();
    journal.append(vec![attempt("2"), end("2", Outcome::Deferred, Some(Cause::Connectivity))]).await;
    let of = async |filter: Filter| {
        journal.log(&filter).await.unwrap().into_iter().map(|line| line.source_id).collect::<Vec<_>>()
    };
    assert_eq!(of(Filter { cause: Some("validation".into()), ..Filter::default() }).await, ["1"]);
    assert_eq!(of(Filter { run: Some(second), ..Filter::default() }).await, ["2", "2"]);
    assert_eq!(of(Filter { limit: Some(1), ..Filter::default() }).await, ["2"]);
    let runs = journal.runs(10).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [second, first]);
    assert!(runs[0].ended.is_none() && runs[1].ended.is_some());
}

async fn whether_and_when_a_failure_is_tried_again_is_told_as_exactly_as_it_was_known(home: Home) {
    let journal = home.open().await;
    journal.append(vec![asked_to_stay_away("1", 600), end("2", Outcome::Warned, Some(Cause::Permission))]).await;
    let lines = journal.log(&Filter::default()).await.unwrap();
    let told: Vec<String> = lines.iter().map(|line| line.outlook.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        told,
        [
            "tried again by a run in 600 s or later; see docs/errors/api-limit.md",
            "tried again once the application's administrator has mended it; see docs/errors/permission.md",
        ]
    );
}

async fn a_pause_is_one_line_while_it_lasts_and_two_afterwards(home: Home) {
    let journal = home.open().await;
    journal.begin_run(at(1), "run").await.unwrap();
    let problem = Problem::new("b", "GET /thing", Cause::Maintenance, "closed until eight");
    let mut pause = Pause { since: at(10), until: None, problem };
    let told = async || {
        let lines = journal.log(&Filter::default()).await.unwrap();
        lines.into_iter().map(|line| format!("{} {}: {}", line.record, line.what, line.text)).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        journal.tell_pauses(std::slice::from_ref(&pause)).await.unwrap();
        assert_eq!(told().await, ["b paused: GET /thing: closed until eight"]);
    }
    pause.until = Some(at(52));
    journal.tell_pauses(&[pause]).await.unwrap();
    journal.append(vec![end("1", Outcome::Created, None)]).await;
    assert_eq!(told().await[..2], ["b paused: GET /thing: closed until eight", "INV-1 created: what became of 1"]);
    assert_eq!(told().await[2], "b resumed: after 42 s");
    assert_eq!(journal.history("1").await.unwrap().len(), 1);
    assert_eq!(journal.runs(1).await.unwrap()[0].pauses.len(), 1);
}

async fn records_that_were_skipped_leave_no_line(home: Home) {
    let journal = home.open().await;
    journal.append(vec![end("1", Outcome::Skipped, None)]).await;
    assert!(journal.log(&Filter::default()).await.unwrap().is_empty());
}

async fn a_journal_that_was_deleted_is_begun_anew_within_the_same_run(home: Home) {
    let journal = home.open().await;
    journal.begin_run(at(1), "run").await.unwrap();
    journal.append(vec![end("1", Outcome::Created, None)]).await;
    home.delete().await;
    journal.append(vec![end("2", Outcome::Created, None)]).await;
    let told = home.open().await.log(&Filter::default()).await.unwrap();
    assert_eq!(told.iter().map(|line| line.source_id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(told[0].run.is_some());
}

async fn many_who_open_a_new_journal_at_once_all_get_it(home: Home) {
    let opened = futures::future::join_all((0..12).map(|_| {
        let place = home.place();
        tokio::spawn(async move { Journal::open(place).await.map(drop) })
    }));
    for result in opened.await {
        result.unwrap().unwrap();
    }
}

async fn a_long_batch_is_told_whole_and_in_order(home: Home) {
    let journal = home.open().await;
    let ids: Vec<String> = (0..777).map(|id| id.to_string()).collect();
    let entries = ids.iter().flat_map(|id| [attempt(id), end(id, Outcome::Warned, Some(Cause::Timeout))]);
    journal.append(entries.collect()).await;
    let lines = journal.log(&Filter::default()).await.unwrap();
    let of = |kind: &str| -> Vec<String> {
        lines.iter().filter(|line| line.kind == kind).map(|line| line.source_id.clone()).collect()
    };
    assert_eq!(of("attempt"), ids);
    assert_eq!(of("end"), ids);
}

async fn two_runs_at_once_keep_their_own_numbers(home: Home) {
    let (here, there) = (home.open().await, home.open().await);
    let (first, second) =
        (here.begin_run(at(1), "here").await.unwrap(), there.begin_run(at(1), "there").await.unwrap());
    assert_ne!(first, second);
    for _ in 0..20 {
        tokio::join!(
            here.append(vec![end("h", Outcome::Created, None)]),
            there.append(vec![end("t", Outcome::Created, None)])
        );
    }
    here.finish_run(at(2), "{}").await.unwrap();
    for (run, id) in [(first, "h"), (second, "t")] {
        let lines = home.open().await.log(&Filter { run: Some(run), ..Filter::default() }).await.unwrap();
        assert_eq!(lines.len(), 20);
        assert!(lines.iter().all(|line| line.source_id == id), "{run}: {lines:?}");
    }
    let runs = there.runs(2).await.unwrap();
    let ended = |command: &str| runs.iter().find(|run| run.command == command).unwrap().ended.is_some();
    assert!(ended("here") && !ended("there"));
}

async fn no_word_of_an_application_keeps_a_line_out(home: Home) {
    let journal = home.open().await;
    let words = ["zero \0 byte", "it's \"quoted\" \\ {1,NULL}", "", "\u{10ffff} ü 発票"];
    for word in words {
        let mut entry = end("1", Outcome::Warned, Some(Cause::Validation));
        if let Event::End { text, .. } = &mut entry.event {
            *text = word.to_owned();
        }
        journal.append(vec![entry]).await;
    }
    let lines = journal.log(&Filter::default()).await.unwrap();
    let told: Vec<String> = lines.iter().map(|line| line.text.replace('\u{fffd}', "\0")).collect();
    assert_eq!(told, words);
}

async fn what_a_person_did_is_told_by_number_and_by_record_with_what_came_of_it(home: Home) {
    let journal = home.open().await;
    let begun = |id: &str| AuditLine {
        at: at(1).to_string(),
        who: "ada@desk".into(),
        action: "ignore".into(),
        source_id: id.into(),
        record: format!("INV-{id}"),
        before: "{}".into(),
        ended: "begun".into(),
        ..AuditLine::default()
    };
    let first = journal.audit(&begun("1")).await.unwrap();
    let second = journal.audit(&AuditLine { undoes: Some(first), ..begun("2") }).await.unwrap();
    let after = Some("{\"Status\":\"Ignore\"}".to_owned());
    let end = AuditLine { action_id: first, after: after.clone(), ended: "done".into(), ..AuditLine::default() };
    journal.audit_ended(&end).await.unwrap();
    let told = journal.action(first).await.unwrap().unwrap();
    assert_eq!((told.who.as_str(), told.ended.as_str(), told.after), ("ada@desk", "done", after));
    assert_eq!(journal.action(second + 1).await.unwrap(), None);
    for name in ["2", "INV-2"] {
        let lines = journal.audits(Some(name), 10).await.unwrap();
        let ends: Vec<_> = lines.iter().map(|line| (line.ended.as_str(), line.undoes)).collect();
        assert_eq!(ends, [("begun", Some(first))]);
    }
    let newest: Vec<i64> = journal.audits(None, 1).await.unwrap().iter().map(|line| line.action_id).collect();
    assert_eq!(newest, [second]);
    home.delete().await;
    assert_eq!(journal.audit(&begun("3")).await.unwrap(), 1, "a deleted journal is begun anew");
}
