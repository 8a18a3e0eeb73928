//! What differs from tenant to tenant, or what nobody outside knows for certain: set for a scenario.

use serde_json::{Map, Value, json};

use super::schema::{Access, Field, Kind, Object, Schema};

/// The settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `paging`: which names of the paging controls are understood.
    pub(crate) paging: Paging,
    /// `errors`: the form of error bodies.
    pub(crate) errors: ErrorForm,
    /// `unknownFilters`: what becomes of a query parameter that is no field.
    pub(crate) unknown_filters: Unknown,
    /// `unknownFields`: what becomes of a field of a body that does not exist.
    pub(crate) unknown_fields: Unknown,
    /// `orderStatusWord`: what an order is called that was activated.
    pub(crate) activated: &'static str,
    /// `connected`: whether the tenant has the native connection to Salesforce.
    pub(crate) connected: bool,
    /// `connectedDelayMs`: how long that connection takes.
    pub(crate) connected_delay: u64,
    /// `rate`: calls a second and in a burst; 0: no limit.
    pub(crate) rate: (u64, u64),
    /// `jobVisibleAfterMs`: how long a new job cannot be seen.
    pub(crate) job_visible_after: u64,
    /// `jobTakesMs`: how long a job takes.
    pub(crate) job_takes: u64,
    /// `keyExpired`: whether the API key has expired.
    pub(crate) key_expired: bool,
    /// `withheld`: permissions that the role lacks.
    pub(crate) withheld: Withheld,
}

/// Which names of the paging controls are understood; the others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    Both,
    Plain,
    Underscored,
}

/// The form of error bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorForm {
    All,
    Errors,
    Error,
    Message,
}

/// What becomes of what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Refuse,
    Ignore,
}

/// Permissions that the role lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Withheld {
    pub(crate) self_service: bool,
    pub(crate) billing: bool,
    pub(crate) transaction_hub: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            paging: Paging::Both,
            errors: ErrorForm::All,
            unknown_filters: Unknown::Refuse,
            unknown_fields: Unknown::Refuse,
            activated: "Activated",
            connected: false,
            connected_delay: 2000,
            rate: (0, 0),
            job_visible_after: 0,
            job_takes: 0,
            key_expired: false,
            withheld: Withheld::default(),
        }
    }
}

const PAGING: &[(&str, Paging)] =
    &[("both", Paging::Both), ("plain", Paging::Plain), ("underscored", Paging::Underscored)];
const FORMS: &[(&str, ErrorForm)] = &[
    ("all", ErrorForm::All),
    ("errors", ErrorForm::Errors),
    ("error", ErrorForm::Error),
    ("message", ErrorForm::Message),
];
const UNKNOWN: &[(&str, Unknown)] = &[("refuse", Unknown::Refuse), ("ignore", Unknown::Ignore)];
const ACTIVATED: &[(&str, &str)] = &[("Activated", "Activated"), ("Active", "Active")];
const KEYS: [&str; 13] = [
    "paging",
    "errors",
    "unknownFilters",
    "unknownFields",
    "orderStatusWord",
    "connected",
    "connectedDelayMs",
    "rate",
    "jobVisibleAfterMs",
    "jobTakesMs",
    "keyExpired",
    "withheld",
    "customFields",
];

impl Settings {
    /// Applies what is given, to the fields of the tenant too; nothing, if something is wrong.
    pub(crate) fn apply(&mut self, schema: &mut Schema, wanted: &Value) -> Result<(), String> {
        let wanted = wanted.as_object().ok_or("the settings must be a JSON object")?;
        let mut settings = *self;
        let mut fields = Vec::new();
        for (key, value) in wanted {
            let told = |error: String| format!("`{key}` {error}");
            match key.as_str() {
                "paging" => settings.paging = one_of(value, PAGING).map_err(told)?,
                "errors" => settings.errors = one_of(value, FORMS).map_err(told)?,
                "unknownFilters" => settings.unknown_filters = one_of(value, UNKNOWN).map_err(told)?,
                "unknownFields" => settings.unknown_fields = one_of(value, UNKNOWN).map_err(told)?,
                "orderStatusWord" => settings.activated = one_of(value, ACTIVATED).map_err(told)?,
                "connected" => settings.connected = flag(value).map_err(told)?,
                "connectedDelayMs" => settings.connected_delay = count(value).map_err(told)?,
                "rate" => settings.rate = rate(value).map_err(told)?,
                "jobVisibleAfterMs" => settings.job_visible_after = count(value).map_err(told)?,
                "jobTakesMs" => settings.job_takes = count(value).map_err(told)?,
                "keyExpired" => settings.key_expired = flag(value).map_err(told)?,
                "withheld" => settings.withheld = withheld(value).map_err(told)?,
                "customFields" => fields = custom_fields(value).map_err(told)?,
                _ => return Err(format!("unknown key `{key}`; the keys are {}", KEYS.join(", "))),
            }
        }
        fields.into_iter().for_each(|(object, field)| schema.add(object, field));
        *self = settings;
        Ok(())
    }

