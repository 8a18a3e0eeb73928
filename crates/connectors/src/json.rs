//! Bytes to records and back. Numbers go from their text straight into a decimal, and back with the same text.

mod write;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use model::value::{Name, Record, Value, parse_decimal};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use write::{write_record, write_text, write_value};

/// How deep a record may nest. NetSuite's deepest, the inventory assignments of an invoice's lines, take ten levels; a
/// nest without end would take the whole stack.
const DEEPEST: usize = 32;
/// How many values and records an answer may hold. The most that was thought of is an invoice of 10,000 lines with 100
/// fields each; two bytes of an answer can make a value, and a value in memory takes up to a hundred.
pub(crate) const MOST_VALUES: usize = 2_000_000;

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
    serde_json::from_str(utf8(bytes)?).map_err(unexpected)
}

fn utf8(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(unexpected)
}

fn unexpected(error: impl fmt::Display) -> Malformed {
    Malformed::new(format!("not the JSON that was expected: {error}"))
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

/// A text, borrowed unless it holds escapes.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// The records of a page, read straight from the text, each byte once.
///
/// An amount with more places than a decimal holds, or a text with half a letter, is kept as the page's trouble with its
/// field and its record, and the rest is read nevertheless.
#[derive(Default)]
pub(crate) struct Records {
    read: Vec<Record>,
    trouble: Option<Malformed>,
    bounds: Bounds,
    /// The names of the last record's fields: the next record has mostly the same ones in the same places.
    names: Vec<Name>,
}

impl Records {
    /// The records, if all of them could be read as they are.
    pub(crate) fn whole(self) -> Result<Vec<Record>, Malformed> {
        self.trouble.map_or(Ok(self.read), Err)
    }

    fn name(&mut self, place: usize, name: &str) -> Name {
        match self.names.get_mut(place) {
            Some(held) if held == name => held.clone(),
            Some(held) => {
                *held = Name::new(name);
                held.clone()
            }
            None => {
                self.names.push(Name::new(name));
                Name::new(name)
            }
        }
    }
}

/// How much of an answer was read, and how deep.
#[derive(Default, Clone, Copy)]
struct Bounds {
    depth: usize,
    values: usize,
}

impl Bounds {
    fn one_more(&mut self) -> Result<(), Malformed> {
        self.values += 1;
        if self.values <= MOST_VALUES { Ok(()) } else { Err(Malformed::new(format!("more than {MOST_VALUES} values"))) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        if self.depth >= DEEPEST {
            return Err(Malformed::new(format!("it nests more than {DEEPEST} levels deep")));
        }
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }
}

/// A record that stands by itself.
pub(crate) fn record(bytes: &[u8]) -> Result<Record, Malformed> {
    record_within(utf8(bytes)?, &mut Bounds::default())
}

fn record_within(text: &str, bounds: &mut Bounds) -> Result<Record, Malformed> {
    let mut alone = Records { bounds: *bounds, ..Records::default() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = OneRecord(&mut alone).deserialize(&mut deserializer).map_err(unexpected)?;
    deserializer.end().map_err(unexpected)?;
    *bounds = alone.bounds;
    alone.trouble.map_or(Ok(read), Err)
}

fn value(raw: &RawValue, bounds: &mut Bounds) -> Result<Value, Malformed> {
    bounds.one_more()?;
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Ok(Value::Null),
        Some(b't') => Ok(Value::Bool(true)),
        Some(b'f') => Ok(Value::Bool(false)),
        Some(b'"') if !text.contains('\\') => Ok(Value::text(&text[1..text.len() - 1])),
        Some(b'"') => parse::<Text>(text.as_bytes()).map(|Text(text)| Value::text(text)),
        Some(b'{') => bounds.deeper(|bounds| record_within(text, bounds)).map(Value::record),
        Some(b'[') => bounds.deeper(|bounds| list(text, bounds)).map(Value::List),
        _ => parse_decimal(text)
            .map(Value::Number)
            .ok_or_else(|| Malformed::new(format!("the number {text} does not fit a decimal"))),
    }
}

fn list(text: &str, bounds: &mut Bounds) -> Result<Vec<Record>, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_seq(Entries(bounds)).map_err(unexpected)?
}

/// A list of plain values has no place in a [`Value`]: its entries become records with the one field `value`.
struct Entries<'a>(&'a mut Bounds);

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Result<Vec<Record>, Malformed>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(raw) = sequence.next_element::<&RawValue>()? {
            match value(raw, self.0) {
                Ok(Value::Record(record)) => read.push(Arc::unwrap_or_clone(record)),
                Ok(plain) => {
                    let mut record = Record::with_capacity(1);
                    record.push(Name::new_static("value"), plain);
                    read.push(record);
                }
                Err(malformed) => {
                    while sequence.next_element::<IgnoredAny>()?.is_some() {}
                    return Ok(Err(malformed));
                }
            }
        }
        Ok(Ok(read))
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Records;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a list of records")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Records, A::Error> {
                let mut records = Records::default();
                while let Some(record) = sequence.next_element_seed(OneRecord(&mut records))? {
                    if let Err(malformed) = records.bounds.one_more() {
                        let record = Some(format!("at place {}", records.read.len() + 1));
                        records.trouble.get_or_insert(Malformed { record, ..malformed });
                        while sequence.next_element::<IgnoredAny>()?.is_some() {}
                        break;
                    }
                    records.read.push(record);
                    if let Some(Malformed { record: unnamed @ None, .. }) = &mut records.trouble {
                        *unnamed = Some(format!("at place {}", records.read.len()));
                    }
                }
                Ok(records)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

