//! What an answer says of the application's limits, and what follows for the next requests.

use model::problem::Cause;

use super::repeat::LONGEST_WAIT_ASKED;
use super::{Fault, Http, Reply, Request};

impl Http {
    /// Waits until the application grants new calls, if that is soon.
    pub(super) async fn wait_for_quota(&self, request: &Request) -> Result<(), Fault> {
        match self.quota.hold(self.vendor.name, &request.call(), self.clock.now()) {
            Some((wait, problem)) if wait > LONGEST_WAIT_ASKED => {
                let problem = problem.for_all();
                self.shut(&problem);
                Err(Fault::NotSent(problem))
            }
            Some((wait, _)) => {
                self.clock.wait(wait).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What an answer says of the limits: whether it was turned away, and how much is left for others.
    pub(super) fn read_limits(&self, request: &Request, reply: &Reply) {
        let now = self.clock.now();
        let reserve = self.courtesy.reserve_percent.min(100);
        self.quota.note(&reply.headers, reserve, now);
        let number = |name| reply.headers.get(name)?.to_str().ok()?.trim().parse::<usize>().ok();
        let (limit, left) = (number("concurrency-limit-limit"), number("concurrency-limit-remaining"));
        let scarce = limit
            .zip(left)
            .is_some_and(|(limit, left)| left.saturating_mul(100) < limit.saturating_mul(usize::from(reserve)));
        let turned_away = self.turned_away(request, reply);
        self.slots.change(|window| {
            if let Some(limit) = limit {
                window.granted(limit, reserve);
            }
            if turned_away || scarce {
                window.crowded(now);
            } else if reply.status < 500 {
                window.calm();
            }
        });
    }

    /// Whether an answer says that there were too many calls, with 429 or in words.
    pub(super) fn turned_away(&self, request: &Request, reply: &Reply) -> bool {
        let told = || (self.vendor.classify)(&request.call(), reply).cause == Cause::ApiLimit;
        let others = (400..500).contains(&reply.status) && !reply.is_page() && !reply.is_too_large();
        reply.status == 429 || (others && told())
    }
}
