//! From the text of a query to its words and signs.

use super::words::{self, Refusal, Verdict};

/// A piece of a query and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// As it was written; a text in quotes with its quotes. Empty at the end.
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// What a piece of a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name.
    Word,
    /// What begins with a digit: a number, a day, a moment.
    Figure,
    /// A text in quotes.
    Quoted,
    /// A sign.
    Sign,
    /// The end.
    End,
}

/// Cuts a query up. The last token is the end.
pub(super) fn tokens(text: &str) -> Verdict<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(gap) = text[at..].find(|letter: char| !letter.is_ascii_whitespace()) {
        at += gap;
        let (kind, length) = token(text, at)?;
        tokens.push(Token { kind, text: &text[at..at + length], at });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, text: "", at: text.len() });
    Ok(tokens)
}

fn token(text: &str, at: usize) -> Verdict<(Kind, usize)> {
    let rest = &text[at..];
    let mut letters = rest.chars();
    let first = letters.next().unwrap_or(' ');
    let second = letters.next().unwrap_or(' ');
    let until = |is: fn(char) -> bool| rest[1..].find(|letter| !is(letter)).map_or(rest.len(), |length| length + 1);
    let figure = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | ':' | '-' | '+');
    Ok(match first {
        'a'..='z' | 'A'..='Z' | '_' => (Kind::Word, until(|letter| letter.is_ascii_alphanumeric() || letter == '_')),
        '0'..='9' => (Kind::Figure, until(figure)),
        '+' | '-' if second.is_ascii_digit() || second == '.' => (Kind::Figure, until(figure)),
        '.' if second.is_ascii_digit() => (Kind::Figure, until(figure)),
        '\'' => (Kind::Quoted, quoted(text, at)?),
        '<' | '>' | '!' if second == '=' => (Kind::Sign, 2),
        '<' if second == '>' => (Kind::Sign, 2),
        '<' | '>' | '=' | '(' | ')' | ',' | '.' | ':' | '*' => (Kind::Sign, 1),
        other => return Err(words::no_alternative(text, at, other)),
    })
}

/// The length of a text in quotes, with its quotes.
fn quoted(text: &str, at: usize) -> Verdict<usize> {
    let mut letters = text[at..].char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\'' => return Ok(place + 1),
            '\\' => drop(letters.next()),
            _ => {}
        }
    }
    let column = text[..at].chars().count();
    Err(words::malformed(format!("line 1:{column} mismatched character '<EOF>' expecting '''")))
}

/// A character of a text in quotes, and whether it stood behind a backslash.
type Letter = (char, bool);

/// The characters of a text in quotes, with its escapes undone. They are told apart for `LIKE`, where a per cent sign
/// means itself only behind a backslash.
pub(super) fn letters(quoted: &str) -> Verdict<Vec<Letter>> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut letters = inner.chars();
    let mut result = Vec::with_capacity(inner.len());
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            result.push((letter, false));
            continue;
        }
        let escape = letters.next().unwrap_or('\\');
        let meant = match escape {
            'n' | 'N' => '\n',
            'r' | 'R' => '\r',
            't' | 'T' => '\t',
            'b' | 'B' => '\u{8}',
            'f' | 'F' => '\u{c}',
            '\'' | '"' | '\\' | '%' | '_' => escape,
            'u' => wide(&mut letters).ok_or_else(|| illegal(inner, escape))?,
            other => return Err(illegal(inner, other)),
        };
        result.push((meant, true));
    }
    Ok(result)
}

/// The character behind `\u`; halves of a pair are joined.
fn wide(letters: &mut std::str::Chars<'_>) -> Option<char> {
    let first = unit(letters)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    if letters.next()? != '\\' || letters.next()? != 'u' {
        return None;
    }
    char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(unit(letters)?).ok()?]).next()?.ok()
}

fn unit(letters: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |number, _| Some(number * 16 + letters.next()?.to_digit(16)?))
}

fn illegal(inner: &str, escape: char) -> Refusal {
    words::malformed(format!(
        "Invalid string literal '{inner}'. Illegal character sequence '\\{escape}' in string literal."
    ))
}

/// The characters of the text in quotes that begins at a place.
pub(super) fn letters_at(text: &str, at: usize) -> Verdict<Vec<Letter>> {
    let length = quoted(text, at)?;
    letters(text.get(at..at + length).unwrap_or_default())
}
