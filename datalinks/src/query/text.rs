//! The text of a query.

use super::{
    fault::Fault,
    filter::Filter,
    quote::{dataset, found, quote},
};
use crate::error::Error;

/// The text of a query, built call by call.
///
/// A query starts at a dataset. Each call applies to the rows of the preceding call, and the calls are written in the
/// order in which they are made.
///
/// | method | call in the query language |
/// |---|---|
/// | [`dataset`](Self::dataset) | `Ontology("namespace/dataset")` |
/// | [`filter`](Self::filter) | `.filter(condition)` |
/// | [`search_around`](Self::search_around) | `.searchAround().find("dataset")` |
/// | [`search_around_within`](Self::search_around_within) | `.searchAround(depth).find("dataset")` |
/// | [`follow`](Self::follow) | `.follow("column", ...)` after `find` |
/// | [`sort_ascending`](Self::sort_ascending), [`sort_descending`](Self::sort_descending) | `.sortAscending("column")`, `.sortDescending("column")` |
/// | [`limit`](Self::limit) | `.limit(n)` |
///
/// The language has no aggregation and no projection. [`raw`](Self::raw) and [`call`](Self::call) take other forms as
/// text.
///
/// A call that cannot be written does not panic. [`build`](Self::build) returns the first error, and a query with an
/// error is not sent.
///
/// # Examples
///
/// ```
/// use datalinks::{field, query::QueryText};
///
/// // The ten oldest people who are linked with the five longest Japanese films.
/// let query = QueryText::dataset("cinema", "films")
///     .filter(field("country").eq("Japan"))
///     .sort_descending("runtime")
///     .limit(5)
///     .search_around("people")
///     .sort_ascending("born")
///     .sort_ascending("name")
///     .limit(10);
/// assert_eq!(
///     query.build()?,
///     [
///         r#"Ontology("cinema/films").filter("country" == "Japan").sortDescending("runtime").limit(5)"#,
///         r#".searchAround().find("people").sortAscending("born").sortAscending("name").limit(10)"#,
///     ]
///     .concat()
/// );
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct QueryText(Result<Written, Fault>);

/// A text that can be written so far.
#[derive(Clone, Debug)]
struct Written {
    text: String,
    end: End,
}

/// The kind of call that a text ends with.
#[derive(Clone, Copy, Debug)]
enum End {
    /// A `find`, after which `follow` is valid.
    Find,
    /// Text of the caller, which is not parsed.
    Raw,
    Other,
}

impl PartialEq for QueryText {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Ok(own), Ok(other)) => own.text == other.text,
            (Err(own), Err(other)) => own == other,
            _ => false,
        }
    }
}

impl QueryText {
    /// Creates a query for all rows of a dataset.
    pub fn dataset(namespace: &str, name: &str) -> Self {
        let text = dataset(namespace, name)
            .map(|name| Written { text: format!("Ontology({name})"), end: End::Other })
            .map_err(|fault| Fault::new(fault, "change it, or write the query with QueryText::raw"));
        Self(text)
    }

    /// Creates a query from text in the query language, which is sent as it is.
    ///
    /// The client does not parse the text. Never put untrusted input into it.
    pub fn raw(text: impl Into<String>) -> Self {
        Self(Ok(Written { text: text.into(), end: End::Raw }))
    }

    /// Creates the initial query of a namespace, which cannot be built.
    pub(crate) fn without_dataset(namespace: &str) -> Self {
        Self(Err(Fault::new(
            format!("the query from namespace {namespace:?} has no dataset to start at"),
            "set QueryBuilder::query_text or QueryBuilder::natural_language first, or start with Dataset::query",
        )))
    }

    /// Keeps only the rows that meet the condition.
    pub fn filter(self, filter: Filter) -> Self {
        self.then(End::Other, filter.text().map(|text| format!(".filter({text})")))
    }

    /// Moves to the rows of another dataset that are linked with the current rows.
    ///
    /// Later calls apply to the rows of that dataset. Another `search_around` can return to the first dataset. `other`
    /// is `namespace/dataset`, or the name alone. The service rejects a name that exists in several namespaces.
    pub fn search_around(self, other: &str) -> Self {
        self.then(End::Find, find(other).map(|find| format!(".searchAround(){find}")))
    }

    /// Moves to the rows of another dataset that are at most `depth` links away from the current rows.
    ///
    /// A `depth` of 0 is rejected. The service does not document a maximum.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::query::QueryText;
    ///
    /// let query = QueryText::dataset("cinema", "films").search_around_within("cinema/awards", 2);
    /// assert_eq!(query.build()?, r#"Ontology("cinema/films").searchAround(2).find("cinema/awards")"#);
    /// # Ok::<(), datalinks::Error>(())
    /// ```
    pub fn search_around_within(self, other: &str, depth: u32) -> Self {
        let call = if depth == 0 {
            let message = format!("the depth of the step to {other:?} is 0: expected at least 1 link");
            Err(Fault::new(
                message,
                "set a larger depth in search_around_within, or use search_around for 1 link",
            ))
        } else {
            find(other).map(|find| format!(".searchAround({depth}){find}"))
        };
        self.then(End::Find, call)
    }

