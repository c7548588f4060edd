//! The step `namedEntities`: finds names in the texts of a row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;

use super::cells::{Method, set};
use super::limits::BATCH;
use crate::concurrency::work::{Map, Pace};
use crate::models::{ModelSession, Prompt, parse_items};
use crate::response::Problem;
use crate::response::SCRIPTED_PREFIX;
use crate::store::{Cell, InputRow};

const METADATA: &str = "__metadata_namedEntities";

const RULE: &str = "Words that begin with a capital letter, one after the other, are a name, but not the first word of \
                    a sentence alone.";

const TASK: &str = "You find named entities. For each row list the persons, organisations, places and other things \
                    that its texts name, spelt as in the row. Answer as a JSON array of exactly one array for each \
                    row, in the order of the rows: [{\"text\": \"Paris\", \"type\": \"place\"}], empty where \
                    nothing is named.";

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Entity {
    text: String,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
}

/// The texts for a prompt, by their columns.
#[derive(Serialize)]
struct Material<'a> {
    rows: Vec<BTreeMap<&'a str, &'a str>>,
}

/// The content of the metadata column. The service does not document what this step returns.
#[derive(Serialize)]
struct Facts {
    entities: Vec<Entity>,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn write(row: &mut InputRow<'_>, entities: Vec<Entity>, method: Method) {
    let (by, note) = match method {
        Method::ByRule => ("rule", Some(format!("{SCRIPTED_PREFIX} {RULE}"))),
        Method::ByModel => ("model", None),
    };
    // Strings and lists of them always serialize.
    let facts = to_raw_value(&Facts { entities, by, note }).and_then(|raw| Cell::from_raw(&raw));
    set(row, METADATA, facts.unwrap_or(Cell::Null));
}

pub(super) async fn apply_rule(rows: &mut [InputRow<'_>], pace: &mut Pace) {
    for row in rows {
        let found = entities(row);
        write(row, found, Method::ByRule);
        pace.step(row.cells.len()).await;
    }
}

/// Returns the distinct names in the texts of a row.
fn entities(row: &InputRow<'_>) -> Vec<Entity> {
    let mut found: Map<&str, &str> = Map::default();
    for (column, value) in texts(row) {
        for name in names(value) {
            found.entry(name).or_insert(column);
        }
    }
    let entity = |(text, column): (&str, &str)| Entity {
        text: text.to_owned(),
        kind: None,
        column: Some(column.to_owned()),
    };
    found.into_iter().map(entity).collect()
}

pub(super) async fn ask(rows: &mut [InputRow<'_>], session: &ModelSession<'_>) -> Result<(), Problem> {
    for rows in rows.chunks_mut(BATCH) {
        let shown: Vec<BTreeMap<&str, &str>> = rows.iter().map(|row| texts(row).collect()).collect();
        let prompt = Prompt::of("namedEntities", TASK, &Material { rows: shown })?;
        let count = rows.len();
        let reply: Vec<Vec<Entity>> = session.ask(prompt, |json| parse_items(json, count)).await?;
        for (row, mut entities) in rows.iter_mut().zip(reply) {
            // Entities that do not occur in the row are discarded.
            entities.retain_mut(|entity| {
                let found = texts(row).find(|(_, text)| text.contains(&entity.text));
                entity.column = found.map(|(column, _)| column.to_owned());
                entity.column.is_some()
            });
            write(row, entities, Method::ByModel);
        }
    }
    Ok(())
}

/// Returns the texts of a row, without metadata columns.
fn texts<'a>(row: &'a InputRow<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let cells =
        row.cells.iter().filter(|(name, cell)| matches!(cell, Cell::Text(_)) && !name.starts_with('_'));
    cells.filter_map(|(name, cell)| Some((&**name, cell.link_key()?)))
}

/// Returns the names in a text.
fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    // The start and end of the current name, and whether it begins a sentence.
    let mut current: Option<(usize, usize, bool)> = None;
    let mut first = true;
    let mut close = |current: &mut Option<(usize, usize, bool)>| {
        if let Some((start, end, first)) = current.take() {
            let name = text.get(start..end).unwrap_or_default();
            if !first || name.contains(char::is_whitespace) {
                names.push(name);
            }
        }
    };
    for word in text.split_whitespace() {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        if capital {
            let start = at + word.find(bare).unwrap_or(0);
            let end = start + bare.len();
            // A character before the word, such as a quotation mark, ends the current name.
            if current.is_some() && start > at {
                close(&mut current);
            }
            current = Some(current.map_or((start, end, first), |(begun, _, first)| (begun, end, first)));
        } else {
            close(&mut current);
        }
        if word.ends_with([',', ';', ':', '.', '!', '?', ')']) {
            close(&mut current);
        }
        first = word.ends_with(['.', '!', '?', ':']);
    }
    close(&mut current);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    #[test]
    fn many_names_take_linear_time() {
        assert_proportional(10_000, |size| {
            let text: String = (0..size).map(|number| format!("an X{number} ")).collect();
            let row = InputRow { cells: vec![("text".into(), Cell::Text(text.into()))] };
            assert_eq!(entities(&row).len(), size);
        });
        assert_proportional(10_000, |size| {
            let cell = |number| (format!("c{number}").into(), Cell::Text(format!("an X{number}").into()));
            let row = InputRow { cells: (0..size).map(cell).collect() };
            assert_eq!(entities(&row).len(), size);
        });
    }

    #[test]
    fn names_are_capitalized_words() {
        assert_eq!(
            names("The film by Ridley Scott, with \"Sigourney Weaver\"."),
            ["Ridley Scott", "Sigourney Weaver"]
        );
        assert_eq!(names("Ridley Scott made it. He was in Paris."), ["Ridley Scott", "Paris"]);
        assert_eq!(names("Oslo, Bergen"), ["Bergen"], "the first word of a sentence is not a name by itself");
        assert_eq!(names("an oak, 21 m"), [""; 0]);
        assert_eq!(names("bei Übersee (Ärmelkanal)"), ["Übersee", "Ärmelkanal"]);
    }
}
