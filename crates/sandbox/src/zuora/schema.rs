//! What Zuora's objects are made of: a table of fields for each, from the vendor's specifications.

use super::objects;

/// An object type that the emulator holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Entity {
    Account,
    Contact,
    Product,
    ProductRatePlan,
    ProductRatePlanCharge,
    ProductRatePlanChargeTier,
    Invoice,
    InvoiceItem,
    TaxationItem,
    Subscription,
    RatePlan,
    RatePlanCharge,
}

impl Entity {
    /// All of them, in the order of their discriminants.
    pub(crate) const ALL: [Self; 12] = [
        Self::Account,
        Self::Contact,
        Self::Product,
        Self::ProductRatePlan,
        Self::ProductRatePlanCharge,
        Self::ProductRatePlanChargeTier,
        Self::Invoice,
        Self::InvoiceItem,
        Self::TaxationItem,
        Self::Subscription,
        Self::RatePlan,
        Self::RatePlanCharge,
    ];

    /// What the type is called and made of.
    pub(crate) fn object(self) -> &'static Object {
        match self {
            Self::Account => &objects::account::ACCOUNT,
            Self::Contact => &objects::account::CONTACT,
            Self::Product => &objects::catalogue::PRODUCT,
            Self::ProductRatePlan => &objects::catalogue::PLAN,
            Self::ProductRatePlanCharge => &objects::charge::CHARGE,
            Self::ProductRatePlanChargeTier => &objects::charge::TIER,
            Self::Invoice => &objects::invoice::INVOICE,
            Self::InvoiceItem => &objects::invoice::ITEM,
            Self::TaxationItem => &objects::invoice::TAXATION,
            Self::Subscription => &objects::subscription::SUBSCRIPTION,
            Self::RatePlan => &objects::subscription::RATE_PLAN,
            Self::RatePlanCharge => &objects::subscription::RATE_PLAN_CHARGE,
        }
    }

    /// The type of this name; ZOQL and the Actions do not mind the case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.object().name.eq_ignore_ascii_case(name))
    }

    /// The field of this name; in ZOQL and Object Query names do not mind the case.
    pub(crate) fn field(self, name: &str) -> Option<FieldNo> {
        let position = self.object().fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))?;
        u8::try_from(position).ok().map(FieldNo)
    }

    /// The field of exactly this name, as a request body must spell it.
    pub(crate) fn exact_field(self, name: &str) -> Option<FieldNo> {
        self.field(name).filter(|number| self.at(*number).name == name)
    }

    /// The definition of a field.
    pub(crate) fn at(self, number: FieldNo) -> &'static Field {
        &self.object().fields[usize::from(number.0)]
    }

    /// All fields with their numbers.
    pub(crate) fn fields(self) -> impl Iterator<Item = (FieldNo, &'static Field)> {
        (0..=u8::MAX).map(FieldNo).zip(self.object().fields)
    }
}

/// The position of a field in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldNo(pub(crate) u8);

/// The fields that every object begins with.
pub(crate) const ID: FieldNo = FieldNo(0);
/// Who created the record.
pub(crate) const CREATED_BY: FieldNo = FieldNo(1);
/// When the record was created.
pub(crate) const CREATED: FieldNo = FieldNo(2);
/// Who wrote the record last.
pub(crate) const UPDATED_BY: FieldNo = FieldNo(3);
/// When the record was written last.
pub(crate) const UPDATED: FieldNo = FieldNo(4);

/// The definition of an object type.
#[derive(Debug)]
pub(crate) struct Object {
    /// The name in ZOQL, in the Actions and in describe.
    pub(crate) name: &'static str,
    /// The label in describe.
    pub(crate) label: &'static str,
    /// The segment below `/v1/object`; empty where there is no such resource.
    pub(crate) crud: &'static str,
    /// The segment below `/object-query`; empty where there is none.
    pub(crate) query: &'static str,
    /// The name in Object Query's `{object}.fields[]`.
    pub(crate) query_name: &'static str,
    /// The field that may stand in for the id in a key; empty where there is none.
    pub(crate) number: &'static str,
    /// Whether the Actions create and delete it.
    pub(crate) creatable: bool,
    /// What the vendor's Object Query can expand, as far as its list goes.
    pub(crate) expands: &'static [&'static str],
    /// The ways to other objects that the emulator holds.
    pub(crate) relations: &'static [Relation],
    /// The fields; the first five are the same everywhere.
    pub(crate) fields: &'static [Field],
}

