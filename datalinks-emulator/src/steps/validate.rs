//! The step `validate`: checks the values of some columns. All rows are kept.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::cells::{Method, by_name, remove, set, text};
use super::limits::{BATCH, MAX_BYTES, too_large};
use super::runner::DatasetContext;
use super::value_shape::{kind, shape};
use crate::concurrency::work::{self, Pace, count};
use crate::models::{ModelSession, Prompt, parse_items, parse_response};
use crate::response::Problem;
use crate::store::{Cell, InputRow, OrderedTexts};

/// The boolean column with the result of the check.
const VALID: &str = "__valid";
/// The column with the reasons, only on invalid rows. The service does not document such a column.
const FAULTS: &str = "__metadata_validate";
/// Approximate number of bytes of a fault without the name of its column.
const FAULT: usize = 64;
/// Number of values of a column in a prompt for its pattern.
const SAMPLES: usize = 20;

const ROWS: &str = "You check rows of a table. Say of each row whether its values make sense, alone and together. \
                    Answer as a JSON array of exactly one array for each row, in the order of the rows: the faults of \
                    the row as short texts, empty for a row without fault.";
const FIELDS: &str = "You check the values of a table, each by itself. Answer as a JSON array of exactly one array for \
                      each row, in the order of the rows: for each value that makes no sense in its column a short \
                      text that begins with the name of the column, empty for a row without fault.";
const REGEX: &str = "You find the pattern of the values of a column. For each column write one regular expression that \
                     a right value matches as a whole. Use neither look-around nor backreferences. Answer as \
                     {\"column\": \"expression\"}, with exactly the columns given.";

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Mode {
    #[serde(rename = "rows")]
    Rows,
    #[serde(rename = "fields")]
    Fields,
    #[serde(rename = "regex")]
    Regex,
}

