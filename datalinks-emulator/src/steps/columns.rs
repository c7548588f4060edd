//! The assignment of columns of the rows to target columns.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde_json::{Map as Object, Value};

use crate::concurrency::work::{Map, Pace, Set};
use crate::models::parse_response;
use crate::store::column_profile::columns;
use crate::store::{Cell, InputRow, OrderedTexts};

/// Minimum similarity of two names.
const MIN_SIMILARITY: f64 = 0.5;

/// Maximum number of letters that are compared for similarity. Names beyond this budget are matched only if they have
/// equal letters and digits.
pub(crate) const COMPARED: usize = 500_000;

/// A target column and its source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TargetColumn {
    pub(super) name: String,
    /// The description of the column.
    pub(super) description: String,
    /// The column of the rows that becomes the target column, or `None` if the column is new.
    pub(super) source: Option<String>,
}

/// Returns all columns unchanged, for a request without target columns.
pub(super) fn unchanged(rows: &[InputRow<'_>]) -> Vec<TargetColumn> {
    let names = known_columns(rows, &OrderedTexts::default()).into_iter().map(str::to_owned);
    names.map(|name| TargetColumn { source: Some(name.clone()), description: String::new(), name }).collect()
}

/// Returns the columns that can become target columns: those with data. A metadata column of a step is included only if
/// a target has its name, so that no other column gets the name of an existing one.
pub(super) fn known_columns<'a>(rows: &'a [InputRow<'_>], targets: &OrderedTexts) -> Vec<&'a str> {
    let names = columns(rows).into_iter().map(|column| column.name);
    names.filter(|name| !name.starts_with('_') || targets.contains(name)).collect()
}

/// Assigns to each target column the known column with the most similar name, the most similar pair first. A column
/// with exactly the target's name is always assigned to it.
pub(super) async fn by_name(
    rows: &[InputRow<'_>],
    targets: &OrderedTexts,
    pace: &mut Pace,
) -> Vec<TargetColumn> {
    let known = known_columns(rows, targets);
    let mut assignment = Assignment::new(known.len());
    let positions: Map<&str, usize> = known.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    for (target, (name, _)) in targets.iter().enumerate() {
        assignment.choose(target, positions.get(name).copied());
        pace.step(1).await;
    }
    let spelled: Vec<String> = known.iter().map(|name| normalized(name)).collect();
    let target_columns: Vec<String> = targets.iter().map(|(name, _)| normalized(name)).collect();
    let mut equal: Map<&str, VecDeque<usize>> = Map::default();
    for (at, own) in spelled.iter().enumerate().filter(|(at, own)| !assignment.used[*at] && !own.is_empty()) {
        equal.entry(own).or_default().push_back(at);
    }
    for (target, name) in target_columns.iter().enumerate() {
        if !assignment.has(target) {
            assignment.choose(target, equal.get_mut(name.as_str()).and_then(VecDeque::pop_front));
        }
        pace.step(1).await;
    }
    for (_, target, at) in similar_pairs(&target_columns, &spelled, &assignment, pace).await {
        if !assignment.has(target) && !assignment.used[at] {
            assignment.choose(target, Some(at));
        }
    }
    let target_columns = targets.iter().enumerate().map(|(target, (name, description))| TargetColumn {
        name: name.to_owned(),
        description: description.to_owned(),
        source: assignment.of.get(&target).map(|at| known[*at].to_owned()),
    });
    target_columns.collect()
}

/// The assignment of known columns to target columns, by index.
struct Assignment {
    of: Map<usize, usize>,
    used: Vec<bool>,
}

impl Assignment {
    fn new(known: usize) -> Self {
        Self { of: Map::default(), used: vec![false; known] }
    }

    fn has(&self, target: usize) -> bool {
        self.of.contains_key(&target)
    }

    fn choose(&mut self, target: usize, known: Option<usize>) {
        if let Some(at) = known {
            self.of.insert(target, at);
            self.used[at] = true;
        }
    }
}

/// Returns the unassigned pairs of columns with similar names and their similarity, the most similar first. Equally
/// similar pairs are ordered by target and then by known column.
async fn similar_pairs(
    target_columns: &[String],
    known: &[String],
    chosen: &Assignment,
    pace: &mut Pace,
) -> Vec<(f64, usize, usize)> {
    let left: Vec<(usize, &String)> = known.iter().enumerate().filter(|(at, _)| !chosen.used[*at]).collect();
    let mut assignment = Vec::new();
    let mut compared = 0;
    'compared: for (target, name) in
        target_columns.iter().enumerate().filter(|(target, _)| !chosen.has(*target))
    {
        for (at, other) in &left {
            let length = name.len() + other.len() + 1;
            compared += length;
            if compared > COMPARED {
                break 'compared;
            }
            let degree = strsim::sorensen_dice(name, other);
            if degree >= MIN_SIMILARITY {
                assignment.push((degree, target, *at));
            }
            pace.step(length).await;
        }
    }
    assignment.sort_by(|a, b| b.0.total_cmp(&a.0));
    assignment
}

/// Returns the letters and digits of a name in lower case. Names are compared in this form.
fn normalized(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads the assignment from the reply of a model: `{"columns": {"target": "known or null"}}`.
pub(super) fn by_model(
    json: &str,
    known: &[&str],
    targets: &OrderedTexts,
) -> Result<Vec<TargetColumn>, String> {
    #[derive(serde::Deserialize)]
    struct ModelColumns {
        columns: Object<String, Value>,
    }
    let reply: ModelColumns = parse_response(json)?;
    let known: Set<&str> = known.iter().copied().collect();
    let mut used: Set<&str> = Set::default();
    let mut target_columns: Vec<TargetColumn> = Vec::new();
    for (name, description) in targets.iter() {
        let source = match reply.columns.get(name) {
            Some(Value::Null) => None,
            Some(Value::String(source)) if known.contains(source.as_str()) => Some(source),
            Some(source) => return Err(format!("{source} is not a column of the table")),
            None => return Err(format!("the wanted column {name:?} is missing")),
        };
        if let Some(source) = source.filter(|source| !used.insert(source.as_str())) {
            return Err(format!("the column {source:?} is used twice"));
        }
        let (name, description) = (name.to_owned(), description.to_owned());
        target_columns.push(TargetColumn { name, description, source: source.cloned() });
    }
    let overwritten = target_columns
        .iter()
        .find(|own| known.contains(own.name.as_str()) && !used.contains(own.name.as_str()));
    match overwritten {
        Some(own) => Err(format!("the table has a column {:?} already, which would be lost", own.name)),
        None => Ok(target_columns),
    }
}

/// The renaming of the columns of rows to target columns.
///
/// Every column name stays unique in each row. A column gets the name of a target only if no other column has that
/// name, or if the column with that name is itself renamed. [`by_name`] and [`by_model`] ensure this.
pub(super) struct Renaming<'w> {
    target_columns: &'w [TargetColumn],
    /// The target name of each source column.
    names: Map<&'w str, &'w str>,
    /// The source of each target column.
    sources: Map<&'w str, Option<&'w str>>,
}

impl<'w> Renaming<'w> {
    pub(super) fn new(target_columns: &'w [TargetColumn]) -> Self {
        let names = target_columns.iter().filter_map(|own| Some((own.source.as_deref()?, own.name.as_str())));
        let sources = target_columns.iter().map(|own| (own.name.as_str(), own.source.as_deref()));
        Self { target_columns, names: names.collect(), sources: sources.collect() }
    }

    /// Renames the columns of a row. A target column that the row lacks becomes null.
    pub(super) fn apply(&self, row: &mut InputRow<'_>) {
        for (name, _) in &mut row.cells {
            if let Some(target_columns) = self.names.get(&**name) {
                *name = Cow::Owned((*target_columns).to_owned());
            }
        }
        let missing: Vec<&str> = {
            let present: Set<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
            self.target_columns
                .iter()
                .map(|own| own.name.as_str())
                .filter(|name| !present.contains(name))
                .collect()
        };
        row.cells.extend(missing.into_iter().map(|name| (Cow::Owned(name.to_owned()), Cell::Null)));
    }

    /// Returns the earlier name of a column in a renamed row, or `None` if the column is new.
    pub(super) fn source<'n>(&self, name: &'n str) -> Option<&'n str>
    where
        'w: 'n,
    {
        self.sources.get(name).map_or(Some(name), |source| *source)
    }

    /// Returns the target columns that a row lacks.
    pub(super) fn missing<'s>(&'s self, row: &'s InputRow<'_>) -> impl Iterator<Item = &'s str> {
        let present: Set<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
        let lacks =
            move |own: &&TargetColumn| own.source.as_deref().is_none_or(|source| !present.contains(source));
        self.target_columns.iter().filter(lacks).map(|own| own.name.as_str())
    }

    pub(super) fn is_target(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }
}

