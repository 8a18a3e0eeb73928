//! Bytes to records and back. Numbers go from their text straight into a decimal, and back with the same text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use model::value::{Name, Record, Value, parse_decimal};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An answer that is not what the vendor documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}{}", place(" in the field ", field.as_ref()), place(" of the record ", record.as_ref()))]
pub(crate) struct Malformed {
    /// What is wrong.
    pub(crate) what: String,
    /// In which field.
    pub(crate) field: Option<String>,
    /// In which record: its id, or its place in the answer.
    pub(crate) record: Option<String>,
}

fn place(kind: &str, name: Option<&String>) -> String {
    name.map(|name| format!("{kind}{name}")).unwrap_or_default()
}

impl Malformed {
    /// Something is wrong, not in one field.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), field: None, record: None }
    }

    /// Something is wrong in a field.
    pub(crate) fn in_field(what: impl Into<String>, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(what) }
    }

    fn within(self, name: &str) -> Self {
        let field = self.field.map_or_else(|| name.to_owned(), |inner| format!("{name}.{inner}"));
        Self { field: Some(field), ..self }
    }
}

/// What to do about an answer that is not what the vendor documents.
pub(crate) const STRANGE: &str = "The application, or something on the way to it, answered what it does not document. \
                                  The next run asks again; if it repeats, show this text to whoever runs the application.";

/// Reads a document whose parts are borrowed.
pub(crate) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(bytes).map_err(|error| Malformed::new(format!("not the JSON that was expected: {error}")))
}

/// The beginning of an answer, as evidence.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
    let mut shown: String =
        text.chars().take(SHOWN).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

/// The words of a gateway's HTML page, without its tags: what a person would see of it.
pub(crate) fn page_words(bytes: &[u8]) -> String {
    const READ: usize = 4_000;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(READ)]);
    let mut words = String::new();
    for (position, part) in text.split('<').enumerate() {
        let visible = if position == 0 { part } else { part.split_once('>').map_or("", |(_, after)| after) };
        words.push_str(visible);
        words.push(' ');
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    excerpt(words.join(" ").as_bytes())
}

/// An object's fields in order, their values unread.
pub(crate) struct Fields<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object).map(Fields)
    }
}

/// A text, borrowed unless it holds escapes.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Reads records; the records of a page share their fields' names.
#[derive(Default)]
pub(crate) struct Reader {
    names: HashSet<Name>,
}

impl Reader {
    /// The records of a page. What cannot be read is told with the record's id, or its place.
    pub(crate) fn records(&mut self, raws: Vec<&RawValue>) -> Result<Vec<Record>, Malformed> {
        let read = raws.into_iter().enumerate().map(|(position, raw)| {
            self.record(raw).map_err(|error| {
                let id = identity(raw).unwrap_or_else(|| format!("at place {}", position + 1));
                Malformed { record: Some(id), ..error }
            })
        });
        read.collect()
    }

    /// A record.
    pub(crate) fn record(&mut self, raw: &RawValue) -> Result<Record, Malformed> {
        let Fields(fields) = parse(raw.get().as_bytes())?;
        let mut record = Record::with_capacity(fields.len());
        for (name, raw) in fields {
            let value = self.value(raw).map_err(|error| error.within(&name))?;
            record.push(self.name(&name), value);
        }
        Ok(record)
    }

    /// A value.
    pub(crate) fn value(&mut self, raw: &RawValue) -> Result<Value, Malformed> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'n') => Ok(Value::Null),
            Some(b't') => Ok(Value::Bool(true)),
            Some(b'f') => Ok(Value::Bool(false)),
            Some(b'"') => parse::<Text>(text.as_bytes()).map(|Text(text)| Value::text(text)),
            Some(b'{') => self.record(raw).map(Value::Record),
            Some(b'[') => self.list(text),
            _ => number(text),
        }
    }

    /// A list of records. A list of plain values has no place in a [`Value`]: its entries become records with the
    /// one field `value`.
    fn list(&mut self, text: &str) -> Result<Value, Malformed> {
        let entries: Vec<&RawValue> = parse(text.as_bytes())?;
        let read = entries.into_iter().map(|entry| match self.value(entry)? {
            Value::Record(record) => Ok(record),
            plain => {
                let mut record = Record::default();
                record.set("value", plain);
                Ok(record)
            }
        });
        read.collect::<Result<_, _>>().map(Value::List)
    }

    fn name(&mut self, name: &str) -> Name {
        match self.names.get(name) {
            Some(held) => Name::clone(held),
            None => {
                let made = Name::from(name);
                self.names.insert(Name::clone(&made));
                made
            }
        }
    }
}

/// The id of a record that cannot be read as a whole.
fn identity(raw: &RawValue) -> Option<String> {
    let Fields(fields) = parse(raw.get().as_bytes()).ok()?;
    let (_, id) = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("id"))?;
    Some(id.get().trim_matches('"').to_owned())
}

