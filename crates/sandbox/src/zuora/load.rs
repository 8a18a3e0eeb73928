//! Books become records of the tenant.

mod subscriptions;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use self::subscriptions::Subscribed;
use super::ids::Id;
use super::schema::{Entity, FieldNo};
use super::store::Store;
use super::value::Cell;
use crate::books::{Account, AccountStatus, Books, Charge, ChargeKind, Contact, Invoice, InvoiceStatus, Line};

/// The day on which everything but the invoices was made.
const BEGINNING: Date = date(2020, 1, 2);
/// The last day of the catalogue.
const FAR_AWAY: Date = date(2099, 12, 31);

/// Fills a store. `tax_items` holds, for each tax of the books, the ERP's item for it.
pub(crate) fn load(seed: u64, books: &Books, tax_items: &[Option<String>]) -> Store {
    let mut loader = Loader {
        store: Store::new(seed),
        books,
        tax_items,
        texts: HashSet::new(),
        charges: Vec::new(),
        subscribed: Subscribed::default(),
    };
    loader.catalogue();
    loader.accounts();
    loader.subscriptions();
    for invoice in &books.invoices {
        loader.invoice(invoice);
    }
    loader.store
}

struct Loader<'a> {
    store: Store,
    books: &'a Books,
    tax_items: &'a [Option<String>],
    /// Texts that occur often are held once.
    texts: HashSet<Arc<str>>,
    /// Charge ids by product, plan and charge.
    charges: Vec<Vec<Vec<Id>>>,
    subscribed: Subscribed,
}

/// Fields of a record in the making.
struct Draft {
    entity: Entity,
    cells: Vec<(FieldNo, Cell)>,
}

impl Draft {
    fn new(entity: Entity) -> Self {
        Self { entity, cells: Vec::with_capacity(entity.object().fields.len()) }
    }

    fn set(&mut self, name: &str, cell: Cell) {
        if let Some(field) = self.entity.field(name) {
            self.cells.push((field, cell));
        }
    }

    fn number(&mut self, name: &str, number: impl Into<Decimal>) {
        self.set(name, Cell::Number(number.into()));
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.set(name, Cell::Flag(flag));
    }
}

