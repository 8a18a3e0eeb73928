//! One record on its way through a pass.

use model::equality::{Difference, Manner, signed_like};
use model::flow::Flow;
use model::key::ExternalKey;
use model::mapping::Draft;
use model::money::Money;
use model::outcome::Outcome;
use model::ports::{Found, LookUpKey};
use model::problem::Problem;
use model::protocol::{Evidence, Next, Reason, Standing, decide};
use model::rule::Obstacle;
use model::status::{Status, Transferred};
use model::value::{Record, SmolStr, Value};

/// One record: what the source says, what was found out, and what comes next.
#[derive(Debug)]
pub struct Task {
    /// The source record with its relations.
    pub record: Record,
    /// The source's id.
    pub id: SmolStr,
    /// What people call it.
    pub number: SmolStr,
    /// What the source says before anything is done.
    pub standing: Standing,
    /// What comes next.
    pub next: Next,
    /// Whether its in-progress mark stands: from then on its pass has begun.
    pub announced: bool,
    /// What is to be written.
    pub draft: Option<Draft>,
    /// The destination's record, where exactly one was found.
    pub found: Option<Found>,
    /// All ids that were found, where there are several.
    pub several: Vec<SmolStr>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// Why it cannot be sent as it is, or not yet.
    pub obstacles: Vec<Obstacle>,
    /// The last thing that went wrong.
    pub problem: Option<Problem>,
}

impl Task {
    /// A record as selected.
    pub fn new(flow: &Flow, record: Record) -> Self {
        let marks = &flow.source.marks;
        let transferred = marks.transferred.as_deref();
        let standing = Standing {
            kind: flow.kind,
            status: Status::read(record.text(&marks.status)),
            transferred: transferred.map_or(Transferred::Untracked, |field| Transferred::read(record.text(field))),
            linked: !record.at(&marks.id).is_null(),
        };
        let next = decide(&standing, Evidence::Selected);
        Self {
            id: record.text("Id").into(),
            number: record.at(&flow.source.number).show().into(),
            record,
            standing,
            next,
            announced: false,
            draft: None,
            found: None,
            several: Vec::new(),
            differences: Vec::new(),
            obstacles: Vec::new(),
            problem: None,
        }
    }

    /// Lets the protocol decide what the evidence leads to.
    pub fn learn(&mut self, evidence: Evidence) {
        self.next = decide(&self.standing, evidence);
    }

    /// Under which ids the record would stand in the destination.
    pub fn key(&self, flow: &Flow) -> LookUpKey {
        let known_as = flow.destination.known_as.as_ref().map(|field| self.record.text(field).into());
        LookUpKey {
            external: ExternalKey::new(&flow.source.application, &flow.source.object, &self.id),
            source_id: known_as.unwrap_or_else(|| self.id.clone()),
            record_id: self.id.clone(),
        }
    }

    /// How the pass ended, if it did.
    pub fn end(&self) -> Option<(Outcome, Reason)> {
        if let Next::Stop(outcome, reason) = &self.next { Some((*outcome, *reason)) } else { None }
    }

    /// Why nothing at all was done for the record: an application as a whole is not there. Then it did not end, it was
    /// never begun, and what is to be said is said once, of the application.
    pub fn turned_away(&self) -> Option<&Problem> {
        let begun = match self.next {
            Next::Stop(Outcome::Deferred, Reason::SearchUnavailable | Reason::MarkUncertain) => false,
            // Found as it should be, and not yet said so: nothing was done that could be half done.
            Next::Stop(Outcome::Deferred, Reason::CompletionUncertain) => self.announced,
            _ => true,
        };
        self.problem.as_ref().filter(|problem| problem.for_all && !begun)
    }

    /// What the source's document amounts to; `None` for records without an amount.
    pub fn source_money(&self, flow: &Flow) -> Option<Money> {
        let amount = flow.equal.iter().find(|equal| equal.what == "amount")?.source.plain(&self.record).as_number()?;
        let currency = flow.equal.iter().find(|equal| equal.what == "currency")?.source.plain(&self.record).show();
        Some(Money { amount, currency })
    }

    /// What the destination says that the document amounts to.
    pub fn destination_money(&self, flow: &Flow) -> Option<Money> {
        let source = self.source_money(flow)?;
        let equal = flow.equal.iter().find(|equal| equal.what == "amount")?;
        let held = self.found.as_ref()?.record.get(&equal.column).as_number()?;
        let amount = match equal.manner {
            Manner::Magnitude => signed_like(source.amount, held, equal.manner),
            Manner::Text | Manner::Caseless | Manner::Number => held,
        };
        Some(Money { amount, currency: source.currency })
    }

    /// The destination's id, where the destination is known to have the record.
    pub fn destination_id(&self) -> Option<&SmolStr> {
        self.found.as_ref().map(|found| &found.id)
    }

    /// A field of the source record, as it was read.
    pub fn field(&self, name: &str) -> &Value {
        self.record.at(name)
    }
}
