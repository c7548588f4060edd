//! Build specs: how a dataset is derived from others by code.
//!
//! The service stores build specs and does not run them. This part of its API is a preview: a proposed version of the
//! contract replaces `destination` by `destinations` and adds runs. Both forms are read here.

use std::convert::Infallible;

use datalinks_gen::{Row, api::types, progenitor_client::Error as GenError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::dataset::Dataset;
use crate::{
    client::{DataLinks, uuid},
    error::Error,
    types::{FromWire, Listing, listing::without_invalid_items},
};

/// The coordinates of a dataset in a build spec.
///
/// ```
/// use datalinks::datasets::DatasetCoordinate;
///
/// let films = DatasetCoordinate::new("ana", "cinema", "films");
/// assert_eq!(films.dataset, "films");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct DatasetCoordinate {
    /// User name of the owner.
    pub owner: String,
    /// Name of the namespace.
    pub namespace: String,
    /// Name of the dataset (`datasetName`).
    #[serde(rename = "datasetName")]
    pub dataset: String,
}

impl DatasetCoordinate {
    /// Creates the coordinates of a dataset of any owner.
    pub fn new(owner: impl Into<String>, namespace: impl Into<String>, dataset: impl Into<String>) -> Self {
        Self { owner: owner.into(), namespace: namespace.into(), dataset: dataset.into() }
    }
}

/// Returns the coordinates of a handle. The owner of your own datasets is written as `self`. The service does not document
/// whether it accepts that here. [`DatasetCoordinate::new`] takes the user name.
impl From<&Dataset> for DatasetCoordinate {
    fn from(dataset: &Dataset) -> Self {
        let namespace = dataset.namespace();
        Self::new(namespace.owner(), namespace.name(), dataset.name())
    }
}

impl DatasetCoordinate {
    /// Returns the coordinates as they are sent.
    fn into_wire(self) -> types::DatasetCoordinate {
        let Self { owner, namespace, dataset } = self;
        types::DatasetCoordinate { owner, namespace, dataset_name: dataset, extra: Row::new() }
    }
}

impl FromWire for DatasetCoordinate {
    type Wire = types::DatasetCoordinate;

    fn from_wire(wire: Self::Wire) -> Self {
        // Coordinates are compared and hashed by their names, so they have no other fields.
        let types::DatasetCoordinate { dataset_name, namespace, owner, extra: _ } = wire;
        Self::new(owner, namespace, dataset_name)
    }
}

/// A build spec as the service stores it: how datasets are derived from others by code.
///
/// Build specs are a preview of the service. The service stores build specs and does not run them. A proposed version of its
/// contract replaces `destination` by `destinations` and adds runs. Both forms are read here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BuildSpec {
    /// Id of the build spec.
    pub id: Uuid,
    /// User name of the owner.
    pub owner: String,
    /// Version, increased by 1 with each change.
    pub version: i64,
    /// Datasets that the code reads.
    pub sources: Vec<DatasetCoordinate>,
    /// Datasets that the code produces rows for (`destination` or `destinations`). The current contract has one.
    pub destinations: Vec<DatasetCoordinate>,
    /// The code (`code.payload`).
    pub code: String,
    /// Time of creation, as the service writes it.
    pub created_at: String,
    /// Time of the last change, as the service writes it.
    pub updated_at: String,
    /// Fields that this crate does not know.
    pub extra: Row,
}

/// Writes one destination in the form of the current contract, and any other number in the proposed form, so that the
/// JSON can be read again.
impl Serialize for BuildSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Written<'a> {
            id: &'a Uuid,
            owner: &'a str,
            version: i64,
            sources: &'a [DatasetCoordinate],
            #[serde(skip_serializing_if = "Option::is_none")]
            destination: Option<&'a DatasetCoordinate>,
            #[serde(skip_serializing_if = "Option::is_none")]
            destinations: Option<&'a [DatasetCoordinate]>,
            code: Code<'a>,
            created_at: &'a str,
            updated_at: &'a str,
            #[serde(flatten)]
            extra: &'a Row,
        }
        #[derive(Serialize)]
        struct Code<'a> {
            payload: &'a str,
        }
        let Self { id, owner, version, sources, destinations, code, created_at, updated_at, extra } = self;
        // A destination that could not be read is in `extra`.
        let (destination, destinations) = match destinations.as_slice() {
            [one] if !extra.contains_key("destination") => (Some(one), None),
            several => (None, Some(several)),
        };
        let (version, code) = (*version, Code { payload: code });
        Written {
            id,
            owner,
            version,
            sources,
            destination,
            destinations,
            code,
            created_at,
            updated_at,
            extra,
        }
        .serialize(serializer)
    }
}

