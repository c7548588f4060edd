//! The levels of expanded rows: the rows, and the records that come from their arrays.
//!
//! Rows are the first level. Opening a column with arrays moves the items to a new level. No value is copied, so every
//! value exists exactly once and memory use does not grow.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::store::column_profile::{self, Column};
use crate::store::{Cell, InputRow};

/// Maximum number of records that the arrays of one column may become.
pub(crate) const MAX_RECORDS: usize = 100_000;

/// Maximum number of columns whose arrays are opened.
pub(crate) const MAX_OPENED: usize = 100;

/// The reason why rows cannot be expanded or projected as planned.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum PlanError {
    /// The plan does not match the rows.
    Choice(String),
    /// The result would be too large.
    TooLarge(String),
}

impl From<String> for PlanError {
    fn from(choice: String) -> Self {
        Self::Choice(choice)
    }
}

/// Returns the message, for a model that corrects its plan.
impl From<PlanError> for String {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Choice(message) | PlanError::TooLarge(message) => message,
        }
    }
}

/// The records that come from the arrays of one column, or the rows themselves.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The column that contained the arrays, or `None` for the rows themselves.
    pub(super) array: Option<String>,
    /// The level that contained the arrays.
    pub(super) parent: usize,
    pub(super) records: Vec<InputRow<'static>>,
    /// For each record, the index of the record that it comes from.
    pub(super) parents: Vec<usize>,
    /// The original name of each column in the items, by its name on this level.
    pub(super) renamed: HashMap<String, String>,
}

/// The levels of some rows. Each column is on exactly one level. If an item has a column of the same name as an earlier
/// level, the name of its array is put before it, as in `films.name`.
#[derive(Debug)]
pub(super) struct Levels(Vec<Level>);