/// A way from one object to another.
#[derive(Debug)]
pub(crate) struct Relation {
    /// The name in Object Query's answers.
    pub(crate) name: &'static str,
    /// The object at the other end.
    pub(crate) to: Entity,
    /// Which field makes the connection, and on which side it stands.
    pub(crate) by: Side,
}

/// Where the connecting field of a relation stands.
#[derive(Debug)]
pub(crate) enum Side {
    /// On this object: it names one other.
    Here(&'static str),
    /// On the other: many of them name this one.
    There(&'static str),
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The record's own id.
    Key,
    /// The id of another record.
    Ref(Entity),
    /// A text of at most so many characters.
    Text(u16),
    /// One of a list of texts.
    Pick(&'static [&'static str]),
    /// A decimal number.
    Number,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment.
    Moment,
}

/// When a field may be written by a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// Never.
    Never,
    /// When the record is created.
    Once,
    /// Always.
    Always,
}

/// Where the value of a field comes from that no record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is another field of the same record.
    Same(&'static str),
    /// It is a field of the record that a reference points to.
    Inherited {
        /// The reference.
        by: &'static str,
        /// The field over there.
        of: &'static str,
    },
    /// It is this number in all records.
    Number(i64),
    /// It is this truth in all records.
    Flag(bool),
    /// It is this text in all records.
    Text(&'static str),
    /// It counts the records, behind these letters.
    Counted(&'static str),
}

/// The WSDL version of a field that only the v1 resources and Object Query know.
const NO_WSDL: u16 = u16::MAX;

/// The definition of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// The name in ZOQL, Actions and CRUD.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) kind: Kind,
    /// When it may be written.
    pub(crate) write: Write,
    /// Whether creation demands it.
    pub(crate) required: bool,
    /// Whether Object Query filters and sorts by it.
    pub(crate) listed: bool,
    /// Whether no two records may share a value.
    pub(crate) unique: bool,
    /// Whether the store keeps an index of it.
    pub(crate) indexed: bool,
    /// The WSDL version from which the Actions and CRUD know it.
    pub(crate) since: u16,
    /// The name in Object Query where it is not the name with a small first letter; empty: it is not there.
    pub(crate) query_name: Option<&'static str>,
    /// Where its value comes from if no record holds it.
    pub(crate) origin: Option<Origin>,
}

impl Field {
    /// A field that is only read.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            write: Write::Never,
            required: false,
            listed: false,
            unique: false,
            indexed: false,
            since: 0,
            query_name: None,
            origin: None,
        }
    }

    /// May be written when the record is created.
    pub(crate) const fn once(self) -> Self {
        Self { write: Write::Once, ..self }
    }

    /// May be written always.
    pub(crate) const fn open(self) -> Self {
        Self { write: Write::Always, ..self }
    }

    /// Demanded on creation.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Object Query filters and sorts by it.
    pub(crate) const fn listed(self) -> Self {
        Self { listed: true, ..self }
    }

    /// No two records share a value; there is an index of it.
    pub(crate) const fn unique(self) -> Self {
        Self { unique: true, indexed: true, ..self }
    }

    /// There is an index of it.
    pub(crate) const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    /// Known to the Actions and CRUD from this WSDL version on.
    pub(crate) const fn since(self, version: u16) -> Self {
        Self { since: version, ..self }
    }

    /// Unknown to all WSDL versions: only the v1 resources and Object Query show it.
    pub(crate) const fn not_in_actions(self) -> Self {
        self.since(NO_WSDL)
    }

    /// Held by no record.
    pub(crate) const fn from(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// Held by the record that a reference points to.
    pub(crate) const fn inherited(self, by: &'static str, of: &'static str) -> Self {
        self.from(Origin::Inherited { by, of })
    }

    /// Has a name of its own in Object Query.
    pub(crate) const fn queried_as(self, name: &'static str) -> Self {
        Self { query_name: Some(name), ..self }
    }

    /// Is not in Object Query.
    pub(crate) const fn not_queried(self) -> Self {
        self.queried_as("")
    }

    /// Whether the Actions, CRUD and describe of a WSDL version know the field.
    pub(crate) const fn is_known(&self, wsdl: u16) -> bool {
        self.since != NO_WSDL && self.since <= wsdl
    }

    /// Whether the field belongs to the NetSuite connector.
    pub(crate) fn is_connector_field(&self) -> bool {
        self.name.ends_with("__NS")
    }
}
