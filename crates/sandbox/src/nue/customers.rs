//! Customers and their contacts.

use axum::response::Response;
use serde_json::{Map, Value};

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::filter::{Ask, Filter};
use super::reply;
use super::schema::Object;
use super::show;
use super::store::Store;
use super::value::Cell;
use super::write::{self, Changes, Mode};

/// The most customers, or contacts, in one call.
const MOST: usize = 200;

/// `POST /customers`: all are made, or none.
pub(crate) fn make(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    make_all(nue, call, Object::Customer, |_, _, _| Ok(()))
}

/// `POST /customers/{id}/contacts`.
pub(crate) fn make_contacts(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let customer = customer_id(&nue.read(), call.path("id"))?;
    make_all(nue, call, Object::Contact, move |store, changes, place| {
        let email = write::given(store, Object::Contact, changes, "email").and_then(Cell::as_text).unwrap_or_default();
        if store.find(Object::Contact, "email", email).is_some() {
            return Err(Refusal::field(format!("{place}email"), format!("`{email}` is taken")));
        }
        let number = store.schema.number(Object::Contact, "customerId");
        changes.extend(number.map(|number| (number, Some(Cell::text(&customer)))));
        Ok(())
    })
}

fn make_all(
    nue: &Nue,
    call: &Call,
    object: Object,
    complete: impl Fn(&Store, &mut Changes, &str) -> Result<(), Refusal>,
) -> Result<Response, Refusal> {
    let Value::Array(bodies) = call.json()? else { return Err(Refusal::invalid("The body must be a JSON list")) };
    if bodies.len() > MOST {
        return Err(Refusal::limit(format!("{MOST} records at most may be made in one call")));
    }
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (mut store, settings, now) = (nue.write(call), nue.settings(), nue.clock.now());
    let mut wishes = Vec::with_capacity(bodies.len());
    for (position, body) in bodies.iter().enumerate() {
        let place = format!("[{position}].");
        let body = body.as_object().ok_or_else(|| Refusal::field(&place, "must be an object"))?;
        let mut changes = write::read(&store, &settings, object, body, Mode::Make, &["customerId"], &place)?;
        complete(&store, &mut changes, &place)?;
        wishes.push(changes);
    }
    let mut made = Vec::with_capacity(wishes.len());
    for changes in wishes {
        let row = store.insert(object, &nue.random_uuid(), write::filled(changes), now);
        if object == Object::Customer {
            let number = store.fresh_number(object, "ACC");
            store.put(object, row, vec![("accountNumber", Some(Cell::text(&number)))], now);
            nue.mirror_later(&settings, object, &store.id(object, row));
        }
        made.push(Value::Object(show::record(&store, &settings, object, row)));
        // Of a batch a fault takes back one record: the first.
        store.take_back();
    }
    Ok(reply::envelope(Value::Array(made)))
}

/// `GET /customers`.
pub(crate) fn list(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, Object::Customer, Vec::new())
}

/// `GET /customers/{id}`.
pub(crate) fn one(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    Ok(reply::envelope(Value::Object(reply::one(nue, call, Object::Customer, call.path("id"))?)))
}

/// `PATCH /customers/{id}`.
pub(crate) fn change(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    change_one(nue, call, Object::Customer, &[], |_, _, _| Ok(())).map(reply::envelope)
}

/// Changes the record at an address, if `permit` lets the body pass.
pub(crate) fn change_one(
    nue: &Nue,
    call: &Call,
    object: Object,
    besides: &[&str],
    permit: impl Fn(&Store, u32, &Map<String, Value>) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let body = call.object()?;
    let (mut store, settings, key) = (nue.write(call), nue.settings(), call.path("id"));
    let row = store.by_key(object, key).ok_or_else(|| Refusal::not_found(object.name(), key))?;
    permit(&store, row, &body)?;
    let changes = write::read(&store, &settings, object, &body, Mode::Change, besides, "")?;
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    store.update(object, row, changes, nue.clock.now());
    Ok(Value::Object(show::record(&store, &settings, object, row)))
}

/// A list of what belongs to the customer at an address.
pub(crate) fn list_of(nue: &Nue, call: &Call, object: Object) -> Result<Response, Refusal> {
    let customer = customer_id(&nue.read(), call.path("id"))?;
    let field = nue.read().schema.number(object, "customerId").unwrap_or_default();
    let of_customer = Filter::Test { relation: None, field, ask: Ask::In([Cell::text(&customer)].into()) };
    reply::list(nue, call, object, vec![of_customer])
}

fn customer_id(store: &Store, key: &str) -> Result<String, Refusal> {
    let row = store.by_key(Object::Customer, key).ok_or_else(|| Refusal::not_found("Customer", key))?;
    Ok(store.id(Object::Customer, row))
}

/// `GET /customers/{id}/contacts`.
pub(crate) fn list_contacts(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    list_of(nue, call, Object::Contact)
}
