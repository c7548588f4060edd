//! Requests: bodies, query strings, and the hosts that they may name.

pub(crate) mod body;
mod hosts;
pub(crate) mod intake;
pub(crate) mod query_string;

pub(crate) use body::Fields;
pub(crate) use hosts::{Host, Hosts};
