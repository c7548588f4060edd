//! What a link connects, in the rows as they are now.

use std::collections::HashSet;
use std::sync::Arc;

use crate::geo::{Point, Reach, Tree};
use crate::store::{ColumnIndex, ColumnName, Exact, Link, Match, PlaceColumn, Places, Store};

/// What the two columns of a link hold.
enum Ends {
    Exact(Arc<ColumnIndex>, Arc<ColumnIndex>),
    Geo(Arc<Places>, Arc<Places>, Reach),
}

impl Ends {
    /// `None`: one of the columns holds nothing yet, or the link's thresholds are not reached.
    fn of(store: &Store, link: &Link) -> Option<Self> {
        match link.matching {
            Match::Exact(options) => {
                let from = values(store, &link.from)?;
                admits(options, &from).then_some(())?;
                Some(Self::Exact(from, values(store, &link.to)?))
            }
            Match::Geo(options) => {
                Some(Self::Geo(places(store, &link.from)?, places(store, &link.to)?, options.reach()))
            }
        }
    }
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
    let dataset = store.dataset(&column.dataset)?;
    Some(dataset.places(PlaceColumn::named(dataset.columns(), &column.column)?))
}

/// How many pairs of rows a link connects.
pub(crate) fn hits(store: &Store, link: &Link) -> u64 {
    store.counted(link, || count(store, link))
}

fn count(store: &Store, link: &Link) -> u64 {
    match Ends::of(store, link) {
        None => 0,
        Some(Ends::Exact(from, to)) => {
            let (few, many) = if from.len() < to.len() { (from, to) } else { (to, from) };
            few.iter().map(|(key, rows)| rows.len() as u64 * many.get(key).len() as u64).sum()
        }
        Some(Ends::Geo(from, to, reach)) => {
            let (few, many) = if from.iter().len() < to.iter().len() { (from, to) } else { (to, from) };
            few.iter().map(|(_, point)| many.tree().count(point, reach)).sum()
        }
    }
}

/// Whether a link connects at least this share of the rows with a value, or a place, at one of its ends.
pub(super) fn connects(store: &Store, link: &Link, least: f64) -> bool {
    let reached = |part: usize, whole: usize| whole > 0 && part as f64 >= least * whole as f64;
    match Ends::of(store, link) {
        None => false,
        Some(Ends::Exact(from, to)) => {
            let connected = |own: &ColumnIndex, other: &ColumnIndex| {
                let rows =
                    own.iter().filter(|(key, _)| !other.get(key).is_empty()).map(|(_, rows)| rows.len());
                reached(rows.sum(), own.filled())
            };
            connected(&from, &to) || connected(&to, &from)
        }
        Some(Ends::Geo(from, to, reach)) => {
            let connected = |own: &Places, other: &Places| {
                let rows = own.iter().filter(|(_, point)| other.tree().any(*point, reach));
                reached(rows.count(), own.iter().len())
            };
            connected(&from, &to) || connected(&to, &from)
        }
    }
}

/// Whether the values at one end of a link are different in at least this share of the rows that have one. Places
/// are no names of rows, so they are not asked to be.
pub(super) fn tells_apart(store: &Store, link: &Link, least: f64) -> bool {
    match Ends::of(store, link) {
        None => false,
        Some(Ends::Exact(from, to)) => from.distinct().max(to.distinct()) >= least,
        Some(Ends::Geo(..)) => true,
    }
}

/// Marks the rows at one end of a link that it connects with some rows at the other end: at its end, or going
/// backwards, at its beginning. The rows must be in order.
pub(crate) fn follow(store: &Store, link: &Link, backwards: bool, rows: &[u32], found: &mut [bool]) {
    let (here, there) = if backwards { (&link.to, &link.from) } else { (&link.from, &link.to) };
    match link.matching {
        Match::Exact(options) => {
            let held = !asks(options) || values(store, &link.from).is_some_and(|from| admits(options, &from));
            if held {
                follow_values(store, here, there, rows, found);
            }
        }
        Match::Geo(options) => follow_places(store, (here, there), options.reach(), rows, found),
    }
}

fn follow_values(store: &Store, here: &ColumnName, there: &ColumnName, rows: &[u32], found: &mut [bool]) {
    let Some(dataset) = store.dataset(&here.dataset) else { return };
    // A column that only the schema definition names holds nothing yet.
    let (Some(column), Some(index)) = (dataset.columns().number(&here.column), values(store, there)) else {
        return;
    };
    let rows = rows.iter().filter_map(|row| dataset.rows().get(*row as usize));
    let keys: HashSet<&str> = rows.filter_map(|row| row.get(column)?.link_key()).collect();
    for row in keys.iter().flat_map(|key| index.get(key)) {
        mark(found, *row);
    }
}

fn follow_places(
    store: &Store,
    (here, there): (&ColumnName, &ColumnName),
    reach: Reach,
    rows: &[u32],
    found: &mut [bool],
) {
    let (Some(here), Some(there)) = (places(store, here), places(store, there)) else { return };
    let from: Vec<Point> =
        here.iter().filter(|(row, _)| rows.binary_search(row).is_ok()).map(|(_, point)| point).collect();
    let tree = Tree::new(from);
    for (row, _) in there.iter().filter(|(_, point)| tree.any(*point, reach)) {
        mark(found, row);
    }
}

fn mark(found: &mut [bool], row: u32) {
    if let Some(mark) = found.get_mut(row as usize) {
        *mark = true;
    }
}
