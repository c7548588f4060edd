//! Rows taken apart: the records of each array that becomes rows, and which record each came from.
//!
//! Rows are the first level. Opening a column that holds arrays moves their items to a level of their own. Nothing
//! is repeated, so what rows hold is here exactly once, in as much memory as it took before.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::store::column_profile::{self, Column};
use crate::store::{Cell, InputRow};

/// Maximum number of records that the arrays of one column become.
pub(crate) const MAX_RECORDS: usize = 100_000;

/// Maximum number of columns whose arrays are opened.
pub(crate) const MAX_OPENED: usize = 100;

/// Why rows are not taken apart as it was chosen, or not put together.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Unfit {
    /// The choice does not fit the rows.
    Choice(String),
    /// The result would be too large.
    TooLarge(String),
}

impl From<String> for Unfit {
    fn from(choice: String) -> Self {
        Self::Choice(choice)
    }
}

/// What is objected to a choice.
impl From<Unfit> for String {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Choice(message) | Unfit::TooLarge(message) => message,
        }
    }
}

/// Records that came out of the same array, or the rows themselves.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The column that held the arrays; `None` for the rows themselves.
    pub(super) array: Option<String>,
    /// The level that the arrays were in.
    pub(super) parent: usize,
    pub(super) records: Vec<InputRow<'static>>,
    /// The record that each came from.
    pub(super) parents: Vec<usize>,
    /// How each column was called in the items, by how it is called here.
    pub(super) renamed: HashMap<String, String>,
}

/// The levels of some rows. Each column is on one of them: where an item has a column that is on a level before,
/// that one is called after its array, such as `films.name`.
#[derive(Debug)]
pub(super) struct Levels(Vec<Level>);