/// Normalizes white space in the string values of a row.
pub(super) fn clean(row: &mut InputRow<'_>) {
    for (name, cell) in &mut row.cells {
        if let (Cell::Text(text), false) = (&*cell, name.starts_with('_')) {
            let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if *clean != **text {
                *cell = Cell::Text(clean.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::concurrency::work::tests::{assert_proportional, block_on};

    fn rows(json: &str) -> Vec<InputRow<'_>> {
        serde_json::from_str(json).unwrap()
    }

    fn named(rows: &[InputRow<'_>], targets: &OrderedTexts) -> Vec<TargetColumn> {
        block_on(by_name(rows, targets, &mut Pace::default()))
    }

    /// Returns the row after renaming by name similarity.
    fn renamed(row: &str, targets: &str) -> String {
        let mut rows = rows(row);
        let target_columns = named(&rows, &serde_json::from_str(targets).unwrap());
        Renaming::new(&target_columns).apply(&mut rows[0]);
        serde_json::to_string(&rows[0]).unwrap()
    }

    #[test]
    fn column_names_stay_unique() {
        for (row, targets, expected) in [
            // The column with the exact name is the target, even if a step wrote it.
            (r#"[{"x":1,"_x":2}]"#, r#"{"_x":""}"#, r#"{"x":1,"_x":2}"#),
            (r#"[{"_x":1,"x":2}]"#, r#"{"x":"","_x":""}"#, r#"{"_x":1,"x":2}"#),
            (r#"[{"X":1,"x":2}]"#, r#"{"x":"","X":""}"#, r#"{"X":1,"x":2}"#),
            (r#"[{"X":1,"x":2}]"#, r#"{"x":"","-x-":""}"#, r#"{"-x-":1,"x":2}"#),
            (r#"[{"valid":true,"__valid":false}]"#, r#"{"__valid":""}"#, r#"{"valid":true,"__valid":false}"#),
        ] {
            assert_eq!(renamed(row, targets), expected, "{row} {targets}");
        }
    }

    proptest! {
        #[test]
        fn every_column_keeps_its_value_under_a_unique_name(
            names in prop::collection::btree_set("[_-]{0,2}[aAbB]{1,2}", 1..8),
            targets in prop::collection::btree_set("[_-]{0,2}[aAbB]{1,2}", 0..8),
        ) {
            let cells = names.iter().enumerate();
            let cells = cells.map(|(at, name)| (name.clone().into(), Cell::Text(at.to_string().into())));
            let mut row = InputRow { cells: cells.collect() };
            let targets = targets.into_iter().map(|name| (name, String::new())).collect();
            let target_columns = named(std::slice::from_ref(&row), &targets);
            Renaming::new(&target_columns).apply(&mut row);
            let after: BTreeSet<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
            prop_assert_eq!(after.len(), row.cells.len());
            let values: BTreeSet<&str> = row.cells.iter().filter_map(|(_, cell)| cell.as_text()).collect();
            prop_assert_eq!(values.len(), names.len());
            prop_assert!(targets.iter().all(|(name, _)| after.contains(name)));
        }
    }

    #[test]
    fn many_columns_take_linear_time() {
        let rows_of = |size: usize| {
            let cells = (0..size).map(|number| (format!("Column {number}").into(), Cell::Null));
            vec![InputRow { cells: cells.collect() }]
        };
        let targets_of = |size: usize, name: fn(usize) -> String| -> OrderedTexts {
            (0..size).map(|number| (name(number), String::new())).collect()
        };
        // Equal names, names that differ in case and punctuation, and names that are only similar.
        let names: [fn(usize) -> String; 3] = [
            |number| format!("Column {number}"),
            |number| format!("column_{}", number + 1),
            |number| format!("columns {number} x"),
        ];
        for name in names {
            assert_proportional(5_000, |size| {
                let (mut rows, targets) = (rows_of(size), targets_of(size, name));
                let target_columns = named(&rows, &targets);
                assert_eq!(target_columns.len(), size);
                Renaming::new(&target_columns).apply(&mut rows[0]);
            });
        }
        let json = |size: usize| {
            let columns: Object<String, Value> =
                (0..size).map(|number| (number.to_string(), format!("Column {number}").into())).collect();
            serde_json::to_string(&serde_json::json!({ "columns": columns })).unwrap()
        };
        assert_proportional(10_000, |size| {
            let (rows, targets) = (rows_of(size), targets_of(size, |number| number.to_string()));
            by_model(&json(size), &known_columns(&rows, &targets), &targets).unwrap();
        });
    }

    fn sources(target_columns: &[TargetColumn]) -> Vec<(&str, Option<&str>)> {
        target_columns.iter().map(|own| (own.name.as_str(), own.source.as_deref())).collect()
    }

    #[test]
    fn most_similar_names_are_assigned_first() {
        let rows = rows(r#"[{"Height (m)":1,"tree_genus":"x","height":2,"note":"y","__metadata_x":1}]"#);
        let targets: OrderedTexts =
            serde_json::from_str(r#"{"height":"","genus":"","heights":"","age":null}"#).unwrap();
        let target_columns = named(&rows, &targets);
        let expected = [
            ("height", Some("height")),
            ("genus", Some("tree_genus")),
            ("heights", Some("Height (m)")),
            ("age", None),
        ];
        assert_eq!(sources(&target_columns), expected);
        let mut row = rows.into_iter().next().unwrap();
        Renaming::new(&target_columns).apply(&mut row);
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"heights":1,"genus":"x","height":2,"note":"y","__metadata_x":1,"age":null}"#
        );
    }

    #[test]
    fn names_can_be_swapped() {
        let mut row = rows(r#"[{"a":1,"b":2}]"#).remove(0);
        let targets: OrderedTexts = serde_json::from_str(r#"{"a":"","b":""}"#).unwrap();
        let target_columns = by_model(r#"{"columns":{"a":"b","b":"a"}}"#, &["a", "b"], &targets).unwrap();
        Renaming::new(&target_columns).apply(&mut row);
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"b":1,"a":2}"#);
    }

    #[test]
    fn invalid_replies_are_rejected() {
        let targets: OrderedTexts = serde_json::from_str(r#"{"a":"","b":""}"#).unwrap();
        for (answer, expected) in [
            (r#"{"columns":{"a":null}}"#, "the wanted column \"b\" is missing"),
            (r#"{"columns":{"a":"z","b":null}}"#, "\"z\" is not a column"),
            (r#"{"columns":{"a":"x","b":"x"}}"#, "the column \"x\" is used twice"),
            (r#"{"columns":{"a":null,"b":"x"}}"#, "has a column \"a\" already"),
            ("[]", "invalid"),
        ] {
            let message = by_model(answer, &["a", "x"], &targets).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn only_white_space_is_normalized() {
        let mut row = rows(r#"[{"a":" x \n y ","b":1.50,"_m":" z "}]"#).remove(0);
        clean(&mut row);
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"x y","b":1.50,"_m":" z "}"#);
    }
}
