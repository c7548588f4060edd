//! Ids without chance: the same seed and the same calls give the same ids.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::files::{Change, Files, Part, Sink, Unreadable, save_value, stamp};

/// What an id stands for. Each kind counts for itself, so that one more request does not change
/// the id of the next run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    User,
    Request,
    AskRun,
    Conversation,
    PipelineRun,
    Explain,
    Upload,
    Session,
    File,
    Ingestion,
    Token,
    Cleaning,
    /// Tasks of agents, and their contexts, of which nothing is kept. Older states call the counter `message`.
    #[serde(alias = "message")]
    Task,
    BuildSpec,
}

/// All kinds, in the order above.
const KINDS: [Kind; 14] = [
    Kind::User,
    Kind::Request,
    Kind::AskRun,
    Kind::Conversation,
    Kind::PipelineRun,
    Kind::Explain,
    Kind::Upload,
    Kind::Session,
    Kind::File,
    Kind::Ingestion,
    Kind::Token,
    Kind::Cleaning,
    Kind::Task,
    Kind::BuildSpec,
];

/// The counters.
#[derive(Debug)]
pub(crate) struct Ids {
    /// The seed when no state says another one.
    first_seed: u64,
    seed: AtomicU64,
    counters: [AtomicU64; KINDS.len()],
    changed: AtomicU64,
}

const PATH: &str = "ids.json";

/// The counters as they are kept.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    seed: u64,
    /// Those that are not 0. Requests count anew in each process: they change nothing.
    counters: BTreeMap<Kind, u64>,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            first_seed: seed,
            seed: AtomicU64::new(seed),
            counters: Default::default(),
            changed: AtomicU64::new(stamp()),
        }
    }

    /// What ids are made from.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// The next id of this kind.
    pub(crate) fn next(&self, kind: Kind) -> Uuid {
        let count = self.counters[kind as usize].fetch_add(1, Ordering::Relaxed);
        if kind != Kind::Request {
            self.changed.store(stamp(), Ordering::Relaxed);
        }
        let high = mix(self.seed() ^ mix(kind as u64 + 1));
        let low = mix(high ^ mix(count));
        let bytes = (u128::from(mix(high.wrapping_add(low))) << 64) | u128::from(low);
        Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// Bits that follow from the seed and a value.
    pub(crate) fn derive(&self, value: u128) -> u128 {
        let low = mix(self.seed() ^ mix(value as u64));
        let high = mix(low ^ mix((value >> 64) as u64));
        (u128::from(high) << 64) | u128::from(mix(low.wrapping_add(high)))
    }
}

impl Part for Ids {
    fn changed(&self) -> u64 {
        self.changed.load(Ordering::Relaxed)
    }

    fn save(&self, sink: &mut dyn Sink) {
        let counters = KINDS.into_iter().filter(|kind| *kind != Kind::Request);
        let counters = counters.map(|kind| (kind, self.counters[kind as usize].load(Ordering::Relaxed)));
        let counters = counters.filter(|(_, count)| *count > 0).collect();
        save_value(sink, PATH, &Kept { seed: self.seed(), counters });
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let kept: Option<Kept> = files.take_value(PATH)?;
        let kept = kept.unwrap_or_else(|| Kept { seed: self.first_seed, counters: BTreeMap::new() });
        Ok(Box::new(move || {
            self.seed.store(kept.seed, Ordering::Relaxed);
            for kind in KINDS.into_iter().filter(|kind| *kind != Kind::Request) {
                let count = kept.counters.get(&kind).copied().unwrap_or_default();
                self.counters[kind as usize].store(count, Ordering::Relaxed);
            }
            self.changed.store(stamp(), Ordering::Relaxed);
        }))
    }
}

/// The finisher of SplitMix64: spreads a counter over all bits.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (one, two, other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        let first = one.next(Kind::AskRun);
        two.next(Kind::Request);
        assert_eq!(first, two.next(Kind::AskRun), "requests must not move run ids");
        assert_ne!(first, other.next(Kind::AskRun));
        assert_ne!(first, one.next(Kind::AskRun));
        assert_ne!(first, two.next(Kind::PipelineRun));
        assert_eq!(first.get_version_num(), 4);
    }

    #[test]
    fn counter_of_tasks_is_read_by_its_older_name() {
        for name in ["task", "message"] {
            let kept: Kept =
                serde_json::from_str(&format!(r#"{{"seed":7,"counters":{{"{name}":3}}}}"#)).unwrap();
            assert_eq!(kept.counters, BTreeMap::from([(Kind::Task, 3)]));
        }
    }
}
