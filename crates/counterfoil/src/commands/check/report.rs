//! What was found: a table that fits a hundred columns, and JSON whose shape stays.

use std::collections::HashSet;

use connectors::Promise;
use connectors::nue::Need;
use serde_json::{Value, json};

use super::examine::Examined;
use super::finding::{Finding, Severity};
use super::reach::{Looked, State};
use crate::assumed::Standing;

const WIDTH: usize = 100;

/// What is assumed of Nue, and how it stands.
pub(crate) struct Stood {
    pub(crate) need: Need,
    pub(crate) standing: Standing,
    pub(crate) told: String,
    pub(crate) needed_by: Vec<String>,
}

/// All that was found.
pub(crate) struct Report<'a> {
    pub(crate) applications: Vec<Looked<'a>>,
    pub(crate) flows: Vec<Examined>,
    pub(crate) assumptions: Vec<Stood>,
}

impl Report<'_> {
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_applications = self.applications.iter().flat_map(|one| &one.findings);
        of_applications.chain(self.flows.iter().flat_map(|flow| &flow.findings))
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|finding| finding.severity == severity).count()
    }

    /// Whether all of it can work.
    pub(crate) fn can_work(&self) -> bool {
        self.count(Severity::WillFail) == 0
    }

    /// For programs. The shape is part of the interface: the README tells it.
    pub(crate) fn json(&self) -> Value {
        let application = |one: &Looked<'_>| {
            json!({
                "name": one.name, "address": one.survey.address(), "can_work": one.is_up(), "steps": one.steps,
                "who": one.who, "limits": one.limits, "findings": one.findings, "promises": one.promises,
            })
        };
        let flow = |flow: &Examined| {
            json!({
                "name": flow.name, "can_work": flow.can_work(), "not_examined": flow.left_out,
                "findings": flow.findings,
            })
        };
        let assumption = |one: &Stood| {
            json!({
                "name": one.need.assumption.name, "what": one.need.assumption.what, "value": one.need.value,
                "evidence": one.need.assumption.evidence, "standing": one.standing, "told": one.told,
                "needed_by": one.needed_by,
            })
        };
        json!({
            "can_work": self.can_work(),
            "applications": self.applications.iter().map(application).collect::<Vec<_>>(),
            "flows": self.flows.iter().map(flow).collect::<Vec<_>>(),
            "assumptions": self.assumptions.iter().map(assumption).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut page = Page::default();
        for one in &self.applications {
            page.application(one);
        }
        page.assumptions(&self.assumptions);
        page.promises(&self.applications);
        page.line("", "FLOWS");
        for flow in &self.flows {
            page.flow(flow);
        }
        page.line("", "");
        let verdict = if self.can_work() { "It can work" } else { "It cannot work as it is" };
        let counts = [Severity::WillFail, Severity::WillWarn, Severity::Note].map(|severity| self.count(severity));
        let [fail, warn, note] = counts;
        page.line("", &format!("{verdict}: {fail} will fail, {warn} will warn, {note} to note. Nothing was written."));
        page.text
    }
}

impl Examined {
    fn can_work(&self) -> bool {
        self.left_out.is_empty() && self.findings.iter().all(|finding| finding.severity != Severity::WillFail)
    }
}

/// A text whose lines are no longer than a terminal is wide.
#[derive(Default)]
struct Page {
    text: String,
    told: HashSet<(String, String)>,
}

