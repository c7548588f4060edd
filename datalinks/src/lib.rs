//! Client for [DataLinks](https://docs.datalinks.com): ingest rows, query linked datasets, ask
//! questions, run pipelines.

mod ask;
mod call;
mod client;
mod config;
mod dataset;
mod error;
mod ingest;
mod links;
mod namespace;
mod proxy;
mod query;
mod schema;
pub mod stream;
mod transport;

pub use ask::{
    Answer, Ask, AskEvent, AskStream, Failure, Plan, QueryExecuting, RunStarted, Step, StepStarted,
};
pub use client::{DataLinks, DataLinksBuilder};
pub use config::Config;
pub use datalinks_gen::InferenceStep;
pub use dataset::{AddLink, Create, Created, Dataset, DatasetInfo, Ingest, LinkAdded, QueryBuilder};
pub use error::{Error, ErrorKind, SubError};
pub use ingest::{Delivery, FailedRow, IngestionResult, Progress, ShortBatch};
pub use links::{ColumnRef, ExactMatch, GeoMatch, Link, MatchType, MatchTypes};
pub use namespace::Namespace;
pub use proxy::{
    IngestProxy, IngestProxyBuilder, PipelineEvent, PipelineRun, Reconnect, RunPipeline, Source,
};
pub use query::{DatasetCount, Explain, Field, Filter, QueryAnswer, QueryText, RejectedRow, Value, field};
pub use schema::{SchemaDefinition, data_description};
pub use transport::{Attempt, CallOptions, RetryPolicy};

/// Whether everyone may read a dataset: an older setting.
pub type Visibility = datalinks_gen::enums::DatasetVisibility;

/// The generated low-level client, outside the promises of semantic versioning.
pub use datalinks_gen as raw;
