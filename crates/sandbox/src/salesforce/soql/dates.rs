//! Spans of days by their names: `TODAY`, `LAST_N_DAYS:7`, `THIS_FISCAL_QUARTER`.

use jiff::civil::{Date, date};
use jiff::{Span as Length, ToSpan};

/// A span of days by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    unit: Unit,
    which: Which,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which of the units, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The one so many ahead.
    At(i32),
    /// So many up to the present one: days include today, others do not.
    Last(i32),
    /// So many behind the present one.
    Next(i32),
    /// The one so many ago.
    Ago(i32),
}

impl Span {
    /// A name without a number.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let at = |unit, offset| Some(Self { unit, which: Which::At(offset) });
        match name.as_str() {
            "YESTERDAY" => return at(Unit::Day, -1),
            "TODAY" => return at(Unit::Day, 0),
            "TOMORROW" => return at(Unit::Day, 1),
            "LAST_90_DAYS" => return Some(Self { unit: Unit::Day, which: Which::Last(90) }),
            "NEXT_90_DAYS" => return Some(Self { unit: Unit::Day, which: Which::Next(90) }),
            _ => {}
        }
        let (offset, unit) = match name.split_once('_')? {
            ("LAST", unit) => (-1, unit),
            ("THIS", unit) => (0, unit),
            ("NEXT", unit) => (1, unit),
            _ => return None,
        };
        // The fiscal year of the emulated org is the calendar's.
        at(Unit::named(unit.strip_prefix("FISCAL_").unwrap_or(unit)).filter(|unit| *unit != Unit::Day)?, offset)
    }

    /// A name with a number behind a colon.
    pub(crate) fn counted(name: &str, count: i32) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        if let Some(unit) = name.strip_prefix("N_").and_then(|rest| rest.strip_suffix("S_AGO")) {
            let unit = Unit::named(unit.strip_prefix("FISCAL_").unwrap_or(unit))?;
            return Some(Self { unit, which: Which::Ago(count) });
        }
        let (which, unit) = match name.split_once("_N_")? {
            ("LAST", unit) => (Which::Last(count), unit),
            ("NEXT", unit) => (Which::Next(count), unit),
            _ => return None,
        };
        let unit = unit.strip_prefix("FISCAL_").unwrap_or(unit).strip_suffix('S')?;
        Some(Self { unit: Unit::named(unit)?, which })
    }

    /// The first day, and the day behind the last. Beyond the calendar there are none.
    pub(crate) fn days(self, today: Date) -> (Date, Date) {
        let start = self.unit.start(today);
        let ahead = |count: i32| self.unit.ahead(start, count);
        match (self.which, self.unit) {
            (Which::At(offset), _) => (ahead(offset), ahead(offset.saturating_add(1))),
            (Which::Ago(count), _) => (ahead(count.saturating_neg()), ahead(1_i32.saturating_sub(count))),
            (Which::Last(count), Unit::Day) => (ahead(count.saturating_neg()), ahead(1)),
            (Which::Last(count), _) => (ahead(count.saturating_neg()), start),
            (Which::Next(count), _) => (ahead(1), ahead(count.saturating_add(1))),
        }
    }
}

impl Unit {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "DAY" => Self::Day,
            "WEEK" => Self::Week,
            "MONTH" => Self::Month,
            "QUARTER" => Self::Quarter,
            "YEAR" => Self::Year,
            _ => return None,
        })
    }

    /// The first day of the unit that a day lies in. Weeks begin on Sunday, as the vendor's do in the United States.
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => shifted(day, i64::from(day.weekday().to_sunday_zero_offset()).saturating_neg().days()),
            Self::Month => day.first_of_month(),
            Self::Quarter => date(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
            Self::Year => day.first_of_year(),
        }
    }

    /// The day so many units ahead.
    fn ahead(self, day: Date, count: i32) -> Date {
        // No calendar goes further: what asks for more gets its end.
        let count = i64::from(count.clamp(-1_000_000, 1_000_000));
        let years = i64::from(i16::MAX);
        shifted(
            day,
            match self {
                Self::Day => count.days(),
                Self::Week => count.weeks(),
                Self::Month => count.clamp(-years, years).months(),
                Self::Quarter => (count.clamp(-years, years) * 3).months(),
                Self::Year => count.clamp(-9_999, 9_999).years(),
            },
        )
    }
}

fn shifted(day: Date, length: Length) -> Date {
    day.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday.
    const TODAY: Date = date(2026, 2, 11);

    fn days(name: &str) -> String {
        let span = match name.split_once(':') {
            Some((name, count)) => Span::counted(name, count.parse().unwrap()),
            None => Span::named(name),
        };
        let (from, to) = span.unwrap().days(TODAY);
        format!("{from} {to}")
    }

    #[test]
    fn spans_lie_where_the_vendor_says() {
        for (name, expected) in [
            ("TODAY", "2026-02-11 2026-02-12"),
            ("yesterday", "2026-02-10 2026-02-11"),
            ("LAST_WEEK", "2026-02-01 2026-02-08"),
            ("THIS_WEEK", "2026-02-08 2026-02-15"),
            ("NEXT_MONTH", "2026-03-01 2026-04-01"),
            ("LAST_QUARTER", "2025-10-01 2026-01-01"),
            ("THIS_FISCAL_YEAR", "2026-01-01 2027-01-01"),
            ("LAST_90_DAYS", "2025-11-13 2026-02-12"),
            ("LAST_N_DAYS:7", "2026-02-04 2026-02-12"),
            ("NEXT_N_DAYS:3", "2026-02-12 2026-02-15"),
            ("LAST_N_MONTHS:2", "2025-12-01 2026-02-01"),
            ("N_DAYS_AGO:2", "2026-02-09 2026-02-10"),
            ("N_FISCAL_QUARTERS_AGO:1", "2025-10-01 2026-01-01"),
        ] {
            assert_eq!(days(name), expected, "{name}");
        }
    }

    #[test]
    fn a_span_beyond_the_calendar_ends_where_the_calendar_ends() {
        for name in ["LAST_N_DAYS:2147483647", "NEXT_N_YEARS:2147483647", "N_MONTHS_AGO:-2147483648"] {
            assert!(!days(name).is_empty());
        }
    }

    #[test]
    fn other_words_are_no_spans() {
        for name in ["LAST_DAY", "SOMEDAY", "LAST_", "N_DAYS_AGO"] {
            assert_eq!(Span::named(name), None, "{name}");
        }
        assert_eq!(Span::counted("TODAY", 1), None);
    }
}
