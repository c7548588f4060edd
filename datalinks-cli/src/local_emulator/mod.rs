//! `--emulator`: the emulator that the commands of a user share.

mod endpoint;
mod shared;

pub(crate) use endpoint::Endpoint;
pub(crate) use shared::find_or_start;
