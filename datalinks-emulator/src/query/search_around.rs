//! The rows that a search around finds.

use std::collections::BTreeMap;

use super::ast::SearchAround;
use super::error::EvalError;
use super::stage::Stage;
use crate::accounts::CallerView;
use crate::concurrency::work::Set;
use crate::linking::follow;
use crate::store::{DatasetName, Link};

/// Returns the rows of `target` that a path of at most `step.depth` active links connects with a row of the stage, in
/// storage order.
///
/// A path may lead through any dataset that the caller may read, and may return to a row. Links from the dataset of the
/// stage are followed only at the columns of the step.
pub(super) fn search_around(
    view: CallerView<'_>,
    from: &Stage,
    step: &SearchAround,
    target: &DatasetName,
) -> Result<Vec<u32>, EvalError> {
    let links: Vec<&Link> = view.store.links().iter().filter(|link| counts(view, link)).collect();
    let distances = distances(&links, target, step.depth);
    let columns: Set<&String> = step.follow.iter().collect();
    let is_followed = |dataset: &DatasetName, column: &String| {
        *dataset != from.dataset || columns.is_empty() || columns.contains(column)
    };
    let leaving = leaving(&links);
    let mut start = from.rows.clone();
    start.sort_unstable();
    let mut expanded: Marks<'_> = BTreeMap::new();
    mark(&mut expanded, view, &from.dataset, &start);
    let mut frontier = BTreeMap::from([(&from.dataset, start)]);
    let mut found: Option<Vec<bool>> = None;
    for left in (0..step.depth).rev() {
        let mut reached: Marks<'_> = BTreeMap::new();
        for (dataset, rows) in &frontier {
            for &(link, backwards) in leaving.get(dataset).into_iter().flatten() {
                let (here, there) = if backwards { (&link.to, &link.from) } else { (&link.from, &link.to) };
                let is_near = distances.get(&there.dataset).is_some_and(|distance| *distance <= left);
                if is_near && is_followed(dataset, &here.column) {
                    let marks = marks_of(&mut reached, view, &there.dataset);
                    if !rows.is_empty() {
                        follow(view.store, link, backwards, rows, marks);
                    }
                }
            }
        }
        if let Some(marks) = reached.get(target) {
            let found = found.get_or_insert_with(|| vec![false; marks.len()]);
            found.iter_mut().zip(marks).for_each(|(found, mark)| *found |= mark);
        }
        frontier = reached
            .into_iter()
            .map(|(dataset, marks)| {
                let before = marks_of(&mut expanded, view, dataset);
                let fresh = marked(marks.iter().zip(before.iter()).map(|(now, before)| *now && !before));
                before.iter_mut().zip(marks).for_each(|(before, now)| *before |= now);
                (dataset, fresh)
            })
            .collect();
    }
    match found {
        Some(found) => Ok(marked(found.into_iter())),
        None => Err(EvalError::NoLink {
            from: from.dataset.to_string(),
            to: target.to_string(),
            depth: step.depth,
            columns: step.follow.clone(),
        }),
    }
}

/// One mark per row, by dataset.
type Marks<'a> = BTreeMap<&'a DatasetName, Vec<bool>>;

fn marks_of<'m, 'a>(
    marks: &'m mut Marks<'a>,
    view: CallerView<'_>,
    dataset: &'a DatasetName,
) -> &'m mut Vec<bool> {
    let rows = || view.store.dataset(dataset).map_or(0, |dataset| dataset.rows().len());
    marks.entry(dataset).or_insert_with(|| vec![false; rows()])
}

fn mark<'a>(marks: &mut Marks<'a>, view: CallerView<'_>, dataset: &'a DatasetName, rows: &[u32]) {
    let marks = marks_of(marks, view, dataset);
    for row in rows {
        if let Some(mark) = marks.get_mut(*row as usize) {
            *mark = true;
        }
    }
}

fn marked(marks: impl Iterator<Item = bool>) -> Vec<u32> {
    marks.zip(0u32..).filter_map(|(mark, row)| mark.then_some(row)).collect()
}

fn counts(view: CallerView<'_>, link: &Link) -> bool {
    link.is_active() && view.sees(&link.from.dataset) && view.sees(&link.to.dataset)
}

/// Returns the links at each dataset, with the direction that leaves it. A link within a dataset is listed in both
/// directions.
fn leaving<'a>(links: &[&'a Link]) -> BTreeMap<&'a DatasetName, Vec<(&'a Link, bool)>> {
    let mut leaving: BTreeMap<&DatasetName, Vec<(&Link, bool)>> = BTreeMap::new();
    for link in links {
        leaving.entry(&link.from.dataset).or_default().push((link, false));
        leaving.entry(&link.to.dataset).or_default().push((link, true));
    }
    leaving
}

/// Returns the minimum number of links to the target for each dataset, up to `depth`.
fn distances<'a>(links: &[&'a Link], target: &'a DatasetName, depth: u32) -> BTreeMap<&'a DatasetName, u32> {
    let mut distances = BTreeMap::from([(target, 0)]);
    for distance in 1..=depth {
        let ends = links.iter().flat_map(|link| {
            let (from, to) = (&link.from.dataset, &link.to.dataset);
            [(from, to), (to, from)]
        });
        let next: Vec<&DatasetName> = ends
            .filter(|(near, far)| distances.contains_key(near) && !distances.contains_key(far))
            .map(|(_, far)| far)
            .collect();
        if next.is_empty() {
            break;
        }
        distances.extend(next.into_iter().map(|far| (far, distance)));
    }
    distances
}
