//! What an engine does with the record. It decides nothing: the engine's own `decide` does. Here stands only what
//! `decide` asks for, and the places at which a remedy can be taken out around it.

use model::outcome::Outcome;
use model::protocol::{Evidence, Kind, MarkReceipt, Marked, Next, Preparation, Reply, Reread, Sight, Standing, decide};
use model::status::{Operation, Status, Transferred};

use crate::checker::state::{Content, Pass, Source, State};
use crate::checker::world::{Key, Remedy, World};

/// What the source says, as the engine reads it.
pub fn standing(world: &World, source: &Source) -> Standing {
    Standing {
        kind: world.kind,
        status: source.status.clone(),
        transferred: source.transferred.clone(),
        linked: source.linked,
    }
}

/// Whether the selection gives the record. Documents are asked for until both marks say that they are done and the id is
/// there; records that are kept up to date are always asked for.
pub fn selected(world: &World, source: &Source) -> bool {
    if source.status == Status::InProgress && !world.has(Remedy::TakenUpAgain) {
        return false;
    }
    let unfinished = !source.linked
        || source.status != Status::Complete
        || matches!(source.transferred, Transferred::No | Transferred::Processing | Transferred::Error);
    let newer = world.version_in_mark && source.version > source.synced;
    let always = world.kind == Kind::Master && world.has(Remedy::ComparedEachRun);
    unfinished || newer || always
}

/// What comes next: what the engine's `decide` says, unless a remedy was taken out.
pub fn next(world: &World, standing: &Standing, evidence: Evidence) -> Next {
    match (world.without, evidence) {
        (Some(Remedy::LookFirst), Evidence::Selected) if standing.status == Status::Blank => {
            next(world, standing, Evidence::Prepared(Operation::Create, Preparation::Ready))
        }
        (Some(Remedy::IgnoreWins), Evidence::Selected) => Next::Search,
        (Some(Remedy::MarkFirst), Evidence::Prepared(operation, Preparation::Ready))
        | (Some(Remedy::MarkReread), Evidence::Marked(operation, Marked::Unknown))
        | (Some(Remedy::UnknownIsLookedUp), Evidence::Written(operation, Reply::Unknown)) => {
            decide(standing, Evidence::Marked(operation, Marked::Confirmed(receipt())))
        }
        (Some(Remedy::CloserLook), Evidence::ReadBack(operation, reply, Sight::Different)) => {
            decide(standing, Evidence::ReadAtRecord(operation, reply, Sight::Different))
        }
        (Some(Remedy::ReadBack), Evidence::Written(_, Reply::Accepted)) => Next::Complete(Outcome::Created),
        (_, evidence) => match decide(standing, evidence) {
            // The mapping is pure: nothing can happen between it and the mark.
            Next::Prepare(operation) => next(world, standing, Evidence::Prepared(operation, Preparation::Ready)),
            decided => decided,
        },
    }
}

/// The source's confirmation of a mark: the checker stands in a connector's place.
pub fn receipt() -> MarkReceipt {
    MarkReceipt::confirmed_by_source("1", "Creating")
}

/// What a look shows to an engine, if what it does next is a look.
pub fn look(world: &World, state: &State, pass: &Pass) -> Option<Evidence> {
    let version = pass.version;
    Some(match *pass.next {
        Next::Search => Evidence::Searched(search(world, state, version)),
        Next::AskRecord if unsettled(world, state) => Evidence::AskedRecord(Sight::Unavailable),
        Next::AskRecord => Evidence::AskedRecord(ask_record(world, state, version)),
        Next::ReadBack(operation, reply) => Evidence::ReadBack(operation, reply, search(world, state, version)),
        Next::ReadAtRecord(operation, reply) => {
            Evidence::ReadAtRecord(operation, reply, ask_record(world, state, version))
        }
        Next::RereadMark(operation) if state.source.status == Status::InProgress => {
            Evidence::RereadMark(operation, Reread::Stands(receipt()))
        }
        Next::RereadMark(operation) => Evidence::RereadMark(operation, Reread::Absent),
        _ => return None,
    })
}

/// What a look gives that fails.
pub fn failed_look(next: &Next) -> Option<Evidence> {
    Some(match *next {
        Next::Search => Evidence::Searched(Sight::Unavailable),
        Next::AskRecord => Evidence::AskedRecord(Sight::Unavailable),
        Next::ReadBack(operation, reply) => Evidence::ReadBack(operation, reply, Sight::Unavailable),
        Next::ReadAtRecord(operation, reply) => Evidence::ReadAtRecord(operation, reply, Sight::Unavailable),
        Next::RereadMark(operation) => Evidence::RereadMark(operation, Reread::Unavailable),
        _ => return None,
    })
}

/// Searches the destination by the source's id, and compares with a version of the source.
pub fn search(world: &World, state: &State, version: u8) -> Sight {
    sight(world, state.destination.iter().filter_map(|held| held.shown), version)
}

/// Asks at the record's own address. Only a key that the destination enforces gives it one.
pub fn ask_record(world: &World, state: &State, version: u8) -> Sight {
    if world.key == Key::Enforced {
        sight(world, state.destination.iter().map(|held| held.content), version)
    } else {
        search(world, state, version)
    }
}

fn unsettled(world: &World, state: &State) -> bool {
    world.wait_out && !(state.flight.is_empty() && state.search_caught_up())
}

fn sight(world: &World, mut found: impl Iterator<Item = Content>, version: u8) -> Sight {
    match (found.next(), found.next()) {
        (None, _) => Sight::Missing,
        (Some(_), Some(_)) => Sight::Several,
        (Some(content), None) => {
            let parts = content.whole || !world.has(Remedy::PartsCompared);
            if content.version == version && parts { Sight::Equal } else { Sight::Different }
        }
    }
}
