//! Rounding, as both vendors do it.

use rust_decimal::{Decimal, RoundingStrategy};

/// Rounds half away from zero to `decimals` places. Zero has no sign: a return at price 0 is not minus nothing.
pub(super) fn round(amount: Decimal, decimals: u32) -> Decimal {
    let rounded = amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() { rounded.abs() } else { rounded }
}

/// Minor units, perhaps with a half, as a price in a currency with so many decimals.
pub(super) fn price(minor: u64, half: bool, decimals: u32) -> Decimal {
    let (units, scale) = if half { (minor * 10 + 5, decimals + 1) } else { (minor, decimals) };
    Decimal::from_i128_with_scale(i128::from(units), scale)
}
