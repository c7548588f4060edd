//! Types that applications match or write without `..`, so that a new field or variant breaks them.
//!
//! An enum, a struct of which all fields are public, and a variant with named fields may grow, so they are
//! `#[non_exhaustive]`, or `exhaustive.yaml` lists them with the reason why they are not. Structs with a private field can grow
//! without the attribute.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Deserialize;

/// The list, below the root of the workspace.
const LIST: &str = "xtask/src/public_api/exhaustive.yaml";

/// Types that are exhaustive on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    groups: Vec<Group>,
}

/// Types with the same reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    reason: String,
    items: Vec<String>,
}

/// What the check says.
pub(super) struct Checked {
    /// Items that may grow.
    pub(super) open: usize,
    /// Items that the list names.
    pub(super) exhaustive: usize,
    pub(super) defects: Vec<String>,
}

/// Compares the listings of all crates with the list.
pub(super) fn check(root: &Path, listings: &[String]) -> Result<Checked, String> {
    let path = root.join(LIST);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    compare(&text, listings).map_err(|error| format!("{}: {error}", path.display()))
}

fn compare(list: &str, listings: &[String]) -> Result<Checked, String> {
    let list: List = serde_saphyr::from_str(list).map_err(|error| error.to_string())?;
    let mut listed = BTreeSet::new();
    for group in &list.groups {
        if group.reason.trim().is_empty() {
            return Err(format!("the group of {} has no reason; give one", group.items.join(", ")));
        }
        listed.extend(group.items.iter().map(String::as_str));
    }
    let lines = || listings.iter().flat_map(|listing| listing.lines());
    let found: BTreeSet<&str> = lines().filter_map(exhaustive).collect();
    let open = lines().filter(|line| line.starts_with("#[non_exhaustive]")).count();
    let unlisted = found.difference(&listed).map(|item| {
        format!("{item} cannot grow: add #[non_exhaustive], or enter it in {LIST} with the reason")
    });
    let stale = listed
        .difference(&found)
        .map(|item| format!("{item} is in {LIST}, and is not an exhaustive item: remove the entry"));
    let defects = unlisted.chain(stale).collect();
    Ok(Checked { open, exhaustive: found.intersection(&listed).count(), defects })
}

/// Returns the path of an item that cannot grow, from its line in the listing.
fn exhaustive(line: &str) -> Option<&str> {
    let mut rest = line;
    while let Some((attribute, after)) = rest.strip_prefix("#[").and_then(|rest| rest.split_once("] ")) {
        if attribute == "non_exhaustive" {
            return None;
        }
        rest = after;
    }
    let rest = rest.strip_prefix("pub ")?;
    let path = |text: &'static str| {
        rest.strip_prefix(text).map(|rest| rest.split(['<', ' ', '(']).next().unwrap_or(rest))
    };
    if let Some(path) = path("enum ") {
        return Some(path);
    }
    if let Some(path) = path("struct ") {
        let is_public = |fields: &str| !fields.split(", ").any(|field| field == "private");
        let tuple = rest.split_once('(').and_then(|(_, fields)| fields.strip_suffix(')'));
        let is_open = rest.ends_with(" { all fields }") || tuple.is_some_and(is_public);
        return is_open.then_some(path);
    }
    rest.strip_suffix(" { fields }")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_cannot_grow_are_found() {
        for (line, item) in [
            ("pub enum c::E<T>", Some("c::E")),
            ("#[must_use] pub enum c::E", Some("c::E")),
            ("#[must_use] #[non_exhaustive] pub enum c::E", None),
            ("pub struct c::S { all fields }", Some("c::S")),
            ("pub struct c::S<'a> { private fields }", None),
            ("#[non_exhaustive] pub struct c::S { all fields }", None),
            ("pub struct c::T(String, Option<u8>)", Some("c::T")),
            ("pub struct c::T(String, private)", None),
            ("pub struct c::U", None),
            ("pub c::E::V { fields }", Some("c::E::V")),
            ("#[non_exhaustive] pub c::E::V { fields }", None),
            ("pub c::E::V(String)", None),
            ("pub fn c::S::f(&self)", None),
            ("impl Debug for E", None),
        ] {
            assert_eq!(exhaustive(line), item, "{line}");
        }
    }

    #[test]
    fn unlisted_items_and_stale_entries_are_defects() {
        let listings =
            ["pub enum c::E\npub struct c::S { all fields }\n#[non_exhaustive] pub enum c::F\n".to_owned()];
        let list = "groups: [{reason: r, items: ['c::E', 'c::F']}]";
        let checked = compare(list, &listings).unwrap();
        assert_eq!((checked.open, checked.exhaustive, checked.defects.len()), (1, 1, 2));
        assert!(checked.defects[0].starts_with("c::S cannot grow"));
        assert!(checked.defects[1].starts_with("c::F is in "));
        assert!(compare("groups: [{reason: '', items: [a]}]", &[]).is_err());
    }
}
