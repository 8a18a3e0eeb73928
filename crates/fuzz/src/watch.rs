//! The time and the memory that one input takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ALLOCATOR;

/// An input of at most [`crate::recipe::LARGEST`] bytes that takes longer hangs its reader.
pub const LONGEST_SECONDS: u64 = 5;
/// The most memory that reading one input may take at once.
pub const LARGEST_TAKE: usize = 64 * 1024 * 1024;
/// An input that takes as much would take all there is: the process ends while it can still say so.
const RUNAWAY: usize = 512 * 1024 * 1024;
const LOOKS_A_SECOND: u64 = 20;

/// One target at a time: memory is counted for the whole process.
static TURN: Mutex<()> = Mutex::new(());
static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static FED: AtomicU64 = AtomicU64::new(0);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The input that was fed last, as a Rust literal of bytes.
pub(crate) fn last_input() -> String {
    const SHOWN: usize = 2_000;
    let input = lock(&INPUT);
    let length = input.len();
    if length <= 2 * SHOWN {
        return format!("{length} bytes: b\"{}\"", input.escape_ascii());
    }
    let (begin, end) = (&input[..SHOWN], &input[length - SHOWN..]);
    format!("{length} bytes: b\"{}\" ... b\"{}\"", begin.escape_ascii(), end.escape_ascii())
}

/// Watches a target.
pub(crate) struct Watch {
    _turn: MutexGuard<'static, ()>,
    _watching: mpsc::Sender<()>,
}

impl Watch {
    /// Waits for the target's turn, and watches from then on.
    pub(crate) fn begin() -> Self {
        let turn = lock(&TURN);
        let (watching, ended) = mpsc::channel();
        std::thread::spawn(move || look(&ended));
        Self { _turn: turn, _watching: watching }
    }

    /// Watches over the reading of one input.
    pub(crate) fn over(&self, input: &[u8], read: impl FnOnce()) {
        {
            let mut held = lock(&INPUT);
            held.clear();
            held.extend_from_slice(input);
        }
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        read();
        let taken = ALLOCATOR.peak_usage().saturating_sub(before);
        FED.fetch_add(1, Ordering::Relaxed);
        assert!(taken <= LARGEST_TAKE, "{taken} bytes of memory for an input of {}", input.len());
    }
}

/// Looks again and again whether the reader goes on.
fn look(ended: &mpsc::Receiver<()>) {
    let (mut fed, mut looks) = (0, 0);
    while ended.recv_timeout(Duration::from_millis(1000 / LOOKS_A_SECOND)) == Err(RecvTimeoutError::Timeout) {
        let now = FED.load(Ordering::Relaxed);
        looks = if now == fed { looks + 1 } else { 0 };
        fed = now;
        if looks >= LONGEST_SECONDS * LOOKS_A_SECOND {
            give_up(&format!("an input takes longer than {LONGEST_SECONDS} s"));
        }
        if ALLOCATOR.current_usage() > RUNAWAY {
            give_up(&format!("an input takes more than {RUNAWAY} bytes of memory"));
        }
    }
}

fn give_up(why: &str) {
    eprintln!("{why}; {}", last_input());
    std::process::abort();
}
