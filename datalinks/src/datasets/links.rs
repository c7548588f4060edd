//! The links of a dataset: computed from rows, read, made active.

use datalinks_gen::api::types;
use serde::Serialize;

use super::{
    dataset::Dataset,
    match_types::{Link, MatchTypes},
    namespace::Namespace,
};
use crate::{
    error::Error,
    json::EncodedRows,
    types::{Listing, Model, impl_into_future},
};

impl Dataset {
    /// Its links, active and suggested.
    ///
    /// # Errors
    ///
    /// As any call. A dataset without links is an empty list.
    pub async fn links(&self) -> Result<Listing<Link>, Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().get_links(owner, namespace, self.segment()).await;
        call.finish_list(result)
    }

    /// The links that rows would have; nothing is kept. Await what this answers.
    pub fn preview_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows {
        CompareRows::new(self.clone(), Purpose::Preview, EncodedRows::new(rows))
    }

    /// Computes its links anew from these rows, and keeps them. Await what this answers.
    pub fn rebuild_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows {
        CompareRows::new(self.clone(), Purpose::Rebuild, EncodedRows::new(rows))
    }

    /// Its active links: those that queries follow.
    ///
    /// # Errors
    ///
    /// As any call. A dataset without active links is an empty list.
    pub async fn ontology(&self) -> Result<Listing<Link>, Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().get_connected_links(owner, namespace, self.segment()).await;
        call.finish_list(result)
    }

    /// Makes links active, or stops them from being so. Await what this answers.
    pub fn change_ontology(&self) -> ChangeOntology {
        ChangeOntology { dataset: self.clone(), body: types::ModifyOntologyRequest::default() }
    }
}

impl Namespace {
    /// Lets a model choose among the suggested links. Await what this answers. It costs model tokens and is
    /// not repeated after an ambiguous outcome.
    ///
    /// The request carries no owner, so the namespace must be your own.
    pub fn curate_links(&self) -> CurateLinks {
        let body = types::CurateLinkRequest {
            namespace: self.name().to_owned(),
            dataset: None,
            model: None,
            provider: None,
            activate: None,
        };
        CurateLinks { namespace: self.clone(), body }
    }
}

/// Rows about to be compared for links; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CompareRows {
    dataset: Dataset,
    purpose: Purpose,
    rows: Result<EncodedRows, Error>,
    link: Option<MatchTypes>,
}

#[derive(Clone, Copy, Debug)]
enum Purpose {
    Preview,
    Rebuild,
}

impl CompareRows {
    fn new(dataset: Dataset, purpose: Purpose, rows: Result<EncodedRows, Error>) -> Self {
        Self { dataset, purpose, rows, link: None }
    }

    /// How they are compared. Unset, the service chooses.
    pub fn link(mut self, match_types: MatchTypes) -> Self {
        self.link = match_types.requested();
        self
    }

    async fn send(self) -> Result<Listing<Link>, Error> {
        let rows = self.rows?;
        let link = self.link.map(MatchTypes::into_wire);
        let body = types::IngestLinksRequest { data: types::DataArray(Vec::new()), link };
        let dataset = &self.dataset;
        let call = dataset.client().call().with_body(rows.inside(&body, "data")?);
        let client = call.client();
        let (owner, namespace) = (dataset.namespace().owner_segment(), dataset.namespace().segment());
        let result = match self.purpose {
            Purpose::Preview => client.preview_links(owner, namespace, dataset.segment(), &body).await,
            Purpose::Rebuild => client.rebuild_links(owner, namespace, dataset.segment(), &body).await,
        };
        call.finish_list(result)
    }
}

impl_into_future!(CompareRows => Listing<Link>);

/// A change of the active links about to be sent; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ChangeOntology {
    dataset: Dataset,
    body: types::ModifyOntologyRequest,
}

impl ChangeOntology {
    /// Makes these links active too.
    pub fn activate(mut self, links: impl IntoIterator<Item = Link>) -> Self {
        self.body.add.get_or_insert_default().extend(links);
        self
    }

    /// These links shall not be active any more.
    pub fn deactivate(mut self, links: impl IntoIterator<Item = Link>) -> Self {
        self.body.remove.get_or_insert_default().extend(links);
        self
    }

    async fn send(self) -> Result<(), Error> {
        let dataset = &self.dataset;
        let call = dataset.client().call();
        let (owner, namespace) = (dataset.namespace().owner_segment(), dataset.namespace().segment());
        let result = call.client().save_connections(owner, namespace, dataset.segment(), &self.body).await;
        call.finish(result)
    }
}

impl_into_future!(ChangeOntology => ());

/// A choice of links about to be made by a model; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CurateLinks {
    namespace: Namespace,
    body: types::CurateLinkRequest,
}

/// What the model chose. The links are listed only when they were not made active.
pub type CuratedLinks = types::CurateLinkResponse;

impl CurateLinks {
    /// Only the links of this dataset.
    pub fn dataset(mut self, name: impl Into<String>) -> Self {
        self.body.dataset = Some(name.into());
        self
    }

    /// The model that chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.body.model, self.body.provider) = (name, provider);
        self
    }

    /// Makes the chosen links active. Unset, they are only listed.
    pub fn activate(mut self, activate: bool) -> Self {
        self.body.activate = Some(activate);
        self
    }

    async fn send(self) -> Result<CuratedLinks, Error> {
        self.namespace.own_only("choosing links").map_err(|error| {
            error.advice(
                "nothing was sent; activate links of a shared dataset with Dataset::change_ontology, whose route \
                 names the owner",
            )
        })?;
        let call = self.namespace.client().call();
        let result = call.client().curate_links(&self.body).await;
        call.finish(result)
    }
}

impl_into_future!(CurateLinks => CuratedLinks);

crate::client::builder_options!(CompareRows, dataset);
crate::client::builder_options!(ChangeOntology, dataset);
crate::client::builder_options!(CurateLinks, namespace);
