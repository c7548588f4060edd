//! The written list of foreign types.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Deserialize;

/// Places of a type that a message names.
const PLACES: usize = 3;

/// Foreign types that public signatures may name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    groups: Vec<Group>,
}

/// Types that are listed for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    reason: String,
    /// Full paths, as rustdoc knows them: they name the module that defines the type.
    types: Vec<String>,
}

impl List {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("reading {name} failed: {error}"))?;
        Self::parse(&text).map_err(|error| format!("{name}: {error}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let list: Self = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let mut seen = BTreeSet::new();
        for group in &list.groups {
            if group.reason.trim().is_empty() {
                return Err(format!("the group of {} has no reason; give one", group.types.join(", ")));
            }
            if let Some(twice) = group.types.iter().find(|name| !seen.insert(name.as_str())) {
                return Err(format!("{twice} is listed twice; remove one entry"));
            }
        }
        Ok(list)
    }

    /// Returns a line for each type that is not listed, and for each entry that is not found.
    pub(super) fn compare(&self, found: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
        let listed: BTreeSet<&String> = self.groups.iter().flat_map(|group| &group.types).collect();
        let unlisted = found.iter().filter(|(name, _)| !listed.contains(name)).map(|(name, places)| {
            let some: Vec<&str> = places.iter().take(PLACES).map(String::as_str).collect();
            let more = match places.len().saturating_sub(PLACES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("not listed: {name}, in {}{more}", some.join(", "))
        });
        let stale = listed.iter().filter(|name| !found.contains_key(**name));
        unlisted.chain(stale.map(|name| format!("listed, but in no public signature: {name}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "groups:\n  - reason: r\n    types: [a::A, b::B]\n";

    fn found(names: &[(&str, usize)]) -> BTreeMap<String, BTreeSet<String>> {
        let places = |count| (1..=count).map(|index| format!("p{index}")).collect();
        names.iter().map(|(name, count)| ((*name).to_owned(), places(*count))).collect()
    }

    #[test]
    fn accepts_exactly_what_is_listed() {
        let list = List::parse(LIST).unwrap();
        assert!(list.compare(&found(&[("a::A", 1), ("b::B", 9)])).is_empty());
    }

    #[test]
    fn reports_types_without_an_entry_and_entries_without_a_type() {
        let defects = List::parse(LIST).unwrap().compare(&found(&[("a::A", 1), ("c::C", 5), ("c::D", 1)]));
        assert_eq!(
            defects,
            [
                "not listed: c::C, in p1, p2, p3 and 2 more",
                "not listed: c::D, in p1",
                "listed, but in no public signature: b::B"
            ]
        );
    }

    #[test]
    fn rejects_groups_without_a_reason_and_repeated_entries() {
        let error = |text: &str| List::parse(text).unwrap_err();
        assert!(error("groups:\n  - reason: ' '\n    types: [a::A]\n").contains("no reason"));
        assert!(error(&format!("{LIST}  - reason: s\n    types: [b::B]\n")).contains("b::B is listed twice"));
        assert!(error("groups:\n  - types: [a::A]\n").contains("reason"));
    }
}
