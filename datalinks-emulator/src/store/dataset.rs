//! One dataset: rows, columns and definition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::locations::{LocationColumn, Locations};
use super::row::{InputRow, Row, RowView};
use super::rows::Rows;
use super::texts::OrderedTexts;
use crate::concurrency::lock::lock;
use crate::concurrency::work::{Set, count};
use crate::persistence::{AppendOnly, next_version, push_line};

/// The descriptions that the owner gives of a dataset. They remain when the rows are cleared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_description: Option<String>,
    /// Descriptions of fields by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema_definition: Option<OrderedTexts>,
    /// The older form of `schema_definition`: one text, stored unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field_definition: Option<String>,
}

impl Definition {
    /// Replaces the members that `newer` contains.
    pub(crate) fn update(&mut self, newer: Self) {
        if newer.data_description.is_some() {
            self.data_description = newer.data_description;
        }
        if newer.schema_definition.is_some() {
            self.schema_definition = newer.schema_definition;
        }
        if newer.field_definition.is_some() {
            self.field_definition = newer.field_definition;
        }
    }
}

/// One dataset.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// Identity of the rows. It changes with every change other than appended rows, and the file of the rows is then
    /// written completely, see [`AppendOnly`].
    identity: u64,
    pub(crate) definition: Definition,
    columns: Arc<Columns>,
    rows: Rows,
    sort_order: Vec<String>,
    /// Version of the latest change of rows, or `0` without rows. No two states of datasets with rows share a revision.
    revision: u64,
    indexes: Mutex<HashMap<u32, Arc<ColumnIndex>>>,
    locations: Mutex<HashMap<LocationColumn, Arc<Locations>>>,
}

/// The numbers of rows and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    rows: usize,
    columns: usize,
}

impl Default for Dataset {
    fn default() -> Self {
        Self::new(Definition::default())
    }
}

impl Dataset {
    pub(crate) fn new(definition: Definition) -> Self {
        Self {
            identity: next_version(),
            definition,
            columns: Arc::default(),
            rows: Rows::default(),
            sort_order: Vec::new(),
            revision: 0,
            indexes: Mutex::default(),
            locations: Mutex::default(),
        }
    }

    /// Appends rows and returns the extent before.
    pub(crate) fn append(&mut self, rows: Vec<InputRow<'_>>) -> Extent {
        let before = Extent { rows: self.rows.len(), columns: self.columns.len() };
        let columns = Arc::make_mut(&mut self.columns);
        for row in rows {
            count(row.cells.len());
            self.rows.push(Row::new(row, columns));
        }
        self.revision = next_version();
        before
    }

    /// Removes the rows and columns beyond an earlier extent.
    pub(super) fn truncate(&mut self, before: Extent) {
        self.rows.truncate(before.rows);
        Arc::make_mut(&mut self.columns).truncate(before.columns);
        (self.identity, self.revision) = (next_version(), next_version());
        lock(&self.indexes).clear();
        lock(&self.locations).clear();
    }

    /// Returns the revision of the rows, which differs after each change.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Removes the rows and keeps the definition.
    pub(crate) fn clear(&mut self) {
        let definition = std::mem::take(&mut self.definition);
        *self = Self::new(definition);
    }

    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(crate) fn view(&self, row: u32) -> Option<RowView<'_>> {
        self.rows.get(row as usize).map(|row| RowView { row, columns: &self.columns })
    }

    /// Returns the names of the columns: first those of the sort order, then the others in order of first occurrence.
    pub(crate) fn column_names(&self) -> Vec<&str> {
        let mut names: Set<&str> = self.sort_order.iter().map(String::as_str).collect();
        names.extend(self.columns.names());
        names.into_iter().collect()
    }

    /// Returns `true` if a row has the column or the schema definition names it.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.number(name).is_some()
            || self.definition.schema_definition.as_ref().is_some_and(|schema| schema.contains(name))
    }

    pub(crate) fn sort_order(&self) -> &[String] {
        &self.sort_order
    }

    pub(crate) fn set_sort_order(&mut self, order: Vec<String>) {
        self.sort_order = order;
    }

    /// Returns the index of a column. It is built at first use and extended when rows were appended.
    pub(crate) fn index(&self, column: u32) -> Arc<ColumnIndex> {
        if let Some(index) = lock(&self.indexes).get(&column).filter(|index| index.upto == self.rows.len()) {
            return Arc::clone(index);
        }
        // No lock is held while rows are read, so that readers do not wait. Two readers may build the same index.
        let mut index = lock(&self.indexes).remove(&column).unwrap_or_default();
        Arc::make_mut(&mut index).extend(column, &self.rows);
        lock(&self.indexes).insert(column, Arc::clone(&index));
        index
    }

    /// Returns the locations in a column. They are read at first use and extended when rows were appended.
    pub(crate) fn locations(&self, column: LocationColumn) -> Arc<Locations> {
        let locations = lock(&self.locations).get(&column).cloned().unwrap_or_default();
        let Some(extended) = locations.extended(&self.rows, column) else { return locations };
        let extended = Arc::new(extended);
        lock(&self.locations).insert(column, Arc::clone(&extended));
        extended
    }
}

