//! Hostile input, and what is demanded of whoever reads it: no panic, no hang, no more memory than the input is worth.
//!
//! | module | idea |
//! |---|---|
//! | [`recipe`] | a few bytes say how a good example is spoilt: what is nearly right reaches deeper than noise |
//! | `pieces` | what can be taken out of a text, put elsewhere, nested |
//! | `engine` | the same inputs on every machine, by number; or as many as there is time for |
//! | `watch` | the time and the memory that one input takes |
//!
//! A target is a test that calls [`feed`]. It is a target of bolero: under `cfg(fuzzing)` bolero's own engine takes the place of
//! ours, and can guide the recipes by coverage.

mod engine;
mod pieces;
pub mod recipe;
mod watch;

use std::panic::AssertUnwindSafe;

use bolero::{BorrowedInput, ByteSliceGenerator, DefaultEngine, TestTarget};
use peak_alloc::PeakAlloc;

pub use recipe::Corpus;
pub use watch::{LARGEST_TAKE, LONGEST_SECONDS};

/// What counts memory: it must be the `#[global_allocator]` of a test binary with targets.
pub const ALLOCATOR: PeakAlloc = PeakAlloc;

/// What `bolero::check!()` gives.
pub type Target = TestTarget<ByteSliceGenerator, DefaultEngine, BorrowedInput>;

/// Feeds a reader with what can be made of a corpus; with so many inputs, if nothing else is asked for.
///
/// * `COUNTERFOIL_FUZZ_SECONDS`: for so long instead.
/// * `COUNTERFOIL_FUZZ_FIRST`: from the input of this number on, and not from 0; `COUNTERFOIL_FUZZ_INPUTS`: so many.
/// * `COUNTERFOIL_FUZZ_TELL`: the number of each input is told before, for a reader that takes the process down.
///
/// # Panics
/// A panic of the reader, with the input that led to it, made as small as was possible. An input that takes too long or
/// too much memory ends the process: nothing gentler could.
pub fn feed(target: Target, inputs: u64, corpus: &Corpus, mut read: impl FnMut(&[u8])) {
    let watch = watch::Watch::begin();
    let mut taste = AssertUnwindSafe(|recipe: &[u8]| {
        let input = corpus.cook(recipe);
        watch.over(&input, || read(&input));
    });
    let taste = move |recipe: &[u8]| {
        // Whole, or the closure would capture what is inside.
        let AssertUnwindSafe(taste) = &mut taste;
        taste(recipe);
    };
    #[cfg(fuzzing)]
    {
        let _ = inputs;
        target.for_each(taste);
    }
    #[cfg(not(fuzzing))]
    {
        drop(target);
        TestTarget::new(engine::Seeded::asked(inputs)).for_each(taste);
    }
}
