//! Ingestions.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    handles::{BatchStream, EstimateCost, Ingest},
    macros::methods,
    runtime::Runtime,
};
use crate::{
    client::CallOptions,
    datasets::{MatchTypes, SchemaDefinition},
    error::Error,
    ingest::{
        Budget, Concurrency, Delivery, Estimate, InferenceStep, IngestProgress, IngestionResult,
        IngestionSummary,
        partitions::{PartitionJournals, PartitionPlan, PartitionRun, PlanAccount},
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

impl<T: Serialize + Send + 'static> Ingest<T> {
    /// Runs a partition, or continues it.
    ///
    /// Like [`run_partition`](PartitionPlan::run_partition) of the async plan, whose last argument this is.
    pub fn run_partition(
        self,
        plan: &PartitionPlan,
        number: usize,
        journals: Arc<dyn PartitionJournals>,
    ) -> Result<PartitionRun, Error> {
        self.runtime.wait(|| plan.run_partition(number, journals, self.inner))
    }
}

/// Like [`account`](PartitionPlan::account) of the async plan.
pub fn partition_account(
    plan: &PartitionPlan,
    journals: Arc<dyn PartitionJournals>,
) -> Result<PlanAccount, Error> {
    Runtime::default().wait(|| plan.account(journals))
}
