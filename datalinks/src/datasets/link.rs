//! Linking two columns.

use datalinks_gen::api::types;
use http::StatusCode;

use super::match_types::{ColumnRef, MatchType};
use crate::{client::DataLinks, error::Error, types::impl_into_future};

/// A link about to be added; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddLink {
    client: DataLinks,
    body: types::AddLinkRequest,
}

/// What came of adding a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddLinkOutcome {
    /// It was made (201).
    Created,
    /// It was there already (200).
    AlreadyExists,
}

impl DataLinks {
    /// Links two columns, so that queries can go from one dataset to the other. The columns must
    /// exist. Exact match unless told otherwise.
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
        AddLink { client: self.clone(), body }
    }
}

impl AddLink {
    /// How values are compared.
    pub fn match_type(mut self, match_type: MatchType) -> Self {
        self.body.match_type = match_type;
        self
    }

    /// Sets the options of the match: those of the match type. The contract declares those of equal values and of
    /// places, and `null` for none.
    pub fn match_options(mut self, options: types::LinkOptions) -> Self {
        self.body.options = Some(options);
        self
    }

    async fn send(self) -> Result<AddLinkOutcome, Error> {
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
