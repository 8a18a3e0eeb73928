//! What is odd about a record.

use super::Outcome;

/// The types of records that travel between the pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Salesforce to Nue.
    Order,
    /// Salesforce to Nue.
    Subscription,
    /// Nue to Salesforce.
    Invoice,
    /// Nue to Salesforce.
    CreditMemo,
    /// Nue to Salesforce.
    DebitMemo,
    /// Nue to Salesforce.
    Payment,
}

impl Kind {
    /// All of them, parents before children.
    pub const ALL: [Self; 6] =
        [Self::Order, Self::Subscription, Self::Invoice, Self::CreditMemo, Self::DebitMemo, Self::Payment];
}

/// The ways in which a record is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Blemish {
    /// The destination does not have the customer: it is made first.
    MissingCustomer,
    /// A product of the order was never published to Nue.
    UnknownProduct,
    /// A product of the order may no longer be sold.
    InactiveProduct,
    /// The price of an order product is not the one of the price book.
    OtherPrice,
    /// The description is longer than Nue takes.
    LongDescription,
    /// The order has no name.
    BlankName,
    /// The name holds letters of several scripts, a combining accent and a character of four bytes.
    Unicode,
    /// A hand has changed the quantity in Salesforce.
    OtherQuantity,
    /// An item comes to a fraction of a cent.
    ThreeDecimals,
    /// The name is longer than Salesforce takes.
    LongName,
    /// The id is written in capitals.
    UpperCaseId,
    /// The customer's id is written without its checksum.
    ShortCustomerId,
    /// The customer shares its name with another one.
    TwinName,
    /// The record is a draft.
    Draft,
    /// The record was cancelled.
    Canceled,
}

impl Blemish {
    /// What is to become of a record of a type of which this is all that is odd. A customer travels
    /// before its orders and documents. A document travels again when it was cancelled.
    pub fn outcome(self, kind: Kind) -> Outcome {
        match self {
            Self::Canceled if kind != Kind::Order => Outcome::Arrives,
            Self::UnknownProduct => Outcome::Waits,
            Self::InactiveProduct
            | Self::OtherPrice
            | Self::LongDescription
            | Self::OtherQuantity
            | Self::ThreeDecimals
            | Self::LongName => Outcome::Refused,
            Self::MissingCustomer
            | Self::BlankName
            | Self::Unicode
            | Self::UpperCaseId
            | Self::ShortCustomerId
            | Self::TwinName => Outcome::Arrives,
            Self::Draft | Self::Canceled => Outcome::Passed,
        }
    }
}

/// A record that is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stain {
    /// What is odd.
    pub blemish: Blemish,
    /// The type of the record.
    pub kind: Kind,
    /// Its position among those of its type.
    pub position: usize,
}
