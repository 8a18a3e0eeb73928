//! Chance, seeded: the same numbers on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The parts of a book. Each draws from a stream of its own, so that turning one dial disturbs the others little.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The catalogue.
    Catalogue = 1,
    /// Who the customers are.
    Accounts = 2,
    /// Which customers are special.
    Roles = 6,
    /// Who gets which document, when, and what kind it is.
    Heads = 3,
    /// What stands on the documents.
    Lines = 4,
    /// Which documents are spoilt.
    Dirt = 5,
    /// Of the pair Salesforce and Nue: customers and products.
    Masters = 7,
    /// Orders and their subscriptions.
    Orders = 8,
    /// Invoices and memos.
    Documents = 9,
    /// Payment applications.
    Payments = 10,
    /// Which of these records are odd.
    Stains = 11,
}

/// A stream of random integers.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one part of the book under a seed.
    pub(super) fn new(seed: u64, part: Part) -> Dice {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(part as u64);
        Dice(rng)
    }

    /// An integer from 0 to `bound - 1`; 0 when `bound` is 0. Multiply-and-shift, written out here so that no new
    /// version of a library changes the books of an old seed.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A position in something of length `len`.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// Yes, in `part` of `whole` cases.
    pub(super) fn chance(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }

    /// One of several things, of which there is at least one.
    pub(super) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.index(things.len())]
    }

    /// Puts things in a random order.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.index(last + 1));
        }
    }
}