/// A snapshot. It shares rows, columns and indexes until one of the two changes.
impl Clone for Dataset {
    fn clone(&self) -> Self {
        Self {
            identity: self.identity,
            definition: self.definition.clone(),
            columns: Arc::clone(&self.columns),
            rows: self.rows.clone(),
            sort_order: self.sort_order.clone(),
            revision: self.revision,
            indexes: Mutex::new(lock(&self.indexes).clone()),
            locations: Mutex::new(lock(&self.locations).clone()),
        }
    }
}

impl AppendOnly for Dataset {
    fn identity(&self) -> u64 {
        self.identity
    }

    fn lines(&self) -> usize {
        self.rows.len()
    }

    fn write(&self, from: usize, out: &mut Vec<u8>) {
        for row in self.rows.after(from) {
            push_line(out, &RowView { row, columns: &self.columns });
        }
    }
}

/// The rows of a dataset by the value of one column. Rows without a value are not included.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnIndex {
    upto: usize,
    rows: HashMap<Box<str>, Vec<u32>>,
    /// Number of rows with a value.
    filled: usize,
    /// Number of rows with the most common value.
    commonest: usize,
}

impl ColumnIndex {
    fn extend(&mut self, column: u32, rows: &Rows) {
        count(rows.len().saturating_sub(self.upto));
        for (number, row) in (self.upto..).zip(rows.after(self.upto)) {
            let Some(key) = row.get(column).and_then(|cell| cell.link_key()) else { continue };
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.filled += 1;
            let equal = match self.rows.get_mut(key) {
                Some(rows) => {
                    rows.push(number);
                    rows.len()
                }
                None => {
                    self.rows.insert(key.into(), vec![number]);
                    1
                }
            };
            self.commonest = self.commonest.max(equal);
        }
        self.upto = rows.len();
    }

    /// Returns the number of distinct values.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the number of distinct values per row with a value. `1.0` if all values are distinct.
    pub(crate) fn distinct(&self) -> f64 {
        share(self.rows.len(), self.filled)
    }

    /// Returns the share of the rows with a value that have another value than the most common one (the variation ratio).
    /// `0.0` if all values are equal.
    pub(crate) fn variation(&self) -> f64 {
        share(self.filled - self.commonest, self.filled)
    }

    /// Returns the number of rows with a value.
    pub(crate) fn filled(&self) -> usize {
        self.filled
    }

    pub(crate) fn get(&self, key: &str) -> &[u32] {
        self.rows.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.rows.iter().map(|(key, rows)| (&**key, rows.as_slice()))
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;
    use crate::store::Cell;

    fn rows(json: &str) -> Vec<InputRow<'_>> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn index_includes_new_rows() {
        let mut dataset = Dataset::default();
        dataset.append(rows(r#"[{"a":1},{"a":" 1 "},{"a":null},{"b":1}]"#));
        assert_eq!(dataset.index(0).get("1"), [0, 1]);
        dataset.append(rows(r#"[{"a":"1"}]"#));
        assert_eq!(dataset.index(0).get("1"), [0, 1, 4]);
        dataset.clear();
        assert!(dataset.index(0).get("1").is_empty());
    }

    #[test]
    fn index_measures_distinctness_and_variation() {
        let mut dataset = Dataset::default();
        dataset.append(rows(r#"[{"a":"x"},{"a":"x "},{"a":"y"},{"a":"z"},{"a":" "},{}]"#));
        let index = dataset.index(0);
        assert_eq!((index.len(), index.filled()), (3, 4), "blank values do not count");
        assert_eq!((index.distinct(), index.variation()), (0.75, 0.5));
        let none = ColumnIndex::default();
        assert_eq!((none.distinct(), none.variation()), (0.0, 0.0));
    }

    #[test]
    fn many_sorted_columns_take_steps_in_proportion() {
        assert_proportional(10_000, |size| {
            let cells = (0..size).map(|number| (format!("c{number}").into(), Cell::Null));
            let mut dataset = Dataset::default();
            dataset.append(vec![InputRow { cells: cells.collect() }]);
            dataset.set_sort_order((0..size).rev().map(|number| format!("c{number}")).collect());
            assert_eq!(dataset.column_names().len(), size);
        });
    }

    #[test]
    fn columns_of_sort_order_come_first() {
        let mut dataset = Dataset::default();
        dataset.append(rows(r#"[{"c":1,"a":1},{"b":1}]"#));
        assert_eq!(dataset.column_names(), ["c", "a", "b"]);
        dataset.set_sort_order(vec!["b".into()]);
        assert_eq!(dataset.column_names(), ["b", "c", "a"]);
    }
}
