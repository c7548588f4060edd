//! Which column of some rows is which of the columns that are wanted.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde_json::{Map as Object, Value};

use crate::concurrency::work::{Map, Pace, Set};
use crate::models::parse_response;
use crate::store::column_profile::columns;
use crate::store::{Cell, InputRow, OrderedTexts};

/// Names less alike than this have nothing to do with each other.
const ALIKE: f64 = 0.5;

/// Maximum number of letters that are compared to find names that are alike. Names beyond it are not compared: they find
/// each other only if they are equal, case and signs aside.
pub(crate) const COMPARED: usize = 500_000;

/// A wanted column, and the one that becomes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TargetColumn {
    pub(super) name: String,
    /// What is said about it.
    pub(super) description: String,
    pub(super) source: Option<String>,
}

/// The columns as they are, when nothing else is wanted.
pub(super) fn unchanged(rows: &[InputRow<'_>]) -> Vec<TargetColumn> {
    let names = known_columns(rows, &OrderedTexts::default()).into_iter().map(str::to_owned);
    names.map(|name| TargetColumn { source: Some(name.clone()), description: String::new(), name }).collect()
}

/// The columns that may become a wanted one: those that hold data. What steps have written about the rows is left out,
/// unless it is wanted by its name, so that no other column gets the name of one that is there.
pub(super) fn known_columns<'a>(rows: &'a [InputRow<'_>], targets: &OrderedTexts) -> Vec<&'a str> {
    let names = columns(rows).into_iter().map(|column| column.name);
    names.filter(|name| !name.starts_with('_') || targets.contains(name)).collect()
}

/// Gives each wanted column the one whose name is most alike, the most alike pair first. A column that has the wanted
/// name already is the wanted one.
pub(super) async fn by_name(
    rows: &[InputRow<'_>],
    targets: &OrderedTexts,
    pace: &mut Pace,
) -> Vec<TargetColumn> {
    let known = known_columns(rows, targets);
    let mut pairs = Pairs::new(known.len());
    let places: Map<&str, usize> = known.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    for (target, (name, _)) in targets.iter().enumerate() {
        pairs.choose(target, places.get(name).copied());
        pace.step(1).await;
    }
    let spelled: Vec<String> = known.iter().map(|name| letters(name)).collect();
    let wanted: Vec<String> = targets.iter().map(|(name, _)| letters(name)).collect();
    let mut equal: Map<&str, VecDeque<usize>> = Map::default();
    for (at, own) in spelled.iter().enumerate().filter(|(at, own)| !pairs.used[*at] && !own.is_empty()) {
        equal.entry(own).or_default().push_back(at);
    }
    for (target, name) in wanted.iter().enumerate() {
        if !pairs.has(target) {
            pairs.choose(target, equal.get_mut(name.as_str()).and_then(VecDeque::pop_front));
        }
        pace.step(1).await;
    }
    for (_, target, at) in alike(&wanted, &spelled, &pairs, pace).await {
        if !pairs.has(target) && !pairs.used[at] {
            pairs.choose(target, Some(at));
        }
    }
    let wanted = targets.iter().enumerate().map(|(target, (name, description))| TargetColumn {
        name: name.to_owned(),
        description: description.to_owned(),
        source: pairs.of.get(&target).map(|at| known[*at].to_owned()),
    });
    wanted.collect()
}

/// Wanted columns and the known columns that become them, by their positions.
struct Pairs {
    of: Map<usize, usize>,
    used: Vec<bool>,
}

impl Pairs {
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

/// The pairs of columns left whose names are alike, and how much they are, the most alike first. Of pairs that are alike
/// to the same degree, the first wanted column and the first known one come first.
async fn alike(
    wanted: &[String],
    known: &[String],
    chosen: &Pairs,
    pace: &mut Pace,
) -> Vec<(f64, usize, usize)> {
    let left: Vec<(usize, &String)> = known.iter().enumerate().filter(|(at, _)| !chosen.used[*at]).collect();
    let mut pairs = Vec::new();
    let mut compared = 0;
    'compared: for (target, name) in wanted.iter().enumerate().filter(|(target, _)| !chosen.has(*target)) {
        for (at, other) in &left {
            let letters = name.len() + other.len() + 1;
            compared += letters;
            if compared > COMPARED {
                break 'compared;
            }
            let degree = strsim::sorensen_dice(name, other);
            if degree >= ALIKE {
                pairs.push((degree, target, *at));
            }
            pace.step(letters).await;
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs
}

/// The letters and digits of a name in lower case. Case and signs do not count when names are compared.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a model says about it: `{"columns": {"wanted": "known or null"}}`.
pub(super) fn by_answer(
    json: &str,
    known: &[&str],
    targets: &OrderedTexts,
) -> Result<Vec<TargetColumn>, String> {
    #[derive(serde::Deserialize)]
    struct ModelColumns {
        columns: Object<String, Value>,
    }
    let said: ModelColumns = parse_response(json)?;
    let known: Set<&str> = known.iter().copied().collect();
    let mut used: Set<&str> = Set::default();
    let mut wanted: Vec<TargetColumn> = Vec::new();
    for (name, description) in targets.iter() {
        let source = match said.columns.get(name) {
            Some(Value::Null) => None,
            Some(Value::String(source)) if known.contains(source.as_str()) => Some(source),
            Some(source) => return Err(format!("{source} is no column of the table")),
            None => return Err(format!("the wanted column {name:?} is missing")),
        };
        if let Some(source) = source.filter(|source| !used.insert(source.as_str())) {
            return Err(format!("the column {source:?} is used twice"));
        }
        let (name, description) = (name.to_owned(), description.to_owned());
        wanted.push(TargetColumn { name, description, source: source.cloned() });
    }
    let overwritten =
        wanted.iter().find(|own| known.contains(own.name.as_str()) && !used.contains(own.name.as_str()));
    match overwritten {
        Some(own) => Err(format!("the table has a column {:?} already, which would be lost", own.name)),
        None => Ok(wanted),
    }
}

/// The names that columns get.
///
/// Each row keeps one column of a name: a column becomes a wanted one of another name only if no column has that name or
/// the one that has it becomes another one. [`by_name`] and [`by_answer`] see to that.
pub(super) struct Renaming<'w> {
    wanted: &'w [TargetColumn],
    /// The wanted name of each column that becomes one.
    names: Map<&'w str, &'w str>,
    /// The column that becomes each wanted one.
    sources: Map<&'w str, Option<&'w str>>,
}

impl<'w> Renaming<'w> {
    pub(super) fn new(wanted: &'w [TargetColumn]) -> Self {
        let names = wanted.iter().filter_map(|own| Some((own.source.as_deref()?, own.name.as_str())));
        let sources = wanted.iter().map(|own| (own.name.as_str(), own.source.as_deref()));
        Self { wanted, names: names.collect(), sources: sources.collect() }
    }

    /// Gives the columns of a row their wanted names. A wanted column that the row lacks is null.
    pub(super) fn apply(&self, row: &mut InputRow<'_>) {
        for (name, _) in &mut row.cells {
            if let Some(wanted) = self.names.get(&**name) {
                *name = Cow::Owned((*wanted).to_owned());
            }
        }
        let missing: Vec<&str> = {
            let there: Set<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
            self.wanted.iter().map(|own| own.name.as_str()).filter(|name| !there.contains(name)).collect()
        };
        row.cells.extend(missing.into_iter().map(|name| (Cow::Owned(name.to_owned()), Cell::Null)));
    }

    /// The name that a column of a renamed row had before; `None` if it is new.
    pub(super) fn source<'n>(&self, name: &'n str) -> Option<&'n str>
    where
        'w: 'n,
    {
        self.sources.get(name).map_or(Some(name), |source| *source)
    }

    /// The wanted columns that a row lacks.
    pub(super) fn missing<'s>(&'s self, row: &'s InputRow<'_>) -> impl Iterator<Item = &'s str> {
        let there: Set<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
        let lacks =
            move |own: &&TargetColumn| own.source.as_deref().is_none_or(|source| !there.contains(source));
        self.wanted.iter().filter(lacks).map(|own| own.name.as_str())
    }

    pub(super) fn wants(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }
}

/// Takes stray space out of the texts of a row.
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

    /// The row after renaming, with the wanted columns by rule.
    fn renamed(row: &str, targets: &str) -> String {
        let mut rows = rows(row);
        let wanted = named(&rows, &serde_json::from_str(targets).unwrap());
        Renaming::new(&wanted).apply(&mut rows[0]);
        serde_json::to_string(&rows[0]).unwrap()
    }

    #[test]
    fn no_two_columns_get_one_name() {
        for (row, targets, expected) in [
            // The column that has the name is the wanted one, also if a step wrote it.
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
        fn every_column_keeps_its_value_under_a_name_of_its_own(
            names in prop::collection::btree_set("[_-]{0,2}[aAbB]{1,2}", 1..8),
            targets in prop::collection::btree_set("[_-]{0,2}[aAbB]{1,2}", 0..8),
        ) {
            let cells = names.iter().enumerate();
            let cells = cells.map(|(at, name)| (name.clone().into(), Cell::Text(at.to_string().into())));
            let mut row = InputRow { cells: cells.collect() };
            let targets = targets.into_iter().map(|name| (name, String::new())).collect();
            let wanted = named(std::slice::from_ref(&row), &targets);
            Renaming::new(&wanted).apply(&mut row);
            let after: BTreeSet<&str> = row.cells.iter().map(|(name, _)| &**name).collect();
            prop_assert_eq!(after.len(), row.cells.len());
            let values: BTreeSet<&str> = row.cells.iter().filter_map(|(_, cell)| cell.as_text()).collect();
            prop_assert_eq!(values.len(), names.len());
            prop_assert!(targets.iter().all(|(name, _)| after.contains(name)));
        }
    }

    #[test]
    fn many_columns_take_steps_in_proportion() {
        let rows_of = |size: usize| {
            let cells = (0..size).map(|number| (format!("Column {number}").into(), Cell::Null));
            vec![InputRow { cells: cells.collect() }]
        };
        let targets_of = |size: usize, name: fn(usize) -> String| -> OrderedTexts {
            (0..size).map(|number| (name(number), String::new())).collect()
        };
        // Equal names, names that differ in case and signs, and names that are only alike.
        let names: [fn(usize) -> String; 3] = [
            |number| format!("Column {number}"),
            |number| format!("column_{}", number + 1),
            |number| format!("columns {number} x"),
        ];
        for name in names {
            assert_proportional(5_000, |size| {
                let (mut rows, targets) = (rows_of(size), targets_of(size, name));
                let wanted = named(&rows, &targets);
                assert_eq!(wanted.len(), size);
                Renaming::new(&wanted).apply(&mut rows[0]);
            });
        }
        let json = |size: usize| {
            let said: Object<String, Value> =
                (0..size).map(|number| (number.to_string(), format!("Column {number}").into())).collect();
            serde_json::to_string(&serde_json::json!({ "columns": said })).unwrap()
        };
        assert_proportional(10_000, |size| {
            let (rows, targets) = (rows_of(size), targets_of(size, |number| number.to_string()));
            by_answer(&json(size), &known_columns(&rows, &targets), &targets).unwrap();
        });
    }

    fn sources(wanted: &[TargetColumn]) -> Vec<(&str, Option<&str>)> {
        wanted.iter().map(|own| (own.name.as_str(), own.source.as_deref())).collect()
    }

    #[test]
    fn the_most_alike_names_belong_together() {
        let rows = rows(r#"[{"Height (m)":1,"tree_genus":"x","height":2,"note":"y","__metadata_x":1}]"#);
        let targets: OrderedTexts =
            serde_json::from_str(r#"{"height":"","genus":"","heights":"","age":null}"#).unwrap();
        let wanted = named(&rows, &targets);
        let expected = [
            ("height", Some("height")),
            ("genus", Some("tree_genus")),
            ("heights", Some("Height (m)")),
            ("age", None),
        ];
        assert_eq!(sources(&wanted), expected);
        let mut row = rows.into_iter().next().unwrap();
        Renaming::new(&wanted).apply(&mut row);
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"heights":1,"genus":"x","height":2,"note":"y","__metadata_x":1,"age":null}"#
        );
    }

    #[test]
    fn names_may_be_exchanged() {
        let mut row = rows(r#"[{"a":1,"b":2}]"#).remove(0);
        let targets: OrderedTexts = serde_json::from_str(r#"{"a":"","b":""}"#).unwrap();
        let wanted = by_answer(r#"{"columns":{"a":"b","b":"a"}}"#, &["a", "b"], &targets).unwrap();
        Renaming::new(&wanted).apply(&mut row);
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"b":1,"a":2}"#);
    }

    #[test]
    fn answers_are_checked() {
        let targets: OrderedTexts = serde_json::from_str(r#"{"a":"","b":""}"#).unwrap();
        for (answer, objection) in [
            (r#"{"columns":{"a":null}}"#, "the wanted column \"b\" is missing"),
            (r#"{"columns":{"a":"z","b":null}}"#, "\"z\" is no column"),
            (r#"{"columns":{"a":"x","b":"x"}}"#, "the column \"x\" is used twice"),
            (r#"{"columns":{"a":null,"b":"x"}}"#, "has a column \"a\" already"),
            ("[]", "invalid"),
        ] {
            let told = by_answer(answer, &["a", "x"], &targets).unwrap_err();
            assert!(told.contains(objection), "{told}");
        }
    }

    #[test]
    fn only_stray_space_is_taken_out() {
        let mut row = rows(r#"[{"a":" x \n y ","b":1.50,"_m":" z "}]"#).remove(0);
        clean(&mut row);
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":"x y","b":1.50,"_m":" z "}"#);
    }
}
