//! Discovery of links by comparing rows with those of other datasets.

use std::collections::HashMap;
use std::sync::Arc;

use super::connect::{has_thresholds, meets_thresholds};
use super::selection::{LinkSelection, Scope};
use crate::accounts::CallerView;
use crate::concurrency::work::{Map, count};
use crate::response::Problem;
use crate::store::{
    ColumnIndex, Dataset, DatasetName, Exact, Geo, Link, LinkState, LocationColumn, Locations, Match, Right,
};

/// The rows of a dataset from `from` on, which are compared. Thresholds apply to all rows of the dataset.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub(crate) name: &'a DatasetName,
    pub(crate) dataset: &'a Dataset,
    pub(crate) from: usize,
}

/// A discovered link, and the number of pairs of rows that it connects.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DiscoveredLink {
    pub(crate) link: Link,
    pub(crate) hits: u64,
}

/// Maximum number of links that one search finds. Two datasets whose columns have equal values could have one for every
/// two columns.
pub(crate) const MAX_FOUND: usize = 100_000;

/// Maximum number of pairs of columns that one search compares, if they have equal values or contain locations.
///
/// Most pairs of location columns connect no rows, and exact links below their thresholds are dropped. These do not count
/// as links.
pub(crate) const MAX_PAIRS: usize = 1_000_000;

/// The reason why a search for links was stopped.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum TooManyLinks {
    #[error(
        "the search found more links than the limit of {MAX_FOUND}; select fewer columns with `targetColumns`, or raise \
         `minDistinct`"
    )]
    Links,
    #[error(
        "the search would compare more pairs of columns than the limit of {MAX_PAIRS}; select fewer columns with \
         `targetColumns`, or fewer kinds of links"
    )]
    Pairs,
}

impl From<TooManyLinks> for Problem {
    fn from(error: TooManyLinks) -> Self {
        Self::unprocessable(error.to_string())
    }
}

/// Finds the links between these rows and the other datasets that the caller may read.
pub(crate) fn discover(
    view: CallerView<'_>,
    own: Compared<'_>,
    selection: &LinkSelection,
) -> Result<Vec<DiscoveredLink>, TooManyLinks> {
    let mut search = Search { found: Vec::new(), pairs: 0 };
    if let Some((options, scope)) = &selection.exact {
        exact(view, own, *options, scope, &mut search)?;
    }
    if let Some((options, scope)) = &selection.geo {
        geo(view, own, *options, scope, &mut search)?;
    }
    let mut found = search.found;
    found.sort_by(|a, b| a.link.key().cmp(&b.link.key()));
    Ok(found)
}

/// The links found so far, and the number of compared pairs of columns.
struct Search {
    found: Vec<DiscoveredLink>,
    pairs: usize,
}

impl Search {
    /// Adds a link.
    fn add(&mut self, link: DiscoveredLink) -> Result<(), TooManyLinks> {
        if self.found.len() == MAX_FOUND {
            return Err(TooManyLinks::Links);
        }
        self.found.push(link);
        Ok(())
    }

    /// Counts pairs of columns before they are compared.
    fn compare(&mut self, pairs: usize) -> Result<(), TooManyLinks> {
        self.pairs = self.pairs.saturating_add(pairs);
        if self.pairs > MAX_PAIRS { Err(TooManyLinks::Pairs) } else { Ok(()) }
    }
}

/// A column of the rows and a column of another dataset that match in at least one pair of rows.
struct Pair<'a> {
    own: Compared<'a>,
    column: &'a str,
    other: &'a DatasetName,
    other_column: &'a str,
    hits: u64,
}

impl Pair<'_> {
    fn found(&self, back: bool, matching: Match) -> DiscoveredLink {
        let (here, there) = (self.own.name.column(self.column), self.other.column(self.other_column));
        let (from, to) = if back { (there, here) } else { (here, there) };
        DiscoveredLink { link: Link { from, to, matching, state: LinkState::Suggested }, hits: self.hits }
    }
}

/// Returns the other datasets, and whether links from them are searched for.
fn others<'a>(
    view: CallerView<'a>,
    own: Compared<'a>,
    scope: &Scope,
) -> impl Iterator<Item = (&'a DatasetName, &'a Dataset, bool)> {
    let both = scope.bidirectional;
    let others = view.datasets().filter(move |(name, _)| *name != own.name);
    others.map(move |(name, dataset)| (name, dataset, both && view.may(name, Right::Write)))
}

