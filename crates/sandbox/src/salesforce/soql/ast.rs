//! A query as it was written. Places are byte offsets in the text, for refusals to point to.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::dates::Span;

/// A query, or a query within one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// What is asked for.
    pub(crate) items: Vec<Item>,
    /// The object, or the relationship of a subquery; with the aliases of parents behind it.
    pub(crate) from: Source,
    /// `FROM Contact c, c.Account a`: other names for paths.
    pub(crate) aliases: Vec<Source>,
    /// What follows `USING SCOPE`.
    pub(crate) scope: Option<Name>,
    /// The condition of `WHERE`.
    pub(crate) filter: Option<Condition>,
    /// The fields of `GROUP BY`.
    pub(crate) groups: Vec<Operand>,
    /// The condition of `HAVING`.
    pub(crate) having: Option<Condition>,
    /// The fields of `ORDER BY`.
    pub(crate) order: Vec<Order>,
    /// `LIMIT`.
    pub(crate) limit: Option<usize>,
    /// `OFFSET`.
    pub(crate) offset: Option<usize>,
}

/// A word and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// The word as it was written.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) at: usize,
}

/// `Account`, `Contact c`, `c.Account a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The object or the path.
    pub(crate) path: Path,
    /// Its other name.
    pub(crate) alias: Option<Name>,
}

/// A field, with the relationships that lead to it: `Account.Owner.Name`. It has one name at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Name>);

impl Path {
    /// Where it begins.
    pub(crate) fn at(&self) -> usize {
        self.0.first().map_or(0, |name| name.at)
    }

    /// As it was written.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// Something that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// A field or a function, and its alias.
    Value(Operand, Option<Name>),
    /// `FIELDS(ALL)` and its like.
    Fields(Fields, usize),
    /// The records that refer to this one.
    Children(Box<Query>),
}

/// Which fields `FIELDS()` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    /// All.
    All,
    /// The vendor's.
    Standard,
    /// The org's own.
    Custom,
}

/// What can be selected, compared, grouped and sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A field.
    Field(Path),
    /// A figure over rows. Only `COUNT` goes without a field.
    Aggregate(Aggregate, Option<Path>, usize),
}

impl Operand {
    /// Where it begins.
    pub(crate) fn at(&self) -> usize {
        match self {
            Self::Field(path) => path.at(),
            Self::Aggregate(_, _, at) => *at,
        }
    }
}

/// The figures over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Average,
    Smallest,
    Largest,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// All of them; two at least.
    All(Vec<Condition>),
    /// One of them; two at least.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// An operand against a literal.
    Compare(Operand, Comparison, Literal),
    /// An operand against a list; `true`: it must not be in it.
    In(Operand, bool, Vec<Literal>),
    /// An operand against the results of a query; `true`: it must not be among them.
    Join(Operand, bool, Box<Query>),
    /// A list of values against combinations, `true`: it must have none of them.
    Includes(Operand, bool, Vec<Literal>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Like,
}

/// A literal and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    /// What it says.
    pub(crate) value: Written,
    /// Where it stands.
    pub(crate) at: usize,
}

/// What a literal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// None.
    Null,
    /// True or false.
    Flag(bool),
    /// A text in quotes, with its escapes undone, but for the two that only `LIKE` has (`\%`, `\_`).
    Text(String),
    /// A number, also one with a currency before it.
    Number(Decimal),
    /// A day.
    Date(Date),
    /// A moment.
    Moment(Timestamp),
    /// A span of days by its name: `TODAY`, `LAST_N_DAYS:7`.
    Span(Span),
}

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// What is sorted by.
    pub(crate) operand: Operand,
    /// Largest first.
    pub(crate) descending: bool,
    /// Whether rows without a value come last.
    pub(crate) nulls_last: bool,
}
