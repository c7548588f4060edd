//! Queries: their text and their result.

mod answer;
mod blocking;
mod builder;
mod decode;
mod explain_link;
mod fault;
mod filter;
mod fold;
mod link_column;
mod link_report;
mod one_pass;
mod quote;
mod rows;
mod scan;
mod text;

pub use answer::{DatasetCount, Explain, QueryAnswer};
pub(crate) use blocking::blocking;
pub use builder::QueryBuilder;
pub(crate) use decode::{Decoding, UnreadableKind, decode_row};
pub use explain_link::ExplainLink;
pub use filter::{Field, Filter, FilterValue, field};
pub(crate) use fold::Folding;
pub use link_report::{LinkColumn, LinkReport, LinkValue, LinkValues, NearMiss, NearMisses, ValueDifference};
pub use text::QueryText;

#[cfg(test)]
mod tests;
