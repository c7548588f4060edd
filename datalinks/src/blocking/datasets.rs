//! Datasets and namespaces.

use std::path::PathBuf;

use futures::stream;
use serde::Serialize;
use uuid::Uuid;

use super::{
    handles::{
        AddLink, Ask, ChangeOntology, CompareRows, Create, CurateLinks, DataLinks, Dataset, FinishUpload,
        Infer, Ingest, Ingestions, Namespace, QueryBuilder, UpdateDefinition, UploadFile, Verify,
        WaitForIngestion,
    },
    macros::{FromAsync as _, methods},
};
use crate::{
    ask::{AutoRagAnswer, ConversationSummary},
    client::CallOptions,
    datasets::{
        AddLinkOutcome, ColumnRef, CreateOutcome, CuratedLinks, DatasetInfo, DatasetSummary, ExactMatch,
        GeoMatch, Link, MatchType, MatchTypes, Role, SchemaDefinition, Share, Visibility,
    },
    error::Error,
    types::{Listing, Model, Row},
    uploads::{Upload, UploadedPart},
};

methods! {
    Dataset of crate::datasets::Dataset;

    plain fn create(&self) -> Create;
    plain fn name(&self) -> &str;
    plain fn namespace(&self) -> Namespace;
    wait fn info(&self) -> DatasetInfo;
    plain fn column(&self, name: impl Into<String>) -> ColumnRef;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn client(&self) -> DataLinks;
    wait fn rename(&self, name: impl AsRef<str>) -> Self;
    wait fn clear(&self) -> ();
    wait fn delete(&self) -> ();
    wait fn order_columns<N: Into<String>>(&self, columns: impl IntoIterator<Item = N>) -> ();
    wait fn links(&self) -> Listing<Link>;
    plain fn preview_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows;
    plain fn rebuild_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows;
    wait fn ontology(&self) -> Listing<Link>;
    plain fn change_ontology(&self) -> ChangeOntology;
    wait fn shares(&self) -> Listing<Share>;
    wait fn share(&self, username: impl Into<String>, role: Role) -> ();
    wait fn revoke(&self, username: impl Into<String>, role: Role) -> ();
    plain fn update_definition(&self) -> UpdateDefinition;
    plain fn ingest<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> Ingest<T>;
    plain fn query(&self) -> QueryBuilder;
    wait fn prepare_upload(&self, filename: impl Into<String>, size: u64) -> Upload;
    plain fn finish_upload(&self, upload_id: impl Into<String>, key: impl Into<String>, parts: impl IntoIterator<Item = UploadedPart>) -> FinishUpload;
    wait fn abort_upload(&self, upload_id: impl Into<String>, key: impl Into<String>) -> ();
    plain fn upload(&self, path: impl Into<PathBuf>) -> UploadFile;
    plain fn wait_for(&self, ingestion: Uuid) -> WaitForIngestion;
    plain fn ingestions(&self) -> Ingestions;
}

methods! {
    Namespace of crate::datasets::Namespace;

    wait fn conversations(&self) -> Listing<ConversationSummary>;
    plain fn verify(&self, answer: AutoRagAnswer) -> Verify;
    plain fn ask(&self, question: impl Into<String>) -> Ask;
    #[deprecated(note = "the service deprecated this listing on 2026-06-17; call `schema_datasets`")]
    #[expect(deprecated, reason = "the blocking form of a deprecated method")]
    wait fn datasets(&self) -> Listing<DatasetSummary>;
    wait fn schema_datasets(&self) -> Listing<DatasetSummary>;
    wait fn rename(&self, name: impl AsRef<str>) -> Self;
    wait fn delete(&self) -> ();
    wait fn delete_with_datasets(&self) -> ();
    fallible fn dataset(&self, name: impl AsRef<str>) -> Dataset;
    plain fn curate_links(&self) -> CurateLinks;
    fallible fn with_owner(self, username: impl AsRef<str>) -> Self;
    plain fn name(&self) -> &str;
    plain fn owner(&self) -> &str;
    plain fn with_options(&self, options: CallOptions) -> Self;
    plain fn client(&self) -> DataLinks;
    wait fn shares(&self) -> Listing<Share>;
    wait fn share(&self, username: impl Into<String>, role: Role) -> ();
    wait fn revoke(&self, username: impl Into<String>, role: Role) -> ();
    plain fn query(&self) -> QueryBuilder;
}

