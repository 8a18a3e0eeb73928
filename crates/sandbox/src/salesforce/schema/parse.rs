//! Reads the table of objects.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{CREATED_BY, Child, Field, ID, IS_DELETED, Kind, MODIFIED_BY, Object, Relation, SYSTEM_FIELDS, Schema};
use crate::salesforce::value::Value;

/// The currencies of the org.
const CURRENCIES: &str = "USD; EUR; GBP; JPY; CHF; AUD; CAD; SEK; NOK; DKK; PLN; SGD; INR";

/// What never lies in the recycle bin.
const NOT_RECYCLED: [&str; 7] = [
    "Organization",
    "Profile",
    "User",
    "PermissionSet",
    "ObjectPermissions",
    "FieldPermissions",
    "PermissionSetAssignment",
];

/// Reads the whole table.
pub(super) fn read(table: &str, names: &BTreeMap<String, String>) -> Result<Schema, String> {
    let mut schema = Schema::default();
    let lines: Vec<&str> = table.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let lines = lines.into_iter().filter(|line| !line.starts_with('#'));
    let mut references = Vec::new();
    let mut open: Option<(Object, &str)> = None;
    for line in lines {
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let begun = begin(head, names).ok_or(line)?;
            for field in [CREATED_BY, MODIFIED_BY] {
                references.push((begun.0.name.clone(), field, Refers::to("User")));
            }
            if let Some((object, _)) = open.replace(begun) {
                schema.add(object);
            }
            continue;
        }
        let (object, known) = open.as_mut().ok_or(line)?;
        for line in expand(line) {
            let Parsed { mut field, refers } = parse_field(&line).ok_or_else(|| format!("[{}] {line}", object.name))?;
            let table_name = std::mem::take(&mut field.name);
            field.name = other(names, &format!("{known}.{table_name}"))
                .or_else(|| other(names, &table_name))
                .unwrap_or(table_name);
            if let Some(refers) = refers {
                references.push((object.name.clone(), object.fields.len(), refers));
            }
            object.add(field);
        }
    }
    if let Some((object, _)) = open {
        schema.add(object);
    }
    for (object, field, refers) in references {
        relate(&mut schema, names, &object, field, refers)?;
    }
    Ok(schema)
}

fn other(names: &BTreeMap<String, String>, name: &str) -> Option<String> {
    names.get(name).cloned()
}

/// An object with the fields that all have, and the name by which the table knows it.
fn begin<'a>(head: &'a str, names: &BTreeMap<String, String>) -> Option<(Object, &'a str)> {
    let (known, rest) = head.split_once(' ')?;
    let (prefix, plural) = rest.split_once(' ')?;
    let singular = plural.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let mut object = Object {
        name: other(names, known).unwrap_or_else(|| known.to_owned()),
        label: singular.unwrap_or_else(|| plural.strip_suffix('s').unwrap_or(plural).to_owned()),
        plural: plural.to_owned(),
        prefix: prefix.as_bytes().try_into().ok()?,
        fields: Vec::new(),
        children: Vec::new(),
        ours: known == "Counterfoil_Mark__c",
        absent: false,
        needs_grant: false,
        by_name: std::collections::HashMap::new(),
    };
    for (position, name) in SYSTEM_FIELDS.iter().enumerate() {
        let kind = match position {
            ID => Kind::Id,
            IS_DELETED => Kind::Boolean,
            _ if name.ends_with("Id") => Kind::Reference,
            _ => Kind::DateTime,
        };
        let mut field = Field::new((*name).to_owned(), kind);
        field.required = true;
        field.createable = false;
        field.updateable = false;
        field.id_lookup = position == ID;
        field.indexed = false;
        field.absent = position == IS_DELETED && NOT_RECYCLED.contains(&known);
        field.label = match *name {
            "Id" => format!("{} ID", object.label),
            "IsDeleted" => "Deleted".to_owned(),
            "SystemModstamp" => "System Modstamp".to_owned(),
            _ => field.label,
        };
        object.add(field);
    }
    Some((object, known))
}

/// A line may stand for several fields.
fn expand(line: &str) -> Vec<String> {
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    match line.split_once(' ').unwrap_or((line, "")) {
        ("address", of) => address(if of == "-" { "" } else { of }),
        ("owner", _) => owned(&["OwnerId reference:User required defaulted | Owner ID"]),
        ("money", _) => vec![format!(
            "CurrencyIsoCode picklist:3 required restricted defaulted:USD = {CURRENCIES} | Currency ISO Code"
        )],
        ("nue", _) => owned(&["Nue_Id__c string:36 unique external ours | Nue Id"]),
        ("marks", _) => owned(&[
            "Integration_Status__c string:80 indexed ours",
            "Integration_Id__c string:80 ours",
            "Integration_Error__c textarea:32768 ours",
            "Integration_Version__c string:80 ours",
            "Sync_Date__c datetime ours",
        ]),
        _ => vec![line.to_owned()],
    }
}

fn address(of: &str) -> Vec<String> {
    let compound = format!("{of}Address");
    let part = |text: &str, more: &str| format!("{of}{text} part:{compound}{more}");
    let mut lines = vec![
        part("Street textarea:255", ""),
        part("City string:40", ""),
        part("State string:80", &format!(" | {of} State/Province")),
        part("PostalCode string:20", &format!(" | {of} Zip/Postal Code")),
        part("Country string:80", ""),
        part("Latitude double:18,15", ""),
        part("Longitude double:18,15", ""),
        part(
            "GeocodeAccuracy picklist:40 restricted",
            " = Address; NearAddress; Block; Street; ExtendedZip; Zip; Neighborhood; City; County; State; Unknown",
        ),
    ];
    lines.push(format!("{compound} address"));
    lines
}

