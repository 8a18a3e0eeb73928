//! The same inputs on every machine: each has a number, and the number alone makes it.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bolero_engine::input::Bytes;
use bolero_engine::{Engine, Test, driver};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::recipe::{CHANGE, EXAMPLE};
use crate::watch;

/// The most changes in a recipe.
const MOST_CHANGES: u32 = 32;

/// Feeds inputs by number.
pub(crate) struct Seeded {
    first: u64,
    inputs: u64,
    seconds: Option<u64>,
    tell: bool,
}

fn asked<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

impl Seeded {
    /// So many inputs, if the environment asks for nothing else.
    pub(crate) fn asked(inputs: u64) -> Self {
        Self {
            first: asked("COUNTERFOIL_FUZZ_FIRST").unwrap_or(0),
            inputs: asked("COUNTERFOIL_FUZZ_INPUTS").unwrap_or(inputs),
            seconds: asked("COUNTERFOIL_FUZZ_SECONDS"),
            tell: std::env::var_os("COUNTERFOIL_FUZZ_TELL").is_some(),
        }
    }

    /// Whether the time is over. Without a time there is a number of inputs, whatever the machine.
    fn ended(&self, fed: u64, over: &AtomicBool) -> bool {
        match self.seconds {
            Some(_) => over.load(Ordering::Relaxed),
            None => fed >= self.inputs,
        }
    }
}

/// The recipe of a number: mostly short, since most defects need one or two changes.
fn recipe(number: u64) -> Vec<u8> {
    let mut dice = ChaCha8Rng::seed_from_u64(number);
    let most = MOST_CHANGES >> (dice.next_u32() % 6);
    let changes = (dice.next_u32() % (most + 1)) as usize;
    let mut recipe = vec![0; EXAMPLE + changes * CHANGE];
    dice.fill_bytes(&mut recipe);
    recipe
}

impl<T: Test> Engine<T> for Seeded {
    type Output = ();

    fn run(self, mut test: T, options: driver::Options) {
        let over = Arc::new(AtomicBool::new(false));
        // Kept until the end: the bell waits for the time, or for this to be dropped.
        let _running = self.seconds.map(|seconds| bell(seconds, Arc::clone(&over)));
        bolero_engine::panic::set_hook();
        bolero_engine::panic::forward_panic(false);
        let mut fed = 0;
        while !self.ended(fed, &over) {
            let number = self.first.wrapping_add(fed);
            if self.tell {
                eprintln!("input {number}");
            }
            let recipe = recipe(number);
            if test.test(&mut Bytes::new(&recipe, &options)).is_err() {
                let error = smallest(&mut test, recipe, &options);
                bolero_engine::panic::forward_panic(true);
                panic!(
                    "input {number} (again: COUNTERFOIL_FUZZ_FIRST={number} COUNTERFOIL_FUZZ_INPUTS=1): {error}\n{}",
                    watch::last_input()
                );
            }
            fed += 1;
        }
        bolero_engine::panic::forward_panic(true);
        println!("{fed} inputs, from number {} on", self.first);
    }
}

/// Leaves out of a recipe that fails every change without which it fails, too; gives the error of what is left, whose
/// input was fed last.
fn smallest<T: Test>(test: &mut T, mut recipe: Vec<u8>, options: &driver::Options) -> String {
    let mut at = recipe.len();
    while at > EXAMPLE {
        at = at.saturating_sub(CHANGE).max(EXAMPLE);
        let mut smaller = recipe.clone();
        smaller.drain(at..recipe.len().min(at + CHANGE));
        if test.test(&mut Bytes::new(&smaller, options)).is_err() {
            recipe = smaller;
        }
    }
    test.test(&mut Bytes::new(&recipe, options)).err().map(|error| error.to_string()).unwrap_or_default()
}

/// Says when the time is over.
fn bell(seconds: u64, over: Arc<AtomicBool>) -> mpsc::Sender<()> {
    let (running, ended) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = ended.recv_timeout(Duration::from_secs(seconds));
        over.store(true, Ordering::Relaxed);
    });
    running
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_makes_the_same_recipe_everywhere() {
        assert_eq!(recipe(7), recipe(7));
        assert_ne!(recipe(7), recipe(8));
        assert!((0..1000).any(|number| recipe(number).len() == EXAMPLE));
        assert!((0..1000).any(|number| recipe(number).len() == EXAMPLE + 32 * CHANGE));
    }
}
