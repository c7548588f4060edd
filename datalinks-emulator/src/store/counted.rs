//! A cache of the hits of links, valid until one of their datasets changes.

use std::collections::HashMap;
use std::sync::Mutex;

use super::links::{Link, Match};
use crate::concurrency::lock::lock;

/// Counted hits by the columns and kind of a link.
#[derive(Debug, Default)]
pub(super) struct CountedHits(Mutex<HashMap<String, Counted>>);

#[derive(Debug)]
struct Counted {
    matching: Match,
    revisions: [u64; 2],
    hits: u64,
}

impl CountedHits {
    /// Returns the hits of a link, and calls `count` only if they are not cached.
    ///
    /// `revisions` are those of the two datasets, and `links` is the number of links in the store.
    pub(super) fn of(
        &self,
        link: &Link,
        revisions: [u64; 2],
        links: usize,
        count: impl FnOnce() -> u64,
    ) -> u64 {
        let key = format!("{:?} {:?} {:?}", link.kind(), link.from, link.to);
        if let Some(known) = lock(&self.0).get(&key)
            && known.revisions == revisions
            && known.matching == link.matching
        {
            return known.hits;
        }
        let hits = count();
        let mut counted = lock(&self.0);
        // Entries of removed and renamed links are not tracked. The cache is cleared when they outnumber the others.
        if counted.len() > 2 * links {
            counted.clear();
        }
        counted.insert(key, Counted { matching: link.matching, revisions, hits });
        hits
    }
}
