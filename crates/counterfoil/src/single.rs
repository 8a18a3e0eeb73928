//! One flow of a session, made ready for single records.

use engine::batch::TURNS;
use engine::pass::Pass;
use model::flow::Flow;
use model::ports::{Destination, Log, Source};
use model::rule::Lists;
use tokio::sync::Semaphore;

use crate::clock::SystemClock;
use crate::exit::Failure;
use crate::session::Session;

/// What a pass over single records of a flow works with.
pub(crate) struct Single<'a> {
    pub(crate) flow: &'a Flow,
    source: &'a dyn Source,
    destination: &'a dyn Destination,
    cutover: Option<&'a str>,
    lists: Lists,
    turns: Semaphore,
}

impl<'a> Single<'a> {
    /// Reads the destination's lists that the flow refers to.
    pub(crate) async fn of(session: &'a Session, flow: &'a Flow) -> Result<Self, Failure> {
        session.proven(std::slice::from_ref(flow))?;
        let (sources, destinations) = (session.applications.sources(), session.applications.destinations());
        let missing = |name: &str| Failure::wrong(format!("the configuration has no [{name}]"));
        let (here, there) = (&flow.source.application, &flow.destination.application);
        let source = *sources.get(here).ok_or_else(|| missing(here))?;
        let destination = *destinations.get(there).ok_or_else(|| missing(there))?;
        let mut lists = Lists::new();
        for name in flow.lists() {
            lists.insert(name.to_owned(), destination.list(name).await?);
        }
        let cutover = session.cutovers.get(flow.name.as_str()).map(String::as_str);
        Ok(Self { flow, source, destination, cutover, lists, turns: Semaphore::new(TURNS) })
    }

    /// The pass; a dry one writes nothing, not even a mark.
    pub(crate) fn pass<'b>(&'b self, log: &'b dyn Log, dry: bool) -> Pass<'b> {
        Pass {
            flow: self.flow,
            source: self.source,
            destination: self.destination,
            clock: &SystemClock,
            log,
            turns: &self.turns,
            lists: &self.lists,
            cutover: self.cutover,
            dry,
            progress: &|_, _| {},
        }
    }
}
