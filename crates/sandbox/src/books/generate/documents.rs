//! The documents themselves: lines, amounts, taxes.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::catalogue::{Catalogue, Good};
use super::heads::{Head, Trade};
use super::{Currency, Lines, Options, TAXES, UNKNOWN_TAX, currency, days};
use crate::books::dice::{Dice, Part};
use crate::books::{Account, ChargeKind, Invoice, Line, LineTax, fit, money};

/// What clerks write. Quotes, commas, ampersands and letters beyond ASCII belong to it.
const COMMENTS: [&str; 6] = [
    "Thank you for your order.",
    "Deliver to goods-in, gate 3; ring the bell",
    "PO 4711/B & call-off 12",
    "Says \"urgent\", isn't",
    "Lieferung frei Haus, Rückgabe möglich",
    "Agreed by phone <see file>",
];

/// Generates the documents for their heads.
pub(super) fn generate(options: &Options, catalogue: &Catalogue, accounts: &[Account], heads: &[Head]) -> Vec<Invoice> {
    let mut dice = Dice::new(options.seed, Part::Lines);
    let mut invoices = Vec::with_capacity(heads.len());
    for (place, head) in heads.iter().enumerate() {
        let account = &accounts[head.account];
        let mut desk = Desk { dice: &mut dice, catalogue, head, currency: currency(&account.currency) };
        let comment = if desk.dice.chance(1, 10) { *desk.dice.pick(&COMMENTS) } else { "" };
        invoices.push(Invoice {
            number: format!("INV{:08}", place + 1),
            account: head.account,
            date: head.date,
            due: head.date.saturating_add(days(&account.term).days()),
            status: head.status,
            comments: comment.to_owned(),
            lines: desk.lines(options.lines),
        });
    }
    invoices
}

/// Where one document is written.
struct Desk<'a> {
    dice: &'a mut Dice,
    catalogue: &'a Catalogue,
    head: &'a Head,
    currency: &'static Currency,
}

impl Desk<'_> {
    fn lines(&mut self, lines: Lines) -> Vec<Line> {
        let count = match (lines, self.head.trade) {
            (Lines::Fixed(count), _) => count.max(1),
            (Lines::Realistic, Trade::Sale) => usize::try_from(fit::LINES_OF_A_SALE.draw(self.dice)).unwrap_or(1),
            (Lines::Realistic, Trade::Return) => usize::try_from(fit::LINES_OF_A_RETURN.draw(self.dice)).unwrap_or(1),
            (Lines::Realistic, Trade::WriteOff) => 1,
        };
        let mut lines: Vec<Line> = (0..count).map(|place| self.line(place)).collect();
        if self.dice.chance(1, 30) {
            turn_smallest(&mut lines);
        }
        self.tax(&mut lines);
        lines
    }

    fn line(&mut self, place: usize) -> Line {
        let good = self.catalogue.draw(self.dice);
        let unit_price = self.unit_price(good, place);
        let quantity = self.quantity(good);
        let (service_start, service_end) = service(good.kind, self.head.date);
        let described = self.dice.chance(1, 10);
        Line {
            charge: good.charge,
            quantity,
            unit_price,
            amount: money::round(quantity * unit_price, self.currency.decimals),
            description: if described { self.catalogue.name(good.charge).to_owned() } else { String::new() },
            service_start,
            service_end,
            tax: None,
        }
    }

    /// The list price in the document's currency. Write-offs have none, and now and then a line of a sale is free,
    /// though never the first, or the sale would come to nothing.
    fn unit_price(&mut self, good: &Good, place: usize) -> Decimal {
        let free = match self.head.trade {
            Trade::WriteOff => true,
            Trade::Sale => place > 0 && self.dice.chance(fit::FREE_LINES, fit::LINES_OF_SALES),
            Trade::Return => false,
        };
        if free {
            return Decimal::ZERO;
        }
        let minor = ((good.pennies * self.currency.per_pound + 50) / 100).max(1);
        money::price(minor, good.half && self.currency.decimals > 0, self.currency.decimals)
    }

    /// A measured quantity; what is billed by use may come in eighths.
    fn quantity(&mut self, good: &Good) -> Decimal {
        let spread = match self.head.trade {
            Trade::Return => &fit::QUANTITY_RETURNED,
            _ => fit::quantities(good.pennies),
        };
        let whole = spread.draw(self.dice);
        let eighths = if good.kind == ChargeKind::Usage { self.dice.below(8) } else { 0 };
        let quantity = (Decimal::from(whole) + Decimal::from(eighths) / Decimal::from(8)).normalize();
        if self.head.trade == Trade::Return { -quantity } else { quantity }
    }

    /// Taxes six documents in ten: most lines at the standard rate, some at another, some not at all.
    fn tax(&mut self, lines: &mut [Line]) {
        let taxed = self.dice.chance(6, 10);
        let known: Vec<usize> = (0..TAXES.len()).filter(|&tax| TAXES[tax].2 == self.currency.code).collect();
        for line in lines.iter_mut().filter(|line| taxed && !line.amount.is_zero()) {
            let rank = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][self.dice.index(10)];
            line.tax = known.get(rank).map(|&tax| self.line_tax(line.amount, tax));
        }
        let largest = lines.iter_mut().max_by_key(|line| line.amount.abs());
        if let Some(line) = largest.filter(|_| self.head.unknown_tax) {
            line.tax = Some(self.line_tax(line.amount, TAXES.len()));
        }
    }

    /// A tax that rounds to nothing is still a tax: the line was taxed.
    fn line_tax(&self, amount: Decimal, tax: usize) -> LineTax {
        let rate = TAXES.get(tax).map_or(UNKNOWN_TAX.1, |tax| tax.1);
        LineTax { tax, amount: money::round(amount * Decimal::new(rate, 4), self.currency.decimals) }
    }
}

/// Turns the sign of the smallest line: a credit within a sale, a charge within a return. Of three lines that come to
/// something the others outweigh it, so the document keeps its sign. (The measured books know no such documents; other
/// sellers do, and a connector that goes by the sign of a line instead of the total should stumble here.)
fn turn_smallest(lines: &mut [Line]) {
    let mut priced: Vec<&mut Line> = lines.iter_mut().filter(|line| !line.amount.is_zero()).collect();
    priced.sort_by_key(|line| line.amount.abs());
    if let [smallest, _, _, ..] = priced.as_mut_slice() {
        smallest.quantity = -smallest.quantity;
        smallest.amount = -smallest.amount;
    }
}

/// The days that a charge is for: the day itself, the month to come, or the month that was used.
fn service(kind: ChargeKind, date: Date) -> (Date, Date) {
    match kind {
        ChargeKind::OneTime => (date, date),
        ChargeKind::Recurring => (date, date.saturating_add(1.month()).saturating_sub(1.day())),
        ChargeKind::Usage => (date.saturating_sub(1.month()), date.saturating_sub(1.day())),
    }
}
