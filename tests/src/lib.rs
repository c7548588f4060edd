//! What the tests across crates share: the recorded calls, and servers that do as they are told.

pub mod a2a;
pub mod events;
pub mod fault_proxy;
pub mod recordings;
pub mod server;
pub mod world;
