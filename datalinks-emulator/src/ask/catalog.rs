//! What a model is told about the data that it may query.

use serde_json::{Value, json};

use crate::access::Sight;
use crate::seen::short;
use crate::store::{Dataset, DatasetName, Link, Namespace};

/// Datasets that are told, and rows and characters of a value that are shown of each.
const DATASETS: usize = 50;
const ROWS: usize = 3;
const VALUE: usize = 200;

/// The query language, as far as it is certain.
pub(super) const LANGUAGE: &str = "\
    A query begins with Ontology(\"namespace/dataset\"), which takes all rows of a dataset. \
    .filter(CONDITION) keeps those that fit: a condition compares a column with a value by ==, !=, <, <=, > or >=, and \
    && and || and parentheses combine conditions. Values, and names of columns, are quoted unless they are made of \
    letters, digits, _, - and . only: Ontology(\"cinema/films\").filter(year >= 1979 && title == \"Alien 3\"). \
    .searchAround().find(\"namespace/dataset\") goes from the rows found to the rows of another dataset that links \
    connect them with, and may be followed by another .filter(...). There is nothing else: no sorting, no limit, no \
    counting, no functions.";

/// The datasets of a namespace and the links between them, as the caller sees them.
pub(crate) fn catalog(sight: Sight<'_>, namespace: &Namespace) -> Value {
    let datasets: Vec<Value> =
        sight.in_namespace(namespace).take(DATASETS).map(|(name, dataset)| told(name, dataset)).collect();
    let links = sight.store.links().iter().filter(|link| link.is_active());
    let own =
        links.filter(|link| namespace.contains(&link.from.dataset) || namespace.contains(&link.to.dataset));
    let seen = own.filter(|link| sight.sees(&link.from.dataset) && sight.sees(&link.to.dataset));
    json!({ "datasets": datasets, "links": seen.map(linked).collect::<Vec<_>>() })
}

fn told(name: &DatasetName, dataset: &Dataset) -> Value {
    let rows = dataset.rows().iter().take(ROWS).map(|row| {
        let cells = row.cells().map(|(column, cell)| {
            let value = match cell.as_text() {
                Some(text) if text.chars().count() > VALUE => Value::from(short(text, VALUE)),
                _ => json!(cell),
            };
            (dataset.columns().name(column).to_owned(), value)
        });
        Value::Object(cells.collect())
    });
    json!({
        "name": name.to_string(),
        "columns": dataset.column_names(),
        "rowCount": dataset.rows().len(),
        "firstRows": rows.collect::<Vec<_>>(),
        "description": dataset.definition.data_description,
        "schema": dataset.definition.schema_definition,
    })
}

fn linked(link: &Link) -> Value {
    let end =
        |dataset: &DatasetName, column: &str| json!({ "dataset": dataset.to_string(), "column": column });
    json!([end(&link.from.dataset, &link.from.column), end(&link.to.dataset, &link.to.column)])
}
