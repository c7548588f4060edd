//! Ingestions.

use std::{path::PathBuf, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    handles::{BatchStream, EstimateCost, Ingest},
    macros::methods,
};
use crate::{
    client::CallOptions,
    datasets::{MatchTypes, SchemaDefinition},
    ingest::{
        Budget, Concurrency, Delivery, Estimate, InferenceStep, IngestProgress, IngestionResult,
        IngestionSummary,
    },
    types::Listing,
};

methods! {
    [T: Serialize] Ingest<T> of crate::ingest::Ingest<T>;

    plain fn batch_size(self, rows: usize) -> Self;
    plain fn max_batch_bytes(self, bytes: usize) -> Self;
    plain fn concurrency(self, requests: impl Into<Concurrency>) -> Self;
    plain fn adaptive_batch_size(self) -> Self;
    plain fn delivery(self, delivery: Delivery) -> Self;
    plain fn reconcile_by(self, column: impl Into<String>) -> Self;
    plain fn reconcile_window(self, window: Duration) -> Self;
    plain fn max_batches_without_success(self, batches: usize) -> Self;
    plain fn max_isolation_requests(self, requests: usize) -> Self;
    plain fn budget(self, budget: Budget) -> Self;
    plain fn on_progress(self, observer: impl Fn(&IngestProgress) + Send + Sync + 'static) -> Self;
    plain fn linger(self, time: Duration) -> Self;
    plain fn journal(self, path: impl Into<PathBuf>) -> Self;
    plain fn dead_letters(self, path: impl Into<PathBuf>) -> Self;
    #[cfg(feature = "read")]
    plain fn bad_records_to_dead_letters(self) -> Self;
    plain fn steps(self, steps: impl IntoIterator<Item = InferenceStep>) -> Self;
    plain fn link(self, match_types: MatchTypes) -> Self;
    plain fn curate(self, curate: bool) -> Self;
    plain fn data_description(self, text: impl Into<String>) -> Self;
    plain fn schema(self, schema: SchemaDefinition) -> Self;
    plain fn additional_instructions(self, text: impl Into<String>) -> Self;
    wait fn preview<U: DeserializeOwned>(self) -> Listing<U>;
    plain fn estimate(self, rows: usize) -> EstimateCost<T>;
    plain fn options(self, options: CallOptions) -> Self;
}

methods! {
    [T: Serialize + Send + 'static] Ingest<T> of crate::ingest::Ingest<T>;

    fallible fn batches(self) -> BatchStream<T>;
    fallible fn dry_run(self) -> BatchStream<T>;
    awaited fn run(self) -> IngestionResult<T>;
}

methods! {
    [T: Serialize + Send + 'static] EstimateCost<T> of crate::ingest::EstimateCost<T>;

    plain fn read_all(self) -> Self;
    plain fn usage_delay(self, delay: Duration) -> Self;
    awaited fn run(self) -> Estimate;
}

methods! {
    [T: Serialize + Send + 'static] BatchStream<T> of crate::ingest::BatchStream<T>;

    plain fn summary(&self) -> IngestionSummary;
    wait fn finish(self) -> IngestionSummary;
}

impl<T: Serialize + Send + 'static> BatchStream<T> {
    /// Like [`stop`](crate::ingest::BatchStream::stop) of the async client.
    pub fn stop(&self) {
        self.inner.stop();
    }
}
