//! The stages of a run, in order.

use serde::{Deserialize, Serialize};

/// The next stage of a run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Stage {
    Start,
    /// Loads the schemas of the namespace. Without a model, a rule does all of modeling here.
    Base,
    Prompt,
    Explode,
    Coalesce,
    Describe,
    Evaluate,
    /// Assigns columns to predefined datasets, instead of modeling.
    Predefined,
    Preview,
    Ingest,
    Ontology,
    Over,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Base => "schemas",
            Self::Prompt => "prompt",
            Self::Explode => "explosion",
            Self::Coalesce => "coalescence",
            Self::Describe => "descriptions",
            Self::Evaluate => "evaluation",
            Self::Predefined => "normalisation",
            Self::Preview => "preview",
            Self::Ingest => "ingestion",
            Self::Ontology => "ontology",
            Self::Over => "over",
        }
    }
}
