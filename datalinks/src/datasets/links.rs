//! Links of a dataset: listing, computing from rows, activating.

use datalinks_gen::api::types;
use serde::Serialize;

use super::{
    dataset::Dataset,
    found_links::{CuratedLinks, Link},
    match_types::MatchTypes,
    namespace::Namespace,
};
use crate::{
    error::Error,
    json::EncodedRows,
    types::{FromWire as _, Listing, Model, impl_into_future},
};

impl Dataset {
    /// Returns the active and the suggested links of the dataset. The list is empty if there are none.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn links(&self) -> Result<Listing<Link>, Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().get_links(owner, namespace, self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns a builder for a preview of the links that the rows would have. Await it to send the request. Nothing is stored.
    ///
    /// # Errors
    ///
    /// - [`Encode`](crate::ErrorKind::Encode) if a row is not a JSON object, or has a number that is NaN or infinite. Nothing
    ///   was sent.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub fn preview_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows {
        CompareRows::new(self.clone(), Purpose::Preview, EncodedRows::new(rows))
    }

    /// Returns a builder that computes the links of the dataset again, from the given rows, and stores them. Await it to send
    /// the request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`preview_links`](Self::preview_links).
    pub fn rebuild_links<T: Serialize>(&self, rows: impl IntoIterator<Item = T>) -> CompareRows {
        CompareRows::new(self.clone(), Purpose::Rebuild, EncodedRows::new(rows))
    }

    /// Returns the active links of the dataset, which queries follow. The list is empty if there are none.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn ontology(&self) -> Result<Listing<Link>, Error> {
        let call = self.client().call();
        let (owner, namespace) = (self.namespace().owner_segment(), self.namespace().segment());
        let result = call.client().get_connected_links(owner, namespace, self.segment()).await;
        call.finish_list(result).map(Listing::from_wire)
    }

    /// Returns a builder that activates and deactivates links. Await it to send the request.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the dataset does not exist, or you may not change it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub fn change_ontology(&self) -> ChangeOntology {
        ChangeOntology { dataset: self.clone(), body: types::ModifyOntologyRequest::default() }
    }
}

impl Namespace {
    /// Returns a builder that lets a model choose among the suggested links. Await it to send the request, which costs model
    /// tokens.
    ///
    /// The request carries no owner, so the namespace must be your own.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the namespace belongs to another user. Nothing was sent.
    ///
    /// The call is not retried after an ambiguous outcome: a second one would cost tokens again.
    /// See also [errors of every call](crate::error#errors-of-every-call).
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

/// A builder for the comparison of rows, which finds links. Await it to send the request.
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

    /// Sets the kinds of links to look for. Unset, the service chooses.
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
        call.finish_list(result).map(Listing::from_wire)
    }
}

impl_into_future!(CompareRows => Listing<Link>);

/// A builder for a change of the active links. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ChangeOntology {
    dataset: Dataset,
    body: types::ModifyOntologyRequest,
}

impl ChangeOntology {
    /// Adds links to activate.
    pub fn activate(mut self, links: impl IntoIterator<Item = Link>) -> Self {
        self.body.add.get_or_insert_default().extend(links.into_iter().map(Link::into_wire));
        self
    }

    /// Adds links to deactivate.
    pub fn deactivate(mut self, links: impl IntoIterator<Item = Link>) -> Self {
        self.body.remove.get_or_insert_default().extend(links.into_iter().map(Link::into_wire));
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

/// A builder for a choice of links by a model. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CurateLinks {
    namespace: Namespace,
    body: types::CurateLinkRequest,
}

impl CurateLinks {
    /// Limits the choice to the links of one dataset.
    pub fn dataset(mut self, name: impl Into<String>) -> Self {
        self.body.dataset = Some(name.into());
        self
    }

    /// Sets the model. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.body.model, self.body.provider) = (name, provider);
        self
    }

    /// Sets whether the chosen links are activated. Unset, they are only listed.
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
        call.finish(result).map(CuratedLinks::from_wire)
    }
}

impl_into_future!(CurateLinks => CuratedLinks);

crate::client::builder_options!(CompareRows, dataset);
crate::client::builder_options!(ChangeOntology, dataset);
crate::client::builder_options!(CurateLinks, namespace);
