//! Which column of some rows is which of the columns that are wanted.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::models::said;
use crate::seen::columns;
use crate::store::{Cell, InputRow, OrderedTexts};

/// Names less alike than this have nothing to do with each other.
const ALIKE: f64 = 0.5;

/// A wanted column, and the one that becomes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wanted {
    pub(super) name: String,
    /// What is said about it.
    pub(super) description: String,
    pub(super) source: Option<String>,
}

/// The columns as they are, when nothing else is wanted.
pub(super) fn unchanged(rows: &[InputRow<'_>]) -> Vec<Wanted> {
    let names = data_columns(rows).into_iter().map(str::to_owned);
    names.map(|name| Wanted { source: Some(name.clone()), description: String::new(), name }).collect()
}

/// The columns that hold data, without what steps have written about the rows.
pub(super) fn data_columns<'a>(rows: &'a [InputRow<'_>]) -> Vec<&'a str> {
    columns(rows).into_iter().map(|column| column.name).filter(|name| !name.starts_with('_')).collect()
}

/// Gives each wanted column the one whose name is most alike, the most alike pair first.
pub(super) fn by_name(rows: &[InputRow<'_>], targets: &OrderedTexts) -> Vec<Wanted> {
    let known = data_columns(rows);
    let mut pairs: Vec<(f64, &str, &str)> = Vec::new();
    for (target, _) in targets.iter() {
        pairs.extend(
            known.iter().map(|name| (alike(target, name), target, *name)).filter(|pair| pair.0 >= ALIKE),
        );
    }
    // Stable: of pairs that are alike to the same degree, the first wanted column and the first known one.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for (_, target, name) in pairs {
        if !taken.contains_key(target) && !taken.values().any(|own| *own == name) {
            taken.insert(target, name);
        }
    }
    let wanted = targets.iter().map(|(name, description)| Wanted {
        name: name.to_owned(),
        description: description.to_owned(),
        source: taken.get(name).map(|source| (*source).to_owned()),
    });
    wanted.collect()
}

/// What a model says about it: `{"columns": {"wanted": "known or null"}}`.
pub(super) fn by_answer(json: &str, known: &[&str], targets: &OrderedTexts) -> Result<Vec<Wanted>, String> {
    #[derive(serde::Deserialize)]
    struct Said {
        columns: Map<String, Value>,
    }
    let said: Said = said(json)?;
    let mut wanted: Vec<Wanted> = Vec::new();
    for (name, description) in targets.iter() {
        let source = match said.columns.get(name) {
            Some(Value::Null) => None,
            Some(Value::String(source)) if known.contains(&source.as_str()) => Some(source.clone()),
            Some(source) => return Err(format!("{source} is no column of the table")),
            None => return Err(format!("the wanted column {name:?} is missing")),
        };
        if let Some(used) = source.as_ref().filter(|_| wanted.iter().any(|own| own.source == source)) {
            return Err(format!("the column {used:?} is used twice"));
        }
        wanted.push(Wanted { name: name.to_owned(), description: description.to_owned(), source });
    }
    let overwritten = wanted.iter().find(|own| {
        known.contains(&own.name.as_str())
            && !wanted.iter().any(|other| other.source.as_ref() == Some(&own.name))
    });
    match overwritten {
        Some(own) => Err(format!("the table has a column {:?} already, which would be lost", own.name)),
        None => Ok(wanted),
    }
}

/// How alike two names are, from 0 to 1: of their pairs of neighbouring letters, the share that both have. Case and
/// signs do not count, unless nothing else differs.
fn alike(one: &str, other: &str) -> f64 {
    if one == other {
        return 2.0;
    }
    let letters = |name: &str| -> Vec<char> {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (letters(one), letters(other));
    if one == other {
        return if one.is_empty() { 0.0 } else { 1.0 };
    }
    let pairs = |letters: &[char]| -> Vec<(char, char)> {
        letters.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect()
    };
    let (one, mut other) = (pairs(&one), pairs(&other));
    let all = one.len() + other.len();
    let mut both = 0;
    for pair in one {
        if let Some(at) = other.iter().position(|own| *own == pair) {
            other.swap_remove(at);
            both += 1;
        }
    }
    if all == 0 { 0.0 } else { 2.0 * f64::from(both) / all as f64 }
}

/// Gives the columns of a row their wanted names. A wanted column that the row lacks is null.
pub(super) fn rename(row: &mut InputRow<'_>, wanted: &[Wanted]) {
    for (name, _) in &mut row.cells {
        if let Some(own) = wanted.iter().find(|own| own.source.as_deref() == Some(name)) {
            *name = Cow::Owned(own.name.clone());
        }
    }
    for own in wanted {
        if row.get(&own.name).is_none() {
            row.cells.push((Cow::Owned(own.name.clone()), Cell::Null));
        }
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
    use super::*;

    fn rows(json: &str) -> Vec<InputRow<'_>> {
        serde_json::from_str(json).unwrap()
    }

    fn sources(wanted: &[Wanted]) -> Vec<(&str, Option<&str>)> {
        wanted.iter().map(|own| (own.name.as_str(), own.source.as_deref())).collect()
    }

    #[test]
    fn the_most_alike_names_belong_together() {
        let rows = rows(r#"[{"Height (m)":1,"tree_genus":"x","height":2,"note":"y","__metadata_x":1}]"#);
        let targets: OrderedTexts =
            serde_json::from_str(r#"{"height":"","genus":"","heights":"","age":null}"#).unwrap();
        let wanted = by_name(&rows, &targets);
        let expected = [
            ("height", Some("height")),
            ("genus", Some("tree_genus")),
            ("heights", Some("Height (m)")),
            ("age", None),
        ];
        assert_eq!(sources(&wanted), expected);
        let mut row = rows.into_iter().next().unwrap();
        rename(&mut row, &wanted);
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
        rename(&mut row, &wanted);
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
