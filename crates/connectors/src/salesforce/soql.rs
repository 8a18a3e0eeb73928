//! Selections, look-ups and counts as SOQL.

use model::ports::{Comparator, Condition, Selection};
use model::value::{Name, Value};

use super::describe::Described;

/// Rows that a page has at most: Salesforce's own size, which it may make smaller.
pub(super) const PAGE: usize = 2_000;
/// A query stands in the address, of which 16,384 bytes are taken with all headers. This leaves a quarter to those: the
/// token's is the longest. It holds two hundred ids of 36 letters, a whole batch.
pub(super) const LENGTH: usize = 12_000;

/// What is wrong with a flow's names or values.
pub(super) type Unfit = String;

/// A row, by which a page goes on behind it: the moment of its last change, and its id among those of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) stamp: String,
    pub(super) id: String,
}

/// A part of a selection, by the moments of the last change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range<'a> {
    pub(super) since: Option<&'a str>,
    pub(super) behind: Option<&'a Row>,
    pub(super) until: Option<&'a str>,
}

/// How a selection's query ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a page.
    Page,
    /// With the last row, so that the answer says how many there are.
    All,
    /// The same in any order: a job need not sort.
    Unordered,
}

/// A part of a selection. Many rows share a moment, so the id decides among them; no row is left out and none comes twice.
pub(super) fn select(
    selection: &Selection,
    described: &Described,
    range: &Range<'_>,
    end: End,
) -> Result<String, Unfit> {
    let mut fields: Vec<&str> = vec!["Id"];
    fields.extend(selection.fields.iter().map(Name::as_str));
    fields.push("SystemModstamp");
    let mut all = Vec::new();
    if let Some(until) = range.until {
        all.push(format!("SystemModstamp <= {}", moment(until)?));
    }
    if let Some(since) = range.since {
        all.push(format!("SystemModstamp >= {}", moment(since)?));
    }
    if let Some(Row { stamp, id }) = range.behind {
        let stamp = moment(stamp)?;
        all.push(format!("(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {}))", quoted(id)));
    }
    let any =
        selection.any.iter().map(|conditions| conjunction(conditions, described)).collect::<Result<Vec<_>, _>>()?;
    if !any.is_empty() && any.iter().all(|all| !all.is_empty()) {
        all.push(format!("({})", any.iter().map(|all| format!("({all})")).collect::<Vec<_>>().join(" OR ")));
    }
    let conditions = if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) };
    let end = match end {
        End::Page => format!(" ORDER BY SystemModstamp, Id LIMIT {PAGE}"),
        End::All => " ORDER BY SystemModstamp, Id".to_owned(),
        End::Unordered => String::new(),
    };
    Ok(format!("{}{conditions}{end}", head(&fields, &selection.object)?))
}

/// Queries for the rows whose `field` is one of `keys`, each no longer than an address takes.
pub(super) fn among(object: &str, fields: &[&str], field: &str, keys: &[&str]) -> Result<Vec<String>, Unfit> {
    let head = format!("{} WHERE {} IN (", head(fields, object)?, path(field)?);
    Ok(lists(&head, keys, ")"))
}

/// Queries that count the children of the parents that `field` names, by their ids or by a key of theirs: one row for each
/// parent that has any.
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
    let around = in_address(head) + in_address(tail);
    let mut length = around;
    for key in keys {
        let key = quoted(key);
        let more = in_address(&key) + in_address(",");
        match queries.last_mut().filter(|_| length + more <= LENGTH) {
            Some(query) => {
                query.push(',');
                query.push_str(&key);
            }
            None => {
                queries.push(format!("{head}{key}"));
                length = around;
            }
        }
        length += more;
    }
    queries.into_iter().map(|query| query + tail).collect()
}

/// How many bytes of an address a text takes: what is no letter, digit or blank is written with three.
fn in_address(text: &str) -> usize {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" *-._".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum()
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
        let whole = select(&selection, &order(), &Range::default(), End::All).unwrap();
        let conditions = "((Status = null) OR (Status != 'O\\'Neil' AND EffectiveDate >= 2026-01-01 AND \
                          ActivatedDate < 2026-02-01T00:00:00Z))";
        let head = "SELECT Id, OrderNumber, SystemModstamp FROM Order WHERE";
        assert_eq!(whole, format!("{head} {conditions} ORDER BY SystemModstamp, Id"));
        let row = Row { stamp: "2026-11-21T10:00:00.000+0000".into(), id: "801x".into() };
        let range = Range { since: None, behind: Some(&row), until: Some("2026-11-22T05:00:00Z") };
        let bounds = "SystemModstamp <= 2026-11-22T05:00:00.000Z AND \
                      (SystemModstamp > 2026-11-21T10:00:00.000Z OR (SystemModstamp = 2026-11-21T10:00:00.000Z AND Id > '801x'))";
        let next = select(&selection, &order(), &range, End::Page).unwrap();
        assert_eq!(next, format!("{head} {bounds} AND {conditions} ORDER BY SystemModstamp, Id LIMIT 2000"));
        let job = select(&selection, &order(), &range, End::Unordered).unwrap();
        assert_eq!(job, format!("{head} {bounds} AND {conditions}"));
        let late = Range { since: Some("2026-11-22T04:50:00Z"), behind: None, until: Some("2026-11-22T05:00:00Z") };
        let late = select(&selection, &order(), &late, End::Page).unwrap();
        assert!(late.contains("<= 2026-11-22T05:00:00.000Z AND SystemModstamp >= 2026-11-22T04:50:00.000Z"), "{late}");
    }

    #[test]
    fn names_and_values_that_would_change_a_query_are_refused() {
        let with = |field: &str, value: Value| {
            let any = vec![vec![condition(field, Comparator::Is, value)]];
            let selection = Selection { object: "Order".into(), fields: vec!["Id".into()], any };
            select(&selection, &order(), &Range::default(), End::Page)
        };
        assert!(with("Status = null OR Id", Value::Null).is_err());
        assert!(with("TotalAmount", Value::text("1 OR 1=1")).is_err());
        assert!(with("EffectiveDate", Value::text("TODAY")).is_err());
        assert!(with("Status", Value::text("x' OR Id != '")).unwrap().contains(r"'x\' OR Id != \''"));
    }

    #[test]
    fn a_batch_of_long_ids_is_one_look_up_and_more_are_cut_where_the_address_would_grow_too_long() {
        let keys: Vec<String> = (0..400).map(|number| format!("{number:036}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let fields = ["Id", "Nue_Id__c", "Ruby__Amount__c", "Ruby__Balance__c", "Integration_Version__c"];
        let of = |keys: &[&str]| among("Ruby__Invoice__c", &fields, "Nue_Id__c", keys).unwrap();
        assert_eq!(of(&keys[..200]).len(), 1);
        let queries = of(&keys);
        let mut url = url::Url::parse("https://example.my.salesforce.com/services/data/v66.0/query").unwrap();
        for query in &queries {
            url.query_pairs_mut().clear().append_pair("q", query);
            let length = url.query().unwrap().len();
            assert!(length <= LENGTH + "q=".len(), "{length}");
            assert_eq!(length, in_address(query) + "q=".len());
        }
        let told: usize = queries.iter().map(|query| query.matches('\'').count() / 2).sum();
        assert_eq!((queries.len(), told), (2, 400));
    }
}
