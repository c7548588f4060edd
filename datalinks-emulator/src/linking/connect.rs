//! What a link connects, in the rows as they are now.
//!
//! A link from a column to itself connects different rows only: every row has the same value as itself, so that says
//! nothing. Elsewhere a row may be connected with itself, for example a person who is their own manager.

use std::collections::HashMap;
use std::sync::Arc;

use crate::concurrency::work::count as count_steps;
use crate::store::geo::{MaxDistance, Point, Tree};
use crate::store::{Cell, ColumnIndex, ColumnName, Exact, Link, Match, PlaceColumn, Places, Store};

/// What the two columns of a link hold.
struct Ends {
    held: Held,
    /// Both ends are the same column.
    same: bool,
}

enum Held {
    Exact(Arc<ColumnIndex>, Arc<ColumnIndex>),
    Geo(Arc<Places>, Arc<Places>, MaxDistance),
}

impl Ends {
    /// `None`: one of the columns holds nothing yet, or the link's thresholds are not reached.
    fn of(store: &Store, link: &Link) -> Option<Self> {
        let held = match link.matching {
            Match::Exact(options) => {
                let from = values(store, &link.from)?;
                admits(options, &from).then_some(())?;
                Held::Exact(from, values(store, &link.to)?)
            }
            Match::Geo(options) => {
                Held::Geo(places(store, &link.from)?, places(store, &link.to)?, options.reach())
            }
        };
        Some(Self { held, same: is_same_column(store, link) })
    }
}

/// Whether both ends of a link are the same column. The two columns of a pair of coordinates are the same places.
fn is_same_column(store: &Store, link: &Link) -> bool {
    match link.matching {
        Match::Exact(_) => link.from == link.to,
        Match::Geo(_) => {
            link.from.dataset == link.to.dataset
                && place_column(store, &link.from) == place_column(store, &link.to)
        }
    }
}

fn place_column(store: &Store, column: &ColumnName) -> Option<PlaceColumn> {
    PlaceColumn::named(store.dataset(&column.dataset)?.columns(), &column.column)
}

/// Whether the column that an exact link begins at is as its options want it.
pub(super) fn admits(options: Exact, from: &ColumnIndex) -> bool {
    from.distinct() >= options.min_distinct && from.variation() >= options.min_variation
}

/// Whether the options of an exact link want anything.
pub(super) fn asks(options: Exact) -> bool {
    options.min_distinct > 0.0 || options.min_variation > 0.0
}

fn values(store: &Store, column: &ColumnName) -> Option<Arc<ColumnIndex>> {
    let dataset = store.dataset(&column.dataset)?;
    Some(dataset.index(dataset.columns().number(&column.column)?))
}

fn places(store: &Store, column: &ColumnName) -> Option<Arc<Places>> {
    Some(store.dataset(&column.dataset)?.places(place_column(store, column)?))
}

/// How many pairs of rows a link connects.
pub(crate) fn hits(store: &Store, link: &Link) -> u64 {
    store.counted(link, || count(store, link))
}

fn count(store: &Store, link: &Link) -> u64 {
    let Some(Ends { held, same }) = Ends::of(store, link) else { return 0 };
    match held {
        Held::Exact(from, to) => {
            let (few, many) = if from.len() < to.len() { (from, to) } else { (to, from) };
            count_steps(few.len());
            let others = |key: &str| (many.get(key).len() as u64).saturating_sub(u64::from(same));
            few.iter().map(|(key, rows)| rows.len() as u64 * others(key)).sum()
        }
        Held::Geo(from, to, reach) => {
            let (few, many) = if from.iter().len() < to.iter().len() { (from, to) } else { (to, from) };
            count_steps(few.iter().len());
            let others = |point| many.tree().count(point, reach).saturating_sub(u64::from(same));
            few.iter().map(|(_, point)| others(point)).sum()
        }
    }
}

/// Whether a link connects at least this share of the rows with a value, or a place, at one of its ends.
pub(super) fn connects(store: &Store, link: &Link, least: f64) -> bool {
    let reached = |part: usize, whole: usize| whole > 0 && part as f64 >= least * whole as f64;
    let Some(Ends { held, same }) = Ends::of(store, link) else { return false };
    match held {
        Held::Exact(from, to) => {
            let connected = |own: &ColumnIndex, other: &ColumnIndex| {
                let rows = own
                    .iter()
                    .filter(|(key, _)| other.get(key).len() > usize::from(same))
                    .map(|(_, rows)| rows.len());
                reached(rows.sum(), own.filled())
            };
            connected(&from, &to) || connected(&to, &from)
        }
        Held::Geo(from, to, reach) => {
            let connected = |own: &Places, other: &Places| {
                let rows = own.iter().filter(|(_, point)| is_near(other.tree(), *point, reach, same));
                reached(rows.count(), own.iter().len())
            };
            connected(&from, &to) || connected(&to, &from)
        }
    }
}

/// Whether one of the places is in reach of a point, which may be one of them itself.
fn is_near(places: &Tree, point: Point, reach: MaxDistance, itself_among_them: bool) -> bool {
    if itself_among_them { places.count(point, reach) > 1 } else { places.any(point, reach) }
}

/// Whether the values at one end of a link are different in at least this share of the rows that have one. Places
/// are no names of rows, so they are not asked to be.
pub(super) fn tells_apart(store: &Store, link: &Link, least: f64) -> bool {
    match Ends::of(store, link).map(|ends| ends.held) {
        None => false,
        Some(Held::Exact(from, to)) => from.distinct().max(to.distinct()) >= least,
        Some(Held::Geo(..)) => true,
    }
}

/// Marks the rows at one end of a link that it connects with some rows at the other end: at its end, or going
/// backwards, at its beginning. The rows must be in order.
pub(crate) fn follow(store: &Store, link: &Link, backwards: bool, rows: &[u32], found: &mut [bool]) {
    let (here, there) = if backwards { (&link.to, &link.from) } else { (&link.from, &link.to) };
    let same = is_same_column(store, link);
    match link.matching {
        Match::Exact(options) => {
            let held = !asks(options) || values(store, &link.from).is_some_and(|from| admits(options, &from));
            if held {
                follow_values(store, (here, there), same, rows, found);
            }
        }
        Match::Geo(options) => follow_places(store, (here, there), same, options.reach(), rows, found),
    }
}

/// The rows that one value is followed from.
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
    // A column that only the schema definition names holds nothing yet.
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

fn follow_places(
    store: &Store,
    (here, there): (&ColumnName, &ColumnName),
    same: bool,
    reach: MaxDistance,
    rows: &[u32],
    found: &mut [bool],
) {
    let (Some(here), Some(there)) = (places(store, here), places(store, there)) else { return };
    let starts_at = |row: u32| rows.binary_search(&row).is_ok();
    let from: Vec<Point> = here.iter().filter(|(row, _)| starts_at(*row)).map(|(_, point)| point).collect();
    let tree = Tree::new(from);
    for (row, _) in there.iter().filter(|(row, point)| is_near(&tree, *point, reach, same && starts_at(*row)))
    {
        mark(found, row);
    }
}

fn mark(found: &mut [bool], row: u32) {
    if let Some(mark) = found.get_mut(row as usize) {
        *mark = true;
    }
}