/// A number, exactly or not at all. What stands before an exponent is looked at by itself, because reading the whole
/// rounds it.
fn number(text: &str) -> Result<Value, Malformed> {
    let exact = text.split(['e', 'E']).next().is_some_and(|digits| Decimal::from_str_exact(digits).is_ok());
    parse_decimal(text)
        .filter(|_| exact)
        .map(Value::Number)
        .ok_or_else(|| Malformed::new(format!("the number {text} does not fit a decimal")))
}

/// Writes a record.
pub(crate) fn write_record(record: &Record, into: &mut Vec<u8>) {
    into.push(b'{');
    for (position, (name, value)) in record.iter().enumerate() {
        if position > 0 {
            into.push(b',');
        }
        write_text(name, into);
        into.push(b':');
        write_value(value, into);
    }
    into.push(b'}');
}

/// Writes a value: a decimal with its exact text.
pub(crate) fn write_value(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.extend_from_slice(b"null"),
        Value::Bool(truth) => into.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Number(number) => into.extend_from_slice(number.to_string().as_bytes()),
        Value::Text(text) => write_text(text, into),
        Value::Record(record) => write_record(record, into),
        Value::List(records) => {
            into.push(b'[');
            for (position, record) in records.iter().enumerate() {
                if position > 0 {
                    into.push(b',');
                }
                write_record(record, into);
            }
            into.push(b']');
        }
    }
}

/// Writes a text with its escapes.
pub(crate) fn write_text(text: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    for letter in text.chars() {
        match letter {
            '"' => into.extend_from_slice(b"\\\""),
            '\\' => into.extend_from_slice(b"\\\\"),
            '\n' => into.extend_from_slice(b"\\n"),
            '\r' => into.extend_from_slice(b"\\r"),
            '\t' => into.extend_from_slice(b"\\t"),
            control if u32::from(control) < 0x20 => {
                into.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes());
            }
            other => into.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Record, Malformed> {
        Reader::default().record(parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn an_amount_keeps_its_exact_text() {
        let record = read(r#"{"Amount": 1234567890123456.10, "Rate": 1e-3, "Id": "a\"b", "Gone": null}"#).unwrap();
        assert_eq!(record.get("Amount").show(), "1234567890123456.10");
        assert_eq!(record.get("Rate").show(), "0.001");
        assert_eq!(record.text("Id"), "a\"b");
        assert!(record.get("Gone").is_null());
    }

    #[test]
    fn an_amount_that_does_not_fit_is_an_error_with_the_field() {
        let error = read(r#"{"lines": {"Amount": 0.00000000000000000000000000000000001}}"#).unwrap_err();
        assert!(error.to_string().ends_with("does not fit a decimal in the field lines.Amount"), "{error}");
    }

    #[test]
    fn an_amount_with_too_many_places_is_never_rounded() {
        for amount in ["0.12345678901234567890123456789012", "1.2345678901234567890123456789012e0", "1e40", "1e-40"] {
            assert!(read(&format!(r#"{{"Amount": {amount}}}"#)).is_err(), "{amount}");
        }
        assert_eq!(read(r#"{"Amount": 12.50e1}"#).unwrap().get("Amount").as_number(), Some(125.into()));
    }

    #[test]
    fn a_record_that_cannot_be_read_is_named_by_its_id_or_its_place() {
        let records = |text: &'static str| Reader::default().records(parse(text.as_bytes()).unwrap()).unwrap_err();
        let named = records(r#"[{"Id":"a"},{"Amount":1e99,"Id":"b"}]"#);
        assert!(named.to_string().ends_with("in the field Amount of the record b"), "{named}");
        assert!(records(r#"[{"Id":"a"},7]"#).to_string().ends_with("of the record at place 2"));
    }

    #[test]
    fn texts_are_read_as_they_are_and_a_broken_one_is_an_error_with_its_field() {
        let record = read(r#"{"a":"tab\tnull\u0000","b":"𝄞 \ud834\udd1e"}"#).unwrap();
        assert_eq!((record.text("a"), record.text("b")), ("tab\tnull\0", "𝄞 𝄞"));
        assert_eq!(read(r#"{"a":"\ud834"}"#).unwrap_err().field.as_deref(), Some("a"));
        assert!(parse::<&RawValue>(b"{\"a\":\"raw \x01 control\"}").is_err());
        assert!(parse::<&RawValue>(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let record = read(r#"{"a":[{"b":10.00},{"b":-0.5}],"c":{"d":true},"e":"tab\tquote\" é \u0001"}"#).unwrap();
        let mut bytes = Vec::new();
        write_record(&record, &mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(r#""b":10.00"#), "{text}");
        assert_eq!(read(&text).unwrap(), record);
    }

    #[test]
    fn a_broken_answer_is_shown_by_its_beginning() {
        assert!(parse::<Fields>(b"{\"a\":1").is_err());
        assert_eq!(excerpt("x".repeat(300).as_bytes()).chars().count(), 201);
        assert_eq!(excerpt(b"<html>\n"), "<html> ");
        let page = b"<html><head><title>503 Unavailable</title></head>\n<body><h1>Come back\tlater</h1></body></html>";
        assert_eq!(page_words(page), "503 Unavailable Come back later");
    }
}
