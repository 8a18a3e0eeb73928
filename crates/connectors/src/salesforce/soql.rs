//! Selections, look-ups and counts as SOQL.

use model::ports::{Comparator, Condition, Selection};
use model::value::{Name, Value};

use super::describe::Described;

/// Rows that a page has at most: Salesforce's own size, which it may make smaller.
pub(super) const PAGE: usize = 2_000;
/// A query stands in the address, of which 16,384 bytes are taken with all headers; this leaves room for those, and for
/// the escapes of what is not a letter.
pub(super) const LENGTH: usize = 6_000;

/// What is wrong with a flow's names or values.
pub(super) type Unfit = String;

/// How far a selection has been read: by the time of the last change, and by the id among those of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// What changed later, by our own marks too, is not of this selection.
    pub(super) until: String,
    /// The last row of the page before.
    pub(super) last: Option<(String, String)>,
}

impl Place {
    /// As a cursor's text.
    pub(super) fn show(&self) -> String {
        let (stamp, id) = self.last.as_ref().map_or(("", ""), |(stamp, id)| (stamp, id));
        format!("{}|{stamp}|{id}", self.until)
    }

    /// Reads a cursor's text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '|');
        let (until, stamp, id) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { until: until.to_owned(), last: Some((stamp.to_owned(), id.to_owned())) })
    }
}

/// A page of a selection. Many rows share a moment, so the id decides among them; no row is left out and none comes twice.
pub(super) fn select(selection: &Selection, described: &Described, place: &Place) -> Result<String, Unfit> {
    let mut fields: Vec<&str> = selection.fields.iter().map(Name::as_str).collect();
    fields.push("SystemModstamp");
    let mut all = vec![format!("SystemModstamp <= {}", moment(&place.until)?)];
    if let Some((stamp, id)) = &place.last {
        let stamp = moment(stamp)?;
        all.push(format!("(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {}))", quoted(id)));
    }
    let any =
        selection.any.iter().map(|conditions| conjunction(conditions, described)).collect::<Result<Vec<_>, _>>()?;
    if !any.is_empty() && any.iter().all(|all| !all.is_empty()) {
        all.push(format!("({})", any.iter().map(|all| format!("({all})")).collect::<Vec<_>>().join(" OR ")));
    }
    let head = head(&fields, &selection.object)?;
    Ok(format!("{head} WHERE {} ORDER BY SystemModstamp, Id LIMIT {PAGE}", all.join(" AND ")))
}

/// Queries for the rows whose `field` is one of `keys`, each no longer than an address takes.
pub(super) fn among(object: &str, fields: &[&str], field: &str, keys: &[&str]) -> Result<Vec<String>, Unfit> {
    let head = format!("{} WHERE {} IN (", head(fields, object)?, path(field)?);
    Ok(lists(&head, keys, ")"))
}

/// Queries that count the children of the parents that `field` names: one row for each parent that has any.
pub(super) fn counts(object: &str, field: &str, parents: &[&str]) -> Result<Vec<String>, Unfit> {
    let (object, field) = (path(object)?, path(field)?);
    let head = format!("SELECT {field} parent, COUNT(Id) children FROM {object} WHERE {field} IN (");
    Ok(lists(&head, parents, &format!(") GROUP BY {field}")))
}

/// All rows of an object with two of its fields.
pub(super) fn whole_list(object: &str, field: &str) -> Result<String, Unfit> {
    head(&["Id", field], object)
}

fn lists(head: &str, keys: &[&str], tail: &str) -> Vec<String> {
    let mut queries: Vec<String> = Vec::new();
    for key in keys {
        let key = quoted(key);
        match queries.last_mut().filter(|query| query.len() + key.len() + tail.len() < LENGTH) {
            Some(query) => {
                query.push(',');
                query.push_str(&key);
            }
            None => queries.push(format!("{head}{key}")),
        }
    }
    queries.into_iter().map(|query| query + tail).collect()
}

fn head(fields: &[&str], object: &str) -> Result<String, Unfit> {
    let mut named: Vec<&str> = Vec::with_capacity(fields.len());
    for field in fields {
        let field = path(field)?;
        if !named.iter().any(|held| held.eq_ignore_ascii_case(field)) {
            named.push(field);
        }
    }
    Ok(format!("SELECT {} FROM {}", named.join(", "), path(object)?))
}

/// A name, or a path of names, that can stand in a query without changing it.
fn path(name: &str) -> Result<&str, Unfit> {
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if name.split('.').all(plain) { Ok(name) } else { Err(format!("'{name}' is no name of an object or field")) }
}

fn conjunction(conditions: &[Condition], described: &Described) -> Result<String, Unfit> {
    let terms = conditions.iter().map(|condition| term(condition, described)).collect::<Result<Vec<_>, _>>()?;
    Ok(terms.join(" AND "))
}

fn term(condition: &Condition, described: &Described) -> Result<String, Unfit> {
    let Condition { field, operator, value } = condition;
    let sign = match operator {
        Comparator::Is => "=",
        Comparator::IsNot => "!=",
        Comparator::Less => "<",
        Comparator::AtLeast => ">=",
    };
    let kind = described.field(field).map_or("string", |field| &field.kind);
    Ok(format!("{} {sign} {}", path(field)?, literal(field, value, kind)?))
}

