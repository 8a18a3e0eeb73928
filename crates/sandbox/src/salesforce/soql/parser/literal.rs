//! Literals.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::ast::{Literal, Written};
use super::super::dates::Span;
use super::super::lexer::{self, Kind, Token};
use super::super::words::{self, Verdict};
use super::Parser;

/// The longest text in quotes, in characters.
const LONGEST: usize = 4000;

impl Parser<'_> {
    /// Reads a literal. The vendor has bind variables (`:name`) only where its own language runs.
    pub(super) fn literal(&mut self) -> Verdict<Literal> {
        let token = self.peek();
        let value = match token.kind {
            Kind::Quoted => Some(Written::Text(self.quoted(token)?)),
            Kind::Figure => figure(token.text),
            Kind::Word => self.word(token),
            Kind::Sign | Kind::End => None,
        };
        let value = value.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(Literal { value, at: token.at })
    }

    fn quoted(&self, token: Token<'_>) -> Verdict<String> {
        let letters = lexer::letters(token.text)?;
        if letters.len() > LONGEST {
            let message = format!("The maximum length of a string literal in a WHERE clause is {LONGEST} characters.");
            return Err(words::pointing("MALFORMED_QUERY", self.text, token.at, &message));
        }
        Ok(letters.into_iter().map(|(letter, _)| letter).collect())
    }

    /// Reads a word; steps to the last token of what it begins.
    fn word(&mut self, token: Token<'_>) -> Option<Written> {
        match token.text.to_ascii_lowercase().as_str() {
            "null" => return Some(Written::Null),
            "true" => return Some(Written::Flag(true)),
            "false" => return Some(Written::Flag(false)),
            _ => {}
        }
        if Self::is_sign(self.ahead(1), ":") && self.ahead(2).kind == Kind::Figure {
            let span = Span::counted(token.text, self.ahead(2).text.parse().ok()?)?;
            self.next += 2;
            return Some(Written::Span(span));
        }
        Span::named(token.text).map(Written::Span).or_else(|| self.money(token))
    }

    /// An amount with its currency before it: `USD5000`, `EUR12.50`.
    fn money(&mut self, token: Token<'_>) -> Option<Written> {
        let (currency, amount) = token.text.split_at_checked(3)?;
        if !currency.bytes().all(|letter| letter.is_ascii_alphabetic())
            || !amount.starts_with(|digit: char| digit.is_ascii_digit())
        {
            return None;
        }
        let fraction = self.ahead(1);
        if fraction.text.starts_with('.') && fraction.kind == Kind::Figure && fraction.at == token.at + token.text.len()
        {
            let number = number(&format!("{amount}{}", fraction.text))?;
            self.next += 1;
            return Some(number);
        }
        number(amount)
    }
}

fn figure(text: &str) -> Option<Written> {
    let shape = text.as_bytes();
    let is_day = |shape: &[u8]| shape.get(4) == Some(&b'-') && shape.get(7) == Some(&b'-');
    if shape.len() == 10 && is_day(shape) {
        return text.parse::<Date>().ok().map(Written::Date);
    }
    if is_day(shape) && shape.get(10) == Some(&b'T') {
        return moment(text).map(Written::Moment);
    }
    number(text)
}

/// A moment has its seconds and its offset, or it is none.
fn moment(text: &str) -> Option<Timestamp> {
    let time = text.get(11..)?;
    let offset = time.find(['Z', '+', '-'])?;
    let seconds = time[..offset].split('.').next()?;
    if seconds.len() != 8 || !seconds.bytes().enumerate().all(|(at, byte)| (byte == b':') == matches!(at, 2 | 5)) {
        return None;
    }
    text.parse().ok()
}

fn number(text: &str) -> Option<Written> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || digits.matches('.').count() > 1 || !digits.contains(|digit: char| digit.is_ascii_digit()) {
        return None;
    }
    Decimal::from_str_exact(text.strip_prefix('+').unwrap_or(text)).ok().map(Written::Number)
}
