//! The rows of a dataset, out of the levels that its columns are on.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::levels::Levels;
use super::plan::DatasetPlan;
use crate::store::{Cell, InputRow};

/// All rows of a dataset: one for each record of its deepest level, with the values of the records above, and one
/// for each record above that has none below. Fails where two values would have to share a cell.
///
/// `alone`: no other dataset is made of the rows. Each row is kept then, even one without a value.
pub(super) fn project(
    levels: &Levels,
    dataset: &DatasetPlan,
    alone: bool,
) -> Result<Vec<InputRow<'static>>, String> {
    let level_of = levels.by_column();
    let used = dataset.levels(|source| level_of.get(source).copied());
    let mut columns: HashMap<&str, usize> = HashMap::new();
    for (at, column) in dataset.columns.iter().enumerate() {
        columns.extend(column.from.iter().map(|source| (source.as_str(), at)));
    }
    let mut rows: Vec<(usize, InputRow<'static>)> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut covered: HashMap<usize, HashSet<usize>> = HashMap::new();
    // The rows themselves, where no column of theirs is known: each is an empty row then.
    let used = if used.is_empty() && alone { vec![0] } else { used };
    for level in used.iter().rev() {
        let count = levels.get(*level).map_or(0, |level| level.records.len());
        for record in 0..count {
            if covered.get(level).is_some_and(|covered| covered.contains(&record)) {
                continue;
            }
            let mut path = path(levels, *level, record);
            let root = path.last().map_or(record, |(_, record)| *record);
            path.retain(|(level, _)| used.contains(level));
            for (above, record) in &path {
                covered.entry(*above).or_default().insert(*record);
            }
            let row = row(levels, dataset, &columns, &path)?;
            let is_empty = row.cells.iter().all(|(_, cell)| matches!(cell, Cell::Null));
            let is_wanted = alone || !is_empty;
            if is_wanted && (dataset.identifier.is_none() || seen.insert(key(&row))) {
                rows.push((root, row));
            }
        }
    }
    rows.sort_by_key(|(root, _)| *root);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// A record, the one that it came from, and so on up to the row.
fn path(levels: &Levels, level: usize, record: usize) -> Vec<(usize, usize)> {
    let mut record = record;
    let mut path = Vec::new();
    for at in levels.upwards(level) {
        path.push((at, record));
        record = levels.get(at).and_then(|level| level.parents.get(record)).copied().unwrap_or_default();
    }
    path
}

/// A merged column stands where the first of its sources stood.
fn row(
    levels: &Levels,
    dataset: &DatasetPlan,
    columns: &HashMap<&str, usize>,
    path: &[(usize, usize)],
) -> Result<InputRow<'static>, String> {
    let mut cells: Vec<(usize, Cell)> = Vec::new();
    let records = path.iter().rev().filter_map(|(level, record)| levels.get(*level)?.records.get(*record));
    for (source, cell) in records.flat_map(|record| &record.cells) {
        let Some(at) = columns.get(&**source) else { continue };
        match cells.iter_mut().find(|(own, _)| own == at) {
            None => cells.push((*at, cell.clone())),
            Some((_, slot @ Cell::Null)) => *slot = cell.clone(),
            Some((_, slot)) if !matches!(cell, Cell::Null) && !same(slot, cell) => {
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

fn same(one: &Cell, other: &Cell) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other) && one.as_text() == other.as_text()
}

/// A row as what makes it equal to others: the order of its columns does not count.
fn key(row: &InputRow<'_>) -> String {
    let mut cells: Vec<&(Cow<'_, str>, Cell)> =
        row.cells.iter().filter(|(_, cell)| !matches!(cell, Cell::Null)).collect();
    cells.sort_by(|one, other| one.0.cmp(&other.0));
    serde_json::to_string(&cells).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::levels::tests::rows;
    use super::super::plan::ColumnPlan;
    use super::*;

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

    fn json(levels: &Levels, dataset: &DatasetPlan, alone: bool) -> String {
        serde_json::to_string(&project(levels, dataset, alone).unwrap()).unwrap()
    }

    #[test]
    fn merged_columns_keep_their_place_and_every_value() {
        let rows = rows(r#"[{"id":1,"h":null,"x":0,"Height":2.0},{"Height":3,"h":3},{"id":5}]"#);
        let levels = Levels::of(&rows, &[]).unwrap();
        let all = dataset(&[("id", &["id"]), ("height", &["h", "Height"]), ("x", &["x"])], None);
        let merged = r#"[{"id":1,"height":2.0,"x":0},{"height":3},{"id":5}]"#;
        assert_eq!(json(&levels, &all, true), merged);
        let clash = dataset(&[("v", &["id", "x"])], None);
        assert!(project(&levels, &clash, true).unwrap_err().contains("different values"));
    }

    #[test]
    fn levels_are_joined_and_nothing_is_lost() {
        let rows = rows(
            r#"[{"d":"S","b":1,"f":[{"t":"A"},{"t":"G"},{"t":"A"}]},{"d":"M","f":[]},{"b":3},{"d":"S","b":1,"f":[{"t":"X"}]}]"#,
        );
        let levels = Levels::of(&rows, &["f".to_owned()]).unwrap();
        let films = dataset(&[("title", &["t"]), ("by", &["d"])], None);
        let joined = r#"[{"by":"S","title":"A"},{"by":"S","title":"G"},{"by":"S","title":"A"},{"by":"M"},{"by":"S","title":"X"}]"#;
        assert_eq!(json(&levels, &films, false), joined);
        // What an identifier names is there once; a row without a value is none.
        let people = dataset(&[("name", &["d"]), ("born", &["b"])], Some("name"));
        assert_eq!(json(&levels, &people, false), r#"[{"name":"S","born":1},{"name":"M"},{"born":3}]"#);
        let titles = dataset(&[("t", &["t"])], None);
        assert_eq!(json(&levels, &titles, false), r#"[{"t":"A"},{"t":"G"},{"t":"A"},{"t":"X"}]"#);
    }

    #[test]
    fn rows_that_stay_alone_stay_as_they_are() {
        let text = r#"[{"z":1.10,"a":null},{},{"z":1.10,"a":null},{"n":[]}]"#;
        let rows = rows(text);
        let levels = Levels::of(&rows, &[]).unwrap();
        let all = dataset(&[("z", &["z"]), ("a", &["a"]), ("n", &["n"])], None);
        assert_eq!(json(&levels, &all, true), text);
        let empty = Levels::of(&rows[1..2], &[]).unwrap();
        assert_eq!(json(&empty, &dataset(&[], None), true), "[{}]");
    }
}
