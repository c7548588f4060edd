//! The result of a query.

use chrono::{DateTime, FixedOffset};
use datalinks_gen::{IsoDuration, Row};
use serde::{Deserialize, Serialize};

use crate::types::Rejected;

/// The rows of a query, and the data that the service returns with them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueryAnswer<T> {
    /// The rows, in the order of the response.
    pub rows: Vec<T>,
    /// Rows that do not fit `T`. Empty unless the query was [lenient](crate::query::QueryBuilder::lenient).
    pub rejected: Vec<Rejected>,
    /// Number of rows, as the service reports it.
    pub count: Option<i64>,
    /// The query that ran.
    pub executed_query: Option<String>,
    /// The query that was sent.
    pub original_query: Option<String>,
    /// The dataset that the query started at.
    pub starting_dataset: Option<String>,
    /// The dataset of the rows.
    pub final_dataset: Option<String>,
    /// The kind of the result. The service does not document its values.
    pub result_type: Option<String>,
    /// The explanation of the execution, or `None` if it was not requested.
    pub explain: Option<Explain>,
    /// Other fields of the metadata.
    pub extra: Row,
}

impl<T> QueryAnswer<T> {
    /// Creates an answer with the given rows. All other fields are public.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::query::QueryAnswer;
    ///
    /// let mut answer = QueryAnswer::new(vec!["Alien", "Brazil"]);
    /// answer.executed_query = Some("FIND films".to_owned());
    /// assert_eq!((answer.rows.len(), answer.count), (2, None));
    /// ```
    pub fn new(rows: Vec<T>) -> Self {
        Self {
            rows,
            rejected: Vec::new(),
            count: None,
            executed_query: None,
            original_query: None,
            starting_dataset: None,
            final_dataset: None,
            result_type: None,
            explain: None,
            extra: Row::new(),
        }
    }
}

/// A node of the tree that explains a query.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explain {
    /// The id of the node.
    pub id: String,
    /// The dataset that was read, and its number of rows.
    #[serde(rename = "datasetQueriesStat")]
    pub dataset: DatasetCount,
    /// The start time of the node.
    pub start: DateTime<FixedOffset>,
    /// The duration of the node.
    pub duration: IsoDuration,
    /// The nodes that this node depends on.
    pub children: Vec<Explain>,
    /// Other fields of the node.
    #[serde(flatten)]
    pub extra: Row,
}

/// A dataset and the number of rows found in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatasetCount {
    /// The owner of the dataset.
    pub username: String,
    /// The namespace of the dataset.
    pub namespace: String,
    /// The name of the dataset.
    pub dataset: String,
    /// Number of rows found in the dataset.
    #[serde(deserialize_with = "datalinks_gen::whole::required")]
    pub result_count: i64,
    /// Other fields.
    #[serde(flatten)]
    pub extra: Row,
}