impl Levels {
    /// Rows that are not taken apart.
    pub(super) fn root(rows: &[InputRow<'static>]) -> Self {
        Self(vec![Level { records: rows.to_vec(), parents: vec![0; rows.len()], ..Level::default() }])
    }

    /// Takes rows apart at these columns, in this order.
    pub(super) fn of(rows: &[InputRow<'static>], explode: &[String]) -> Result<Self, Unfit> {
        if explode.len() > MAX_OPENED {
            return Err(Unfit::TooLarge(format!(
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

    /// All columns with their levels, as first seen.
    pub(super) fn columns(&self) -> Vec<(usize, Column<'_>)> {
        let columns = self.iter().flat_map(|(at, level)| {
            column_profile::columns(&level.records).into_iter().map(move |c| (at, c))
        });
        columns.collect()
    }

    /// The level of each column.
    pub(super) fn by_column(&self) -> HashMap<String, usize> {
        self.columns().into_iter().map(|(level, column)| (column.name.to_owned(), level)).collect()
    }

    /// A level, the one that it came out of, and so on up to the rows.
    pub(super) fn upwards(&self, level: usize) -> impl Iterator<Item = usize> {
        let above =
            |at: &usize| self.get(*at).filter(|level| level.array.is_some()).map(|level| level.parent);
        std::iter::successors(Some(level), above)
    }

    /// Moves the items of the arrays in a column to a level of their own. An empty array holds
    /// nothing and goes, and so does null. `taken`: the names of all columns of all levels.
    fn open(&mut self, column: &str, taken: &mut HashSet<String>) -> Result<(), Unfit> {
        let holds = |level: &Level| {
            level.records.iter().any(|record| items_of(record, column).is_some_and(|items| !items.is_empty()))
        };
        let missing = || Unfit::Choice(format!("no row has an array in a column {column:?}"));
        let parent = self.0.iter().position(holds).ok_or_else(missing)?;
        let count = self.get(parent).map_or(0, |level| count_items(&level.records, column));
        if count > MAX_RECORDS {
            return Err(Unfit::TooLarge(format!(
                "the explosion of the column {column:?} would make {count} records, and at most {MAX_RECORDS} are made; \
                 send fewer rows, or run the pipeline without `model`"
            )));
        }
        let mut items: Vec<(usize, Box<RawValue>)> = Vec::with_capacity(count);
        for (at, record) in self.records_mut(parent).iter_mut().enumerate() {
            let own = items_of(record, column);
            if own.is_some() || matches!(record.get(column), Some(Cell::Null)) {
                record.cells.retain(|(name, _)| name != column);
            }
            items.extend(own.into_iter().flatten().map(|item| (at, item)));
        }
        // A column is on one level, so that nothing else has it.
        if !self.records_mut(parent).iter().any(|record| record.get(column).is_some()) {
            taken.remove(column);
        }
        let mut level = Level { array: Some(column.to_owned()), parent, ..Level::default() };
        let mut names = Names { array: column, taken, given: HashMap::new() };
        for (at, item) in items {
            level.records.push(names.record(&item)?);
            level.parents.push(at);
        }
        level.renamed = names.given.into_iter().map(|(own, name)| (name, own)).collect();
        self.0.push(level);
        Ok(())
    }
}

/// The number of all items of a column.
fn count_items(records: &[InputRow<'_>], column: &str) -> usize {
    let arrays = records.iter().filter_map(|record| record.get(column)?.as_array());
    let counts = arrays.filter_map(|array| serde_json::from_str::<Vec<IgnoredAny>>(array).ok());
    counts.map(|items| items.len()).sum()
}

/// The items of an array.
pub(super) fn items_in(cell: &Cell) -> Option<Vec<Box<RawValue>>> {
    serde_json::from_str(cell.as_array()?).ok()
}

/// The items of the array in a column.
fn items_of(record: &InputRow<'_>, column: &str) -> Option<Vec<Box<RawValue>>> {
    items_in(record.get(column)?)
}

/// What the columns of a new level are called.
struct Names<'a> {
    array: &'a str,
    taken: &'a mut HashSet<String>,
    given: HashMap<String, String>,
}

impl Names<'_> {
    fn record(&mut self, item: &RawValue) -> Result<InputRow<'static>, String> {
        let unreadable = |error| format!("an item of {:?} cannot be read: {error}", self.array);
        let cells = match serde_json::from_str::<InputRow<'_>>(item.get()) {
            Ok(object) => object.into_owned().cells,
            // An item that is not an object stays in the column.
            Err(_) => {
                vec![(Cow::Owned(self.array.to_owned()), Cell::from_raw(item).map_err(unreadable)?)]
            }
        };
        let cells = cells.into_iter().map(|(own, cell)| (Cow::Owned(self.name(&own)), cell));
        Ok(InputRow { cells: cells.collect() })
    }

    fn name(&mut self, own: &str) -> String {
        if let Some(name) = self.given.get(own) {
            return name.clone();
        }
        let mut name = own.to_owned();
        while !self.taken.insert(name.clone()) {
            name = format!("{}.{name}", self.array);
        }
        self.given.insert(own.to_owned(), name.clone());
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
    fn items_move_to_a_level_of_their_own() {
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
    fn a_column_is_on_one_level() {
        let rows = rows(r#"[{"name":"x","a":[{"name":"y","a.name":"z"}]}]"#);
        let levels = Levels::of(&rows, &["a".to_owned()]).unwrap();
        assert_eq!(shown(&levels)[1], r#"[0] [{"a.name":"y","a.a.name":"z"}]"#);
        assert_eq!(levels.get(1).unwrap().renamed["a.name"], "name");
    }

    #[test]
    fn only_arrays_are_taken_apart() {
        let rows = rows(r#"[{"a":1,"b":"[no JSON","c":[]}]"#);
        for column in ["a", "b", "c", "d"] {
            let objection = String::from(Levels::of(&rows, &[column.to_owned()]).unwrap_err());
            assert!(objection.contains("no row has an array"), "{objection}");
        }
    }

    #[test]
    fn records_beyond_the_budget_are_counted_and_not_made() {
        let of = |items: usize| {
            let rows = rows(&format!(r#"[{{"n":1,"a":[{}]}}]"#, vec!["1"; items].join(",")));
            Levels::of(&rows, &["a".to_owned()])
        };
        let Err(Unfit::TooLarge(message)) = of(MAX_RECORDS + 1) else { panic!("too many records were made") };
        assert!(
            message.contains(r#"the column "a" would make 100001 records, and at most 100000"#),
            "{message}"
        );
        assert_eq!(of(MAX_RECORDS).unwrap().get(1).unwrap().records.len(), MAX_RECORDS);
        let many: Vec<String> = (0..=MAX_OPENED).map(|number| number.to_string()).collect();
        assert!(matches!(Levels::of(&[], &many), Err(Unfit::TooLarge(_))));
    }
}
