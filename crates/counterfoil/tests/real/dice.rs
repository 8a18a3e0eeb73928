//! Chance under a seed, so that a run that failed can be played again.

/// A generator (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// With the seed in `COUNTERFOIL_SEED`, or this one; it is printed.
    pub(crate) fn seeded(usual: u64) -> Self {
        let seed = std::env::var("COUNTERFOIL_SEED").map_or(usual, |seed| seed.parse().unwrap());
        println!("COUNTERFOIL_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `most`.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.draw() % (most + 1)
    }
}
