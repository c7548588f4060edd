//! `validate`: what is wrong with the values of some columns. The rows stay as they are.

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::cells::{Metadata, text};
use super::look::{kind, most_frequent, shape};
use super::{About, ROWS_AT_ONCE};
use crate::models::{Asker, Prompt, said, said_for_each};
use crate::problem::Problem;
use crate::store::{InputRow, OrderedTexts};

const METADATA: &str = "__metadata_validate";
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

    fn rule(self) -> &'static str {
        match self {
            Self::Rows => "Each of the columns must have a value.",
            Self::Fields => {
                "Each value must be of the kind, number or text, that most values of its column have."
            }
            Self::Regex => {
                "Each value must have the shape, letters, digits and signs, that most of its column have."
            }
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Validate {
    pub(super) mode: Mode,
    pub(super) columns: Vec<String>,
    pub(super) model: Option<String>,
}

#[derive(Serialize)]
struct Facts<'a> {
    mode: Mode,
    #[serde(skip_serializing_if = "Option::is_none")]
    patterns: Option<&'a OrderedTexts>,
    valid: bool,
    faults: Vec<String>,
}

impl Validate {
    pub(super) fn script(&self, rows: &mut [InputRow<'_>]) {
        let look = match self.mode {
            Mode::Rows => None,
            Mode::Fields => Some(kind as fn(&str) -> String),
            Mode::Regex => Some(shape as fn(&str) -> String),
        };
        let usual: Vec<Option<String>> = self
            .columns
            .iter()
            .map(|column| look.and_then(|look| most_frequent(rows, column, look)))
            .collect();
        for row in rows {
            let faults = self.columns.iter().zip(&usual).filter_map(|(column, usual)| {
                let (text, usual) = match (text(row, column), usual) {
                    (None, _) => return Some(format!("{column}: has no value")),
                    (Some(_), None) => return None,
                    (Some(text), Some(usual)) => (text, usual),
                };
                let own = look.map(|look| look(text))?;
                (own != *usual).then(|| format!("{column}: is {own}, and most are {usual}"))
            });
            let faults: Vec<String> = faults.collect();
            self.write(row, faults, None, Some(self.mode.rule()));
        }
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        match self.mode {
            Mode::Rows => self.ask_faults(ROWS, rows, asker, about).await,
            Mode::Fields => self.ask_faults(FIELDS, rows, asker, about).await,
            Mode::Regex => self.ask_patterns(rows, asker, about).await,
        }
    }

    async fn ask_faults(
        &self,
        task: &str,
        rows: &mut [InputRow<'_>],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        for rows in rows.chunks_mut(ROWS_AT_ONCE) {
            let shown: Vec<Map<String, Value>> = rows.iter().map(|row| self.shown(row)).collect();
            let material = json!({ "rows": shown, "about": about }).to_string();
            let prompt = Prompt::new("validate", task, material).model(self.model.as_deref());
            let said: Vec<Vec<String>> = asker.ask(prompt, |json| said_for_each(json, shown.len())).await?;
            for (row, faults) in rows.iter_mut().zip(said) {
                self.write(row, faults, None, None);
            }
        }
        Ok(())
    }

    async fn ask_patterns(
        &self,
        rows: &mut [InputRow<'_>],
        asker: &Asker<'_>,
        about: &About,
    ) -> Result<(), Problem> {
        if rows.is_empty() || self.columns.is_empty() {
            return Ok(());
        }
        let samples = self.columns.iter().map(|column| {
            let values = rows.iter().filter_map(|row| text(row, column)).take(SAMPLES);
            (column.clone(), Value::from(values.collect::<Vec<_>>()))
        });
        let samples: Map<String, Value> = samples.collect();
        let material = json!({ "columns": samples, "about": about }).to_string();
        let prompt = Prompt::new("validate", REGEX, material).model(self.model.as_deref());
        let (patterns, compiled) = asker.ask(prompt, |json| self.patterns(json)).await?;
        for row in rows {
            let faults = compiled.iter().filter_map(|(column, pattern)| match text(row, column) {
                None => Some(format!("{column}: has no value")),
                Some(text) if pattern.is_match(text) => None,
                Some(_) => {
                    Some(format!("{column}: does not match {}", patterns.get(column).unwrap_or_default()))
                }
            });
            let faults: Vec<String> = faults.collect();
            self.write(row, faults, Some(&patterns), None);
        }
        Ok(())
    }

    /// The patterns that a model wrote, as written and ready for use.
    fn patterns(&self, json: &str) -> Result<(OrderedTexts, Vec<(String, Regex)>), String> {
        let said: OrderedTexts = said(json)?;
        let compiled = self.columns.iter().map(|column| {
            let pattern = said.get(column).ok_or_else(|| format!("the column {column:?} is missing"))?;
            let whole = Regex::new(&format!("^(?:{pattern})$"));
            Ok((column.clone(), whole.map_err(|error| format!("{pattern:?} is no pattern: {error}"))?))
        });
        let compiled = compiled.collect::<Result<Vec<_>, String>>()?;
        Ok((said, compiled))
    }

    /// The values of a row that are to be checked.
    fn shown(&self, row: &InputRow<'_>) -> Map<String, Value> {
        let cells = self.columns.iter().filter_map(|column| Some((column.clone(), row.get(column)?)));
        cells.map(|(column, cell)| (column, json!(cell))).collect()
    }

    fn write(
        &self,
        row: &mut InputRow<'_>,
        faults: Vec<String>,
        patterns: Option<&OrderedTexts>,
        rule: Option<&str>,
    ) {
        let facts = Facts { mode: self.mode, patterns, valid: faults.is_empty(), faults };
        Metadata::new(facts, rule).write(row, METADATA);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(mode: Mode) -> Vec<Value> {
        let mut rows: Vec<InputRow<'_>> = serde_json::from_str(
            r#"[{"h":21,"id":"A-1"},{"h":"tall","id":"B-22"},{"h":"3.5","id":"C1"},{"id":" "}]"#,
        )
        .unwrap();
        let columns = vec!["h".to_owned(), "id".to_owned()];
        Validate { mode, columns, model: None }.script(&mut rows);
        let told = |row: &InputRow<'_>| {
            let told: Value = serde_json::from_str(row.get(METADATA).unwrap().as_text().unwrap()).unwrap();
            assert_eq!(told["valid"], told["faults"] == json!([]), "{told}");
            told["faults"].clone()
        };
        rows.iter().map(told).collect()
    }

    #[test]
    fn each_mode_has_its_rule() {
        let empty = json!(["h: has no value", "id: has no value"]);
        assert_eq!(faults(Mode::Rows), [json!([]), json!([]), json!([]), empty.clone()]);
        let text = json!(["h: is a text, and most are a number"]);
        assert_eq!(faults(Mode::Fields), [json!([]), text, json!([]), empty.clone()]);
        let shapes = faults(Mode::Regex);
        assert_eq!(shapes[0], json!([]), "shapes with the same count: the first seen");
        assert_eq!(
            shapes[2],
            json!([
                "h: is like \"9.9\", and most are like \"9\"",
                "id: is like \"a9\", and most are like \"a-9\""
            ])
        );
        assert_eq!(shapes[3], empty);
    }
}
