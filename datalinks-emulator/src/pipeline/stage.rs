//! The stages of a run, one after the other.

use serde::{Deserialize, Serialize};

/// What a run does next.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Stage {
    Start,
    /// Modeling, with the schemas of the namespace as a base. Without a model, all of it by a rule.
    Base,
    Prompt,
    Explode,
    Coalesce,
    Describe,
    Evaluate,
    /// Predefined datasets, in the place of modeling.
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
