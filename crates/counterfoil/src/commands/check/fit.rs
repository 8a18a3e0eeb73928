//! Whether what a rule gives fits what a field takes. Pure; what is not known is not judged.

use model::rule::{Gives, Sort};
use model::survey::{FieldShape, Kind, Matter};
use model::value::Value;

use super::finding::Severity;

/// Something that does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) severity: Severity,
    pub(crate) matter: Matter,
    /// What is the matter, behind the field's name.
    pub(crate) told: String,
}

/// What a rule gives, held against what a field takes. `origin` is the source's field that the rule reads.
pub(crate) fn misfits(gives: &Gives<'_>, origin: Option<&FieldShape>, takes: &FieldShape) -> Vec<Misfit> {
    let mut found = Vec::new();
    let given = kind(gives, origin);
    if clashes(given, takes.kind) {
        let told = format!("takes {}, and the rule gives {}", takes.kind.name(), given.name());
        found.push(Misfit { severity: Severity::WillFail, matter: Matter::OtherKind(given), told });
        return found;
    }
    found.extend(too_long(gives, origin, takes));
    found.extend(coarse(given, origin, takes));
    if let (Some(values), None) = (&takes.values, gives.list) {
        let always = gives.sort == Sort::Fixed && gives.fixed.len() == 1;
        let strange = gives.fixed.iter().filter(|value| !values.contains(&value.show()));
        found.extend(strange.map(|value| Misfit {
            severity: if always { Severity::WillFail } else { Severity::WillWarn },
            matter: Matter::NotAmong(value.show()),
            told: format!("takes only {}, and the flow gives '{value}'", values.join(", ")),
        }));
    }
    found
}

fn kind(gives: &Gives<'_>, origin: Option<&FieldShape>) -> Kind {
    match gives.sort {
        Sort::Of(_) => origin.map_or(Kind::Unknown, |field| field.kind),
        Sort::Fixed => one_kind(&gives.fixed),
        Sort::Text => Kind::Text,
        Sort::Number => Kind::Number,
        Sort::Reference => Kind::Reference,
        Sort::Open => Kind::Unknown,
    }
}

/// The kind of values that are all of one.
fn one_kind(values: &[Value]) -> Kind {
    let kind = |value: &Value| match value {
        Value::Text(_) => Kind::Text,
        Value::Number(_) => Kind::Number,
        Value::Bool(_) => Kind::Flag,
        Value::Reference(_) => Kind::Reference,
        _ => Kind::Unknown,
    };
    let mut kinds = values.iter().map(kind);
    let first = kinds.next().unwrap_or(Kind::Unknown);
    if kinds.all(|kind| kind == first) { first } else { Kind::Unknown }
}

/// What no vendor turns into the other. A date is a text on the wire, and so is an id.
fn clashes(given: Kind, taken: Kind) -> bool {
    match (given, taken) {
        (Kind::Unknown, _) | (_, Kind::Unknown) => false,
        (Kind::Text | Kind::Reference, Kind::Number | Kind::Flag) => true,
        (Kind::Reference, Kind::Date) | (Kind::Date, Kind::Number | Kind::Flag | Kind::Reference) => true,
        (Kind::Text | Kind::Reference | Kind::Date, _) => false,
        (Kind::Number, taken) => taken != Kind::Number,
        (Kind::Flag, taken) => taken != Kind::Flag,
    }
}

fn too_long(gives: &Gives<'_>, origin: Option<&FieldShape>, takes: &FieldShape) -> Option<Misfit> {
    let takes = takes.length?;
    let fixed = gives.fixed.iter().filter_map(Value::as_text).map(|text| text.chars().count()).max();
    if let Some(most) = fixed.filter(|most| *most > takes) {
        let told = format!("takes {takes} characters, and a value of the flow has {most}");
        return Some(Misfit { severity: Severity::WillFail, matter: Matter::TooShort(most), told });
    }
    let held = origin.filter(|_| matches!(gives.sort, Sort::Of(_))).and_then(|field| field.length);
    let most = [gives.max, held].into_iter().flatten().min()?;
    (most > takes && !matches!(gives.sort, Sort::Fixed | Sort::Reference)).then(|| Misfit {
        severity: Severity::WillWarn,
        matter: Matter::TooShort(most),
        told: format!("takes {takes} characters, and the rule gives up to {most}: a longer text is refused"),
    })
}

