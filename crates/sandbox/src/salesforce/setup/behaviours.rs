//! What is emulated of set-up by API, from where it is known, and how well.

use crate::behaviour::Behaviour;
use crate::behaviour::Grade::{self, Assumed, SeenLive, ThirdParty, VendorDocs};

const fn row(what: &'static str, source: &'static str, grade: Grade) -> Behaviour {
    Behaviour { what, source, grade }
}

/// The table.
pub(in crate::salesforce) const BEHAVIOURS: &[Behaviour] = &[
    row(
        "custom fields are made by POST of FullName and Metadata to tooling/sobjects/CustomField",
        "developer.salesforce.com api_tooling, tooling_api_objects_customfield, 2026-11-22",
        VendorDocs,
    ),
    row(
        "the Tooling API lets custom objects be read and queried, and not be made",
        "developer.salesforce.com api_tooling 264, tooling_api_objects_customobject; some articles say otherwise, 2026-11-22",
        VendorDocs,
    ),
    row(
        "custom objects are made by a deploy: POST of a form with the parts json and file (a zip) to metadata/deployRequest, \
         then GET of its id until done; failures of components in the details",
        "developer.salesforce.com api_meta, meta_rest_deploy and meta_rest_deploy_checkstatus, 2026-11-22",
        VendorDocs,
    ),
    row(
        "a deploy needs ModifyMetadata: INSUFFICIENT_ACCESS in these words",
        "github.com/forcedotcom/cli issue 3048 (of the SOAP door; the status of the REST one is assumed), 2026-11-22",
        SeenLive,
    ),
    row(
        "custom fields need the right Customize Application",
        "github.com/simstudioai/sim pull request 5209; code and words of the refusal are assumed, 2026-11-22",
        ThirdParty,
    ),
    row(
        "Must specify / Can not specify 'x' for a CustomField of type T",
        "errors of deploys that public repositories quote, 2026-11-22",
        SeenLive,
    ),
    row(
        "a second field of one name: DUPLICATE_DEVELOPER_NAME, There is already a field named",
        "no source, 2026-11-22",
        Assumed,
    ),
    row(
        "a new field is shown to nobody, administrators included, until a permission set or a profile grants it",
        "salesforceinsider.blogspot.com 2025-10-11 on fields made by the Tooling API, 2026-11-22",
        ThirdParty,
    ),
    row(
        "a new object is shown to nobody until it is granted; the vendor shows it to who sees all data",
        "no source, 2026-11-22",
        Assumed,
    ),
    row(
        "PermissionSet, ObjectPermissions, FieldPermissions and PermissionSetAssignment are rows like others",
        "developer.salesforce.com object_reference of the four, 2026-11-22",
        VendorDocs,
    ),
    row(
        "fields that every record must have cannot be granted",
        "skills.sh forcedotcom generate-permission-set; the code of the refusal is assumed, 2026-11-22",
        ThirdParty,
    ),
    row(
        "a permission without the one that it hangs on: FIELD_INTEGRITY_EXCEPTION, Permission X depends on permission(s): Y",
        "github.com/SalesforceFoundation/NPSP pull request 3979, of user permissions, 2026-11-22",
        SeenLive,
    ),
    row(
        "edit hangs on read, a field on its object, a detail on its master; each thing once in a permission set",
        "no source, 2026-11-22",
        Assumed,
    ),
    row(
        "CustomObject and CustomField in tooling/query: DeveloperName, NamespacePrefix, TableEnumOrId, whether or not the user is shown them",
        "developer.salesforce.com api_tooling for the names; that rights do not matter is assumed, 2026-11-22",
        Assumed,
    ),
];
