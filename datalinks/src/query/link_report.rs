//! How the values of two columns relate.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    fold::{Folding, Spaces},
    link_column::{Column, Entry, Key},
};

/// The values of two columns: those that match, those that are in one column only, and those that nearly match.
///
/// Values match if they are equal: texts by their characters, numbers by their value, and a text never matches a number. The
/// service does not document how it compares the values of an exact match (letter case, spaces, and numbers that one dataset
/// stores as text), so the number of its [`hits`](crate::datasets::Link::hits) may differ. Such pairs are [near
/// misses](NearMiss) here. Arrays and objects are not compared: the service does not document whether it links their items.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkReport {
    /// The column at which the link starts.
    pub from: LinkColumn,
    /// The column at which the link ends.
    pub to: LinkColumn,
    /// Values that both columns have.
    pub matching: LinkValues,
    /// Values that only the column at the start has.
    pub only_from: LinkValues,
    /// Values that only the column at the end has. If the values of the other column were cut
    /// ([`LinkColumn::cut_rows`]), some of them may be among those that were not kept.
    pub only_to: LinkValues,
    /// Values of one column only that nearly match a value of the other one.
    pub near: NearMisses,
}

/// What was read of a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkColumn {
    /// Number of rows that the service returned. It does not document whether a query has a default limit, so compare it with
    /// [`DatasetMetadata::row_count`](crate::datasets::DatasetMetadata::row_count).
    pub row_count: u64,
    /// Rows without a value: `null`, an empty text, or no such column.
    pub empty_rows: u64,
    /// Rows with an array or an object, which are not compared.
    pub nested_rows: u64,
    /// Number of different values that were compared.
    pub distinct: u64,
    /// Rows whose values were not compared, because there were more different values than
    /// [`ExplainLink::max_distinct`](super::ExplainLink::max_distinct).
    pub cut_rows: u64,
}

/// A group of values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkValues {
    /// Number of different values.
    pub distinct: u64,
    /// Number of rows at the start of the link that have one of them.
    pub from_rows: u64,
    /// Number of rows at the end of the link that have one of them.
    pub to_rows: u64,
    /// The values in most rows, at most [`ExplainLink::max_examples`](super::ExplainLink::max_examples).
    pub examples: Vec<LinkValue>,
}

/// A value of a column, and how often it occurs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkValue {
    /// The value.
    pub value: Value,
    /// Number of rows at the start of the link that have it.
    pub from_rows: u64,
    /// Number of rows at the end of the link that have it.
    pub to_rows: u64,
}

/// Values of one column only that nearly match a value of the other one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NearMisses {
    /// Number of different values that only the column at the start has, and that nearly match one at the end.
    pub from_distinct: u64,
    /// Number of rows with these values.
    pub from_rows: u64,
    /// Number of different values that only the column at the end has, and that nearly match one at the start.
    pub to_distinct: u64,
    /// Number of rows with these values.
    pub to_rows: u64,
    /// Pairs of such values, those in most rows first, at most
    /// [`ExplainLink::max_examples`](super::ExplainLink::max_examples).
    pub examples: Vec<NearMiss>,
}

/// Two values that nearly match.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NearMiss {
    /// Value at the start of the link.
    pub from: Value,
    /// Value at the end of the link.
    pub to: Value,
    /// The differences between them.
    pub differences: Vec<ValueDifference>,
}

/// A difference between two values that nearly match.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ValueDifference {
    /// Letter case.
    Case,
    /// Whitespace, or invisible characters such as a zero-width space.
    Spaces,
    /// Accents and other marks above and below letters.
    Accents,
    /// Another form of the same characters, such as full-width letters, ligatures, or an accent as a character of its own.
    Forms,
    /// A number or boolean, and a text that looks like it.
    Type,
}

impl LinkReport {
    /// Creates a report without near misses.
    pub fn new(
        from: LinkColumn,
        to: LinkColumn,
        matching: LinkValues,
        only_from: LinkValues,
        only_to: LinkValues,
    ) -> Self {
        Self { from, to, matching, only_from, only_to, near: NearMisses::default() }
    }

