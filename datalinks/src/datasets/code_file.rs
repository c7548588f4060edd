//! A file of the code that the cleaning agent wrote.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use crate::types::from_wire;

/// A file of the code that the cleaning agent wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CodeFile {
    /// Name of the file.
    pub name: String,
    /// Content of the file.
    pub content: String,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl CodeFile {
    /// Creates a file.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { name: name.into(), content: content.into(), extra: Row::new() }
    }
}

from_wire! { CodeFile = types::CleanerAgentCodeFile { name, content, extra } }
