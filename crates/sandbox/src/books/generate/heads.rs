//! The heads of the documents: whose they are, when they are dated, and what kind they are.

use jiff::ToSpan;
use jiff::civil::Date;

use super::accounts::Owners;
use super::{Options, dirt};
use crate::books::dice::{Dice, Part};
use crate::books::{InvoiceStatus, fit};

/// How far before the cut-over documents reach, in days.
const BEFORE: i64 = 90;

/// A document without its lines.
pub(super) struct Head {
    pub(super) account: usize,
    pub(super) date: Date,
    pub(super) status: InvoiceStatus,
    pub(super) trade: Trade,
    /// Whether a line is to bear the tax code that the ERP does not know.
    pub(super) unknown_tax: bool,
}

/// What a document is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    /// The total is above zero.
    Sale,
    /// The total is below zero.
    Return,
    /// The total is zero.
    WriteOff,
}

/// Generates the heads of all documents, in the order of their dates.
pub(super) fn generate(options: &Options, owners: &Owners, cutover: Date) -> Vec<Head> {
    let mut dice = Dice::new(options.seed, Part::Heads);
    let mut heads = posted(&mut dice, options, owners, cutover);
    plant(&mut Dice::new(options.seed, Part::Dirt), options, owners, cutover, &mut heads);
    let (drafts, canceled) = (options.records.div_ceil(50), options.records.div_ceil(100));
    for (status, count) in [(InvoiceStatus::Draft, drafts), (InvoiceStatus::Canceled, canceled)] {
        for _ in 0..count {
            let account = *dice.pick(&owners.posted);
            let date = between(&mut dice, cutover, options.today);
            heads.push(Head { account, date, status, trade: Trade::Sale, unknown_tax: false });
        }
    }
    heads.sort_by_key(|head| head.date);
    heads
}

/// The posted ones: one in twenty before the cut-over, and one on each day where an off-by-one would show.
fn posted(dice: &mut Dice, options: &Options, owners: &Owners, cutover: Date) -> Vec<Head> {
    let mut accounts = owners.posted.clone();
    dice.shuffle(&mut accounts);
    let before = options.records / 20;
    let eve = cutover.saturating_sub(1.day());
    let head = |(place, account): (usize, usize)| {
        let date = match place {
            _ if place + 1 == before => eve,
            _ if place < before => between(dice, cutover.saturating_sub(BEFORE.days()), eve),
            _ if place == before => cutover,
            _ if place == before + 1 => options.today,
            _ => between(dice, cutover, options.today),
        };
        Head { account, date, status: InvoiceStatus::Posted, trade: trade(dice), unknown_tax: false }
    };
    accounts.into_iter().enumerate().map(head).collect()
}

fn trade(dice: &mut Dice) -> Trade {
    let mark = dice.below(fit::SALES + fit::RETURNS + fit::WRITE_OFFS);
    match mark {
        _ if mark < fit::SALES => Trade::Sale,
        _ if mark < fit::SALES + fit::RETURNS => Trade::Return,
        _ => Trade::WriteOff,
    }
}

/// Plants the dirt of documents, on such as would arrive without it and that come to something.
fn plant(dice: &mut Dice, options: &Options, owners: &Owners, cutover: Date, heads: &mut [Head]) {
    let clean = |head: &Head| head.date >= cutover && head.trade != Trade::WriteOff && owners.arriving[head.account];
    let mut places: Vec<usize> = (0..heads.len()).filter(|&place| clean(&heads[place])).collect();
    dice.shuffle(&mut places);
    let orphans = dirt::share(options.dirt.orphans, options.records);
    let taxes = dirt::share(options.dirt.unknown_taxes, options.records);
    let mut places = places.into_iter();
    for (place, &account) in places.by_ref().take(orphans).zip(owners.stranded.iter().cycle()) {
        heads[place].account = account;
    }
    for place in places.take(taxes) {
        heads[place].unknown_tax = true;
    }
}

/// A day from `first` to `last`, both included.
pub(in crate::books) fn between(dice: &mut Dice, first: Date, last: Date) -> Date {
    let days = u64::try_from(first.duration_until(last).as_hours() / 24).unwrap_or(0);
    first.saturating_add(i64::try_from(dice.below(days + 1)).unwrap_or(0).days())
}
