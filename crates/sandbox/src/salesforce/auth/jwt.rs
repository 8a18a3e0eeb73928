//! The signed assertion of the JWT bearer flow.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value as Json;

/// How long an assertion may be good for, in seconds; a clock may be so much ahead.
const LONGEST_SECONDS: i64 = 300;
/// The vendor's own login addresses, which an assertion may name beside the org's.
const LOGIN: [&str; 2] = ["https://login.salesforce.com", "https://test.salesforce.com"];

/// Why an assertion is not taken: the vendor's error and its description.
pub(super) type Denial = (&'static str, &'static str);

/// Whom an assertion names.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
}

/// Reads an assertion that is signed with RS256, is for this org and is not over.
///
/// `exp` is read leniently, since clients write it as a text or in milliseconds and are let in.
pub(super) fn read(token: &str, public_key: &[u8], origin: &str, now: Timestamp) -> Result<Claims, Denial> {
    let invalid = ("invalid_grant", "invalid assertion");
    let (signed, signature) = token.rsplit_once('.').ok_or(invalid)?;
    let (head, claims) = signed.split_once('.').ok_or(invalid)?;
    let head = json(head).ok_or(invalid)?;
    let claims = json(claims).ok_or(invalid)?;
    let signature = bytes(signature).ok_or(invalid)?;
    if head["alg"] != "RS256" {
        return Err(("invalid_grant", "algorithm not supported"));
    }
    RSA_PKCS1_2048_8192_SHA256.verify_sig(public_key, signed.as_bytes(), &signature).map_err(|_| invalid)?;
    if !is_audience(claims["aud"].as_str().unwrap_or_default(), origin) {
        return Err(("invalid_grant", "Audience validation failed"));
    }
    let expires = seconds(&claims["exp"]).ok_or(invalid)?;
    if expires <= now.as_second() || expires > now.as_second() + LONGEST_SECONDS {
        return Err(("invalid_grant", "expired authorization code"));
    }
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let subject = if claims["sub"].is_string() { text("sub") } else { text("prn") };
    Ok(Claims { issuer: text("iss"), subject })
}

/// The vendor's login, or the org's own address. The org answers to any name of the vendor's domain.
fn is_audience(audience: &str, origin: &str) -> bool {
    let audience = audience.trim_end_matches('/').to_ascii_lowercase();
    let host = |address: &str| address.split_once("://").map(|(_, host)| host.to_owned());
    LOGIN.contains(&audience.as_str())
        || host(&audience) == host(&origin.to_ascii_lowercase())
        || audience.starts_with("https://") && audience.ends_with(".my.salesforce.com")
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

fn json(text: &str) -> Option<Json> {
    serde_json::from_slice(&bytes(text)?).ok()
}

/// Seconds, as a number or as a text; what is far in the future is meant in milliseconds.
fn seconds(value: &Json) -> Option<i64> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    let seconds: i64 = text.split('.').next()?.parse().ok()?;
    Some(if seconds > 100_000_000_000 { seconds / 1000 } else { seconds })
}
