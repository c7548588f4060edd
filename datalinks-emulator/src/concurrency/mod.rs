//! Locks, background work, the gate around the state, and caught panics.

pub(crate) mod gate;
pub(crate) mod generation;
pub(crate) mod lock;
pub(crate) mod panics;
#[cfg(test)]
pub(crate) mod pause;
pub(crate) mod work;

pub(crate) use generation::{Generation, Generations};
