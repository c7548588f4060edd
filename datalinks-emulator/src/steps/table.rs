//! The step `table`: turns free text into columns.

use serde::{Deserialize, Serialize};

use super::cells::{parse_cell, remove, set, text};
use super::limits::BATCH;
use super::runner::DatasetContext;
use crate::concurrency::work::{Map, Pace, Set};
use crate::models::{ModelSession, Prompt, parse_items};
use crate::response::Problem;
use crate::store::{Cell, InputRow};

/// The column that lists the values found in the text: pairs `name -> value`, separated by commas.
const METADATA: &str = "__metadata_textToTable";
/// Maximum number of characters of a column name.
const MAX_NAME: usize = 40;

const TASK: &str = "You turn free texts into columns of a table. For each text make one JSON object: its keys are \
                    short names of columns, its values are what the text says, as texts, numbers, true, false or \
                    null. Use the same names for the same things in all texts, and the names of schemaDefinition \
                    where they fit. Invent nothing. Answer as a JSON array of exactly one object for each text, in \
                    the order of the texts.";

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Table {
    pub(super) derive_from: String,
    pub(super) instructions: Option<String>,
    pub(super) model: Option<String>,
    pub(super) replace: bool,
}

#[derive(Serialize)]
struct Material<'a> {
    about: &'a DatasetContext,
    instructions: Option<&'a str>,
    texts: Vec<&'a str>,
}

