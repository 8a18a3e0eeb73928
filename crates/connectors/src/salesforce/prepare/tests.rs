//! What is wanted follows from the flows and the names, and from nothing else.

use model::flow::Flow;

use super::wanted::WantedField;
use super::{Role, Wanted, is_own, is_packaged};
use crate::nue::MarkFields;

const FLOW: &str = include_str!("../../../../../flows/nue-salesforce/invoice.toml");

fn wanted(text: &str, marks: &MarkFields) -> Wanted {
    Wanted::of(&[Flow::read(text, "invoice.toml").unwrap()], Some(("nue", marks)))
}

fn role(wanted: &Wanted, object: &str, field: &str) -> Option<Role> {
    wanted.objects.get(object)?.fields.get(field)?.role
}

#[test]
fn a_flow_wants_its_keys_on_what_it_writes_and_its_marks_where_they_stand() {
    let wanted = wanted(FLOW, &MarkFields::default());
    for (object, field, expected) in [
        ("Ruby__Invoice__c", "Nue_Id__c", Some(Role::Key)),
        ("Ruby__Invoice__c", "Integration_Version__c", Some(Role::Fingerprint)),
        ("Ruby__InvoiceItem__c", "Nue_Id__c", Some(Role::Key)),
        ("Counterfoil_Mark__c", "Nue_Id__c", Some(Role::Key)),
        ("Counterfoil_Mark__c", "Integration_Status__c", Some(Role::Status)),
        ("Counterfoil_Mark__c", "Integration_Id__c", Some(Role::Id)),
        ("Counterfoil_Mark__c", "Sync_Date__c", Some(Role::Date)),
        ("Ruby__Invoice__c", "Ruby__Amount__c", None),
    ] {
        assert_eq!(role(&wanted, object, field), expected, "{object}.{field}");
    }
    let ours: Vec<&str> =
        wanted.objects.iter().filter(|(_, object)| object.ours).map(|(name, _)| name.as_str()).collect();
    assert_eq!(ours, ["Counterfoil_Mark__c"]);
    assert!(!wanted.objects.contains_key("invoice"), "an object of Nue's");
}

#[test]
fn names_that_are_others_in_this_org_are_wanted_in_their_place() {
    let renamed = FLOW.replace("Nue_Id__c", "Billing_Key__c").replace("Integration_Version__c", "Print__c");
    let marks = MarkFields { object: "Sync__c".into(), key: "Billing_Key__c".into(), ..MarkFields::default() };
    let wanted = wanted(&renamed, &marks);
    assert_eq!(role(&wanted, "Ruby__Invoice__c", "Billing_Key__c"), Some(Role::Key));
    assert_eq!(role(&wanted, "Ruby__Invoice__c", "Print__c"), Some(Role::Fingerprint));
    assert_eq!(role(&wanted, "Sync__c", "Billing_Key__c"), Some(Role::Key));
    assert!(wanted.objects["Sync__c"].ours && !wanted.objects.contains_key("Counterfoil_Mark__c"));
    assert!(!wanted.objects["Ruby__Invoice__c"].fields.contains_key("Nue_Id__c"));
}

#[test]
fn what_belongs_to_a_package_has_no_role_whatever_it_is_used_for() {
    let renamed = FLOW.replace("Nue_Id__c", "Ruby__ExternalId__c");
    let wanted = wanted(&renamed, &MarkFields { key: "Ruby__ExternalId__c".into(), ..MarkFields::default() });
    let held = wanted.objects["Ruby__Invoice__c"].fields["Ruby__ExternalId__c"];
    assert_eq!(held, WantedField { role: None, written: true });
    assert!(is_packaged("Ruby__Invoice__c") && is_own("Nue_Id__c"));
    assert!(!is_packaged("Nue_Id__c") && !is_own("Name"));
}
