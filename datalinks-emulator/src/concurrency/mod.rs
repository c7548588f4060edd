//! Locks, work off the serving thread, the gate around the state, and panics that are caught.

pub(crate) mod caught;
pub(crate) mod gate;
pub(crate) mod generation;
#[cfg(test)]
pub(crate) mod halt;
pub(crate) mod lock;
pub(crate) mod work;

pub(crate) use generation::{Generation, Generations};
