//! A field that an application does not have is said before any record is touched: some vendors ignore unknown fields,
//! and others refuse record by record.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all};
use model::flow::Flow;
use model::ports::{FieldUse, Lack};
use model::problem::Cause;

use crate::run::{Plan, RunError, destination, source};

/// Asks each application for what the flows use of its objects.
pub(crate) async fn check(plan: &Plan<'_>, flows: &[&Flow]) -> Result<(), RunError> {
    let mut read: BTreeMap<(&str, String), Vec<FieldUse>> = BTreeMap::new();
    let mut written: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for flow in flows {
        for (object, uses) in flow.field_uses() {
            read.entry((&flow.source.application, object)).or_default().extend(uses);
        }
        let side = &flow.destination;
        written.entry((&side.application, &side.object)).or_default().extend(flow.destination_fields());
    }
    let read = read.into_iter().map(|((application, object), uses)| async move {
        let Some(flow) = flows.iter().find(|flow| flow.source.application == application) else { return Ok(()) };
        let lacks = source(plan, flow)?.lacking(&object, &uses).await?;
        none(lacks, application, &object, flows, |flow| flow.field_uses().iter().any(|(used, _)| *used == object))
    });
    let written = written.into_iter().map(|((application, object), fields)| async move {
        let Some(flow) = flows.iter().find(|flow| flow.destination.application == application) else { return Ok(()) };
        let fields: Vec<String> = fields.into_iter().collect();
        let lacks = destination(plan, flow)?.lacking(object, &fields).await?;
        none(lacks, application, object, flows, |flow| flow.destination.object == object)
    });
    // Which answer comes first must not change what is said.
    let (read, written) = join(join_all(read), join_all(written)).await;
    read.into_iter().chain(written).collect()
}

/// No lack, or an error that names the place of each in the flow files. `uses` tells the flows of the object.
fn none(
    mut lacks: Vec<Lack>,
    application: &str,
    object: &str,
    flows: &[&Flow],
    uses: impl Fn(&Flow) -> bool,
) -> Result<(), RunError> {
    lacks.sort_unstable();
    lacks.dedup();
    if lacks.is_empty() {
        return Ok(());
    }
    let cause = if lacks.iter().all(Lack::is_forbidden) { Cause::Permission } else { Cause::Configuration };
    let place = |name: &str| {
        let mut users = flows.iter().filter(|flow| uses(flow));
        users.find(|flow| flow.origin.holds(name)).map(|flow| format!("{}: ", flow.origin.of(name)))
    };
    let fields = lacks.iter().map(|lack| format!("{}{lack}", place(&lack.name).unwrap_or_default())).collect();
    Err(RunError::Lacking { application: application.to_owned(), object: object.to_owned(), fields, cause })
}
