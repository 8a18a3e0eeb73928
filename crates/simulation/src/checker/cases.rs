//! The worlds that are searched: the nine counterexamples, each without and with what removes it, the worst worlds in
//! which the engine's promises hold, and those in which they do not.

use model::protocol::Kind;

use crate::checker::promises::{CURRENT, ENDS, HONEST, IGNORED, ONCE, WRITTEN};
use crate::checker::world::{Bounds, Exclusion, Key, Remedy, World};

/// A counterexample, and what removes it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name: that of the design notes, where it stands there.
    pub name: &'static str,
    /// What happens.
    pub what: &'static str,
    /// The promise that it breaks.
    pub breaks: &'static str,
    /// What is taken out.
    pub remedy: &'static str,
    /// The world without it.
    pub out: World,
    /// The same world with it.
    pub back_in: World,
}

/// A world in which nothing may be found.
#[derive(Debug, Clone, Copy)]
pub struct Safe {
    /// What world it is.
    pub what: &'static str,
    /// The world.
    pub world: World,
}

/// A world in which the engine, with all that it has, does not keep a promise: what a route into such a world must
/// declare.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// A short name.
    pub name: &'static str,
    /// What world it is.
    pub what: &'static str,
    /// The promise that is not kept.
    pub breaks: &'static str,
    /// What a route into it must declare.
    pub declare: &'static str,
    /// The world.
    pub world: World,
}

const DOCUMENT: World = World::kind_to(Kind::Document);
const KEYED: World = World { key: Key::Enforced, ..DOCUMENT };
const MASTER: World = World { key: Key::Enforced, ..World::kind_to(Kind::Master) };
const NOTHING: Bounds = Bounds { faults: 0, crashes: 0, edits: 0, hands: 0 };
const FAULT: Bounds = Bounds { faults: 1, ..NOTHING };
const CRASH: Bounds = Bounds { crashes: 1, ..NOTHING };
const BOTH: Bounds = Bounds { faults: 1, crashes: 1, ..NOTHING };

const fn without(remedy: Remedy, world: World) -> World {
    World { without: Some(remedy), ..world }
}

const fn case(name: &'static str, what: &'static str, breaks: &'static str, remedy: &'static str) -> Case {
    Case { name, what, breaks, remedy, out: DOCUMENT, back_in: DOCUMENT }
}

/// A case in which a remedy of the engine is taken out.
const fn by(case: Case, remedy: Remedy, world: World) -> Case {
    Case { out: without(remedy, world), back_in: world, ..case }
}

/// A case in which the destination's key is taken out.
const fn by_key(case: Case, world: World) -> Case {
    Case { out: World { key: Key::None, ..world }, back_in: World { key: Key::Enforced, ..world }, ..case }
}

/// The counterexamples of the design notes.
pub const COUNTEREXAMPLES: [Case; 9] = [
    by_key(
        case("C1", "a create lands after the look-up missed it", ONCE, "a key that the destination enforces"),
        World { late: true, bounds: BOTH, ..DOCUMENT },
    ),
    by_key(
        case("C2", "the search lags behind the writes", ONCE, "a key that the destination enforces"),
        World { lag: true, bounds: BOTH, ..DOCUMENT },
    ),
    by_key(
        case("C3", "a second engine", ONCE, "a key that the destination enforces"),
        World { engines: 2, bounds: FAULT, ..DOCUMENT },
    ),
    by(
        case("C4", "a person blanks the status", ONCE, "a blank status is looked up, too"),
        Remedy::LookFirst,
        World { bounds: Bounds { crashes: 1, hands: 1, ..NOTHING }, ..DOCUMENT },
    ),
    by(
        case("C5", "a destination written in parts", WRITTEN, "the parts are compared: the lines are counted"),
        Remedy::PartsCompared,
        World { parts: true, bounds: BOTH, ..KEYED },
    ),
    by(
        case("C6", "the source is edited after it was read", CURRENT, "masters are compared in every run"),
        Remedy::ComparedEachRun,
        World { bounds: Bounds { edits: 1, ..BOTH }, ..MASTER },
    ),
    by(
        case("C7", "a late write overwrites a newer one", CURRENT, "masters are compared in every run"),
        Remedy::ComparedEachRun,
        World { late: true, version_in_mark: true, bounds: Bounds { edits: 2, crashes: 1, ..NOTHING }, ..MASTER },
    ),
    by(
        case("C8", "accepted is not written", WRITTEN, "read back before `Sync Complete`"),
        Remedy::ReadBack,
        World { jobs: true, bounds: BOTH, ..KEYED },
    ),
    by(
        case("C9", "a blind retry on a time-out", ONCE, "an unknown outcome is looked up"),
        Remedy::UnknownIsLookedUp,
        World { bounds: BOTH, ..DOCUMENT },
    ),
];

