//! Rows and events, which the programs and the server share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A row of about two hundred bytes as JSON.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Row {
    /// The number of the row.
    pub id: u64,
    /// A short string.
    pub name: String,
    /// A small integer.
    pub year: u16,
    /// A number with a fraction.
    pub score: f64,
    /// A longer string.
    pub text: String,
}

/// The text of every row.
pub const TEXT: &str =
    "Something that is said of it, in about a hundred bytes, so that a row has some two hundred in all.";

/// Returns the row with this number.
#[expect(clippy::cast_precision_loss, reason = "a fraction with many digits is wanted, whichever it is")]
pub fn row(id: u64) -> Row {
    let score = id as f64 / 7.0;
    Row { id, name: format!("row number {id}"), year: 1979, score, text: TEXT.to_owned() }
}

/// Returns the row with this number as a JSON map.
pub fn map(id: u64) -> Map<String, Value> {
    let Row { id, name, year, score, text } = row(id);
    let mut map = Map::new();
    map.insert("id".to_owned(), id.into());
    map.insert("name".to_owned(), name.into());
    map.insert("year".to_owned(), year.into());
    map.insert("score".to_owned(), score.into());
    map.insert("text".to_owned(), text.into());
    map
}

/// A step of an answer, as the contract describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// The index of the step.
    pub index: i64,
    /// The instruction of the step.
    pub instruction: String,
    /// The query that was run.
    pub query: String,
    /// The reason for the query.
    pub reasoning: String,
    /// The rows that the query found.
    pub data: Vec<Map<String, Value>>,
    /// Fields that the contract does not have.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An event of a pipeline run.
#[derive(Clone, Debug, Deserialize)]
pub struct Progress {
    /// The kind of event.
    #[serde(rename = "type")]
    pub kind: String,
    /// The number of the event.
    #[serde(default)]
    pub n: u64,
    /// A message.
    #[serde(default)]
    pub text: String,
}

/// The caller, as the contract describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The id of the user.
    pub id: String,
    /// The name of the user in paths.
    pub username: String,
    /// The full name of the user.
    pub name: Option<String>,
    /// The email address of the user.
    pub email: Option<String>,
}