    /// Compares two columns.
    pub(super) fn of(from: &Column, to: &Column, max_examples: usize) -> Self {
        let rows_of = |column: &Column, key: &Key| column.values.get(key).map_or(0, |entry| entry.rows);
        let (mut matching, mut only_from, mut only_to) =
            (Group::default(), Group::default(), Group::default());
        for (key, entry) in &from.values {
            let to_rows = rows_of(to, key);
            let group = if to_rows > 0 { &mut matching } else { &mut only_from };
            group.0.push((key, entry, entry.rows, to_rows));
        }
        for (key, entry) in to.values.iter().filter(|(key, _)| !from.values.contains_key(key)) {
            only_to.0.push((key, entry, 0, entry.rows));
        }
        let near = near(from, to, max_examples);
        let mut report = Self::new(
            LinkColumn::of(from),
            LinkColumn::of(to),
            matching.finish(max_examples),
            only_from.finish(max_examples),
            only_to.finish(max_examples),
        );
        report.near = near;
        report
    }
}

impl LinkColumn {
    /// Creates a column of this number of rows, each with another value.
    pub fn new(row_count: u64) -> Self {
        Self { row_count, distinct: row_count, ..Self::default() }
    }

    fn of(column: &Column) -> Self {
        let distinct = u64::try_from(column.values.len()).unwrap_or(u64::MAX);
        let Column { rows, empty, nested, cut, .. } = *column;
        Self { row_count: rows, empty_rows: empty, nested_rows: nested, distinct, cut_rows: cut }
    }
}

impl LinkValues {
    /// Creates an empty group.
    pub fn new() -> Self {
        Self::default()
    }
}

impl LinkValue {
    /// Creates a value with the number of rows at the start and at the end of the link.
    pub fn new(value: impl Into<Value>, from_rows: u64, to_rows: u64) -> Self {
        Self { value: value.into(), from_rows, to_rows }
    }
}

impl NearMisses {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }
}

impl NearMiss {
    /// Creates a pair of values with their differences.
    pub fn new(from: impl Into<Value>, to: impl Into<Value>, differences: Vec<ValueDifference>) -> Self {
        Self { from: from.into(), to: to.into(), differences }
    }
}

/// Values with the number of rows on each side.
#[derive(Default)]
struct Group<'a>(Vec<(&'a Key, &'a Entry, u64, u64)>);

impl Group<'_> {
    fn finish(mut self, max_examples: usize) -> LinkValues {
        self.0.sort_unstable_by(|(key, _, from, to), (other, _, other_from, other_to)| {
            (other_from + other_to).cmp(&(from + to)).then_with(|| key.cmp(other))
        });
        LinkValues {
            distinct: u64::try_from(self.0.len()).unwrap_or(u64::MAX),
            from_rows: self.0.iter().map(|(_, _, from, _)| from).sum(),
            to_rows: self.0.iter().map(|(_, _, _, to)| to).sum(),
            examples: self
                .0
                .iter()
                .take(max_examples)
                .map(|(_, entry, from, to)| LinkValue::new(entry.value.clone(), *from, *to))
                .collect(),
        }
    }
}

/// Finds the values of one column only that nearly match a value of the other one.
fn near(from: &Column, to: &Column, max_examples: usize) -> NearMisses {
    let of_from = near_of(from, to);
    let of_to = near_of(to, from);
    let rows = |pairs: &[(&Key, &Key)], column: &Column| -> u64 {
        pairs.iter().filter_map(|(own, _)| column.values.get(own)).map(|entry| entry.rows).sum()
    };
    let count = |pairs: &[(&Key, &Key)]| u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    let mut near = NearMisses {
        from_distinct: count(&of_from),
        from_rows: rows(&of_from, from),
        to_distinct: count(&of_to),
        to_rows: rows(&of_to, to),
        examples: Vec::new(),
    };
    // A pair of two values that are both in one column only is found from both sides.
    let mut pairs: Vec<(&Key, &Key)> = of_from;
    pairs.extend(of_to.into_iter().map(|(own, other)| (other, own)));
    let rows_of_pair = |(one, other): &(&Key, &Key)| {
        let rows = |column: &Column, key: &Key| column.values.get(key).map_or(0, |entry| entry.rows);
        rows(from, one) + rows(to, other)
    };
    pairs.sort_unstable_by(|one, other| {
        rows_of_pair(other).cmp(&rows_of_pair(one)).then_with(|| one.cmp(other))
    });
    pairs.dedup();
    for (one, other) in pairs.into_iter().take(max_examples) {
        if let (Some(own), Some(found)) = (from.values.get(one), to.values.get(other)) {
            near.examples.push(NearMiss::new(
                own.value.clone(),
                found.value.clone(),
                differences(one, other),
            ));
        }
    }
    near
}

