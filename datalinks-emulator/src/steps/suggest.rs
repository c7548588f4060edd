//! The suggestion of a description or a schema, based on a sample of rows.

use serde::Serialize;

use crate::models::{ModelError, ModelSession, Prompt, parse_response};
use crate::response::SCRIPTED_PREFIX;
use crate::store::column_profile::{Column, columns, count, short};
use crate::store::{InputRow, OrderedTexts};

/// Number of rows in a prompt.
const ROWS_SHOWN: usize = 50;
/// Maximum number of columns that a description names.
const COLUMNS_NAMED: usize = 20;
/// Maximum number of characters of an example value.
const EXAMPLE: usize = 60;

/// A sample of a dataset.
#[derive(Debug, Default)]
pub(crate) struct Sample<'a> {
    pub(crate) rows: Vec<InputRow<'a>>,
    /// The current description.
    pub(crate) description: Option<String>,
    /// The current descriptions of the columns.
    pub(crate) schema: OrderedTexts,
    /// The model that the request names.
    pub(crate) model: Option<String>,
}

impl Sample<'_> {
    /// Returns the part of the sample that a prompt contains, as text.
    pub(crate) fn text(&self) -> String {
        // Only the tokens of this text are counted, so an error is ignored. A prompt reports it.
        serde_json::to_string(&self.shown()).unwrap_or_default()
    }

    fn shown(&self) -> Shown<'_> {
        Shown {
            rows: self.rows.get(..ROWS_SHOWN).unwrap_or(&self.rows),
            description_so_far: self.description.as_deref(),
            schema_so_far: &self.schema,
        }
    }
}

/// The sample in a prompt. Values of rows are written unchanged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    rows: &'a [InputRow<'a>],
    description_so_far: Option<&'a str>,
    schema_so_far: &'a OrderedTexts,
}

/// Returns the rule's description: the current description, the number of rows and the columns.
pub(crate) fn description(sample: &Sample<'_>) -> String {
    let columns = columns(&sample.rows);
    let current = sample.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut text = format!("{SCRIPTED_PREFIX} ");
    if let Some(current) = current {
        text.push_str(current);
        text.push(' ');
    }
    text.push_str(&format!("A sample of {}, with ", count(sample.rows.len(), "row")));
    let named =
        columns.iter().take(COLUMNS_NAMED).map(|column| format!("{} ({})", column.name, kinds(column)));
    let named = named.collect::<Vec<_>>().join(", ");
    match columns.len() {
        0 => text.push_str("no columns."),
        n if n > COLUMNS_NAMED => text.push_str(&format!("{n} columns, among them {named}.")),
        n => text.push_str(&format!("{}: {named}.", count(n, "column"))),
    }
    text
}

/// Returns the rule's text about each column: the current text, otherwise the observed values.
pub(crate) fn schema(sample: &Sample<'_>) -> OrderedTexts {
    let rows = sample.rows.len();
    let texts = columns(&sample.rows).into_iter().map(|column| {
        let current = sample.schema.get(column.name).filter(|text| !text.trim().is_empty());
        let text = match (current, column.example) {
            (Some(current), _) => current.to_owned(),
            (None, None) => {
                format!("{SCRIPTED_PREFIX} {}, in none of {}", kinds(&column), count(rows, "row"))
            }
            (None, Some(example)) => {
                let example = short(example, EXAMPLE);
                format!(
                    "{SCRIPTED_PREFIX} {}, in {} of {}, such as {example}",
                    kinds(&column),
                    column.filled,
                    count(rows, "row")
                )
            }
        };
        (column.name.to_owned(), text)
    });
    texts.collect()
}

fn kinds(column: &Column<'_>) -> String {
    let known: Vec<&str> = column.kinds.iter().copied().filter(|kind| *kind != "null").collect();
    if known.is_empty() { "empty".to_owned() } else { known.join(" or ") }
}

/// Returns the model's description.
pub(crate) async fn ask_description(
    session: &ModelSession<'_>,
    sample: &Sample<'_>,
) -> Result<String, ModelError> {
    let task = "You describe datasets. From a sample of rows and what was said about the dataset before, say in one \
                to three sentences what the dataset is about. Answer as {\"description\": \"...\"}.";
    session
        .ask(prompt("description", task, sample)?, |json| {
            let reply: Description = parse_response(json)?;
            Ok(reply.description)
        })
        .await
}

/// Returns the model's text about each column.
pub(crate) async fn ask_schema(
    session: &ModelSession<'_>,
    sample: &Sample<'_>,
) -> Result<OrderedTexts, ModelError> {
    let task = "You describe the columns of datasets. From a sample of rows and what was said about the columns \
                before, say for each column of the sample, in a few words, what it holds. Answer as {\"schema\": \
                {\"column\": \"what it holds\"}}, with exactly the columns of the sample.";
    let names: Vec<&str> = columns(&sample.rows).into_iter().map(|column| column.name).collect();
    session
        .ask(prompt("schema", task, sample)?, |json| {
            let reply: Schema = parse_response(json)?;
            match names.iter().find(|name| !reply.schema.contains(name)) {
                Some(missing) => Err(format!("the column {missing:?} is missing")),
                None => Ok(names
                    .iter()
                    .map(|name| ((*name).to_owned(), reply.schema.get(name).unwrap_or_default().to_owned()))
                    .collect()),
            }
        })
        .await
}

#[derive(serde::Deserialize)]
struct Description {
    description: String,
}

#[derive(serde::Deserialize)]
struct Schema {
    schema: OrderedTexts,
}

fn prompt(purpose: &'static str, task: &str, sample: &Sample<'_>) -> Result<Prompt, ModelError> {
    Ok(Prompt::of(purpose, task, &sample.shown())?.model(sample.model.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample<'static> {
        let rows =
            serde_json::from_str(r#"[{"genus":"Acer","height":null},{"genus":"Quercus","height":21}]"#)
                .unwrap();
        Sample { rows, ..Sample::default() }
    }

    #[test]
    fn rule_describes_the_columns_of_the_sample() {
        let mut sample = sample();
        let expected =
            format!("{SCRIPTED_PREFIX} A sample of 2 rows, with 2 columns: genus (text), height (number).");
        assert_eq!(description(&sample), expected);
        let schema_of = |sample: &Sample<'_>| serde_json::to_value(schema(sample)).unwrap();
        assert_eq!(
            schema_of(&sample)["height"],
            format!("{SCRIPTED_PREFIX} number, in 1 of 2 rows, such as 21")
        );
        sample.description = Some("Trees.".to_owned());
        sample.schema = serde_json::from_str(r#"{"height":"metres","gone":"x"}"#).unwrap();
        assert!(description(&sample).starts_with(&format!("{SCRIPTED_PREFIX} Trees. A sample")));
        assert_eq!(schema_of(&sample)["height"], "metres");
        assert_eq!(schema_of(&sample)["gone"], serde_json::Value::Null);
        assert_eq!(
            description(&Sample::default()),
            format!("{SCRIPTED_PREFIX} A sample of 0 rows, with no columns.")
        );
    }
}
