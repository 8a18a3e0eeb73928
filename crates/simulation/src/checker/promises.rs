//! What must hold: five promises about every moment, and one about where every moment can still lead to.

use model::outcome::Outcome;
use model::protocol::{Evidence, Kind, Next, Reason, Sight};
use model::status::Status;

use crate::checker::pass::{ask_record, next, search, selected, standing};
use crate::checker::state::{Content, State};
use crate::checker::world::{Bounds, World};

/// A promise about one moment.
pub type Promise = fn(&World, &State) -> bool;

/// Nothing twice.
pub const ONCE: &str = "never two destination records for one source record";
/// Nothing lost.
pub const WRITTEN: &str = "never `Sync Complete` without the whole destination record";
/// Nothing out of date.
pub const CURRENT: &str = "never held for done while the destination holds another version";
/// Nothing against a person's will.
pub const IGNORED: &str = "never touched once a person has set `Ignore`";
/// No false alarm.
pub const HONEST: &str = "never `Error` where nothing goes wrong but a search that lags";
/// Nothing stuck. About the way, not about a moment: see [`crate::checker::search`].
pub const ENDS: &str = "once faults stop, the record ends Sync Complete, Error or Ignore";

/// The promises about every moment.
pub const ALWAYS: [(&str, Promise); 5] =
    [(ONCE, once), (WRITTEN, written), (CURRENT, current), (IGNORED, ignored), (HONEST, honest)];

fn once(_: &World, state: &State) -> bool {
    state.destination.len() <= 1
}

/// What a person wrote into the field is the person's word, not ours.
fn written(_: &World, state: &State) -> bool {
    let ours = state.source.status == Status::Complete && !state.source.by_hand;
    !ours || state.destination.iter().any(|held| held.content.whole)
}

fn current(world: &World, state: &State) -> bool {
    !state.at_rest() || !held_for_done(world, state) || up_to_date(state)
}

fn ignored(_: &World, state: &State) -> bool {
    !state.source.ignored || state.source.status == Status::Ignore
}

/// A document that was edited differs for good, and is an error by right.
fn honest(world: &World, state: &State) -> bool {
    let Bounds { faults, crashes, edits, hands } = world.bounds;
    let edited = world.kind == Kind::Document && edits > 0;
    let wrong = faults > 0 || crashes > 0 || hands > 0 || world.engines > 1 || world.jobs || edited;
    wrong || state.source.status != Status::Error
}

/// Whether a run would pass the record over as being in sync.
fn held_for_done(world: &World, state: &State) -> bool {
    if !selected(world, &state.source) {
        return state.source.status == Status::Complete;
    }
    let standing = standing(world, &state.source);
    let sight = search(world, state, state.source.version);
    next(world, &standing, Evidence::Searched(sight)) == Next::Stop(Outcome::Skipped, Reason::InSync)
}

fn up_to_date(state: &State) -> bool {
    let content = Content { version: state.source.version, whole: true };
    matches!(state.destination.as_slice(), [held] if held.content == content)
}

/// Whether the record has come to its end: in sync, an error that the next run would only repeat, or out of
/// consideration. `Sync Complete` by a person's hand, where there is nothing, is reported in each run, and is an end too.
pub fn ended(world: &World, state: &State) -> bool {
    if !state.at_rest() {
        return false;
    }
    let lasting_error = || {
        let sight = search(world, state, state.source.version);
        let standing = standing(world, &state.source);
        let again = match next(world, &standing, Evidence::Searched(sight)) {
            Next::AskRecord => {
                next(world, &standing, Evidence::AskedRecord(ask_record(world, state, state.source.version)))
            }
            decided => decided,
        };
        matches!(again, Next::Fail(..)) || (sight == Sight::Missing && state.remembered.is_some())
    };
    match state.source.status {
        Status::Ignore => true,
        Status::Error => lasting_error(),
        Status::Complete => state.source.by_hand && state.destination.is_empty() || held_for_done(world, state),
        Status::Blank | Status::InProgress | Status::Unrecognised(_) => false,
    }
}
