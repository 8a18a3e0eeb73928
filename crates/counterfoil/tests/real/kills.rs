//! Runs that are killed at random moments, each followed at once by the next one, while creates of the dead are still
//! being executed. With `COUNTERFOIL_FULL_SIZE`: 200 kills over the whole real books.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Child;
use tokio::time::timeout;

use super::dice::Dice;
use super::harness::truth::{assert_exact, assert_further_runs_write_nothing, books};
use super::harness::{Sandbox, full_size, total};
use super::oracle::{self, Holdings, Verdict};
use super::scene::{BILLING, REVENUE, SLOW, SLOW_MARKS, Scene, Seen};

/// The engine's slots. NetSuite has four times as many: a cap no larger would keep a run out until the creates of the
/// dead one are over.
const SLOTS: u64 = 15;

/// When a run is killed.
#[derive(Clone, Copy)]
enum Moment {
    /// So many milliseconds after its start.
    AfterStart(u64),
    /// So many milliseconds after its first create.
    AfterFirstCreate(u64),
}

impl Moment {
    /// A quarter falls anywhere from the start on; the others where there is something to break.
    fn draw(dice: &mut Dice, longest: u64) -> Self {
        match dice.up_to(3) {
            0 => Self::AfterStart(dice.up_to(longest)),
            _ => Self::AfterFirstCreate(dice.up_to(longest)),
        }
    }
}

/// What is done to the journal between the kill and the next run.
#[derive(Debug, Clone, Copy)]
enum Journal {
    Kept,
    Deleted,
    Truncated,
}

impl Journal {
    fn draw(dice: &mut Dice) -> Self {
        match dice.up_to(4) {
            0 => Self::Deleted,
            1 => Self::Truncated,
            _ => Self::Kept,
        }
    }

    fn treat(self, sandbox: &Sandbox, dice: &mut Dice) {
        match self {
            Self::Kept => {}
            Self::Deleted => sandbox.delete_journal(),
            Self::Truncated => {
                let path = sandbox.folder.path().join("counterfoil.sqlite");
                let Ok(file) = std::fs::OpenOptions::new().write(true).open(path) else { return };
                file.set_len(dice.up_to(file.metadata().unwrap().len())).unwrap();
            }
        }
    }
}

/// A kill, and what was seen of the books while the next run was under way.
struct Row {
    kill: usize,
    /// Milliseconds from the start of the run.
    moment: u128,
    journal: Journal,
    seen: Seen,
    verdict: Verdict,
}

impl Row {
    const HEAD: &str = "kill  at ms  creates  documents  in flight  refused  journal    twice  lost  unannounced";

    fn keep(rows: &mut Vec<Self>, row: Option<Self>) {
        if let Some(row) = row {
            row.tell(rows.last().map_or(0, |last| last.seen.orphaned));
            rows.push(row);
        }
    }

    fn tell(&self, orphaned_before: u64) {
        let Self { kill, moment, seen, verdict, .. } = self;
        let answered = seen.accepted + seen.refused;
        let in_flight = seen.orphaned - orphaned_before;
        let journal = format!("{:?}", self.journal).to_lowercase();
        println!(
            "{kill:>4}{moment:>7}{answered:>9}{:>11}{in_flight:>11}{:>9}  {journal:<9}{:>7}{:>6}{:>13}",
            seen.documents,
            seen.refused,
            verdict.twice.len(),
            verdict.lost.len(),
            verdict.unannounced.len(),
        );
    }
}

/// A loop of kills.
struct Campaign {
    scene: Scene,
    sandbox: Sandbox,
    dice: Dice,
    kills: usize,
    /// How many records the books make.
    work: u64,
    /// The longest that a run lives from its start or its first create on, in milliseconds.
    longest: u64,
}

/// How long a life lasted, and when its first create came, in milliseconds.
struct Life {
    lasted: u128,
    first_create: Option<u128>,
}

