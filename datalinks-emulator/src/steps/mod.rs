//! Inference steps: what is done with rows before they are stored.
//!
//! One of them is certain: `rows`. Behind the others stands a model, or a rule where there is none. Each step works
//! on what the one before left, and keeps the columns that it has nothing to do with.

mod cells;
mod columns;
mod entities;
mod geo;
mod limits;
mod normalise;
mod parse;
mod rows;
pub(crate) mod suggest;
mod table;
mod validate;
mod value_shape;
mod worker;

pub(crate) use worker::{DatasetContext, StepRunner};

#[cfg(test)]
pub(crate) use {columns::COMPARED, limits::MAX_BYTES, rows::MAX_ROWS};

use serde::{Deserialize, Serialize};

use crate::concurrency::work::Pace;
use crate::models::ModelSession;
use crate::response::Problem;
use crate::store::InputRow;

/// What an ingest or a preview asks to do with its rows, in order.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct InferenceSteps(Vec<InferenceStep>);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum InferenceStep {
    Rows(rows::Rows),
    Table(table::Table),
    Normalise(normalise::Normalise),
    Validate(validate::Validate),
    ReverseGeo(geo::ReverseGeo),
    NamedEntities,
}

impl InferenceSteps {
    /// What of them needs a model, in words; `None`: nothing does.
    pub(crate) fn for_a_model(&self) -> Option<String> {
        let mut steps = self.0.iter().enumerate();
        steps.find_map(|(index, step)| Some(format!("infer.steps[{index}], a `{}` step,", step.by_model()?)))
    }

    /// Runs the steps.
    pub(crate) async fn run<'a>(
        &self,
        mut rows: Vec<InputRow<'a>>,
        worker: &StepRunner<'_>,
    ) -> Result<Vec<InputRow<'a>>, Problem> {
        let mut pace = Pace::default();
        for (index, step) in self.0.iter().enumerate() {
            let name = || format!("infer.steps[{index}], a `{}` step,", step.name());
            match (step, &worker.session) {
                (InferenceStep::Rows(step), _) => rows = step.unfold(rows, &name(), &mut pace).await?,
                (step, session) => {
                    step.check(&rows, &worker.about, &name(), &mut pace).await?;
                    match session {
                        Some(session) => step.ask(&mut rows, session, &worker.about).await?,
                        None => {
                            worker.count(&rows);
                            step.script(&mut rows, &worker.about, &mut pace).await;
                            worker.count(&rows);
                        }
                    }
                }
            }
        }
        Ok(rows)
    }
}

impl InferenceStep {
    /// Its type.
    fn name(&self) -> &'static str {
        match self {
            Self::Rows(_) => "rows",
            Self::Table(_) => "table",
            Self::Normalise(_) => "normalise",
            Self::Validate(_) => "validate",
            Self::ReverseGeo(_) => "reverseGeo",
            Self::NamedEntities => "namedEntities",
        }
    }

    /// Its type, if it needs a model.
    fn by_model(&self) -> Option<&'static str> {
        (!matches!(self, Self::Rows(_))).then(|| self.name())
    }

    /// Rejects rows to which the step would add too much.
    async fn check(
        &self,
        rows: &[InputRow<'_>],
        about: &DatasetContext,
        step: &str,
        pace: &mut Pace,
    ) -> Result<(), Problem> {
        match self {
            Self::Normalise(own) => own.check(rows, about, step, pace).await,
            Self::Validate(own) => own.check(rows, step),
            Self::Rows(_) | Self::Table(_) | Self::ReverseGeo(_) | Self::NamedEntities => Ok(()),
        }
    }

    async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        match self {
            Self::Rows(_) => Ok(()),
            Self::Table(step) => step.ask(rows, session, about).await,
            Self::Normalise(step) => step.ask(rows, session, about).await,
            Self::Validate(step) => step.ask(rows, session, about).await,
            Self::ReverseGeo(step) => step.ask(rows, session).await,
            Self::NamedEntities => entities::ask(rows, session).await,
        }
    }

    async fn script(&self, rows: &mut [InputRow<'_>], about: &DatasetContext, pace: &mut Pace) {
        match self {
            Self::Rows(_) => {}
            Self::Table(step) => step.script(rows, pace).await,
            Self::Normalise(step) => step.script(rows, about, pace).await,
            Self::Validate(step) => step.script(rows, pace).await,
            Self::ReverseGeo(step) => step.script(rows, pace).await,
            Self::NamedEntities => entities::script(rows, pace).await,
        }
    }
}

#[cfg(test)]
mod tests;
