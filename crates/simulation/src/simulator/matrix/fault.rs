//! The kinds of faults, the moments at which they strike, and what each makes of a call.

use std::fmt;

use model::problem::Cause;
use sandbox::faults::{Complaint, Kind};
use sandbox::server::Failure;

use super::call::{CREATE, Call, LAST_MARK, MARK, UPDATE};

/// How long a caller waits for an answer, in milliseconds.
const PATIENCE: u64 = 5_000;
/// How long a message is on its way, each way.
pub(super) const WAY: u64 = 10;
/// When a call is executed of which its caller heard long ago that it failed: while repetitions are under way.
const LATER: u64 = 1_500;
/// How far a search may lag: less than a call takes, less than a run, more than a run.
const LAGS: [u64; 3] = [WAY / 2, 2_000, 600_000];

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is refused.
    Refused,
    /// No answer ever comes.
    Silent,
    /// The answer comes late, but the caller still waits.
    Slow,
    /// The call is executed so late that its caller has long given up.
    Late,
    /// The connection breaks, before the answer or in its midst.
    Reset,
    /// Searches do not see what was written.
    Lag,
    /// The token ends its life at this call.
    Expired,
    /// The vendor, or what stands before it, answers so.
    Answered(Failure),
    /// One row is refused.
    Row,
    /// A success is answered, and nothing is kept.
    Phantom,
    /// The engine is killed.
    Killed,
}

use Fault::{Answered, Expired, Killed, Lag, Late, Phantom, Refused, Reset, Row, Silent, Slow};

/// Each kind with its name, and the causes that may be named when it strikes.
pub(super) const FAULTS: [(Fault, &str, &[Cause]); 17] = [
    (Refused, "refuse", &[Cause::Connectivity]),
    (Silent, "silent", &[Cause::Timeout]),
    (Slow, "slow", &[]),
    (Late, "late", &[Cause::Timeout]),
    (Reset, "reset", &[Cause::Connectivity]),
    (Lag, "lag", &[]),
    (Expired, "token", &[Cause::Authentication]),
    (Answered(Failure::Unauthorized), "401", &[Cause::Authentication]),
    (Answered(Failure::Forbidden), "403", &[Cause::Permission]),
    (Answered(Failure::TooManyRequests), "429", &[Cause::ApiLimit]),
    (Answered(Failure::Internal), "500", &[Cause::Overload]),
    (Answered(Failure::Unavailable), "503", &[Cause::Maintenance, Cause::Overload]),
    (Answered(Failure::Page(502)), "html", &[Cause::Overload]),
    (Answered(Failure::Maintenance), "maint", &[Cause::Maintenance]),
    (Row, "row", &[Cause::Validation]),
    (Phantom, "phantom", &[Cause::Overload]),
    (Killed, "kill", &[]),
];

/// When it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The call is not executed.
    Before,
    /// It is executed after its failure was felt.
    During,
    /// It was executed.
    After,
}

impl Moment {
    pub(super) const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];

    pub(super) fn name(self) -> &'static str {
        ["before", "during", "after"][self as usize]
    }
}

/// Which of the calls of one kind are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The first.
    First,
    /// Every one of the run.
    Every,
}

impl Scope {
    pub(super) const ALL: [Self; 2] = [Self::First, Self::Every];

    pub(super) fn name(self) -> &'static str {
        ["first", "every"][self as usize]
    }
}

/// What is struck, by what, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strike {
    pub call: Call,
    pub fault: Fault,
    pub moment: Moment,
    pub scope: Scope,
}

