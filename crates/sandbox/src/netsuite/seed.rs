//! The account as it is before anything is synced: reference data, and the tax items of the books.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::schema;
use super::store::{Fields, Record, Ref, Store, Value};
use crate::books::{Books, Tax};

/// What one unit of a currency was worth in US dollars, roughly; the base currency of the account is worth 1.
const DOLLARS: [(&str, &str); 16] = [
    ("USD", "1"),
    ("EUR", "1.1"),
    ("GBP", "1.28"),
    ("CHF", "1.12"),
    ("JPY", "0.0067"),
    ("CAD", "0.73"),
    ("AUD", "0.66"),
    ("SEK", "0.095"),
    ("NOK", "0.094"),
    ("DKK", "0.147"),
    ("PLN", "0.25"),
    ("CZK", "0.044"),
    ("SGD", "0.75"),
    ("INR", "0.012"),
    ("BRL", "0.18"),
    ("KWD", "3.25"),
];

/// Currencies whose smallest unit is not a hundredth.
const OTHER_PLACES: [(&str, i64); 8] =
    [("JPY", 0), ("KRW", 0), ("CLP", 0), ("VND", 0), ("KWD", 3), ("BHD", 3), ("JOD", 3), ("TND", 3)];

const ACCOUNTS: [(&str, &str, &str); 8] = [
    ("1000", "Checking", "Bank"),
    ("1100", "Accounts Receivable", "AcctRec"),
    ("2500", "Deferred Revenue", "DeferRevenue"),
    ("2200", "Sales Taxes Payable", "OthCurrLiab"),
    ("4000", "Sales", "Income"),
    ("4010", "Subscription Revenue", "Income"),
    ("4020", "Usage Revenue", "Income"),
    ("7000", "Other Income", "OthIncome"),
];

/// Departments, classes and locations, each beneath the one before it that is less indented.
const TREES: [(&str, &[&str]); 3] = [
    ("department", &["Sales", " Direct", " Channel", "Services"]),
    ("classification", &["Software", " Subscriptions", "Hardware"]),
    ("location", &["Headquarters", " Warehouse"]),
];

/// Fills an empty store; answers the item id of each tax, `None` for the taxes that the account does not know.
pub(super) fn fill(store: &mut Store, books: &Books, now: Timestamp) -> Vec<Option<String>> {
    let mut seeder = Seeder { store, now };
    seeder.currencies(books);
    seeder.subsidiary();
    seeder.terms(books);
    seeder.accounts();
    seeder.trees();
    seeder.periods();
    books.taxes.iter().map(|tax| tax.known_to_erp.then(|| seeder.tax_item(tax).to_string())).collect()
}

struct Seeder<'a> {
    store: &'a mut Store,
    now: Timestamp,
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn one(kind: &'static str) -> Value {
    Value::Ref(Ref { kind, id: 1 })
}

