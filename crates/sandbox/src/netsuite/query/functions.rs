//! The functions of SuiteQL.

use jiff::civil::DateTime;
use jiff::{Span, ToSpan};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::term::{Scope, Term, round};
use super::value::Sql;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    AddMonths,
    Coalesce,
    Concat,
    Decode,
    Greatest,
    Instr,
    LastDay,
    Least,
    Length,
    Lower,
    Nullif,
    Nvl,
    Nvl2,
    Replace,
    Round,
    Substr,
    ToChar,
    ToDate,
    ToNumber,
    Trim,
    Trunc,
    Upper,
}

/// Functions that the vendor lists for SuiteQL and the emulator does not have.
const ELSEWHERE: &[&str] = &[
    "ACOS",
    "APPROX_COUNT_DISTINCT",
    "ASCII",
    "ASIN",
    "ATAN",
    "ATAN2",
    "CEIL",
    "CHR",
    "CORR",
    "COS",
    "COSH",
    "DENSE_RANK",
    "EXP",
    "FLOOR",
    "FIRST_VALUE",
    "INITCAP",
    "LAG",
    "LEAD",
    "LISTAGG",
    "LN",
    "LOG",
    "LPAD",
    "LTRIM",
    "MEDIAN",
    "MOD",
    "MONTHS_BETWEEN",
    "NEXT_DAY",
    "NULLS",
    "ORA_HASH",
    "POWER",
    "RANK",
    "REGEXP_INSTR",
    "REGEXP_REPLACE",
    "REGEXP_SUBSTR",
    "REGEXP_LIKE",
    "ROW_NUMBER",
    "RPAD",
    "RTRIM",
    "SIGN",
    "SIN",
    "SQRT",
    "STDDEV",
    "TAN",
    "TO_CLOB",
    "TO_TIMESTAMP",
    "TRANSLATE",
    "UNISTR",
    "VARIANCE",
    "XMLAGG",
    "BUILTIN.CONSOLIDATE",
    "BUILTIN.CURRENCY",
    "BUILTIN.CURRENCY_CONVERT",
    "BUILTIN.CF",
    "BUILTIN.HIERARCHY",
    "BUILTIN.MNFILTER",
    "BUILTIN.NAMED_GROUP",
    "BUILTIN.PERIOD",
    "BUILTIN.RELATIVE_RANGES",
];

/// Whether the vendor has a function that is not emulated.
pub(super) fn is_known_elsewhere(name: &str) -> bool {
    ELSEWHERE.contains(&name)
}

/// A function by its name in capitals, with the numbers of arguments it takes.
pub(super) fn named(name: &str) -> Option<(Function, std::ops::RangeInclusive<usize>)> {
    Some(match name {
        "ABS" => (Function::Abs, 1..=1),
        "ADD_MONTHS" => (Function::AddMonths, 2..=2),
        "COALESCE" => (Function::Coalesce, 1..=64),
        "CONCAT" => (Function::Concat, 2..=2),
        "DECODE" => (Function::Decode, 3..=255),
        "GREATEST" => (Function::Greatest, 1..=64),
        "INSTR" => (Function::Instr, 2..=2),
        "LAST_DAY" => (Function::LastDay, 1..=1),
        "LEAST" => (Function::Least, 1..=64),
        "LENGTH" => (Function::Length, 1..=1),
        "LOWER" => (Function::Lower, 1..=1),
        "NULLIF" => (Function::Nullif, 2..=2),
        "NVL" => (Function::Nvl, 2..=2),
        "NVL2" => (Function::Nvl2, 3..=3),
        "REPLACE" => (Function::Replace, 2..=3),
        "ROUND" => (Function::Round, 1..=2),
        "SUBSTR" => (Function::Substr, 2..=3),
        "TO_CHAR" => (Function::ToChar, 1..=2),
        "TO_DATE" => (Function::ToDate, 1..=2),
        "TO_NUMBER" => (Function::ToNumber, 1..=1),
        "TRIM" => (Function::Trim, 1..=1),
        "TRUNC" => (Function::Trunc, 1..=2),
        "UPPER" => (Function::Upper, 1..=1),
        _ => return None,
    })
}