impl Levels {
    /// Creates the levels of rows that are not expanded.
    pub(super) fn root(rows: &[InputRow<'static>]) -> Self {
        Self(vec![Level { records: rows.to_vec(), parents: vec![0; rows.len()], ..Level::default() }])
    }

    /// Expands the given columns, in this order.
    pub(super) fn of(rows: &[InputRow<'static>], explode: &[String]) -> Result<Self, PlanError> {
        if explode.len() > MAX_OPENED {
            return Err(PlanError::TooLarge(format!(
                "the explosion would open {} columns with arrays, and at most {MAX_OPENED} are opened; send fewer of them, \
                 or run the pipeline without `model`",
                explode.len()
            )));
        }
        let mut levels = Self::root(rows);
        let mut taken = levels.columns().into_iter().map(|(_, column)| column.name.to_owned()).collect();
        explode.iter().try_for_each(|column| levels.open(column, &mut taken))?;
        Ok(levels)
    }

    pub(super) fn get(&self, level: usize) -> Option<&Level> {
        self.0.get(level)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Level)> {
        self.0.iter().enumerate()
    }

    pub(super) fn records_mut(&mut self, level: usize) -> &mut [InputRow<'static>] {
        self.0.get_mut(level).map_or(&mut [], |level| &mut level.records)
    }

    /// Returns all columns with their levels, in the order of their first occurrence.
    pub(super) fn columns(&self) -> Vec<(usize, Column<'_>)> {
        let columns = self.iter().flat_map(|(at, level)| {
            column_profile::columns(&level.records).into_iter().map(move |c| (at, c))
        });
        columns.collect()
    }

    /// Returns the level of each column.
    pub(super) fn by_column(&self) -> HashMap<String, usize> {
        self.columns().into_iter().map(|(level, column)| (column.name.to_owned(), level)).collect()
    }

    /// Returns a level, the level that it comes from, and so on up to the rows.
    pub(super) fn upwards(&self, level: usize) -> impl Iterator<Item = usize> {
        let above =
            |at: &usize| self.get(*at).filter(|level| level.array.is_some()).map(|level| level.parent);
        std::iter::successors(Some(level), above)
    }

    /// Moves the items of the arrays in a column to a new level. Empty arrays and nulls are removed. `taken` contains
    /// the names of all columns of all levels.
    fn open(&mut self, column: &str, taken: &mut HashSet<String>) -> Result<(), PlanError> {
        let holds = |level: &Level| {
            level.records.iter().any(|record| items_of(record, column).is_some_and(|items| !items.is_empty()))
        };
        let missing = || PlanError::Choice(format!("no row has an array in a column {column:?}"));
        let parent = self.0.iter().position(holds).ok_or_else(missing)?;
        let count = self.get(parent).map_or(0, |level| count_items(&level.records, column));
        if count > MAX_RECORDS {
            return Err(PlanError::TooLarge(format!(
                "the explosion of the column {column:?} would make {count} records, and at most {MAX_RECORDS} are made; \
                 send fewer rows, or run the pipeline without `model`"
            )));
        }
        let mut items: Vec<(usize, Box<RawValue>)> = Vec::with_capacity(count);
        for (at, record) in self.records_mut(parent).iter_mut().enumerate() {
            let original = items_of(record, column);
            if original.is_some() || matches!(record.get(column), Some(Cell::Null)) {
                record.cells.retain(|(name, _)| name != column);
            }
            items.extend(original.into_iter().flatten().map(|item| (at, item)));
        }
        // A column is on one level only, so its name is free now.
        if !self.records_mut(parent).iter().any(|record| record.get(column).is_some()) {
            taken.remove(column);
        }
        let mut level = Level { array: Some(column.to_owned()), parent, ..Level::default() };
        let mut names = ColumnNames { array: column, taken, given: HashMap::new() };
        for (at, item) in items {
            level.records.push(names.record(&item)?);
            level.parents.push(at);
        }
        level.renamed = names.given.into_iter().map(|(original, name)| (name, original)).collect();
        self.0.push(level);
        Ok(())
    }
}

/// Returns the number of items in all arrays of a column.
fn count_items(records: &[InputRow<'_>], column: &str) -> usize {
    let arrays = records.iter().filter_map(|record| record.get(column)?.as_array());
    let counts = arrays.filter_map(|array| serde_json::from_str::<Vec<IgnoredAny>>(array).ok());
    counts.map(|items| items.len()).sum()
}

/// Returns the items of an array.
pub(super) fn items_in(cell: &Cell) -> Option<Vec<Box<RawValue>>> {
    serde_json::from_str(cell.as_array()?).ok()
}

/// Returns the items of the array in a column.
fn items_of(record: &InputRow<'_>, column: &str) -> Option<Vec<Box<RawValue>>> {
    items_in(record.get(column)?)
}

/// The assignment of unique names to the columns of a new level.
struct ColumnNames<'a> {
    array: &'a str,
    taken: &'a mut HashSet<String>,
    given: HashMap<String, String>,
}

impl ColumnNames<'_> {
    fn record(&mut self, item: &RawValue) -> Result<InputRow<'static>, String> {
        let unreadable = |error| format!("an item of {:?} cannot be read: {error}", self.array);
        let cells = match serde_json::from_str::<InputRow<'_>>(item.get()) {
            Ok(object) => object.into_owned().cells,
            // An item that is not an object stays in the column.
            Err(_) => {
                vec![(Cow::Owned(self.array.to_owned()), Cell::from_raw(item).map_err(unreadable)?)]
            }
        };
        let cells = cells.into_iter().map(|(original, cell)| (Cow::Owned(self.name(&original)), cell));
        Ok(InputRow { cells: cells.collect() })
    }

    fn name(&mut self, original: &str) -> String {
        if let Some(name) = self.given.get(original) {
            return name.clone();
        }
        let mut name = original.to_owned();
        while !self.taken.insert(name.clone()) {
            name = format!("{}.{name}", self.array);
        }
        self.given.insert(original.to_owned(), name.clone());
        name
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::pipeline) fn rows(json: &str) -> Vec<InputRow<'static>> {
        let rows: Vec<InputRow<'_>> = serde_json::from_str(json).unwrap();
        rows.into_iter().map(InputRow::into_owned).collect()
    }

    fn shown(levels: &Levels) -> Vec<String> {
        let shown = |(_, level): (usize, &Level)| {
            format!("{:?} {}", level.parents, serde_json::to_string(&level.records).unwrap())
        };
        levels.iter().map(shown).collect()
    }

    #[test]
    fn items_move_to_a_new_level() {
        let rows = rows(
            r#"[{"n":1,"f":[{"t":"a","c":["x","y"]},{"t":"b"}]},{"n":2,"f":[]},{"f":"[3, {}]","n":3.10}]"#,
        );
        let levels = Levels::of(&rows, &["f".to_owned(), "c".to_owned()]).unwrap();
        let expected = [
            r#"[0, 0, 0] [{"n":1},{"n":2},{"n":3.10}]"#,
            r#"[0, 0, 2, 2] [{"t":"a"},{"t":"b"},{"f":3},{}]"#,
            r#"[0, 0] [{"c":"x"},{"c":"y"}]"#,
        ];
        assert_eq!(shown(&levels), expected);
        assert_eq!(levels.upwards(2).collect::<Vec<_>>(), [2, 1, 0]);
    }

    #[test]
    fn column_is_on_one_level_only() {
        let rows = rows(r#"[{"name":"x","a":[{"name":"y","a.name":"z"}]}]"#);
        let levels = Levels::of(&rows, &["a".to_owned()]).unwrap();
        assert_eq!(shown(&levels)[1], r#"[0] [{"a.name":"y","a.a.name":"z"}]"#);
        assert_eq!(levels.get(1).unwrap().renamed["a.name"], "name");
    }

    #[test]
    fn column_without_arrays_cannot_be_opened() {
        let rows = rows(r#"[{"a":1,"b":"[no JSON","c":[]}]"#);
        for column in ["a", "b", "c", "d"] {
            let message = String::from(Levels::of(&rows, &[column.to_owned()]).unwrap_err());
            assert!(message.contains("no row has an array"), "{message}");
        }
    }

    #[test]
    fn records_above_the_limit_are_rejected_before_they_are_created() {
        let of = |items: usize| {
            let rows = rows(&format!(r#"[{{"n":1,"a":[{}]}}]"#, vec!["1"; items].join(",")));
            Levels::of(&rows, &["a".to_owned()])
        };
        let Err(PlanError::TooLarge(message)) = of(MAX_RECORDS + 1) else {
            panic!("too many records were made")
        };
        assert!(
            message.contains(r#"the column "a" would make 100001 records, and at most 100000"#),
            "{message}"
        );
        assert_eq!(of(MAX_RECORDS).unwrap().get(1).unwrap().records.len(), MAX_RECORDS);
        let many: Vec<String> = (0..=MAX_OPENED).map(|number| number.to_string()).collect();
        assert!(matches!(Levels::of(&[], &many), Err(PlanError::TooLarge(_))));
    }
}
