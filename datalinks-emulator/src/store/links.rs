//! Links between columns, as they are kept. What they connect is worked out elsewhere.

use serde::{Deserialize, Serialize};

use super::DatasetName;
use crate::geo::{Reach, Unit};

/// One column of one dataset.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
pub(crate) struct ColumnName {
    #[serde(flatten)]
    pub(crate) dataset: DatasetName,
    pub(crate) column: String,
}

impl ColumnName {
    /// The dotted identifier of the column.
    pub(crate) fn identifier(&self) -> String {
        format!("{}{}", self.dataset.prefix(), self.column)
    }
}

/// Two columns whose values connect rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Link {
    pub(crate) from: ColumnName,
    pub(crate) to: ColumnName,
    #[serde(flatten)]
    pub(crate) matching: Match,
    pub(crate) state: LinkState,
}

/// Whether queries follow a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkState {
    /// They do.
    Active,
    /// It was found by comparing rows, and nobody has chosen it yet.
    Suggested,
}

/// How values match.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "matchType", content = "options")]
pub(crate) enum Match {
    /// By being equal.
    #[serde(rename = "ExactMatch")]
    Exact(Exact),
    /// By being close to each other on the earth.
    #[serde(rename = "GeoMatch")]
    Geo(Geo),
}

/// What the column that an exact link begins at must be like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Exact {
    pub(crate) min_distinct: f64,
    pub(crate) min_variation: f64,
}

/// What counts as close.
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
    pub(crate) fn reach(&self) -> Reach {
        Reach::km(self.distance * self.distance_unit.in_km())
    }
}

/// The kind of a match, without its options.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
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

    /// A match of this kind with the options that count when none is given.
    pub(crate) fn plain(self) -> Match {
        match self {
            Self::ExactMatch => Match::Exact(Exact::default()),
            Self::GeoMatch => Match::Geo(Geo::default()),
        }
    }
}

impl Link {
    /// An active link by equal values, whatever these are like.
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

    /// The column at the end that is in a dataset.
    pub(crate) fn column_in(&self, dataset: &DatasetName) -> &str {
        if self.from.dataset == *dataset { &self.from.column } else { &self.to.column }
    }

    /// What makes it another link than others.
    pub(crate) fn key(&self) -> (&ColumnName, &ColumnName, MatchKind) {
        (&self.from, &self.to, self.kind())
    }
}

/// All links, sorted by their columns and their kind, each once.
#[derive(Debug, Default)]
pub(crate) struct Links(Vec<Link>);

impl From<Vec<Link>> for Links {
    fn from(mut links: Vec<Link>) -> Self {
        links.sort_by(|a, b| a.key().cmp(&b.key()));
        links.dedup_by(|a, b| a.key() == b.key());
        Self(links)
    }
}

impl Links {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Link> {
        self.0.iter()
    }

    /// Adds an active link. An active one stays as it is, a suggestion gives way. False: it was active already.
    pub(super) fn add(&mut self, link: Link) -> bool {
        let link = Link { state: LinkState::Active, ..link };
        match self.find(&link) {
            Ok(at) if self.0[at].is_active() => return false,
            Ok(at) => self.0[at] = link,
            Err(at) => self.0.insert(at, link),
        }
        true
    }

    /// Keeps a link as a suggestion, unless it is active. A newer suggestion has the newer options.
    pub(crate) fn suggest(&mut self, link: Link) {
        let link = Link { state: LinkState::Suggested, ..link };
        match self.find(&link) {
            Ok(at) if self.0[at].is_active() => {}
            Ok(at) => self.0[at] = link,
            Err(at) => self.0.insert(at, link),
        }
    }

    /// Makes a link active, or a suggestion again, if it is there.
    pub(crate) fn set_state(&mut self, link: &Link, state: LinkState) {
        if let Ok(at) = self.find(link) {
            self.0[at].state = state;
        }
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&Link) -> bool) {
        self.0.retain(keep);
    }

    /// Follows a dataset to its new name.
    pub(super) fn relocate(&mut self, name: &DatasetName, target: &DatasetName) {
        for end in self.0.iter_mut().flat_map(|link| [&mut link.from, &mut link.to]) {
            if end.dataset == *name {
                end.dataset.clone_from(target);
            }
        }
        self.0.sort_by(|a, b| a.key().cmp(&b.key()));
    }

    fn find(&self, link: &Link) -> Result<usize, usize> {
        self.0.binary_search_by(|own| own.key().cmp(&link.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: &str, to: &str, matching: Match) -> Link {
        let end = |name: &str| DatasetName::new("ana", "n", name).column("c");
        Link { from: end(from), to: end(to), matching, state: LinkState::Suggested }
    }

    #[test]
    fn what_is_active_stays_as_it_is() {
        let geo = |distance| link("a", "b", Match::Geo(Geo { distance, ..Geo::default() }));
        let mut links = Links::default();
        links.suggest(geo(1.0));
        links.suggest(geo(2.0));
        assert_eq!(links.0, [geo(2.0)]);
        assert!(links.add(geo(3.0)), "a suggestion is no link yet");
        assert!(!links.add(geo(4.0)));
        links.suggest(geo(5.0));
        assert_eq!(links.0, [Link { state: LinkState::Active, ..geo(3.0) }]);
        assert!(links.add(link("a", "b", MatchKind::ExactMatch.plain())), "another kind is another link");
        assert!(links.add(link("b", "a", MatchKind::ExactMatch.plain())), "so is the other direction");
    }

    #[test]
    fn the_order_follows_the_names() {
        let exact = MatchKind::ExactMatch.plain();
        let mut links = Links::default();
        for (from, to) in [("c", "a"), ("a", "c"), ("b", "a")] {
            links.suggest(link(from, to, exact));
        }
        links.relocate(&DatasetName::new("ana", "n", "a"), &DatasetName::new("ana", "n", "x"));
        let order: Vec<_> = links.iter().map(|link| link.from.dataset.name.as_str()).collect();
        assert_eq!(order, ["b", "c", "x"]);
        links.set_state(&link("c", "x", exact), LinkState::Active);
        links.set_state(&link("c", "a", exact), LinkState::Active);
        assert_eq!(links.iter().map(Link::is_active).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn links_are_plain_data() {
        let link = link("a", "b", Match::Geo(Geo { distance: 1.5, distance_unit: Unit::Miles }));
        let text = serde_json::to_string(&link).unwrap();
        assert_eq!(
            text,
            r#"{"from":{"owner":"ana","namespace":"n","dataset":"a","column":"c"},"to":{"owner":"ana","namespace":"n","dataset":"b","column":"c"},"matchType":"GeoMatch","options":{"distance":1.5,"distanceUnit":"mi"},"state":"suggested"}"#
        );
        assert_eq!(serde_json::from_str::<Link>(&text).unwrap(), link);
    }
}
