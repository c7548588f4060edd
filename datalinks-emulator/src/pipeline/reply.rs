//! The effect of a person's answer on a run.

use serde_json::{Map, Value};

use super::plan::{DatasetPlan, check_name};
use super::progress::RunContext;
use super::question::Question;
use crate::accounts::Caller;
use crate::response::Problem;

impl Question {
    /// Applies an answer. Any object is accepted. The emulator defines which fields have an effect.
    pub(super) fn apply_answer(self, caller: &Caller, answer: Value, context: &mut RunContext<'_>) {
        match self {
            Self::Clarification(question) => {
                context.progress.job.known.clarifications.push((question, answer));
            }
            Self::SchemaReview if answer["approve"] == false => {
                let rejected = "a person did not approve of the datasets; nothing is stored";
                context.fail(&Problem::bad_request(rejected).into());
            }
            Self::SchemaReview => {
                let plan = &mut context.progress.job.known.plan;
                if let Some(names) = answer["datasets"].as_object() {
                    rename_datasets(plan, names);
                }
                if let Some(names) = answer["columns"].as_object() {
                    plan.iter_mut().for_each(|dataset| rename_columns(dataset, names));
                }
            }
            // The answer was authenticated with a valid token, so the run continues with that token.
            Self::TokenRefresh => context.progress.job.caller = caller.clone(),
        }
    }
}

/// Renames datasets, if the new names are valid and unique.
fn rename_datasets(plan: &mut [DatasetPlan], names: &Map<String, Value>) {
    let renamed: Vec<String> = plan.iter().map(|dataset| new_name(&dataset.name, names)).collect();
    if are_unique(&renamed) && renamed.iter().all(|name| check_name(name).is_ok()) {
        for (dataset, name) in plan.iter_mut().zip(renamed) {
            dataset.name = name;
        }
    }
}

/// Renames columns of a dataset, if the new names are valid and unique.
fn rename_columns(dataset: &mut DatasetPlan, names: &Map<String, Value>) {
    let renamed: Vec<String> = dataset.columns.iter().map(|column| new_name(&column.name, names)).collect();
    if are_unique(&renamed) && renamed.iter().all(|name| !name.trim().is_empty()) {
        dataset.identifier = dataset.identifier.as_ref().map(|own| new_name(own, names));
        for (column, name) in dataset.columns.iter_mut().zip(renamed) {
            column.name = name;
        }
    }
}

fn new_name(name: &str, names: &Map<String, Value>) -> String {
    names.get(name).and_then(Value::as_str).unwrap_or(name).to_owned()
}

fn are_unique(names: &[String]) -> bool {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair.first() != pair.last())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::plan::ColumnPlan;
    use super::*;

    #[test]
    fn renaming_keeps_names_unique() {
        let mut plan = vec![
            DatasetPlan::new("a", vec![ColumnPlan::of("x", "x"), ColumnPlan::of("y", "y")]),
            DatasetPlan::new("b", vec![ColumnPlan::of("x", "x")]),
        ];
        plan[0].identifier = Some("x".to_owned());
        let names = |value: Value| value.as_object().cloned().unwrap();
        rename_datasets(&mut plan, &names(json!({ "a": "b" })));
        rename_datasets(&mut plan, &names(json!({ "a": " " })));
        assert_eq!((plan[0].name.as_str(), plan[1].name.as_str()), ("a", "b"));
        rename_datasets(&mut plan, &names(json!({ "a": "b", "b": "a" })));
        assert_eq!((plan[0].name.as_str(), plan[1].name.as_str()), ("b", "a"));
        for invalid in [json!({ "x": "y" }), json!({ "x": "" })] {
            rename_columns(&mut plan[0], &names(invalid));
            assert_eq!(plan[0].column_names(), ["x", "y"]);
        }
        rename_columns(&mut plan[0], &names(json!({ "x": "y", "y": "z", "q": "r", "z": 5 })));
        assert_eq!((plan[0].column_names(), plan[0].identifier.as_deref()), (vec!["y", "z"], Some("y")));
    }
}
