//! The questions of a run to a person.

use serde::{Deserialize, Serialize};

/// A question to a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Question {
    /// A question about the prompt, because the model is unsure.
    Clarification(String),
    /// A request to review the datasets.
    SchemaReview,
    /// A request for a valid token.
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
