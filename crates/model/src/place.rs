//! Where in a TOML text something is wrong, and what, without quoting the text: it may hold a secret.

use toml::de::DeTable;

use crate::nearest::did_you_mean;
use crate::problem::cut;

/// An error of the parser with its line and column, and the key that was meant where one is not known.
pub fn of_error(text: &str, error: &toml::de::Error) -> String {
    let message = without_value(error.message());
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| message.starts_with("unknown "));
    let suggestion = unknown.map(|name| did_you_mean(name, names)).unwrap_or_default();
    let mut told = format!("{message}{suggestion}");
    cut(&mut told);
    let Some(span) = error.span() else { return told };
    let before = text.get(..span.start).unwrap_or_default();
    let lead = before.rsplit('\n').next().unwrap_or_default();
    let column = lead.chars().count() + 1;
    let mut key = lead.split_once('=').map(|(key, _)| format!(" (`{}`)", key.trim())).unwrap_or_default();
    cut(&mut key);
    format!("line {}, column {column}{key}: {told}", line_at(text, span.start))
}

/// The line of a key, by the names of its tables and its own.
pub fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let whole = DeTable::parse(text).ok()?;
    let mut table = whole.get_ref();
    let mut line = None;
    for name in path {
        let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
        line = Some(line_at(text, key.span().start));
        match value.get_ref().as_table() {
            Some(inner) => table = inner,
            None => break,
        }
    }
    line
}

/// The first line, comments left out, that holds this word whole.
pub fn line_with(text: &str, word: &str) -> Option<usize> {
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let holds = |line: &str| {
        line.match_indices(word)
            .any(|(start, found)| !line[..start].ends_with(letter) && !line[start + found.len()..].starts_with(letter))
    };
    text.lines().position(|line| !line.trim_start().starts_with('#') && holds(line)).map(|position| position + 1)
}

fn line_at(text: &str, position: usize) -> usize {
    text.get(..position).unwrap_or_default().matches('\n').count() + 1
}

/// The parser quotes a value of the wrong type.
fn without_value(message: &str) -> String {
    let (reason, rest) = match message.split_once(": ") {
        Some(("invalid type", rest)) => ("wrong type", rest),
        Some(("invalid value", rest)) => ("out of range", rest),
        _ => return message.to_owned(),
    };
    let (found, expected) = rest.rsplit_once(", expected ").unwrap_or((rest, "another"));
    let found = found.split([' ', '`', '"']).next().unwrap_or_default();
    format!("{reason}: {} where {} is expected", in_words(found), in_words(expected))
}

/// What people call the types of TOML and of Rust.
fn in_words(kind: &str) -> &str {
    match kind {
        "string" | "a string" => "a text in quotes",
        "path" | "path string" => "a path in quotes",
        "integer" | "usize" | "u64" => "a whole number",
        "u8" => "a whole number up to 255",
        "floating" => "a decimal number",
        "boolean" | "a boolean" => "true or false",
        "map" | "a map" => "a table",
        "sequence" | "a sequence" => "a list",
        _ if kind.starts_with("struct ") => "a table",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Told {
        #[expect(dead_code, reason = "only errors are read")]
        concurrency: usize,
    }

    fn error(text: &str) -> String {
        of_error(text, &toml::from_str::<Told>(text).unwrap_err())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_one_that_was_meant() {
        let told = error("\nconsurrency = 5");
        assert!(told.starts_with("line 2, column 1: unknown field `consurrency`"), "{told}");
        assert!(told.ends_with("; did you mean `concurrency`?"), "{told}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_never_quoted() {
        let told = error("concurrency = \"hunter2, expected\"");
        assert_eq!(
            told,
            "line 1, column 15 (`concurrency`): wrong type: a text in quotes where a whole number is expected"
        );
        assert!(error("concurrency = -1").contains("out of range: a whole number"));
    }

    #[test]
    fn a_key_is_found_in_its_own_table_and_a_word_only_as_a_whole() {
        let text = "[a]\nurl = 1\n[b.c]\nurl = 2\n\"x -> y\" = 3\n# IdX\nf = \"IdX.Id\"\n";
        assert_eq!(line_of(text, &["b", "c", "url"]), Some(4));
        assert_eq!(line_of(text, &["b", "c", "x -> y"]), Some(5));
        assert_eq!(line_of(text, &["b", "d"]), None);
        assert_eq!((line_with(text, "IdX"), line_with(text, "Id"), line_with(text, "I")), (Some(7), Some(7), None));
    }
}