/// A build spec in the form of the current contract or in the proposed form. Destinations stay in `extra`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: Uuid,
    owner: String,
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    version: i64,
    sources: Vec<DatasetCoordinate>,
    code: types::BuildSpecCode,
    created_at: String,
    updated_at: String,
    #[serde(flatten)]
    extra: Row,
}

impl<'de> Deserialize<'de> for BuildSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut wire = Wire::deserialize(deserializer)?;
        let one = wire.extra.get("destination").map(DatasetCoordinate::deserialize);
        let one = one.unwrap_or_else(|| Err(serde::de::Error::missing_field("destination")));
        if one.is_ok() {
            wire.extra.remove("destination");
        }
        let destinations = destinations(one, &mut wire.extra).map_err(serde::de::Error::custom)?;
        Ok(Self {
            id: wire.id,
            owner: wire.owner,
            version: wire.version,
            sources: wire.sources,
            destinations,
            code: wire.code.payload,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
            extra: wire.extra,
        })
    }
}

impl FromWire for BuildSpec {
    type Wire = types::BuildSpecResponse;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::BuildSpecResponse {
            code: types::BuildSpecCode { payload: code, extra: _ },
            created_at,
            destination,
            id,
            owner,
            sources,
            updated_at,
            version,
            mut extra,
        } = wire;
        let one = DatasetCoordinate::from_wire(destination);
        let Ok(destinations) = destinations(Ok::<_, Infallible>(one), &mut extra);
        let sources = FromWire::from_wire(sources);
        Self { id, owner, version, sources, destinations, code, created_at, updated_at, extra }
    }
}

/// Returns the destinations of a build spec in either form.
///
/// A list that names a dataset holds all of them. With an empty, missing or invalid list, the result is `one`, the destination
/// of the current contract. Values that cannot be decoded stay in `extra`.
fn destinations<E>(one: Result<DatasetCoordinate, E>, extra: &mut Row) -> Result<Vec<DatasetCoordinate>, E> {
    let several = extra.get("destinations").map(Option::<Vec<DatasetCoordinate>>::deserialize);
    let several = match several {
        Some(Ok(several)) => {
            extra.remove("destinations");
            several
        }
        Some(Err(_)) | None => None,
    };
    match (several, one) {
        (Some(several), one) if one.is_err() || !several.is_empty() => Ok(several),
        (_, one) => one.map(|one| vec![one]),
    }
}

/// A list in which some build specs have the proposed form.
#[derive(Deserialize)]
struct List {
    items: Vec<BuildSpec>,
}

/// The content of a build spec, for creating one or replacing another.
///
/// Build specs are a preview of the service, see [`BuildSpec`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct BuildSpecDraft {
    sources: Vec<DatasetCoordinate>,
    destination: DatasetCoordinate,
    code: String,
}

impl BuildSpecDraft {
    /// Creates a draft with the dataset that `code` produces rows for, the code, and no sources.
    ///
    /// The service does not read `code`. A proposed version of the contract calls it Python in base64.
    pub fn new(destination: impl Into<DatasetCoordinate>, code: impl Into<String>) -> Self {
        Self { sources: Vec::new(), destination: destination.into(), code: code.into() }
    }

    /// Adds a dataset that the code reads. A build spec has at least one.
    pub fn source(mut self, dataset: impl Into<DatasetCoordinate>) -> Self {
        self.sources.push(dataset.into());
        self
    }

    fn body(self) -> Result<types::BuildSpecRequest, Error> {
        if self.sources.is_empty() {
            return Err(Error::invalid(
                "the build spec has no source: expected at least 1; set BuildSpecDraft::source",
            ));
        }
        Ok(types::BuildSpecRequest {
            sources: self.sources.into_iter().map(DatasetCoordinate::into_wire).collect(),
            destination: self.destination.into_wire(),
            code: types::BuildSpecCode { payload: self.code, extra: Row::new() },
        })
    }
}

