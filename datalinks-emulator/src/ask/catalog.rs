//! The description of the data for a model that writes queries.

use std::borrow::Cow;

use serde::Serialize;

use crate::accounts::CallerView;
use crate::store::column_profile::short;
use crate::store::{Cell, ColumnName, Dataset, DatasetName, InputRow, Link, Namespace, OrderedTexts};

/// Maximum number of datasets in a catalog.
const DATASETS: usize = 50;
/// Number of rows shown of each dataset.
const ROWS: usize = 3;
/// Maximum number of characters shown of a value.
const VALUE: usize = 200;

/// The query language, described for a model. A test parses the examples.
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
    .limit(NUMBER) keeps the first rows, at its position: before searchAround it limits the rows that it starts from.\n\
    Examples:\n\
    Ontology(\"cinema/films\").filter(year >= 1979 && title == \"Alien 3\")\n\
    Ontology(\"cinema/films\").sortAscending(year).limit(1)\n\
    Ontology(\"cinema/films\").filter(country == Japan || country == India).sortDescending(score).sortAscending(title)\
    .limit(3).searchAround().find(\"cinema/people\").follow(director)\n\
    Sort and limit where the question asks for the first, largest or latest. There is nothing else: no negation, no \
    choice of columns, no grouping, no counting, no functions.";

/// The datasets of a namespace and the links between them. Values of rows are written unchanged.
#[derive(Serialize)]
pub(crate) struct Catalog<'a> {
    datasets: Vec<DatasetSummary<'a>>,
    links: Vec<[End<'a>; 2]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DatasetSummary<'a> {
    name: String,
    columns: Vec<&'a str>,
    row_count: usize,
    first_rows: Vec<InputRow<'a>>,
    description: Option<&'a str>,
    schema: Option<&'a OrderedTexts>,
}

#[derive(Serialize)]
struct End<'a> {
    dataset: String,
    column: &'a str,
}

impl Catalog<'_> {
    /// Returns the names of the datasets.
    pub(crate) fn names(&self) -> Vec<String> {
        self.datasets.iter().map(|dataset| dataset.name.clone()).collect()
    }
}

/// Returns the datasets of a namespace and the links between them, as far as the caller sees them.
pub(crate) fn catalog<'a>(view: CallerView<'a>, namespace: &Namespace) -> Catalog<'a> {
    let datasets = view.in_namespace(namespace).take(DATASETS).map(|(name, dataset)| summary(name, dataset));
    let datasets = datasets.collect();
    let links = view.store.links().iter().filter(|link| link.is_active());
    let own =
        links.filter(|link| namespace.contains(&link.from.dataset) || namespace.contains(&link.to.dataset));
    let visible = own.filter(|link| view.sees(&link.from.dataset) && view.sees(&link.to.dataset));
    Catalog { datasets, links: visible.map(linked).collect() }
}

fn summary<'a>(name: &DatasetName, dataset: &'a Dataset) -> DatasetSummary<'a> {
    let rows = dataset.rows().iter().take(ROWS).map(|row| {
        let cells = row.cells().map(|(column, cell)| {
            let value = match cell.as_text() {
                Some(text) if text.chars().count() > VALUE => Cell::Text(short(text, VALUE).into()),
                _ => cell.clone(),
            };
            (Cow::Borrowed(dataset.columns().name(column)), value)
        });
        InputRow { cells: cells.collect() }
    });
    DatasetSummary {
        name: name.to_string(),
        columns: dataset.column_names(),
        row_count: dataset.rows().len(),
        first_rows: rows.collect(),
        description: dataset.definition.data_description.as_deref(),
        schema: dataset.definition.schema_definition.as_ref(),
    }
}

fn end(own: &ColumnName) -> End<'_> {
    End { dataset: own.dataset.to_string(), column: &own.column }
}

fn linked(link: &Link) -> [End<'_>; 2] {
    [end(&link.from), end(&link.to)]
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
