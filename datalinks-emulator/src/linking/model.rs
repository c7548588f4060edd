//! Choosing among suggested links by a model.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::connect::hits;
use crate::models::{Asker, ModelError, Prompt, said};
use crate::store::{ColumnName, Link, Store};

/// Values of a column that a model is shown.
const VALUES: usize = 5;

const TASK: &str = "You choose links between datasets. Each suggestion connects rows whose values in two columns are \
                    equal, or whose places are close. Choose those whose values mean the same thing, not those that are \
                    equal by chance. Answer as {\"chosen\": [0, 2]} with the numbers of the ones you choose.";

#[derive(Deserialize)]
struct Said {
    chosen: BTreeSet<usize>,
}

/// What a model is told about suggestions.
pub(crate) fn told(store: &Store, links: &[Link]) -> Value {
    let told = links.iter().enumerate().map(|(number, link)| {
        json!({
            "number": number,
            "matchType": link.kind(),
            "from": end(store, &link.from),
            "to": end(store, &link.to),
            "pairsOfRows": hits(store, link),
        })
    });
    Value::Array(told.collect())
}

fn end(store: &Store, column: &ColumnName) -> Value {
    let dataset = store.dataset(&column.dataset);
    let values = dataset.and_then(|dataset| {
        let number = dataset.columns().number(&column.column)?;
        let values = dataset.rows().iter().filter_map(|row| row.get(number)?.link_key());
        Some(values.take(VALUES).collect::<Vec<_>>())
    });
    let rows = dataset.map_or(0, |dataset| dataset.rows().len());
    json!({ "dataset": column.dataset.to_string(), "column": column.column, "rows": rows, "firstValues": values })
}

/// Those of some suggestions that the model chooses.
pub(crate) async fn ask(
    asker: &Asker<'_>,
    links: Vec<Link>,
    told: Value,
    model: Option<&str>,
) -> Result<Vec<Link>, ModelError> {
    if links.is_empty() {
        return Ok(links);
    }
    let prompt = Prompt::new("curation", TASK, json!({ "suggestions": told }).to_string()).model(model);
    let Said { chosen } = asker
        .ask(prompt, |json| {
            let said: Said = said(json)?;
            match said.chosen.iter().find(|number| **number >= links.len()) {
                Some(number) => Err(format!("there is no suggestion {number}")),
                None => Ok(said),
            }
        })
        .await?;
    let numbered = links.into_iter().enumerate();
    Ok(numbered.filter(|(number, _)| chosen.contains(number)).map(|(_, link)| link).collect())
}