impl DataLinks {
    /// Returns your build specs.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call).
    pub async fn build_specs(&self) -> Result<Listing<BuildSpec>, Error> {
        let call = self.call();
        let result = call.client().list_build_specs().await;
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some((list, rejected)) = without_invalid_items::<List, BuildSpec>(body, Some("items"))
        {
            return Ok(Listing { items: list.items, rejected });
        }
        let items = FromWire::from_wire(call.finish(result)?.items);
        Ok(Listing { items, rejected: Vec::new() })
    }

    /// Creates a build spec. Nothing is run.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the draft has no source. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if one of the datasets does not exist, or you may not see it.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if you may not use one of the datasets in this way.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the service does not accept the build spec (422).
    ///
    /// The call is not retried after an ambiguous outcome: it could create a second build spec.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::datasets::BuildSpecDraft;
    ///
    /// let (films, totals) = (dl.dataset("cinema", "films")?, dl.dataset("cinema", "totals")?);
    /// let draft = BuildSpecDraft::new(&totals, "cHJpbnQoMSk=").source(&films);
    /// let spec = dl.create_build_spec(draft.clone()).await?;
    /// let edited = dl.edit_build_spec(spec.id, draft).await?;
    /// assert_eq!(edited.version, spec.version + 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_build_spec(&self, draft: BuildSpecDraft) -> Result<BuildSpec, Error> {
        let body = draft.body()?;
        let call = self.call();
        let result = call.client().create_build_spec(&body).await;
        call.finish_as(result)
    }

    /// Returns one of your build specs.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not a UUID. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if you have no build spec with this id.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    pub async fn build_spec(&self, id: impl ToString) -> Result<BuildSpec, Error> {
        let id = uuid("build spec id", &id.to_string())?;
        let call = self.call();
        let result = call.client().get_build_spec(&id).await;
        call.finish_as(result)
    }

    /// Replaces the content of a build spec, and returns the build spec with its next version.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`create_build_spec`](Self::create_build_spec) and [`build_spec`](Self::build_spec), and
    /// [`Conflict`](crate::ErrorKind::Conflict) (409), whose cause the service does not document.
    ///
    /// The call is not retried after an ambiguous outcome: it could replace a change that another client made meanwhile.
    pub async fn edit_build_spec(
        &self,
        id: impl ToString,
        draft: BuildSpecDraft,
    ) -> Result<BuildSpec, Error> {
        let (id, body) = (uuid("build spec id", &id.to_string())?, draft.body()?);
        let call = self.call();
        let result = call.client().edit_build_spec(&id, &body).await;
        call.finish_as(result)
    }

    /// Deletes a build spec. Datasets are not changed.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build_spec`](Self::build_spec).
    pub async fn delete_build_spec(&self, id: impl ToString) -> Result<(), Error> {
        let id = uuid("build spec id", &id.to_string())?;
        let call = self.call();
        let result = call.client().delete_build_spec(&id).await;
        call.finish(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regression: the code was written as a string, and unknown fields under `extra`, so a saved build spec could not be
    /// read. A version in the notation `3.0` was not read either.
    #[test]
    fn build_specs_are_written_as_they_are_read() {
        let at =
            |dataset: &str| format!(r#"{{"owner":"ana","namespace":"plants","datasetName":"{dataset}"}}"#);
        let (one, other) = (at("parks"), at("woods"));
        for (destinations, number) in [
            (format!(r#""destination":{one}"#), 1),
            (format!(r#""destination":{one},"destinations":[7]"#), 1),
            (format!(r#""destinations":[{one},{other}]"#), 2),
            (format!(r#""destination":7,"destinations":[{one}]"#), 1),
            (format!(r#""destination":7,"destinations":[{one},{other}]"#), 2),
            (r#""destinations":[]"#.to_owned(), 0),
        ] {
            let json = format!(
                r#"{{"id":"00000000-0000-0000-0000-000000000001","owner":"ana","version":3.0,"sources":[{}],
                    {destinations},"code":{{"payload":"x"}},"createdAt":"c","updatedAt":"u","more":[1]}}"#,
                at("trees")
            );
            let spec: BuildSpec = serde_json::from_str(&json).unwrap();
            assert_eq!(
                (spec.destinations.len(), spec.version, spec.code.as_str()),
                (number, 3, "x"),
                "{json}"
            );
            let written = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<BuildSpec>(&written).unwrap(), spec, "{written}");
            let (sent, written): (Row, Row) =
                (serde_json::from_str(&json).unwrap(), serde_json::from_str(&written).unwrap());
            assert!(sent.keys().eq(written.keys()), "{sent:?} {written:?}");
        }
    }
}