impl Loader<'_> {
    /// A text, unless it is empty: an empty field is null.
    fn text(&mut self, draft: &mut Draft, name: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let shared = match self.texts.get(text) {
            Some(shared) => Arc::clone(shared),
            None => {
                let shared: Arc<str> = Arc::from(text);
                self.texts.insert(Arc::clone(&shared));
                shared
            }
        };
        draft.set(name, Cell::Text(shared));
    }

    /// A text that no other record has.
    fn unique(draft: &mut Draft, name: &str, text: &str) {
        draft.set(name, Cell::text(text));
    }

    fn insert(&mut self, draft: Draft, moment: i64) -> Id {
        self.store.insert(draft.entity, draft.cells, moment)
    }

    fn catalogue(&mut self) {
        let books = self.books;
        let (mut plans, mut charges) = (0, 0);
        for (position, product) in books.products.iter().enumerate() {
            let made = moment(BEGINNING, position);
            let mut draft = Draft::new(Entity::Product);
            Self::unique(&mut draft, "Name", &product.name);
            Self::unique(&mut draft, "SKU", &product.sku);
            Self::unique(&mut draft, "ProductNumber", &format!("PC-{:08}", position + 1));
            self.text(&mut draft, "Description", &product.description);
            self.text(&mut draft, "Category", "Base Products");
            draft.set("EffectiveStartDate", Cell::Date(date(2000, 1, 1)));
            draft.set("EffectiveEndDate", Cell::Date(FAR_AWAY));
            draft.flag("AllowFeatureChanges", false);
            let product_id = self.insert(draft, made);
            let mut ids = Vec::new();
            for plan in &product.plans {
                plans += 1;
                let mut draft = Draft::new(Entity::ProductRatePlan);
                draft.set("ProductId", Cell::Ref(product_id));
                Self::unique(&mut draft, "Name", &plan.name);
                Self::unique(&mut draft, "ProductRatePlanNumber", &format!("PRP-{plans:08}"));
                draft.set("EffectiveStartDate", Cell::Date(date(2000, 1, 1)));
                draft.set("EffectiveEndDate", Cell::Date(FAR_AWAY));
                let plan_id = self.insert(draft, made);
                let mut of_plan = Vec::new();
                for charge in &plan.charges {
                    charges += 1;
                    of_plan.push(self.charge(plan_id, charge, charges, made));
                }
                ids.push(of_plan);
            }
            self.charges.push(ids);
        }
    }

    fn charge(&mut self, plan: Id, charge: &Charge, number: usize, made: i64) -> Id {
        let mut draft = Draft::new(Entity::ProductRatePlanCharge);
        draft.set("ProductRatePlanId", Cell::Ref(plan));
        Self::unique(&mut draft, "Name", &charge.name);
        Self::unique(&mut draft, "ProductRatePlanChargeNumber", &format!("C-{number:08}"));
        let (model, period, format) = match charge.kind {
            ChargeKind::OneTime => ("Flat Fee Pricing", "", "Flat Fee"),
            ChargeKind::Recurring => ("Per Unit Pricing", "Month", "Per Unit"),
            ChargeKind::Usage => ("Per Unit Pricing", "Month", "Per Unit"),
        };
        self.text(&mut draft, "ChargeModel", model);
        self.text(&mut draft, "ChargeType", kind_name(charge.kind));
        self.text(&mut draft, "BillCycleType", "DefaultFromCustomer");
        self.text(&mut draft, "BillingPeriod", period);
        self.text(&mut draft, "TriggerEvent", "ContractEffective");
        draft.flag("UseDiscountSpecificAccountingCode", false);
        draft.flag("Taxable", true);
        self.text(&mut draft, "TaxMode", "TaxExclusive");
        if charge.kind != ChargeKind::OneTime {
            self.text(&mut draft, "UOM", "Each");
        }
        let id = self.insert(draft, made);
        let mut tier = Draft::new(Entity::ProductRatePlanChargeTier);
        tier.set("ProductRatePlanChargeId", Cell::Ref(id));
        let currency = self.books.currencies.first().map(String::as_str).unwrap_or_default();
        self.text(&mut tier, "Currency", currency);
        tier.number("Price", charge.price);
        self.text(&mut tier, "PriceFormat", format);
        tier.number("Tier", 1);
        tier.flag("Active", true);
        self.insert(tier, made);
        id
    }

    fn accounts(&mut self) {
        let books = self.books;
        let mut balances = vec![Decimal::ZERO; books.accounts.len()];
        let mut last = vec![None; books.accounts.len()];
        for invoice in books.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Posted) {
            balances[invoice.account] += invoice.amount();
            last[invoice.account] = last[invoice.account].max(Some(invoice.date));
        }
        let ids = self.store.ids.clone();
        for (position, account) in books.accounts.iter().enumerate() {
            let made = moment(BEGINNING, position);
            let row = u32::try_from(position).unwrap_or(u32::MAX);
            let account_id = ids.make(Entity::Account, row);
            let bill_to = self.contact(account_id, &account.bill_to, made);
            let sold_to = self.contact(account_id, &account.sold_to, made);
            let mut draft = self.account(account);
            draft.set("BillToId", Cell::Ref(bill_to));
            draft.set("SoldToId", Cell::Ref(sold_to));
            let parent = account.parent.and_then(|parent| u32::try_from(parent).ok());
            if let Some(parent) = parent {
                draft.set("ParentId", Cell::Ref(ids.make(Entity::Account, parent)));
            }
            draft.number("Balance", balances[position]);
            draft.number("TotalInvoiceBalance", balances[position]);
            if let Some(day) = last[position] {
                draft.set("LastInvoiceDate", Cell::Date(day));
            }
            self.insert(draft, made);
        }
    }

    fn account(&mut self, account: &Account) -> Draft {
        let mut draft = Draft::new(Entity::Account);
        Self::unique(&mut draft, "AccountNumber", &account.number);
        Self::unique(&mut draft, "Name", &account.name);
        let status = match account.status {
            AccountStatus::Active => "Active",
            AccountStatus::Draft => "Draft",
            AccountStatus::Canceled => "Canceled",
        };
        self.text(&mut draft, "Status", status);
        self.text(&mut draft, "Currency", &account.currency);
        self.text(&mut draft, "PaymentTerm", &account.term);
        self.text(&mut draft, "Batch", "Batch1");
        self.text(&mut draft, "BcdSettingOption", "ManualSet");
        draft.number("BillCycleDay", 1);
        for name in ["AutoPay", "AllowInvoiceEdit", "InvoiceDeliveryPrefsEmail", "InvoiceDeliveryPrefsPrint"] {
            draft.flag(name, false);
        }
        for name in ["CreditBalance", "UnappliedBalance", "Mrr"] {
            draft.number(name, Decimal::ZERO);
        }
        let sync = account.sync_to_erp.map_or("", |sync| if sync { "Yes" } else { "No" });
        self.text(&mut draft, "SynctoNetSuite__NS", sync);
        self.text(&mut draft, "CustomerType__NS", if account.company { "Company" } else { "Individual" });
        draft
    }

    fn contact(&mut self, account: Id, contact: &Contact, made: i64) -> Id {
        let mut draft = Draft::new(Entity::Contact);
        draft.set("AccountId", Cell::Ref(account));
        for (name, text) in [
            ("FirstName", &contact.first_name),
            ("LastName", &contact.last_name),
            ("WorkEmail", &contact.email),
            ("Address1", &contact.address1),
            ("City", &contact.city),
            ("State", &contact.state),
            ("PostalCode", &contact.postal_code),
            ("Country", &contact.country),
        ] {
            self.text(&mut draft, name, text);
        }
        self.insert(draft, made)
    }

    fn invoice(&mut self, invoice: &Invoice) {
        // A bill run stamps all its invoices with one moment.
        let made = moment(invoice.date, 0);
        let ids = self.store.ids.clone();
        let account_row = u32::try_from(invoice.account).unwrap_or(u32::MAX);
        let account_id = ids.make(Entity::Account, account_row);
        let account = &self.books.accounts[invoice.account];
        let posted = invoice.status == InvoiceStatus::Posted;
        let amount = invoice.amount();
        let tax: Decimal = invoice.lines.iter().filter_map(|line| line.tax.as_ref()).map(|tax| tax.amount).sum();
        let mut draft = Draft::new(Entity::Invoice);
        draft.set("AccountId", Cell::Ref(account_id));
        Self::unique(&mut draft, "InvoiceNumber", &invoice.number);
        draft.set("InvoiceDate", Cell::Date(invoice.date));
        draft.set("DueDate", Cell::Date(invoice.due));
        draft.set("TargetDate", Cell::Date(invoice.date));
        if posted {
            draft.set("PostedDate", Cell::Moment(made));
        }
        let status = match invoice.status {
            InvoiceStatus::Draft => "Draft",
            InvoiceStatus::Posted => "Posted",
            InvoiceStatus::Canceled => "Canceled",
        };
        self.text(&mut draft, "Status", status);
        draft.number("Amount", amount);
        draft.number("AmountWithoutTax", amount - tax);
        draft.number("TaxAmount", tax);
        draft.number("Balance", if posted { amount } else { Decimal::ZERO });
        self.text(&mut draft, "Comments", &invoice.comments);
        self.text(&mut draft, "Currency", &account.currency);
        self.text(&mut draft, "PaymentTerm", &account.term);
        self.includes(&mut draft, invoice);
        draft.set("BillToContactId", Cell::Ref(ids.make(Entity::Contact, account_row.saturating_mul(2))));
        draft.set(
            "SoldToContactId",
            Cell::Ref(ids.make(Entity::Contact, account_row.saturating_mul(2).saturating_add(1))),
        );
        self.text(&mut draft, "TransferredToAccounting", "No");
        let invoice_id = self.insert(draft, made);
        for line in &invoice.lines {
            self.line(invoice_id, invoice, line, made);
        }
    }

    fn includes(&self, draft: &mut Draft, invoice: &Invoice) {
        let has = |kind| invoice.lines.iter().any(|line| charge_of(self.books, line).kind == kind);
        for (name, kind) in [
            ("IncludesOneTime", ChargeKind::OneTime),
            ("IncludesRecurring", ChargeKind::Recurring),
            ("IncludesUsage", ChargeKind::Usage),
        ] {
            draft.flag(name, has(kind));
        }
    }

    fn line(&mut self, invoice_id: Id, invoice: &Invoice, line: &Line, made: i64) {
        let books = self.books;
        let subscribed = self.subscribe(invoice.account, line);
        let mut draft = Draft::new(Entity::InvoiceItem);
        draft.set("InvoiceId", Cell::Ref(invoice_id));
        if let Some((subscription, charge)) = subscribed {
            draft.set("SubscriptionId", Cell::Ref(subscription));
            draft.set("RatePlanChargeId", Cell::Ref(charge));
        }
        self.text(&mut draft, "ChargeName", &charge_of(books, line).name);
        draft.number("ChargeAmount", line.amount);
        self.text(&mut draft, "ChargeDescription", &line.description);
        let tax = line
            .tax
            .as_ref()
            .map(|tax| (&books.taxes[tax.tax], self.tax_items.get(tax.tax).cloned().flatten(), tax.amount));
        draft.number("TaxAmount", tax.as_ref().map_or(Decimal::ZERO, |(_, _, amount)| *amount));
        if let Some((code, _, _)) = &tax {
            self.text(&mut draft, "TaxCode", &code.code);
            self.text(&mut draft, "TaxMode", "TaxExclusive");
        }
        draft.number("Quantity", line.quantity);
        draft.number("UnitPrice", line.unit_price);
        self.text(&mut draft, "SKU", &books.products[line.charge.product].sku);
        draft.set("ServiceStartDate", Cell::Date(line.service_start));
        draft.set("ServiceEndDate", Cell::Date(line.service_end));
        let posted = invoice.status == InvoiceStatus::Posted;
        draft.number("Balance", if posted { line.amount } else { Decimal::ZERO });
        let item = self.insert(draft, made);
        let Some((code, erp_item, amount)) = tax else { return };
        let mut draft = Draft::new(Entity::TaxationItem);
        draft.set("InvoiceItemId", Cell::Ref(item));
        draft.set("InvoiceId", Cell::Ref(invoice_id));
        self.text(&mut draft, "AccountingCode", &erp_item.unwrap_or_default());
        draft.number("TaxAmount", amount);
        draft.number("TaxRate", code.rate / Decimal::ONE_HUNDRED);
        draft.set("TaxDate", Cell::Date(line.service_start));
        self.insert(draft, made);
    }
}

/// The charge of the catalogue that a line is for.
fn charge_of<'a>(books: &'a Books, line: &Line) -> &'a Charge {
    &books.products[line.charge.product].plans[line.charge.plan].charges[line.charge.charge]
}

fn kind_name(kind: ChargeKind) -> &'static str {
    match kind {
        ChargeKind::OneTime => "OneTime",
        ChargeKind::Recurring => "Recurring",
        ChargeKind::Usage => "Usage",
    }
}

/// The tenth hour of a day in Greenwich, some seconds later.
fn moment(day: Date, seconds: usize) -> i64 {
    let start = day.at(10, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second());
    start.saturating_add(i64::try_from(seconds % 36_000).unwrap_or(0))
}
