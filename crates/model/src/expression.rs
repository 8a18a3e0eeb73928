//! Expressions in flow files: Rhai with exact decimals and without floats.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::LazyLock;

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
    LogicPackage, MoreStringPackage, Package,
};
use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Scope};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

use crate::value::{Record, Value};

/// A compiled expression over a source record: `Status == "Canceled"`, `Amount - TaxAmount`,
/// `account.SynctoNetSuite__NS != "No"`.
///
/// Every number is a decimal: `0.1 + 0.2` is `0.3` and `1 / 4` is `0.25`. An empty field is `()`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Expression {
    text: String,
    compiled: AST,
    paths: BTreeSet<String>,
}

/// An expression that cannot be compiled, or failed on a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the expression `{expression}` {problem}")]
pub struct ExpressionError {
    /// The expression's text.
    pub expression: String,
    /// What is wrong, with the place in the text.
    pub problem: String,
}

/// How many operations an expression may take: a flow file cannot hang a run.
const OPERATIONS_MAX: u64 = 10_000;
/// How many entries a list, a map or a block of bytes may have: a flow file cannot take all memory. A list that is added
/// to itself in a loop doubles with each operation.
const ENTRIES_MAX: usize = 1_000;
/// How many names an expression may give, and how deep it may call itself.
const VARIABLES_MAX: usize = 32;
const CALLS_MAX: usize = 8;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    // Not all of the standard library: its core can wait for as long as it is told to, and a block of bytes serves nobody.
    let mut engine = Engine::new_raw();
    engine.register_global_module(ArithmeticPackage::new().as_shared_module());
    engine.register_global_module(LogicPackage::new().as_shared_module());
    engine.register_global_module(BasicMathPackage::new().as_shared_module());
    engine.register_global_module(MoreStringPackage::new().as_shared_module());
    engine.register_global_module(BasicStringPackage::new().as_shared_module());
    engine.register_global_module(BasicIteratorPackage::new().as_shared_module());
    engine.register_global_module(BasicArrayPackage::new().as_shared_module());
    engine.register_global_module(BasicMapPackage::new().as_shared_module());
    engine.set_max_operations(OPERATIONS_MAX).set_max_expr_depths(32, 32).set_max_string_size(100_000);
    engine.set_max_array_size(ENTRIES_MAX).set_max_map_size(ENTRIES_MAX);
    engine.set_max_variables(VARIABLES_MAX).set_max_call_levels(CALLS_MAX);
    engine.disable_symbol("eval").disable_symbol("print").disable_symbol("debug");
    // Rhai's own integer division would make 1 / 4 zero.
    engine.set_fast_operators(false);
    engine.register_fn("/", |a: i64, b: i64| divide(Decimal::from(a), Decimal::from(b)));
    engine.register_fn("/", divide);
    engine.register_fn("/", |a: Decimal, b: i64| divide(a, Decimal::from(b)));
    engine.register_fn("/", |a: i64, b: Decimal| divide(Decimal::from(a), b));
    engine.register_fn("round", |number: Decimal, places: i64| {
        number.round_dp_with_strategy(u32::try_from(places).unwrap_or(0), RoundingStrategy::MidpointAwayFromZero)
    });
    engine
});

fn divide(a: Decimal, b: Decimal) -> Result<Decimal, Box<EvalAltResult>> {
    a.checked_div(b).ok_or_else(|| "division by zero".into())
}

impl Expression {
    /// The dotted paths of the source record that the expression reads.
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// The expression's value for a record.
    pub fn evaluate(&self, record: &Record) -> Result<Value, ExpressionError> {
        let mut scope = Scope::new();
        for (name, value) in self.variables(record) {
            scope.push_dynamic(name, value);
        }
        let result = ENGINE.eval_ast_with_scope::<Dynamic>(&mut scope, &self.compiled);
        match result {
            Ok(value) => from_dynamic(&value).ok_or_else(|| self.failed(format!("gives a {}", value.type_name()))),
            Err(error) => Err(self.failed(format!("fails: {error}"))),
        }
    }

    /// Whether the expression holds for a record. Anything but `true` and `false` is an error.
    pub fn holds(&self, record: &Record) -> Result<bool, ExpressionError> {
        match self.evaluate(record)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(self.failed(format!("gives `{other}`, neither true nor false"))),
        }
    }

    fn failed(&self, problem: String) -> ExpressionError {
        ExpressionError { expression: self.text.clone(), problem }
    }

    fn variables(&self, record: &Record) -> Vec<(String, Dynamic)> {
        let mut nested: Vec<(String, Map)> = Vec::new();
        let mut plain = Vec::new();
        for path in &self.paths {
            let value = to_dynamic(record.at(path));
            match path.split_once('.') {
                None => plain.push((path.clone(), value)),
                Some((first, rest)) => match nested.iter_mut().find(|(name, _)| name == first) {
                    Some((_, map)) => insert(map, rest, value),
                    None => {
                        let mut map = Map::new();
                        insert(&mut map, rest, value);
                        nested.push((first.to_owned(), map));
                    }
                },
            }
        }
        plain.extend(nested.into_iter().map(|(name, map)| (name, Dynamic::from_map(map))));
        plain
    }
}

fn insert(map: &mut Map, path: &str, value: Dynamic) {
    match path.split_once('.') {
        None => {
            map.insert(path.into(), value);
        }
        Some((first, rest)) => {
            let mut inner = map.remove(first).and_then(Dynamic::try_cast::<Map>).unwrap_or_default();
            insert(&mut inner, rest, value);
            map.insert(first.into(), Dynamic::from_map(inner));
        }
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let failed = |problem| ExpressionError { expression: text.to_owned(), problem };
        let compiled = ENGINE.compile_expression(text).map_err(|error| failed(format!("cannot be read: {error}")))?;
        Ok(Self { text: text.to_owned(), compiled, paths: paths(text) })
    }
}

