//! The rules that are set, as the control API tells them.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{Armed, Faults, When, kinds};
use crate::clock::lock;

impl Faults {
    /// All rules in the order in which they were set. `seen` tells how many calls matched a rule while it was in force,
    /// and `struck` how many of them it struck.
    pub fn list(&self) -> Vec<Value> {
        let rules = lock(&self.rules);
        let age = rules.age(self.clock.now());
        rules.armed.iter().map(|armed| tell(armed, age)).collect()
    }
}

fn tell(armed: &Armed, age: u64) -> Value {
    let rule = &armed.rule;
    let (kind, status) = kinds::name(rule.kind);
    let mut told = Map::from_iter([("kind".to_owned(), json!(kind))]);
    let mut tell = |name: &str, value: Option<Value>| told.extend(value.map(|value| (name.to_owned(), value)));
    tell("status", status.map(Value::from));
    tell("method", rule.method.clone().map(Value::from));
    tell("path", rule.path.clone().map(Value::from));
    match rule.when {
        When::Always => {}
        When::Nth(n) => tell("nth", Some(n.into())),
        When::Every(k) => tell("every", Some(k.into())),
        When::PerMillion { chance, seed } => {
            let percent = (Decimal::from(chance) / Decimal::from(10_000)).normalize().to_string();
            tell("percent", serde_json::from_str(&percent).ok());
            tell("seed", Some(seed.into()));
        }
    }
    tell("ms", (rule.milliseconds > 0).then(|| rule.milliseconds.into()));
    tell("from", (rule.from > 0).then(|| rule.from.into()));
    tell("until", rule.until.map(Value::from));
    tell("times", rule.times.map(Value::from));
    tell("in_force", Some(rule.is_in_force(age).into()));
    tell("seen", Some(armed.seen.into()));
    tell("struck", Some(armed.struck.into()));
    Value::Object(told)
}
