//! Oracle's date formats: `YYYY-MM-DD"T"HH24:MI:SS` and the like.

use jiff::civil::{Date, DateTime, Time};

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Year,
    ShortYear,
    Month,
    MonthName,
    ShortMonthName,
    Day,
    Hour24,
    Hour12,
    Minute,
    Second,
    Fraction,
    HalfDay,
    Quarter,
    ShortDayName,
    Literal(String),
}

const PIECES: [(&str, Piece); 17] = [
    ("YYYY", Piece::Year),
    ("YY", Piece::ShortYear),
    ("MONTH", Piece::MonthName),
    ("MON", Piece::ShortMonthName),
    ("MM", Piece::Month),
    ("MI", Piece::Minute),
    ("DD", Piece::Day),
    ("DY", Piece::ShortDayName),
    ("HH24", Piece::Hour24),
    ("HH12", Piece::Hour12),
    ("HH", Piece::Hour12),
    ("SS", Piece::Second),
    ("FF3", Piece::Fraction),
    ("FF", Piece::Fraction),
    ("AM", Piece::HalfDay),
    ("PM", Piece::HalfDay),
    ("Q", Piece::Quarter),
];

fn pieces(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (literal, after) = quoted.split_once('"')?;
            pieces.push(Piece::Literal(literal.to_owned()));
            rest = after;
            continue;
        }
        let upper = rest.to_ascii_uppercase();
        match PIECES.iter().find(|(name, _)| upper.starts_with(name)) {
            Some((name, piece)) => {
                pieces.push(piece.clone());
                rest = &rest[name.len()..];
            }
            None if first.is_ascii_alphanumeric() => return None,
            None => {
                pieces.push(Piece::Literal(first.to_string()));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Some(pieces)
}

/// Whether a format is understood.
pub(super) fn is_format(format: &str) -> bool {
    pieces(format).is_some()
}

/// Writes a moment.
pub(super) fn write(moment: DateTime, format: &str) -> Option<String> {
    let hour12 = match moment.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let text = pieces(format)?
        .into_iter()
        .map(|piece| match piece {
            Piece::Year => format!("{:04}", moment.year()),
            Piece::ShortYear => format!("{:02}", moment.year() % 100),
            Piece::Month => format!("{:02}", moment.month()),
            Piece::MonthName => format!("{:<9}", moment.strftime("%B").to_string().to_uppercase()),
            Piece::ShortMonthName => moment.strftime("%b").to_string().to_uppercase(),
            Piece::Day => format!("{:02}", moment.day()),
            Piece::Hour24 => format!("{:02}", moment.hour()),
            Piece::Hour12 => format!("{hour12:02}"),
            Piece::Minute => format!("{:02}", moment.minute()),
            Piece::Second => format!("{:02}", moment.second()),
            Piece::Fraction => "000".to_owned(),
            Piece::HalfDay => if moment.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            Piece::Quarter => ((moment.month() - 1) / 3 + 1).to_string(),
            Piece::ShortDayName => moment.strftime("%a").to_string().to_uppercase(),
            Piece::Literal(text) => text,
        })
        .collect();
    Some(text)
}

/// Reads a moment. As at Oracle a number may have fewer digits than its place.
pub(super) fn read(text: &str, format: &str) -> Option<DateTime> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (0_i16, 1_i8, 1_i8);
    let (mut hour, mut minute, mut second) = (0_i8, 0_i8, 0_i8);
    let mut afternoon = None;
    for piece in pieces(format)? {
        if rest.is_empty() {
            break;
        }
        match piece {
            Piece::Year => year = digits(&mut rest, 4)?,
            Piece::ShortYear => year = 2000 + digits::<i16>(&mut rest, 2)?,
            Piece::Month => month = digits(&mut rest, 2)?,
            Piece::Day => day = digits(&mut rest, 2)?,
            Piece::Hour24 | Piece::Hour12 => hour = digits(&mut rest, 2)?,
            Piece::Minute => minute = digits(&mut rest, 2)?,
            Piece::Second => second = digits(&mut rest, 2)?,
            Piece::Fraction => drop(digits::<i32>(&mut rest, 9)?),
            Piece::HalfDay => {
                let half = rest.get(..2)?;
                afternoon = Some(half.eq_ignore_ascii_case("PM"));
                rest = &rest[2..];
            }
            Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            Piece::MonthName | Piece::ShortMonthName | Piece::Quarter | Piece::ShortDayName => return None,
        }
    }
    let hour = match afternoon {
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    let date = Date::new(year, month, day).ok()?;
    let time = Time::new(hour, minute, second, 0).ok()?;
    rest.is_empty().then(|| date.to_datetime(time))
}

fn digits<T: std::str::FromStr>(rest: &mut &str, most: usize) -> Option<T> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number = rest.get(..count)?.parse().ok()?;
    *rest = &rest[count..];
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_goes_through_the_formats_that_clients_use() {
        for (format, text) in [
            ("YYYY-MM-DD\"T\"HH24:MI:SS", "2026-11-20T09:05:07"),
            ("yyyy-mm-dd hh24:mi:ss", "2026-11-20 09:05:07"),
            ("MM/DD/YYYY HH:MI:SS AM", "11/20/2026 09:05:07 AM"),
        ] {
            let moment = read(text, format).unwrap();
            assert_eq!(moment.to_string(), "2026-11-20T09:05:07");
            assert_eq!(write(moment, format).unwrap(), text);
        }
    }

    #[test]
    fn what_does_not_fit_the_format_is_not_read() {
        assert!(read("20.11.2026", "YYYY-MM-DD").is_none());
        assert!(read("2026-11-20T10", "YYYY-MM-DD").is_none());
        assert!(!is_format("YYYY-XX"));
    }
}
