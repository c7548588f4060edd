//! Adding a link between two columns.

use datalinks_gen::{Row, api::types};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::match_types::{ColumnRef, ExactMatch, GeoMatch, MatchType};
use crate::{client::DataLinks, error::Error, json::write_strictly, types::impl_into_future};

/// A builder for a link between two columns. Await it to send the request.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddLink {
    client: DataLinks,
    body: types::AddLinkRequest,
    /// Options of the match, or the reason why they cannot be sent.
    options: Option<Result<Value, String>>,
}

/// The outcome of adding a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddLinkOutcome {
    /// The link was created (201).
    Created,
    /// The link exists already (200).
    AlreadyExists,
}

impl DataLinks {
    /// Returns a builder that links two columns, so that queries can follow the link from one dataset to the other. Await it to
    /// send the request.
    ///
    /// Both columns must exist. Links match equal values unless another match is set.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the options of the match cannot be written as JSON. Nothing was
    ///   sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if a dataset or column does not exist, or you may not see it.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let films = dl.dataset("cinema", "films")?;
    /// let people = dl.dataset("cinema", "people")?;
    /// dl.add_link(films.column("director"), people.column("name")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_link(&self, from: ColumnRef, to: ColumnRef) -> AddLink {
        let body = types::AddLinkRequest {
            from: identifier(from),
            to: identifier(to),
            match_type: MatchType::ExactMatch,
            options: None,
        };
        AddLink { client: self.clone(), body, options: None }
    }
}

impl AddLink {
    /// Sets how values are compared. Defaults to [`MatchType::ExactMatch`].
    pub fn match_type(mut self, match_type: MatchType) -> Self {
        self.body.match_type = match_type;
        self
    }

    /// Sets a match of equal values with the given options.
    pub fn exact(self, options: ExactMatch) -> Self {
        self.typed(MatchType::ExactMatch, &options)
    }

    /// Sets a match of places by distance, with the given options.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::datasets::GeoMatch;
    ///
    /// let (trees, towns) = (dl.dataset("plants", "trees")?, dl.dataset("plants", "towns")?);
    /// dl.add_link(trees.column("place"), towns.column("place")).geo(GeoMatch::new().distance(2.5)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn geo(self, options: GeoMatch) -> Self {
        self.typed(MatchType::GeoMatch, &options)
    }

    /// Sets the options of the match as a JSON object, for options that this crate does not know.
    pub fn match_options(mut self, options: Row) -> Self {
        self.options = Some(Ok(options.into()));
        self
    }

    fn typed(mut self, match_type: MatchType, options: &impl Serialize) -> Self {
        self.body.match_type = match_type;
        let mut text = Vec::new();
        self.options = Some(
            write_strictly(&mut text, options)
                .map_err(|error| error.to_string())
                .and_then(|()| serde_json::from_slice(&text).map_err(|error| error.to_string())),
        );
        self
    }

    async fn send(mut self) -> Result<AddLinkOutcome, Error> {
        if let Some(options) = self.options {
            let options = options
                .and_then(|options| serde_json::from_value(options).map_err(|error| error.to_string()));
            self.body.options = Some(options.map_err(|error| {
                Error::invalid(format!("the options of the match cannot be sent: {error}"))
            })?);
        }
        let call = self.client.call();
        let result = call.client().add_link(&self.body).await;
        let ((), facts) = call.finish_with_facts(result)?;
        Ok(if facts.status == StatusCode::CREATED {
            AddLinkOutcome::Created
        } else {
            AddLinkOutcome::AlreadyExists
        })
    }
}

impl_into_future!(AddLink => AddLinkOutcome);

fn identifier(column: ColumnRef) -> types::ApiStringColumnIdentifier {
    types::ApiStringColumnIdentifier {
        username: column.username,
        namespace: column.namespace,
        dataset: column.dataset,
        column_name: column.column,
    }
}

crate::client::builder_options!(AddLink, client);
