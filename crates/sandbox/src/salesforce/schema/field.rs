//! A field of an object: what it holds and what may be done with it.

use crate::salesforce::value::Value;

/// The type of a field, as describes name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The record's own id.
    Id,
    /// A text of one line.
    String,
    /// A text of several lines. One of more than 255 characters cannot be filtered by.
    TextArea,
    /// True or false, never none.
    Boolean,
    /// A whole number.
    Int,
    /// A decimal number.
    Double,
    /// An amount of money.
    Currency,
    /// A percentage.
    Percent,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// A time of the day.
    Time,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// One of a list of values.
    Picklist,
    /// Several of a list of values, joined by semicolons.
    MultiPicklist,
    /// The id of another record.
    Reference,
    /// A compound of the fields of an address. It holds nothing itself.
    Address,
}

impl Kind {
    /// The name in describes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::String => "string",
            Self::TextArea => "textarea",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Double => "double",
            Self::Currency => "currency",
            Self::Percent => "percent",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Time => "time",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Picklist => "picklist",
            Self::MultiPicklist => "multipicklist",
            Self::Reference => "reference",
            Self::Address => "address",
        }
    }

    /// Whether it is a number of any kind.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Currency | Self::Percent)
    }

    /// Whether it is kept as a text.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::TextArea
                | Self::Email
                | Self::Phone
                | Self::Url
                | Self::Picklist
                | Self::MultiPicklist
        )
    }
}

/// What a reference points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The other object's position in the schema.
    pub(crate) object: usize,
    /// The name of the way there: `Account`, `Ruby__Invoice__r`.
    pub(crate) name: String,
    /// The name of the way back: `Contacts`.
    pub(crate) children: Option<String>,
    /// Master-detail: the child goes with its parent, and cannot be without it.
    pub(crate) master: bool,
    /// Whether a write of the child locks the parent.
    pub(crate) locks: bool,
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The name in the vendor's spelling.
    pub(crate) name: String,
    /// The label, which refusals quote.
    pub(crate) label: String,
    /// The type.
    pub(crate) kind: Kind,
    /// The most characters of a text; 0 where it is none.
    pub(crate) length: usize,
    /// The most digits of a number.
    pub(crate) precision: u32,
    /// The digits behind the point.
    pub(crate) scale: u32,
    /// Whether a record must have a value.
    pub(crate) required: bool,
    /// What a new record has if its writer says nothing.
    pub(crate) default: Value,
    /// Whether a writer may set it on a new record.
    pub(crate) createable: bool,
    /// Whether a writer may change it.
    pub(crate) updateable: bool,
    /// Whether no two records share a value.
    pub(crate) unique: bool,
    /// Whether a unique value's case counts.
    pub(crate) case_sensitive: bool,
    /// Whether it is an External ID.
    pub(crate) external_id: bool,
    /// Whether it may be the key of an upsert.
    pub(crate) id_lookup: bool,
    /// Whether look-ups use an index.
    pub(crate) indexed: bool,
    /// Whether it is the record's name.
    pub(crate) name_field: bool,
    /// Whether it is made of first and last name.
    pub(crate) person_name: bool,
    /// The pattern of a running number.
    pub(crate) auto_number: Option<String>,
    /// The values of a picklist.
    pub(crate) values: Vec<String>,
    /// Whether a picklist takes only its values.
    pub(crate) restricted: bool,
    /// The address that it is a part of.
    pub(crate) compound: Option<String>,
    /// What a reference points to.
    pub(crate) relation: Option<Relation>,
    /// Whether the object has it at all: some have no `IsDeleted`.
    pub(crate) absent: bool,
    /// Whether it is one that a sync adds to an org.
    pub(crate) ours: bool,
    /// Whether only a permission set lets the user see it: a caller has made it.
    pub(crate) needs_grant: bool,
}

impl Field {
    /// A field of a type with nothing special about it.
    pub(in crate::salesforce) fn new(name: String, kind: Kind) -> Self {
        Self {
            label: label(&name, kind),
            name,
            kind,
            length: 0,
            precision: 0,
            scale: 0,
            required: kind == Kind::Boolean,
            default: if kind == Kind::Boolean { Value::Flag(false) } else { Value::Null },
            createable: kind != Kind::Address,
            updateable: kind != Kind::Address,
            unique: false,
            case_sensitive: false,
            external_id: false,
            id_lookup: false,
            indexed: kind == Kind::Reference,
            name_field: false,
            person_name: false,
            auto_number: None,
            values: Vec::new(),
            restricted: false,
            compound: None,
            relation: None,
            absent: false,
            ours: false,
            needs_grant: false,
        }
    }

    /// Whether it is one of the org's own, or of a package.
    pub(crate) fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether a value is a whole number, which is written without a fraction.
    pub(crate) fn is_whole(&self) -> bool {
        self.kind == Kind::Int
    }

    /// Whether a query may filter by it.
    pub(crate) fn is_filterable(&self) -> bool {
        !self.is_long_text()
    }

    /// Whether a query may sort by it.
    pub(crate) fn is_sortable(&self) -> bool {
        !self.is_long_text() && !matches!(self.kind, Kind::Address | Kind::MultiPicklist)
    }

    /// Whether a query may group by it.
    pub(crate) fn is_groupable(&self) -> bool {
        let measured = matches!(self.kind, Kind::Double | Kind::Currency | Kind::Percent | Kind::DateTime | Kind::Time);
        self.is_sortable() && !measured
    }

    /// Whether a query may take an aggregate of it.
    pub(crate) fn is_aggregatable(&self) -> bool {
        self.is_sortable() && self.kind != Kind::Boolean
    }

    /// A text area of more than 255 characters.
    pub(crate) fn is_long_text(&self) -> bool {
        self.kind == Kind::TextArea && self.length > 255
    }

    /// Whether the caller's profile decides who sees it. What every record must have is seen by all.
    pub(crate) fn is_permissionable(&self) -> bool {
        let system = matches!(self.kind, Kind::Id) || self.name_field || (self.required && self.kind != Kind::Boolean);
        let master = self.relation.as_ref().is_some_and(|relation| relation.master);
        let kept = !self.is_custom() && !self.createable && !self.updateable && self.kind != Kind::Address;
        // A person's parts of the name are seen by all, required or not.
        let named = self.compound.as_deref() == Some("Name");
        !system && !master && !kept && !named && !super::SYSTEM_FIELDS.contains(&self.name.as_str())
    }
}

/// `BillingCity` is labelled `Billing City`, `AccountId` `Account ID`, `Ruby__Amount__c` `Amount`.
fn label(name: &str, kind: Kind) -> String {
    let bare = name.strip_suffix("__c").unwrap_or(name);
    let bare = bare.rsplit_once("__").map_or(bare, |(_, rest)| rest).replace('_', " ");
    let mut label = String::new();
    let mut last = ' ';
    for letter in bare.chars() {
        if letter.is_ascii_uppercase() && last.is_ascii_lowercase() {
            label.push(' ');
        }
        label.push(letter);
        last = letter;
    }
    match label.strip_suffix(" Id") {
        Some(stem) if kind == Kind::Reference => format!("{stem} ID"),
        _ => label,
    }
}
