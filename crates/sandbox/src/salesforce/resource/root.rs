//! The list of resources, and the org's limits.

use serde_json::{Value as Json, json};

use super::At;
use crate::salesforce::bulk::MOST_QUERY_JOBS;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::Verdict;

/// Names and addresses of the resources of a version.
pub(super) fn resources(at: &At<'_>, call: &Call) -> Reply {
    let names = [
        "tooling",
        "metadata",
        "composite",
        "sobjects",
        "query",
        "queryAll",
        "search",
        "limits",
        "jobs",
        "recent",
        "analytics",
        "chatter",
        "process",
        "actions",
    ];
    let mut all: serde_json::Map<String, Json> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!(format!("/services/data/{}/{name}", call.version))))
        .collect();
    let access = at.org.access("");
    let identity = format!("{}/id/{}/{}", call.origin, access.organization_id, access.user_id);
    all.insert("identity".to_owned(), json!(identity));
    Reply::json(200, Json::Object(all))
}

/// What the org has, and what is left of it.
pub(super) fn limits(at: &At<'_>) -> Reply {
    let settings = &at.current.settings;
    let used = at.org.meter.used(settings, at.org.clock.now());
    let left = settings.daily_api_requests.saturating_sub(used);
    let untouched = |max: u64| json!({ "Max": max, "Remaining": max });
    let batches = 15_000_u64;
    let batches_left = batches.saturating_sub(at.org.jobs.batches(at.org.clock.now()));
    let query_jobs_left = MOST_QUERY_JOBS.saturating_sub(at.org.query_jobs.made(at.org.clock.now()));
    Reply::json(
        200,
        json!({
            "DailyApiRequests": { "Max": settings.daily_api_requests, "Remaining": left },
            "DailyAsyncApexExecutions": untouched(250_000),
            "DailyBulkApiBatches": { "Max": batches, "Remaining": batches_left },
            "DailyBulkV2QueryFileStorageMB": untouched(976_562),
            "DailyBulkV2QueryJobs": { "Max": MOST_QUERY_JOBS, "Remaining": query_jobs_left },
            "DailyDurableStreamingApiEvents": untouched(200_000),
            "DailyGenericStreamingApiEvents": untouched(10_000),
            "DailyStreamingApiEvents": untouched(200_000),
            "DailyWorkflowEmails": untouched(1_000),
            "DataStorageMB": untouched(1_073),
            "FileStorageMB": untouched(1_073),
            "HourlyAsyncReportRuns": untouched(1_200),
            "HourlySyncReportRuns": untouched(500),
            "MassEmail": untouched(5_000),
            "SingleEmail": untouched(5_000),
            "StreamingApiConcurrentClients": untouched(1_000),
        }),
    )
}

/// About how many rows objects have.
pub(super) fn record_count(at: &At<'_>, call: &Call) -> Verdict<Reply> {
    let sight = at.sight();
    let named = call.parameter("sObjects").map(|names| names.split(',').map(str::trim).collect::<Vec<_>>());
    let objects = sight.schema.objects.iter().enumerate().filter(|(position, object)| {
        let asked = named.as_ref().is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(&object.name)));
        asked && sight.sees_object(*position)
    });
    let counts: Vec<Json> = objects
        .map(|(position, object)| {
            let count = sight.store.table(position).iter().filter(|row| !row.is_deleted()).count();
            json!({ "count": count, "name": object.name })
        })
        .collect();
    Ok(Reply::json(200, json!({ "sObjects": counts })))
}
