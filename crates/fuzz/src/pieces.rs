//! What can be taken out of a text, put elsewhere, repeated, nested: words, quoted texts, and what stands in brackets.
//! That much is common to JSON, TOML, the query languages, expressions, headers and tables.

use std::ops::Range;

/// The pieces of a text, in the order of their beginnings; a piece in brackets comes before what it holds.
pub(crate) fn pieces(text: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = match byte {
            b'"' | b'\'' => after_quote(text, at),
            b'(' | b'[' | b'{' => {
                open.push((closing(byte), found.len()));
                // Its end is known when it comes.
                found.push(at..at);
                at + 1
            }
            b')' | b']' | b'}' => {
                if let Some((_, piece)) = open.pop_if(|(closing, _)| *closing == byte) {
                    found[piece].end = at + 1;
                }
                at + 1
            }
            byte if is_of_a_word(byte) => {
                text[at..].iter().position(|&byte| !is_of_a_word(byte)).map_or(text.len(), |length| at + length)
            }
            _ => at + 1,
        };
        if is_of_a_word(byte) || byte == b'"' || byte == b'\'' {
            found.push(at..end);
        }
        at = end;
    }
    found.retain(|piece| !piece.is_empty());
    found
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.') || byte >= 0x80
}

fn closing(opening: u8) -> u8 {
    match opening {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// The place behind a quoted text; behind the quote itself, if nothing ends it.
fn after_quote(text: &[u8], at: usize) -> usize {
    let mut place = at + 1;
    while let Some(&byte) = text.get(place) {
        match byte {
            b'\\' => place += 2,
            _ if byte == text[at] => return place + 1,
            _ => place += 1,
        }
    }
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quoted_texts_and_brackets_are_pieces() {
        let text = br#"{"a\"b": [1, -2.5e3]} x = 'y"#;
        let found: Vec<&str> =
            pieces(text).into_iter().map(|piece| std::str::from_utf8(&text[piece]).unwrap()).collect();
        assert_eq!(found, [r#"{"a\"b": [1, -2.5e3]}"#, r#""a\"b""#, "[1, -2.5e3]", "1", "-2.5e3", "x", "'", "y"]);
        assert_eq!(pieces(b"([)] \xff\\"), [1..4, 5..6]);
    }
}
