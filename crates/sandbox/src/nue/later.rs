//! What happens some time after a call: jobs that finish, and records that the native connection takes to Salesforce.
//! Nothing runs in the background; each call first catches up with what is due.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::schema::Object;
use super::settings::Settings;
use super::value::Cell;
use super::{Nue, hub, show};
use crate::books::revenue::salesforce_id;
use crate::clock::lock;
use crate::faults::Mark;
use crate::past::Writing;

/// Numbers of ids from here on are used by no books.
const UNTAKEN: u64 = 900_000_000;

/// Takes a record of Nue (the name of its object, and the record) into Salesforce; answers with its id there.
pub(crate) type Receive = Box<dyn Fn(&str, &Value) -> Option<String> + Send + Sync>;

/// What is to be done, and when.
#[derive(Debug, Default)]
pub(crate) struct Agenda(Mutex<Vec<(Timestamp, Task)>>);

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    /// The native connection takes a record to Salesforce.
    Mirror(Object, String),
    /// The rows of an upload take effect.
    Upload { job: String, rows: Vec<Map<String, Value>>, mark: Mark },
}

/// So many milliseconds after a moment.
pub(crate) fn after(moment: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    moment.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

impl Nue {
    /// Puts a task on the agenda.
    pub(crate) fn later(&self, due: Timestamp, task: Task) {
        lock(&self.agenda.0).push((due, task));
    }

    /// A record that was made by self-service reaches Salesforce by itself, where the tenant is connected.
    pub(crate) fn mirror_later(&self, settings: &Settings, object: Object, id: &str) {
        if settings.connected {
            let due = after(self.clock.now(), settings.connected_delay);
            self.later(due, Task::Mirror(object, id.to_owned()));
        }
    }

    /// Does what is due, in the order in which it was planned.
    pub(crate) fn catch_up(&self) {
        let now = self.clock.now();
        let due: Vec<Task> = {
            let mut agenda = lock(&self.agenda.0);
            let (due, rest) = agenda.drain(..).partition(|(when, _)| *when <= now);
            *agenda = rest;
            let due: Vec<(Timestamp, Task)> = due;
            due.into_iter().map(|(_, task)| task).collect()
        };
        for task in due {
            match task {
                Task::Mirror(object, id) => self.mirror(object, &id),
                Task::Upload { job, rows, mark } => hub::finish(self, &job, &rows, mark),
            }
        }
    }

    /// Gives a record the id that it has in Salesforce now. One whose making came to nothing has gone nowhere.
    fn mirror(&self, object: Object, id: &str) {
        let now = self.clock.now();
        let mut store = Writing::open(&self.store, Mark::default(), now);
        let Some(row) = store.by_id(object, id) else { return };
        let record = Value::Object(show::record(&store, &self.settings(), object, row));
        let prefix = if object == Object::Customer { "001" } else { "801" };
        let made_up = || salesforce_id(prefix, UNTAKEN + u64::from(row));
        let external =
            self.salesforce.get().and_then(|receive| receive(object.name(), &record)).unwrap_or_else(made_up);
        store.put(object, row, vec![("externalId", Some(Cell::text(&external)))], now);
    }
}
