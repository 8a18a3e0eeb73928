//! Quantity, rate and amount of a line.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Store, Value};

/// A rate that follows from an amount is kept to so many places.
const RATE_PLACES: u32 = 8;

/// Completes and checks all lines.
pub(super) fn settle(store: &Store, old: Option<&Record>, record: &mut Record, places: u32) -> Verdict<()> {
    let base = record.id * 10_000;
    let before = old.map(|old| old.fields.lines("item")).unwrap_or_default();
    let Some(lines) = record.fields.lines_mut("item") else {
        return Err(Refusal::user("You must enter at least one line item for this transaction."));
    };
    for (at, line) in lines.iter_mut().enumerate() {
        let number = line.get("line").cloned();
        let known = before.iter().find(|known| known.get("line") == number.as_ref());
        complete(store, known, line, places, at)?;
        if let Some(number) = line.integer("line") {
            line.set("lineUniqueKey", Value::Text((base + number).to_string()));
        }
    }
    Ok(())
}

fn complete(store: &Store, old: Option<&Fields>, line: &mut Fields, places: u32, at: usize) -> Verdict<()> {
    let item = store.referred(line, "item").ok_or_else(|| Refusal::user("Please choose an item to add."))?;
    line.set("itemType", Value::Choice(item.kind.code));
    line.set("itemSubtype", Value::Choice(item.kind.subtype));
    if old.is_none() && !line.has("description") {
        line.put("description", item.fields.get("salesDescription").cloned());
    }
    let quantity = line.number("quantity").unwrap_or(Decimal::ONE);
    line.set("quantity", Value::Number(quantity));
    if old.is_none() && !line.has("amount") && !line.has("rate") {
        line.put("rate", item.fields.get("rate").cloned());
    }
    let amount = match (chosen_amount(old, line), line.number("rate")) {
        (Some(amount), _) => amount,
        (None, Some(rate)) => product(quantity, rate)?,
        (None, None) => return Err(Refusal::user(format!("Please enter value(s) for: Amount. (line {})", at + 1))),
    };
    let amount = round(amount, places);
    let rate_follows = match old {
        None => !line.has("rate"),
        Some(old) => {
            old.get("rate") == line.get("rate")
                && old.number("amount") != Some(amount)
                && chosen_amount(Some(old), line).is_some()
        }
    };
    if rate_follows && !quantity.is_zero() {
        line.set(
            "rate",
            Value::Number(
                (amount / quantity).round_dp_with_strategy(RATE_PLACES, RoundingStrategy::MidpointAwayFromZero),
            ),
        );
    }
    line.set("amount", Value::Number(amount));
    Ok(())
}

/// The amount that the request sets. On a line that was there, an unchanged amount gives way to a changed quantity or rate.
fn chosen_amount(old: Option<&Fields>, line: &Fields) -> Option<Decimal> {
    let amount = line.number("amount")?;
    match old {
        None => Some(amount),
        Some(old) => {
            let repriced = ["quantity", "rate"].iter().any(|name| old.number(name) != line.number(name));
            (old.number("amount") != Some(amount) || !repriced).then_some(amount)
        }
    }
}

fn product(quantity: Decimal, rate: Decimal) -> Verdict<Decimal> {
    quantity.checked_mul(rate).ok_or_else(|| Refusal::user("The amount of a line is too large."))
}

/// Rounds half away from zero, as the vendor rounds to a currency's places.
pub(super) fn round(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_cent_goes_away_from_zero() {
        let round = |text: &str| round(text.parse().unwrap(), 2).to_string();
        assert_eq!((round("1.005"), round("-1.005"), round("2.675")), ("1.01".into(), "-1.01".into(), "2.68".into()));
    }
}