impl Campaign {
    async fn start(scene: Scene, arguments: &[&str], kills: usize, work: usize, longest: u64) -> Self {
        let sandbox = Sandbox::start(&[&["--slots", "60"], arguments].concat()).await;
        Self { scene, sandbox, dice: Dice::seeded(20_261_122), kills, work: work as u64, longest }
    }

    /// Kills as often as it is to; gives what was seen after each kill. So many creates are slow that the kills are
    /// spread over the work. The books are judged while the next run is under way, so that it need not wait.
    async fn play(&mut self) -> Vec<Row> {
        let usual = self.scene.usual;
        println!(
            "{} or {} % of the creates take {SLOW} ms, as do {SLOW_MARKS} % of the marks; the others {usual} ms; {SLOTS} \
             slots of NetSuite's 60; killed up to {} ms after the start or the first create",
            self.scene.slow[0], self.scene.slow[1], self.longest
        );
        println!("{}", Row::HEAD);
        let (mut rows, mut restarts): (Vec<Row>, Vec<u128>) = (Vec::new(), Vec::new());
        let mut unjudged = None;
        for kill in 1..=self.kills {
            let moment = Moment::draw(&mut self.dice, self.longest);
            let made = rows.last().map_or(0, |row| row.seen.records);
            let ahead = made * self.kills as u64 > self.work * kill as u64;
            let seed = self.dice.up_to(u64::from(u32::MAX));
            self.scene.slow_down(&self.sandbox, self.scene.slow[usize::from(ahead)], seed).await;
            let run = self.sandbox.command("run", &[]).stdout(Stdio::null()).spawn().unwrap();
            let (life, judged) = tokio::join!(self.live(run, moment), self.judged(unjudged.take()));
            Row::keep(&mut rows, judged);
            restarts.extend(life.first_create);
            let journal = Journal::draw(&mut self.dice);
            journal.treat(&self.sandbox, &mut self.dice);
            let (seen, verdict) = (Seen::default(), Verdict::default());
            unjudged = Some(Row { kill, moment: life.lasted, journal, seen, verdict });
        }
        Row::keep(&mut rows, self.judged(unjudged).await);
        restarts.sort_unstable();
        println!("from start to first create: {:?} ms (median)", restarts.get(restarts.len() / 2));
        rows
    }

    /// Lets a run live until its moment has come.
    async fn live(&self, mut run: Child, moment: Moment) -> Life {
        let began = Instant::now();
        let mut first_create = None;
        if let Moment::AfterFirstCreate(_) = moment {
            while self.sandbox.struck(self.scene.destination).await == 0 {
                if timeout(Duration::from_millis(5), run.wait()).await.is_ok() {
                    ended(run).await;
                }
            }
            first_create = Some(began.elapsed().as_millis());
        }
        let (Moment::AfterStart(left) | Moment::AfterFirstCreate(left)) = moment;
        if timeout(Duration::from_millis(left), run.wait()).await.is_ok() {
            ended(run).await;
        }
        run.kill().await.unwrap();
        Life { lasted: began.elapsed().as_millis(), first_create }
    }

    /// Looks at the books after a kill.
    async fn judged(&self, row: Option<Row>) -> Option<Row> {
        let row = row?;
        Some(Row {
            seen: Seen::look(&self.scene, &self.sandbox).await,
            verdict: oracle::judge(&self.sandbox).await,
            ..row
        })
    }

    /// Runs that nobody disturbs, until one finds nothing to do.
    async fn finish(&self) {
        self.scene.calm(&self.sandbox).await;
        for _ in 0..3 {
            let report = self.sandbox.run().await;
            oracle::assert_right(&self.sandbox).await;
            if total(&report, "created") + total(&report, "updated") + total(&report, "found") == 0 {
                return;
            }
        }
        panic!("three runs were not enough");
    }
}

async fn ended(run: Child) -> ! {
    let output = run.wait_with_output().await.unwrap();
    panic!("a run ended before it was killed: {}, {}", output.status, String::from_utf8_lossy(&output.stderr));
}

fn assert_all_right(rows: &[Row]) {
    for Row { kill, verdict, .. } in rows {
        assert_eq!(*verdict, Verdict::default(), "after kill {kill}");
    }
}

