//! The handlers of the operations, one file per resource, and the table that lists them.

mod a2a;
mod access;
mod agent_runs;
mod ask;
mod build_specs;
mod call;
mod cleaning;
mod conversations;
pub(crate) mod coverage;
mod datasets;
mod ingest;
mod ingestions;
mod links;
mod ontology;
pub(crate) mod path;
mod pipeline;
mod query;
mod run_result;
mod sessions;
mod shares;
mod suggest;
mod table;
mod time;
mod tokens;
mod uploads;
mod usage;
mod user;

#[cfg(test)]
pub(crate) use access::AccessRule;
pub(crate) use call::OperationCall;
#[cfg(test)]
pub(crate) use table::Handler;
pub(crate) use table::{Entry, HANDLERS};

#[cfg(test)]
pub(crate) use sessions::MAX_PARTS;
