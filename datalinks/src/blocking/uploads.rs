//! Files in parts, sessions, and ingestions of files.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream::BoxStream};
use uuid::Uuid;

use super::{
    handles::{
        DataLinks, FinishUpload, Ingestions, Items, UploadFile, UploadFiles, UploadSession, WaitForIngestion,
    },
    macros::{FromAsync, methods},
    runtime::Runtime,
    stop::Stop,
};
use crate::{
    client::CallOptions,
    datasets::{MatchTypes, SchemaDefinition},
    error::Error,
    ingest::InferenceStep,
    uploads::{
        FinishedFile, Ingestion, IngestionPage, SessionFiles, SessionStatus, UploadProgress, Uploaded,
        UploadedFiles, UploadedPart, WaitOutcome,
    },
};

methods! {
    UploadFile of crate::uploads::UploadFile;

    plain fn name(self, name: impl Into<String>) -> Self;
    plain fn steps(self, steps: impl IntoIterator<Item = InferenceStep>) -> Self;
    plain fn link(self, match_types: MatchTypes) -> Self;
    plain fn infer_batch_size(self, rows: u32) -> Self;
    plain fn data_description(self, text: impl Into<String>) -> Self;
    plain fn schema(self, schema: SchemaDefinition) -> Self;
    plain fn concurrency(self, parts: usize) -> Self;
    plain fn max_attempts_per_part(self, attempts: u32) -> Self;
    plain fn on_progress(self, observer: impl Fn(&UploadProgress) + Send + Sync + 'static) -> Self;
    plain fn url_lifetime(self, lifetime: Duration) -> Self;
    plain fn journal(self, path: impl Into<PathBuf>) -> Self;
    plain fn filename(self, name: impl Into<String>) -> Self;
    plain fn force_finish(self) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> Uploaded;
}

methods! {
    UploadFiles of crate::uploads::UploadFiles;

    plain fn concurrency(self, parts: usize) -> Self;
    plain fn max_attempts_per_part(self, attempts: u32) -> Self;
    plain fn on_progress(self, observer: impl Fn(&UploadProgress) + Send + Sync + 'static) -> Self;
    plain fn url_lifetime(self, lifetime: Duration) -> Self;
    plain fn journal(self, path: impl Into<PathBuf>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> UploadedFiles;
}

methods! {
    UploadSession of crate::uploads::UploadSession;

    plain fn id(&self) -> Uuid;
    wait fn files(&self) -> SessionFiles;
    wait fn finish_file(&self, file: Uuid, upload_id: impl Into<String>, key: impl Into<String>, parts: impl IntoIterator<Item = UploadedPart>) -> FinishedFile;
    wait fn abort(&self) -> SessionStatus;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn client(&self) -> DataLinks;
}

methods! {
    FinishUpload of crate::uploads::FinishUpload;

    plain fn name(self, name: impl Into<String>) -> Self;
    plain fn steps(self, steps: impl IntoIterator<Item = InferenceStep>) -> Self;
    plain fn link(self, match_types: MatchTypes) -> Self;
    plain fn infer_batch_size(self, rows: u32) -> Self;
    plain fn data_description(self, text: impl Into<String>) -> Self;
    plain fn schema(self, schema: SchemaDefinition) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> Uuid;
}

methods! {
    Ingestions of crate::uploads::Ingestions;

    plain fn before(self, moment: DateTime<Utc>) -> Self;
    plain fn cursor(self, cursor: impl Into<String>) -> Self;
    plain fn page_size(self, items: u32) -> Self;
    plain fn stream(self) -> Items<Ingestion>;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> IngestionPage;
}

methods! {
    WaitForIngestion of crate::uploads::WaitForIngestion;

    plain fn every(self, pause: Duration) -> Self;
    plain fn timeout(self, timeout: Duration) -> Self;
    plain fn stream(self) -> Box<dyn Iterator<Item = Result<Ingestion, Error>> + Send>;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> WaitOutcome;
}

impl UploadFile {
    /// Ends the upload when the switch is used. Like [`stop_when`](crate::uploads::UploadFile::stop_when) of the async client.
    pub fn stop_when(self, stop: &Stop) -> Self {
        Self { inner: self.inner.stop_when(stop.stopped()), ..self }
    }
}

impl UploadFiles {
    /// Ends the uploads when the switch is used. Like [`stop_when`](crate::uploads::UploadFiles::stop_when) of the async client.
    pub fn stop_when(self, stop: &Stop) -> Self {
        Self { inner: self.inner.stop_when(stop.stopped()), ..self }
    }
}

impl Ingestions {
    /// Like [`after`](crate::uploads::Ingestions::after) of the async client.
    pub fn after(self, page: &IngestionPage) -> Option<Self> {
        Some(Self { inner: self.inner.after(page)?, ..self })
    }
}

impl FromAsync<BoxStream<'static, Result<Ingestion, Error>>>
    for Box<dyn Iterator<Item = Result<Ingestion, Error>> + Send>
{
    fn from_async(stream: BoxStream<'static, Result<Ingestion, Error>>, runtime: &Runtime) -> Self {
        let runtime = runtime.clone();
        let mut rest = Some(stream);
        Box::new(std::iter::from_fn(move || {
            let stream = rest.as_mut()?;
            // An error ends the iterator, also if it does not come from the stream.
            let item = runtime.wait_for(|| stream.next()).unwrap_or_else(|error| Some(Err(error)));
            if !matches!(item, Some(Ok(_))) {
                rest = None;
            }
            item
        }))
    }
}
