//! Amounts by currency. Decimal from wire to report.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

/// An amount in a currency (ISO 4217 code).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The amount, in the currency's major unit.
    pub amount: Decimal,
    /// The ISO 4217 code.
    pub currency: String,
}

/// Sums by currency. Sums of two currencies are never added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<String, Decimal>);

impl Sums {
    /// Adds an amount to its currency's sum.
    pub fn add(&mut self, money: &Money) {
        *self.0.entry(money.currency.clone()).or_default() += money.amount;
    }

    /// Adds all sums of another.
    pub fn merge(&mut self, other: &Self) {
        for (currency, amount) in &other.0 {
            *self.0.entry(currency.clone()).or_default() += amount;
        }
    }

    /// Currency and sum, by currency.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.0.iter().map(|(currency, amount)| (currency.as_str(), *amount))
    }

    /// The sum in a currency; zero if nothing was added in it.
    pub fn of(&self, currency: &str) -> Decimal {
        self.0.get(currency).copied().unwrap_or_default()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As a map of currency to a decimal in text, so that no reader rounds it.
impl Serialize for Sums {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(currency, amount)| (currency, amount.to_string())))
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (currency, amount)) in self.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(formatter, "{separator}{currency} {amount}")?;
        }
        Ok(())
    }
}
