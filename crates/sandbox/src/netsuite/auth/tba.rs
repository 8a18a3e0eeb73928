//! Token-based authentication: OAuth 1.0a with HMAC-SHA256.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::access::Access;
use super::encode::{decode, encode, form_pairs};

/// How far a timestamp may be from the vendor's clock.
pub(super) const WINDOW_SECONDS: i64 = 300;

/// The parameters of an `Authorization: OAuth` header.
#[derive(Debug)]
pub(super) struct Signature {
    realm: String,
    signature: String,
    parameters: Vec<(String, String)>,
}

impl Signature {
    /// Reads the header without its scheme.
    pub(super) fn read(header: &str) -> Option<Self> {
        let mut realm = None;
        let mut signature = None;
        let mut parameters = Vec::new();
        for part in header.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let name = decode(name.trim());
            let value = decode(value.trim().trim_matches('"'));
            match name.as_str() {
                "realm" => realm = Some(value),
                "oauth_signature" => signature = Some(value),
                _ if parameters.iter().any(|(known, _)| *known == name) => return None,
                _ => parameters.push((name, value)),
            }
        }
        Some(Self { realm: realm?, signature: signature?, parameters })
    }

    fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether it names this account, its integration and its token, and is of these minutes.
    pub(super) fn is_well_formed(&self, access: &Access, now: Timestamp) -> bool {
        let seconds: Option<i64> = self.parameter("oauth_timestamp").parse().ok();
        let in_time = seconds.is_some_and(|seconds| (now.as_second() - seconds).abs() <= WINDOW_SECONDS);
        let version = self.parameter("oauth_version");
        in_time
            && self.realm.eq_ignore_ascii_case(&access.account)
            && self.parameter("oauth_consumer_key") == access.consumer_key
            && self.parameter("oauth_token") == access.token_id
            && self.parameter("oauth_signature_method") == "HMAC-SHA256"
            && version == "1.0"
            && self.parameter("oauth_nonce").chars().count() >= 6
    }

    /// What may be used only once.
    pub(super) fn once(&self) -> String {
        format!(
            "{} {} {}",
            self.parameter("oauth_token"),
            self.parameter("oauth_timestamp"),
            self.parameter("oauth_nonce")
        )
    }

    /// Whether it signs this request. The text signed holds every `oauth_` parameter of the header, whatever its name.
    pub(super) fn signs(&self, method: &str, origin: &str, path: &str, query: &str, access: &Access) -> bool {
        let base = self.base_string(method, origin, path, query);
        let key = format!("{}&{}", encode(&access.consumer_secret), encode(&access.token_secret));
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
        mac.update(base.as_bytes());
        STANDARD.decode(&self.signature).is_ok_and(|given| mac.verify_slice(&given).is_ok())
    }

    fn base_string(&self, method: &str, origin: &str, path: &str, query: &str) -> String {
        let mut pairs: Vec<(String, String)> = form_pairs(query.as_bytes())
            .iter()
            .chain(&self.parameters)
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        pairs.sort();
        let joined = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        format!("{}&{}&{}", method.to_ascii_uppercase(), encode(&format!("{origin}{path}")), encode(&joined))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of Oracle's own page on the signature.
    fn oracle() -> Access {
        Access {
            account: "123456".to_owned(),
            consumer_key: "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4".to_owned(),
            consumer_secret: "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5".to_owned(),
            token_id: "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc".to_owned(),
            token_secret: "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295".to_owned(),
            ..Access::default()
        }
    }

    fn header(signature: &str, extra: &str) -> String {
        format!(
            r#"realm="123456", oauth_token="{}", oauth_consumer_key="{}", oauth_nonce="fjaLirsIcCGVZWzBX0pg", oauth_timestamp="1508242306", oauth_signature_method="HMAC-SHA256", oauth_version="1.0", {extra}oauth_signature="{}""#,
            oracle().token_id,
            oracle().consumer_key,
            encode(signature)
        )
    }

    #[test]
    fn oracles_published_signature_of_a_get_is_accepted() {
        let signature = Signature::read(&header("B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=", "")).unwrap();
        let origin = "https://123456.suitetalk.api.netsuite.com";
        assert!(signature.signs("GET", origin, "/services/rest/record/v1/employee/40", "", &oracle()));
        assert!(!signature.signs("POST", origin, "/services/rest/record/v1/employee/40", "", &oracle()));
        assert!(!signature.signs("GET", origin, "/services/rest/record/v1/employee/41", "", &oracle()));
    }

    #[test]
    fn oracles_published_signature_with_a_query_is_accepted() {
        let signature = Signature::read(&header("+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=", "")).unwrap();
        let origin = "https://123456.restlets.api.netsuite.com";
        let query = "script=6&deploy=1&customParam=someValue&testParam=someOtherValue";
        assert!(signature.signs("POST", origin, "/app/site/hosting/restlet.nl", query, &oracle()));
        assert!(!signature.signs("POST", origin, "/app/site/hosting/restlet.nl", "script=7", &oracle()));
    }

    #[test]
    fn a_further_oauth_parameter_belongs_to_the_text_signed() {
        let signature =
            Signature::read(&header("B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=", r#"oauth_body_hash="x", "#))
                .unwrap();
        let origin = "https://123456.suitetalk.api.netsuite.com";
        assert!(!signature.signs("GET", origin, "/services/rest/record/v1/employee/40", "", &oracle()));
    }

    #[test]
    fn a_timestamp_outside_of_five_minutes_is_refused() {
        let signature = Signature::read(&header("x", "")).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_508_242_306 + seconds).unwrap();
        assert!(signature.is_well_formed(&oracle(), at(300)));
        assert!(!signature.is_well_formed(&oracle(), at(301)));
        assert!(!signature.is_well_formed(&oracle(), at(-301)));
    }
}