impl Page {
    /// A lead, and words behind it; what does not fit stands below the words.
    fn line(&mut self, lead: &str, words: &str) {
        let indent = lead.chars().count();
        let mut line = lead.to_owned();
        let mut length = indent;
        let mut empty = true;
        for word in words.split_whitespace() {
            let long = word.chars().count();
            if !empty && length + 1 + long > WIDTH {
                self.end(&line);
                line = " ".repeat(indent);
                (length, empty) = (indent, true);
            }
            if !empty {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += long;
            empty = false;
        }
        self.end(&line);
    }

    fn end(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn application(&mut self, one: &Looked<'_>) {
        self.line("", &format!("{}  {}", one.name.to_uppercase(), one.survey.address()));
        for step in &one.steps {
            let word = match step.state {
                State::Ok => "ok",
                State::Failed => "FAILED",
                State::Skipped => "-",
            };
            let told = if step.state == State::Failed { "" } else { step.told.as_str() };
            self.line(&format!("  {word:<8}{:<12}", step.step), told);
        }
        for limit in &one.limits {
            let left = limit.left.map(|left| format!("{left} of ")).unwrap_or_default();
            let kept = if limit.kept > 0 { format!("; {} are kept for people", limit.kept) } else { String::new() };
            self.line(
                &format!("  {:<8}{:<12}", "", "limits"),
                &format!("{left}{} {}{kept}", limit.granted, limit.what),
            );
        }
        self.findings(&one.findings);
        self.line("", "");
    }

    /// Those that the flows rest on, and those that are refuted; programs are told all.
    fn assumptions(&mut self, all: &[Stood]) {
        let shown: Vec<&Stood> =
            all.iter().filter(|one| !one.needed_by.is_empty() || one.standing == Standing::Fails).collect();
        if shown.is_empty() {
            return;
        }
        self.line("", "WHAT IS ONLY ASSUMED OF NUE");
        for one in &shown {
            let word = match one.standing {
                Standing::Holds => "ok",
                Standing::Accepted => "accepted",
                Standing::Fails => "NO",
                Standing::Open | Standing::Unprobed => "not told",
                Standing::Unaccepted => "unproven",
            };
            let assumption = one.need.assumption;
            let value = if one.need.value.is_empty() { String::new() } else { format!("{}: ", one.need.value) };
            let told = if one.told.is_empty() { String::new() } else { format!("; seen: {}", one.told) };
            let words = format!("{value}{} ({}){told}", assumption.what, assumption.evidence.words());
            self.line(&format!("  {word:<10}{:<26}", assumption.name), &words);
        }
        let others = all.len() - shown.len();
        if others > 0 {
            self.line("  ", &format!("{others} more that these flows do not rest on: --json tells them"));
        }
        self.line("", "");
    }

    /// What each object can promise; objects of one promise together.
    fn promises(&mut self, all: &[Looked<'_>]) {
        self.line("", "WHAT KEEPS A RECORD FROM BEING MADE TWICE");
        for one in all {
            let mut told: Vec<(Vec<&str>, String)> = Vec::new();
            for Promise { object, enforced_key, look_up, remains } in &one.promises {
                let words = format!("key: {enforced_key}; look-up: {look_up}; what remains: {remains}");
                match told.iter_mut().find(|(_, known)| *known == words) {
                    Some((objects, _)) => objects.push(object),
                    None => told.push((vec![object], words)),
                }
            }
            for (objects, words) in told {
                self.line(&format!("  {:<12}", one.name), &format!("{}: {words}", objects.join(", ")));
            }
        }
        self.line("", "");
    }

    fn flow(&mut self, flow: &Examined) {
        let word = match (flow.left_out.is_empty(), flow.can_work()) {
            (false, _) => "-",
            (true, true) => "ok",
            (true, false) => "FAILED",
        };
        self.line(&format!("  {word:<8}"), &flow.name);
        if !flow.left_out.is_empty() {
            self.line("          ", &format!("not examined where it meets {}: see above", flow.left_out.join(" and ")));
        }
        self.findings(&flow.findings);
    }

    /// Findings, the worst first. What was told of another flow already is not told whole again.
    fn findings(&mut self, all: &[Finding]) {
        let mut sorted: Vec<&Finding> = all.iter().collect();
        sorted.sort_by_key(|finding| finding.severity);
        for finding in sorted {
            let lead = format!("    {:<10}", finding.severity.word());
            let new = self.told.insert((finding.what.clone(), finding.remedy.clone()));
            let again = if new { "" } else { " (see above)" };
            self.line(&lead, &format!("{}{again}", finding.what));
            if new {
                self.line("         at   ", &finding.place);
                self.line("         do   ", &finding.remedy);
            }
        }
    }
}
