//! The names of the kinds of faults.

use super::{Complaint, Kind};
use crate::server::Failure;

/// The status of a gateway's page when a rule names none.
const BAD_GATEWAY: u16 = 502;

/// Each kind with its own name first and the other spellings after it, all without capitals, spaces and hyphens.
const NAMES: [(Kind, &str, &[&str]); 19] = [
    (Kind::Refuse, "refuse", &["refused", "refuseconnection", "connectionrefused", "closed"]),
    (
        Kind::Silent,
        "silent",
        &["silence", "blackhole", "swallow", "firewall", "droppacket", "droppackets", "hang", "hangs"],
    ),
    (Kind::Slow, "slow", &["delay", "slowanswer", "answerlate", "lateanswer"]),
    (Kind::Late, "late", &["lateexecution", "executelate", "latecommit", "commitlate"]),
    (Kind::DropAnswer, "drop_answer", &["drop", "dropanswers", "dropaftercommit", "dropresponse", "dropconnection"]),
    (
        Kind::Reset,
        "reset",
        &["resetmidbody", "midbody", "connectionreset", "resetconnection", "truncate", "truncated", "halfbody"],
    ),
    (Kind::Lag, "lag", &["searchlag", "indexlag", "laggingindex", "staleindex", "stalesearch"]),
    (Kind::ExpireToken, "expired_token", &["expire", "expired", "expiretoken", "tokenexpired", "tokenexpires"]),
    (Kind::Fail(Failure::Unauthorized), "401", &["http401", "unauthorized", "unauthorised", "invalidtoken"]),
    (
        Kind::Fail(Failure::Forbidden),
        "403",
        &["http403", "forbidden", "permission", "nopermission", "permissiondenied", "insufficientpermission"],
    ),
    (Kind::Fail(Failure::TooLarge), "413", &["http413", "toolarge", "payloadtoolarge"]),
    (Kind::Fail(Failure::TooManyRequests), "429", &["http429", "toomanyrequests", "ratelimit", "ratelimited"]),
    (Kind::Fail(Failure::Internal), "500", &["http500", "internal", "internalerror", "internalservererror"]),
    (Kind::Fail(Failure::Unavailable), "503", &["http503", "unavailable", "serviceunavailable"]),
    (Kind::Fail(Failure::Page(BAD_GATEWAY)), "html", &["htmlpage", "page", "gateway", "502", "http502", "badgateway"]),
    (Kind::Fail(Failure::Maintenance), "maintenance", &["maintenancewindow", "undermaintenance"]),
    (Kind::RowError, "row_error", &["rowerrors", "row"]),
    (
        Kind::AcceptedThenFailed,
        "accepted_then_failed",
        &["acceptedthenlost", "acceptthenfail", "acceptedandlost", "falsesuccess", "phantom"],
    ),
    (
        Kind::ErrorAfterSave(Complaint::Refusal),
        "error_after_save",
        &["erroraftercommit", "erroraftersaving", "savedthenerror", "savedbuterror", "aftersubmit", "aftersubmiterror"],
    ),
];

/// Reads a kind. A status says which of its forms is meant, where a kind has more than one.
pub(super) fn parse(name: &str, status: Option<u64>) -> Result<Kind, String> {
    let plain = plain(name);
    let known =
        |(_, own, others): &&(Kind, &str, &[&str])| self::plain(own) == plain || others.contains(&plain.as_str());
    let kind = match NAMES.iter().find(known) {
        Some((kind, ..)) => *kind,
        // The spellings of old: whatever begins so loses its answer.
        None if plain.starts_with("drop") => Kind::DropAnswer,
        None => {
            let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
            return Err(format!("unknown kind `{name}`; the kinds are {}", names.join(", ")));
        }
    };
    match (kind, status) {
        (_, None) => Ok(kind),
        (Kind::Fail(Failure::Page(_)), Some(status)) => u16::try_from(status)
            .ok()
            .filter(|status| (400..600).contains(status))
            .map(|status| Kind::Fail(Failure::Page(status)))
            .ok_or_else(|| "the `status` of a page must be from 400 to 599".to_owned()),
        (Kind::ErrorAfterSave(_), Some(400)) => Ok(Kind::ErrorAfterSave(Complaint::Refusal)),
        (Kind::ErrorAfterSave(_), Some(500)) => Ok(Kind::ErrorAfterSave(Complaint::Internal)),
        (Kind::ErrorAfterSave(_), Some(_)) => Err("the `status` of an error after a save is 400 or 500".to_owned()),
        _ => Err(format!("the kind `{name}` takes no `status`")),
    }
}

/// The name of a kind, and the status that tells its form.
pub(super) fn name(kind: Kind) -> (&'static str, Option<u16>) {
    let (general, status) = match kind {
        Kind::Fail(Failure::Page(status)) => (Kind::Fail(Failure::Page(BAD_GATEWAY)), Some(status)),
        Kind::ErrorAfterSave(Complaint::Refusal) => (kind, Some(400)),
        Kind::ErrorAfterSave(Complaint::Internal) => (Kind::ErrorAfterSave(Complaint::Refusal), Some(500)),
        _ => (kind, None),
    };
    let own = NAMES.iter().find(|(known, ..)| *known == general).map_or("", |(_, name, _)| name);
    (own, status)
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_by_its_own_name_and_told_by_it() {
        for (kind, own, others) in NAMES {
            assert_eq!(parse(own, None), Ok(kind));
            assert_eq!(name(kind).0, own);
            assert!(others.iter().all(|other| parse(other, None) == Ok(kind)), "{own}");
        }
    }

    #[test]
    fn capitals_spaces_and_hyphens_do_not_matter() {
        assert_eq!(parse("Black-Hole", None), Ok(Kind::Silent));
        assert_eq!(parse("Reset (mid-body)", None), Ok(Kind::Reset));
        assert_eq!(parse("Drop-After Commit", None), Ok(Kind::DropAnswer));
        assert_eq!(parse("drop packets", None), Ok(Kind::Silent));
    }

    #[test]
    fn a_status_tells_the_form_of_a_kind_that_has_several() {
        assert_eq!(parse("html", Some(504)).map(name), Ok(("html", Some(504))));
        assert_eq!(parse("error_after_save", Some(500)).map(name), Ok(("error_after_save", Some(500))));
        assert!(parse("html", Some(200)).is_err() && parse("error_after_save", Some(404)).is_err());
        assert!(parse("slow", Some(500)).is_err());
    }
}
