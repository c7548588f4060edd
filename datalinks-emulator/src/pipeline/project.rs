//! The projection of levels to the rows of a dataset.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::levels::{Levels, PlanError};
use super::plan::DatasetPlan;
use crate::concurrency::work::{Map, count};
use crate::store::{Cell, InputRow};

/// Maximum size in bytes of the rows of one dataset. Each row repeats values of the records above its own.
pub(crate) const MAX_BYTES: usize = 128 * 1024 * 1024;

/// The projections for all datasets of a plan, which share their preparation.
pub(super) struct Projection<'a> {
    levels: &'a Levels,
    plan: &'a [DatasetPlan],
    level_of: HashMap<String, usize>,
    /// For each column, the datasets that hold all of its values, because they have a row for each record of its level.
    holders: HashMap<&'a str, Holders<'a>>,
}

/// The datasets that hold every value of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Holders<'a> {
    One(&'a str),
    Several,
}

impl Holders<'_> {
    /// Returns `true` if another dataset than the given one is among them.
    fn other_than(self, name: &str) -> bool {
        match self {
            Self::One(own) => own != name,
            Self::Several => true,
        }
    }
}

impl<'a> Projection<'a> {
    pub(super) fn new(levels: &'a Levels, plan: &'a [DatasetPlan]) -> Self {
        let level_of = levels.by_column();
        let holders = holders(plan, &level_of);
        Self { levels, plan, level_of, holders }
    }

    /// Returns all rows of a dataset of the plan; see [`project`].
    pub(super) fn rows(&self, dataset: &DatasetPlan) -> Result<Vec<InputRow<'static>>, PlanError> {
        project(self, dataset)
    }
}

