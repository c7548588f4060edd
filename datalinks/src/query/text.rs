//! The text of a query.

use super::{
    Filter,
    quote::{dataset, quote},
};
use crate::Error;

/// A query, call by call.
///
/// ```
/// use datalinks::{QueryText, field};
///
/// let query = QueryText::dataset("cinema", "films")
///     .filter(field("country").eq("Japan"))
///     .search_around("people")
///     .filter(field("born").lt(1920));
/// assert_eq!(
///     query.build().unwrap(),
///     r#"Ontology("cinema/films").filter("country" == "Japan").searchAround().find("people").filter("born" < 1920)"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct QueryText(Result<String, String>);

impl QueryText {
    /// All rows of a dataset.
    pub fn dataset(namespace: &str, name: &str) -> Self {
        Self(dataset(namespace, name).map(|name| format!("Ontology({name})")))
    }

    /// A query in the words of the query language, taken as it is.
    pub fn raw(text: impl Into<String>) -> Self {
        Self(Ok(text.into()))
    }

    /// Only the rows that meet the condition.
    pub fn filter(self, filter: Filter) -> Self {
        self.then(filter.text().map(|text| format!(".filter({text})")))
    }

    /// On to the rows of another dataset that links lead to; what follows applies to those. The name
    /// may be that of a dataset alone, or `namespace/dataset`.
    pub fn search_around(self, other: &str) -> Self {
        self.then(quote("dataset", other).map(|name| format!(".searchAround().find({name})")))
    }

    /// Appends a further call, as it is written, for example `sortDescending("year")` or `limit(10)`. The language has
    /// no aggregation and no projection.
    pub fn call(self, call: &str) -> Self {
        self.then(Ok(format!(".{}", call.trim_start_matches('.'))))
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// The first name or value that cannot be written with certainty (see [`Filter::to_text`]).
    pub fn build(&self) -> Result<String, Error> {
        self.0.clone().map_err(|fault| {
            Error::invalid(fault)
                .advice("nothing was sent; change it, or write the query with QueryText::raw")
        })
    }

    fn then(self, call: Result<String, String>) -> Self {
        Self(self.0.and_then(|text| Ok(text + &call?)))
    }
}
