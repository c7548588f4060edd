//! Inference steps: transformations of rows before they are stored.
//!
//! The step `rows` is deterministic. The others use a model, or a rule if no model is configured. Each step processes
//! the result of the previous step and keeps all columns that it does not change.

mod cells;
mod columns;
mod entities;
mod geo;
mod limits;
mod normalise;
mod parse;
mod rows;
mod runner;
pub(crate) mod suggest;
mod table;
mod validate;
mod value_shape;

pub(crate) use runner::{DatasetContext, StepRunner};

#[cfg(test)]
pub(crate) use {columns::COMPARED, limits::MAX_BYTES, rows::MAX_ROWS};

use serde::{Deserialize, Serialize};

use crate::concurrency::work::Pace;
use crate::models::ModelSession;
use crate::response::Problem;
use crate::store::InputRow;

/// The inference steps of an ingest or a preview, in order.
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
    /// Returns a description of the first step that needs a model, or `None` if none of them does.
    pub(crate) fn first_model_step(&self) -> Option<String> {
        let mut steps = self.0.iter().enumerate();
        steps.find_map(|(index, step)| Some(format!("infer.steps[{index}], a `{}` step,", step.by_model()?)))
    }

    /// Runs the steps.
    pub(crate) async fn run<'a>(
        &self,
        mut rows: Vec<InputRow<'a>>,
        runner: &StepRunner<'_>,
    ) -> Result<Vec<InputRow<'a>>, Problem> {
        let mut pace = Pace::default();
        for (index, step) in self.0.iter().enumerate() {
            let name = || format!("infer.steps[{index}], a `{}` step,", step.name());
            match (step, &runner.session) {
                (InferenceStep::Rows(step), _) => rows = step.unfold(rows, &name(), &mut pace).await?,
                (step, session) => {
                    step.check(&rows, &runner.about, &name(), &mut pace).await?;
                    match session {
                        Some(session) => step.ask(&mut rows, session, &runner.about).await?,
                        None => {
                            runner.count(&rows);
                            step.apply_rule(&mut rows, &runner.about, &mut pace).await;
                            runner.count(&rows);
                        }
                    }
                }
            }
        }
        Ok(rows)
    }
}

impl InferenceStep {
    /// Returns the type of the step.
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

    /// Returns the type of the step if it needs a model.
    fn by_model(&self) -> Option<&'static str> {
        (!matches!(self, Self::Rows(_))).then(|| self.name())
    }

    /// Rejects rows to which the step would add more than the limit.
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

    async fn apply_rule(&self, rows: &mut [InputRow<'_>], about: &DatasetContext, pace: &mut Pace) {
        match self {
            Self::Rows(_) => {}
            Self::Table(step) => step.apply_rule(rows, pace).await,
            Self::Normalise(step) => step.apply_rule(rows, about, pace).await,
            Self::Validate(step) => step.apply_rule(rows, pace).await,
            Self::ReverseGeo(step) => step.apply_rule(rows, pace).await,
            Self::NamedEntities => entities::apply_rule(rows, pace).await,
        }
    }
}

#[cfg(test)]
mod tests;
