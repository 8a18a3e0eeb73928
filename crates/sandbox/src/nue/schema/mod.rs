//! The objects of the tenant and their fields: those of the vendor's reference, and custom fields that are added.

mod fields;

use std::collections::HashMap;
use std::sync::Arc;

/// The objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Object {
    Customer,
    Contact,
    Product,
    PriceBookEntry,
    Order,
    OrderProduct,
    Subscription,
    Asset,
    Entitlement,
    Invoice,
    InvoiceItem,
    CreditMemo,
    CreditMemoItem,
    DebitMemo,
    DebitMemoItem,
    PaymentApplication,
    PaymentApplicationItem,
    TransactionHub,
    Usage,
}

impl Object {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 19] = [
        Self::Customer,
        Self::Contact,
        Self::Product,
        Self::PriceBookEntry,
        Self::Order,
        Self::OrderProduct,
        Self::Subscription,
        Self::Asset,
        Self::Entitlement,
        Self::Invoice,
        Self::InvoiceItem,
        Self::CreditMemo,
        Self::CreditMemoItem,
        Self::DebitMemo,
        Self::DebitMemoItem,
        Self::PaymentApplication,
        Self::PaymentApplicationItem,
        Self::TransactionHub,
        Self::Usage,
    ];

    /// The name in GraphQL.
    pub(crate) fn name(self) -> &'static str {
        fields::NAMES[self as usize]
    }

    /// The object with a name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.name().eq_ignore_ascii_case(name))
    }

    /// The fields that come with the vendor.
    pub(crate) fn plain(self) -> &'static [Plain] {
        fields::FIELDS[self as usize]
    }

    /// Whether custom fields stand in an object of their own, as billing records list them.
    pub(crate) fn nests_custom_fields(self) -> bool {
        matches!(self, Self::Invoice | Self::CreditMemo | Self::DebitMemo | Self::PaymentApplication)
    }

    /// What belongs to a record: the name under which it is shown, the object, and that object's reference to it.
    pub(crate) fn children(self) -> &'static [(&'static str, Self, &'static str)] {
        match self {
            Self::Customer => &[
                ("contacts", Self::Contact, "customerId"),
                ("subscriptions", Self::Subscription, "customerId"),
                ("orders", Self::Order, "customerId"),
            ],
            Self::Product => &[("priceBookEntries", Self::PriceBookEntry, "productId")],
            Self::Order => &[
                ("orderProducts", Self::OrderProduct, "orderId"),
                ("subscriptions", Self::Subscription, "orderId"),
                ("assets", Self::Asset, "orderId"),
                ("entitlements", Self::Entitlement, "orderId"),
                ("invoices", Self::Invoice, "orderId"),
            ],
            Self::Invoice => &[
                ("items", Self::InvoiceItem, "invoiceId"),
                ("creditMemos", Self::CreditMemo, "invoiceId"),
                ("paymentApplications", Self::PaymentApplication, "invoiceId"),
            ],
            Self::CreditMemo => &[("items", Self::CreditMemoItem, "creditMemoId")],
            Self::DebitMemo => &[("items", Self::DebitMemoItem, "debitMemoId")],
            Self::PaymentApplication => &[("items", Self::PaymentApplicationItem, "paymentApplicationId")],
            _ => &[],
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text of so many characters at most.
    Text(usize),
    /// A text by which records are found quickly.
    Key,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// An amount of money, shown with two decimals at least.
    Money,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A day.
    Day,
    /// A moment.
    Moment,
    /// The id of a record of another object.
    Ref(Object),
}

/// Who writes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The vendor.
    System,
    /// The caller, when a record is made.
    Birth,
    /// The caller, at any time.
    Always,
}

/// A field that comes with the vendor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) access: Access,
    pub(crate) required: bool,
}

/// A field of the tenant.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) access: Access,
    pub(crate) required: bool,
    /// Whether records can be searched by it.
    pub(crate) filterable: bool,
    pub(crate) custom: bool,
}

impl Field {
    /// Whether records are found quickly by it.
    pub(crate) fn is_indexed(&self) -> bool {
        self.custom || matches!(self.kind, Kind::Key | Kind::Ref(_))
    }

    /// The name of the record that a reference leads to: `customerId` leads to `customer`.
    pub(crate) fn relation(&self) -> Option<(&str, Object)> {
        match self.kind {
            Kind::Ref(object) => self.name.strip_suffix("Id").map(|name| (name, object)),
            _ => None,
        }
    }
}

/// The number of a field in its object.
pub(crate) type FieldNo = u16;

/// Every object's first field.
pub(crate) const ID: FieldNo = 0;
/// Every object's second field.
pub(crate) const CREATED: FieldNo = 1;
/// Every object's third field.
pub(crate) const UPDATED: FieldNo = 2;

/// The fields of all objects. Custom fields come behind the others and never go away, so that numbers last.
#[derive(Debug, Clone)]
pub(crate) struct Schema {
    fields: Vec<Vec<Field>>,
    numbers: Vec<HashMap<Arc<str>, FieldNo>>,
}

impl Schema {
    /// The schema without custom fields.
    pub(crate) fn new() -> Self {
        let mut schema =
            Self { fields: vec![Vec::new(); Object::ALL.len()], numbers: vec![HashMap::new(); Object::ALL.len()] };
        for object in Object::ALL {
            for plain in fields::STAMPS.iter().chain(object.plain()) {
                schema.add(
                    object,
                    Field {
                        name: Arc::from(plain.name),
                        kind: plain.kind,
                        access: plain.access,
                        required: plain.required,
                        filterable: true,
                        custom: false,
                    },
                );
            }
        }
        schema
    }

    /// Adds a field, or changes whether it can be searched by, if there is a custom one with the name.
    pub(crate) fn add(&mut self, object: Object, field: Field) {
        if let Some(number) = self.number(object, &field.name) {
            let held = &mut self.fields[object as usize][usize::from(number)];
            held.filterable = field.filterable || !held.custom;
            return;
        }
        let fields = &mut self.fields[object as usize];
        let number = FieldNo::try_from(fields.len()).unwrap_or(FieldNo::MAX);
        self.numbers[object as usize].insert(Arc::clone(&field.name), number);
        fields.push(field);
    }

    /// The fields of an object, by number.
    pub(crate) fn fields(&self, object: Object) -> &[Field] {
        &self.fields[object as usize]
    }

    /// A field by its number.
    pub(crate) fn at(&self, object: Object, number: FieldNo) -> &Field {
        &self.fields[object as usize][usize::from(number)]
    }

    /// The number of the field with a name.
    pub(crate) fn number(&self, object: Object, name: &str) -> Option<FieldNo> {
        self.numbers[object as usize].get(name).copied()
    }
}
