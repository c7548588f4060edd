//! `validate`: whether the values of some columns are as they should be. All rows are kept.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::cells::{Worked, by_name, remove, set, text};
use super::limits::{MAX_BYTES, ROWS_AT_ONCE, too_much};
use super::value_shape::{kind, shape};
use super::worker::DatasetContext;
use crate::concurrency::work::{self, Pace, count};
use crate::models::{ModelSession, Prompt, parse_items, parse_response};
use crate::response::Problem;
use crate::store::{Cell, InputRow, OrderedTexts};

/// Whether the row passed: true or false.
const VALID: &str = "__valid";
/// The reasons, on rows that did not pass. The service documents no such column.
const FAULTS: &str = "__metadata_validate";
/// About how many bytes a fault has beside the name of its column.
const FAULT: usize = 64;
/// Values of a column that a model is shown to find their pattern.
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
    /// Rejects rows about which too much could be said: about each column in each row.
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
        Err(too_much(step, &what))
    }

    pub(super) async fn script(&self, rows: &mut [InputRow<'_>], pace: &mut Pace) {
        let look = match self.mode {
            Mode::Rows => None,
            Mode::Fields => Some(kind as fn(&str) -> String),
            Mode::Regex => Some(shape as fn(&str) -> String),
        };
        let usual = match look {
            None => work::Map::default(),
            Some(look) => self.usual(rows, look, pace).await,
        };
        for row in rows {
            let values = by_name(row);
            let faults = self.columns.iter().filter_map(|column| {
                count(1);
                let Some(text) = values.get(column.as_str()).and_then(|cell| cell.link_key()) else {
                    return Some(format!("{column}: has no value"));
                };
                let (own, usual) = (look?(text), usual.get(column.as_str())?);
                (own != *usual).then(|| format!("{column}: is {own}, and most are {usual}"))
            });
            let faults: Vec<String> = faults.collect();
            write(row, &faults, Worked::ByRule);
            pace.step(row.cells.len() + self.columns.len()).await;
        }
    }

    /// What most values of each column look like; the first seen of several.
    async fn usual(
        &self,
        rows: &[InputRow<'_>],
        look: fn(&str) -> String,
        pace: &mut Pace,
    ) -> work::Map<&str, String> {
        // How often each look was seen, and when first.
        let mut seen: work::Map<&str, work::Map<String, (usize, usize)>> =
            self.columns.iter().map(|column| (column.as_str(), work::Map::default())).collect();
        for (index, row) in rows.iter().enumerate() {
            for (name, cell) in &row.cells {
                let Some(looks) = seen.get_mut(&**name) else { continue };
                if let Some(text) = cell.link_key() {
                    looks.entry(look(text)).or_insert((0, index)).0 += 1;
                }
            }
            pace.step(row.cells.len()).await;
        }
        let most = seen.into_iter().filter_map(|(column, looks)| {
            let most = looks.into_iter().min_by_key(|(_, (count, first))| (Reverse(*count), *first));
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
        for rows in rows.chunks_mut(ROWS_AT_ONCE) {
            let shown: Vec<InputRow<'_>> = rows.iter().map(|row| self.shown(row)).collect();
            let count = shown.len();
            let prompt = Prompt::of("validate", task, &Material { rows: shown, about })?;
            let prompt = prompt.model(self.model.as_deref());
            let said: Vec<Vec<String>> = session.ask(prompt, |json| parse_items(json, count)).await?;
            for (row, faults) in rows.iter_mut().zip(said) {
                write(row, &faults, Worked::ByModel);
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
            write(row, &faults, Worked::ByModel);
        }
        Ok(())
    }

    /// The patterns that a model wrote, as written and ready for use.
    fn patterns(&self, json: &str) -> Result<(OrderedTexts, Vec<(String, Regex)>), String> {
        let said: OrderedTexts = parse_response(json)?;
        let compiled = self.columns.iter().map(|column| {
            let pattern = said.get(column).ok_or_else(|| format!("the column {column:?} is missing"))?;
            let whole = Regex::new(&format!("^(?:{pattern})$"));
            Ok((column.clone(), whole.map_err(|error| format!("{pattern:?} is no pattern: {error}"))?))
        });
        let compiled = compiled.collect::<Result<Vec<_>, String>>()?;
        Ok((said, compiled))
    }

    /// The values of a row that are to be checked.
    fn shown(&self, row: &InputRow<'_>) -> InputRow<'_> {
        let values = by_name(row);
        let cells = self.columns.iter().filter_map(|column| {
            Some((Cow::Borrowed(column.as_str()), Cell::clone(values.get(column.as_str())?)))
        });
        InputRow { cells: cells.collect() }
    }
}

/// Rows that a model is to check. Values are written as they came.
#[derive(Serialize)]
struct Material<'a> {
    rows: Vec<InputRow<'a>>,
    about: &'a DatasetContext,
}

/// Values of columns whose patterns a model is to find.
#[derive(Serialize)]
struct Samples<'a> {
    about: &'a DatasetContext,
    columns: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Writes the result of a check. It replaces that of an earlier one.
fn write(row: &mut InputRow<'_>, faults: &[String], worked: Worked) {
    set(row, VALID, Cell::Bool(faults.is_empty()));
    if faults.is_empty() {
        remove(row, FAULTS);
    } else {
        set(row, FAULTS, worked.text(&faults.join("; ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::{assert_proportional, block_on};
    use crate::response::SCRIPTED_PREFIX;

    #[test]
    fn many_columns_take_steps_in_proportion() {
        for mode in [Mode::Rows, Mode::Fields, Mode::Regex] {
            assert_proportional(10_000, |size| {
                let columns: Vec<String> = (0..size).map(|number| format!("c{number}")).collect();
                let cells = columns.iter().rev().map(|name| (name.clone().into(), Cell::Text("x".into())));
                let mut rows = vec![InputRow { cells: cells.collect() }; 2];
                let check = Validate { mode, columns, model: None };
                block_on(check.script(&mut rows, &mut Pace::default()));
            });
        }
    }

    #[test]
    fn a_check_that_could_say_too_much_is_rejected() {
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
        block_on(check.script(&mut rows, &mut Pace::default()));
        let faults = |row: &InputRow<'_>| {
            let Some(Cell::Bool(valid)) = row.get(VALID) else { panic!("{row:?}") };
            let faults = row.get(FAULTS).map(|cell| cell.as_text().unwrap());
            assert_eq!(*valid, faults.is_none(), "{row:?}");
            faults.map(|text| text.strip_prefix(SCRIPTED_PREFIX).unwrap().trim_start().to_owned())
        };
        rows.iter().map(faults).collect()
    }

    #[test]
    fn each_mode_has_its_rule() {
        let some = |text: &str| Some(text.to_owned());
        let empty = some("h: has no value; id: has no value");
        assert_eq!(faults(Mode::Rows), [None, None, None, empty.clone()]);
        let text = some("h: is a text, and most are a number");
        assert_eq!(faults(Mode::Fields), [None, text, None, empty.clone()]);
        let shapes = faults(Mode::Regex);
        assert_eq!(shapes[0], None, "shapes with the same count: the first seen");
        assert_eq!(
            shapes[2],
            some(
                "h: is like \"9.9\", and most are like \"9\"; id: is like \"a9\", and most are like \"a-9\""
            )
        );
        assert_eq!(shapes[3], empty);
    }

    #[test]
    fn a_later_check_replaces_the_result_of_an_earlier_one() {
        let mut rows: Vec<InputRow<'_>> = serde_json::from_str(r#"[{"a":"x","b":null}]"#).unwrap();
        let check =
            |column: &str| Validate { mode: Mode::Rows, columns: vec![column.to_owned()], model: None };
        block_on(check("b").script(&mut rows, &mut Pace::default()));
        assert!(serde_json::to_string(&rows).unwrap().contains(r#""__valid":false,"__metadata_validate":"#));
        block_on(check("a").script(&mut rows, &mut Pace::default()));
        assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"a":"x","b":null,"__valid":true}]"#);
    }
}