/// A number that has more digits than the field would be rounded in silence, or refused.
fn coarse(given: Kind, origin: Option<&FieldShape>, takes: &FieldShape) -> Option<Misfit> {
    let (whole, behind) = takes.digits?;
    let (given_whole, given_behind) = origin?.digits.filter(|_| given == Kind::Number)?;
    (given_whole > whole || given_behind > behind).then(|| Misfit {
        severity: Severity::WillWarn,
        matter: Matter::FewDigits,
        told: format!(
            "takes {whole} digits before the point and {behind} behind it, and the source has {given_whole} and {given_behind}"
        ),
    })
}

/// An amount that is compared, in a field that rounds cents away.
pub(crate) fn loses_cents(takes: &FieldShape) -> Option<Misfit> {
    let (_, behind) = takes.digits.filter(|(_, behind)| *behind < 2)?;
    let told = format!("has {behind} digits behind the point: an amount with cents is rounded, and never found equal");
    Some(Misfit { severity: Severity::WillWarn, matter: Matter::FewDigits, told })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gives(sort: Sort<'_>) -> Gives<'_> {
        Gives { sort, fixed: Vec::new(), max: None, create_only: false, list: None }
    }

    fn field(kind: Kind, length: Option<usize>, digits: Option<(u32, u32)>) -> FieldShape {
        FieldShape { kind, length, digits, ..FieldShape::unknown("F") }
    }

    fn told(gives: &Gives<'_>, origin: Option<&FieldShape>, takes: &FieldShape) -> Vec<(Severity, Matter)> {
        misfits(gives, origin, takes).into_iter().map(|misfit| (misfit.severity, misfit.matter)).collect()
    }

    #[test]
    fn a_number_does_not_fit_a_text_nor_a_text_a_number_and_what_is_unknown_is_not_judged() {
        let (number, text) = (field(Kind::Number, None, None), field(Kind::Text, Some(80), None));
        let of = gives(Sort::Of("a"));
        assert_eq!(told(&of, Some(&number), &text), [(Severity::WillFail, Matter::OtherKind(Kind::Number))]);
        assert_eq!(told(&of, Some(&text), &number), [(Severity::WillFail, Matter::OtherKind(Kind::Text))]);
        assert_eq!(told(&of, None, &number), []);
        assert_eq!(told(&gives(Sort::Open), None, &number), []);
        assert_eq!(told(&gives(Sort::Text), Some(&number), &text), []);
    }

    #[test]
    fn a_text_of_255_may_be_refused_by_a_field_of_80_and_a_fixed_one_always_is() {
        let takes = field(Kind::Text, Some(80), None);
        let long = Gives { max: Some(255), ..gives(Sort::Of("a")) };
        assert_eq!(told(&long, None, &takes), [(Severity::WillWarn, Matter::TooShort(255))]);
        let held = field(Kind::Text, Some(60), None);
        assert_eq!(told(&long, Some(&held), &takes), []);
        let fixed = Gives { fixed: vec![Value::text("x".repeat(81))], ..gives(Sort::Fixed) };
        assert_eq!(told(&fixed, None, &takes), [(Severity::WillFail, Matter::TooShort(81))]);
    }

    #[test]
    fn a_restricted_picklist_takes_only_its_values() {
        let takes = FieldShape { values: Some(vec!["Open".into()]), ..field(Kind::Text, None, None) };
        let one = Gives { fixed: vec![Value::text("Closed")], ..gives(Sort::Fixed) };
        assert_eq!(told(&one, None, &takes), [(Severity::WillFail, Matter::NotAmong("Closed".into()))]);
        let table = Gives { fixed: vec![Value::text("Open"), Value::text("Closed")], ..gives(Sort::Fixed) };
        assert_eq!(told(&table, None, &takes), [(Severity::WillWarn, Matter::NotAmong("Closed".into()))]);
    }

    #[test]
    fn digits_that_a_field_lacks_are_told() {
        let (fine, coarse) = (field(Kind::Number, None, Some((16, 4))), field(Kind::Number, None, Some((16, 2))));
        let of = gives(Sort::Of("a"));
        assert_eq!(told(&of, Some(&fine), &coarse), [(Severity::WillWarn, Matter::FewDigits)]);
        assert_eq!(told(&of, Some(&coarse), &fine), []);
        assert!(loses_cents(&field(Kind::Number, None, Some((18, 0)))).is_some());
        assert!(loses_cents(&coarse).is_none());
    }
}
