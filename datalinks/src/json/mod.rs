//! Rows as JSON: written strictly, read member by member, and where a value does not fit.

pub(crate) mod encode;
pub(crate) mod misfit;
pub(crate) mod row_members;
mod rows;

pub(crate) use encode::{Buffer, write_strictly};
pub(crate) use rows::EncodedRows;
