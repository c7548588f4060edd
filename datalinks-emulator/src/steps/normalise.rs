//! `normalise`: columns get the names that are wanted, and values one way to be written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cells::{Worked, set};
use super::columns::{Wanted, by_answer, by_name, clean, data_columns, rename, unchanged};
use super::table::objects;
use super::{About, ROWS_AT_ONCE};
use crate::models::{Asker, ModelError, Prompt, said_for_each};
use crate::problem::Problem;
use crate::store::{Cell, InputRow, OrderedTexts};

/// The column with what was changed, in words.
const METADATA: &str = "__metadata_normalize";

const MAP: &str = "You match the columns of a table with the columns that are wanted. Answer as {\"columns\": \
                   {\"wanted column\": \"column of the table\"}} with exactly the wanted columns; null for one that no \
                   column of the table fits. No column of the table may be used twice.";
const ALL: &str = "You bring the rows of a table into the wanted columns. Write every value as its column wants it: one \
                   form, one unit, no stray space; null where the row says nothing. Invent nothing. Answer as a JSON \
                   array of exactly one object for each row, in the order of the rows, whose keys are exactly the \
                   wanted columns.";
const FIELD: &str = "You bring the values of one column into one form: one unit, one way of writing, no stray space. \
                     Invent nothing. Answer as a JSON array of exactly one value for each value given, in their order; \
                     null stays null.";

/// How a model goes about it. The rule knows one way only.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Mode {
    /// It writes whole rows.
    #[serde(rename = "all-in-one")]
    AllInOne,
    /// It writes one column after the other.
    #[serde(rename = "field-by-field")]
    FieldByField,
    /// It tells which column is which, and writes no value.
    #[serde(rename = "embeddings")]
    Embeddings,
}