/// What a route without an enforced key would have to assume: one process at a time, by a lock that ends with it, and a
/// wait until nothing of ours can be under way.
const ASSUMED: World =
    World { engines: 2, exclusion: Exclusion::Lock, late: true, lag: true, wait_out: true, bounds: BOTH, ..DOCUMENT };

/// More remedies that decide, each in a world in which it does.
pub const FURTHER: [Case; 8] = [
    Case {
        out: World { engines: 2, exclusion: Exclusion::Lease, bounds: NOTHING, ..DOCUMENT },
        back_in: World { engines: 2, exclusion: Exclusion::Lock, bounds: BOTH, ..DOCUMENT },
        ..case(
            "lease",
            "a lease that ends by the clock proves nothing",
            ONCE,
            "a lock that ends with its holder (not built)",
        )
    },
    Case {
        out: World { wait_out: false, ..ASSUMED },
        back_in: ASSUMED,
        ..case("wait-out", "C1 and C2 without a key, under a lock", ONCE, "wait out what may be under way")
    },
    by(case("mark", "written, and nothing says so", ONCE, "mark before the write"), Remedy::MarkFirst, ASSUMED),
    by(
        case("reread", "the mark was lost, the write was not", ONCE, "a mark without an answer is read again"),
        Remedy::MarkReread,
        ASSUMED,
    ),
    Case {
        out: World { late: true, lag: true, engines: 2, bounds: FAULT, ..DOCUMENT },
        back_in: World {
            key: Key::Remembered { expires: false },
            late: true,
            lag: true,
            engines: 2,
            bounds: FAULT,
            ..DOCUMENT
        },
        ..case("idempotency", "C1 to C3 at once", ONCE, "an idempotency key, while it lives (no route yet)")
    },
    by(
        case("recovery", "a record in progress is left alone", ENDS, "it is taken up again, on the same road"),
        Remedy::TakenUpAgain,
        World { late: true, bounds: BOTH, ..KEYED },
    ),
    by(
        case("ignore", "a person has taken the record out", IGNORED, "`Ignore` stops the pass before it looks"),
        Remedy::IgnoreWins,
        World { late: true, bounds: Bounds { hands: 1, ..BOTH }, ..KEYED },
    ),
    by(
        case("false alarm", "the search shows an update late", HONEST, "a difference is settled at the record itself"),
        Remedy::CloserLook,
        LATE_SEARCH,
    ),
];

/// Nothing goes wrong but that the search lags behind an update.
const LATE_SEARCH: World = World { lag: true, bounds: Bounds { edits: 1, ..NOTHING }, ..MASTER };

const HAND: Bounds = Bounds { crashes: 1, hands: 1, ..NOTHING };