impl Table {
    pub(super) async fn apply_rule(&self, rows: &mut [InputRow<'_>], pace: &mut Pace) {
        for row in rows {
            pace.step(row.cells.len()).await;
            let Some(text) = text(row, &self.derive_from) else { continue };
            let cells = columns(text);
            self.put(row, cells);
            pace.step(row.cells.len()).await;
        }
    }

    pub(super) async fn ask(
        &self,
        rows: &mut [InputRow<'_>],
        session: &ModelSession<'_>,
        about: &DatasetContext,
    ) -> Result<(), Problem> {
        for rows in rows.chunks_mut(BATCH) {
            let mut rows: Vec<&mut InputRow<'_>> =
                rows.iter_mut().filter(|row| text(row, &self.derive_from).is_some()).collect();
            if rows.is_empty() {
                continue;
            }
            let texts: Vec<&str> = rows.iter().filter_map(|row| text(row, &self.derive_from)).collect();
            let count = texts.len();
            let material = Material { about, instructions: self.instructions.as_deref(), texts };
            let prompt = Prompt::of("table", TASK, &material)?.model(self.model.as_deref());
            let reply = session.ask(prompt, |json| objects(json, count)).await?;
            for (row, reply) in rows.iter_mut().zip(reply) {
                let cells = reply.cells.into_iter().map(|(name, cell)| (name.into_owned(), cell)).collect();
                self.put(row, cells);
            }
        }
        Ok(())
    }

    /// Appends the columns that were read in a text. A column that the row already has keeps its value.
    fn put(&self, row: &mut InputRow<'_>, cells: Vec<(String, Cell)>) {
        if self.replace {
            remove(row, &self.derive_from);
        }
        let pairs = described(&cells);
        let known: Set<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
        let new: Vec<_> = cells.into_iter().filter(|(name, _)| !known.contains(&**name)).collect();
        row.cells.extend(new.into_iter().map(|(name, cell)| (name.into(), cell)));
        set(row, METADATA, Cell::Text(pairs.into()));
    }
}

/// Returns the pairs as text. Values are not escaped, because the service does not document an escape.
fn described(cells: &[(String, Cell)]) -> String {
    let pairs = cells.iter().map(|(name, cell)| format!("{name} -> {}", cell.as_text().unwrap_or("null")));
    pairs.collect::<Vec<_>>().join(", ")
}

/// Parses a list with exactly `expected` objects.
pub(super) fn objects(json: &str, expected: usize) -> Result<Vec<InputRow<'static>>, String> {
    let rows: Vec<InputRow<'_>> = parse_items(json, expected)?;
    Ok(rows.into_iter().map(InputRow::into_owned).collect())
}

/// Returns the columns that the rule reads in a text.
fn columns(text: &str) -> Vec<(String, Cell)> {
    let mut found: Map<&str, Cell> = Map::default();
    for (name, value) in text.split(['\n', ';']).flat_map(pairs) {
        found.entry(name).or_insert_with(|| parse_cell(value));
    }
    if found.is_empty() {
        found.extend(first_number(text).map(|number| ("number", parse_cell(number))));
    }
    found.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()
}

/// Returns the pairs in a part of a text: several if commas separate them, otherwise at most one.
fn pairs(part: &str) -> Vec<(&str, &str)> {
    let several: Option<Vec<_>> = part.split(',').map(pair).collect();
    several.unwrap_or_else(|| pair(part).into_iter().collect())
}

/// Parses a pair of a name and a value.
fn pair(part: &str) -> Option<(&str, &str)> {
    let at = part.find([':', '='])?;
    let (name, value) = (part.get(..at)?.trim(), part.get(at + 1..)?);
    let name_like = name.chars().any(char::is_alphabetic)
        && name.chars().count() <= MAX_NAME
        && !name.ends_with(|last: char| last.is_ascii_digit())
        && !name.contains(['.', '?', '!']);
    // The colon of a URL does not separate a name from a value.
    (name_like && !value.starts_with("//")).then_some((name, value))
}

fn first_number(text: &str) -> Option<&str> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let signed = text.get(..start)?.ends_with('-');
    let rest = text.get(start..)?;
    let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let decimals = rest.get(whole..)?.strip_prefix('.').map_or(0, |after| {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        if digits == 0 { 0 } else { digits + 1 }
    });
    text.get(start - usize::from(signed)..start + whole + decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn read_columns(text: &str) -> String {
        let row =
            InputRow { cells: columns(text).into_iter().map(|(name, cell)| (name.into(), cell)).collect() };
        serde_json::to_string(&row).unwrap()
    }

    #[test]
    fn many_pairs_take_linear_time() {
        let table = Table { derive_from: "text".to_owned(), instructions: None, model: None, replace: false };
        assert_proportional(10_000, |size| {
            let text: String = (0..size).map(|number| format!("n{number}x: 1\n")).collect();
            let cells = (0..size).map(|number| (format!("n{number}x").into(), Cell::Null));
            let mut row = InputRow { cells: cells.collect() };
            table.put(&mut row, columns(&text));
            assert_eq!(row.cells.len(), size + 1);
        });
    }

    #[test]
    fn pairs_become_columns() {
        assert_eq!(
            read_columns("Genus: Quercus\nHeight = 21.50; Alive: true;"),
            r#"{"Genus":"Quercus","Height":21.50,"Alive":true}"#
        );
        assert_eq!(read_columns("a: 1, b: x, y"), r#"{"a":"1, b: x, y"}"#, "not all parts are pairs");
        assert_eq!(read_columns("a: 1, b: x"), r#"{"a":1,"b":"x"}"#);
        assert_eq!(read_columns("a: 1; a: 2; id: 007; none:"), r#"{"a":1,"id":"007","none":null}"#);
    }

    #[test]
    fn urls_times_and_sentences_are_not_pairs() {
        for text in ["see http://x", "at 12:30", "He said. So: no", ": x"] {
            assert!(!read_columns(text).contains("no\"") && !read_columns(text).contains("//"), "{text}");
        }
        assert_eq!(read_columns("at 12:30"), r#"{"number":12}"#);
    }

    #[test]
    fn text_without_pairs_gives_its_first_number() {
        assert_eq!(read_columns("An oak, 21 m"), r#"{"number":21}"#);
        assert_eq!(read_columns("It fell to -3.5. Then rose"), r#"{"number":-3.5}"#);
        assert_eq!(read_columns("in 1990."), r#"{"number":1990}"#);
        assert_eq!(read_columns("An oak"), "{}");
    }

    #[test]
    fn list_has_one_object_per_text() {
        let rows = objects(r#"[{"a": 1, "b": null}, {}]"#, 2).unwrap();
        let names: Vec<Vec<&str>> =
            rows.iter().map(|row| row.cells.iter().map(|(name, _)| &**name).collect()).collect();
        assert_eq!(names, [vec!["a", "b"], vec![]]);
        assert!(objects("[]", 0).unwrap().is_empty());
        assert_eq!(objects("[{}]", 2).unwrap_err(), "2 items are expected, but there are 1");
        assert!(objects("[1]", 1).is_err());
    }
}
