//! What a model is told about the data that it may query.

use serde_json::{Value, json};

use crate::access::Sight;
use crate::seen::short;
use crate::store::{Dataset, DatasetName, Link, Namespace};

/// Datasets that are told, and rows and characters of a value that are shown of each.
const DATASETS: usize = 50;
const ROWS: usize = 3;
const VALUE: usize = 200;

/// The query language, described to a model. A test runs the examples.
pub(super) const LANGUAGE: &str = "\
    A query begins with Ontology(\"namespace/dataset\"), which takes all rows of a dataset. Calls follow, and each works on \
    the rows that the call before it left:\n\
    .filter(CONDITION) keeps the rows that meet the condition. A condition compares a column with a value by ==, !=, <, \
    <=, > or >=, and && and || and parentheses combine conditions. Names and values are quoted unless they are made of \
    letters, digits, _, - and . only.\n\
    .searchAround().find(\"namespace/dataset\") goes to the rows of another dataset that links connect with the rows so \
    far. .searchAround(2) goes over up to two links, through other datasets. .follow(COLUMN, COLUMN) directly after find \
    uses only links at these columns of the dataset that is left.\n\
    .sortAscending(COLUMN) and .sortDescending(COLUMN) sort the rows. Of several in a row, the first is the main one.\n\
    .limit(NUMBER) keeps the first rows, at its place: before searchAround it limits the rows that it starts from.\n\
    Examples:\n\
    Ontology(\"cinema/films\").filter(year >= 1979 && title == \"Alien 3\")\n\
    Ontology(\"cinema/films\").sortAscending(year).limit(1)\n\
    Ontology(\"cinema/films\").filter(country == Japan || country == India).sortDescending(score).sortAscending(title)\
    .limit(3).searchAround().find(\"cinema/people\").follow(director)\n\
    Sort and limit where the question asks for the first, largest or latest. There is nothing else: no negation, no \
    choice of columns, no grouping, no counting, no functions.";

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    #[test]
    fn examples_of_the_language_are_queries() {
        let examples: Vec<&str> = LANGUAGE.lines().filter(|line| line.starts_with("Ontology(")).collect();
        assert_eq!(examples.len(), 3);
        for example in examples {
            parse(example).unwrap();
        }
    }

    #[test]
    fn every_call_is_described() {
        for call in [
            ".filter(",
            ".searchAround(",
            ".find(",
            ".follow(",
            ".sortAscending(",
            ".sortDescending(",
            ".limit(",
        ] {
            assert!(LANGUAGE.contains(call), "{call}");
        }
    }
}
