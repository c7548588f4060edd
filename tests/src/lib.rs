//! What the tests across crates share: the recorded calls, and a server that follows a script.

pub mod recordings;
pub mod server;
