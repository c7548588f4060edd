//! Evaluation of links on the stored rows.
//!
//! A link from a column to itself connects different rows only, because every row matches itself. Other links may connect
//! a row with itself, for example a person who is their own manager.

use std::collections::HashMap;
use std::sync::Arc;

use crate::concurrency::work::count as count_steps;
use crate::store::geo::{MaxDistance, Point, Tree};
use crate::store::{Cell, ColumnIndex, ColumnName, Exact, Link, LocationColumn, Locations, Match, Store};

/// The contents of the two columns of a link.
struct Ends {
    content: EndContent,
    /// `true` if both ends are the same column.
    same: bool,
}

enum EndContent {
    Exact(Arc<ColumnIndex>, Arc<ColumnIndex>),
    Geo(Arc<Locations>, Arc<Locations>, MaxDistance),
}

impl Ends {
    /// Returns `None` if one of the columns has no values or the thresholds of the link are not met.
    fn of(store: &Store, link: &Link) -> Option<Self> {
        let content = match link.matching {
            Match::Exact(options) => {
                let from = values(store, &link.from)?;
                meets_thresholds(options, &from).then_some(())?;
                EndContent::Exact(from, values(store, &link.to)?)
            }
            Match::Geo(options) => EndContent::Geo(
                locations(store, &link.from)?,
                locations(store, &link.to)?,
                options.max_distance(),
            ),
        };
        Some(Self { content, same: is_same_column(store, link) })
    }
}

/// Returns `true` if both ends are the same column. The two columns of a pair of coordinates count as one.
fn is_same_column(store: &Store, link: &Link) -> bool {
    match link.matching {
        Match::Exact(_) => link.from == link.to,
        Match::Geo(_) => {
            link.from.dataset == link.to.dataset
                && location_column(store, &link.from) == location_column(store, &link.to)
        }
    }
}

fn location_column(store: &Store, column: &ColumnName) -> Option<LocationColumn> {
    LocationColumn::named(store.dataset(&column.dataset)?.columns(), &column.column)
}

/// Returns `true` if the first column of an exact link meets the thresholds.
pub(super) fn meets_thresholds(options: Exact, from: &ColumnIndex) -> bool {
    from.distinct() >= options.min_distinct && from.variation() >= options.min_variation
}

/// Returns `true` if an exact link has thresholds.
pub(super) fn has_thresholds(options: Exact) -> bool {
    options.min_distinct > 0.0 || options.min_variation > 0.0
}

fn values(store: &Store, column: &ColumnName) -> Option<Arc<ColumnIndex>> {
    let dataset = store.dataset(&column.dataset)?;
    Some(dataset.index(dataset.columns().number(&column.column)?))
}

fn locations(store: &Store, column: &ColumnName) -> Option<Arc<Locations>> {
    Some(store.dataset(&column.dataset)?.locations(location_column(store, column)?))
}

/// Returns the number of pairs of rows that a link connects.
pub(crate) fn hits(store: &Store, link: &Link) -> u64 {
    store.counted(link, || count(store, link))
}

fn count(store: &Store, link: &Link) -> u64 {
    let Some(Ends { content, same }) = Ends::of(store, link) else { return 0 };
    match content {
        EndContent::Exact(from, to) => {
            let (few, many) = if from.len() < to.len() { (from, to) } else { (to, from) };
            count_steps(few.len());
            let others = |key: &str| (many.get(key).len() as u64).saturating_sub(u64::from(same));
            few.iter().map(|(key, rows)| rows.len() as u64 * others(key)).sum()
        }
        EndContent::Geo(from, to, max) => {
            let (few, many) = if from.iter().len() < to.iter().len() { (from, to) } else { (to, from) };
            count_steps(few.iter().len());
            let others = |point| many.tree().count(point, max).saturating_sub(u64::from(same));
            few.iter().map(|(_, point)| others(point)).sum()
        }
    }
}

