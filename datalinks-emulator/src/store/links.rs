//! Links between columns, as they are stored. The room `linking` evaluates them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::geo::{MaxDistance, Unit};
use super::names::{ColumnName, DatasetName};
use crate::concurrency::work::count;

/// Two columns whose values connect rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Link {
    pub(crate) from: ColumnName,
    pub(crate) to: ColumnName,
    #[serde(flatten)]
    pub(crate) matching: Match,
    pub(crate) state: LinkState,
}

/// The state of a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkState {
    /// Queries follow the link.
    Active,
    /// The link was found by comparing rows and has not been activated.
    Suggested,
}

/// The kind of match, with its options.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "matchType", content = "options")]
pub(crate) enum Match {
    /// Values match if they are equal.
    #[serde(rename = "ExactMatch")]
    Exact(Exact),
    /// Values match if their locations are close to each other.
    #[serde(rename = "GeoMatch")]
    Geo(Geo),
}

/// Conditions on the first column of an exact link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Exact {
    pub(crate) min_distinct: f64,
    pub(crate) min_variation: f64,
}

/// The maximum distance of locations that match.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Geo {
    pub(crate) distance: f64,
    pub(crate) distance_unit: Unit,
}

impl Default for Geo {
    fn default() -> Self {
        Self { distance: 2.0, distance_unit: Unit::default() }
    }
}

impl Geo {
    pub(crate) fn max_distance(&self) -> MaxDistance {
        MaxDistance::km(self.distance * self.distance_unit.in_km())
    }
}

/// The kind of a match without its options.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) enum MatchKind {
    ExactMatch,
    GeoMatch,
}

impl MatchKind {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "ExactMatch" => Some(Self::ExactMatch),
            "GeoMatch" => Some(Self::GeoMatch),
            _ => None,
        }
    }

    /// Returns a match of this kind with default options.
    pub(crate) fn plain(self) -> Match {
        match self {
            Self::ExactMatch => Match::Exact(Exact::default()),
            Self::GeoMatch => Match::Geo(Geo::default()),
        }
    }
}

impl Link {
    /// Creates an active link by equal values without conditions.
    #[cfg(test)]
    pub(crate) fn exact(from: ColumnName, to: ColumnName) -> Self {
        Self { from, to, matching: MatchKind::ExactMatch.plain(), state: LinkState::Active }
    }

    pub(crate) fn kind(&self) -> MatchKind {
        match self.matching {
            Match::Exact(_) => MatchKind::ExactMatch,
            Match::Geo(_) => MatchKind::GeoMatch,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state == LinkState::Active
    }

    pub(crate) fn touches(&self, dataset: &DatasetName) -> bool {
        self.from.dataset == *dataset || self.to.dataset == *dataset
    }

    /// Returns the column of the link in a dataset.
    pub(crate) fn column_in(&self, dataset: &DatasetName) -> &str {
        if self.from.dataset == *dataset { &self.from.column } else { &self.to.column }
    }

    /// Returns the key of the link. Links with different keys are different links.
    pub(crate) fn key(&self) -> (&ColumnName, &ColumnName, MatchKind) {
        (&self.from, &self.to, self.kind())
    }
}

/// All links, sorted by columns and kind. Each key occurs once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links(BTreeSet<ByKey>);

/// A link, compared by its key.
#[derive(Clone, Debug)]
struct ByKey(Link);

impl Ord for ByKey {
    fn cmp(&self, other: &Self) -> Ordering {
        count(1);
        self.0.key().cmp(&other.0.key())
    }
}

impl PartialOrd for ByKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for ByKey {}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl From<Vec<Link>> for Links {
    /// If several links have the same key, the first one counts.
    fn from(links: Vec<Link>) -> Self {
        let mut set = BTreeSet::new();
        for link in links {
            set.insert(ByKey(link));
        }
        Self(set)
    }
}

impl Links {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.0.iter().map(|ByKey(link)| link)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds an active link, which replaces a suggestion. Returns `false` and keeps the link if it was already active.
    pub(super) fn add(&mut self, link: Link) -> bool {
        self.put(Link { state: LinkState::Active, ..link })
    }

    /// Adds a link as a suggestion unless it is active. A newer suggestion replaces the options of an older one.
    pub(crate) fn suggest(&mut self, link: Link) {
        self.put(Link { state: LinkState::Suggested, ..link });
    }

