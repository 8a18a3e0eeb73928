//! What a rule can give, as far as the flow file alone tells: to be held against what the destination's field takes.

use super::{Origin, Rule, constant};
use crate::value::Value;

/// What a rule gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Gives<'a> {
    /// What kind of value.
    pub sort: Sort<'a>,
    /// All values that are not empty, where the flow file names them all.
    pub fixed: Vec<Value>,
    /// The most characters of a text, where the flow file says so.
    pub max: Option<usize>,
    /// Whether it is written on create only.
    pub create_only: bool,
    /// Whether the values are names in a list of the destination.
    pub list: Option<&'a str>,
}

/// Where the kind of a rule's value follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort<'a> {
    /// From the source's field at this path.
    Of(&'a str),
    /// From the fixed values.
    Fixed,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A reference to a record of the destination.
    Reference,
    /// Only the record tells.
    Open,
}

impl Rule {
    /// What the rule can give.
    pub fn gives(&self) -> Gives<'_> {
        let mut fixed: Vec<Value> = match (&self.origin, &self.values) {
            (Origin::Constant(value), _) => vec![value.clone()],
            (_, Some(values)) => values.values().filter_map(|value| constant(value).ok()).collect(),
            (_, None) => Vec::new(),
        };
        let named = !fixed.is_empty();
        fixed.extend(self.default.iter().filter_map(|value| constant(value).ok()));
        let is_reference = self.reference || self.list.is_some() || matches!(self.origin, Origin::Parent(_));
        let sort = match &self.origin {
            _ if is_reference => Sort::Reference,
            _ if self.text => Sort::Text,
            _ if self.negate => Sort::Number,
            _ if named => Sort::Fixed,
            Origin::Count(_) => Sort::Number,
            Origin::Field(path) => Sort::Of(path),
            Origin::Expression(_) if self.max.is_some() => Sort::Text,
            Origin::Expression(_) | Origin::Constant(_) | Origin::Parent(_) => Sort::Open,
        };
        fixed.retain(|value| !value.is_null() && *value != Value::text(""));
        Gives { sort, fixed, max: self.max, create_only: self.create_only, list: self.list.as_deref() }
    }

    /// The relation whose record must be in sync before, if the rule names one.
    pub fn parent_relation(&self) -> Option<&str> {
        match &self.origin {
            Origin::Parent(relation) => Some(relation),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn rule(text: &str) -> Rule {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_rule_tells_what_it_gives_as_far_as_its_file_does() {
        assert_eq!(rule("field = 'a.b'\nmax = 80").gives().sort, Sort::Of("a.b"));
        assert_eq!(rule("field = 'a'\ntext = true").gives().sort, Sort::Text);
        assert_eq!(rule("parent = 'customer'").gives().sort, Sort::Reference);
        assert_eq!(rule("expression = 'a'").gives().sort, Sort::Open);
        let table = rule("field = 'a'\nvalues = { x = 'One', y = 'Two' }\ndefault = 'Three'");
        assert_eq!(table.gives().sort, Sort::Fixed);
        assert_eq!(table.gives().fixed, ["One", "Two", "Three"].map(Value::text));
        assert_eq!(rule("field = 'a'\ndefault = 'b'").gives().sort, Sort::Of("a"));
    }
}
