//! The fitted tables: they say what the real books say, and generated books say what the tables say.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sandbox::books::fit::{self, Spread};
use sandbox::books::generate::{Options, generate};
use sandbox::books::{Books, Invoice, InvoiceStatus, Line};

use super::retail_books;

/// What one book says about the measured quantities.
struct Sample {
    sales: Vec<u64>,
    returns: Vec<u64>,
    write_offs: usize,
    prices: Vec<u64>,
    /// Price in pennies, quantity.
    sold: Vec<(u64, u64)>,
    returned: Vec<u64>,
    customers: Vec<u64>,
}

fn pennies(price: Decimal) -> u64 {
    (price * Decimal::ONE_HUNDRED).to_u64().unwrap()
}

fn sample(books: &Books, skip_account: impl Fn(usize) -> bool) -> Sample {
    let posted = || books.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Posted);
    let sign = |invoice: &&Invoice| invoice.lines.iter().map(|line| line.amount).sum::<Decimal>();
    let sales: Vec<&Invoice> = posted().filter(|invoice| sign(invoice) > Decimal::ZERO).collect();
    let returns: Vec<&Invoice> = posted().filter(|invoice| sign(invoice) < Decimal::ZERO).collect();
    let gbp = |invoice: &&&Invoice| books.accounts[invoice.account].currency == "GBP";
    let paid = |line: &&Line| pennies(line.unit_price) > 0;
    let quantity = |line: &Line| line.quantity.abs().trunc().to_u64().unwrap();
    let sold = sales.iter().filter(gbp).flat_map(|invoice| &invoice.lines).filter(paid);
    let sold: Vec<_> = sold.map(|line| (pennies(line.unit_price), quantity(line))).collect();
    let mut customers = vec![0; books.accounts.len()];
    posted().for_each(|invoice| customers[invoice.account] += 1);
    let customers = customers.into_iter().enumerate().filter(|&(at, count)| count > 0 && !skip_account(at));
    let customers = customers.map(|(_, count)| count).collect();
    let lengths = |invoices: &[&Invoice]| invoices.iter().map(|invoice| invoice.lines.len() as u64).collect();
    Sample {
        write_offs: posted().count() - sales.len() - returns.len(),
        prices: sold.iter().map(|line| line.0).collect(),
        returned: returns.iter().flat_map(|invoice| &invoice.lines).map(quantity).collect(),
        sales: lengths(&sales),
        returns: lengths(&returns),
        sold,
        customers,
    }
}

/// The greatest distance between the shares of a sample and of a table that lie up to a value, per mille.
fn distance(sample: &[u64], spread: &Spread) -> u64 {
    let (here, there) = (sample.len() as u64, spread.observations());
    let gap = |(&value, &count): (&u64, &u64)| {
        let up_to = sample.iter().filter(|&&drawn| drawn <= value).count() as u64;
        1000 * (up_to * there).abs_diff(count * here) / (here * there)
    };
    spread.values.iter().zip(spread.counts).map(gap).max().unwrap()
}

fn bands(sample: &Sample) -> impl Iterator<Item = (Vec<u64>, &'static Spread)> + '_ {
    [(1, 99), (100, 209), (210, 424), (425, u64::MAX)].into_iter().map(|(from, to)| {
        let band = sample.sold.iter().filter(move |line| (from..=to).contains(&line.0));
        (band.map(|line| line.1).collect(), fit::quantities(from))
    })
}

#[test]
fn the_tables_are_what_the_real_books_say() {
    let Some(books) = retail_books() else { return };
    let sample = sample(&books, |account| books.accounts[account].number.starts_with("UNIDENTIFIED"));
    assert_eq!(sample.sales.len() as u64, fit::SALES);
    assert_eq!(sample.returns.len() as u64, fit::RETURNS);
    assert_eq!(sample.write_offs as u64, fit::WRITE_OFFS);
    let exactly = |drawn: &[u64], spread: &Spread| {
        for (value, count) in spread.values.iter().zip(spread.counts) {
            assert_eq!(drawn.iter().filter(|&drawn| drawn <= value).count() as u64, *count, "up to {value}");
        }
    };
    exactly(&sample.sales, &fit::LINES_OF_A_SALE);
    exactly(&sample.returns, &fit::LINES_OF_A_RETURN);
    exactly(&sample.customers, &fit::INVOICES_OF_A_CUSTOMER);
    exactly(&sample.prices, &fit::PRICES);
    exactly(&sample.returned, &fit::QUANTITY_RETURNED);
    bands(&sample).for_each(|(drawn, spread)| exactly(&drawn, spread));
}

#[test]
fn generated_books_have_the_quantiles_of_the_real_ones() {
    for seed in [1, 2011, u64::MAX] {
        let books = generate(&Options::new(seed, 6000, jiff::civil::date(2026, 11, 21)));
        let sample = sample(&books, |_| false);
        assert!(distance(&sample.sales, &fit::LINES_OF_A_SALE) <= 30);
        assert!(distance(&sample.returns, &fit::LINES_OF_A_RETURN) <= 60);
        assert!(distance(&sample.customers, &fit::INVOICES_OF_A_CUSTOMER) <= 50);
        assert!(distance(&sample.prices, &fit::PRICES) <= 40);
        assert!(distance(&sample.returned, &fit::QUANTITY_RETURNED) <= 50);
        bands(&sample).for_each(|(drawn, spread)| assert!(distance(&drawn, spread) <= 30));
        let all = fit::SALES + fit::RETURNS + fit::WRITE_OFFS;
        let returns = 1000 * sample.returns.len() as u64 / 6000;
        assert!(returns.abs_diff(1000 * fit::RETURNS / all) <= 20, "{returns} per mille are returns");
    }
}

#[test]
fn a_quantile_of_a_table_is_a_value_whose_share_holds_it() {
    let spread = &fit::LINES_OF_A_SALE;
    assert_eq!((spread.quantile(0, 1), spread.quantile(1, 2), spread.quantile(1, 1)), (1, 15, 675));
    for part in 0..=1000 {
        let (value, place) = (spread.quantile(part, 1000), part * spread.observations());
        let class = spread.values.iter().position(|&bound| value <= bound).unwrap();
        let below = class.checked_sub(1).map_or(0, |class| spread.counts[class]);
        assert!(below * 1000 <= place && place <= spread.counts[class] * 1000, "{part} per mille: {value}");
    }
}