struct OneRecord<'a>(&'a mut Records);

impl<'de> DeserializeSeed<'de> for OneRecord<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneRecord<'_> {
    type Value = Record;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let Self(page) = self;
        let mut record = Record::with_capacity(page.names.len());
        let mut trouble = None;
        while let Some((Text(name), raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            let value = value(raw, &mut page.bounds).unwrap_or_else(|malformed| {
                trouble.get_or_insert(malformed.within(&name));
                Value::Null
            });
            record.push(page.name(record.len(), &name), value);
        }
        // Else one large record would make every empty one after it as large.
        page.names.truncate(record.len());
        if let (Some(trouble), None) = (trouble, &page.trouble) {
            page.trouble = Some(Malformed { record: identity(&record), ..trouble });
        }
        Ok(record)
    }
}

fn identity(record: &Record) -> Option<String> {
    let (_, id) = record.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"))?;
    Some(id.show()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Record, Malformed> {
        record(text.as_bytes())
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
        let records = |text: &str| parse::<Records>(text.as_bytes()).unwrap().whole().unwrap_err();
        let named = records(r#"[{"Id":"a"},{"Amount":1e99,"Id":"b"}]"#);
        assert!(named.to_string().ends_with("in the field Amount of the record b"), "{named}");
        let placed = records(r#"[{"Id":"a"},{"Amount":1e99}]"#);
        assert!(placed.to_string().ends_with("of the record at place 2"), "{placed}");
        let strange = parse::<Records>(br#"[{"Id":"a"},7]"#).map(|_| ()).unwrap_err();
        assert!(strange.to_string().contains("expected an object at line 1 column 13"), "{strange}");
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
    fn a_record_that_nests_without_end_is_an_error_with_its_field() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"items\":", "}]")] {
            let nested = |depth: usize| format!(r#"{{"Deep":{}1{}}}"#, open.repeat(depth), close.repeat(depth));
            let error = read(&nested(10_000)).unwrap_err();
            assert_eq!(error.what, format!("it nests more than {DEEPEST} levels deep"));
            assert!(error.field.is_some_and(|field| field.starts_with("Deep")));
            assert!(read(&nested(10)).is_ok());
        }
    }

    #[test]
    fn an_answer_of_millions_of_values_is_an_error_with_its_record() {
        let many = |value: &str, length: usize| vec![value; length / (value.len() + 1)].join(",");
        let plain = format!(r#"[{{"Id":"a","all":[{}]}}]"#, many("1", 2 * MOST_VALUES + 10));
        let records = format!("[{}]", many("{}", 3 * MOST_VALUES + 10));
        for (text, place) in [(plain, "in the field all of the record a"), (records, "of the record at place")] {
            let error = parse::<Records>(text.as_bytes()).unwrap().whole().unwrap_err().to_string();
            assert!(error.starts_with(&format!("more than {MOST_VALUES} values")) && error.contains(place), "{error}");
        }
    }

    #[test]
    fn a_large_record_does_not_make_the_empty_ones_behind_it_as_large() {
        let fields: Vec<String> = (0..10_000).map(|number| format!("\"f{number}\":1")).collect();
        let text = format!("[{{{}}},{}]", fields.join(","), vec!["{}"; 100_000].join(","));
        let mut page: Records = parse(text.as_bytes()).unwrap();
        assert_eq!(page.names.len(), 0);
        assert_eq!((page.read.len(), page.read.remove(0).len()), (100_001, 10_000));
    }

    #[test]
    fn a_broken_answer_is_shown_by_its_beginning() {
        assert!(read("{\"a\":1").is_err() && read("{\"a\":1} 2").is_err());
        assert_eq!(excerpt("x".repeat(300).as_bytes()).chars().count(), 201);
        assert_eq!(excerpt(b"<html>\n"), "<html> ");
        let page = b"<html><head><title>503 Unavailable</title></head>\n<body><h1>Come back\tlater</h1></body></html>";
        assert_eq!(page_words(page), "503 Unavailable Come back later");
    }
}
