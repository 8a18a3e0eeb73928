//! How a selection is read: its first page, the pages behind it or a job for them all, and once more what came late.
//!
//! Rows are read in the order of their last change. A transaction stamps its rows while it runs and shows them when it
//! commits, minutes later perhaps: by then the pages may have gone past their stamps. So a selection of several pages
//! ends with a second look at the last minutes before its cut-off. One of a single page was one look at one moment.

use jiff::{SignedDuration, Timestamp};
use model::ports::{Cursor, Page, Selection};
use model::problem::Problem;
use model::value::Record;

use super::bulk::{self, File};
use super::describe::Described;
use super::soql::{self, End, Range, Row};
use super::{APPLICATION, Salesforce};

const QUERY: &str = "GET /query";
/// How long before the cut-off a row may bear its stamp and still be unseen: Salesforce ends a call after ten minutes, and
/// its transaction with it.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Where a selection goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// What changed later, by our own marks too, is not of this selection. It is Salesforce's time, not ours.
    until: String,
    stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Behind this row, page by page.
    Pages(Row),
    /// Behind this row, by a job that is yet to be made.
    Job(Row),
    /// In a job's result.
    File(File),
    /// In the second look at the last minutes, behind this row if it has begun.
    Late(Option<Row>),
}

impl Place {
    fn show(&self) -> Cursor {
        let row = |row: &Row| format!("{}|{}", row.stamp, row.id);
        let stage = match &self.stage {
            Stage::Pages(last) => format!("pages|{}", row(last)),
            Stage::Job(last) => format!("job|{}", row(last)),
            Stage::File(File { job, locator, read, all }) => format!("file|{job}|{read}|{all}|{locator}"),
            Stage::Late(last) => format!("late|{}", last.as_ref().map(row).unwrap_or_default()),
        };
        Cursor(format!("{}|{stage}", self.until))
    }

    fn parse(cursor: &Cursor) -> Option<Self> {
        let (until, rest) = cursor.0.split_once('|')?;
        let (name, rest) = rest.split_once('|')?;
        let row = || {
            let (stamp, id) = rest.split_once('|')?;
            Some(Row { stamp: stamp.to_owned(), id: id.to_owned() })
        };
        let stage = match name {
            "pages" => Stage::Pages(row()?),
            "job" => Stage::Job(row()?),
            "late" => Stage::Late(row()),
            "file" => {
                let mut parts = rest.splitn(4, '|');
                let (job, read, all) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
                Stage::File(File { job: job.to_owned(), read, all, locator: parts.next()?.to_owned() })
            }
            _ => return None,
        };
        Some(Self { until: until.to_owned(), stage })
    }

    fn at(&self, stage: Stage) -> Self {
        Self { until: self.until.clone(), stage }
    }
}

impl Salesforce {
    /// A page of a selection.
    pub(super) async fn selected(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let described = self.object(&selection.object).await?;
        let Some(after) = after else { return self.first_page(selection, &described).await };
        let place =
            Place::parse(after).ok_or_else(|| self.unfit(QUERY, format!("the cursor '{}' is not ours", after.0)))?;
        match &place.stage {
            Stage::Pages(last) => self.page_behind(selection, &described, &place, last).await,
            Stage::Job(last) => self.by_job(selection, &described, &place, last).await,
            Stage::File(file) => self.page_of_file(&described, &place, file).await,
            Stage::Late(last) => self.late_page(selection, &described, &place, last.as_ref()).await,
        }
    }

    /// The first page has no bound, for it is of the moment at which Salesforce answers; that moment bounds the others.
    async fn first_page(&self, selection: &Selection, described: &Described) -> Result<Page, Problem> {
        let query = self.query(selection, described, &Range::default(), End::All)?;
        let (part, answered) = self.first_part(&query).await?;
        let until = answered.unwrap_or_else(|| self.http.clock().now()).to_string();
        let left = part.total.saturating_sub(part.records.len() as u64);
        let last = part.records.last().filter(|_| part.next.is_some()).map(row_of);
        let next = last.map(|last| Place { until, stage: self.way(selection, left, last) }.show());
        Ok(Page { records: part.records, total: Some(part.total), next })
    }

