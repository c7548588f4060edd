//! What a run asks people, and what it makes of their answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Job;
use super::coalesce::{Merged, check, merge};
use super::run::Teller;
use crate::access::Caller;
use crate::problem::Problem;

/// What a person is asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Question {
    /// A question of the model's.
    Clarification(String),
    /// Whether the columns are right.
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

    /// Takes an answer over. Any object will do; what in it counts is our choice.
    pub(super) fn answered(self, caller: &Caller, answer: Value, teller: &mut Teller<'_>) {
        match self {
            Self::Clarification(question) => teller.progress.job.clarifications.push((question, answer)),
            Self::SchemaReview if answer["approve"] == false => {
                teller.fail(&Problem::bad_request(
                    "a person did not approve of the columns; nothing is stored",
                ));
            }
            Self::SchemaReview => {
                if let Some(names) = answer["columns"].as_object() {
                    review(&mut teller.progress.job, names);
                }
            }
            // Who answers bears a token that is valid, or would not be heard: the run goes on with that one.
            Self::TokenRefresh => teller.progress.job.caller = caller.clone(),
        }
    }
}

/// Gives columns other names, as far as that loses none.
fn review(job: &mut Job, names: &Map<String, Value>) {
    let renamed = |(from, to): (&String, &Value)| {
        Some(Merged { name: to.as_str()?.to_owned(), from: vec![from.clone()], description: String::new() })
    };
    let merged: Vec<Merged> = names.iter().filter_map(renamed).collect();
    if check(&job.column_names(), &merged).is_ok() {
        job.rows = merge(&job.rows, &merged);
        let described = job.descriptions.iter().map(|(name, text)| {
            let own = merged.iter().find(|own| own.from.iter().any(|source| source == name));
            (own.map_or(name, |own| &own.name).to_owned(), text.to_owned())
        });
        job.descriptions = described.collect();
    }
}