    /// Adds or replaces a link, unless one with the same key is active.
    fn put(&mut self, link: Link) -> bool {
        let link = ByKey(link);
        let is_new = !self.0.get(&link).is_some_and(|ByKey(own)| own.is_active());
        if is_new {
            self.0.replace(link);
        }
        is_new
    }

    /// Changes the state of a link, if it exists.
    pub(crate) fn set_state(&mut self, link: &Link, state: LinkState) {
        if let Some(ByKey(own)) = self.0.take(&ByKey(link.clone())) {
            self.0.insert(ByKey(Link { state, ..own }));
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Link) -> bool) {
        self.0.retain(|ByKey(link)| keep(link));
    }

    /// Updates links to the new names of datasets.
    pub(super) fn relocate(&mut self, target: impl Fn(&DatasetName) -> Option<DatasetName>) {
        let relocated = std::mem::take(&mut self.0).into_iter().map(|ByKey(mut link)| {
            for end in [&mut link.from, &mut link.to] {
                if let Some(target) = target(&end.dataset) {
                    end.dataset = target;
                }
            }
            ByKey(link)
        });
        self.0 = relocated.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn link(from: &str, to: &str, matching: Match) -> Link {
        let end = |name: &str| DatasetName::new("ana", "n", name).column("c");
        Link { from: end(from), to: end(to), matching, state: LinkState::Suggested }
    }

    fn all(links: &Links) -> Vec<Link> {
        links.iter().cloned().collect()
    }

    #[test]
    fn many_links_take_steps_in_proportion() {
        assert_proportional(10_000, |size| {
            let mut links = Links::default();
            // Descending order, in which an array would have to move all elements.
            for number in (0..size).rev() {
                links.suggest(link(&format!("{number:09}"), "b", MatchKind::ExactMatch.plain()));
            }
            for link in all(&links) {
                links.set_state(&link, LinkState::Active);
            }
            assert_eq!(links.iter().filter(|link| link.is_active()).count(), size);
        });
    }

    #[test]
    fn active_link_is_not_replaced_by_suggestion() {
        let geo = |distance| link("a", "b", Match::Geo(Geo { distance, ..Geo::default() }));
        let mut links = Links::default();
        links.suggest(geo(1.0));
        links.suggest(geo(2.0));
        assert_eq!(all(&links), [geo(2.0)]);
        assert!(links.add(geo(3.0)), "a suggestion is not active");
        assert!(!links.add(geo(4.0)));
        links.suggest(geo(5.0));
        assert_eq!(all(&links), [Link { state: LinkState::Active, ..geo(3.0) }]);
        assert!(links.add(link("a", "b", MatchKind::ExactMatch.plain())), "another kind is a different link");
        assert!(
            links.add(link("b", "a", MatchKind::ExactMatch.plain())),
            "the other direction is a different link"
        );
    }

    #[test]
    fn links_stay_sorted_after_renames() {
        let exact = MatchKind::ExactMatch.plain();
        let mut links = Links::default();
        for (from, to) in [("c", "a"), ("a", "c"), ("b", "a")] {
            links.suggest(link(from, to, exact));
        }
        let target = DatasetName::new("ana", "n", "x");
        links.relocate(|name| (name.name == "a").then(|| target.clone()));
        let order: Vec<_> = links.iter().map(|link| link.from.dataset.name.as_str()).collect();
        assert_eq!(order, ["b", "c", "x"]);
        links.set_state(&link("c", "x", exact), LinkState::Active);
        links.set_state(&link("c", "a", exact), LinkState::Active);
        assert_eq!(links.iter().map(Link::is_active).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn link_serializes_with_its_options() {
        let link = link("a", "b", Match::Geo(Geo { distance: 1.5, distance_unit: Unit::Miles }));
        let text = serde_json::to_string(&link).unwrap();
        assert_eq!(
            text,
            r#"{"from":{"owner":"ana","namespace":"n","dataset":"a","column":"c"},"to":{"owner":"ana","namespace":"n","dataset":"b","column":"c"},"matchType":"GeoMatch","options":{"distance":1.5,"distanceUnit":"mi"},"state":"suggested"}"#
        );
        assert_eq!(serde_json::from_str::<Link>(&text).unwrap(), link);
    }
}