/// The worst worlds: where the destination enforces a key, and without one under all that would have to be assumed.
pub const SAFE: [Safe; 11] = [
    Safe {
        what: "document, enforced key: late, lag, parts, jobs",
        world: World { late: true, lag: true, parts: true, jobs: true, bounds: Bounds { faults: 1, ..HAND }, ..KEYED },
    },
    Safe {
        what: "document, enforced key, two engines: late, lag",
        world: World { engines: 2, late: true, lag: true, bounds: Bounds { hands: 1, ..FAULT }, ..KEYED },
    },
    Safe {
        what: "master, enforced key: late, lag, parts, jobs",
        world: World { late: true, lag: true, parts: true, jobs: true, bounds: Bounds { edits: 1, ..BOTH }, ..MASTER },
    },
    Safe {
        what: "master, enforced key, two engines: late",
        world: World { engines: 2, late: true, bounds: Bounds { edits: 1, ..FAULT }, ..MASTER },
    },
    Safe {
        what: "document, no key, assuming a lock and a wait-out: late, lag",
        world: World { bounds: Bounds { faults: 1, ..HAND }, ..ASSUMED },
    },
    Safe {
        what: "master, no key, assuming a lock and a wait-out: late, lag",
        world: World { kind: Kind::Master, flag: false, bounds: Bounds { edits: 1, ..BOTH }, ..ASSUMED },
    },
    Safe {
        what: "master, enforced key: late, lag",
        world: World { late: true, lag: true, bounds: Bounds { edits: 1, ..HAND }, ..MASTER },
    },
    Safe { what: "document, enforced key: lag", world: World { lag: true, ..KEYED } },
    Safe {
        what: "document, no flag beside the status, and a person sets `Sync Complete`",
        world: World { flag: false, bounds: HAND, ..KEYED },
    },
    Safe {
        what: "document, enforced key: lag and parts alone, no false alarm",
        world: World { lag: true, parts: true, bounds: NOTHING, ..KEYED },
    },
    Safe {
        what: "master, enforced key: lag, parts and edits alone, no false alarm",
        world: World { lag: true, parts: true, bounds: Bounds { edits: 1, ..NOTHING }, ..MASTER },
    },
];

const fn with(safe: Safe, bounds: Bounds) -> Safe {
    Safe { world: World { bounds, ..safe.world }, ..safe }
}

/// The same worlds with more of each danger.
pub const LARGE: [Safe; 11] = [
    with(SAFE[0], Bounds { faults: 3, crashes: 2, edits: 0, hands: 2 }),
    with(SAFE[1], Bounds { faults: 2, crashes: 1, edits: 0, hands: 1 }),
    with(SAFE[2], Bounds { faults: 1, crashes: 1, edits: 1, hands: 1 }),
    with(SAFE[3], Bounds { faults: 1, crashes: 1, edits: 1, hands: 0 }),
    with(SAFE[4], Bounds { faults: 2, crashes: 2, edits: 0, hands: 2 }),
    with(SAFE[5], Bounds { faults: 2, crashes: 2, edits: 2, hands: 0 }),
    with(SAFE[6], Bounds { faults: 1, crashes: 1, edits: 1, hands: 1 }),
    SAFE[7],
    with(SAFE[8], Bounds { faults: 1, crashes: 1, edits: 0, hands: 2 }),
    SAFE[9],
    with(SAFE[10], Bounds { edits: 3, ..NOTHING }),
];

/// What no remedy of the engine removes.
pub const LIMITS: [Limit; 6] = [
    Limit {
        name: "no key",
        what: "a destination that can only be searched",
        breaks: ONCE,
        declare: "one process, which nothing enforces yet, and a wait-out by the source's stamp: no such route ships",
        world: World { late: true, bounds: CRASH, ..DOCUMENT },
    },
    Limit {
        name: "no key, no flag",
        what: "the same under a lock and a wait-out, no flag beside the status, and a person blanks it",
        breaks: ONCE,
        declare: "nobody blanks a status while a write may be under way",
        world: World { flag: false, bounds: HAND, ..ASSUMED },
    },
    Limit {
        name: "key forgotten",
        what: "an idempotency key that expires while a create is under way or the search lags",
        breaks: ONCE,
        declare: "recovery within the key's life (Zuora: 24 hours); after it, the same as without a key",
        world: World { key: Key::Remembered { expires: true }, late: true, lag: true, bounds: CRASH, ..DOCUMENT },
    },
    Limit {
        name: "document edited",
        what: "a document is edited after it was read",
        breaks: CURRENT,
        declare: "documents are final when they become due (posted); a later edit does not travel",
        world: World { bounds: Bounds { edits: 1, ..NOTHING }, ..KEYED },
    },
    Limit {
        name: "ignored late",
        what: "a person sets `Ignore` while an engine is at work on the record",
        breaks: IGNORED,
        declare: "the mark under way may overwrite it: the sources know no compare-and-set; look, and set it again",
        world: World { ignore_at_once: true, bounds: Bounds { hands: 1, ..NOTHING }, ..KEYED },
    },
    Limit {
        name: "no address",
        what: "a destination where a record has no address of its key shows an update late",
        breaks: HONEST,
        declare: "`Error ...` is said until the next run, which finds the record equal and completes it",
        world: World { key: Key::Remembered { expires: false }, ..LATE_SEARCH },
    },
];
