//! Cycles in a graph of names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// An import: a file, the file that defines what it names, and the path that names it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) path: String,
    /// The path ends at the root of the crate, which only re-exports the name.
    pub(super) through_root: bool,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} ({})", self.from, self.to, self.path)
    }
}

/// The sets of names that reach each other: strongly connected components with more than one member, sorted.
pub(super) fn cycles(arrows: &[(String, String)]) -> Vec<Vec<String>> {
    let mut forward: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut backward: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows {
        forward.entry(from).or_default().push(to);
        backward.entry(to).or_default().push(from);
    }
    let mut left: BTreeSet<&str> = forward.keys().chain(backward.keys()).copied().collect();
    let mut found = Vec::new();
    while let Some(first) = left.first().copied() {
        let ahead = reachable(first, &forward);
        let behind = reachable(first, &backward);
        let component: Vec<&str> = ahead.intersection(&behind).copied().collect();
        for name in &component {
            left.remove(name);
        }
        if component.len() > 1 {
            found.push(component.into_iter().map(str::to_owned).collect());
        }
    }
    found
}

/// `from` and every name that arrows lead to.
fn reachable<'a>(from: &'a str, arrows: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in arrows.get(name).into_iter().flatten() {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

/// The shortest cycle among the files of a component. A component may hold many.
pub(super) fn shortest_cycle(component: &[String], arrows: &[Arrow]) -> Vec<Arrow> {
    let inside = |name: &String| component.contains(name);
    let mut next: BTreeMap<&str, Vec<&Arrow>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| inside(&arrow.from) && inside(&arrow.to)) {
        next.entry(&arrow.from).or_default().push(arrow);
    }
    let cycles = component.iter().filter_map(|start| way_back(start, &next));
    cycles.min_by_key(Vec::len).unwrap_or_default()
}

/// The shortest way from `start` over arrows back to it.
fn way_back(start: &str, next: &BTreeMap<&str, Vec<&Arrow>>) -> Option<Vec<Arrow>> {
    let mut came_by: BTreeMap<&str, &Arrow> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(name) = open.pop_front() {
        for &arrow in next.get(name).into_iter().flatten() {
            if came_by.contains_key(arrow.to.as_str()) {
                continue;
            }
            came_by.insert(&arrow.to, arrow);
            if arrow.to != start {
                open.push_back(&arrow.to);
                continue;
            }
            let mut way = vec![arrow.clone()];
            let mut at = arrow.from.as_str();
            while at != start {
                let before = came_by.get(at)?;
                way.push((*before).clone());
                at = &before.from;
            }
            way.reverse();
            return Some(way);
        }
    }
    None
}
