//! Files that a run appends to, and their locks.

pub(crate) mod lines;
pub(crate) mod lock;
