//! The query language: parsing and checking a query without a server.
//!
//! [`parse`] reads the text of a query and returns its tree, whose [`Display`](std::fmt::Display) form is the
//! canonical text. The emulator runs the same tree.
//!
//! # The language
//!
//! A query starts at a dataset, followed by clauses. Each clause is applied to the rows of the previous one. Spaces and
//! line breaks between tokens have no meaning.
//!
//! | spelling | meaning |
//! |---|---|
//! | `Ontology("namespace/dataset")`, `OntologyObject(...)` | all rows of a dataset |
//! | `.filter(condition)`, `.filter(a, b)`, `.filter().column("condition")` | the rows that meet the condition; `,` means `&&` |
//! | `.searchAround().find("dataset")` | the rows of that dataset that a link connects with the rows so far |
//! | `.searchAround(n).find("dataset")` | the same over at most `n` links |
//! | `.follow(column, ...)` after `find` | only links at these columns of the dataset that the step leaves |
//! | `.sortAscending(column)`, `.sortDescending(column)`, `.sort(column, ASC)`, `.sort(column, DESC)` | sorted rows; of consecutive sorts, the first is the primary one |
//! | `.limit(n)` | the first `n` rows |
//! | `.get()` at the end | no effect; part of older queries |
//!
//! - A condition compares a field with a value by `==`, `!=`, `<`, `<=`, `>` or `>=`. Conditions are combined by `&&`,
//!   `||` and parentheses. A condition may be written as a string.
//! - Fields and values that are one word need no quotes. Other text needs single or double quotes.
//! - A dataset is named with or without its namespace, and with or without quotes.
//! - Aggregation and projection are not part of the language.
//!
//! The service does not document all of this language. The choices of the emulator are listed in
//! [the documentation of the crate](crate#what-the-emulator-decides).

mod ast;
mod canonical_text;
mod error;
mod eval;
mod explain;
mod filter;
mod order;
mod parse;
mod resolve;
mod rows;
mod search_around;
mod stage;
mod unknown_columns;

pub use ast::{Clause, Comparison, Condition, Direction, Operator, Query, SearchAround, Sort};
pub use parse::{QueryError, parse};

#[cfg(test)]
pub(crate) use parse::{MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, MAX_NESTING};

pub(crate) use error::EvalError;
pub(crate) use eval::{read_all, run, run_by};
pub(crate) use explain::{Explanation, explain};
pub(crate) use order::sorted;
pub(crate) use rows::FoundRows;
pub(crate) use unknown_columns::unknown_columns;

#[cfg(test)]
mod tests;
