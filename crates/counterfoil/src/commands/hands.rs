//! `retry`, `ignore`, `clear`, `mark-synced`, `undo`: a person's hands on one record, checked and written down.

use std::collections::BTreeMap;

use engine::Limits;
use engine::explain::{find, unmet};
use engine::hands::{Asked, Certainty, Checked, Ended, carry_out, check};
use engine::run::Silent;
use journal::AuditLine;
use model::flow::Flow;
use model::hands::{Deed, Fields};
use model::ports::Clock;
use model::value::{Name, Record};
use serde::Serialize;

use crate::alone::Alone;
use crate::cli::{self, Configured, Hand, Why};
use crate::clock::SystemClock;
use crate::exit::{Code, Failure};
use crate::flows;
use crate::session::Session;
use crate::single::Single;

pub(crate) async fn retry(options: &Hand) -> Result<Code, Failure> {
    on_record(options, "retry", |_, _| Asked::Retry).await
}

pub(crate) async fn ignore(options: &cli::Ignore) -> Result<Code, Failure> {
    on_record(&options.hand, "ignore", |_, _| Asked::Ignore { even_so: options.even_so }).await
}

pub(crate) async fn clear(options: &cli::Clear) -> Result<Code, Failure> {
    on_record(&options.hand, "clear", |_, _| Asked::Clear { accepted: options.accept_found.clone() }).await
}

pub(crate) async fn mark_synced(options: &cli::MarkSynced) -> Result<Code, Failure> {
    let id = options.destination_id.trim().to_owned();
    on_record(&options.hand, "mark-synced", |session, flow| Asked::MarkSynced {
        id,
        claimants: claimants(session, flow),
    })
    .await
}

/// Which objects of the source can be linked to records of the type into which this flow writes.
fn claimants(session: &Session, flow: &Flow) -> Vec<[Name; 3]> {
    let same = |other: &&Flow| {
        other.source.application == flow.source.application
            && other.destination.application == flow.destination.application
            && other.destination.object == flow.destination.object
    };
    let claimant = |other: &Flow| {
        let source = &other.source;
        [Name::from(&source.object), source.marks.id.clone(), Name::from(&source.number)]
    };
    let mut all: Vec<_> = session.flows.iter().filter(same).map(claimant).collect();
    all.sort();
    all.dedup();
    all
}

async fn on_record(
    options: &Hand,
    action: &'static str,
    asked: impl FnOnce(&Session, &Flow) -> Asked,
) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?.heeding_native().await?;
    let (single, record) = the_one(&session, options).await?;
    let asked = asked(&session, single.flow);
    let act = Act { session: &session, single, action, undoes: None, why: &options.why, asked };
    act.on(record, &options.configured).await
}

/// The record that is meant, under the flow that takes it up.
async fn the_one<'a>(session: &'a Session, options: &Hand) -> Result<(Single<'a>, Record), Failure> {
    let (mut due, mut barred) = (Vec::new(), Vec::new());
    for flow in flows::of_object(&session.flows, &options.object)? {
        let single = Single::of(session, flow).await?;
        let pass = single.pass(&Silent, true);
        for record in find(&pass, &options.record).await? {
            let unmet = unmet(&pass, &record);
            if unmet.is_empty() { due.push((flow, record)) } else { barred.extend(unmet) }
        }
    }
    if due.len() > 1 {
        let ids: Vec<&str> = due.iter().map(|(_, record)| record.text("Id")).collect();
        let text =
            format!("{} records are called {}: name one by its id: {}", ids.len(), options.record, ids.join(", "));
        return Err(Failure::failed(text));
    }
    match due.pop() {
        Some((flow, record)) => Ok((Single::of(session, flow).await?, record)),
        None if barred.is_empty() => {
            Err(Failure::failed(format!("{} has no {} in its source application", options.record, options.object)))
        }
        None => Err(Failure::failed(format!(
            "no run takes up {}; these conditions of the flow are not met:\n  {}",
            options.record,
            barred.join("\n  ")
        ))),
    }
}

