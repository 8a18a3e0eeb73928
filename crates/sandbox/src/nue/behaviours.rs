//! The table of behaviours.

use crate::behaviour::Behaviour;

/// What is emulated, from where it is known, and how well.
pub(super) const BEHAVIOURS: &[Behaviour] = &[];