impl Strike {
    /// Whether a cause may be named.
    pub(super) fn allows(&self, cause: Cause) -> bool {
        let Self { call, fault, moment, .. } = self;
        let listed = FAULTS.iter().any(|(known, _, causes)| known == fault && causes.contains(&cause));
        let also = match cause {
            // Whom a log-in forbids has the wrong credentials.
            Cause::Authentication => call.is_login() && *fault == Answered(Failure::Forbidden),
            // What a search does not show yet has no other address there: it is accepted and not seen, or seen as it was,
            // or made once more, and its lines are told their parent again, which those that stand do not take.
            Cause::Overload | Cause::Validation | Cause::Permission if *fault == Lag && is_only_searched(call) => true,
            // Zuora's words after a save are those of an error of its own.
            Cause::Overload => *fault == Row && *moment == Moment::After,
            // What lands later than its caller knows is met by the key ("This record already exists"), and an update that
            // is not there, though it was accepted, is a difference; lines of a record that is not there have no parent.
            Cause::Validation => self.lands_unknown() || *fault == Phantom && [CREATE, UPDATE].contains(&call.purpose),
            _ => false,
        };
        listed || also
    }

    fn lands_unknown(&self) -> bool {
        self.moment == Moment::During || matches!(self.fault, Late | Killed) || self.is_denied_though_done()
    }

    /// The vendors document both answers as "not executed", so that the call is repeated.
    fn is_denied_though_done(&self) -> bool {
        let denied = matches!(self.fault, Expired | Answered(Failure::Unauthorized | Failure::TooManyRequests));
        denied && self.call.purpose == CREATE && self.moment != Moment::Before
    }

    /// The source confirms a mark that it does not keep: nobody but the source can know. The key is what protects then.
    pub(super) fn is_false_receipt(&self) -> bool {
        self.fault == Phantom && [MARK, LAST_MARK].contains(&self.call.purpose)
    }

    /// Nobody can tell of it: the engine is dead, or was told that all is well. The next run sees it.
    pub(super) fn is_untold(&self) -> bool {
        self.fault == Killed || self.is_false_receipt()
    }
}

/// Whether the application shows a record nowhere but in a search. (The vendor's searches show what is committed; that
/// they lag is the emulator's fault alone.)
fn is_only_searched(call: &Call) -> bool {
    ["salesforce", "nue"].contains(&call.application)
}

impl fmt::Display for Strike {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, fault, moment, scope } = self;
        write!(formatter, "{call}: {} {} {}", fault.name(), moment.name(), scope.name())
    }
}

/// When a call is executed, in milliseconds from its sending, or from the failure that its caller feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Executed {
    Never,
    At(u64),
    /// When the engine has looked again and is about to announce a write: the worst of moments.
    BeforeNextMark,
    /// When the next run has ended.
    AfterNextRun,
}

/// What the caller feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Felt {
    /// Nothing was sent.
    Refused,
    /// No answer, for this cause, after so many milliseconds.
    Lost(Cause, u64),
    /// The answer, after so many milliseconds.
    Answer(u64),
    /// What the application says under this fault of its own, in place of the answer.
    Instead(Kind),
    /// Nothing any more.
    Killed(u64),
}

/// What becomes of a call that is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Course {
    pub executed: Executed,
    /// A fault of the application's own under which the call is executed.
    pub under: Option<Kind>,
    pub felt: Felt,
    /// A fault that strikes the same message once more when it was executed late.
    pub followed: Option<Kind>,
}

/// Why a cell is empty.
pub(super) type NotApplicable = &'static str;