    /// Restricts the preceding step over links to links at these columns.
    ///
    /// The columns belong to the dataset that the step starts from. The call is valid directly after
    /// [`search_around`](Self::search_around) or [`search_around_within`](Self::search_around_within), and after text
    /// of [`call`](Self::call) or [`raw`](Self::raw), which is not checked. It is rejected elsewhere, and without
    /// columns.
    ///
    /// The service does not document if the columns may be in quotes here. They are written in quotes, as in sorts.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::query::QueryText;
    ///
    /// let query = QueryText::dataset("cinema", "films").search_around("people").follow(["director", "producer"]);
    /// assert_eq!(
    ///     query.build()?,
    ///     r#"Ontology("cinema/films").searchAround().find("people").follow("director", "producer")"#
    /// );
    ///
    /// let error = QueryText::dataset("cinema", "films").follow(["director"]).build().unwrap_err();
    /// assert!(error.to_string().contains("search_around"));
    /// # Ok::<(), datalinks::Error>(())
    /// ```
    pub fn follow(self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        if let Ok(Written { end: End::Other, .. }) = self.0 {
            return Self(Err(Fault::new(
                "follow does not come after a step over links",
                "call follow once, directly after search_around or search_around_within",
            )));
        }
        let names: Result<Vec<_>, _> = columns.into_iter().map(|name| column(name.as_ref())).collect();
        let call = names.and_then(|names| {
            if names.is_empty() {
                return Err(Fault::new(
                    "follow has no column: expected at least 1",
                    "add columns, or remove follow to use every link",
                ));
            }
            Ok(format!(".follow({})", names.join(", ")))
        });
        self.then(End::Other, call)
    }

    /// Sorts the rows by a column, the smallest value first.
    ///
    /// If several sorts follow each other, the first one is the primary sort, and each further one orders rows that are
    /// equal in the sorts before it. The service does not document the comparison of numbers stored as strings, or the
    /// position of null and missing values.
    pub fn sort_ascending(self, column_name: &str) -> Self {
        self.then(End::Other, column(column_name).map(|name| format!(".sortAscending({name})")))
    }

    /// Sorts the rows by a column, the largest value first.
    ///
    /// See [`sort_ascending`](Self::sort_ascending) for several sorts and for undocumented details.
    pub fn sort_descending(self, column_name: &str) -> Self {
        self.then(End::Other, column(column_name).map(|name| format!(".sortDescending({name})")))
    }

    /// Keeps at most this number of rows.
    ///
    /// The limit applies at its position: before a step over links, it limits the rows that the step starts from. `0` is
    /// rejected, because the service does not document if `limit(0)` means no rows or no limit. The service does not
    /// document a default limit.
    pub fn limit(self, rows: u64) -> Self {
        let call = if rows == 0 {
            let message = "limit is 0: expected at least 1 row";
            Err(Fault::new(message, "remove limit for all rows, or write QueryText::call(\"limit(0)\")"))
        } else {
            Ok(format!(".limit({rows})"))
        };
        self.then(End::Other, call)
    }

    /// Appends a call as text in the query language, for example `filter().column("year > 2000")`.
    ///
    /// The client does not parse the text. Never put untrusted input into it.
    pub fn call(self, call: &str) -> Self {
        self.then(End::Raw, Ok(format!(".{}", call.trim_start_matches('.'))))
    }

    /// Returns the text of the query.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) for the first call that cannot be written:
    ///
    /// - a name or a value that requires an escape (see [`Filter::to_text`]), or a dataset without a name
    /// - a [`limit`](Self::limit) or a depth of 0
    /// - a [`follow`](Self::follow) without columns, or not directly after a step over links
    pub fn build(&self) -> Result<String, Error> {
        match &self.0 {
            Ok(written) => Ok(written.text.clone()),
            Err(fault) => Err(fault.clone().into_error()),
        }
    }

    fn then(self, end: End, call: Result<String, Fault>) -> Self {
        Self(self.0.and_then(|written| Ok(Written { text: written.text + &call?, end })))
    }
}

fn find(other: &str) -> Result<String, Fault> {
    found(other)
        .map(|name| format!(".find({name})"))
        .map_err(|fault| Fault::new(fault, "change it, or write the step with QueryText::call"))
}

fn column(name: &str) -> Result<String, Fault> {
    quote("column", name)
        .map_err(|fault| Fault::new(fault, "change it, or write the call with QueryText::call"))
}
