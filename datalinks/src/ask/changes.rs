//! The comparison of rows that a query found before with rows that it finds now.

use std::collections::HashMap;

use datalinks_gen::Row;
use hmac_sha256::Hash as Sha256;
use serde::Serialize;
use serde_json::Value;

use super::repetition::Repetition;
use crate::json::canonical;

/// The SHA-256 of a row in canonical form, or of the values by which rows are sorted.
type Hash = [u8; 32];

/// The differences between the rows of a step and the rows that its query returned when it was repeated.
///
/// Rows are compared as a multiset, without columns whose names begin with an underscore. The lists leave out these columns, and
/// have the first rows only, up to [`Verify::max_rows`](super::Verify::max_rows). The counts have all rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RowChanges {
    /// Number of rows of the step that the query did not return.
    pub missing_count: usize,
    /// Rows of the step that the query did not return.
    pub missing: Vec<Row>,
    /// Number of rows that the query returned and that are not in the step.
    pub added_count: usize,
    /// Rows that the query returned and that are not in the step.
    pub added: Vec<Row>,
    /// The rows are the same, but their order differs in a column by which the query sorts.
    pub reordered: bool,
}

impl RowChanges {
    /// Creates changes in which nothing has changed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns `true` if nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.missing_count == 0 && self.added_count == 0 && !self.reordered
    }
}

/// Returns the digest of rows, as [`AutoRagStep::rows_digest`](super::AutoRagStep::rows_digest) documents it.
pub(super) fn digest(rows: &[Row]) -> String {
    let mut hashes: Vec<Hash> = rows.iter().map(hash).collect();
    hashes.sort_unstable();
    let mut all = Sha256::new();
    for hash in hashes {
        all.update(hex(&hash));
        all.update(b"\n");
    }
    format!("sha256:{}", hex(&all.finalize()))
}

