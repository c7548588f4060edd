//! Hits of links, counted once for as long as nothing changes that they depend on.

use std::collections::HashMap;
use std::sync::Mutex;

use super::links::{Link, Match};
use crate::concurrency::lock::lock;

/// What was counted, by the two columns and the kind.
#[derive(Debug, Default)]
pub(super) struct CountedHits(Mutex<HashMap<String, Counted>>);

#[derive(Debug)]
struct Counted {
    matching: Match,
    revisions: [u64; 2],
    hits: u64,
}

impl CountedHits {
    /// The hits of a link, counted if nobody has done so since one of its datasets changed. `revisions` are those of the
    /// two datasets, and `links` is the number of links in the store.
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
        // Those of links that went, or have other names now, are not looked for one by one.
        if counted.len() > 2 * links {
            counted.clear();
        }
        counted.insert(key, Counted { matching: link.matching, revisions, hits });
        hits
    }
}
