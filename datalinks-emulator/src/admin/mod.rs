//! The endpoints of the emulator itself, and its page.

pub(crate) mod control;
mod page;
