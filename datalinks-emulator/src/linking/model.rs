//! Selection of suggested links by a model.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::connect::hits;
use crate::models::{ModelError, ModelSession, Prompt, parse_response};
use crate::store::{ColumnName, Link, MatchKind, Store};

/// Number of values of a column in the prompt.
const VALUES: usize = 5;

const TASK: &str = "You choose links between datasets. Each suggestion connects rows whose values in two columns are \
                    equal, or whose locations are close. Choose those whose values mean the same thing, not those that are \
                    equal by chance. Answer as {\"chosen\": [0, 2]} with the numbers of the ones you choose.";

#[derive(Deserialize)]
struct ModelLinks {
    chosen: BTreeSet<usize>,
}

/// The suggestions as the prompt describes them.
#[derive(Serialize)]
pub(crate) struct Suggestions {
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Suggestion {
    from: End,
    match_type: MatchKind,
    number: usize,
    pairs_of_rows: u64,
    to: End,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct End {
    column: String,
    dataset: String,
    /// First values, or `None` if no row has the column.
    first_values: Option<Vec<String>>,
    rows: usize,
}

impl Suggestions {
    pub(crate) fn of(store: &Store, links: &[Link]) -> Self {
        let suggestions = links.iter().enumerate().map(|(number, link)| Suggestion {
            from: End::of(store, &link.from),
            match_type: link.kind(),
            number,
            pairs_of_rows: hits(store, link),
            to: End::of(store, &link.to),
        });
        Self { suggestions: suggestions.collect() }
    }
}

impl End {
    fn of(store: &Store, column: &ColumnName) -> Self {
        let dataset = store.dataset(&column.dataset);
        let first_values = dataset.and_then(|dataset| {
            let number = dataset.columns().number(&column.column)?;
            let values = dataset.rows().iter().filter_map(|row| row.get(number)?.link_key());
            Some(values.take(VALUES).map(str::to_owned).collect())
        });
        Self {
            column: column.column.clone(),
            dataset: column.dataset.to_string(),
            first_values,
            rows: dataset.map_or(0, |dataset| dataset.rows().len()),
        }
    }
}

/// Asks the model which suggestions to activate, and returns these.
pub(crate) async fn ask(
    session: &ModelSession<'_>,
    links: Vec<Link>,
    suggestions: Suggestions,
    model: Option<&str>,
) -> Result<Vec<Link>, ModelError> {
    if links.is_empty() {
        return Ok(links);
    }
    let prompt = Prompt::of("curation", TASK, &suggestions)?.model(model);
    let ModelLinks { chosen } = session
        .ask(prompt, |json| {
            let choice: ModelLinks = parse_response(json)?;
            match choice.chosen.iter().find(|number| **number >= links.len()) {
                Some(number) => Err(format!("suggestion {number} does not exist")),
                None => Ok(choice),
            }
        })
        .await?;
    let numbered = links.into_iter().enumerate();
    Ok(numbered.filter(|(number, _)| chosen.contains(number)).map(|(_, link)| link).collect())
}
