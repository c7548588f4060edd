//! The agent-to-agent protocol, as far as one agent needs it that answers questions.
//!
//! Fields and methods here are those of the public protocol in its version 0.3.0. The service documents version 1.0.

mod card;
mod message;
mod rpc;
mod task;

pub(crate) use card::{Card, Listed};
pub(crate) use message::{Incoming, Reply};
pub(crate) use rpc::{Request, Response, RpcError};
pub(crate) use task::Task;

/// The version of the protocol.
const PROTOCOL: &str = "0.3.0";
