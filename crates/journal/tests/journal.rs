//! The journal on a real file.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use jiff::Timestamp;
use journal::{AuditLine, Filter, Journal};
use model::outcome::Outcome;
use model::ports::{Entry, Event, Log};
use model::problem::{Cause, Pause, Problem, Retry};
use model::status::Operation;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn end(id: &str, outcome: Outcome, cause: Option<Cause>) -> Entry {
    let event = Event::End {
        outcome,
        text: format!("what became of {id}"),
        cause,
        retry: cause.map(Cause::retry),
        remedy: cause.map(|_| "do this".to_owned()),
        destination_id: (outcome == Outcome::Created).then(|| "77".into()),
    };
    Entry { at: at(20), flow: "a -> b".into(), source_id: id.into(), number: format!("INV-{id}").into(), event }
}

fn attempt(id: &str) -> Entry {
    let event = Event::Attempt {
        step: "write",
        operation: Operation::Create,
        answer: "unknown",
        detail: "reset by peer".into(),
        cause: Some(Cause::Connectivity),
    };
    Entry { at: at(10), flow: "a -> b".into(), source_id: id.into(), number: format!("INV-{id}").into(), event }
}

#[tokio::test]
async fn what_happened_to_a_record_is_told_by_id_or_number_in_the_order_in_which_it_happened() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.sqlite")).await.unwrap();
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

#[tokio::test]
async fn the_log_is_filtered_by_cause_and_run_and_the_newest_lines_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.sqlite")).await.unwrap();
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

#[tokio::test]
async fn whether_and_when_a_failure_is_tried_again_is_told_as_exactly_as_it_was_known() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.sqlite")).await.unwrap();
    let mut asked = end("1", Outcome::Deferred, Some(Cause::ApiLimit));
    if let Event::End { retry, .. } = &mut asked.event {
        *retry = Some(Retry::After { seconds: 600 });
    }
    journal.append(vec![asked, end("2", Outcome::Warned, Some(Cause::Permission))]).await;
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

#[tokio::test]
async fn a_pause_is_one_line_while_it_lasts_and_two_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.sqlite")).await.unwrap();
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

#[tokio::test]
async fn records_that_were_skipped_leave_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("j.sqlite")).await.unwrap();
    journal.append(vec![end("1", Outcome::Skipped, None)]).await;
    assert!(journal.log(&Filter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_journal_that_was_deleted_is_begun_anew_within_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.sqlite");
    let journal = Journal::open(&path).await.unwrap();
    journal.begin_run(at(1), "run").await.unwrap();
    journal.append(vec![end("1", Outcome::Created, None)]).await;
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(folder.path().join(format!("j.sqlite{ending}"))).unwrap();
    }
    journal.append(vec![end("2", Outcome::Created, None)]).await;
    let told = Journal::open(&path).await.unwrap().log(&Filter::default()).await.unwrap();
    assert_eq!(told.iter().map(|line| line.source_id.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(told[0].run.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_open_a_new_journal_at_once_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.sqlite");
    let opened = futures::future::join_all((0..12).map(|_| {
        let path = path.clone();
        tokio::spawn(async move { Journal::open(&path).await.map(drop) })
    }));
    for result in opened.await {
        result.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_a_person_did_is_told_by_number_and_by_record_with_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.sqlite");
    let journal = Journal::open(&path).await.unwrap();
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
    std::fs::remove_file(&path).unwrap();
    assert_eq!(journal.audit(&begun("3")).await.unwrap(), 1, "a deleted journal is begun anew");
}
