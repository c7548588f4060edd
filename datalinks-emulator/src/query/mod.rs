//! The query language: text to tree ([`parse`]), tree to rows ([`eval`]).
//!
//! What is public of the language is computed. Where the public text is silent, the emulator
//! chooses, and the choices are listed in the crate's documentation.

mod ast;
mod error;
mod eval;
mod explain;
mod parse;
mod resolve;
mod rows;

pub(crate) use ast::{Call, Comparison, Expr, Op, Query};
pub(crate) use error::EvalError;
pub(crate) use eval::{run, run_by};
pub(crate) use explain::{Explanation, explain};
pub(crate) use parse::{QueryError, parse};
pub(crate) use rows::FoundRows;

#[cfg(test)]
mod tests;
