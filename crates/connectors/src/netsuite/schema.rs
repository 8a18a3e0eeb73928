//! The description of a record type, as the metadata catalog gives it: which fields there are.

use model::ports::Lack;
use serde_json::{Map, Value};

/// How the catalog is asked for a description.
pub(super) const MEDIA_TYPE: &str = "application/schema+json";

/// Which of these fields are not described, with the nearest name at the same place.
pub(super) fn lacking(schema: &Value, fields: &[String]) -> Vec<Lack> {
    fields.iter().filter_map(|path| field(schema, path).err()).collect()
}

/// What a field is; `None` where that is described elsewhere.
pub(super) fn field<'a>(schema: &'a Value, path: &str) -> Result<Option<&'a Value>, Lack> {
    let mut here = schema;
    for name in path.split('.') {
        let Some(known) = below(here) else { return Ok(None) };
        here = known.get(name).ok_or_else(|| Lack::unknown(name, known.keys().map(String::as_str)))?;
    }
    Ok(Some(here))
}

/// What can stand below a field; of a sublist what its entries can hold; nothing is known of what is described elsewhere.
fn below(field: &Value) -> Option<&Map<String, Value>> {
    let entry = field.pointer("/properties/items/items");
    entry.unwrap_or(field).get("properties")?.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_looked_for_where_it_stands_and_what_is_described_elsewhere_is_not_judged() {
        let body = br##"{"type":"object","properties":{
            "tranDate":{"type":"string"},"entity":{"$ref":"elsewhere"},
            "item":{"type":"object","properties":{"totalResults":{"type":"integer"},"items":{"type":"array","items":
                {"type":"object","properties":{"quantity":{"type":"number"},"taxCode":{"$ref":"elsewhere"}}}}}}}}"##;
        let schema: Value = crate::json::parse(body).unwrap();
        let told = |path: &str| lacking(&schema, &[path.to_owned()]).pop().map(|lack| lack.to_string());
        for known in ["tranDate", "item.quantity", "entity.anything", "item.taxCode.anything"] {
            assert_eq!(told(known), None, "{known}");
        }
        assert_eq!(told("trandate").unwrap(), "`trandate` does not exist; did you mean `tranDate`?");
        assert_eq!(told("item.quantty").unwrap(), "`quantty` does not exist; did you mean `quantity`?");
    }
}
