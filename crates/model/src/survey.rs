//! What an application tells of itself before anything is written: who we are there, what is left of its limits, what its
//! objects and fields are. Nothing here is needed for a run; `check` asks, and only reads.

use async_trait::async_trait;

use crate::ports::Lack;
use crate::problem::Problem;

/// An application that can be looked over.
#[async_trait]
pub trait Survey: Send + Sync {
    /// The base address.
    fn address(&self) -> &str;

    /// Logs in, makes a harmless read, and tells who we are and what is left. It does not wait for an application that is
    /// down.
    async fn visit(&self) -> Result<Visit, Problem>;

    /// What an object is, with those of `fields` that it has; `None` if there is none that we may see. A dot leads into
    /// a nested record, as in [`crate::ports::Destination::lacking`].
    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem>;

    /// Whether the lines of a record are objects of their own, and not sublists of the record.
    fn lines_are_objects(&self) -> bool {
        false
    }

    /// Where the marks of its records stand, if not in the records themselves.
    fn marks(&self) -> Option<MarkPlace<'_>> {
        None
    }

    /// What a person has to do about a matter, in the application's own words: menus, names, commands.
    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String;
}

/// A visit that went well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// Who we are there: the user, the org, the tenant, as far as the application tells.
    pub who: Option<String>,
    /// What it grants, and what is left of that.
    pub limits: Vec<Allowed>,
}

/// A limit of an application.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Allowed {
    /// What is limited: `calls a day`.
    pub what: String,
    /// How many are granted.
    pub granted: u64,
    /// How many are left, if the application tells.
    pub left: Option<u64>,
    /// How many of them are left to people and other programs.
    pub kept: u64,
    /// What to do when there are too few.
    #[serde(skip)]
    pub remedy: String,
}

/// Where marks stand that a record cannot hold itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkPlace<'a> {
    /// The application.
    pub application: &'static str,
    /// Its object.
    pub object: &'a str,
    /// Its field for the id of the record that is marked.
    pub key: &'a str,
    /// How the names of its fields end, and no field of the records does.
    pub ending: &'static str,
}

/// What an object is. What the application does not tell, it does not forbid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Whether we may query it.
    pub queryable: bool,
    /// Whether we may make records of it.
    pub createable: bool,
    /// Whether we may change records of it.
    pub updateable: bool,
    /// Those of the fields that were asked for, under the names under which they were.
    pub fields: Vec<FieldShape>,
    /// The others.
    pub lacking: Vec<Lack>,
    /// Fields that a new record must have from us, whether they were asked for or not, and what each refers to.
    pub required: Vec<(String, Vec<String>)>,
}

impl Shape {
    /// One that forbids nothing and has no fields yet.
    pub fn open() -> Self {
        Self {
            queryable: true,
            createable: true,
            updateable: true,
            fields: Vec::new(),
            lacking: Vec::new(),
            required: Vec::new(),
        }
    }

    /// A field that was asked for.
    pub fn field(&self, name: &str) -> Option<&FieldShape> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The application does not tell.
    Unknown,
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A day or a moment.
    Date,
    /// The id of another record.
    Reference,
}

impl Kind {
    /// The word that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "anything",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "a truth value",
            Self::Date => "a date",
            Self::Reference => "a reference",
        }
    }
}

/// What a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldShape {
    /// The name under which it was asked for.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The most characters of a text.
    pub length: Option<usize>,
    /// The digits of a number before and behind the point.
    pub digits: Option<(u32, u32)>,
    /// Whether a query may filter by it.
    pub filterable: bool,
    /// Whether it may be set on a new record.
    pub createable: bool,
    /// Whether it may be changed.
    pub updateable: bool,
    /// What it is as a key, where the application has such a thing.
    pub key: Option<KeyShape>,
    /// The only values that it takes.
    pub values: Option<Vec<String>>,
}

impl FieldShape {
    /// A field of which no more is known than that it is there.
    pub fn unknown(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Unknown,
            length: None,
            digits: None,
            filterable: true,
            createable: true,
            updateable: true,
            key: None,
            values: None,
        }
    }
}

/// What a field is as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShape {
    /// Records can be written by it.
    pub external: bool,
    /// No two records share a value.
    pub unique: bool,
    /// Values that differ only in case are the same.
    pub any_case: bool,
}

/// What is the matter with an object or a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// There is no such object, or none that we may see.
    NoObject,
    /// The object must not be queried.
    NotQueried,
    /// Records of the object must not be made.
    NotMade,
    /// Records of the object must not be changed.
    NotChanged,
    /// There is no such field, or none that we may see.
    NoField,
    /// The field cannot be filtered by.
    NotFiltered,
    /// The field must not be written.
    NotWritten,
    /// The field is no key that the application enforces.
    NoKey,
    /// A text is longer than the field; how long it may be.
    TooShort(usize),
    /// The field holds something else; what is given to it.
    OtherKind(Kind),
    /// The field holds fewer digits than the value has.
    FewDigits,
    /// The field does not take this value.
    NotAmong(String),
    /// The field must have a value, and no rule gives one.
    Unfilled,
}