fn hash(row: &Row) -> Hash {
    Sha256::hash(&canonical::row_without_metadata(row))
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rows of a step, while the rows of the repeated query are compared with them one after the other.
///
/// The memory is in proportion to the rows of the step.
pub(super) struct Comparison {
    rows: Vec<Row>,
    /// The rows that were not seen yet, by their hash: how often, and the index of the first one.
    unseen: HashMap<Hash, Unseen>,
    /// Columns by which the query sorts.
    sorted_by: Vec<String>,
    max_rows: usize,
    /// Number of rows that were compared.
    found: usize,
    order_differs: bool,
    changes: RowChanges,
}

struct Unseen {
    times: usize,
    first: usize,
}

impl Comparison {
    pub(super) fn new(rows: Vec<Row>, repetition: &Repetition, max_rows: usize) -> Self {
        let mut unseen: HashMap<Hash, Unseen> = HashMap::with_capacity(rows.len());
        for (first, row) in rows.iter().enumerate() {
            unseen.entry(hash(row)).or_insert(Unseen { times: 0, first }).times += 1;
        }
        Self {
            rows,
            unseen,
            sorted_by: repetition.sorted_by.clone(),
            max_rows,
            found: 0,
            order_differs: false,
            changes: RowChanges::default(),
        }
    }

    /// Compares the next row of the repeated query.
    pub(super) fn row(&mut self, row: Row) {
        let before = self.rows.get(self.found);
        // Rows with equal values in these columns may come in any order.
        self.order_differs |= before.is_some_and(|before| {
            self.sorted_by.iter().any(|column| of_column(before, column) != of_column(&row, column))
        });
        self.found += 1;
        if let Some(unseen) = self.unseen.get_mut(&hash(&row)).filter(|unseen| unseen.times > 0) {
            unseen.times -= 1;
            return;
        }
        self.changes.added_count += 1;
        if self.changes.added.len() < self.max_rows {
            self.changes.added.push(without_metadata(row));
        }
    }

    /// Returns the number of rows that the query returned, and the changes.
    pub(super) fn finish(self) -> (usize, RowChanges) {
        let Self { mut rows, unseen, max_rows, found, order_differs, mut changes, .. } = self;
        let mut missing: Vec<Unseen> = unseen.into_values().filter(|unseen| unseen.times > 0).collect();
        missing.sort_unstable_by_key(|unseen| unseen.first);
        for Unseen { times, first } in missing {
            changes.missing_count += times;
            let room = max_rows.saturating_sub(changes.missing.len()).min(times);
            let row = without_metadata(std::mem::take(&mut rows[first]));
            changes.missing.extend(std::iter::repeat_n(row, room));
        }
        changes.reordered = order_differs && changes.missing_count == 0 && changes.added_count == 0;
        (found, changes)
    }
}

/// Returns a row without the columns that are not compared.
fn without_metadata(row: Row) -> Row {
    row.into_iter().filter(|(name, _)| !name.starts_with('_')).collect()
}

/// Returns the canonical value of a column. Letter case of the name does not matter, because the service does not document
/// whether it does in queries.
fn of_column(row: &Row, column: &str) -> Option<Vec<u8>> {
    let value = row.get(column).or_else(|| {
        let same = |(name, _): &(&String, &Value)| name.to_lowercase() == column.to_lowercase();
        row.iter().find(same).map(|(_, value)| value)
    });
    value.map(canonical::value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rows(values: &[Value]) -> Vec<Row> {
        values.iter().map(|value| value.as_object().unwrap().clone()).collect()
    }

    fn compare(query: &str, before: &[Value], after: &[Value], max_rows: usize) -> RowChanges {
        let mut comparison = Comparison::new(rows(before), &Repetition::of(query), max_rows);
        rows(after).into_iter().for_each(|row| comparison.row(row));
        let (found, changes) = comparison.finish();
        assert_eq!(found, after.len());
        changes
    }

    #[test]
    fn rows_are_compared_as_a_multiset_by_value() {
        let before = [json!({"a": 1, "b": "x"}), json!({"a": 2}), json!({"a": 2})];
        let after =
            [json!({"a": 2.0}), json!({"b": "x", "a": 1, "__metadata": {"score": 1}}), json!({"a": 2})];
        assert!(compare("Ontology(n)", &before, &after, 9).is_empty());
        let changes = compare("Ontology(n)", &before, &after[..2], 9);
        assert_eq!((changes.missing_count, changes.missing), (1, rows(&[json!({"a": 2})])));
        let changes = compare("Ontology(n)", &before[..2], &after, 9);
        assert_eq!((changes.added_count, changes.added), (1, rows(&[json!({"a": 2})])));
        assert_eq!(compare("Ontology(n)", &[json!({"a": "2"})], &[json!({"a": 2})], 9).missing_count, 1);
        assert_eq!(compare("Ontology(n)", &[json!({"a": null})], &[json!({})], 9).missing_count, 1);
    }

    #[test]
    fn order_counts_in_the_columns_that_are_sorted() {
        let (one, other, more) =
            (json!({"y": 1, "t": "a"}), json!({"y": 1, "t": "b"}), json!({"y": 2, "t": "c"}));
        let before = [one.clone(), other.clone(), more.clone()];
        let ties = [other.clone(), one.clone(), more.clone()];
        let moved = [more, one, other];
        assert!(compare("Ontology(n).sortAscending(y)", &before, &ties, 9).is_empty());
        let changes = compare("Ontology(n).sortAscending(Y)", &before, &moved, 9);
        assert!(changes.reordered && changes.missing_count == 0);
        assert!(compare("Ontology(n)", &before, &moved, 9).is_empty());
    }

    #[test]
    fn lists_are_limited_and_counts_are_not() {
        let before: Vec<Value> = (0..50).map(|number| json!({ "a": number })).collect();
        let after: Vec<Value> = (100..140).map(|number| json!({ "a": number })).collect();
        let changes = compare("Ontology(n)", &before, &after, 3);
        assert_eq!((changes.missing_count, changes.added_count), (50, 40));
        assert_eq!(changes.missing, rows(&before[..3]));
        assert_eq!(changes.added, rows(&after[..3]));
    }

    #[test]
    fn digests_do_not_depend_on_order_or_form() {
        let one = rows(&[json!({"a": 1, "b": "é"}), json!({"c": [1.5]})]);
        let other = rows(&[json!({"c": [1.5], "_x": 1}), json!({"b": "é", "a": 1.0})]);
        assert_eq!(digest(&one), digest(&other));
        assert_ne!(digest(&one), digest(&one[..1]));
        // The SHA-256 of no bytes.
        assert_eq!(digest(&[]), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        // printf '%s\n' "$(printf '{"a":1,"b":"x"}' | sha256sum | cut -c 1-64)" | sha256sum
        let step = rows(&[json!({"b": "x", "a": 1})]);
        assert_eq!(digest(&step), "sha256:5968853a8259540d67d54e93233585bd65f873361c8508f8439103d9bcd9fde2");
    }

    proptest! {
        #[test]
        fn counts_are_those_of_a_naive_comparison(before in rows_of_few(), after in rows_of_few(), max_rows in 1_usize..4) {
            let of = |rows: &[u8]| -> Vec<Value> { rows.iter().map(|number| json!({ "a": number })).collect() };
            let changes = compare("Ontology(n)", &of(&before), &of(&after), max_rows);
            let left_over = |mut from: Vec<u8>, other: &[u8]| {
                for number in other {
                    if let Some(at) = from.iter().position(|own| own == number) {
                        from.remove(at);
                    }
                }
                from.len()
            };
            prop_assert_eq!(changes.missing_count, left_over(before.clone(), &after));
            prop_assert_eq!(changes.added_count, left_over(after.clone(), &before));
            prop_assert_eq!(changes.missing.len(), changes.missing_count.min(max_rows));
            prop_assert_eq!(changes.added.len(), changes.added_count.min(max_rows));
        }
    }

    fn rows_of_few() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0_u8..5, 0..12)
    }
}
