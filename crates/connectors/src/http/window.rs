//! How many requests may be under way at once: never more than the setting, and fewer for as long as the application
//! says that there are too many. One more after each round that went well, half as many after a refusal: so several
//! programs that share an account find their shares without knowing of each other.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// A burst is one event: many requests are turned away in the same moment, and Zuora counts what is left only once a
/// second. So the window shrinks at most this often.
const BREATH: SignedDuration = SignedDuration::from_secs(1);

/// The number of requests that may be under way, pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    size: usize,
    setting: usize,
    granted: usize,
    calm: usize,
    shrunk: Option<Timestamp>,
}

impl Window {
    /// As wide as the setting.
    pub(super) fn new(setting: usize) -> Self {
        let setting = setting.max(1);
        Self { size: setting, setting, granted: setting, calm: 0, shrunk: None }
    }

    /// How many requests may be under way.
    pub(super) fn size(self) -> usize {
        self.size
    }

    /// The application tells how many it grants to all; `reserve_percent` of them are left to others.
    pub(super) fn granted(&mut self, limit: usize, reserve_percent: u8) {
        let share = 100_usize.saturating_sub(usize::from(reserve_percent));
        self.granted = (limit.saturating_mul(share) / 100).clamp(1, self.setting);
        self.size = self.size.min(self.granted);
    }

    /// A request was let in. After as many as the window is wide, it is one wider.
    pub(super) fn calm(&mut self) {
        self.calm += 1;
        if self.calm >= self.size {
            self.calm = 0;
            self.size = (self.size + 1).min(self.granted);
        }
    }

    /// A request was turned away, or little is left for others.
    pub(super) fn crowded(&mut self, now: Timestamp) {
        self.calm = 0;
        // Not in that breath: later, or the clock was set back.
        if self.shrunk.is_none_or(|last| now < last || now.duration_since(last) >= BREATH) {
            self.shrunk = Some(now);
            self.size = (self.size / 2).max(1);
        }
    }
}

/// A window, and the requests that stand before it.
pub(super) struct Slots {
    free: Semaphore,
    state: Mutex<(Window, Permits)>,
}

/// How many permits are in circulation. Those that are lent cannot be called back: they are kept when they return.
struct Permits {
    held: usize,
    owed: usize,
}

impl Slots {
    /// As many as the setting says.
    pub(super) fn new(setting: usize) -> Self {
        let window = Window::new(setting);
        let permits = Permits { held: window.size(), owed: 0 };
        Self { free: Semaphore::new(window.size()), state: Mutex::new((window, permits)) }
    }

    /// Waits for a slot; it is free again when the answer is dropped.
    pub(super) async fn take(&self) -> Result<Slot<'_>, AcquireError> {
        let permit = self.free.acquire().await?;
        Ok(Slot { slots: self, permit: Some(permit) })
    }

    /// Changes the window, and lets as many in as it says.
    pub(super) fn change(&self, change: impl FnOnce(&mut Window)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (window, permits) = &mut *state;
        change(window);
        while permits.held < window.size() {
            permits.held += 1;
            if permits.owed > 0 {
                permits.owed -= 1;
            } else {
                self.free.add_permits(1);
            }
        }
        let surplus = permits.held - window.size();
        permits.held = window.size();
        permits.owed += surplus - self.free.forget_permits(surplus);
    }

    fn owes(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let owes = state.1.owed > 0;
        state.1.owed = state.1.owed.saturating_sub(1);
        owes
    }

    /// How wide the window is.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.size()
    }
}

/// A place among the requests under way.
pub(super) struct Slot<'a> {
    slots: &'a Slots,
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take()
            && self.slots.owes()
        {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_window_halves_once_a_burst_and_never_closes() {
        let mut window = Window::new(20);
        (0..20).for_each(|_| window.crowded(at(0)));
        assert_eq!(window.size(), 10);
        (1..10).for_each(|second| window.crowded(at(second * 1000)));
        assert_eq!(window.size(), 1);
    }

    #[test]
    fn a_window_widens_by_one_a_round_and_never_above_the_setting() {
        let mut window = Window::new(4);
        window.crowded(at(0));
        let sizes: Vec<usize> = (0..12)
            .map(|_| {
                window.calm();
                window.size()
            })
            .collect();
        assert_eq!(sizes, [2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]);
    }

    #[test]
    fn a_share_of_what_the_application_grants_is_left_to_others() {
        let mut window = Window::new(40);
        window.granted(40, 20);
        assert_eq!(window.size(), 32);
        (0..100).for_each(|_| window.calm());
        assert_eq!(window.size(), 32);
        window.granted(0, 100);
        assert_eq!(window.size(), 1);
        let mut modest = Window::new(5);
        modest.granted(40, 20);
        assert_eq!(modest.size(), 5);
    }

    #[tokio::test]
    async fn a_slot_that_is_lent_while_the_window_shrinks_is_kept_when_it_returns() {
        let slots = Slots::new(4);
        let mut lent = Vec::new();
        for _ in 0..3 {
            lent.push(slots.take().await.unwrap());
        }
        slots.change(|window| window.crowded(at(0)));
        assert_eq!((slots.size(), slots.free.available_permits()), (2, 0));
        lent.pop();
        assert_eq!(slots.free.available_permits(), 0);
        lent.clear();
        assert_eq!(slots.free.available_permits(), 2);
        (0..10).for_each(|_| slots.change(Window::calm));
        assert_eq!(slots.free.available_permits(), 4);
    }
}