    /// Which way the rest is read, and why.
    fn way(&self, selection: &Selection, left: u64, last: Row) -> Stage {
        let (by_page, by_job) = (bulk::calls_by_page(left), bulk::calls_by_job(left));
        // A file has no nested records.
        let is_flat = selection.fields.iter().all(|field| !field.contains('.'));
        let takes_job = is_flat && by_job < by_page;
        let way = if takes_job { "as a job of the Bulk API" } else { "page by page" };
        tracing::info!(
            application = APPLICATION,
            object = selection.object,
            rows = left,
            calls_by_page = by_page,
            calls_by_job = by_job,
            "the rest of the selection is read {way}"
        );
        if takes_job { Stage::Job(last) } else { Stage::Pages(last) }
    }

    async fn page_behind(
        &self,
        selection: &Selection,
        described: &Described,
        place: &Place,
        last: &Row,
    ) -> Result<Page, Problem> {
        let range = Range { since: None, behind: Some(last), until: Some(&place.until) };
        let (records, _) = self.rows(&self.query(selection, described, &range, End::Page)?).await?;
        let stage = full_page(&records).map_or(Stage::Late(None), Stage::Pages);
        Ok(Page { records, total: None, next: Some(place.at(stage).show()) })
    }

    async fn late_page(
        &self,
        selection: &Selection,
        described: &Described,
        place: &Place,
        last: Option<&Row>,
    ) -> Result<Page, Problem> {
        let until: Timestamp =
            place.until.parse().map_err(|_| self.unfit(QUERY, format!("'{}' is no moment", place.until)))?;
        let since = until.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN).to_string();
        let range = Range { since: Some(&since), behind: last, until: Some(&place.until) };
        let (records, _) = self.rows(&self.query(selection, described, &range, End::Page)?).await?;
        let next = full_page(&records).map(|last| place.at(Stage::Late(Some(last))).show());
        Ok(Page { records, total: None, next })
    }

    /// A job that comes to nothing costs some calls, and then the pages are read as ever.
    async fn by_job(
        &self,
        selection: &Selection,
        described: &Described,
        place: &Place,
        last: &Row,
    ) -> Result<Page, Problem> {
        let range = Range { since: None, behind: Some(last), until: Some(&place.until) };
        let query = self.query(selection, described, &range, End::Unordered)?;
        match self.job(&query).await {
            Ok(file) => self.page_of_file(described, place, &file).await,
            // An application that is not there is not there for pages either.
            Err(problem) if problem.for_all => Err(problem),
            Err(problem) => {
                let (object, problem) = (&selection.object, problem.to_string());
                tracing::warn!(application = APPLICATION, object, problem, "the job came to nothing: page by page");
                self.page_behind(selection, described, place, last).await
            }
        }
    }

    async fn page_of_file(&self, described: &Described, place: &Place, file: &File) -> Result<Page, Problem> {
        let (records, next) = self.file(file, described).await?;
        let stage = next.map_or(Stage::Late(None), Stage::File);
        Ok(Page { records, total: None, next: Some(place.at(stage).show()) })
    }

    fn query(
        &self,
        selection: &Selection,
        described: &Described,
        range: &Range<'_>,
        end: End,
    ) -> Result<String, Problem> {
        soql::select(selection, described, range, end).map_err(|unfit| self.unfit(QUERY, unfit))
    }
}

/// The last row of a page behind which there may be more.
fn full_page(records: &[Record]) -> Option<Row> {
    records.last().filter(|_| records.len() >= soql::PAGE).map(row_of)
}

fn row_of(record: &Record) -> Row {
    Row { stamp: record.text("SystemModstamp").to_owned(), id: record.text("Id").to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_the_same_and_one_that_is_not_ours_is_none() {
        let row = || Row { stamp: "2026-11-21T10:00:00.000+0000".into(), id: "801x".into() };
        let file = File { job: "750x".into(), locator: "a|b==".into(), read: 2_000, all: 40_000 };
        for stage in
            [Stage::Pages(row()), Stage::Job(row()), Stage::File(file), Stage::Late(None), Stage::Late(Some(row()))]
        {
            let place = Place { until: "2026-11-22T05:00:00Z".into(), stage };
            assert_eq!(Place::parse(&place.show()), Some(place));
        }
        for text in ["", "a", "a|pages", "a|pages|b", "a|file|b|c|d|e", "a|elsewhere|b|c"] {
            assert_eq!(Place::parse(&Cursor(text.to_owned())), None, "{text}");
        }
    }
}
