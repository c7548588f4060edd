//! The server: its thread, its connections, and the dispatch of requests to handlers.

mod activity;
pub(crate) mod connection;
pub(crate) mod dispatch;
#[cfg(test)]
mod panic_tests;
pub(crate) mod route;
mod thread;

pub(crate) use thread::Server;
