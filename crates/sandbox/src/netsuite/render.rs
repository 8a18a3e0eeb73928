//! Records as the vendor shows them.

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json, json};

use super::schema;
use super::store::{Fields, Record, Ref, Store, Value};
use super::write::sublist_key;

/// How a reader wants to see records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// Sub-resources are shown in full.
    pub(crate) expand_all: bool,
    /// These sub-resources are shown in full.
    pub(crate) expand: Vec<String>,
    /// Only these body fields are shown.
    pub(crate) only: Option<Vec<String>>,
    /// Enumerations are shown as their id alone.
    pub(crate) simple_enums: bool,
}

/// Shows records of a store, with links on the origin that the reader called.
pub(crate) struct View<'a> {
    store: &'a Store,
    base: String,
    look: Look,
}

impl<'a> View<'a> {
    /// A view as a reader wants it.
    pub(crate) fn new(store: &'a Store, origin: &str, look: Look) -> Self {
        Self { store, base: format!("{origin}/services/rest/record/v1"), look }
    }

    /// The address of a record.
    pub(crate) fn address(&self, record: &Record) -> String {
        format!("{}/{}/{}", self.base, record.kind.name, record.id)
    }

    /// A record.
    pub(crate) fn record(&self, record: &Record) -> Json {
        let address = self.address(record);
        let mut body = Map::new();
        body.insert("links".to_owned(), self_link(&address));
        let mut fields: Vec<(&str, &Value)> = record.fields.iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        for (name, value) in fields {
            if self.look.only.as_ref().is_none_or(|only| only.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))) {
                body.insert(name.to_owned(), self.value(name, value, &format!("{address}/{name}")));
            }
        }
        body.insert("id".to_owned(), json!(record.id.to_string()));
        body.insert("refName".to_owned(), json!(self.store.name(record)));
        Json::Object(body)
    }

    fn value(&self, name: &str, value: &Value, address: &str) -> Json {
        match value {
            Value::Text(text) => json!(text),
            Value::Number(number) => decimal(*number),
            Value::Integer(number) => json!(number),
            Value::Flag(flag) => json!(flag),
            Value::Date(date) => json!(date.to_string()),
            Value::Moment(moment) => json!(moment.to_string()),
            Value::Choice(choice) if self.look.simple_enums => json!(choice),
            Value::Choice(choice) => json!({ "id": choice, "refName": choice_name(name, choice) }),
            Value::Ref(reference) => self.reference(*reference),
            Value::Many(references) => json!({
                "links": self_link(address),
                "items": references.iter().map(|reference| self.reference(*reference)).collect::<Vec<_>>(),
                "totalResults": references.len(),
            }),
            Value::Lines(lines) if self.expands(name) => self.lines(name, lines, address, true),
            Value::Part(part) if self.expands(name) => self.part(part, address),
            Value::Lines(_) | Value::Part(_) => json!({ "links": self_link(address) }),
        }
    }

    fn expands(&self, name: &str) -> bool {
        self.look.expand_all || self.look.expand.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
    }

    /// A sublist, with its lines or with links to them.
    pub(crate) fn lines(&self, name: &str, lines: &[Fields], address: &str, whole: bool) -> Json {
        let items: Vec<Json> = lines
            .iter()
            .map(|line| {
                let address = format!("{address}/{}", line_id(name, line));
                if whole { self.line(line, &address) } else { json!({ "links": self_link(&address) }) }
            })
            .collect();
        json!({ "links": self_link(address), "items": items, "totalResults": lines.len() })
    }

    /// A line of a sublist.
    pub(crate) fn line(&self, line: &Fields, address: &str) -> Json {
        let inner = View { store: self.store, base: self.base.clone(), look: Look { only: None, ..self.look.clone() } };
        let Json::Object(rest) = inner.part(line, address) else { return Json::Null };
        Json::Object(rest)
    }

    /// A sub-record.
    pub(crate) fn part(&self, part: &Fields, address: &str) -> Json {
        let mut body = Map::new();
        body.insert("links".to_owned(), self_link(address));
        let mut fields: Vec<(&str, &Value)> = part.iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        for (name, value) in fields {
            body.insert(name.to_owned(), self.value(name, value, &format!("{address}/{name}")));
        }
        Json::Object(body)
    }

    fn reference(&self, reference: Ref) -> Json {
        let name = self.store.reference_name(reference).unwrap_or_default();
        let kind = match schema::fixed_list(reference.kind) {
            Some(list) => list.name,
            None => self.store.target(reference).map_or(reference.kind, |record| record.kind.name),
        };
        let address = format!("{}/{kind}/{}", self.base, reference.id);
        json!({ "links": self_link(&address), "id": reference.id.to_string(), "refName": name })
    }
}

/// The link of a resource to itself.
pub(crate) fn self_link(address: &str) -> Json {
    json!([{ "rel": "self", "href": address }])
}

/// What a line is called in its address.
pub(crate) fn line_id(sublist: &str, line: &Fields) -> String {
    match line.get(sublist_key(sublist)) {
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Ref(reference)) => reference.id.to_string(),
        _ => String::new(),
    }
}

/// A number as the vendor's doubles look: always with a decimal point.
fn decimal(number: Decimal) -> Json {
    let number = number.normalize();
    let text = if number.scale() == 0 { format!("{number}.0") } else { number.to_string() };
    serde_json::from_str::<Number>(&text).map_or(Json::Null, Json::Number)
}

fn choice_name(field: &str, choice: &'static str) -> &'static str {
    match (field, choice) {
        ("status", "A") => "Open",
        ("status", "B") => "Closed",
        ("source" | "sourceSystem", "restWebServices") => "REST Web Services",
        ("itemType", "NonInvtPart") => "Non-inventory Item",
        ("itemType", "OthCharge") => "Other Charge",
        ("acctType", "AcctRec") => "Accounts Receivable",
        ("acctType", "DeferRevenue") => "Deferred Revenue",
        ("acctType", "OthCurrLiab") => "Other Current Liability",
        ("acctType", "OthIncome") => "Other Income",
        ("country" | "billCountry", "US") => "United States",
        ("country" | "billCountry", "GB") => "United Kingdom",
        ("country" | "billCountry", "DE") => "Germany",
        ("country" | "billCountry", "FR") => "France",
        _ => choice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit_and_carry_a_point() {
        let shown = |text: &str| decimal(text.parse().unwrap()).to_string();
        assert_eq!(
            (shown("100"), shown("0.10"), shown("123456789012345678.91")),
            ("100.0".into(), "0.1".into(), "123456789012345678.91".into())
        );
    }
}
