//! The accepted differences with their reasons, from a file of the project.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Deserialize;

use super::difference::{Difference, Kind, Side};

/// The list of accepted differences.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allowed {
    differences: Vec<Entry>,
}

/// A group of accepted differences that have one reason. An absent key does not restrict the entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    reason: String,
    kind: Kind,
    /// Locations, see [`Location::at`](super::difference::Location::at).
    #[serde(default)]
    at: Vec<String>,
    /// Subjects: statuses, media types, fields, keywords of bounds, and so on.
    #[serde(default)]
    names: Vec<String>,
    side: Option<Side>,
    secured: Option<bool>,
}

/// Differences, sorted by whether the list accepts them.
pub(super) struct Sorted {
    /// Differences that no entry accepts.
    pub(super) left: Vec<Difference>,
    /// Accepted differences by entry, without entries that accept nothing.
    pub(super) accepted: Vec<Accepted>,
    /// Locations and names of entries that accepted nothing.
    pub(super) unused: Vec<String>,
}

/// Differences that were accepted for one reason.
pub(super) struct Accepted {
    pub(super) reason: String,
    pub(super) differences: Vec<Difference>,
}

impl Allowed {
    /// Reads the list.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("reading {name} failed: {error}"))?;
        Self::parse(&text).map_err(|error| format!("{name}: {error}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let list: Self = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        match list.differences.iter().find(|entry| entry.reason.trim().is_empty()) {
            Some(entry) => Err(format!("an entry of kind {} has no reason; give one", entry.kind)),
            None => Ok(list),
        }
    }

    /// Sorts differences. The first matching entry accepts a difference.
    pub(super) fn sort(&self, differences: Vec<Difference>) -> Sorted {
        let mut left = Vec::new();
        let mut accepted: Vec<Vec<Difference>> = self.differences.iter().map(|_| Vec::new()).collect();
        for difference in differences {
            match self.differences.iter().position(|entry| entry.accepts(&difference)) {
                Some(index) => accepted[index].push(difference),
                None => left.push(difference),
            }
        }
        let entries = self.differences.iter().zip(&accepted);
        let unused = entries.flat_map(|(entry, accepted)| entry.unused(accepted)).collect();
        let accepted = self.differences.iter().zip(accepted).filter(|(_, accepted)| !accepted.is_empty());
        let accepted = accepted
            .map(|(entry, differences)| Accepted { reason: entry.reason.clone(), differences })
            .collect();
        Sorted { left, accepted, unused }
    }
}

impl Entry {
    fn accepts(&self, difference: &Difference) -> bool {
        let location = &difference.location;
        self.kind == difference.kind
            && (self.at.is_empty() || self.at.contains(&location.at))
            && (self.names.is_empty() || self.names.contains(&difference.subject))
            && self.side.is_none_or(|side| location.side == Some(side))
            && self.secured.is_none_or(|secured| location.secured == secured)
    }

    /// The locations of the entry, and names at these locations, where nothing was accepted. An entry without locations
    /// is a rule for all documents and need not apply to each.
    fn unused(&self, accepted: &[Difference]) -> Vec<String> {
        let mut unused = Vec::new();
        for location in &self.at {
            let here = accepted.iter().filter(|difference| difference.location.at == *location);
            let used: BTreeSet<&str> = here.map(|difference| difference.subject.as_str()).collect();
            let (kind, reason) = (self.kind, &self.reason);
            if used.is_empty() {
                unused.push(format!("{kind} at {location} ({reason})"));
                continue;
            }
            let names = self.names.iter().filter(|name| !used.contains(name.as_str()));
            unused.extend(names.map(|name| format!("{kind} {name} at {location} ({reason})")));
        }
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regen::against::difference::Location;

    fn difference(kind: Kind, at: &str, side: Side, subject: &str) -> Difference {
        let location =
            Location { shown: format!("op {at}"), at: at.to_owned(), side: Some(side), secured: true };
        Difference { kind, location, subject: subject.to_owned(), ours: String::new(), theirs: String::new() }
    }

    const LIST: &str = "
differences:
  - reason: Names are checked.
    kind: extra-bound
    names: [minLength, pattern]
    side: path
  - reason: A share.
    kind: extra-bound
    names: [minimum, maximum]
    at: [A.x, A.y]
  - reason: Public.
    kind: extra-response
    at: [op]
    secured: false
";

    #[test]
    fn entries_accept_what_they_describe_and_nothing_else() {
        let list = Allowed::parse(LIST).unwrap();
        let accepted = [
            difference(Kind::ExtraBound, "op path x", Side::Path, "pattern"),
            difference(Kind::ExtraBound, "A.x", Side::Request, "minimum"),
            difference(Kind::ExtraBound, "A.x", Side::Request, "maximum"),
            difference(Kind::ExtraBound, "A.y", Side::Request, "minimum"),
        ];
        let left = [
            difference(Kind::ExtraBound, "op path x", Side::Path, "minimum"),
            difference(Kind::ExtraBound, "A.x", Side::Request, "pattern"),
            difference(Kind::ExtraBound, "A.z", Side::Request, "minimum"),
            difference(Kind::MissingBound, "A.x", Side::Request, "minimum"),
            difference(Kind::ExtraResponse, "op", Side::Response, "401"),
        ];
        let sorted = list.sort(accepted.iter().chain(&left).cloned().collect());
        assert_eq!(sorted.left, left);
        let counts: Vec<_> =
            sorted.accepted.iter().map(|one| (one.reason.as_str(), one.differences.len())).collect();
        assert_eq!(counts, [("Names are checked.", 1), ("A share.", 3)]);
        assert_eq!(
            sorted.unused,
            ["extra-bound maximum at A.y (A share.)", "extra-response at op (Public.)"]
        );
    }

    #[test]
    fn lists_with_mistakes_are_rejected() {
        for (text, expected) in [
            ("differences: [{ reason: ' ', kind: type }]", "no reason"),
            ("differences: [{ reason: a, kind: typo }]", "typo"),
            ("differences: [{ reason: a, kind: type, wher: [] }]", "wher"),
        ] {
            let error = Allowed::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn list_of_the_project_is_valid() {
        Allowed::read(&crate::root().join(super::super::ALLOWED)).unwrap();
    }
}
