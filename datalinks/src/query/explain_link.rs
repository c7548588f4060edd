//! Why two columns match, or do not.

use std::sync::Arc;

use super::{blocking::blocking, builder::QueryBuilder, link_column::Column, link_report::LinkReport};
use crate::{
    client::DataLinks,
    datasets::{ColumnRef, Dataset},
    error::Error,
    types::impl_into_future,
};

/// Maximum number of different values that are kept of a column.
const MAX_DISTINCT: usize = 250_000;

/// Maximum number of examples of a kind.
const MAX_EXAMPLES: usize = 10;

impl DataLinks {
    /// Returns a builder that compares the values of two columns: which match, which are in one column only, and which nearly
    /// match. Await it for the report. Nothing is changed, and no link has to exist.
    ///
    /// All rows of both datasets are queried, one dataset after the other. The response of a query is in memory as a whole,
    /// and of its rows only the different values of the column are kept, up to a [limit](ExplainLink::max_distinct).
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if a name or a limit is invalid. Nothing was sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if a dataset does not exist, or you may not see it. A column that no row has is no
    ///   error: all its rows are empty.
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. The queries only read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// use datalinks::query::ValueDifference;
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// let people = dl.dataset("cinema", "people")?;
    /// # films.create().await?;
    /// # people.create().await?;
    /// films.ingest([json!({ "director": "Ridley Scott" }), json!({ "director": "José Padilha" })]).await?.check()?;
    /// people.ingest([json!({ "name": "Ridley Scott" }), json!({ "name": "Jose Padilha" })]).await?.check()?;
    ///
    /// let report = dl.explain_link(films.column("director"), people.column("name")).await?;
    /// assert_eq!(report.matching.distinct, 1);
    /// assert_eq!(report.only_from.examples[0].value, "José Padilha");
    /// assert_eq!(report.near.examples[0].differences, [ValueDifference::Accents]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain_link(&self, from: ColumnRef, to: ColumnRef) -> ExplainLink {
        ExplainLink { client: self.clone(), from, to, max_distinct: MAX_DISTINCT, max_examples: MAX_EXAMPLES }
    }
}

/// A builder that compares the values of two columns. Await it for the report.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ExplainLink {
    client: DataLinks,
    from: ColumnRef,
    to: ColumnRef,
    max_distinct: usize,
    max_examples: usize,
}

impl ExplainLink {
    /// Sets the maximum number of different values that are kept of a column. Defaults to 250,000.
    ///
    /// The rows with further values are counted in [`LinkColumn::cut_rows`](super::LinkColumn::cut_rows). Values at the end of
    /// the link that match one that was kept at its start are kept in addition.
    pub fn max_distinct(mut self, values: usize) -> Self {
        self.max_distinct = values;
        self
    }

    /// Sets the maximum number of examples of each kind. Defaults to 10.
    pub fn max_examples(mut self, values: usize) -> Self {
        self.max_examples = values;
        self
    }

    async fn send(self) -> Result<LinkReport, Error> {
        let Self { client, from, to, max_distinct, max_examples } = self;
        if max_distinct == 0 {
            return Err(Error::invalid(
                "the limit of values is 0: expected at least 1; set ExplainLink::max_distinct",
            ));
        }
        let (of_from, of_to) = (query(&client, &from)?, query(&client, &to)?);
        let name = from.column;
        let first = of_from
            .scan(Column::default(), move |column, row| column.count(row, &name, max_distinct, |_| false))
            .await?;
        let first = Arc::new(first);
        let (kept, name) = (Arc::clone(&first), to.column);
        let second = of_to
            .scan(Column::default(), move |column, row| {
                column.count(row, &name, max_distinct, |key| kept.values.contains_key(key))
            })
            .await?;
        blocking("the columns were not compared", move || LinkReport::of(&first, &second, max_examples)).await
    }
}

impl_into_future!(ExplainLink => LinkReport);

crate::client::builder_options!(ExplainLink, client);

/// Returns the query for all rows of the dataset of a column.
fn query(client: &DataLinks, column: &ColumnRef) -> Result<QueryBuilder, Error> {
    let namespace = client.namespace(&column.namespace)?.with_owner(&column.username)?;
    let dataset: Dataset = namespace.dataset(&column.dataset)?;
    Ok(dataset.query())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_limits() {
        assert_eq!((MAX_DISTINCT, MAX_EXAMPLES), (250_000, 10));
    }
}
