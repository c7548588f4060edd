//! The agent-to-agent protocol (A2A), version 1.0, with the two agents that the service documents.
//!
//! A request is one JSON-RPC call. Both agents produce [`Update`]s. `SendStreamingMessage` sends each update as an
//! event, and `SendMessage` collects them into one [`Task`]. Tasks are not stored.

mod agent;
mod assistant;
mod card;
mod message;
mod nl2ql;
mod part;
mod rpc;
mod update;

pub(crate) use agent::Agent;
pub(crate) use assistant::updates;
pub(crate) use card::{Card, Listed};
pub(crate) use message::Incoming;
pub(crate) use nl2ql::Nl2ql;
pub(crate) use rpc::{Request, Response, RpcError};
pub(crate) use update::{Task, TaskIds, Update};

/// The version of the protocol in agent cards.
const PROTOCOL: &str = "1.0";