/// The books of a run that nobody disturbs.
async fn undisturbed(arguments: &[&str]) -> Holdings {
    let sandbox = Sandbox::start(arguments).await;
    sandbox.run().await;
    oracle::without_ids(oracle::holdings(&sandbox).await)
}

const MASTERS: [&str; 4] =
    ["zuora.account", "zuora.product", "zuora.product-rate-plan", "zuora.product-rate-plan-charge"];
const GENERATED: [&str; 4] = ["--records", "500", "--seed", "7"];

#[tokio::test]
async fn runs_killed_at_random_moments_while_creates_of_the_dead_still_land_double_and_lose_nothing() {
    if full_size() {
        return the_whole_real_books_under_two_hundred_kills().await;
    }
    let expected = undisturbed(&GENERATED).await;
    let mut campaign = Campaign::start(BILLING, &GENERATED, 8, expected.len(), 1_200).await;
    let rows = campaign.play().await;
    assert_all_right(&rows);
    assert!(rows.iter().any(|row| row.seen.orphaned > 0), "no create was under way when its process was killed");
    campaign.finish().await;
    assert_eq!(oracle::without_ids(oracle::holdings(&campaign.sandbox).await), expected);
}

#[tokio::test]
async fn runs_from_nue_to_salesforce_killed_at_random_moments_double_and_lose_nothing_and_end_equal_to_the_cent() {
    let (records, kills, longest) = if full_size() { ("20000", 100, 3_000) } else { ("3000", 6, 800) };
    let arguments = ["--pair", "salesforce-nue", "--records", records, "--seed", "7"];
    let began = Instant::now();
    let expected = undisturbed(&arguments).await;
    let mut campaign = Campaign::start(REVENUE, &arguments, kills, expected.len(), longest).await;
    let rows = campaign.play().await;
    assert_all_right(&rows);
    assert!(rows.iter().any(|row| row.seen.orphaned > 0), "no write was under way when its process was killed");
    campaign.finish().await;
    assert_eq!(oracle::without_ids(oracle::holdings(&campaign.sandbox).await), expected);
    println!("{} s; {} records at the end", began.elapsed().as_secs(), expected.len());
}

async fn the_whole_real_books_under_two_hundred_kills() {
    let Some((folder, truth)) = books(true) else { return };
    let work = truth.masters() + truth.documents.len();
    let began = Instant::now();
    let mut campaign = Campaign::start(BILLING, &["--import", folder.path().to_str().unwrap()], 200, work, 3_000).await;
    let rows = campaign.play().await;
    assert_all_right(&rows);
    campaign.finish().await;
    let end = Seen::look(&campaign.scene, &campaign.sandbox).await;
    println!(
        "{} s; {} creates outlived their process: {} landed, {} were refused for their key; {} creates of living ones too",
        began.elapsed().as_secs(),
        end.orphaned,
        end.landed(),
        end.orphaned - end.landed(),
        end.refused
    );
    assert!(end.landed() > 0 && end.refused > 0, "the living and the dead never met");
    assert_exact(&campaign.sandbox, &truth).await;
    assert_further_runs_write_nothing(&campaign.sandbox).await;
}

#[tokio::test]
async fn without_keys_that_netsuite_enforces_the_same_kills_make_duplicates_and_the_oracle_sees_them() {
    let arguments = [&GENERATED[..], &["--without-unique-keys"]].concat();
    let mut campaign = Campaign::start(BILLING, &arguments, 5, 1_000, 800).await;
    // Two customers or items of one name NetSuite refuses whatever their keys; two documents of one number it takes.
    campaign.sandbox.ask("run", &MASTERS).await;
    // Most of what is under way at a kill is slow, and lands when the next run has made it once more.
    campaign.scene.slow = [60, 60];
    campaign.play().await;
    // The last creates of the dead land within a moment.
    let doubled = async { while oracle::judge(&campaign.sandbox).await.twice.is_empty() {} };
    timeout(Duration::from_secs(10), doubled).await.expect("nothing stands twice, though nothing forbade it");
}
