//! Requests: bodies, query strings, and the hosts that they may name.

pub(crate) mod fields;
mod hosts;
pub(crate) mod query_string;
pub(crate) mod read_body;

pub(crate) use fields::Fields;
pub(crate) use hosts::{Host, Hosts};
