//! What keeps a sync right, one by one: each can be taken out, and then an oracle must see what it was for.

use std::fmt;
use std::str::FromStr;

/// Something that keeps a sync right. Without it, a counterexample exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The source is marked before the destination is written.
    Mark,
    /// A mark whose answer was lost is read again before it is relied on.
    ConfirmedMark,
    /// A record is looked up before it is made.
    LookUp,
    /// A record whose status is blank is looked up, too: a person may have blanked it.
    BlankLookUp,
    /// A search that misses is settled at the record's own address: an index lags.
    RecordAddress,
    /// A write whose outcome is unknown is looked up, never sent again.
    NoBlindRepeat,
    /// Where a destination enforces no key, one process alone writes.
    OneProcess,
    /// The destination enforces the key.
    EnforcedKey,
    /// The key tells ids apart that differ only in case.
    KeyCase,
    /// The key tells types apart that share a namespace.
    KeyType,
    /// What the destination holds is read back before `Sync Complete`.
    ReadBack,
    /// A write that was only taken in is not yet done.
    Acceptance,
    /// Every page of a selection is read.
    EveryPage,
    /// The lines of a found document are compared, not only its head.
    ComparedLines,
    /// A master record that is in sync is compared again: it may have been edited since it was read.
    ComparedMasters,
}

impl Remedy {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Mark,
        Self::ConfirmedMark,
        Self::LookUp,
        Self::BlankLookUp,
        Self::RecordAddress,
        Self::NoBlindRepeat,
        Self::OneProcess,
        Self::EnforcedKey,
        Self::KeyCase,
        Self::KeyType,
        Self::ReadBack,
        Self::Acceptance,
        Self::EveryPage,
        Self::ComparedLines,
        Self::ComparedMasters,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::ConfirmedMark => "confirmed-mark",
            Self::LookUp => "look-up",
            Self::BlankLookUp => "blank-look-up",
            Self::RecordAddress => "record-address",
            Self::NoBlindRepeat => "no-blind-repeat",
            Self::OneProcess => "one-process",
            Self::EnforcedKey => "enforced-key",
            Self::KeyCase => "key-case",
            Self::KeyType => "key-type",
            Self::ReadBack => "read-back",
            Self::Acceptance => "acceptance",
            Self::EveryPage => "every-page",
            Self::ComparedLines => "compared-lines",
            Self::ComparedMasters => "compared-masters",
        }
    }
}

/// In which circumstances seeds are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// In any that a promise covers.
    Any,
    /// In those in which this remedy is decisive.
    Decisive(Remedy),
    /// In the same, with the remedy taken out.
    Without(Remedy),
}

impl Setting {
    /// The remedy that is taken out.
    pub(crate) fn without(self) -> Option<Remedy> {
        if let Self::Without(remedy) = self { Some(remedy) } else { None }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Remedy {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|remedy| remedy.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
            format!("there is no remedy '{name}'; there are: {}", names.join(", "))
        })
    }
}