impl Mode {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "rows" => Some(Self::Rows),
            "fields" => Some(Self::Fields),
            "regex" => Some(Self::Regex),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Validate {
    pub(super) mode: Mode,
    pub(super) columns: Vec<String>,
    pub(super) model: Option<String>,
}

impl Validate {
    /// Rejects rows for which the faults could exceed the limit, if every column had a fault in every row.
    pub(super) fn check(&self, rows: &[InputRow<'_>], step: &str) -> Result<(), Problem> {
        let each: usize = self.columns.iter().map(|column| column.len() + FAULT).sum();
        let bytes = each.saturating_mul(rows.len());
        if bytes <= MAX_BYTES {
            return Ok(());
        }
        let what = format!(
            "would check {} columns of {} rows and could write {bytes} bytes about them, and at most {MAX_BYTES} bytes are \
             written at a time",
            self.columns.len(),
            rows.len()
        );
        Err(too_large(step, &what))
    }

    pub(super) async fn apply_rule(&self, rows: &mut [InputRow<'_>], pace: &mut Pace) {
        let describe = match self.mode {
            Mode::Rows => None,
            Mode::Fields => Some(kind as fn(&str) -> String),
            Mode::Regex => Some(shape as fn(&str) -> String),
        };
        let usual = match describe {
            None => work::Map::default(),
            Some(describe) => self.usual(rows, describe, pace).await,
        };
        for row in rows {
            let values = by_name(row);
            let faults = self.columns.iter().filter_map(|column| {
                count(1);
                let Some(text) = values.get(column.as_str()).and_then(|cell| cell.link_key()) else {
                    return Some(format!("{column}: has no value"));
                };
                let (own, usual) = (describe?(text), usual.get(column.as_str())?);
                (own != *usual).then(|| format!("{column}: is {own}, and most are {usual}"))
            });
            let faults: Vec<String> = faults.collect();
            write(row, &faults, Method::ByRule);
            pace.step(row.cells.len() + self.columns.len()).await;
        }
    }

    /// Returns the most frequent form of the values in each column. Equally frequent forms are ordered by their first
    /// occurrence.
    async fn usual(
        &self,
        rows: &[InputRow<'_>],
        describe: fn(&str) -> String,
        pace: &mut Pace,
    ) -> work::Map<&str, String> {
        // The count and first row of each form.
        let mut seen: work::Map<&str, work::Map<String, (usize, usize)>> =
            self.columns.iter().map(|column| (column.as_str(), work::Map::default())).collect();
        for (index, row) in rows.iter().enumerate() {
            for (name, cell) in &row.cells {
                let Some(forms) = seen.get_mut(&**name) else { continue };
                if let Some(text) = cell.link_key() {
                    forms.entry(describe(text)).or_insert((0, index)).0 += 1;
                }
            }
            pace.step(row.cells.len()).await;
        }
        let most = seen.into_iter().filter_map(|(column, forms)| {
            let most = forms.into_iter().min_by_key(|(_, (count, first))| (Reverse(*count), *first));
            Some((column, most?.0))
        });
        most.collect()
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        match self.mode {
            Mode::Rows => self.ask_faults(ROWS, rows, session, about).await,
            Mode::Fields => self.ask_faults(FIELDS, rows, session, about).await,
            Mode::Regex => self.ask_patterns(rows, session, about).await,
        }
    }

    async fn ask_faults(
        &self,
        task: &str,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        for rows in rows.chunks_mut(BATCH) {
            let shown: Vec<InputRow<'_>> = rows.iter().map(|row| self.shown(row)).collect();
            let count = shown.len();
            let prompt = Prompt::of("validate", task, &Material { rows: shown, about })?;
            let prompt = prompt.model(self.model.as_deref());
            let reply: Vec<Vec<String>> = session.ask(prompt, |json| parse_items(json, count)).await?;
            for (row, faults) in rows.iter_mut().zip(reply) {
                write(row, &faults, Method::ByModel);
            }
        }
        Ok(())
    }

    async fn ask_patterns(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        if rows.is_empty() || self.columns.is_empty() {
            return Ok(());
        }
        let samples = self.columns.iter().map(|column| {
            let values = rows.iter().filter_map(|row| text(row, column)).take(SAMPLES);
            (column.as_str(), values.collect())
        });
        let material = Samples { about, columns: samples.collect() };
        let prompt = Prompt::of("validate", REGEX, &material)?.model(self.model.as_deref());
        let (patterns, compiled) = session.ask(prompt, |json| self.patterns(json)).await?;
        for row in rows {
            let values = by_name(row);
            let value = |column: &str| values.get(column).and_then(|cell| cell.link_key());
            let faults = compiled.iter().filter_map(|(column, pattern)| match value(column) {
                None => Some(format!("{column}: has no value")),
                Some(text) if pattern.is_match(text) => None,
                Some(_) => {
                    Some(format!("{column}: does not match {}", patterns.get(column).unwrap_or_default()))
                }
            });
            let faults: Vec<String> = faults.collect();
            write(row, &faults, Method::ByModel);
        }
        Ok(())
    }

    /// Returns the patterns that a model wrote, as written and compiled.
    fn patterns(&self, json: &str) -> Result<(OrderedTexts, Vec<(String, Regex)>), String> {
        let reply: OrderedTexts = parse_response(json)?;
        let compiled = self.columns.iter().map(|column| {
            let pattern = reply.get(column).ok_or_else(|| format!("the column {column:?} is missing"))?;
            let whole = Regex::new(&format!("^(?:{pattern})$"));
            Ok((
                column.clone(),
                whole.map_err(|error| format!("{pattern:?} is not a valid pattern: {error}"))?,
            ))
        });
        let compiled = compiled.collect::<Result<Vec<_>, String>>()?;
        Ok((reply, compiled))
    }

    /// Returns the values of a row that are to be checked.
    fn shown(&self, row: &InputRow<'_>) -> InputRow<'_> {
        let values = by_name(row);
        let cells = self.columns.iter().filter_map(|column| {
            Some((Cow::Borrowed(column.as_str()), Cell::clone(values.get(column.as_str())?)))
        });
        InputRow { cells: cells.collect() }
    }
}

/// The material of a prompt that checks rows. Values are written unchanged.
#[derive(Serialize)]
struct Material<'a> {
    rows: Vec<InputRow<'a>>,
    about: &'a DatasetContext,
}

/// The material of a prompt for patterns of columns.
#[derive(Serialize)]
struct Samples<'a> {
    about: &'a DatasetContext,
    columns: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Writes the result of a check. Replaces the result of an earlier check.
fn write(row: &mut InputRow<'_>, faults: &[String], method: Method) {
    set(row, VALID, Cell::Bool(faults.is_empty()));
    if faults.is_empty() {
        remove(row, FAULTS);
    } else {
        set(row, FAULTS, method.text(&faults.join("; ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::{assert_proportional, block_on};
    use crate::response::SCRIPTED_PREFIX;

    #[test]
    fn many_columns_take_linear_time() {
        for mode in [Mode::Rows, Mode::Fields, Mode::Regex] {
            assert_proportional(10_000, |size| {
                let columns: Vec<String> = (0..size).map(|number| format!("c{number}")).collect();
                let cells = columns.iter().rev().map(|name| (name.clone().into(), Cell::Text("x".into())));
                let mut rows = vec![InputRow { cells: cells.collect() }; 2];
                let check = Validate { mode, columns, model: None };
                block_on(check.apply_rule(&mut rows, &mut Pace::default()));
            });
        }
    }

    #[test]
    fn check_with_too_many_possible_faults_is_rejected() {
        let check = Validate { mode: Mode::Rows, columns: vec!["c".repeat(1_000); 100], model: None };
        let rows = vec![InputRow::default(); 1_262];
        assert!(check.check(&rows[1..], "the step").is_ok());
        let message = check.check(&rows, "the step").unwrap_err().message;
        assert!(message.starts_with("the step would check 100 columns of 1262 rows"), "{message}");
    }

    fn faults(mode: Mode) -> Vec<Option<String>> {
        let mut rows: Vec<InputRow<'_>> = serde_json::from_str(
            r#"[{"h":21,"id":"A-1"},{"h":"tall","id":"B-22"},{"h":"3.5","id":"C1"},{"id":" "}]"#,
        )
        .unwrap();
        let columns = vec!["h".to_owned(), "id".to_owned()];
        let check = Validate { mode, columns, model: None };
        block_on(check.apply_rule(&mut rows, &mut Pace::default()));
        let faults = |row: &InputRow<'_>| {
            let Some(Cell::Bool(valid)) = row.get(VALID) else { panic!("{row:?}") };
            let faults = row.get(FAULTS).map(|cell| cell.as_text().unwrap());
            assert_eq!(*valid, faults.is_none(), "{row:?}");
            faults.map(|text| text.strip_prefix(SCRIPTED_PREFIX).unwrap().trim_start().to_owned())
        };
        rows.iter().map(faults).collect()
    }

    #[test]
    fn each_mode_applies_its_rule() {
        let some = |text: &str| Some(text.to_owned());
        let empty = some("h: has no value; id: has no value");
        assert_eq!(faults(Mode::Rows), [None, None, None, empty.clone()]);
        let text = some("h: is a text, and most are a number");
        assert_eq!(faults(Mode::Fields), [None, text, None, empty.clone()]);
        let shapes = faults(Mode::Regex);
        assert_eq!(shapes[0], None, "the first of equally frequent shapes");
        assert_eq!(
            shapes[2],
            some(
                "h: is like \"9.9\", and most are like \"9\"; id: is like \"a9\", and most are like \"a-9\""
            )
        );
        assert_eq!(shapes[3], empty);
    }

    #[test]
    fn later_check_replaces_the_result_of_an_earlier_check() {
        let mut rows: Vec<InputRow<'_>> = serde_json::from_str(r#"[{"a":"x","b":null}]"#).unwrap();
        let check =
            |column: &str| Validate { mode: Mode::Rows, columns: vec![column.to_owned()], model: None };
        block_on(check("b").apply_rule(&mut rows, &mut Pace::default()));
        assert!(serde_json::to_string(&rows).unwrap().contains(r#""__valid":false,"__metadata_validate":"#));
        block_on(check("a").apply_rule(&mut rows, &mut Pace::default()));
        assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"a":"x","b":null,"__valid":true}]"#);
    }
}
