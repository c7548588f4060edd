use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::discover::TooManyLinks;
use super::*;
use crate::accounts::{Caller, CallerView};
use crate::concurrency::work::tests::assert_proportional;
use crate::store::{
    Cell, ColumnName, Dataset, DatasetName, Definition, Exact, Link, Match, MatchKind, Store,
};

fn name(name: &str) -> DatasetName {
    DatasetName::new("ana", "n", name)
}

fn dataset(store: &mut Store, name: &DatasetName, rows: &str) {
    store.create(name.clone(), Definition::default()).unwrap();
    store.find_mut(name).unwrap().append(serde_json::from_str(rows).unwrap());
}

fn found(store: &Store, own: &DatasetName, from: usize, selection: LinkSelection) -> Vec<DiscoveredLink> {
    let own = Compared { name: own, dataset: store.find(own).unwrap(), from };
    discover(CallerView::new(store, &Caller::of("ana")), own, &selection).unwrap()
}

fn all() -> LinkSelection {
    LinkSelection::default().or_all()
}

/// Generates rows with few distinct values, so that many are equal, and some locations.
fn rows() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(Value::Null),
        prop::sample::select(vec!["", "a", " a", "b", "1", "0, 0", "0,0.01", "0, 0.01", "9,9"])
            .prop_map(Value::from),
        (0..3).prop_map(Value::from),
    ];
    let row = prop::collection::btree_map("[a-c]", value, 0..4);
    prop::collection::vec(row.prop_map(|row| Value::Object(row.into_iter().collect::<Map<_, _>>())), 0..12)
        .prop_map(|rows| Value::from(rows).to_string())
}

/// Returns the pairs of rows that a link connects, by comparing each row with each. If both ends are the same column, a
/// row does not match itself.
fn pairs(store: &Store, link: &Link) -> Vec<(usize, usize)> {
    let values = |end: &ColumnName| {
        let dataset: &Dataset = store.find(&end.dataset).unwrap();
        let column = dataset.columns().number(&end.column).unwrap();
        let rows =
            dataset.rows().iter().map(|row| row.get(column).and_then(Cell::link_key).map(str::to_owned));
        rows.collect::<Vec<_>>()
    };
    let place = |text: &str| -> Option<(f64, f64)> {
        let (latitude, longitude) = text.split_once(',')?;
        Some((latitude.trim().parse().ok()?, longitude.trim().parse().ok()?))
    };
    let fits = |a: &str, b: &str| match link.kind() {
        MatchKind::ExactMatch => a == b,
        // Two kilometers are between one and two hundredths of a degree.
        MatchKind::GeoMatch => match (place(a), place(b)) {
            (Some(a), Some(b)) => (a.0 - b.0).abs() + (a.1 - b.1).abs() < 0.015,
            _ => false,
        },
    };
    let (from, to) = (values(&link.from), values(&link.to));
    let mut pairs = Vec::new();
    for (row, own) in from.iter().enumerate() {
        for (other_row, other) in to.iter().enumerate() {
            let itself = link.from == link.to && row == other_row;
            if !itself && own.as_deref().zip(other.as_deref()).is_some_and(|(own, other)| fits(own, other)) {
                pairs.push((row, other_row));
            }
        }
    }
    pairs
}