impl Mode {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "all-in-one" => Some(Self::AllInOne),
            "field-by-field" => Some(Self::FieldByField),
            "embeddings" => Some(Self::Embeddings),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Normalise {
    pub(super) mode: Mode,
    /// The columns wanted; those of the schema definition when there are none.
    pub(super) targets: Option<OrderedTexts>,
    pub(super) wish: Option<String>,
    pub(super) model: Option<String>,
}

impl Normalise {
    pub(super) fn script(&self, rows: &mut [InputRow<'_>], about: &About) {
        let wanted = by_name(rows, &self.targets(about));
        for row in rows {
            let before = row.clone();
            clean(row);
            rename(row, &wanted);
            set(row, METADATA, Worked::ByRule.text(&changes(&before, row, &wanted)));
        }
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let wanted = self.ask_columns(rows, asker, about).await?;
        for rows in rows.chunks_mut(ROWS_AT_ONCE) {
            let before = rows.to_vec();
            rows.iter_mut().for_each(clean);
            match self.mode {
                Mode::AllInOne => self.ask_rows(rows, &wanted, asker, about).await?,
                Mode::FieldByField => self.ask_fields(rows, &wanted, asker, about).await?,
                Mode::Embeddings => rows.iter_mut().for_each(|row| rename(row, &wanted)),
            }
            for (row, before) in rows.iter_mut().zip(&before) {
                set(row, METADATA, Worked::ByModel.text(&changes(before, row, &wanted)));
            }
        }
        Ok(())
    }

    fn targets(&self, about: &About) -> OrderedTexts {
        self.targets.clone().or_else(|| about.schema_definition.clone()).unwrap_or_default()
    }

    fn prompt(&self, task: &str, rows: impl Serialize, about: &About) -> Result<Prompt, ModelError> {
        let material = Material { rows, instructions: self.wish.as_deref(), about };
        Ok(Prompt::of("normalise", task, &material)?.model(self.model.as_deref()))
    }

    /// Which column is which. Where none are wanted, all stay what they are.
    async fn ask_columns(
        &self,
        rows: &[InputRow<'_>],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<Vec<Wanted>, Problem> {
        let targets = self.targets(about);
        if targets.iter().next().is_none() {
            return Ok(unchanged(rows));
        }
        let known = data_columns(rows);
        let sample = rows.get(..ROWS_AT_ONCE).unwrap_or(rows);
        let prompt = self.prompt(MAP, OfColumns { columns: &known, wanted: &targets, sample }, about)?;
        Ok(asker.ask(prompt, |json| by_answer(json, &known, &targets)).await?)
    }

    async fn ask_rows(
        &self,
        rows: &mut [InputRow<'_>],
        wanted: &[Wanted],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        let shown = wanted.iter().map(|own| (own.name.as_str(), own.description.as_str())).collect();
        let prompt = self.prompt(ALL, OfRows { wanted: shown, rows }, about)?;
        let read = |json: &str| {
            let said = objects(json, rows.len())?;
            let missing = |row: &InputRow<'_>| wanted.iter().find(|own| row.get(&own.name).is_none());
            match said.iter().find_map(missing) {
                Some(own) => Err(format!("an object lacks the column {:?}", own.name)),
                None => Ok(said),
            }
        };
        let said = asker.ask(prompt, read).await?;
        for (row, said) in rows.iter_mut().zip(said) {
            rename(row, wanted);
            for (name, cell) in
                said.cells.into_iter().filter(|(name, _)| wanted.iter().any(|own| own.name == *name))
            {
                set(row, &name, cell);
            }
        }
        Ok(())
    }

    async fn ask_fields(
        &self,
        rows: &mut [InputRow<'_>],
        wanted: &[Wanted],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        rows.iter_mut().for_each(|row| rename(row, wanted));
        for own in wanted.iter().filter(|own| own.source.is_some()) {
            let values: Vec<Option<&Cell>> = rows.iter().map(|row| row.get(&own.name)).collect();
            let material = OfValues { column: &own.name, description: &own.description, values };
            let count = rows.len();
            let prompt = self.prompt(FIELD, material, about)?;
            let said = asker.ask(prompt, |json| values_of(json, count)).await?;
            for (row, cell) in rows.iter_mut().zip(said) {
                set(row, &own.name, cell);
            }
        }
        Ok(())
    }
}

/// What a model is given to normalise. Values of rows are written as they came.
#[derive(Serialize)]
struct Material<'a, R> {
    #[serde(flatten)]
    rows: R,
    instructions: Option<&'a str>,
    about: &'a About,
}

#[derive(Serialize)]
struct OfColumns<'a, C> {
    columns: &'a C,
    wanted: &'a OrderedTexts,
    sample: &'a [InputRow<'a>],
}

#[derive(Serialize)]
struct OfRows<'a> {
    wanted: BTreeMap<&'a str, &'a str>,
    rows: &'a [InputRow<'a>],
}

#[derive(Serialize)]
struct OfValues<'a> {
    column: &'a str,
    description: &'a str,
    values: Vec<Option<&'a Cell>>,
}

/// What was changed in a row: renamed columns first, then added ones, then values.
fn changes(before: &InputRow<'_>, after: &InputRow<'_>, wanted: &[Wanted]) -> String {
    let source = |name: &str| {
        let own = wanted.iter().find(|own| own.name == name);
        own.map_or(Some(name.to_owned()), |own| own.source.clone())
    };
    let data = || after.cells.iter().filter(|(name, _)| !name.starts_with('_'));
    let (mut renamed, mut added, mut rewritten) = (Vec::new(), Vec::new(), Vec::new());
    for (name, cell) in data() {
        let was = source(name).and_then(|source| Some((before.get(&source)?, source)));
        let Some((old, source)) = was else {
            added.push(format!("added {name}"));
            continue;
        };
        if source != *name {
            renamed.push(format!("renamed {source} to {name}"));
        }
        if !old.is_same(cell) {
            rewritten.push(format!("rewrote {name}"));
        }
    }
    let all = [renamed, added, rewritten].concat();
    if all.is_empty() { "changed nothing".to_owned() } else { all.join(", ") }
}

/// A list of so many values.
fn values_of(json: &str, wanted: usize) -> Result<Vec<Cell>, String> {
    let said: Vec<&RawValue> = said_for_each(json, wanted)?;
    said.into_iter().map(|raw| Cell::from_raw(raw).map_err(|error| error.to_string())).collect()
}