    /// All settings.
    pub(crate) fn tell(&self, schema: &Schema) -> Value {
        let mut custom = Map::new();
        for object in Object::ALL {
            let fields: Vec<Value> =
                schema.fields(object).iter().filter(|field| field.custom).map(tell_field).collect();
            if !fields.is_empty() {
                custom.insert(object.name().to_owned(), Value::Array(fields));
            }
        }
        let rate = json!({ "perSecond": self.rate.0, "burst": self.rate.1 });
        json!({
            "paging": name_of(self.paging, PAGING),
            "errors": name_of(self.errors, FORMS),
            "unknownFilters": name_of(self.unknown_filters, UNKNOWN),
            "unknownFields": name_of(self.unknown_fields, UNKNOWN),
            "orderStatusWord": self.activated,
            "connected": self.connected,
            "connectedDelayMs": self.connected_delay,
            "rate": if self.rate.0 == 0 { Value::Null } else { rate },
            "jobVisibleAfterMs": self.job_visible_after,
            "jobTakesMs": self.job_takes,
            "keyExpired": self.key_expired,
            "withheld": self.withheld.names(),
            "customFields": custom,
        })
    }
}

impl Withheld {
    const NAMES: [&str; 3] = ["selfService", "billing", "transactionHub"];

    fn names(self) -> Vec<&'static str> {
        let held = [self.self_service, self.billing, self.transaction_hub];
        Self::NAMES.into_iter().zip(held).filter(|(_, held)| *held).map(|(name, _)| name).collect()
    }
}

fn one_of<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, String> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let found = value.as_str().and_then(|text| words.iter().find(|(name, _)| *name == text));
    found.map(|(_, found)| *found).ok_or_else(|| format!("must be one of {}", names.join(", ")))
}

fn name_of<T: Copy + PartialEq>(wanted: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, word)| *word == wanted).map_or("", |(name, _)| name)
}

fn flag(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

fn count(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| "must be a whole number that is not negative".to_owned())
}

fn rate(value: &Value) -> Result<(u64, u64), String> {
    match value {
        Value::Null => Ok((0, 0)),
        value => {
            let per_second = count(&value["perSecond"])?;
            let burst = if value["burst"].is_null() { 2 * per_second } else { count(&value["burst"])? };
            Ok((per_second, burst.max(1)))
        }
    }
}

fn withheld(value: &Value) -> Result<Withheld, String> {
    let wrong = || format!("must be a list of {}", Withheld::NAMES.join(", "));
    let mut withheld = Withheld::default();
    for name in value.as_array().ok_or_else(wrong)? {
        match name.as_str() {
            Some("selfService") => withheld.self_service = true,
            Some("billing") => withheld.billing = true,
            Some("transactionHub") => withheld.transaction_hub = true,
            _ => return Err(wrong()),
        }
    }
    Ok(withheld)
}

/// The types of custom fields.
const TYPES: &[(&str, Kind)] = &[
    ("text", Kind::Text(255)),
    ("number", Kind::Number),
    ("money", Kind::Money),
    ("flag", Kind::Flag),
    ("date", Kind::Day),
    ("moment", Kind::Moment),
];

/// Reads `{"order": [{"name": "salesforceId", "type": "text", "filterable": true}]}`.
fn custom_fields(value: &Value) -> Result<Vec<(Object, Field)>, String> {
    let mut fields = Vec::new();
    for (object, list) in value.as_object().ok_or("must be a JSON object")? {
        let object = Object::named(object).ok_or_else(|| format!("knows no object `{object}`"))?;
        for field in list.as_array().ok_or("must hold a list for each object")? {
            let name = field["name"].as_str().filter(|name| !name.is_empty()).ok_or("must name each field")?;
            let kind = if field["type"].is_null() { Kind::Text(255) } else { one_of(&field["type"], TYPES)? };
            let filterable = field["filterable"].is_null() || flag(&field["filterable"])?;
            fields.push((
                object,
                Field { name: name.into(), kind, access: Access::Always, required: false, filterable, custom: true },
            ));
        }
    }
    Ok(fields)
}

fn tell_field(field: &Field) -> Value {
    json!({ "name": &*field.name, "type": name_of(field.kind, TYPES), "filterable": field.filterable })
}