pub(crate) async fn undo(options: &cli::Undo) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?.heeding_native().await?;
    let id = options.action;
    let Some(line) = session.journal.action(id).await? else {
        return Err(Failure::failed(format!("the journal has no action {id}; `counterfoil log --audit` shows them")));
    };
    let left = line.after.as_deref().filter(|_| !matches!(line.ended.as_str(), "refused" | "not done"));
    let Some(after) = left else {
        let ended = if line.ended == "begun" { "its end was not seen" } else { &line.ended };
        return Err(Failure::failed(format!("action {id} left nothing that could be undone: {ended}")));
    };
    let Some(flow) = session.flows.iter().find(|flow| flow.name == line.flow) else {
        return Err(Failure::failed(format!("action {id} was under the flow `{}`, which there is no more", line.flow)));
    };
    let asked = Asked::Undo { before: fields(flow, &line.before)?, after: fields(flow, after)? };
    let single = Single::of(&session, flow).await?;
    let found = find(&single.pass(&Silent, true), &line.source_id).await?;
    let record = found.into_iter().find(|record| record.text("Id") == line.source_id).ok_or_else(|| {
        Failure::failed(format!("{} does not have {} any more", flow.source.application, line.record))
    })?;
    let act = Act { session: &session, single, action: "undo", undoes: Some(id), why: &options.why, asked };
    act.on(record, &options.configured).await
}

/// One action on its way.
struct Act<'a> {
    session: &'a Session,
    single: Single<'a>,
    action: &'static str,
    undoes: Option<i64>,
    why: &'a Why,
    asked: Asked,
}

impl Act<'_> {
    async fn on(&self, record: Record, configured: &Configured) -> Result<Code, Failure> {
        let checked = check(&self.single.pass(&Silent, true), record, &self.asked).await?;
        let mut told = self.told(&checked);
        let code = match &checked.verdict {
            Err((why, next)) => {
                (told.text, told.next) = (why.clone(), Some(next.clone()));
                told.action_id = self.write_down(&checked, "refused", why).await?;
                Code::Failed
            }
            Ok(deed) => {
                told.ended = if self.why.dry_run { "permitted" } else { "done" };
                told.text = self.would(&checked, *deed);
                if self.why.dry_run || *deed == Deed::Nothing {
                    Code::Done
                } else {
                    self.act(&checked, *deed, &mut told).await?
                }
            }
        };
        told.print(configured.json)?;
        Ok(code)
    }

    /// Written down before the application is touched, so that no hand goes unseen.
    async fn act(&self, checked: &Checked, deed: Deed, told: &mut Told<'_>) -> Result<Code, Failure> {
        if !self.session.journal.is_kept().await {
            return Err(Failure::failed(
                "what people do by hand must stand in the audit log, and the configuration says `journal = \"none\"`; \
                 name a file or a PostgreSQL server there",
            ));
        }
        let writes_there = matches!(deed, Deed::Pass | Deed::ClearAndPass);
        let mut flows = if writes_there { vec![self.single.flow.clone()] } else { Vec::new() };
        let _alone = Alone::claim(&self.session.applications, &mut flows)?;
        told.action_id = self.write_down(checked, "begun", "").await?;
        let limits = &self.session.config.limits;
        let limits = Limits { creates: limits.max_creates, amount: limits.amount().map_err(Failure::wrong)? };
        let done = carry_out(&self.single.pass(&self.session.journal, false), &limits, checked, deed).await;
        let (ended, after, text) = match &done {
            Ok(Ended { certainty, text, after, .. }) => (name(*certainty), Some(json(after)?), text.clone()),
            // Stopped by a limit, before any mark.
            Err(error) => ("not done", None, error.to_string()),
        };
        let line = AuditLine {
            action_id: told.action_id.unwrap_or_default(),
            after,
            ended: ended.into(),
            text,
            ..AuditLine::default()
        };
        // What was done to the application is told even if the journal does not take it any more.
        if let Err(error) = self.session.journal.audit_ended(&line).await {
            tracing::warn!(%error, "the end of the action is not in the audit log");
        }
        let done = done?;
        let in_sync = done.outcome.is_none_or(|outcome| {
            use model::outcome::Outcome::{Created, Found, Skipped, Updated};
            matches!(outcome, Created | Updated | Found | Skipped)
        });
        told.ended = ended;
        told.outcome = done.outcome.map(model::outcome::Outcome::name);
        told.after = Some(done.after.into_iter().collect());
        (told.text, told.next) = (done.text, done.next);
        Ok(if done.certainty == Certainty::Done && in_sync { Code::Done } else { Code::Failed })
    }

    /// Into the audit log; gives the action's number. What is only tried out is not written down.
    async fn write_down(&self, checked: &Checked, ended: &str, text: &str) -> Result<Option<i64>, Failure> {
        if self.why.dry_run {
            return Ok(None);
        }
        let line = AuditLine {
            action_id: 0,
            at: SystemClock.now().to_string(),
            who: who(),
            action: self.action.into(),
            flow: self.single.flow.name.to_string(),
            source_id: checked.id.to_string(),
            record: checked.number.to_string(),
            reason: self.why.reason.clone().unwrap_or_default(),
            found: checked.found.clone(),
            before: json(&checked.before)?,
            after: checked.planned.as_ref().map(json).transpose()?,
            ended: ended.into(),
            text: text.into(),
            undoes: self.undoes,
        };
        Ok(Some(self.session.journal.audit(&line).await?))
    }

    fn would(&self, checked: &Checked, deed: Deed) -> String {
        let shown = |fields: &Fields| {
            fields.iter().map(|(name, text)| format!("{name} = '{text}'")).collect::<Vec<_>>().join(", ")
        };
        match deed {
            Deed::Nothing => "nothing to do: it is so already".into(),
            Deed::Pass => "would look it up once more, and complete or write it".into(),
            Deed::ClearAndPass => "would blank its marks, then look it up once more and write it".into(),
            Deed::Write => format!("would write {}", checked.planned.as_ref().map(shown).unwrap_or_default()),
        }
    }

    fn told<'b>(&'b self, checked: &'b Checked) -> Told<'b> {
        Told {
            action_id: None,
            action: self.action,
            undoes: self.undoes,
            dry_run: self.why.dry_run,
            flow: &self.single.flow.name,
            record: &checked.number,
            id: &checked.id,
            ended: "refused",
            outcome: None,
            text: String::new(),
            next: None,
            found: &checked.found,
            found_ids: checked.found_ids.iter().map(|id| id.as_str()).collect(),
            before: checked.before.iter().cloned().collect(),
            after: None,
        }
    }
}

