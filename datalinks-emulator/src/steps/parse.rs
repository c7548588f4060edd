//! The parsing of the inference steps in a request.

use super::geo::ReverseGeo;
use super::normalise::{self, Normalise};
use super::rows::Rows;
use super::table::Table;
use super::validate::{self, Validate};
use super::{InferenceStep, InferenceSteps};
use crate::request::Fields;

impl InferenceSteps {
    /// Reads the field `infer`.
    pub(crate) fn take(fields: &mut Fields<'_>) -> Self {
        let mut steps = Vec::new();
        let Some(mut infer) = fields.object("infer") else { return Self(steps) };
        for mut step in infer.objects("steps") {
            let kind: String = step.required("type");
            match kind.as_str() {
                "rows" => steps.push(InferenceStep::Rows(Rows { derive_from: step.required("deriveFrom") })),
                "table" => steps.push(InferenceStep::Table(table(&mut step))),
                "normalise" | "normalize" => steps.extend(normalise(&mut step).map(InferenceStep::Normalise)),
                "validate" => steps.extend(validate(&mut step).map(InferenceStep::Validate)),
                "reverseGeo" => {
                    steps.push(InferenceStep::ReverseGeo(ReverseGeo {
                        derive_from: step.optional("deriveFrom"),
                    }));
                }
                "namedEntities" => steps.push(InferenceStep::NamedEntities),
                _ => step.wrong("type", "one of table, rows, normalise, validate, reverseGeo, namedEntities"),
            }
            infer.close(step);
        }
        fields.close(infer);
        Self(steps)
    }
}

/// Reads the model of a step. The provider is ignored, because the emulator has only one.
fn model(step: &mut Fields<'_>) -> Option<String> {
    let _: Option<String> = step.optional("provider");
    step.optional("model")
}

/// Returns the instructions for the model, from the newer field or from the older one.
fn instructions(step: &mut Fields<'_>, newer: Option<String>) -> Option<String> {
    let older: Option<String> = step.optional("helperPrompt");
    newer.or(older).filter(|text| !text.trim().is_empty())
}

fn table(step: &mut Fields<'_>) -> Table {
    let newer = step.optional("additionalInstructions");
    Table {
        derive_from: step.required("deriveFrom"),
        instructions: instructions(step, newer),
        model: model(step),
        replace: step.optional("replaceOriginalColumn").unwrap_or(false),
    }
}

fn normalise(step: &mut Fields<'_>) -> Option<Normalise> {
    let name: String = step.required("mode");
    let mode = normalise::Mode::of(&name);
    if mode.is_none() {
        step.wrong("mode", "one of all-in-one, field-by-field, embeddings");
    }
    let newer = step.description("dataDescription");
    let targets = step.optional("targetCols");
    let (instructions, model) = (instructions(step, newer), model(step));
    Some(Normalise { mode: mode?, targets, instructions, model })
}

fn validate(step: &mut Fields<'_>) -> Option<Validate> {
    let name: String = step.required("mode");
    let mode = validate::Mode::of(&name);
    if mode.is_none() {
        step.wrong("mode", "one of rows, fields, regex");
    }
    let (columns, model) = (step.required("columns"), model(step));
    Some(Validate { mode: mode?, columns, model })
}
