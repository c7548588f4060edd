//! Operations whose responses hold secrets.
//!
//! Errors about such a response, and the items of it that are set aside, repeat nothing of its content.

use serde_json::error::Category;

/// Operations whose successful response may hold a value that the document marks with `x-secret`. A test compares the
/// list with the document.
const OPERATIONS: [&str; 4] = ["addToken", "listTokens", "prepareFileUpload", "prepareMultipartUpload"];

/// Returns whether a response of this operation may hold a secret.
pub(crate) fn in_response_of(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Describes why a response cannot be read by category and position. The message of serde repeats values.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a value is missing or has another type",
        Category::Eof => "the JSON ends too early",
        Category::Syntax | Category::Io => "it is not JSON",
    };
    let (line, column) = (error.line(), error.column());
    format!("{what} at line {line}, column {column}; the content is not shown, because it may hold a secret")
}
