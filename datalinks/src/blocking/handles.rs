//! The types of the blocking surface. The other files declare their methods.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    macros::{FromAsync, iterator, wrapper},
    runtime::Runtime,
};
use crate::{
    agents::AgentEvent, ask::AskEvent, error::Error, ingest::BatchOutcome, pipeline::PipelineEvent,
    types::Row,
};

wrapper! {
    #[derive(Clone)]
    DataLinks of crate::client::DataLinks
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "a builder does nothing unless it is built"]
    DataLinksBuilder of crate::client::DataLinksBuilder
}

wrapper! {
    #[derive(Clone)]
    IngestProxy of crate::client::IngestProxy
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "a builder does nothing unless it is built"]
    IngestProxyBuilder of crate::client::IngestProxyBuilder
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    RawRequest of crate::client::RawRequest
}

wrapper! {
    RawResponse of crate::client::RawResponse
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    CreateToken of crate::account::CreateToken
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    Usage of crate::account::Usage
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    UsageByDay of crate::account::UsageByDay
}

wrapper! {
    UsageMeter of crate::spending::UsageMeter
}

iterator! {
    #[must_use = "nothing is sent until an item is taken"]
    [T: Unpin] Items<T> of crate::types::Items<T>, yields Result<T, Error>
}

wrapper! {
    #[derive(Clone)]
    Agent of crate::agents::Agent
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    AgentAsk of crate::agents::AgentAsk
}

iterator! {
    AgentStream of crate::agents::AgentStream, yields Result<AgentEvent, Error>
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    Ask of crate::ask::Ask
}

iterator! {
    AskStream of crate::ask::AskStream, yields Result<AskEvent, Error>
}

wrapper! {
    #[derive(Clone)]
    AgentRun of crate::ask::AgentRun
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    RateRun of crate::ask::RateRun
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    Verify of crate::ask::Verify
}

wrapper! {
    #[derive(Clone)]
    Dataset of crate::datasets::Dataset
}

wrapper! {
    #[derive(Clone)]
    Namespace of crate::datasets::Namespace
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    Create of crate::datasets::Create
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    UpdateDefinition of crate::datasets::UpdateDefinition
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `description` or `schema` is called"]
    Infer of crate::datasets::Infer
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    AddLink of crate::datasets::AddLink
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    ChangeOntology of crate::datasets::ChangeOntology
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    CompareRows of crate::datasets::CompareRows
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    CurateLinks of crate::datasets::CurateLinks
}

wrapper! {
    #[must_use = "nothing is sent until `run` is called"]
    Ingest<T> of crate::ingest::Ingest<T>
}

wrapper! {
    #[must_use = "nothing is sent until `run` is called"]
    EstimateCost<T> of crate::ingest::EstimateCost<T>
}

iterator! {
    #[must_use = "nothing is sent until an outcome is taken"]
    [T: Serialize + Send + 'static] BatchStream<T> of crate::ingest::BatchStream<T>, yields Result<BatchOutcome<T>, Error>
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    RunPipeline of crate::pipeline::RunPipeline
}

iterator! {
    [T: DeserializeOwned] PipelineRun<T = Row> of crate::pipeline::PipelineRun<T>, yields Result<PipelineEvent<T>, Error>
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `fetch` or `answer` is called"]
    QueryBuilder of crate::query::QueryBuilder
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    ExplainLink of crate::query::ExplainLink
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    UploadFile of crate::uploads::UploadFile
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    UploadFiles of crate::uploads::UploadFiles
}

wrapper! {
    #[derive(Clone)]
    UploadSession of crate::uploads::UploadSession
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    FinishUpload of crate::uploads::FinishUpload
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    Ingestions of crate::uploads::Ingestions
}

wrapper! {
    #[derive(Clone)]
    #[must_use = "nothing is sent until `run` is called"]
    WaitForIngestion of crate::uploads::WaitForIngestion
}

impl<T> FromAsync<BatchOutcome<T>> for Result<BatchOutcome<T>, Error> {
    fn from_async(outcome: BatchOutcome<T>, _: &Runtime) -> Self {
        Ok(outcome)
    }
}

impl FromAsync<&crate::client::DataLinks> for DataLinks {
    fn from_async(client: &crate::client::DataLinks, runtime: &Runtime) -> Self {
        Self::from_async(client.clone(), runtime)
    }
}

impl FromAsync<&crate::datasets::Namespace> for Namespace {
    fn from_async(namespace: &crate::datasets::Namespace, runtime: &Runtime) -> Self {
        Self::from_async(namespace.clone(), runtime)
    }
}

/// Compares, hashes and displays a handle as its async form.
macro_rules! names {
    ($($name:ident),*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.inner == other.inner
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.inner.hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    )*};
}

names!(Dataset, Namespace);