impl Seeder<'_> {
    fn add(&mut self, kind: &'static str, values: Vec<(&'static str, Value)>) -> i64 {
        let Some(kind) = schema::record_type(kind) else { return 0 };
        let id = self.store.next_id(kind.table);
        let mut fields = Fields::default();
        values.into_iter().for_each(|(name, value)| fields.set(name, value));
        if kind.shape.field("isInactive").is_some() && !fields.has("isInactive") {
            fields.set("isInactive", Value::Flag(false));
        }
        fields.set("lastModifiedDate", Value::Moment(Timestamp::from_second(self.now.as_second()).unwrap_or(self.now)));
        self.store.put(Record { id, kind, fields });
        id
    }

    fn currencies(&mut self, books: &Books) {
        let known: Vec<&String> =
            books.currencies.iter().filter(|code| !books.foreign_currencies.contains(code)).collect();
        let base = known.first().map_or("USD", |code| code.as_str()).to_owned();
        let others = known.iter().map(|code| code.as_str()).filter(|code| *code != base);
        for code in std::iter::once(base.as_str()).chain(others) {
            let places = OTHER_PLACES.iter().find(|(known, _)| *known == code).map_or(2, |(_, places)| *places);
            let rate = (dollars(code) / dollars(&base)).round_dp(8);
            self.add(
                "currency",
                vec![
                    ("name", text(code)),
                    ("symbol", text(code)),
                    ("displaySymbol", text(code)),
                    ("exchangeRate", Value::Number(rate)),
                    ("currencyPrecision", Value::Integer(places)),
                    ("isBaseCurrency", Value::Flag(code == base)),
                ],
            );
        }
    }

    fn subsidiary(&mut self) {
        let values = vec![
            ("name", text("Parent Company")),
            ("legalName", text("Parent Company")),
            ("currency", one("currency")),
            ("country", Value::Choice("US")),
            ("isElimination", Value::Flag(false)),
        ];
        self.add("subsidiary", values);
    }

    fn terms(&mut self, books: &Books) {
        for term in &books.terms {
            let values = vec![
                ("name", text(&term.name)),
                ("daysUntilNetDue", Value::Integer(term.days)),
                ("installment", Value::Flag(false)),
                ("preferred", Value::Flag(false)),
            ];
            self.add("term", values);
        }
    }

    fn accounts(&mut self) {
        for (number, name, kind) in ACCOUNTS {
            let values = vec![
                ("acctNumber", text(number)),
                ("acctName", text(name)),
                ("acctType", Value::Choice(kind)),
                ("isSummary", Value::Flag(false)),
                ("subsidiary", Value::Many(vec![Ref { kind: "subsidiary", id: 1 }])),
            ];
            self.add("account", values);
        }
    }

    fn trees(&mut self) {
        for (kind, names) in TREES {
            let mut parent = None;
            for name in names {
                let mut values = vec![("name", text(name.trim_start()))];
                match kind {
                    "location" => values.push(("subsidiary", one("subsidiary"))),
                    _ => values.push(("subsidiary", Value::Many(vec![Ref { kind: "subsidiary", id: 1 }]))),
                }
                let nested = name.starts_with(' ');
                if let Some(id) = parent.filter(|_| nested) {
                    values.push(("parent", Value::Ref(Ref { kind, id })));
                }
                let id = self.add(kind, values);
                if !nested {
                    parent = Some(id);
                }
            }
        }
    }

    /// Years, quarters and months from 2009 to 2027, all open.
    fn periods(&mut self) {
        for year in 2009..=2027_i16 {
            let of_year = self.period(&format!("FY {year}"), jiff::civil::date(year, 1, 1), 12, None);
            for quarter in 0..4_i8 {
                let start = jiff::civil::date(year, 1 + 3 * quarter, 1);
                let of_quarter = self.period(&format!("Q{} {year}", quarter + 1), start, 3, Some(of_year));
                for month in 0..3_i8 {
                    let start = jiff::civil::date(year, 1 + 3 * quarter + month, 1);
                    self.period(&start.strftime("%b %Y").to_string(), start, 1, Some(of_quarter));
                }
            }
        }
    }

    fn period(&mut self, name: &str, start: Date, months: i32, parent: Option<i64>) -> i64 {
        let end = start.saturating_add(months.months()).yesterday().unwrap_or(start);
        let mut values = vec![
            ("periodName", text(name)),
            ("startDate", Value::Date(start)),
            ("endDate", Value::Date(end)),
            ("isPosting", Value::Flag(months == 1)),
            ("isQuarter", Value::Flag(months == 3)),
            ("isYear", Value::Flag(months == 12)),
        ];
        for flag in ["closed", "allLocked", "arLocked", "apLocked", "payrollLocked", "isAdjust", "allowNonGLChanges"] {
            values.push((flag, Value::Flag(false)));
        }
        values.extend(parent.map(|id| ("parent", Value::Ref(Ref { kind: "accountingPeriod", id }))));
        self.add("accountingPeriod", values)
    }

    /// A tax is sold like anything else: as a non-inventory item whose income is owed to the authority.
    fn tax_item(&mut self, tax: &Tax) -> i64 {
        let income = self
            .store
            .table("account")
            .iter()
            .find(|account| account.fields.text("acctType") == Some("Income"))
            .map(|account| account.id);
        let mut values = vec![
            ("itemId", text(&format!("Tax {}", tax.code))),
            ("displayName", text(&format!("{} {}%", tax.code, tax.rate.normalize()))),
            ("itemType", Value::Choice("NonInvtPart")),
            ("subtype", Value::Choice("Sale")),
            ("isOnline", Value::Flag(false)),
            ("includeChildren", Value::Flag(true)),
            ("subsidiary", Value::Many(vec![Ref { kind: "subsidiary", id: 1 }])),
            ("createdDate", Value::Moment(self.now)),
        ];
        values.extend(income.map(|id| ("incomeAccount", Value::Ref(Ref { kind: "account", id }))));
        self.add("nonInventorySaleItem", values)
    }
}

fn dollars(code: &str) -> Decimal {
    DOLLARS.iter().find(|(known, _)| *known == code).and_then(|(_, worth)| worth.parse().ok()).unwrap_or(Decimal::ONE)
}
