//! Rows as JSON: strict serialization, reading of members, and errors of values that do not fit.

pub(crate) mod canonical;
pub(crate) mod encode;
pub(crate) mod misfit;
pub(crate) mod name;
pub(crate) mod object;
pub(crate) mod row_members;
mod rows;

pub(crate) use encode::{Buffer, SealedBuffer, write_strictly};
pub(crate) use rows::EncodedRows;
