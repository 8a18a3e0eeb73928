//! What a command works with: the configuration, its applications, its flows, the journal.

use std::collections::HashMap;

use journal::Journal;
use model::flow::Flow;
use model::ports::Clock;

use crate::applications::Applications;
use crate::assumed;
use crate::cli::Configured;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Failure;
use crate::{flows, native};

/// Everything that a configuration leads to.
pub(crate) struct Session {
    pub(crate) config: Config,
    pub(crate) applications: Applications,
    pub(crate) journal: Journal,
    pub(crate) flows: Vec<Flow>,
    /// Cut-over dates by flow.
    pub(crate) cutovers: HashMap<String, String>,
}

impl Session {
    /// Reads the configuration and its flows, and opens the journal. No application is asked yet.
    pub(crate) async fn open(configured: &Configured) -> Result<Self, Failure> {
        let config = Config::read(&configured.config)?;
        let applications = Applications::new(&config)?;
        let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
        let flows = flows::read(&config, today)?;
        let cutovers = flows::cutovers(&config, &flows)?;
        let journal = Journal::open(config.journal()?).await?;
        Ok(Self { config, applications, journal, flows, cutovers })
    }

    /// Refuses flows that rest on what is only assumed of a real tenant of Nue.
    pub(crate) fn proven(&self, flows: &[Flow]) -> Result<(), Failure> {
        match &self.applications.nue {
            Some(nue) => assumed::refuse(&self.config, nue, flows),
            None => Ok(()),
        }
    }

    /// The same for commands that write: with flows that only look where something else carries their records. A tenant of
    /// which nothing is proven is not asked: its flows are refused.
    pub(crate) async fn heeding_native(mut self) -> Result<Self, Failure> {
        if self.applications.nue.as_ref().is_some_and(|nue| assumed::can_be_asked(&self.config, nue)) {
            native::heed(&self.config, &self.applications, &mut self.flows).await?;
        }
        Ok(self)
    }
}
