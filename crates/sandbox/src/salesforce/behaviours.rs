//! What is emulated, from where it is known, and how well.

use crate::behaviour::Behaviour;

/// The table.
pub(super) const BEHAVIOURS: &[Behaviour] = &[];
