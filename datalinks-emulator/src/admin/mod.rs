//! The control API of the emulator, and its web page.

pub(crate) mod control;
mod page;
