//! Responses: their content, errors in the shape of the API, and the labels that say how they were produced.

pub(crate) mod api_response;
mod compressed;
pub(crate) mod coverage;
pub(crate) mod debug_error;
pub(crate) mod did_you_mean;
pub(crate) mod label;
pub(crate) mod panics;
pub(crate) mod problem;
mod provenance;

pub(crate) use api_response::{ApiResponse, Broken, Content, EventBytes};
pub use coverage::{Coverage, OperationCoverage, OperationPath};
pub(crate) use label::{Label, SCRIPTED_PREFIX};
#[cfg(test)]
pub(crate) use problem::MAX_SUB_ERRORS;
pub(crate) use problem::{MAX_VIOLATIONS, Problem, SubError};
pub(crate) use provenance::Provenance;
