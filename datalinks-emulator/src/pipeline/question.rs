//! What a run asks people.

use serde::{Deserialize, Serialize};

/// What a person is asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Question {
    /// A question about the prompt, where the model is not sure of it.
    Clarification(String),
    /// Whether the datasets are right.
    SchemaReview,
    /// For a token that is valid.
    TokenRefresh,
}

impl Question {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Clarification(_) => "clarification",
            Self::SchemaReview => "schemaReview",
            Self::TokenRefresh => "tokenRefresh",
        }
    }
}