/// What a reference says of the other side.
struct Refers {
    object: String,
    name: Option<String>,
    children: Option<String>,
    master: bool,
    locks: bool,
}

impl Refers {
    fn to(object: &str) -> Self {
        Self { object: object.to_owned(), name: None, children: None, master: false, locks: false }
    }
}

struct Parsed {
    field: Field,
    refers: Option<Refers>,
}

fn parse_field(line: &str) -> Option<Parsed> {
    let (line, label) = line.split_once(" | ").map_or((line, None), |(line, label)| (line, Some(label)));
    let (line, values) = line.split_once(" = ").map_or((line, None), |(line, values)| (line, Some(values)));
    let mut words = line.split_ascii_whitespace();
    let name = words.next()?.to_owned();
    let (word, argument) = split(words.next()?);
    let kind = kind_of(word)?;
    let mut field = Field::new(name, kind);
    let mut refers = None;
    match kind {
        Kind::Reference => {
            refers = Some(Refers::to(argument));
            field.length = 18;
        }
        _ if word == "autonumber" => {
            field.auto_number = Some(argument.to_owned());
            field.length = 30;
            field.required = true;
            (field.createable, field.updateable) = (false, false);
        }
        Kind::Int => field.precision = 9,
        _ if kind.is_number() => {
            let (precision, scale) = argument.split_once(',')?;
            (field.precision, field.scale) = (precision.parse().ok()?, scale.parse().ok()?);
        }
        _ if kind.is_text() => field.length = argument.parse().ok()?,
        _ => {}
    }
    for word in words {
        flag(&mut field, &mut refers, word)?;
    }
    if let Some(label) = label {
        field.label = label.to_owned();
    }
    field.values = values.into_iter().flat_map(|values| values.split("; ")).map(str::to_owned).collect();
    field.indexed |= field.unique || field.external_id || field.id_lookup;
    Some(Parsed { field, refers })
}

fn split(word: &str) -> (&str, &str) {
    word.split_once(':').unwrap_or((word, ""))
}

fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "string" | "autonumber" => Kind::String,
        "textarea" => Kind::TextArea,
        "boolean" => Kind::Boolean,
        "int" => Kind::Int,
        "double" => Kind::Double,
        "currency" => Kind::Currency,
        "percent" => Kind::Percent,
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "time" => Kind::Time,
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "url" => Kind::Url,
        "picklist" => Kind::Picklist,
        "multipicklist" => Kind::MultiPicklist,
        "reference" => Kind::Reference,
        "address" => Kind::Address,
        _ => return None,
    })
}

fn flag(field: &mut Field, refers: &mut Option<Refers>, word: &str) -> Option<()> {
    let (word, argument) = split(word);
    match word {
        "required" => field.required = true,
        "unique" => field.unique = true,
        "unique-case" => (field.unique, field.case_sensitive) = (true, true),
        "external" => (field.external_id, field.id_lookup) = (true, true),
        "key" => field.id_lookup = true,
        "indexed" => field.indexed = true,
        "readonly" => (field.createable, field.updateable) = (false, false),
        "createonly" => field.updateable = false,
        "name" => field.name_field = true,
        "person" => field.person_name = true,
        "inname" => field.compound = Some("Name".to_owned()),
        "restricted" => field.restricted = true,
        "ours" => field.ours = true,
        "part" => field.compound = Some(argument.to_owned()),
        "defaulted" => {
            field.default = match field.kind {
                Kind::Boolean => Value::Flag(argument == "true"),
                kind if kind.is_number() => Value::Number(argument.parse::<Decimal>().ok()?),
                _ => Value::text(argument),
            }
        }
        "relation" => refers.as_mut()?.name = Some(argument.to_owned()),
        "children" => refers.as_mut()?.children = Some(argument.to_owned()),
        "locks" => refers.as_mut()?.locks = true,
        "master" => {
            let refers = refers.as_mut()?;
            (refers.master, refers.locks) = (true, true);
            (field.required, field.updateable) = (true, false);
        }
        _ => return None,
    }
    Some(())
}

/// Ties a reference to both sides. `OwnerId` leads to `Owner`, `Ruby__Invoice__c` to `Ruby__Invoice__r`.
fn relate(
    schema: &mut Schema,
    names: &BTreeMap<String, String>,
    object: &str,
    field: usize,
    refers: Refers,
) -> Result<(), String> {
    let missing = || format!("[{object}] refers to {}, which is not there", refers.object);
    let target = other(names, &refers.object).unwrap_or_else(|| refers.object.clone());
    let target = schema.position(&target).ok_or_else(missing)?;
    let position = schema.position(object).ok_or_else(missing)?;
    let own = &mut schema.objects[position].fields[field];
    let name = refers.name.clone().unwrap_or_else(|| match own.name.strip_suffix("__c") {
        Some(stem) => format!("{stem}__r"),
        None => own.name.strip_suffix("Id").unwrap_or(&own.name).to_owned(),
    });
    let relation = Relation {
        object: target,
        name,
        children: refers.children.clone(),
        master: refers.master,
        locks: refers.locks,
    };
    own.relation = Some(relation);
    let child = Child { object: position, field, name: refers.children, cascades: refers.master };
    schema.objects[target].children.push(child);
    Ok(())
}
