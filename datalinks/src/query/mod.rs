//! Queries: their text and their result.

mod answer;
mod builder;
mod fault;
mod filter;
mod quote;
mod text;

pub use answer::{DatasetCount, Explain, QueryAnswer};
pub(crate) use answer::{Decoding, UnreadableKind, decode_row};
pub use builder::QueryBuilder;
pub use filter::{Field, Filter, FilterValue, field};
pub use text::QueryText;

#[cfg(test)]
mod tests;
