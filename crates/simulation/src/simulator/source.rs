//! The source application: it selects, fetches and takes marks.

use async_trait::async_trait;
use model::ports::{Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::value::Record;

use super::books::Write;
use super::fate::{Call, Fate, problem};
use super::flows::{PAIRS, SOURCE};
use super::stage::{LATENCY_MAX, Stage, State};

/// An application as it is, with no remedy taken out.
#[derive(Debug, Clone)]
pub(crate) struct Honest {
    /// Where it stands.
    pub stage: Stage,
}

/// One of our own names of an object.
pub(crate) fn known(object: &str) -> &'static str {
    PAIRS.into_iter().map(|(source, _)| source).find(|source| *source == object).unwrap_or_default()
}

/// A page of a selection that stands still while it is paged through, as a vendor's query locator does. Now and then a
/// record comes again on the next page.
fn page(state: &mut State, selection: &Selection, after: Option<&Cursor>) -> Page {
    let place = after.and_then(|cursor| cursor.0.split_once(':'));
    let (held, from) = place.map_or((None, 0), |(held, from)| (held.parse().ok(), from.parse().unwrap_or(0)));
    let held: usize = held.unwrap_or_else(|| {
        let ids = state.books.selected(&selection.object, &selection.any);
        state.selections.push(ids);
        state.selections.len() - 1
    });
    let ids = state.selections[held].clone();
    let to = ids.len().min(from + state.circumstances.page);
    let records = state.books.fetched(&selection.object, "Id", &ids[from..to]);
    let again = usize::from(!state.calm && to > from + 1 && state.dice.chance(100));
    Page { records, total: None, next: (to < ids.len()).then(|| Cursor(format!("{held}:{}", to - again))) }
}

#[async_trait]
impl Source for Honest {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        self.stage.read(SOURCE, |state| page(state, selection, after)).await
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        self.stage.read(SOURCE, |state| state.books.fetched(&fetch.object, &fetch.field, &fetch.keys)).await
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let call = self.stage.state().circumstances.marks;
        let mut answers = Vec::with_capacity(marks.len());
        for part in marks.chunks(call) {
            answers.extend(self.mark_part(known(object), part).await);
        }
        answers
    }

    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        let stands = |state: &mut State, mark: &Mark| {
            let record = state.books.record(&(known(object), mark.source_id.clone()))?;
            (record.text("IntegrationStatus") == mark.status).then(|| receipt(mark))
        };
        self.stage.read(SOURCE, |state| marks.iter().map(|mark| stands(state, mark)).collect()).await
    }

    async fn lacking(&self, _object: &str, _fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        Ok(Vec::new())
    }
}

/// Says, as the source, that a mark stands.
pub(crate) fn receipt(mark: &Mark) -> MarkReceipt {
    MarkReceipt::confirmed_by_source(mark.source_id.clone(), mark.status.clone())
}

impl Honest {
    /// One call: it fails as a whole, or row by row.
    async fn mark_part(&self, object: &'static str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let (fate, refused, there, back) = {
            let mut state = self.stage.state();
            let fate = state.fate(Call::Mark);
            let rows = if fate == Fate::Refused { marks.len() } else { 0 };
            let refused: Vec<bool> = (0..rows).map(|_| state.dice.chance(500)).collect();
            (fate, refused, state.latency(), state.latency())
        };
        let told = || problem(SOURCE, Call::Mark, fate);
        let all = |kind: fn(Problem) -> Answer<MarkReceipt>| marks.iter().map(|_| kind(told())).collect();
        let write = |marks: Vec<Mark>| Write::Marks(object, marks);
        match fate {
            Fate::TurnedAway | Fate::NotDone => {
                self.stage.pause(there).await;
                all(Answer::NotDone)
            }
            Fate::Vanished => {
                self.stage.pause(LATENCY_MAX * 2).await;
                all(Answer::Unknown)
            }
            Fate::AnswerLost | Fate::Late(_) => {
                let late = if let Fate::Late(late) = fate { late } else { 0 };
                self.stage.send(there + late, write(marks.to_vec()));
                self.stage.pause(LATENCY_MAX * 2).await;
                all(Answer::Unknown)
            }
            Fate::Done | Fate::Refused | Fate::RefusedAfterSave | Fate::TakenIn(_) | Fate::Hollow => {
                let is_refused = |place: usize| refused.get(place).copied().unwrap_or(false);
                let taken = marks.iter().enumerate().filter(|(place, _)| !is_refused(*place));
                self.stage.send(there, write(taken.map(|(_, mark)| mark.clone()).collect()));
                self.stage.pause(there + back).await;
                let answer = |(place, mark)| {
                    if is_refused(place) { Answer::Refused(told()) } else { Answer::Accepted(receipt(mark)) }
                };
                marks.iter().enumerate().map(answer).collect()
            }
        }
    }
}