impl TryFrom<String> for Expression {
    type Error = ExpressionError;

    fn try_from(text: String) -> Result<Self, ExpressionError> {
        text.parse()
    }
}

/// The names and dotted paths in an expression that are neither words of the language nor functions.
fn paths(text: &str) -> BTreeSet<String> {
    const WORDS: [&str; 8] = ["true", "false", "if", "else", "let", "in", "switch", "return"];
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' || letter == '`' {
            rest = after_string(&rest[1..], letter);
        } else if letter.is_alphabetic() || letter == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let called = after.trim_start().starts_with('(');
            // `Amount.abs()` reads `Amount`; `abs(Amount)` reads nothing by the name of `abs`.
            let path = if called { name.rsplit_once('.').map(|(path, _)| path) } else { Some(name) };
            found.extend(path.filter(|path| !WORDS.contains(path)).map(str::to_owned));
            rest = after;
        } else if letter.is_ascii_digit() {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            rest = &rest[end..];
        } else {
            rest = &rest[letter.len_utf8()..];
        }
    }
    found
}

fn after_string(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (position, letter) in text.char_indices() {
        match letter {
            '\\' if !escaped => escaped = true,
            _ if letter == quote && !escaped => return &text[position + letter.len_utf8()..],
            _ => escaped = false,
        }
    }
    ""
}

fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(truth) => Dynamic::from_bool(*truth),
        Value::Number(number) => Dynamic::from_decimal(*number),
        Value::Text(text) | Value::Reference(text) => text.as_str().into(),
        Value::Record(record) => {
            Dynamic::from_map(record.iter().map(|(name, value)| (name.as_str().into(), to_dynamic(value))).collect())
        }
        Value::List(records) => Dynamic::from_decimal(Decimal::from(records.len())),
    }
}

fn from_dynamic(value: &Dynamic) -> Option<Value> {
    if value.is_unit() {
        return Some(Value::Null);
    }
    value
        .as_bool()
        .map(Value::Bool)
        .or_else(|_| value.as_decimal().map(Value::Number))
        .or_else(|_| value.as_int().map(|number| Value::Number(Decimal::from(number))))
        .or_else(|_| value.clone().into_string().map(Value::text))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::default();
        record.set("Status", Value::text("Canceled"));
        record.set("Amount", Value::Number("0.1".parse().unwrap()));
        record.set("Tax", Value::Number("0.2".parse().unwrap()));
        record.set_at("account.Currency", Value::text("GBP"));
        record
    }

    fn value_of(expression: &str) -> String {
        expression.parse::<Expression>().unwrap().evaluate(&record()).unwrap().show()
    }

    #[test]
    fn a_tenth_and_two_tenths_are_three_tenths() {
        assert_eq!(value_of("Amount + Tax"), "0.3");
        assert_eq!(value_of("0.1 + 0.2"), "0.3");
    }

    #[test]
    fn an_integer_division_keeps_its_fraction() {
        assert_eq!(value_of("1 / 4"), "0.25");
        assert_eq!(value_of("Amount / 4"), "0.025");
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(value_of("round(2.345, 2)"), "2.35");
        assert_eq!(value_of("round(-2.345, 2)"), "-2.35");
    }

    #[test]
    fn an_empty_field_compares_and_does_not_fail() {
        assert_eq!(value_of(r#"account.SynctoNetSuite__NS != "No""#), "true");
        assert_eq!(value_of(r#"Status == "Canceled" && account.Currency == "GBP""#), "true");
    }

    #[test]
    fn the_fields_that_an_expression_reads_are_known_before_it_runs() {
        let expression: Expression =
            r#"if Status == "a.b" { Amount.abs() } else { round(account.Total, 2) }"#.parse().unwrap();
        let paths: Vec<_> = expression.paths().iter().map(String::as_str).collect();
        assert_eq!(paths, ["Amount", "Status", "account.Total"]);
    }

    #[test]
    fn an_expression_that_cannot_be_read_names_the_place() {
        let error = "Amount +".parse::<Expression>().unwrap_err().to_string();
        assert!(error.contains("Amount +") && error.contains("line 1"), "{error}");
    }

    #[test]
    fn a_division_by_zero_is_an_error_and_not_a_panic() {
        let error = "Amount / 0".parse::<Expression>().unwrap().evaluate(&record()).unwrap_err();
        assert!(error.to_string().contains("division by zero"), "{error}");
    }

    #[test]
    fn an_expression_that_would_wait_loop_or_swell_without_end_is_refused() {
        let unending = [
            "sleep(9000)",
            "{ let x = [1]; loop { x += x } }",
            "{ let x = [1]; for i in 0..100 { x += x } x.len() }",
            "[].pad(1000000000, 1).len()",
            "\"x\".pad(1000000000, \"y\")",
            "blob(99999999999999).len()",
            "{ let x = \"xxxxxxxxxx\"; for i in 0..60 { x += x } x }",
            "{ let x = 0; while true { x += 1 } }",
            "(0..9000000000).len() + [0..9000000000].map(|x| x).len() + 9 ** 9 ** 9 ** 9",
        ];
        for text in unending {
            let outcome = text.parse::<Expression>().and_then(|expression| expression.evaluate(&record()));
            let error = outcome.expect_err(text).to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_condition_must_be_true_or_false() {
        assert!("Amount".parse::<Expression>().unwrap().holds(&record()).is_err());
    }
}