/// Returns all rows of a dataset: one for each record of its deepest level, with the values of the records above. A
/// record above without records below gets its own row, unless other datasets hold all of its values. Fails if two
/// different values would share a cell.
///
/// The only dataset of a plan keeps every row, even one without values.
fn project(projection: &Projection<'_>, dataset: &DatasetPlan) -> Result<Vec<InputRow<'static>>, PlanError> {
    let Projection { levels, plan, level_of, holders } = projection;
    let held_elsewhere = |source: &str| holders.get(source).is_some_and(|by| by.other_than(&dataset.name));
    let alone = plan.len() == 1;
    let used = dataset.levels(|source| level_of.get(source).copied());
    let deepest = used.last().copied();
    let mut columns: HashMap<&str, usize> = HashMap::new();
    for (at, column) in dataset.columns.iter().enumerate() {
        columns.extend(column.from.iter().map(|source| (source.as_str(), at)));
    }
    let mut rows: Vec<(usize, InputRow<'static>)> = Vec::new();
    let mut bytes = 0_usize;
    let mut seen: HashSet<String> = HashSet::new();
    let mut covered: HashMap<usize, HashSet<usize>> = HashMap::new();
    // Without any known column, the rows themselves are used, each as an empty row.
    let used = if used.is_empty() && alone { vec![0] } else { used };
    for level in used.iter().rev() {
        let records = levels.get(*level).map_or(0, |level| level.records.len());
        count(records);
        for record in 0..records {
            if covered.get(level).is_some_and(|covered| covered.contains(&record)) {
                continue;
            }
            let mut path = path(levels, *level, record);
            let root = path.last().map_or(record, |(_, record)| *record);
            path.retain(|(level, _)| used.contains(level));
            for (above, record) in &path {
                covered.entry(*above).or_default().insert(*record);
            }
            let is_redundant = Some(*level) != deepest
                && path.iter().all(|at| is_redundant(levels, *at, &columns, held_elsewhere));
            if is_redundant && !alone {
                continue;
            }
            let row = row(levels, dataset, &columns, &path)?;
            // Measured per row, so that memory use stays within the limit.
            bytes = bytes.saturating_add(size(&row));
            if bytes > MAX_BYTES {
                return Err(PlanError::TooLarge(format!(
                    "the dataset {:?} would have rows of more than {MAX_BYTES} bytes, because each repeats the columns of \
                     the record that it came from; send fewer rows, or run the pipeline without `model`",
                    dataset.name
                )));
            }
            let is_empty = row.cells.iter().all(|(_, cell)| matches!(cell, Cell::Null));
            let is_kept = alone || !is_empty;
            if is_kept && (dataset.identifier.is_none() || seen.insert(key(&row)?)) {
                rows.push((root, row));
            }
        }
    }
    rows.sort_by_key(|(root, _)| *root);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Returns the holders of each column, computed for all datasets in one pass. A search of the plan per dataset would
/// take quadratic time.
fn holders<'a>(plan: &'a [DatasetPlan], level_of: &HashMap<String, usize>) -> HashMap<&'a str, Holders<'a>> {
    let mut holders: HashMap<&str, Holders<'_>> = HashMap::new();
    for dataset in plan {
        let deepest = dataset.levels(|source| level_of.get(source).copied()).pop();
        for source in dataset.columns.iter().flat_map(|column| &column.from) {
            count(1);
            if level_of.get(source).copied() == deepest {
                holders
                    .entry(source)
                    .and_modify(|by| {
                        if by.other_than(&dataset.name) {
                            *by = Holders::Several;
                        }
                    })
                    .or_insert(Holders::One(&dataset.name));
            }
        }
    }
    holders
}

/// Returns `true` if other datasets hold all values of a record that this dataset would contain.
fn is_redundant(
    levels: &Levels,
    (level, record): (usize, usize),
    columns: &HashMap<&str, usize>,
    held_elsewhere: impl Fn(&str) -> bool,
) -> bool {
    let record = levels.get(level).and_then(|level| level.records.get(record));
    let mut cells = record.into_iter().flat_map(|record| &record.cells);
    cells.all(|(source, cell)| {
        matches!(cell, Cell::Null) || !columns.contains_key(&**source) || held_elsewhere(source)
    })
}

/// Returns a record, the record that it comes from, and so on up to the row.
fn path(levels: &Levels, level: usize, record: usize) -> Vec<(usize, usize)> {
    let mut record = record;
    let mut path = Vec::new();
    for at in levels.upwards(level) {
        path.push((at, record));
        record = levels.get(at).and_then(|level| level.parents.get(record)).copied().unwrap_or_default();
    }
    path
}

/// Builds a row. A merged column takes the position of its first source.
fn row(
    levels: &Levels,
    dataset: &DatasetPlan,
    columns: &HashMap<&str, usize>,
    path: &[(usize, usize)],
) -> Result<InputRow<'static>, String> {
    let mut cells: Map<usize, Cell> = Map::default();
    let records = path.iter().rev().filter_map(|(level, record)| levels.get(*level)?.records.get(*record));
    for (source, cell) in records.flat_map(|record| &record.cells) {
        let Some(at) = columns.get(&**source) else { continue };
        match cells.get_mut(at) {
            None => drop(cells.insert(*at, cell.clone())),
            Some(slot @ Cell::Null) => *slot = cell.clone(),
            Some(slot) if !matches!(cell, Cell::Null) && !same(slot, cell) => {
                let column = dataset.columns.get(*at);
                return Err(format!(
                    "a row has different values in the columns {:?}, which cannot become one",
                    column.map(|column| &column.from).unwrap_or(&Vec::new())
                ));
            }
            Some(_) => {}
        }
    }
    let named = |(at, cell): (usize, Cell)| Some((Cow::Owned(dataset.columns.get(at)?.name.clone()), cell));
    let mut row = InputRow { cells: cells.into_iter().filter_map(named).collect() };
    for column in dataset.columns.iter().filter(|column| column.from.is_empty()) {
        row.cells.push((Cow::Owned(column.name.clone()), Cell::Null));
    }
    Ok(row)
}

/// Returns the approximate size of a row in memory, in bytes.
fn size(row: &InputRow<'_>) -> usize {
    let cells = row.cells.iter();
    cells.map(|(name, cell)| size_of_val(cell) + name.len() + cell.as_text().map_or(0, str::len)).sum()
}

fn same(one: &Cell, other: &Cell) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other) && one.as_text() == other.as_text()
}