proptest! {
    #[test]
    fn discovery_hits_and_traversal_agree_with_comparing_all_rows(
        (here, there) in (rows(), rows()),
        picked in prop::collection::btree_set(0..12_u32, 0..12),
    ) {
        let mut store = Store::default();
        let (own, other) = (name("own"), name("other"));
        dataset(&mut store, &own, &here);
        dataset(&mut store, &other, &there);
        let found = found(&store, &own, 0, all());
        let columns = |name: &DatasetName| -> Vec<String> {
            store.find(name).unwrap().columns().names().map(str::to_owned).collect()
        };
        for (from, to) in columns(&own).into_iter().flat_map(|from| columns(&other).into_iter().map(move |to| (from.clone(), to))) {
            let link = Link::exact(own.column(from), other.column(to));
            for link in [Link { matching: MatchKind::GeoMatch.plain(), ..link.clone() }, link] {
                let pairs = pairs(&store, &link);
                prop_assert_eq!(hits(&store, &link), pairs.len() as u64);
                let hits = found.iter().find(|found| found.link.key() == link.key()).map(|found| found.hits);
                // A column with few locations is not a location column.
                if hits.is_some() || link.kind() == MatchKind::ExactMatch {
                    prop_assert_eq!(hits.unwrap_or_default(), pairs.len() as u64);
                }
                let rows: Vec<u32> = picked.iter().copied().collect();
                let mut ends = vec![false; store.find(&other).unwrap().rows().len()];
                follow(&store, &link, false, &rows, &mut ends);
                for (row, end) in ends.into_iter().enumerate() {
                    let expected = pairs.iter().any(|(from, to)| *to == row && picked.contains(&(*from as u32)));
                    prop_assert_eq!(end, expected);
                }
                let mut beginnings = vec![false; store.find(&own).unwrap().rows().len()];
                follow(&store, &link, true, &rows, &mut beginnings);
                for (row, beginning) in beginnings.into_iter().enumerate() {
                    let expected = pairs.iter().any(|(from, to)| *from == row && picked.contains(&(*to as u32)));
                    prop_assert_eq!(beginning, expected);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn link_within_a_dataset_agrees_with_comparing_all_rows(
        rows in rows(),
        picked in prop::collection::btree_set(0..12_u32, 0..12),
    ) {
        let mut store = Store::default();
        let own = name("own");
        dataset(&mut store, &own, &rows);
        let columns: Vec<String> = store.find(&own).unwrap().columns().names().map(str::to_owned).collect();
        let count = store.find(&own).unwrap().rows().len();
        for (from, to) in columns.iter().flat_map(|from| columns.iter().map(move |to| (from, to))) {
            let link = Link::exact(own.column(from), own.column(to));
            for link in [Link { matching: MatchKind::GeoMatch.plain(), ..link.clone() }, link] {
                let pairs = pairs(&store, &link);
                prop_assert_eq!(hits(&store, &link), pairs.len() as u64);
                let rows: Vec<u32> = picked.iter().copied().filter(|row| (*row as usize) < count).collect();
                for backwards in [false, true] {
                    let mut found = vec![false; count];
                    follow(&store, &link, backwards, &rows, &mut found);
                    for (row, found) in found.into_iter().enumerate() {
                        let expected = pairs.iter().any(|(from, to)| {
                            let (start, end) = if backwards { (to, from) } else { (from, to) };
                            *end == row && rows.contains(&(*start as u32))
                        });
                        prop_assert_eq!(found, expected);
                    }
                }
                let (from, to): (BTreeSet<_>, BTreeSet<_>) = pairs.iter().copied().unzip();
                prop_assert_eq!(connect::connects(&store, &link, f64::MIN_POSITIVE), !from.is_empty() || !to.is_empty());
            }
        }
    }
}

#[test]
fn many_columns_and_values_take_steps_in_proportion() {
    // One value in all columns, or a different one in each.
    for value in [|_| "x".to_owned(), |number: usize| number.to_string()] {
        assert_proportional(5_000, |size| {
            let cells: Vec<String> =
                (0..size).map(|number| format!(r#""c{number}":"{}""#, value(number))).collect();
            let mut store = Store::default();
            let (own, other) = (name("own"), name("other"));
            dataset(&mut store, &own, &format!("[{{{}}}]", cells.join(",")));
            dataset(&mut store, &other, &format!(r#"[{{"k":"{}"}}]"#, value(1)));
            found(&store, &own, 0, all());
        });
    }
}

#[test]
fn links_beyond_the_limit_are_rejected() {
    let cells: Vec<String> = (0..317).map(|number| format!(r#""c{number}":"x""#)).collect();
    let rows = format!("[{{{}}}]", cells.join(","));
    let mut store = Store::default();
    let (own, other) = (name("own"), name("other"));
    dataset(&mut store, &own, &rows);
    dataset(&mut store, &other, &rows);
    let compared = Compared { name: &own, dataset: store.find(&own).unwrap(), from: 0 };
    let found = discover(CallerView::new(&store, &Caller::of("ana")), compared, &all());
    assert_eq!(found, Err(TooManyLinks::Links), "317 columns on each side");
}

/// The limit of links did not bound the compared pairs, because distant locations give no links.
#[test]
fn pairs_of_columns_beyond_the_limit_are_rejected() {
    let locations = |latitude: u32| {
        let cells: Vec<String> = (0..1_001).map(|number| format!(r#""c{number}":"{latitude}, 1""#)).collect();
        format!("[{{{}}}]", cells.join(","))
    };
    let mut store = Store::default();
    let (own, other) = (name("own"), name("other"));
    dataset(&mut store, &own, &locations(10));
    dataset(&mut store, &other, &locations(80));
    let compared = Compared { name: &own, dataset: store.find(&own).unwrap(), from: 0 };
    let found = discover(CallerView::new(&store, &Caller::of("ana")), compared, &all());
    assert_eq!(found, Err(TooManyLinks::Pairs), "1,001 columns on each side");
}

#[test]
fn suggestion_with_removed_column_is_dropped() {
    let mut store = Store::default();
    let (own, other) = (name("own"), name("other"));
    dataset(&mut store, &own, r#"[{"k":"a"}]"#);
    dataset(&mut store, &other, r#"[{"k":"a"}]"#);
    let links = found(&store, &own, 0, all());
    assert_eq!(links.len(), 1);
    store.remove(&other).unwrap();
    suggest(&mut store, links);
    assert_eq!(store.links().len(), 0);
}

#[test]
fn row_does_not_match_itself_in_link_from_a_column_to_itself() {
    let mut store = Store::default();
    let own = name("own");
    let rows =
        r#"[{"k":"a","lat":0,"lon":0},{"k":"a","lat":0,"lon":0.01},{"k":"b","lat":5,"lon":5},{"k":"c"}]"#;
    dataset(&mut store, &own, rows);
    let found = |link: &Link, rows: &[u32]| {
        let mut found = vec![false; 4];
        follow(&store, link, false, rows, &mut found);
        (0..4).filter(|row| found[*row]).collect::<Vec<_>>()
    };
    let exact = Link::exact(own.column("k"), own.column("k"));
    let geo = |from: &str, to: &str| Link {
        matching: MatchKind::GeoMatch.plain(),
        ..Link::exact(own.column(from), own.column(to))
    };
    // Both columns of a pair of coordinates stand for the same locations.
    for link in [exact, geo("lat", "lat"), geo("lat", "lon")] {
        assert_eq!(hits(&store, &link), 2, "{link:?}");
        assert_eq!(found(&link, &[0]), [1], "the other row with this value");
        assert_eq!(found(&link, &[0, 1]), [0, 1], "each row matches the other one");
        assert_eq!(found(&link, &[2, 3]), [0; 0]);
        assert!(connect::connects(&store, &link, 0.5) && !connect::connects(&store, &link, 0.7));
    }
}

#[test]
fn only_new_rows_are_compared_but_thresholds_apply_to_all() {
    let mut store = Store::default();
    let (own, other) = (name("own"), name("other"));
    dataset(&mut store, &own, r#"[{"k":"a"},{"k":"a"},{"k":"b"},{"k":"c"}]"#);
    dataset(&mut store, &other, r#"[{"k":"a"},{"k":"b"},{"k":"b"}]"#);
    let hits = |from, min_distinct| {
        let mut selection = all();
        selection.exact.as_mut().unwrap().0.min_distinct = min_distinct;
        found(&store, &own, from, selection).iter().map(|found| found.hits).collect::<Vec<_>>()
    };
    assert_eq!(hits(0, 0.0), [4]);
    assert_eq!(hits(2, 0.0), [2]);
    assert_eq!(hits(3, 0.0), [0; 0]);
    assert_eq!(hits(2, 0.75), [2], "three of four");
    assert_eq!(hits(2, 0.76), [0; 0]);
}

#[test]
fn hits_follow_changes_of_the_rows() {
    let mut store = Store::default();
    let (own, other) = (name("own"), name("other"));
    let rows = r#"[{"k":"a"},{"k":"b"}]"#;
    dataset(&mut store, &own, rows);
    dataset(&mut store, &other, rows);
    let link = Link::exact(own.column("k"), other.column("k"));
    assert_eq!([hits(&store, &link), hits(&store, &link)], [2, 2]);
    store.find_mut(&own).unwrap().append(serde_json::from_str(rows).unwrap());
    assert_eq!(hits(&store, &link), 4);
    let picky = Match::Exact(Exact { min_distinct: 1.0, min_variation: 0.0 });
    assert_eq!(hits(&store, &Link { matching: picky, ..link.clone() }), 0);
    assert_eq!(hits(&store, &link), 4);
    store.clear(&own).unwrap();
    assert_eq!(hits(&store, &link), 0);
    for rows in [rows, r#"[{"k":"c"},{"k":"d"}]"#] {
        store.remove(&own).unwrap();
        dataset(&mut store, &own, rows);
        assert_eq!(hits(&store, &link), if rows.contains('a') { 2 } else { 0 }, "the same number of rows");
    }
}

#[test]
fn rule_requires_many_connected_rows_and_a_distinctive_column() {
    for (here, there, chosen) in [
        (r#"[{"k":"a"},{"k":"b"}]"#, r#"[{"k":"a"},{"k":"c"},{"k":"d"}]"#, true),
        (r#"[{"k":"a"},{"k":"b"},{"k":"c"}]"#, r#"[{"k":"a"},{"k":"x"},{"k":"y"}]"#, false),
        (r#"[{"k":"a"},{"k":"a"},{"k":"a"}]"#, r#"[{"k":"a"},{"k":"a"},{"k":"a"}]"#, false),
        (r#"[{"k":"a"},{"k":"a"},{"k":"a"}]"#, r#"[{"k":"a"},{"k":"c"},{"k":"d"}]"#, true),
        (
            r#"[{"k":"0,0"},{"k":"0,0"},{"k":"0,0"}]"#,
            r#"[{"k":"0,0.01"},{"k":"0,0.01"},{"k":"0,0.01"}]"#,
            true,
        ),
        (r#"[{"k":"0,0"},{"k":"8,0"},{"k":"9,0"}]"#, r#"[{"k":"0,0.01"},{"k":"5,5"},{"k":"6,6"}]"#, false),
    ] {
        let mut store = Store::default();
        let own = name("own");
        dataset(&mut store, &own, here);
        dataset(&mut store, &name("other"), there);
        let links = found(&store, &own, 0, all());
        suggest(&mut store, links);
        assert_eq!(store.links().iter().filter(|link| !link.is_active()).count(), 1, "{here} {there}");
        let links = choose(CallerView::new(&store, &Caller::of("ana")), |name| *name == own);
        activate(&mut store, &links);
        assert_eq!(
            store.links().iter().filter(|link| link.is_active()).count(),
            usize::from(chosen),
            "{here} {there}"
        );
    }
}

#[test]
fn default_match_options_are_the_documented_ones() {
    let Match::Geo(geo) = MatchKind::GeoMatch.plain() else { panic!("not a geo match") };
    assert_eq!((geo.distance, geo.distance_unit.in_km()), (2.0, 1.0));
    let Match::Exact(exact) = MatchKind::ExactMatch.plain() else { panic!("not an exact match") };
    assert_eq!((exact.min_distinct, exact.min_variation), (0.0, 0.0));
}
