//! How the vendor words what is wrong with a query.

pub(crate) use crate::salesforce::errors::{Refusal, Verdict};

/// How far back the excerpt goes, in bytes.
const BEFORE: usize = 41;
/// How many words and signs of the query follow in the excerpt.
const AFTER: usize = 4;

/// Any refusal.
pub(crate) fn refusal(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message)
}

/// The query cannot be understood, or asks for what may not be asked.
pub(crate) fn malformed(message: impl Into<String>) -> Refusal {
    refusal("MALFORMED_QUERY", message)
}

/// Known to the vendor, unknown to the emulator.
pub(crate) fn not_emulated(what: impl Into<String>) -> Refusal {
    Refusal::not_emulated(what)
}

/// A word or a sign that does not belong where it stands. The vendor counts its column from nothing, while it
/// counts those of names from one; of the first word and of the end it tells no place at all.
pub(crate) fn unexpected(text: &str, at: usize, token: &str) -> Refusal {
    let message = format!("unexpected token: '{token}'");
    if at == 0 || at >= text.len() {
        return malformed(message);
    }
    malformed(excerpt(text, at, 0, &message))
}

/// A character with which nothing begins.
pub(crate) fn no_alternative(text: &str, at: usize, character: char) -> Refusal {
    let (row, column) = place(text, at);
    let message = format!("line {row}:{column} no viable alternative at character '{character}'");
    malformed(excerpt(text, at, 0, &message))
}

/// What is said of a name or a value, with the place where it stands.
pub(crate) fn pointing(code: &'static str, text: &str, at: usize, message: &str) -> Refusal {
    refusal(code, excerpt(text, at, 1, message))
}

/// A field that there is not, or that the user may not see.
pub(crate) fn no_column(text: &str, at: usize, column: &str, object: &str) -> Refusal {
    let message = format!(
        "No such column '{column}' on entity '{object}'. If you are attempting to use a custom field, be sure to \
         append the '__c' after the custom field name. Please reference your WSDL or the describe call for the \
         appropriate names."
    );
    pointing("INVALID_FIELD", text, at, &message)
}

/// An object that there is not, or that the user may not see.
pub(crate) fn no_object(text: &str, at: usize, object: &str) -> Refusal {
    let message = format!(
        "sObject type '{object}' is not supported. If you are attempting to use a custom object, be sure to append \
         the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate \
         names."
    );
    pointing("INVALID_TYPE", text, at, &message)
}

/// A relationship that there is not. `part` is `field path` or `FROM part of query call`.
pub(crate) fn no_relationship(text: &str, at: usize, name: &str, part: &str) -> Refusal {
    let message = format!(
        "Didn't understand relationship '{name}' in {part}. If you are attempting to use a custom relationship, be \
         sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe \
         call for the appropriate names."
    );
    let code = if part == "field path" { "INVALID_FIELD" } else { "INVALID_TYPE" };
    pointing(code, text, at, &message)
}

/// The row, from one, and the column, from nothing.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count())
}

/// The message below the part of the query that it is about, with a caret under the place. `first`: the number of the
/// first column.
fn excerpt(text: &str, at: usize, first: usize, message: &str) -> String {
    let (row, column) = place(text, at);
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let start = words(&text[line_start..at])
        .map(|(from, _)| line_start + from)
        .find(|from| *from + BEFORE >= at && !text[*from..].starts_with([',', ')', '.']))
        .unwrap_or(at);
    let line_end = text[at..].find(['\n', '\r']).map_or(text.len(), |length| at + length);
    let end = words(&text[at..line_end]).nth(AFTER).map_or(line_end, |(_, to)| at + to);
    let shown = text.get(start..end).unwrap_or_default();
    let indent = (text.get(start..at).map_or(0, |before| before.chars().count()) + first).saturating_sub(1);
    format!("\n{shown}\n{}^\nERROR at Row:{row}:Column:{}\n{message}", " ".repeat(indent), column + first)
}

/// The words, the texts in quotes and the single signs of a piece of a query, from where to where.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].find(|letter: char| !letter.is_whitespace())?;
        let start = at;
        let rest = &text[start..];
        let letter = rest.chars().next()?;
        let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ':' | '+');
        let length = match letter {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |length| length + 2),
            letter if is_word(letter) => rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len()),
            '<' | '>' | '!' if rest[1..].starts_with(['=', '>']) => 2,
            letter => letter.len_utf8(),
        };
        at = start + length;
        Some((start, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column_of(text: &str, name: &str) -> usize {
        text.find(name).unwrap()
    }

    #[test]
    fn a_name_is_pointed_to_with_columns_from_one() {
        let text = "SELECT Bacon__c FROM Account LIMIT 2";
        let refusal = no_column(text, 7, "Bacon__c", "Account");
        assert_eq!(refusal.code, "INVALID_FIELD");
        assert!(
            refusal.message.starts_with(
                "\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\nNo such column"
            ),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn a_stray_word_is_pointed_to_with_columns_from_nothing() {
        let text = "SELECT Id, FROM Account";
        assert_eq!(
            unexpected(text, 11, "FROM").message,
            "\nSELECT Id, FROM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'"
        );
        let text = "select Id from Account where id = $sfid";
        assert_eq!(
            no_alternative(text, 34, '$').message,
            "\nselect Id from Account where id = $sfid\n                                 ^\nERROR at \
             Row:1:Column:34\nline 1:34 no viable alternative at character '$'"
        );
    }

    #[test]
    fn an_excerpt_ends_four_words_after_the_place_and_begins_at_a_word_before_it() {
        let text = "SELECT Id, ApiName, Status FROM FlowDefinition WHERE ApiName IN ('a')";
        let refusal = no_column(text, 11, "ApiName", "FlowDefinition");
        assert!(refusal.message.starts_with("\nSELECT Id, ApiName, Status FROM FlowDefinition\n           ^\nERROR"));
        let text = "SELECT Id, CreatedDate, (SELECT Id FROM Tasks) FROM Lead WHERE Email='emailid'";
        let refusal = no_object(text, column_of(text, "Lead"), "Lead");
        let expected = "\nCreatedDate, (SELECT Id FROM Tasks) FROM Lead WHERE Email='emailid'\n";
        assert!(refusal.message.starts_with(expected), "{}", refusal.message);
        assert!(refusal.message.contains("Column:53\n"));
    }

    #[test]
    fn a_place_in_the_midst_of_wide_letters_and_lines_is_no_danger() {
        let text = "SELECT Id\nFROM Ünknown\nWHERE x = 'ä'";
        let refusal = no_object(text, column_of(text, "Ü"), "Ünknown");
        assert!(refusal.message.contains("Row:2:Column:6"), "{}", refusal.message);
    }
}