fn exact(
    view: CallerView<'_>,
    own: Compared<'_>,
    options: Exact,
    scope: &Scope,
    search: &mut Search,
) -> Result<(), TooManyLinks> {
    let columns: Vec<bool> = own.dataset.columns().names().map(|name| scope.compares(name)).collect();
    let admitted: Vec<bool> = (0..)
        .zip(&columns)
        .map(|(column, compared)| {
            *compared && (!has_thresholds(options) || meets_thresholds(options, &own.dataset.index(column)))
        })
        .collect();
    let values = values(own, &columns);
    let mut hits = Hits { of: vec![0; columns.len()], touched: Vec::new() };
    for (name, dataset, back) in others(view, own, scope) {
        for (number, other_column) in (0..).zip(dataset.columns().names()) {
            if !scope.compares_with(other_column) {
                continue;
            }
            let index = dataset.index(number);
            add_hits(&values, &index, &mut hits);
            let hits = hits.take();
            search.compare(hits.len())?;
            for (column, hits) in hits {
                let own_column = own.dataset.columns().name(column);
                let pair = Pair { own, column: own_column, other: name, other_column, hits };
                if admitted.get(column as usize).is_some_and(|admitted| *admitted) {
                    search.add(pair.found(false, Match::Exact(options)))?;
                }
                if back && meets_thresholds(options, &index) {
                    search.add(pair.found(true, Match::Exact(options)))?;
                }
            }
        }
    }
    Ok(())
}

/// Hits by column number.
struct Hits {
    of: Vec<u64>,
    /// Columns with at least one hit.
    touched: Vec<u32>,
}

impl Hits {
    fn add(&mut self, column: u32, more: u64) {
        if let Some(hits) = self.of.get_mut(column as usize) {
            if *hits == 0 && more > 0 {
                self.touched.push(column);
            }
            *hits += more;
        }
    }

    /// Returns and resets the hits of all columns with at least one, in the order of the columns.
    fn take(&mut self) -> Vec<(u32, u64)> {
        self.touched.sort_unstable();
        let own = &mut self.of;
        let taken = self.touched.drain(..).filter_map(|column| {
            let hits = own.get_mut(column as usize)?;
            Some((column, std::mem::take(hits)))
        });
        taken.collect()
    }
}

/// The columns in which each value occurs, with the number of occurrences.
type Values<'a> = HashMap<&'a str, Vec<(u32, u64)>>;

/// Collects all values in one map, so that each value of another column is looked up once.
fn values<'a>(own: Compared<'a>, columns: &[bool]) -> Values<'a> {
    let mut counts: Map<(&str, u32), u64> = Map::default();
    for (column, cell) in own.dataset.rows().after(own.from).flat_map(|row| row.cells()) {
        if !columns.get(column as usize).is_some_and(|compared| *compared) {
            continue;
        }
        let Some(key) = cell.link_key() else { continue };
        *counts.entry((key, column)).or_default() += 1;
    }
    let mut values = Values::new();
    for ((key, column), count) in counts {
        values.entry(key).or_default().push((column, count));
    }
    values
}

/// Adds the pairs of rows in which each column matches another one.
fn add_hits(values: &Values<'_>, other: &ColumnIndex, hits: &mut Hits) {
    count(values.len().min(other.len()));
    let mut add = |counts: &[(u32, u64)], rows: &[u32]| {
        if !rows.is_empty() {
            count(counts.len());
            counts.iter().for_each(|(column, count)| hits.add(*column, count * rows.len() as u64));
        }
    };
    if values.len() < other.len() {
        values.iter().for_each(|(key, counts)| add(counts, other.get(key)));
    } else {
        other.iter().for_each(|(key, rows)| add(values.get(key).map_or(&[], Vec::as_slice), rows));
    }
}

fn geo(
    view: CallerView<'_>,
    own: Compared<'_>,
    options: Geo,
    scope: &Scope,
    search: &mut Search,
) -> Result<(), TooManyLinks> {
    let columns = own.dataset.columns();
    let compared = LocationColumn::all(columns).into_iter().filter(|column| {
        let mut names = column.numbers().into_iter().map(|number| columns.name(number));
        names.any(|name| scope.compares(name))
    });
    let locations: Vec<(&str, Arc<Locations>)> = compared
        .map(|column| (column.name(columns), own.locations(column)))
        .filter(|(_, locations)| locations.are_locations())
        .collect();
    if locations.is_empty() {
        return Ok(());
    }
    for (name, dataset, back) in others(view, own, scope) {
        for other in LocationColumn::all(dataset.columns()) {
            let other_column = other.name(dataset.columns());
            let there = dataset.locations(other);
            if !scope.compares_with(other_column) || !there.are_locations() {
                continue;
            }
            search.compare(locations.len())?;
            for (column, here) in &locations {
                count(here.iter().len());
                let hits =
                    here.iter().map(|(_, point)| there.tree().count(point, options.max_distance())).sum();
                if hits == 0 {
                    continue;
                }
                let pair = Pair { own, column, other: name, other_column, hits };
                search.add(pair.found(false, Match::Geo(options)))?;
                if back {
                    search.add(pair.found(true, Match::Geo(options)))?;
                }
            }
        }
    }
    Ok(())
}

impl Compared<'_> {
    fn locations(&self, column: LocationColumn) -> Arc<Locations> {
        if self.from == 0 {
            return self.dataset.locations(column);
        }
        Arc::new(Locations::of(self.dataset.rows(), self.from, column))
    }
}
