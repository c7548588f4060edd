//! Journal files: append-only logs of lines, and their locks.

pub(crate) mod lines;
pub(crate) mod lock;
