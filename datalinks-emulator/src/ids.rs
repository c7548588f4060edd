//! Ids without chance: the same seed and the same calls give the same ids.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// What an id stands for. Each kind counts for itself, so that one more request does not change
/// the id of the next run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    User,
    Request,
    AskRun,
    Conversation,
    PipelineRun,
    Explain,
    Upload,
    Place,
    Session,
    File,
    Ingestion,
    Token,
    Cleaning,
    Message,
}

const KINDS: usize = 14;

/// The counters.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    counters: [AtomicU64; KINDS],
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counters: Default::default() }
    }

    /// The next id of this kind.
    pub(crate) fn next(&self, kind: Kind) -> Uuid {
        let count = self.counters[kind as usize].fetch_add(1, Ordering::Relaxed);
        let high = mix(self.seed ^ mix(kind as u64 + 1));
        let low = mix(high ^ mix(count));
        let bytes = (u128::from(mix(high.wrapping_add(low))) << 64) | u128::from(low);
        Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// Bits that follow from the seed and a value.
    pub(crate) fn derive(&self, value: u128) -> u128 {
        let low = mix(self.seed ^ mix(value as u64));
        let high = mix(low ^ mix((value >> 64) as u64));
        (u128::from(high) << 64) | u128::from(mix(low.wrapping_add(high)))
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
}
