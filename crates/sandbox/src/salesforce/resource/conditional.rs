//! Conditional requests: dates on all records, entity tags on accounts.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::rights::Sight;
use crate::salesforce::store::Row;

/// A moment as headers write it.
pub(super) fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads a moment of a header.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let stem = text.strip_suffix("GMT").or_else(|| text.strip_suffix("UTC"));
    rfc2822::DateTimeParser::new()
        .parse_timestamp(stem.map_or_else(|| text.to_owned(), |stem| format!("{stem}+0000")))
        .ok()
}

/// The tag of a record: only accounts have one.
fn tag(sight: &Sight<'_>, row: &Row) -> Option<String> {
    let stamp = sight.stamp(row)?.as_second();
    (sight.at(row.object).name == "Account").then(|| format!("\"{}-{stamp:x}--gzip\"", row.id.short()))
}

/// Whether a record is as the caller's headers want it. `Some`: the answer to give in place of what was asked.
pub(super) fn check(sight: &Sight<'_>, row: &Row, call: &Call) -> Verdict<Option<Reply>> {
    let date = |name: &str| match call.header(name) {
        None => Ok(None),
        Some(text) => moment(text).map(Some).ok_or_else(|| {
            Refusal::new(400, "INVALID_HTTP_HEADER", format!("Bad value for the header {name}: {text}"))
        }),
    };
    let (changed, unchanged) = (date("if-modified-since")?, date("if-unmodified-since")?);
    let stamp = sight.stamp(row).unwrap_or_default();
    let failed = || Refusal::new(412, "PRECONDITION_FAILED", "The precondition of the request failed");
    let plain = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    if let Some(tag) = tag(sight, row) {
        let named = |name: &str| {
            call.header(name).map(|list| list.split(',').any(|one| plain(one) == tag || one.trim() == "*"))
        };
        if named("if-match") == Some(false) {
            return Err(failed());
        }
        if named("if-none-match") == Some(true) {
            return if call.only_reads() { Ok(Some(Reply::empty(304))) } else { Err(failed()) };
        }
    }
    if unchanged.is_some_and(|since| stamp > since) {
        return Err(failed());
    }
    if call.only_reads() && changed.is_some_and(|since| stamp <= since) {
        return Ok(Some(Reply::empty(304)));
    }
    Ok(None)
}

/// The headers of a record's answer.
pub(super) fn stamped(sight: &Sight<'_>, row: &Row, reply: Reply) -> Reply {
    let reply = reply.with("last-modified", http_date(sight.stamp(row).unwrap_or_default()));
    match tag(sight, row) {
        Some(tag) => reply.with("etag", tag),
        None => reply,
    }
}