/// Returns `true` if a link connects at least this share of the rows with a value or location at one of its ends.
pub(super) fn connects(store: &Store, link: &Link, least: f64) -> bool {
    let reached = |part: usize, whole: usize| whole > 0 && part as f64 >= least * whole as f64;
    let Some(Ends { content, same }) = Ends::of(store, link) else { return false };
    match content {
        EndContent::Exact(from, to) => {
            let connected = |own: &ColumnIndex, other: &ColumnIndex| {
                let rows = own
                    .iter()
                    .filter(|(key, _)| other.get(key).len() > usize::from(same))
                    .map(|(_, rows)| rows.len());
                reached(rows.sum(), own.filled())
            };
            connected(&from, &to) || connected(&to, &from)
        }
        EndContent::Geo(from, to, max) => {
            let connected = |own: &Locations, other: &Locations| {
                let rows = own.iter().filter(|(_, point)| is_near(other.tree(), *point, max, same));
                reached(rows.count(), own.iter().len())
            };
            connected(&from, &to) || connected(&to, &from)
        }
    }
}

/// Returns `true` if a location is within the distance of a point. If the point is one of the locations, it needs another.
fn is_near(locations: &Tree, point: Point, max: MaxDistance, itself_among_them: bool) -> bool {
    if itself_among_them { locations.count(point, max) > 1 } else { locations.any(point, max) }
}

/// Returns `true` if the values at one end of a link are distinct in at least this share of the rows with a value.
///
/// Locations do not identify rows, so that every geo link counts.
pub(super) fn is_distinctive(store: &Store, link: &Link, least: f64) -> bool {
    match Ends::of(store, link).map(|ends| ends.content) {
        None => false,
        Some(EndContent::Exact(from, to)) => from.distinct().max(to.distinct()) >= least,
        Some(EndContent::Geo(..)) => true,
    }
}

/// Marks the rows that a link connects with the given rows: those at its second end or, if `backwards`, at its first one.
///
/// `rows` must be sorted.
pub(crate) fn follow(store: &Store, link: &Link, backwards: bool, rows: &[u32], found: &mut [bool]) {
    let (here, there) = if backwards { (&link.to, &link.from) } else { (&link.from, &link.to) };
    let same = is_same_column(store, link);
    match link.matching {
        Match::Exact(options) => {
            let is_met = !has_thresholds(options)
                || values(store, &link.from).is_some_and(|from| meets_thresholds(options, &from));
            if is_met {
                follow_values(store, (here, there), same, rows, found);
            }
        }
        Match::Geo(options) => {
            follow_locations(store, (here, there), same, options.max_distance(), rows, found)
        }
    }
}

/// The rows with one value from which a link is followed.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Start {
    One(u32),
    Several,
}

fn follow_values(
    store: &Store,
    (here, there): (&ColumnName, &ColumnName),
    same: bool,
    rows: &[u32],
    found: &mut [bool],
) {
    let Some(dataset) = store.dataset(&here.dataset) else { return };
    // A column that only the schema definition names has no values.
    let (Some(column), Some(index)) = (dataset.columns().number(&here.column), values(store, there)) else {
        return;
    };
    let mut starts: HashMap<&str, Start> = HashMap::new();
    count_steps(rows.len());
    for number in rows {
        let Some(row) = dataset.rows().get(*number as usize) else { continue };
        if let Some(key) = row.get(column).and_then(Cell::link_key) {
            starts.entry(key).and_modify(|start| *start = Start::Several).or_insert(Start::One(*number));
        }
    }
    for (key, start) in starts {
        for row in index.get(key).iter().filter(|row| !(same && start == Start::One(**row))) {
            mark(found, *row);
        }
    }
}

fn follow_locations(
    store: &Store,
    (here, there): (&ColumnName, &ColumnName),
    same: bool,
    max: MaxDistance,
    rows: &[u32],
    found: &mut [bool],
) {
    let (Some(here), Some(there)) = (locations(store, here), locations(store, there)) else { return };
    let starts_at = |row: u32| rows.binary_search(&row).is_ok();
    let from: Vec<Point> = here.iter().filter(|(row, _)| starts_at(*row)).map(|(_, point)| point).collect();
    let tree = Tree::new(from);
    for (row, _) in there.iter().filter(|(row, point)| is_near(&tree, *point, max, same && starts_at(*row))) {
        mark(found, row);
    }
}

fn mark(found: &mut [bool], row: u32) {
    if let Some(mark) = found.get_mut(row as usize) {
        *mark = true;
    }
}
