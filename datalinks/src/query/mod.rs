//! Queries: their text and their result.

mod answer;
mod builder;
mod decode;
mod fault;
mod filter;
mod one_pass;
mod quote;
mod text;

pub use answer::{DatasetCount, Explain, QueryAnswer};
pub use builder::QueryBuilder;
pub(crate) use decode::{Decoding, UnreadableKind, decode_row};
pub use filter::{Field, Filter, FilterValue, field};
pub use text::QueryText;

#[cfg(test)]
mod tests;
