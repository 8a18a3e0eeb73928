//! Who the user of a session is.

use serde_json::{Value as Json, json};

use super::Gate;
use crate::salesforce::value::moment_text;
use jiff::Timestamp;

/// What `/id/{organization}/{user}` answers.
pub(crate) fn identity(gate: &Gate, origin: &str, now: Timestamp) -> Json {
    let access = &gate.access;
    json!({
        "id": format!("{origin}/id/{}/{}", access.organization_id, access.user_id),
        "asserted_user": true,
        "user_id": access.user_id,
        "organization_id": access.organization_id,
        "username": access.username,
        "nick_name": "integration",
        "display_name": "Integration User",
        "email": "integration@example.com",
        "email_verified": true,
        "first_name": "Integration",
        "last_name": "User",
        "timezone": "GMT",
        "photos": {
            "picture": format!("{origin}/profilephoto/005/F"),
            "thumbnail": format!("{origin}/profilephoto/005/T"),
        },
        "addr_street": null, "addr_city": null, "addr_state": null, "addr_country": null, "addr_zip": null,
        "mobile_phone": null, "mobile_phone_verified": false, "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(gate, origin),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": moment_text(now, "Z"),
        "is_app_installed": true,
    })
}

/// What `/services/oauth2/userinfo` answers.
pub(crate) fn userinfo(gate: &Gate, origin: &str, now: Timestamp) -> Json {
    let access = &gate.access;
    json!({
        "sub": format!("{origin}/id/{}/{}", access.organization_id, access.user_id),
        "user_id": access.user_id,
        "organization_id": access.organization_id,
        "preferred_username": access.username,
        "nickname": "integration",
        "name": "Integration User",
        "email": "integration@example.com",
        "email_verified": true,
        "given_name": "Integration",
        "family_name": "User",
        "zoneinfo": "GMT",
        "photos": {
            "picture": format!("{origin}/profilephoto/005/F"),
            "thumbnail": format!("{origin}/profilephoto/005/T"),
        },
        "profile": format!("{origin}/{}", access.user_id),
        "picture": format!("{origin}/profilephoto/005/F"),
        "address": {},
        "is_salesforce_integration_user": false,
        "urls": urls(gate, origin),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "updated_at": moment_text(now, "Z"),
    })
}

fn urls(gate: &Gate, origin: &str) -> Json {
    let rest = |path: &str| format!("{origin}/services/data/v{{version}}/{path}");
    json!({
        "enterprise": format!("{origin}/services/Soap/c/{{version}}/{}", gate.organization.short()),
        "metadata": format!("{origin}/services/Soap/m/{{version}}/{}", gate.organization.short()),
        "partner": format!("{origin}/services/Soap/u/{{version}}/{}", gate.organization.short()),
        "rest": rest(""),
        "sobjects": rest("sobjects/"),
        "search": rest("search/"),
        "query": rest("query/"),
        "recent": rest("recent/"),
        "tooling_rest": rest("tooling/"),
        "profile": format!("{origin}/{}", gate.access.user_id),
        "feeds": rest("chatter/feeds"),
        "groups": rest("chatter/groups"),
        "users": rest("chatter/users"),
        "feed_items": rest("chatter/feed-items"),
        "feed_elements": rest("chatter/feed-elements"),
        "custom_domain": origin,
    })
}
