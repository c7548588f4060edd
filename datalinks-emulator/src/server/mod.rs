//! The server: the thread that serves, its connections, and the way of a request to its handler.

pub(crate) mod connection;
pub(crate) mod dispatch;
#[cfg(test)]
mod panic_tests;
pub(crate) mod route;
mod thread;

pub(crate) use thread::Server;