/// Returns a key that is equal for equal rows. The order of columns is ignored.
fn key(row: &InputRow<'_>) -> Result<String, String> {
    let mut cells: Vec<&(Cow<'_, str>, Cell)> =
        row.cells.iter().filter(|(_, cell)| !matches!(cell, Cell::Null)).collect();
    cells.sort_by(|one, other| one.0.cmp(&other.0));
    serde_json::to_string(&cells).map_err(|error| format!("a row cannot be compared: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::super::plan::ColumnPlan;
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn dataset(columns: &[(&str, &[&str])], identifier: Option<&str>) -> DatasetPlan {
        let column = |(name, from): &(&str, &[&str])| ColumnPlan {
            name: (*name).to_owned(),
            from: from.iter().map(|source| (*source).to_owned()).collect(),
            description: String::new(),
        };
        let mut dataset = DatasetPlan::new("d", columns.iter().map(column).collect());
        dataset.identifier = identifier.map(str::to_owned);
        dataset
    }

    /// Returns the rows of the first dataset as JSON.
    fn json(levels: &Levels, plan: &[DatasetPlan]) -> String {
        serde_json::to_string(&Projection::new(levels, plan).rows(&plan[0]).unwrap()).unwrap()
    }

    fn named(name: &str, dataset: DatasetPlan) -> DatasetPlan {
        DatasetPlan { name: name.to_owned(), ..dataset }
    }

    #[test]
    fn merged_column_keeps_its_position_and_all_values() {
        let rows = rows(r#"[{"id":1,"h":null,"x":0,"Height":2.0},{"Height":3,"h":3},{"id":5}]"#);
        let levels = Levels::of(&rows, &[]).unwrap();
        let all = dataset(&[("id", &["id"]), ("height", &["h", "Height"]), ("x", &["x"])], None);
        let merged = r#"[{"id":1,"height":2.0,"x":0},{"height":3},{"id":5}]"#;
        assert_eq!(json(&levels, &[all]), merged);
        let clash = dataset(&[("v", &["id", "x"])], None);
        let clashing = Projection::new(&levels, std::slice::from_ref(&clash));
        assert!(String::from(clashing.rows(&clash).unwrap_err()).contains("different values"));
    }

    #[test]
    fn projection_joins_levels_without_losing_values() {
        let rows = rows(
            r#"[{"d":"S","b":1,"f":[{"t":"A"},{"t":"G"},{"t":"A"}]},{"d":"M","f":[]},{"b":3},{"d":"S","b":1,"f":[{"t":"X"}]}]"#,
        );
        let levels = Levels::of(&rows, &["f".to_owned()]).unwrap();
        let films = dataset(&[("title", &["t"]), ("by", &["d"])], None);
        let joined = r#"[{"by":"S","title":"A"},{"by":"S","title":"G"},{"by":"S","title":"A"},{"by":"M"},{"by":"S","title":"X"}]"#;
        assert_eq!(json(&levels, &[films.clone(), named("o", dataset(&[("b", &["b"])], None))]), joined);
        // Rows with the same identifier are merged. A row without values is omitted.
        let people = named("people", dataset(&[("name", &["d"]), ("born", &["b"])], Some("name")));
        assert_eq!(
            json(&levels, &[people.clone(), films.clone()]),
            r#"[{"name":"S","born":1},{"name":"M"},{"born":3}]"#
        );
        // A name without items is omitted if another dataset has a row for each name.
        let items = joined.replace(r#"{"by":"M"},"#, "");
        let unnamed = DatasetPlan { identifier: None, ..people.clone() };
        for other in [people.clone(), unnamed] {
            assert_eq!(json(&levels, &[films.clone(), other]), items);
        }
        let titles = dataset(&[("t", &["t"])], None);
        assert_eq!(json(&levels, &[titles, people.clone()]), r#"[{"t":"A"},{"t":"G"},{"t":"A"},{"t":"X"}]"#);
    }

    #[test]
    fn only_dataset_keeps_all_rows_unchanged() {
        let text = r#"[{"z":1.10,"a":null},{},{"z":1.10,"a":null},{"n":[]}]"#;
        let rows = rows(text);
        let levels = Levels::of(&rows, &[]).unwrap();
        let all = dataset(&[("z", &["z"]), ("a", &["a"]), ("n", &["n"])], None);
        assert_eq!(json(&levels, &[all]), text);
        let empty = Levels::of(&rows[1..2], &[]).unwrap();
        assert_eq!(json(&empty, &[dataset(&[], None)]), "[{}]");
    }

    #[test]
    fn rows_above_the_size_limit_are_rejected() {
        let (text, items) = ("x".repeat(MAX_BYTES / 1_000), vec![r#"{"i":1}"#; 1_000].join(","));
        let rows = rows(&format!(r#"[{{"t":"{text}","a":[{items}]}}]"#));
        let levels = Levels::of(&rows, &["a".to_owned()]).unwrap();
        let all = dataset(&[("t", &["t"]), ("i", &["i"])], None);
        let Err(PlanError::TooLarge(message)) =
            Projection::new(&levels, std::slice::from_ref(&all)).rows(&all)
        else {
            panic!("too many bytes were made")
        };
        assert!(message.contains("would have rows of more than 134217728 bytes"), "{message}");
    }

    #[test]
    fn wide_rows_take_linear_time() {
        assert_proportional(10_000, |size| {
            let names: Vec<String> = (0..size).map(|number| format!("c{number}")).collect();
            let cells = names.iter().rev().map(|name| (name.clone().into(), Cell::Bool(true)));
            let levels = Levels::root(&[InputRow { cells: cells.collect() }]);
            let columns = names.iter().map(|name| ColumnPlan::of(name, name)).collect();
            let all = DatasetPlan::new("d", columns);
            let plan = [all.clone()];
            assert_eq!(Projection::new(&levels, &plan).rows(&all).unwrap()[0].cells.len(), size);
        });
    }
}