/// A value as the field's type wants it: only texts stand in quotes.
fn literal(field: &str, value: &Value, kind: &str) -> Result<String, Unfit> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => match kind {
            "date" => day(text)?.to_owned(),
            "datetime" if text.len() == "2026-01-31".len() => format!("{}T00:00:00Z", day(text)?),
            "datetime" => moment(text)?,
            "boolean" if matches!(text.as_str(), "true" | "false") => text.to_string(),
            "int" | "double" | "currency" | "percent" | "boolean" => {
                return Err(format!("{field} is a {kind}, and '{text}' is none"));
            }
            _ => quoted(text),
        },
        Value::Reference(id) => quoted(id),
        Value::Record(_) | Value::List(_) => return Err(format!("{field} cannot be compared with a record")),
    })
}

fn day(text: &str) -> Result<&str, Unfit> {
    text.parse::<jiff::civil::Date>().map(|_| text).map_err(|_| format!("'{text}' is no date"))
}

/// Salesforce writes moments as `2026-01-31T12:34:56.000+0000`, and takes `Z`: a `+` would have to be escaped.
fn moment(text: &str) -> Result<String, Unfit> {
    let utc = text.strip_suffix("+0000").map(|bare| format!("{bare}Z"));
    let text = utc.as_deref().unwrap_or(text);
    text.parse::<jiff::Timestamp>()
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
        .map_err(|_| format!("'{text}' is no moment"))
}

fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for letter in text.chars() {
        match letter {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Described {
        let fields = r#"{"fields":[{"name":"Status","type":"picklist"},{"name":"EffectiveDate","type":"date"},
            {"name":"TotalAmount","type":"currency"},{"name":"ActivatedDate","type":"datetime"}]}"#;
        serde_json::from_str(fields).unwrap()
    }

    fn condition(field: &str, operator: Comparator, value: Value) -> Condition {
        Condition { field: field.into(), operator, value }
    }

    #[test]
    fn a_page_goes_on_behind_the_last_row_by_moment_and_id() {
        let selection = Selection {
            object: "Order".into(),
            fields: vec!["Id".into(), "OrderNumber".into(), "id".into()],
            any: vec![
                vec![condition("Status", Comparator::Is, Value::Null)],
                vec![
                    condition("Status", Comparator::IsNot, Value::text("O'Neil")),
                    condition("EffectiveDate", Comparator::AtLeast, Value::text("2026-01-01")),
                    condition("ActivatedDate", Comparator::Less, Value::text("2026-02-01")),
                ],
            ],
        };
        let first = Place { until: "2026-11-22T05:00:00Z".into(), last: None };
        assert_eq!(
            select(&selection, &order(), &first).unwrap(),
            "SELECT Id, OrderNumber, SystemModstamp FROM Order WHERE SystemModstamp <= 2026-11-22T05:00:00.000Z AND \
             ((Status = null) OR (Status != 'O\\'Neil' AND EffectiveDate >= 2026-01-01 AND \
             ActivatedDate < 2026-02-01T00:00:00.000Z)) ORDER BY SystemModstamp, Id LIMIT 2000"
                .replace("2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00Z")
        );
        let next = Place { last: Some(("2026-11-21T10:00:00.000+0000".into(), "801x".into())), ..first };
        let query = select(&selection, &order(), &Place::parse(&next.show()).unwrap()).unwrap();
        let behind = "(SystemModstamp > 2026-11-21T10:00:00.000Z OR (SystemModstamp = 2026-11-21T10:00:00.000Z AND Id > '801x'))";
        assert!(query.contains(behind), "{query}");
    }

    #[test]
    fn names_and_values_that_would_change_a_query_are_refused() {
        let with = |field: &str, value: Value| {
            let any = vec![vec![condition(field, Comparator::Is, value)]];
            let selection = Selection { object: "Order".into(), fields: vec!["Id".into()], any };
            select(&selection, &order(), &Place { until: "2026-11-22T05:00:00Z".into(), last: None })
        };
        assert!(with("Status = null OR Id", Value::Null).is_err());
        assert!(with("TotalAmount", Value::text("1 OR 1=1")).is_err());
        assert!(with("EffectiveDate", Value::text("TODAY")).is_err());
        assert!(with("Status", Value::text("x' OR Id != '")).unwrap().contains(r"'x\' OR Id != \''"));
    }

    #[test]
    fn look_ups_are_cut_where_an_address_would_grow_too_long() {
        let keys: Vec<String> = (0..400).map(|number| format!("{number:036}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let queries = among("Ruby__Invoice__c", &["Id", "Nue_Id__c"], "Nue_Id__c", &keys).unwrap();
        assert!(queries.len() == 3 && queries.iter().all(|query| query.len() <= LENGTH + 2), "{}", queries.len());
        let told: usize = queries.iter().map(|query| query.matches('\'').count() / 2).sum();
        assert_eq!(told, 400);
    }
}
