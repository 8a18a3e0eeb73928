//! Pairs of applications that are kept in step: what the simulator must know of each, and nothing of it elsewhere.
//!
//! | module | pair |
//! |---|---|
//! | `billing` | Zuora and NetSuite |
//! | `revenue` | Salesforce and Nue |

pub(crate) mod billing;
pub(crate) mod revenue;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use connectors::Wire;
use model::flow::Flow;
use model::ports::{Destination, Source};
use model::problem::Problem;
use sandbox::clock::Clock;
use serde_json::Value as Json;
use tokio::runtime::Runtime;

use super::emulated::Post;
use super::stage::Stage;
use super::wire_oracles::id_of;

/// A record as an emulator tells it, in the vendor's own shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    /// The application that holds it.
    pub application: &'static str,
    /// What it is there.
    pub kind: String,
    /// The record.
    pub record: Json,
}

impl Told {
    /// A field as text; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> String {
        match &self.record[field] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Where a flow's marks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarksAt<'a> {
    /// The application.
    pub application: &'a str,
    /// Its object.
    pub object: &'a str,
    /// The field with the id of the record that is marked.
    pub key: &'a str,
}

/// The connectors of one process, by application.
#[derive(Default)]
pub(crate) struct Ports {
    /// Those that records come from.
    pub sources: HashMap<String, Arc<dyn Source>>,
    /// Those that records go to.
    pub destinations: HashMap<String, Arc<dyn Destination>>,
}

/// A process that is about to begin.
pub(crate) struct Process<'a> {
    /// Its clock and its chance.
    pub stage: &'a Stage,
    /// The ways to both applications.
    pub posts: &'a [Post; 2],
    /// What lies between.
    pub wire: &'a dyn Fn(&Post) -> Arc<dyn Wire>,
    /// Whether it logs in where an application knows calls that are signed one by one, too.
    pub logs_in: bool,
}

/// Two applications that are kept in step.
pub(crate) trait Pair {
    /// The ways to both.
    fn open(&self, runtime: &Arc<Runtime>) -> [Post; 2];

    /// Both as they stand, going by another clock.
    fn fork(&self, clock: &Arc<dyn Clock>) -> Box<dyn Pair>;

    /// The connectors of a new process.
    fn ports(&self, process: &Process<'_>) -> Result<Ports, Problem>;

    /// Where the marks of a flow's records stand: most often on the records themselves.
    fn marks_at<'a>(&self, flow: &'a Flow) -> MarksAt<'a> {
        MarksAt { application: &flow.source.application, object: &flow.source.object, key: "Id" }
    }

    /// Objects of an application that matter beside those which the flows name.
    fn besides(&self, _application: &str) -> &'static [&'static str] {
        &[]
    }

    /// The id of a source record by which the destination of a flow knows a record; empty if it does not.
    fn source_id(&self, flow: &Flow, told: &Told) -> String {
        flow.destination.source_id.as_ref().map(|field| told.text(field)).unwrap_or_default()
    }

    /// Under which id a flow's destination would know a source record.
    fn known_as(&self, _flow: &Flow, told: &Told) -> String {
        id_of(told)
    }

    /// Whether a record of the destination carries the key of the source record, as the destination enforces it.
    fn carries_key(&self, _flow: &Flow, _source_id: &str, _told: &Told) -> bool {
        true
    }

    /// Where an application enforces no key: the milliseconds after its sending in which a call may still be executed.
    fn settles_within(&self, _application: &str) -> Option<u64> {
        None
    }

    /// The field under which a record shows what look-ups know as this column, if it shows it.
    fn shown<'a>(&self, column: &'a str) -> Option<&'a str>;

    /// Whether a record of the destination binds anybody.
    fn stands(&self, _told: &Told) -> bool {
        true
    }

    /// What tells a record from its like, in whichever order they were made.
    fn name(&self, told: &Told) -> String;

    /// Changes a field of a source record past our marks, if that is not done by the way of the marks. Answers whether
    /// the field took it.
    fn edit(&self, _flow: &Flow, _id: &str, _field: &str) -> Option<bool> {
        None
    }
}

/// The objects of an application that concern these flows.
pub(crate) fn objects(pair: &dyn Pair, application: &str, flows: &[Flow]) -> BTreeSet<String> {
    let mut objects: BTreeSet<String> = pair.besides(application).iter().map(|name| (*name).to_owned()).collect();
    for flow in flows {
        if flow.source.application == application {
            objects.insert(flow.source.object.clone());
        }
        if flow.destination.application == application {
            objects.insert(flow.destination.object.clone());
            objects.extend(flow.destination.lines.iter().map(|lines| lines.into.clone()));
        }
        let marks = pair.marks_at(flow);
        if marks.application == application {
            objects.insert(marks.object.to_owned());
        }
    }
    objects
}
