//! `normalise`: columns get the names that are wanted, and values one way to be written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cells::{self, Worked, set};
use super::columns::{Renaming, TargetColumn, by_answer, by_name, clean, known_columns, unchanged};
use super::limits::{MAX_BYTES, ROWS_AT_ONCE, too_much};
use super::table::objects;
use super::worker::DatasetContext;
use crate::concurrency::work::{Map, Pace};
use crate::models::{ModelError, ModelSession, Prompt, parse_items};
use crate::response::Problem;
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
    /// Rejects rows to which the wanted columns would add too much: a null in each row that lacks them, and a word about
    /// it.
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
        let wanted = by_name(rows, &targets, pace).await;
        let renaming = Renaming::new(&wanted);
        let mut bytes = 0_usize;
        for row in rows {
            bytes = bytes.saturating_add(renaming.missing(row).map(added).sum());
            pace.step(row.cells.len() + wanted.len()).await;
        }
        if bytes <= MAX_BYTES {
            return Ok(());
        }
        let what = format!(
            "would add about {bytes} bytes of columns that the {} rows lack, and at most {MAX_BYTES} bytes are added at a \
             time",
            rows.len()
        );
        Err(too_much(step, &what))
    }

    pub(super) async fn script(&self, rows: &mut [InputRow<'_>], about: &DatasetContext, pace: &mut Pace) {
        let wanted = by_name(rows, &self.targets(about), pace).await;
        let renaming = Renaming::new(&wanted);
        for row in rows {
            let before = row.clone();
            clean(row);
            renaming.apply(row);
            set(row, METADATA, Worked::ByRule.text(&changes(&before, row, &renaming)));
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
        let wanted = self.ask_columns(rows, session, about).await?;
        let renaming = Renaming::new(&wanted);
        for rows in rows.chunks_mut(ROWS_AT_ONCE) {
            let before = rows.to_vec();
            rows.iter_mut().for_each(clean);
            match self.mode {
                Mode::AllInOne => self.ask_rows(rows, &wanted, &renaming, session, about).await?,
                Mode::FieldByField => self.ask_fields(rows, &wanted, &renaming, session, about).await?,
                Mode::Embeddings => rows.iter_mut().for_each(|row| renaming.apply(row)),
            }
            for (row, before) in rows.iter_mut().zip(&before) {
                set(row, METADATA, Worked::ByModel.text(&changes(before, row, &renaming)));
            }
        }
        Ok(())
    }

    /// The columns wanted. The column that this step writes itself is none of them.
    fn targets(&self, about: &DatasetContext) -> OrderedTexts {
        let targets = self.targets.as_ref().or(about.schema_definition.as_ref());
        let targets = targets.into_iter().flat_map(OrderedTexts::iter).filter(|(name, _)| *name != METADATA);
        targets.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    fn prompt(&self, task: &str, rows: impl Serialize, about: &DatasetContext) -> Result<Prompt, ModelError> {
        let material = Material { rows, instructions: self.wish.as_deref(), about };
        Ok(Prompt::of("normalise", task, &material)?.model(self.model.as_deref()))
    }

    /// Which column is which. Where none are wanted, all stay what they are.
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
        let sample = rows.get(..ROWS_AT_ONCE).unwrap_or(rows);
        let prompt = self.prompt(MAP, OfColumns { columns: &known, wanted: &targets, sample }, about)?;
        Ok(session.ask(prompt, |json| by_answer(json, &known, &targets)).await?)
    }

    async fn ask_rows(
        &self,
        rows: &mut [InputRow<'_>],
        wanted: &[TargetColumn],
        renaming: &Renaming<'_>,
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        let shown = wanted.iter().map(|own| (own.name.as_str(), own.description.as_str())).collect();
        let prompt = self.prompt(ALL, OfRows { wanted: shown, rows }, about)?;
        let read = |json: &str| {
            let said = objects(json, rows.len())?;
            let missing = |row: &InputRow<'_>| {
                let there = cells::by_name(row);
                wanted.iter().find(|own| !there.contains_key(own.name.as_str()))
            };
            match said.iter().find_map(missing) {
                Some(own) => Err(format!("an object lacks the column {:?}", own.name)),
                None => Ok(said),
            }
        };
        let said = session.ask(prompt, read).await?;
        for (row, said) in rows.iter_mut().zip(said) {
            renaming.apply(row);
            let places: Map<String, usize> =
                row.cells.iter().enumerate().map(|(at, (name, _))| (name.clone().into_owned(), at)).collect();
            for (name, cell) in said.cells.into_iter().filter(|(name, _)| renaming.wants(name)) {
                // Every wanted column is there since the row was renamed.
                if let Some((_, slot)) = places.get(&*name).and_then(|at| row.cells.get_mut(*at)) {
                    *slot = cell;
                }
            }
        }
        Ok(())
    }

    async fn ask_fields(
        &self,
        rows: &mut [InputRow<'_>],
        wanted: &[TargetColumn],
        renaming: &Renaming<'_>,
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        rows.iter_mut().for_each(|row| renaming.apply(row));
        for own in wanted.iter().filter(|own| own.source.is_some()) {
            let values: Vec<Option<&Cell>> = rows.iter().map(|row| row.get(&own.name)).collect();
            let material = OfValues { column: &own.name, description: &own.description, values };
            let count = rows.len();
            let prompt = self.prompt(FIELD, material, about)?;
            let said = session.ask(prompt, |json| values_of(json, count)).await?;
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

/// About how many bytes a column adds to a row that lacks it: the null, and a word about it in the metadata.
fn added(name: &str) -> usize {
    cells::size(name, "") + "added , ".len() + name.len()
}

/// What was changed in a row: renamed columns first, then added ones, then values.
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

/// A list of so many values.
fn values_of(json: &str, wanted: usize) -> Result<Vec<Cell>, String> {
    let said: Vec<&RawValue> = parse_items(json, wanted)?;
    said.into_iter().map(|raw| Cell::from_raw(raw).map_err(|error| error.to_string())).collect()
}
