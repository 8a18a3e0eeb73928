//! Why something failed: a cause tells whether and when it is tried again, who can mend it, and where to read on.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Why something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Network: no connection, or it broke.
    Connectivity,
    /// Network: a port is refused, packets vanish, or a proxy forbids the way; a firewall or a wrong address.
    Firewall,
    /// Network: no answer in time.
    Timeout,
    /// Integration: a field, an object or an address is not what the flow says.
    Configuration,
    /// Integration: the user may not do this.
    Permission,
    /// Integration: more calls than the application grants.
    ApiLimit,
    /// Data: the application, or our own check before the call, refuses the record.
    Validation,
    /// Other: the application is overloaded or failed inside.
    Overload,
    /// Other: the application is closed for maintenance.
    Maintenance,
    /// Other: the application does not accept our credentials.
    Authentication,
}

impl Cause {
    /// All causes, in the order in which people read them.
    pub const ALL: [Self; 10] = [
        Self::Connectivity,
        Self::Firewall,
        Self::Timeout,
        Self::Configuration,
        Self::Permission,
        Self::ApiLimit,
        Self::Validation,
        Self::Overload,
        Self::Maintenance,
        Self::Authentication,
    ];

    /// The name in logs, in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connectivity => "connectivity",
            Self::Firewall => "firewall",
            Self::Timeout => "timeout",
            Self::Configuration => "configuration",
            Self::Permission => "permission",
            Self::ApiLimit => "api-limit",
            Self::Validation => "validation",
            Self::Overload => "overload",
            Self::Maintenance => "maintenance",
            Self::Authentication => "authentication",
        }
    }

    /// The cause of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name().eq_ignore_ascii_case(name))
    }

    /// The family of the cause.
    pub fn group(self) -> &'static str {
        match self {
            Self::Connectivity | Self::Firewall | Self::Timeout => "network",
            Self::Configuration | Self::Permission | Self::ApiLimit => "integration",
            Self::Validation => "data",
            Self::Overload | Self::Maintenance | Self::Authentication => "other",
        }
    }

    /// Whether and when it is tried again, when nothing more exact is known.
    pub fn retry(self) -> Retry {
        match self {
            Self::Connectivity | Self::Timeout | Self::ApiLimit | Self::Overload => Retry::AtOnce,
            Self::Maintenance => Retry::NextRun,
            Self::Firewall | Self::Configuration | Self::Permission | Self::Validation | Self::Authentication => {
                Retry::OnceMended
            }
        }
    }

    /// Who can mend it.
    pub fn mender(self) -> Mender {
        match self {
            Self::Connectivity | Self::Firewall => Mender::NetworkKeeper,
            Self::Configuration => Mender::FlowKeeper,
            Self::Permission | Self::Authentication => Mender::Administrator,
            Self::Validation => Mender::RecordKeeper,
            Self::Timeout | Self::ApiLimit | Self::Overload | Self::Maintenance => Mender::Nobody,
        }
    }

    /// What a person wants to know of a failure beside its words. `retry` may be more exact than the cause's own.
    pub fn outlook(self, retry: Retry) -> Outlook {
        let page = format!("docs/errors/{self}.md");
        let mender = match (retry, self.mender()) {
            // What does not pass, somebody has to mend: a call that is too large is a matter of the flow.
            (Retry::OnceMended, Mender::Nobody) => Mender::FlowKeeper,
            (_, mender) => mender,
        };
        Outlook { group: self.group(), retry, mender, page }
    }

    /// What to do next, when nothing more exact is known.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Connectivity => {
                "Check that the address can be reached from here; the next run takes the record up again."
            }
            Self::Firewall => {
                "Ask whether a firewall or a proxy refuses or drops the connection, and whether address and port are right; \
                 the next run takes the record up again."
            }
            Self::Timeout => "Nothing to do: the next run looks the record up and completes it.",
            Self::Configuration => "Correct the flow or the application's set-up, then run again.",
            Self::Permission => "Give the integration user the missing permission, then run again.",
            Self::ApiLimit => "Nothing to do: the next run goes on. If it repeats, lower the concurrency.",
            Self::Validation => "Correct the record, then run again.",
            Self::Overload => "Nothing to do: the next run looks the record up and completes it.",
            Self::Maintenance => "Wait until the application is back, then run again.",
            Self::Authentication => "Check the credentials in the configuration, then run again.",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Whether and when something that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Within the run; what that leaves, by the next one.
    AtOnce,
    /// By a run that begins so many seconds later or after: the application said so.
    After {
        /// The seconds.
        seconds: u64,
    },
    /// By the next run.
    NextRun,
    /// By the next run too, but the same comes again until somebody has mended it.
    OnceMended,
}

impl fmt::Display for Retry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce => formatter.write_str("at once, then by the next run"),
            Self::After { seconds } if *seconds >= 2 * 3_600 => {
                write!(formatter, "by a run in {} h or later", seconds.div_ceil(3_600))
            }
            Self::After { seconds } if *seconds >= 20 * 60 => {
                write!(formatter, "by a run in {} min or later", seconds.div_ceil(60))
            }
            Self::After { seconds } => write!(formatter, "by a run in {seconds} s or later"),
            Self::NextRun => formatter.write_str("by the next run"),
            Self::OnceMended => formatter.write_str("once it is mended"),
        }
    }
}

/// Who can mend what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mender {
    /// It passes by itself.
    Nobody,
    /// Whoever keeps the record, in the source or in the destination.
    RecordKeeper,
    /// The application's administrator.
    Administrator,
    /// Whoever runs the network between here and the application.
    NetworkKeeper,
    /// Whoever keeps the flow files and the configuration.
    FlowKeeper,
}

impl fmt::Display for Mender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nobody => "nobody",
            Self::RecordKeeper => "whoever keeps the record",
            Self::Administrator => "the application's administrator",
            Self::NetworkKeeper => "whoever runs the network",
            Self::FlowKeeper => "whoever keeps the flow",
        })
    }
}

/// What becomes of a failure: its family, whether and when it is tried again, who can mend it, and where to read on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// The family of its cause.
    pub group: &'static str,
    /// Whether and when it is tried again.
    pub retry: Retry,
    /// Who can mend it.
    pub mender: Mender,
    /// The page that says what to do.
    pub page: String,
}

impl fmt::Display for Outlook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { retry, mender, page, .. } = self;
        match (retry, mender) {
            (Retry::OnceMended, _) => write!(formatter, "tried again once {mender} has mended it; see {page}"),
            (_, Mender::Nobody) => write!(formatter, "tried again {retry}; see {page}"),
            _ => write!(formatter, "tried again {retry}; if it repeats, {mender} can mend it; see {page}"),
        }
    }
}

impl Serialize for Retry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Mender {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
