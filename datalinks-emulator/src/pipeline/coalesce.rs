//! Coalescence: columns that mean the same become one, under the name that is wanted.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Job;
use crate::models::{Asker, ModelError, said};
use crate::store::{Cell, InputRow, OrderedTexts};

const TASK: &str = "You design the columns of a dataset. Give columns clear names, those of predefinedSchema where they \
                    fit, say what each holds, and merge columns that mean the same. Answer as {\"columns\": [{\"name\": \
                    \"height\", \"from\": [\"h\", \"Height (m)\"], \"description\": \"height in metres\"}]}: `from` names \
                    columns of the table, each once at the most; of several, the first value that is not null counts. \
                    Columns that you leave out stay as they are.";

const CLARIFY: &str = "If you cannot decide without knowing more, ask the person who sent the rows, and answer as \
                       {\"clarification\": \"your question\"} instead.";

/// People are asked so often at the most.
const CLARIFICATIONS: usize = 3;

/// One column, and those that it is made of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Merged {
    pub(super) name: String,
    pub(super) from: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Columns { columns: Vec<Merged> },
    Clarification { clarification: String },
}

/// What the model has decided.
pub(super) enum Coalesced {
    Columns(Vec<Merged>),
    /// It has a question first.
    Clarify(String),
}

/// Asks which columns become which.
pub(super) async fn coalesce(job: &Job, asker: &Asker<'_>) -> Result<Coalesced, ModelError> {
    let may_ask = job.switches.ask_human && job.clarifications.len() < CLARIFICATIONS;
    let task = if may_ask { format!("{TASK} {CLARIFY}") } else { TASK.to_owned() };
    let wish = job.coalescence_prompt.as_ref();
    let prompt = job.prompt("coalescence", &task, wish, job.llm.coalescence_temperature);
    let known = job.column_names();
    asker
        .ask_again(prompt, job.eval_retries, |json| match said(json)? {
            Said::Clarification { clarification } if may_ask => Ok(Coalesced::Clarify(clarification)),
            Said::Clarification { .. } => Err("nobody can be asked any more; decide".to_owned()),
            Said::Columns { columns } => check(&known, &columns).map(|()| Coalesced::Columns(columns)),
        })
        .await
}

/// Says what is wrong with a choice of columns.
pub(super) fn check(known: &[&str], merged: &[Merged]) -> Result<(), String> {
    let mut used: HashSet<&str> = HashSet::new();
    for source in merged.iter().flat_map(|own| &own.from) {
        if !known.contains(&source.as_str()) {
            return Err(format!("the table has no column {source:?}"));
        }
        if !used.insert(source) {
            return Err(format!("the column {source:?} is used twice"));
        }
    }
    let mut names: HashSet<&str> = known.iter().copied().filter(|name| !used.contains(name)).collect();
    for own in merged {
        if own.name.trim().is_empty() || own.from.is_empty() {
            return Err("each column needs a name, and a column that it comes from".to_owned());
        }
        if !names.insert(&own.name) {
            return Err(format!("there would be two columns {:?}", own.name));
        }
    }
    Ok(())
}

/// The rows with these columns. A merged column stands where the first of its sources stood.
pub(super) fn merge(rows: &[InputRow<'static>], merged: &[Merged]) -> Arc<Vec<InputRow<'static>>> {
    Arc::new(rows.iter().map(|row| merge_row(row, merged)).collect())
}

fn merge_row(row: &InputRow<'static>, merged: &[Merged]) -> InputRow<'static> {
    let mut cells: Vec<(Cow<'static, str>, Cell)> = Vec::with_capacity(row.cells.len());
    let mut done: HashSet<&str> = HashSet::new();
    for (name, cell) in &row.cells {
        match merged.iter().find(|own| own.from.iter().any(|source| source == name)) {
            None => cells.push((name.clone(), cell.clone())),
            Some(own) if done.insert(&own.name) => {
                let mut values = own.from.iter().filter_map(|source| row.get(source));
                let value = values.find(|cell| !matches!(cell, Cell::Null)).unwrap_or(&Cell::Null);
                cells.push((Cow::Owned(own.name.clone()), value.clone()));
            }
            Some(_) => {}
        }
    }
    InputRow { cells }
}

/// What is said about the columns.
pub(super) fn descriptions(merged: &[Merged]) -> OrderedTexts {
    let described = merged.iter().filter(|own| !own.description.is_empty());
    described.map(|own| (own.name.clone(), own.description.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(name: &str, from: &[&str]) -> Merged {
        let from = from.iter().map(|source| (*source).to_owned()).collect();
        Merged { name: name.to_owned(), from, description: String::new() }
    }

    #[test]
    fn the_first_value_that_is_not_null_counts() {
        let rows: Vec<InputRow<'_>> =
            serde_json::from_str(r#"[{"id":1,"h":null,"x":0,"Height":2},{"Height":3,"h":4},{"id":5}]"#)
                .unwrap();
        let rows: Vec<_> = rows.into_iter().map(InputRow::into_owned).collect();
        let out = merge(&rows, &[merged("height", &["h", "Height"])]);
        assert_eq!(
            serde_json::to_string(&*out).unwrap(),
            r#"[{"id":1,"height":2,"x":0},{"height":4},{"id":5}]"#
        );
    }

    #[test]
    fn a_choice_that_would_lose_values_is_none() {
        let known = ["a", "b", "c"];
        assert_eq!(check(&known, &[merged("b", &["a", "b"]), merged("a", &["c"])]), Ok(()));
        for (choice, objection) in [
            (vec![merged("x", &["z"])], "no column \"z\""),
            (vec![merged("x", &["a"]), merged("y", &["a"])], "used twice"),
            (vec![merged("b", &["a"])], "two columns \"b\""),
            (vec![merged("x", &["a"]), merged("x", &["b"])], "two columns \"x\""),
            (vec![merged(" ", &["a"])], "needs a name"),
            (vec![merged("x", &[])], "needs a name"),
        ] {
            assert!(check(&known, &choice).unwrap_err().contains(objection), "{choice:?}");
        }
    }
}