impl Fault {
    pub(super) fn name(self) -> &'static str {
        FAULTS.iter().find(|(fault, ..)| *fault == self).map_or("", |(_, name, _)| name)
    }

    /// Why the fault cannot strike this call at this moment, if it cannot.
    pub(super) fn not_applicable(self, moment: Moment, call: &Call, is_keyed: bool) -> Option<NotApplicable> {
        let denies = matches!(self, Answered(Failure::Unauthorized | Failure::TooManyRequests));
        match (self, moment) {
            (_, Moment::During | Moment::After) if denies && call.writes() && !is_keyed => {
                Some("where no key is enforced, an answer that is documented as 'not executed' is believed")
            }
            (Refused, Moment::During | Moment::After) => Some("a refused connection carries nothing to be executed"),
            (Phantom, Moment::After) => Some("what is lost after it was read back was deleted: no run looks for that"),
            (Lag | Row | Phantom, _) if !call.writes() => Some("a read has no rows and keeps nothing"),
            (Expired, _) if !call.has_token => Some("a log-in carries no token, and a key lives until it is replaced"),
            _ => None,
        }
    }

    /// What becomes of a call.
    pub(super) fn course(self, moment: Moment) -> Course {
        use Moment::{After, Before, During};
        let executed = match (self, moment) {
            (Slow, Before) => Executed::At(PATIENCE - 2 * WAY),
            (Slow, During) => Executed::At(PATIENCE / 2),
            (Late, Before) => Executed::At(PATIENCE - WAY),
            (Late | Killed, During) => Executed::BeforeNextMark,
            (Late, After) => Executed::AfterNextRun,
            (Silent, During) => Executed::At(PATIENCE + LATER),
            (Lag, _) | (Phantom, Before) => Executed::At(WAY),
            (_, Before) => Executed::Never,
            (_, During) => Executed::At(LATER),
            (_, After) => Executed::At(WAY),
        };
        let under = match (self, moment) {
            (Lag, _) => Some(Kind::Lag),
            (Phantom, Before) => Some(Kind::AcceptedThenFailed),
            (Row, After) => Some(Kind::ErrorAfterSave(Complaint::Refusal)),
            _ => None,
        };
        let felt = match (self, moment) {
            (Refused, _) => Felt::Refused,
            (Silent | Late, _) => Felt::Lost(Cause::Timeout, PATIENCE),
            (Reset, _) => Felt::Lost(Cause::Connectivity, 2 * WAY),
            (Slow, _) => Felt::Answer(PATIENCE - WAY),
            (Lag, _) | (Phantom, Before) | (Row, After) => Felt::Answer(2 * WAY),
            (Expired, During) => Felt::Instead(Kind::Fail(Failure::Unauthorized)),
            (Expired, _) => Felt::Instead(Kind::ExpireToken),
            (Answered(failure), _) => Felt::Instead(Kind::Fail(failure)),
            (Row, _) => Felt::Instead(Kind::RowError),
            (Phantom, _) => Felt::Instead(Kind::AcceptedThenFailed),
            (Killed, After) => Felt::Killed(2 * WAY),
            (Killed, _) => Felt::Killed(0),
        };
        let followed = (self == Expired && moment == During).then_some(Kind::ExpireToken);
        Course { executed, under, felt, followed }
    }

    /// How long a search lags.
    pub(super) fn lag(moment: Moment) -> u64 {
        LAGS[moment as usize]
    }

    /// Runs without faults after which the books are whole, at most. A call that lands when the next run has ended (an
    /// old mark over its `Sync Complete`) is put right by the run after that.
    pub(super) fn runs_needed(self, moment: Moment) -> u64 {
        if self == Late && moment != Moment::Before { 2 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_the_matrix_stands_for_every_kind_of_fault_that_the_sandbox_knows() {
        let mut used = Vec::new();
        for (fault, ..) in FAULTS {
            for moment in Moment::ALL {
                let course = fault.course(moment);
                let felt = if let Felt::Instead(kind) = course.felt { Some(kind) } else { None };
                used.extend([course.under, felt, course.followed].into_iter().flatten());
            }
        }
        let said = [
            Kind::Lag,
            Kind::ExpireToken,
            Kind::Fail(Failure::Unauthorized),
            Kind::Fail(Failure::Forbidden),
            Kind::Fail(Failure::TooManyRequests),
            Kind::Fail(Failure::Internal),
            Kind::Fail(Failure::Unavailable),
            Kind::Fail(Failure::Page(502)),
            Kind::Fail(Failure::Maintenance),
            Kind::RowError,
            Kind::AcceptedThenFailed,
            Kind::ErrorAfterSave(Complaint::Refusal),
        ];
        for kind in said {
            assert!(used.contains(&kind), "no column for {kind:?}");
        }
        // The others concern time and the connection, which the matrix holds in its own hands.
        for fault in [Refused, Silent, Slow, Late, Reset] {
            assert!(FAULTS.iter().any(|(known, ..)| *known == fault));
        }
    }
}