/// Returns the values that only `own` has, each with the least value of `other` that nearly matches it.
fn near_of<'a>(own: &'a Column, other: &'a Column) -> Vec<(&'a Key, &'a Key)> {
    let mut wanted: HashMap<String, Option<&Key>> = HashMap::new();
    let only_own = || own.values.keys().filter(|key| !other.values.contains_key(key));
    for key in only_own() {
        wanted.entry(folded(key, Folding::ALL)).or_default();
    }
    // Nothing is left of a text of spaces.
    wanted.remove("");
    for key in other.values.keys() {
        if let Some(found) = wanted.get_mut(&folded(key, Folding::ALL)) {
            *found = Some(found.map_or(key, |least| least.min(key)));
        }
    }
    let found = only_own().filter_map(|key| {
        let near = wanted.get(&folded(key, Folding::ALL)).copied().flatten()?;
        Some((key, near))
    });
    found.collect()
}

fn folded(key: &Key, folding: Folding) -> String {
    match key {
        Key::Text(text) => folding.apply(text),
        Key::Bool(value) => value.to_string(),
        Key::Number(number) => plain(number),
    }
}

/// Returns the digits of a number as people write it, if it is short enough.
fn plain(number: &str) -> String {
    let Some((digits, power)) = number.split_once('e') else { return number.to_owned() };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    match power.parse::<i32>() {
        Ok(power @ 0..=30) => format!("{sign}{digits}{}", "0".repeat(power.unsigned_abs() as usize)),
        Ok(power @ -30..0) => {
            let places = power.unsigned_abs() as usize;
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            format!("{sign}{whole}.{fraction}")
        }
        _ => number.to_owned(),
    }
}

