//! Inference steps: what is done with rows before they are stored.
//!
//! One of them is certain: `rows`. Behind the others stands a model, or a rule where there is none. Each step works
//! on what the one before left, and keeps the columns that it has nothing to do with.

mod cells;
mod columns;
mod entities;
mod geo;
mod look;
mod normalise;
mod rows;
mod table;
mod take;
mod validate;
mod worker;

pub(crate) use rows::unfold;
pub(crate) use worker::{About, Worker};

use serde::{Deserialize, Serialize};

use crate::models::Asker;
use crate::problem::Problem;
use crate::store::InputRow;

/// Rows that a model is given at a time.
const ROWS_AT_ONCE: usize = 20;

/// What an ingest or a preview asks to do with its rows, in order.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Steps(Vec<Step>);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Step {
    Rows(rows::Rows),
    Table(table::Table),
    Normalise(normalise::Normalise),
    Validate(validate::Validate),
    ReverseGeo(geo::ReverseGeo),
    NamedEntities,
}

impl Steps {
    /// What of them needs a model, in words; `None`: nothing does.
    pub(crate) fn for_a_model(&self) -> Option<String> {
        let mut steps = self.0.iter().enumerate();
        steps.find_map(|(index, step)| Some(format!("infer.steps[{index}], a `{}` step,", step.by_model()?)))
    }

    /// Runs the steps.
    pub(crate) async fn run<'a>(
        &self,
        mut rows: Vec<InputRow<'a>>,
        worker: &Worker<'_>,
    ) -> Result<Vec<InputRow<'a>>, Problem> {
        for step in &self.0 {
            match (step, &worker.asker) {
                (Step::Rows(step), _) => rows = unfold(rows, &step.derive_from)?,
                (step, Some(asker)) => step.ask(&mut rows, asker, &worker.about).await?,
                (step, None) => {
                    worker.count(&rows);
                    step.script(&mut rows, &worker.about);
                    worker.count(&rows);
                }
            }
        }
        Ok(rows)
    }
}

impl Step {
    /// Its type, if it needs a model.
    fn by_model(&self) -> Option<&'static str> {
        match self {
            Self::Rows(_) => None,
            Self::Table(_) => Some("table"),
            Self::Normalise(_) => Some("normalise"),
            Self::Validate(_) => Some("validate"),
            Self::ReverseGeo(_) => Some("reverseGeo"),
            Self::NamedEntities => Some("namedEntities"),
        }
    }

    async fn ask(&self, rows: &mut [InputRow<'_>], asker: &Asker<'_>, about: &About) -> Result<(), Problem> {
        match self {
            Self::Rows(_) => Ok(()),
            Self::Table(step) => step.ask(rows, asker, about).await,
            Self::Normalise(step) => step.ask(rows, asker, about).await,
            Self::Validate(step) => step.ask(rows, asker, about).await,
            Self::ReverseGeo(step) => step.ask(rows, asker).await,
            Self::NamedEntities => entities::ask(rows, asker).await,
        }
    }

    fn script(&self, rows: &mut [InputRow<'_>], about: &About) {
        match self {
            Self::Rows(_) => {}
            Self::Table(step) => step.script(rows),
            Self::Normalise(step) => step.script(rows, about),
            Self::Validate(step) => step.script(rows),
            Self::ReverseGeo(step) => step.script(rows),
            Self::NamedEntities => entities::script(rows),
        }
    }
}

#[cfg(test)]
mod tests;
