//! Queries.

use serde::de::DeserializeOwned;

use super::{
    handles::{ExplainLink, QueryBuilder},
    macros::methods,
};
use crate::{
    client::CallOptions,
    query::{Filter, LinkReport, QueryAnswer, QueryText},
    types::Model,
};

methods! {
    QueryBuilder of crate::query::QueryBuilder;

    plain fn filter(self, filter: Filter) -> Self;
    plain fn search_around(self, other: &str) -> Self;
    plain fn search_around_within(self, other: &str, depth: u32) -> Self;
    plain fn follow(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Self;
    plain fn sort_ascending(self, column: &str) -> Self;
    plain fn sort_descending(self, column: &str) -> Self;
    plain fn limit(self, rows: u64) -> Self;
    plain fn call(self, call: &str) -> Self;
    plain fn query_text(self, text: QueryText) -> Self;
    plain fn natural_language(self, question: impl Into<String>) -> Self;
    plain fn model(self, model: impl Into<Model>) -> Self;
    plain fn explain(self) -> Self;
    plain fn metadata_columns(self) -> Self;
    plain fn lenient(self) -> Self;
    fallible fn text(&self) -> String;
    wait fn fetch<T: DeserializeOwned>(self) -> Vec<T>;
    wait fn answer<T: DeserializeOwned>(self) -> QueryAnswer<T>;
    plain fn options(self, options: CallOptions) -> Self;
}

methods! {
    ExplainLink of crate::query::ExplainLink;

    plain fn max_distinct(self, values: usize) -> Self;
    plain fn max_examples(self, values: usize) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> LinkReport;
}