/// What came of it.
#[derive(Serialize)]
struct Told<'a> {
    /// Its number in the audit log; absent where nothing was asked to be done, or nothing was to do.
    action_id: Option<i64>,
    action: &'a str,
    undoes: Option<i64>,
    dry_run: bool,
    flow: &'a str,
    record: &'a str,
    id: &'a str,
    /// `done`, `refused`, `not done`, `unknown`; `permitted` in a dry run.
    ended: &'a str,
    /// How a pass ended.
    outcome: Option<&'static str>,
    text: String,
    next: Option<String>,
    /// What the destination had before.
    found: &'a str,
    found_ids: Vec<&'a str>,
    before: BTreeMap<Name, Name>,
    after: Option<BTreeMap<Name, Name>>,
}

impl Told<'_> {
    fn print(&self, as_json: bool) -> Result<(), Failure> {
        if as_json {
            println!("{}", serde_json::to_string(self).map_err(Failure::failed)?);
            return Ok(());
        }
        println!("{} ({}), {}", self.record, self.id, self.flow);
        println!("  found: {}", self.found);
        let outcome = self.outcome.map(|outcome| format!(", {outcome}")).unwrap_or_default();
        println!("  {}: {}{outcome}: {}", self.action, self.ended, self.text);
        if let Some(next) = &self.next {
            println!("    next: {next}");
        }
        for (field, now) in self.after.iter().flatten() {
            let before = self.before.get(field).map_or("", |text| text.as_str());
            if before != now {
                println!("    {field}: '{before}' -> '{now}'");
            }
        }
        if let (Some(id), true) = (self.action_id, self.after.as_ref().is_some_and(|after| *after != self.before)) {
            println!("  this is action {id}; `counterfoil undo {id} --reason ...` puts the marks back");
        }
        Ok(())
    }
}

fn name(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Done => "done",
        Certainty::NotDone => "not done",
        Certainty::Unknown => "unknown",
    }
}

fn json(fields: &Fields) -> Result<String, Failure> {
    serde_json::to_string(&fields.iter().cloned().collect::<BTreeMap<Name, Name>>()).map_err(Failure::failed)
}

/// The marks as the audit log holds them. If the flow has come to use other fields, they are none of its own any more.
fn fields(flow: &Flow, text: &str) -> Result<Fields, Failure> {
    let held: BTreeMap<Name, Name> = serde_json::from_str(text).map_err(Failure::failed)?;
    let wanted = model::hands::cleared(&flow.source.marks);
    if let Some((name, _)) = wanted.iter().find(|(name, _)| !held.contains_key(name)) {
        return Err(Failure::failed(format!("the action did not know the field {name}: the flow was changed since")));
    }
    Ok(held.into_iter().collect())
}

/// The user and the machine, as the environment tells. Who became root by `sudo` is named by the own name.
fn who() -> String {
    let first = |names: &[&str]| {
        let mut told = names.iter().filter_map(|name| std::env::var(name).ok());
        told.find(|text| !text.trim().is_empty())
    };
    let user = first(&["SUDO_USER", "USER", "LOGNAME", "USERNAME"]);
    let kernels = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    let host = first(&["HOSTNAME", "COMPUTERNAME"]).or_else(kernels);
    let unknown = || "unknown".to_owned();
    format!("{}@{}", user.unwrap_or_else(unknown), host.unwrap_or_else(unknown))
}
