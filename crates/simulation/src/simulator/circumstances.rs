//! The circumstances of one seed: what kind of destination there is, and what may go wrong.

use super::dice::Dice;
use super::remedy::{Remedy, Setting};

/// What a seed decides before anything happens.
#[derive(Debug, Clone)]
pub(crate) struct Circumstances {
    /// The destination enforces the key. If not, the promise is a smaller one: see [`Circumstances::without_key`].
    pub keyed: bool,
    /// Engines at work at once.
    pub engines: usize,
    /// How many milliseconds the destination's search may lag behind its writes.
    pub lag: u64,
    /// Requests may land long after their sender gave up, or died.
    pub late: bool,
    /// A person edits statuses.
    pub hands: u64,
    /// Master records are edited at the source.
    pub edits: u64,
    /// Kills, if the engine is running when they come.
    pub kills: u64,
    /// Of a thousand calls, so many meet a fault.
    pub trouble: u64,
    /// Of a thousand creates that are done, the destination drops something of so many.
    pub careless: u64,
    /// The tenant has a field for our fingerprint.
    pub fingerprint: bool,
    /// Ids that differ in case only, and documents of two types that share an id.
    pub twins: bool,
    /// Records on a page of the source.
    pub page: usize,
    /// Marks a call.
    pub marks: usize,
    /// Writes at once.
    pub concurrency: usize,
    /// Master records.
    pub accounts: usize,
    /// Documents with lines and a flag.
    pub invoices: usize,
    /// Documents without.
    pub memos: usize,
}

impl Circumstances {
    /// Anything that may go wrong under the widest promise, or, in one of four seeds, under the smaller one. Where a
    /// remedy is to be shown: only circumstances in which it is decisive.
    pub(crate) fn draw(dice: &mut Dice, setting: Setting) -> Self {
        let mut drawn = Self::with_key(dice);
        match setting {
            Setting::Any if dice.chance(250) => drawn.without_key(dice),
            Setting::Any => {}
            Setting::Decisive(remedy) | Setting::Without(remedy) => {
                if is_for_want_of_a_key(remedy) {
                    drawn.without_key(dice);
                }
                drawn.decisive(remedy, dice);
            }
        }
        match setting.without() {
            Some(Remedy::OneProcess) => drawn.engines = dice.size(2, 3),
            Some(Remedy::EnforcedKey) => drawn.keyed = false,
            _ => {}
        }
        drawn
    }

    fn with_key(dice: &mut Dice) -> Self {
        let some = |dice: &mut Dice, most: u64| if dice.chance(500) { dice.between(1, most) } else { 0 };
        Self {
            keyed: true,
            engines: dice.size(1, 3),
            lag: some(dice, 800),
            late: dice.chance(600),
            hands: some(dice, 6),
            edits: some(dice, 6),
            kills: some(dice, 5),
            trouble: dice.between(0, 300),
            careless: some(dice, 100),
            fingerprint: dice.chance(500),
            twins: dice.chance(300),
            page: dice.size(1, 12),
            marks: dice.size(1, 8),
            concurrency: dice.size(1, 5),
            accounts: dice.size(1, 8),
            invoices: dice.size(0, 14),
            memos: dice.size(0, 8),
        }
    }

    /// Where no key is enforced the promise is declared as: one process, every request settled before the next process
    /// begins, and either a search that does not lag or no hand on the status.
    fn without_key(&mut self, dice: &mut Dice) {
        self.keyed = false;
        self.engines = 1;
        self.late = false;
        if dice.chance(500) {
            self.lag = 0;
        } else {
            self.hands = 0;
        }
    }

    fn decisive(&mut self, remedy: Remedy, dice: &mut Dice) {
        self.trouble = self.trouble.max(100);
        self.accounts = self.accounts.max(3);
        self.memos = self.memos.max(3);
        match remedy {
            Remedy::Mark | Remedy::ConfirmedMark | Remedy::RecordAddress => {
                self.hands = 0;
                self.lag = dice.between(400, 1500);
                self.kills = dice.between(3, 6);
                self.trouble = self.trouble.max(200);
            }
            Remedy::LookUp => self.kills = dice.between(2, 5),
            Remedy::BlankLookUp => {
                self.lag = 0;
                self.kills = dice.between(3, 6);
                self.hands = dice.between(10, 30);
            }
            Remedy::EnforcedKey => {
                self.late = true;
                self.engines = dice.size(2, 3);
            }
            Remedy::KeyCase | Remedy::KeyType => {
                self.twins = true;
                self.invoices = self.invoices.max(3);
            }
            Remedy::EveryPage => self.page = 1,
            Remedy::ReadBack | Remedy::ComparedLines => {
                self.careless = 200;
                self.invoices = self.invoices.max(6);
            }
            Remedy::ComparedMasters => self.edits = dice.between(6, 12),
            Remedy::Acceptance => self.trouble = 300,
            Remedy::OneProcess | Remedy::NoBlindRepeat => {}
        }
    }
}

/// Whether a remedy is decisive only where the destination enforces no key: the key would do its work, too.
fn is_for_want_of_a_key(remedy: Remedy) -> bool {
    use Remedy::{BlankLookUp, ConfirmedMark, LookUp, Mark, NoBlindRepeat, OneProcess, RecordAddress};
    matches!(remedy, Mark | ConfirmedMark | RecordAddress | LookUp | NoBlindRepeat | BlankLookUp | OneProcess)
}
