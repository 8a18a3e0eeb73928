//! The login of the SOAP API, which older clients still use, and its logout.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::Gate;
use crate::clock::lock;
use crate::salesforce::settings::Settings;
use crate::salesforce::xml::element;

/// Answers `login()`; of all other calls `None`: they are not emulated.
pub(crate) fn login(
    gate: &Gate,
    version: &str,
    body: &str,
    origin: &str,
    settings: &Settings,
    now: Timestamp,
) -> Option<Response> {
    if let Some(session) = element(body, "sessionId").filter(|_| has(body, "logout")) {
        gate.revoke(&session);
        return Some(envelope(StatusCode::OK, "<logoutResponse/>"));
    }
    if !has(body, "login") {
        return None;
    }
    let access = &gate.access;
    let password = format!("{}{}", access.password, access.security_token);
    let right = element(body, "username").is_some_and(|name| name.eq_ignore_ascii_case(&access.username))
        && element(body, "password").is_some_and(|given| given == password)
        && settings.password_valid;
    let fault = |code: &str, message: &str| {
        let fault = format!(
            "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail><sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
        );
        Some(envelope(StatusCode::INTERNAL_SERVER_ERROR, &fault))
    };
    if !right {
        return fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
    }
    if !settings.user_active {
        return fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
    }
    if !settings.api_enabled {
        return fault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner");
    }
    let session = lock(&gate.sessions).begin(now);
    let (user, organization) = (gate.user, gate.organization);
    let result = format!(
        "<loginResponse><result><metadataServerUrl>{origin}/services/Soap/m/{version}/{org}</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>true</sandbox><serverUrl>{origin}/services/Soap/u/{version}/{org}</serverUrl><sessionId>{session}</sessionId><userId>{user}</userId><userInfo><organizationId>{organization}</organizationId><organizationName>Counterfoil Sandbox</organizationName><organizationMultiCurrency>true</organizationMultiCurrency><sessionSecondsValid>{seconds}</sessionSecondsValid><userEmail>integration@example.com</userEmail><userFullName>Integration User</userFullName><userId>{user}</userId><userLanguage>en_US</userLanguage><userLocale>en_US</userLocale><userName>{name}</userName><userTimeZone>GMT</userTimeZone><userType>Standard</userType></userInfo></result></loginResponse>",
        org = organization.short(),
        seconds = settings.session_minutes.saturating_mul(60),
        name = access.username,
    );
    Some(envelope(StatusCode::OK, &result))
}

/// Whether the body of an envelope calls an operation, whatever its namespace is called.
fn has(body: &str, operation: &str) -> bool {
    body.contains(&format!("<{operation} "))
        || body.contains(&format!("<{operation}>"))
        || body.contains(&format!("<{operation}/>"))
        || body.contains(&format!(":{operation} "))
        || body.contains(&format!(":{operation}>"))
        || body.contains(&format!(":{operation}/>"))
}

fn envelope(status: StatusCode, content: &str) -> Response {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:sf=\"urn:fault.partner.soap.sforce.com\" xmlns=\"urn:partner.soap.sforce.com\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=UTF-8"));
    response
}
