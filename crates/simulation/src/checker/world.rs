//! What kind of world is searched: fixed while it is.

use model::protocol::Kind;

/// What the destination does with a key that stands in a create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It enforces it for good, and shows the record at the key's own address: NetSuite's external id.
    Enforced,
    /// It remembers it and its answer, refusals too, and answers a repeat from memory: an idempotency key.
    Remembered {
        /// It forgets it one day: Zuora after 24 hours.
        expires: bool,
    },
    /// It knows no key: what was written can only be searched for.
    None,
}

/// What keeps a second engine from a record on which one is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// Nothing.
    None,
    /// A lease that ends by the clock: its holder may be slow, not dead.
    Lease,
    /// A lock of the operating system's, that ends with its holder.
    Lock,
}

/// How often each thing that is nobody's duty may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    /// A call is lost, not answered, refused, or answered wrongly.
    pub faults: u8,
    /// An engine dies, and its memory with it.
    pub crashes: u8,
    /// The source record changes.
    pub edits: u8,
    /// A person sets the status.
    pub hands: u8,
}

/// One of the things that make the engine safe, each of which can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// A blank status is searched for, too.
    LookFirst,
    /// The source is marked before the destination is written.
    MarkFirst,
    /// A mark with a lost answer is read again before it is relied on.
    MarkReread,
    /// An unknown outcome is looked up, never sent again.
    UnknownIsLookedUp,
    /// Only what was read back is called `Sync Complete`.
    ReadBack,
    /// Equal means all parts: the lines are counted.
    PartsCompared,
    /// Records that are kept up to date are compared in every run, those in sync too.
    ComparedEachRun,
    /// A record found in progress is taken up again.
    TakenUpAgain,
    /// `Ignore` stops a pass before it looks.
    IgnoreWins,
    /// What a search shows to differ after a write is looked at again, at the record's own address.
    CloserLook,
}

/// A world: its kind, its dangers, and what the engine lacks in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// How the record lives in the destination.
    pub kind: Kind,
    /// Whether a Transferred to Accounting flag stands beside the status.
    pub flag: bool,
    /// What the destination does with a key.
    pub key: Key,
    /// One or two.
    pub engines: u8,
    /// What keeps them apart.
    pub exclusion: Exclusion,
    /// Whether a request can be carried out after its sender gave up or died, while somebody looks already. Where not,
    /// nobody looks before every request was settled.
    pub late: bool,
    /// Whether the destination's search shows a write only after a while.
    pub lag: bool,
    /// Whether the destination makes a record in two parts, header and lines, and can stop between them.
    pub parts: bool,
    /// Whether "accepted" may mean "will be tried", and fail later.
    pub jobs: bool,
    /// How often things happen.
    pub bounds: Bounds,
    /// "Not found" of a record in doubt is believed only when nothing of ours is under way any more and the search has
    /// caught up: waiting long enough, where that can be known. The engine has no such wait; it is what a route without a
    /// key would have to assume.
    pub wait_out: bool,
    /// The last mark carries the version of the source that was synced, and a newer source is due again. The engine
    /// has no such version; it compares instead.
    pub version_in_mark: bool,
    /// Whether `Ignore` counts from the moment in which it is written, and not only where nothing was at work then.
    pub ignore_at_once: bool,
    /// What is taken out.
    pub without: Option<Remedy>,
}

impl World {
    /// The kindest world: one engine, a destination without keys, nothing late, nothing lagging, no accident.
    pub const fn kind_to(kind: Kind) -> Self {
        Self {
            kind,
            flag: matches!(kind, Kind::Document),
            key: Key::None,
            engines: 1,
            exclusion: Exclusion::None,
            late: false,
            lag: false,
            parts: false,
            jobs: false,
            bounds: Bounds { faults: 0, crashes: 0, edits: 0, hands: 0 },
            wait_out: false,
            version_in_mark: false,
            ignore_at_once: false,
            without: None,
        }
    }

    /// Whether the engine has this remedy here.
    pub fn has(&self, remedy: Remedy) -> bool {
        self.without != Some(remedy)
    }
}