/// Calls a function; the number of arguments was checked before.
pub(super) fn call<'a>(function: Function, arguments: &'a [Term], scope: &Scope<'a>) -> Sql<'a> {
    let value = |at: usize| arguments.get(at).map_or(Sql::Null, |term| term.value(scope));
    let text = |at: usize| value(at).show();
    let made = |text: Option<String>| text.map_or(Sql::Null, Sql::text);
    match function {
        Function::Abs => value(0).number().map_or(Sql::Null, |number| Sql::Number(number.abs())),
        Function::Coalesce | Function::Nvl => {
            arguments.iter().map(|term| term.value(scope)).find(|value| !value.is_null()).unwrap_or(Sql::Null)
        }
        Function::Nvl2 => {
            if value(0).is_null() {
                value(2)
            } else {
                value(1)
            }
        }
        Function::Nullif => {
            if value(0).compare(&value(1)) == Some(std::cmp::Ordering::Equal) {
                Sql::Null
            } else {
                value(0)
            }
        }
        Function::Concat => Sql::text(format!("{}{}", text(0).unwrap_or_default(), text(1).unwrap_or_default())),
        Function::Decode => decode(arguments, scope),
        Function::Greatest => extreme(arguments, scope, std::cmp::Ordering::Greater),
        Function::Least => extreme(arguments, scope, std::cmp::Ordering::Less),
        Function::Length => {
            text(0).map_or(Sql::Null, |text| Sql::integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)))
        }
        Function::Lower => made(text(0).map(|text| text.to_lowercase())),
        Function::Upper => made(text(0).map(|text| text.to_uppercase())),
        Function::Trim => made(text(0).map(|text| text.trim().to_owned())),
        Function::Replace => made(text(0).map(|own| match text(1) {
            Some(from) => own.replace(&from, &text(2).unwrap_or_default()),
            None => own,
        })),
        Function::Instr => match (text(0), text(1)) {
            (Some(own), Some(part)) => {
                let at = own.find(&part).map_or(0, |at| own[..at].chars().count() + 1);
                Sql::integer(i64::try_from(at).unwrap_or(0))
            }
            _ => Sql::Null,
        },
        Function::Substr => made(
            text(0)
                .and_then(|own| substr(&own, value(1).number()?.to_i64()?, value(2).number().and_then(|n| n.to_i64()))),
        ),
        Function::Round | Function::Trunc => round_or_cut(function, &value(0), &value(1)),
        Function::ToNumber => value(0).number().map_or(Sql::Null, Sql::Number),
        Function::ToChar => match (value(0).moment().filter(|_| !matches!(value(0), Sql::Text(_))), text(1)) {
            (Some(moment), Some(format)) => made(super::format::write(moment, &format)),
            _ => made(text(0)),
        },
        Function::ToDate => match (text(0), text(1)) {
            (Some(own), Some(format)) => super::format::read(&own, &format).map_or(Sql::Null, Sql::Moment),
            (Some(own), None) => Sql::text(own).moment().map_or(Sql::Null, Sql::Moment),
            _ => Sql::Null,
        },
        Function::AddMonths => match (value(0).moment(), value(1).number().and_then(|number| number.to_i64())) {
            (Some(moment), Some(months)) => shifted(moment, months.months()),
            _ => Sql::Null,
        },
        Function::LastDay => value(0).moment().map_or(Sql::Null, |moment| Sql::Date(moment.date().last_of_month())),
    }
}

fn shifted<'a>(moment: DateTime, span: Span) -> Sql<'a> {
    moment.checked_add(span).map_or(Sql::Null, Sql::Moment)
}

fn extreme<'a>(arguments: &'a [Term], scope: &Scope<'a>, wanted: std::cmp::Ordering) -> Sql<'a> {
    let mut best = Sql::Null;
    for term in arguments {
        let value = term.value(scope);
        if value.is_null() {
            return Sql::Null;
        }
        if best.is_null() || value.compare(&best) == Some(wanted) {
            best = value;
        }
    }
    best
}

fn decode<'a>(arguments: &'a [Term], scope: &Scope<'a>) -> Sql<'a> {
    let own = arguments.first().map_or(Sql::Null, |term| term.value(scope));
    let rest = arguments.get(1..).unwrap_or_default();
    for pair in rest.chunks_exact(2) {
        let wanted = pair[0].value(scope);
        if (own.is_null() && wanted.is_null()) || own.compare(&wanted) == Some(std::cmp::Ordering::Equal) {
            return pair[1].value(scope);
        }
    }
    match rest.len() % 2 {
        1 => rest.last().map_or(Sql::Null, |term| term.value(scope)),
        _ => Sql::Null,
    }
}

/// Positions count from 1, and from the end if negative.
fn substr(text: &str, start: i64, length: Option<i64>) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let count = i64::try_from(letters.len()).ok()?;
    let from = match start {
        0 => 0,
        start if start > 0 => start - 1,
        start => (count + start).max(0),
    };
    let to = length.map_or(count, |length| from.saturating_add(length.max(0))).min(count);
    let range = usize::try_from(from).ok()?..usize::try_from(to.max(from)).ok()?;
    letters.get(range).map(|letters| letters.iter().collect())
}

fn round_or_cut<'a>(function: Function, value: &Sql<'a>, places: &Sql<'a>) -> Sql<'a> {
    if let (Function::Trunc, Sql::Date(_) | Sql::Moment(_)) = (function, value) {
        let unit = places.show().unwrap_or_default().to_ascii_uppercase();
        return value.moment().map_or(Sql::Null, |moment| match unit.as_str() {
            "MM" | "MONTH" => Sql::Date(moment.date().first_of_month()),
            "YYYY" | "YEAR" => Sql::Date(moment.date().first_of_year()),
            _ => Sql::Date(moment.date()),
        });
    }
    let places = places.number().unwrap_or(Decimal::ZERO).to_u32().unwrap_or(0);
    match (value.number(), function) {
        (Some(number), Function::Trunc) => Sql::Number(number.trunc_with_scale(places)),
        (Some(number), _) => Sql::Number(round(number, places)),
        (None, _) => Sql::Null,
    }
}