/// Returns the differences between two values that are equal once they are folded.
fn differences(one: &Key, other: &Key) -> Vec<ValueDifference> {
    let differ = |folding: Folding| folded(one, folding) != folded(other, folding);
    let mut found = Vec::new();
    if std::mem::discriminant(one) != std::mem::discriminant(other) {
        found.push(ValueDifference::Type);
    }
    if differ(Folding { case: false, ..Folding::ALL }) {
        found.push(ValueDifference::Case);
    }
    if differ(Folding { spaces: Spaces::Keep, ..Folding::ALL }) {
        found.push(ValueDifference::Spaces);
    }
    if differ(Folding { accents: false, ..Folding::ALL }) {
        found.push(ValueDifference::Accents);
    }
    if differ(Folding { forms: false, ..Folding::ALL }) || found.is_empty() {
        found.push(ValueDifference::Forms);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(values: &[Value]) -> Column {
        let mut column = Column::default();
        for value in values {
            let row = serde_json::value::to_raw_value(&json!({ "a": value })).unwrap();
            column.count(&row, "a", 100, |_| false).unwrap();
        }
        column
    }

    fn report(from: &[Value], to: &[Value]) -> LinkReport {
        LinkReport::of(&column(from), &column(to), 10)
    }

    fn counts(values: &LinkValues) -> (u64, u64, u64) {
        (values.distinct, values.from_rows, values.to_rows)
    }

    #[test]
    fn values_are_grouped_and_counted() {
        let report = report(
            &[json!("Ana"), json!("Ana"), json!("Bo"), json!(null), json!(1979), json!(["x"])],
            &[json!("Ana"), json!("Cy"), json!("Cy"), json!("Cy"), json!(1979.0), json!("")],
        );
        assert_eq!(counts(&report.matching), (2, 3, 2));
        assert_eq!(counts(&report.only_from), (1, 1, 0));
        assert_eq!(counts(&report.only_to), (1, 0, 3));
        assert_eq!(report.only_to.examples, [LinkValue::new("Cy", 0, 3)]);
        assert_eq!(report.matching.examples[0], LinkValue::new("Ana", 2, 1));
        assert_eq!((report.from.row_count, report.from.empty_rows, report.from.nested_rows), (6, 1, 1));
        assert_eq!((report.to.distinct, report.to.empty_rows, report.to.cut_rows), (3, 1, 0));
        assert_eq!(report.near, NearMisses::new());
    }

    #[test]
    fn near_misses_have_their_differences() {
        use ValueDifference::{Accents, Case, Forms, Spaces, Type};
        for (from, to, expected) in [
            (json!("Ridley Scott"), json!("ridley scott"), &[Case][..]),
            (json!("Ridley Scott"), json!(" Ridley  Scott"), &[Spaces]),
            (json!("Jose"), json!("José"), &[Accents]),
            (json!("José"), json!("Jose\u{301}"), &[Forms]),
            (json!("Ａlien"), json!("Alien"), &[Forms]),
            (json!("JOSE "), json!("josé"), &[Case, Spaces, Accents]),
            (json!(1979), json!("1979"), &[Type]),
            (json!("1200"), json!(1200.0), &[Type]),
            (json!("0.25"), json!(0.25), &[Type]),
            (json!(" 7"), json!(7), &[Type, Spaces]),
            (json!(true), json!("True"), &[Type, Case]),
        ] {
            let near = report(std::slice::from_ref(&from), std::slice::from_ref(&to)).near;
            assert_eq!(near.examples, [NearMiss::new(from, to, expected.to_vec())]);
            assert_eq!((near.from_distinct, near.to_distinct), (1, 1));
        }
        for (from, to) in [("Ali", "Alien"), (" ", "\t"), ("Søren", "Soren")] {
            assert_eq!(report(&[json!(from)], &[json!(to)]).near, NearMisses::new(), "{from} {to}");
        }
    }

    #[test]
    fn value_that_matches_can_be_near_to_another() {
        let near = report(&[json!("Ana")], &[json!("Ana"), json!("ana"), json!("ana"), json!("ANA")]).near;
        assert_eq!((near.from_distinct, near.to_distinct, near.to_rows), (0, 2, 3));
        assert_eq!(near.examples[0], NearMiss::new("Ana", "ana", vec![ValueDifference::Case]));
        assert_eq!(near.examples.len(), 2);
    }

    #[test]
    fn examples_are_limited() {
        let from: Vec<Value> = (0..50).map(|number| json!(format!("A{number:02}"))).collect();
        let to: Vec<Value> = (0..50).map(|number| json!(format!("a{number:02}"))).collect();
        let report = LinkReport::of(&column(&from), &column(&to), 3);
        assert_eq!((report.only_from.distinct, report.only_from.examples.len()), (50, 3));
        assert_eq!((report.near.from_distinct, report.near.examples.len()), (50, 3));
        assert_eq!(report.near.examples[0].from, "A00");
    }

    #[test]
    fn examples_of_most_rows_come_first() {
        // Names with the number of their rows on both sides: 6, 5, and twice 4.
        let rows = [("d", 1, 3), ("b", 2, 3), ("a", 1, 5), ("c", 2, 2)];
        let values = |name: String, count: usize| vec![json!(name); count];
        let from: Vec<Value> =
            rows.iter().flat_map(|(name, from, _)| values(name.to_uppercase(), *from)).collect();
        let to: Vec<Value> = rows.iter().flat_map(|(name, _, to)| values((*name).to_owned(), *to)).collect();
        let near = report(&from, &to).near;
        let names: Vec<&Value> = near.examples.iter().map(|example| &example.to).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!((near.from_rows, near.to_rows), (6, 13));
    }
}
