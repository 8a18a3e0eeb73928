//! Reading a flow file: what it says must be there is there, and what is wrong is named with its line.

use super::{Flow, Lines};
use crate::nearest::did_you_mean;
use crate::place::{line_with, of_error};
use crate::problem::cut;
use crate::protocol::Kind;
use crate::rule::Rule;

/// The file that a flow was read from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    file: String,
    text: String,
}

impl Origin {
    /// Whether the flow holds a name as it is.
    pub fn holds(&self, name: &str) -> bool {
        line_with(&self.text, name).is_some()
    }

    /// The same behind the first line that holds another word: `Name` in the fields of a sublist; if it is not there, as
    /// [`Self::of`] has it.
    pub fn behind(&self, word: &str, name: &str) -> String {
        let first = line_with(&self.text, word).unwrap_or(0);
        let rest = self.text.lines().skip(first).collect::<Vec<_>>().join("\n");
        line_with(&rest, name).map_or_else(|| self.of(name), |line| format!("{}: line {}", self.file, first + line))
    }

    /// File and line of a name in the flow; the file alone if the name does not stand there as it is.
    pub fn of(&self, name: &str) -> String {
        let line = line_with(&self.text, name).map(|line| format!(": line {line}")).unwrap_or_default();
        format!("{}{line}", self.file)
    }
}

/// A flow file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct FlowError {
    /// The file, with the line where there is one.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

impl Flow {
    /// Reads a flow file. `file` is named in errors.
    pub fn read(text: &str, file: &str) -> Result<Self, FlowError> {
        let origin = Origin { file: file.to_owned(), text: text.to_owned() };
        let unread = |error: toml::de::Error| FlowError { place: file.to_owned(), problem: of_error(text, &error) };
        let failed = |name: &str, mut problem: String| {
            cut(&mut problem);
            FlowError { place: origin.of(name), problem }
        };
        let mut flow: Self = toml::from_str(text).map_err(unread)?;
        let tables = std::mem::take(&mut flow.tables);
        for rule in flow.rules_mut() {
            rule.resolve(&tables).map_err(|name| {
                let near = did_you_mean(&name, tables.keys().map(String::as_str));
                failed(&name, format!("there is no [tables.{name}]{near}"))
            })?;
        }
        for (name, relation) in flow.all_relations() {
            if relation.key.is_some() == relation.foreign.is_some() {
                return Err(failed(&name, format!("the relation `{name}` needs either `key` or `foreign`")));
            }
        }
        for condition in &flow.source.conditions {
            condition.condition().map_err(|problem| failed(&condition.field, problem))?;
        }
        for wanted in ["amount", "currency"] {
            if flow.kind == Kind::Document && !flow.equal.iter().any(|equal| equal.what == wanted) {
                return Err(failed("equal", format!("a document needs an [[equal]] whose `what` is `{wanted}`")));
            }
        }
        if flow.destination.look_only && flow.destination.made_by.is_none() {
            return Err(failed("look_only", "a flow that only looks needs `made_by`: who makes its records?".into()));
        }
        flow.check_relations().map_err(|(name, problem)| failed(&name, problem))?;
        flow.origin = origin;
        Ok(flow)
    }

    /// Rules and lines name relations that there are. Gives the name that there is not, and what is wrong with it.
    fn check_relations(&self) -> Result<(), (String, String)> {
        let known: Vec<String> = self.all_relations().into_iter().map(|(name, _)| name).collect();
        let lines = &self.destination.lines;
        let rules = self.destination.fields.values().chain(self.equal.iter().map(|equal| &equal.source));
        let mut named: Vec<String> = rules.flat_map(Rule::relations).map(str::to_owned).collect();
        for Lines { from, fields, .. } in lines {
            let prefix = from.as_ref().map(|from| format!("{from}.")).unwrap_or_default();
            named.extend(fields.values().flat_map(Rule::relations).map(|name| format!("{prefix}{name}")));
            named.extend(from.clone());
        }
        match named.into_iter().find(|name| !known.contains(name)) {
            Some(name) => {
                let near = did_you_mean(&name, known.iter().map(String::as_str));
                let own = name.rsplit('.').next().unwrap_or(&name).to_owned();
                Err((own, format!("the source has no relation `{name}`{near}")))
            }
            None => Ok(()),
        }
    }
}