methods! {
    Create of crate::datasets::Create;

    plain fn description(self, text: impl Into<String>) -> Self;
    plain fn schema(self, schema: SchemaDefinition) -> Self;
    plain fn visibility(self, visibility: Visibility) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> CreateOutcome;
}

methods! {
    UpdateDefinition of crate::datasets::UpdateDefinition;

    plain fn description(self, text: impl Into<String>) -> Self;
    plain fn schema(self, schema: SchemaDefinition) -> Self;
    plain fn field_definition(self, text: impl Into<String>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> ();
}

methods! {
    Infer of crate::datasets::Infer;

    plain fn model(self, model: impl Into<Model>) -> Self;
    plain fn current_description(self, text: impl Into<String>) -> Self;
    plain fn current_schema(self, schema: SchemaDefinition) -> Self;
    wait fn description(self) -> String;
    wait fn schema(self) -> SchemaDefinition;
    plain fn options(self, options: CallOptions) -> Self;
}

methods! {
    AddLink of crate::datasets::AddLink;

    plain fn match_type(self, match_type: MatchType) -> Self;
    plain fn exact(self, options: ExactMatch) -> Self;
    plain fn geo(self, options: GeoMatch) -> Self;
    plain fn match_options(self, options: Row) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> AddLinkOutcome;
}

methods! {
    ChangeOntology of crate::datasets::ChangeOntology;

    plain fn activate(self, links: impl IntoIterator<Item = Link>) -> Self;
    plain fn deactivate(self, links: impl IntoIterator<Item = Link>) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> ();
}

methods! {
    CompareRows of crate::datasets::CompareRows;

    plain fn link(self, match_types: MatchTypes) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> Listing<Link>;
}

methods! {
    CurateLinks of crate::datasets::CurateLinks;

    plain fn dataset(self, name: impl Into<String>) -> Self;
    plain fn model(self, model: impl Into<Model>) -> Self;
    plain fn activate(self, activate: bool) -> Self;
    plain fn options(self, options: CallOptions) -> Self;
    awaited fn run(self) -> CuratedLinks;
}

impl Dataset {
    /// Like [`clean`](crate::datasets::Dataset::clean) of the async client.
    pub fn clean<P: Into<String>>(
        &self,
        prompts: impl IntoIterator<Item = P>,
        into: &Dataset,
    ) -> Result<Uuid, Error> {
        self.runtime.wait(|| self.inner.clean(prompts, &into.inner))
    }

    /// Returns a builder that sends rows from an iterator of any length.
    ///
    /// Like [`ingest_stream`](crate::datasets::Dataset::ingest_stream) of the async client. Unlike [`ingest`](Self::ingest),
    /// it takes rows when they are sent, so [`Ingest::batches`] needs memory for the batches in flight only. Rows are taken on the
    /// thread of the call. Requests in flight go on while the iterator blocks, and their responses are read after it.
    /// [Time limits](CallOptions::timeout) of these requests include the time for which it blocks.
    pub fn ingest_iter<T: Serialize + 'static>(
        &self,
        rows: impl IntoIterator<Item = T, IntoIter: Send + 'static>,
    ) -> Ingest<T> {
        Ingest::from_async(self.inner.ingest_stream(stream::iter(rows)), &self.runtime)
    }

    /// Returns a builder that sends rows from an iterator that may fail, with errors of any type.
    ///
    /// Like [`ingest_try_stream`](crate::datasets::Dataset::ingest_try_stream) of the async client, which describes what
    /// happens after an error. Rows are taken as by [`ingest_iter`](Self::ingest_iter).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[cfg(feature = "read")]
    /// # fn run(films: datalinks::blocking::Dataset) -> Result<(), datalinks::Error> {
    /// let rows = datalinks::read::file("films.csv.gz").rows();
    /// let summary = films.ingest_try_iter(rows).journal("films.journal").batches()?.finish()?;
    /// println!("{summary}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn ingest_try_iter<T, E>(
        &self,
        rows: impl IntoIterator<Item = Result<T, E>, IntoIter: Send + 'static>,
    ) -> Ingest<T>
    where
        T: Serialize + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Ingest::from_async(self.inner.ingest_try_stream(stream::iter(rows)), &self.runtime)
    }
}
