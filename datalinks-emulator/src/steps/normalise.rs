//! The step `normalise`: renames columns to target columns and unifies the notation of values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cells::{self, Method, set};
use super::columns::{Renaming, TargetColumn, by_model, by_name, clean, known_columns, unchanged};
use super::limits::{BATCH, MAX_BYTES, too_large};
use super::runner::DatasetContext;
use super::table::objects;
use crate::concurrency::work::{Map, Pace};
use crate::models::{ModelError, ModelSession, Prompt, parse_items};
use crate::response::Problem;
use crate::store::{Cell, InputRow, OrderedTexts};

/// The column that describes the changes in words.
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

/// The mode of a model. The rule ignores it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Mode {
    /// The model writes whole rows.
    #[serde(rename = "all-in-one")]
    AllInOne,
    /// The model writes one column after the other.
    #[serde(rename = "field-by-field")]
    FieldByField,
    /// The model only assigns columns to targets, and writes no values.
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
    /// The target columns. `None` means the columns of the schema definition.
    pub(super) targets: Option<OrderedTexts>,
    pub(super) instructions: Option<String>,
    pub(super) model: Option<String>,
}

impl Normalise {
    /// Rejects rows to which the target columns would add more than the limit: a null and a remark in each row that
    /// lacks them.
    pub(super) async fn check(
        &self,
        rows: &[InputRow<'_>],
        about: &DatasetContext,
        step: &str,
        pace: &mut Pace,
    ) -> Result<(), Problem> {
        let targets = self.targets(about);
        let all: usize = targets.iter().map(|(name, _)| added(name)).sum();
        if all.saturating_mul(rows.len()) <= MAX_BYTES {
            return Ok(());
        }
        let target_columns = by_name(rows, &targets, pace).await;
        let renaming = Renaming::new(&target_columns);
        let mut bytes = 0_usize;
        for row in rows {
            bytes = bytes.saturating_add(renaming.missing(row).map(added).sum());
            pace.step(row.cells.len() + target_columns.len()).await;
        }
        if bytes <= MAX_BYTES {
            return Ok(());
        }
        let what = format!(
            "would add about {bytes} bytes of columns that the {} rows lack, and at most {MAX_BYTES} bytes are added at a \
             time",
            rows.len()
        );
        Err(too_large(step, &what))
    }

    pub(super) async fn apply_rule(
        &self,
        rows: &mut [InputRow<'_>],
        about: &DatasetContext,
        pace: &mut Pace,
    ) {
        let target_columns = by_name(rows, &self.targets(about), pace).await;
        let renaming = Renaming::new(&target_columns);
        for row in rows {
            let before = row.clone();
            clean(row);
            renaming.apply(row);
            set(row, METADATA, Method::ByRule.text(&changes(&before, row, &renaming)));
            pace.step(row.cells.len()).await;
        }
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let target_columns = self.ask_columns(rows, session, about).await?;
        let renaming = Renaming::new(&target_columns);
        for rows in rows.chunks_mut(BATCH) {
            let before = rows.to_vec();
            rows.iter_mut().for_each(clean);
            match self.mode {
                Mode::AllInOne => self.ask_rows(rows, &target_columns, &renaming, session, about).await?,
                Mode::FieldByField => {
                    self.ask_fields(rows, &target_columns, &renaming, session, about).await?
                }
                Mode::Embeddings => rows.iter_mut().for_each(|row| renaming.apply(row)),
            }
            for (row, before) in rows.iter_mut().zip(&before) {
                set(row, METADATA, Method::ByModel.text(&changes(before, row, &renaming)));
            }
        }
        Ok(())
    }

    /// Returns the target columns, without this step's own metadata column.
    fn targets(&self, about: &DatasetContext) -> OrderedTexts {
        let targets = self.targets.as_ref().or(about.schema_definition.as_ref());
        let targets = targets.into_iter().flat_map(OrderedTexts::iter).filter(|(name, _)| *name != METADATA);
        targets.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    fn prompt(&self, task: &str, rows: impl Serialize, about: &DatasetContext) -> Result<Prompt, ModelError> {
        let material = Material { rows, instructions: self.instructions.as_deref(), about };
        Ok(Prompt::of("normalise", task, &material)?.model(self.model.as_deref()))
    }

    /// Asks the model for the assignment of columns. Without target columns, all columns stay unchanged.
    async fn ask_columns(
        &self,
        rows: &[InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<Vec<TargetColumn>, Problem> {
        let targets = self.targets(about);
        if targets.iter().next().is_none() {
            return Ok(unchanged(rows));
        }
        let known = known_columns(rows, &targets);
        let sample = rows.get(..BATCH).unwrap_or(rows);
        let prompt = self.prompt(MAP, OfColumns { columns: &known, wanted: &targets, sample }, about)?;
        Ok(session.ask(prompt, |json| by_model(json, &known, &targets)).await?)
    }

    async fn ask_rows(
        &self,
        rows: &mut [InputRow<'_>],
        target_columns: &[TargetColumn],
        renaming: &Renaming<'_>,
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        let shown = target_columns.iter().map(|own| (own.name.as_str(), own.description.as_str())).collect();
        let prompt = self.prompt(ALL, OfRows { wanted: shown, rows }, about)?;
        let read = |json: &str| {
            let reply = objects(json, rows.len())?;
            let missing = |row: &InputRow<'_>| {
                let there = cells::by_name(row);
                target_columns.iter().find(|own| !there.contains_key(own.name.as_str()))
            };
            match reply.iter().find_map(missing) {
                Some(own) => Err(format!("an object lacks the column {:?}", own.name)),
                None => Ok(reply),
            }
        };
        let reply = session.ask(prompt, read).await?;
        for (row, reply) in rows.iter_mut().zip(reply) {
            renaming.apply(row);
            let positions: Map<String, usize> =
                row.cells.iter().enumerate().map(|(at, (name, _))| (name.clone().into_owned(), at)).collect();
            for (name, cell) in reply.cells.into_iter().filter(|(name, _)| renaming.is_target(name)) {
                // The row contains every target column after the renaming.
                if let Some((_, slot)) = positions.get(&*name).and_then(|at| row.cells.get_mut(*at)) {
                    *slot = cell;
                }
            }
        }
        Ok(())
    }

    async fn ask_fields(
        &self,
        rows: &mut [InputRow<'_>],
        target_columns: &[TargetColumn],
        renaming: &Renaming<'_>,
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        rows.iter_mut().for_each(|row| renaming.apply(row));
        for own in target_columns.iter().filter(|own| own.source.is_some()) {
            let values: Vec<Option<&Cell>> = rows.iter().map(|row| row.get(&own.name)).collect();
            let material = OfValues { column: &own.name, description: &own.description, values };
            let count = rows.len();
            let prompt = self.prompt(FIELD, material, about)?;
            let reply = session.ask(prompt, |json| values_of(json, count)).await?;
            for (row, cell) in rows.iter_mut().zip(reply) {
                set(row, &own.name, cell);
            }
        }
        Ok(())
    }
}

/// The material for a prompt. Values of rows are written unchanged.
#[derive(Serialize)]
struct Material<'a, R> {
    #[serde(flatten)]
    rows: R,
    instructions: Option<&'a str>,
    about: &'a DatasetContext,
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

/// Returns the approximate number of bytes that a column adds to a row that lacks it: the null, and a remark in the
/// metadata.
fn added(name: &str) -> usize {
    cells::size(name, "") + "added , ".len() + name.len()
}

/// Describes the changes in a row: renamed columns first, then added columns, then rewritten values.
fn changes(before: &InputRow<'_>, after: &InputRow<'_>, renaming: &Renaming<'_>) -> String {
    let before = cells::by_name(before);
    let data = || after.cells.iter().filter(|(name, _)| !name.starts_with('_'));
    let (mut renamed, mut added, mut rewritten) = (Vec::new(), Vec::new(), Vec::new());
    for (name, cell) in data() {
        let was = renaming.source(name).and_then(|source| Some((before.get(source)?, source)));
        let Some((old, source)) = was else {
            added.push(format!("added {name}"));
            continue;
        };
        if source != name {
            renamed.push(format!("renamed {source} to {name}"));
        }
        if !old.is_same(cell) {
            rewritten.push(format!("rewrote {name}"));
        }
    }
    let all = [renamed, added, rewritten].concat();
    if all.is_empty() { "changed nothing".to_owned() } else { all.join(", ") }
}

/// Parses a list with exactly `expected` values.
fn values_of(json: &str, expected: usize) -> Result<Vec<Cell>, String> {
    let reply: Vec<&RawValue> = parse_items(json, expected)?;
    reply.into_iter().map(|raw| Cell::from_raw(raw).map_err(|error| error.to_string())).collect()
}
