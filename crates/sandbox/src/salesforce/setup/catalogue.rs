//! What objects and fields an administrator has made: the Tooling API's own tables, as queries see them. They tell of what
//! the integration user is not shown, too.

use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::resource::At;
use crate::salesforce::rights::{Rights, Sight};
use crate::salesforce::schema::{ID, Schema};
use crate::salesforce::soql::{self, Asked, Cursors, LARGEST_BATCH};
use crate::salesforce::store::{Row, Store};
use crate::salesforce::value::Value;

const TABLES: &str = "
[User 005 Users]
Name string:80 name

[CustomObject 01I Custom Objects]
DeveloperName string:80 name
NamespacePrefix string:15

[CustomField 00N Custom Fields]
DeveloperName string:80 name
NamespacePrefix string:15
TableEnumOrId string:40
";
/// No object has more places for fields.
const PLACES: usize = 1_000;

/// `GET /tooling/query`.
pub(super) fn query(at: &At<'_>, call: &Call) -> Verdict<Reply> {
    let text = call.parameter("q").ok_or_else(|| Refusal::new(400, "MALFORMED_QUERY", "A query is required"))?;
    let schema = Schema::of(TABLES).map_err(Refusal::not_emulated)?;
    let mut store = Store::new(&schema, at.store().org());
    for row in objects(at, &schema).chain(fields(at, &schema)) {
        store.put(row);
    }
    let (rights, cursors) = (Rights::default(), Cursors::new(at.store().org()));
    let sight = Sight { schema: &schema, rights: &rights, store: &store };
    let asked = Asked { version: &call.version, all: false, batch: LARGEST_BATCH, now: at.org.now() };
    Ok(Reply::json(200, soql::query(&sight, &cursors, text, &asked)?))
}

/// The id of an object's definition.
pub(super) fn object_id(store: &Store, object: usize) -> Id {
    Id::new(*b"01I", store.org(), object as u64 + 1)
}

/// The id of a field's definition.
pub(super) fn field_id(store: &Store, object: usize, field: usize) -> Id {
    Id::new(*b"00N", store.org(), (object * PLACES + field) as u64)
}

/// `Ruby` and `Amount` of `Ruby__Amount__c`; an administrator's own have no namespace.
pub(super) fn parts(name: &str) -> (Option<&str>, &str) {
    let stem = name.strip_suffix("__c").unwrap_or(name);
    stem.split_once("__").map_or((None, stem), |(namespace, developer)| (Some(namespace), developer))
}

fn objects<'a>(at: &'a At<'_>, schema: &'a Schema) -> impl Iterator<Item = Row> + use<'a> {
    let all = at.current.schema.objects.iter().enumerate();
    all.filter(|(_, object)| !object.absent && object.is_custom()).map(|(position, object)| {
        let (namespace, developer) = parts(&object.name);
        let texts = [("DeveloperName", Some(developer)), ("NamespacePrefix", namespace)];
        row(schema, "CustomObject", object_id(at.store(), position), &texts)
    })
}

fn fields<'a>(at: &'a At<'_>, schema: &'a Schema) -> impl Iterator<Item = Row> + use<'a> {
    let all = at.current.schema.objects.iter().enumerate().filter(|(_, object)| !object.absent);
    all.flat_map(move |(position, object)| {
        object.custom_fields().map(move |(place, field)| {
            let (namespace, developer) = parts(&field.name);
            let table = match object.is_custom() {
                true => object_id(at.store(), position).to_string(),
                false => object.name.clone(),
            };
            let texts =
                [("DeveloperName", Some(developer)), ("NamespacePrefix", namespace), ("TableEnumOrId", Some(&*table))];
            row(schema, "CustomField", field_id(at.store(), position, place), &texts)
        })
    })
}

fn row(schema: &Schema, object: &str, id: Id, texts: &[(&str, Option<&str>)]) -> Row {
    let object = schema.position(object).unwrap_or_default();
    let described = &schema.objects[object];
    let mut row = Row { id, object, values: vec![Value::Null; described.fields.len()] };
    row.set(ID, Value::Id(id));
    for (field, text) in texts {
        if let Some(position) = described.position(field) {
            row.set(position, text.map_or(Value::Null, Value::text));
        }
    }
    row
}
