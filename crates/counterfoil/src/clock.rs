//! The real clock and real chance: the only place in the engine's process that reads them.

use async_trait::async_trait;
use jiff::Timestamp;
use model::ports::{Clock, Entropy};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

#[async_trait]
#[expect(clippy::disallowed_methods, reason = "this is the port")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn wait(&self, milliseconds: u64) {
        tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn token(&self) -> String {
        let mut bytes = [0; 16];
        // Without randomness nothing can be signed: an empty nonce is refused by every vendor, and says so.
        if getrandom::fill(&mut bytes).is_err() {
            return String::new();
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
