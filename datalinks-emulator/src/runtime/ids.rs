//! Reproducible ids: equal seeds and equal sequences of calls give equal ids.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::persistence::{Change, Files, Persist, Sink, Unreadable, next_version, save_value};

/// The kind of object that an id identifies. Each kind has its own counter, so that an additional request does not change
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
    /// Tasks of agents and their contexts, which are not stored.
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

/// The counters of all kinds.
#[derive(Debug)]
pub(crate) struct Ids {
    /// Seed if the state contains none.
    first_seed: u64,
    seed: AtomicU64,
    counters: [AtomicU64; KINDS.len()],
    changed: AtomicU64,
    /// Additional input of secrets besides the seed. Empty by default.
    key: Vec<u8>,
}

/// The namespace of ids, which are UUIDs of version 5. The seed can be found from an id only by trying.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d0f_2a57_9c1e_4b8a_a3d4_51e7_8f06_c92b);

const PATH: &str = "ids.json";

/// The counters as they are persisted.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredIds {
    seed: u64,
    /// Counters above 0. The counter of requests is not stored, because requests do not change the state.
    counters: BTreeMap<Kind, u64>,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            first_seed: seed,
            seed: AtomicU64::new(seed),
            counters: Default::default(),
            changed: AtomicU64::new(next_version()),
            key: Vec::new(),
        }
    }

    /// Adds a key from which secrets are derived, so that the seed alone is not enough to compute them.
    pub(crate) fn keyed(mut self, key: &str) -> Self {
        self.key = key.as_bytes().to_vec();
        self
    }

    /// Returns the seed.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Returns the next id of a kind.
    pub(crate) fn next(&self, kind: Kind) -> Uuid {
        let count = self.counters[kind as usize].fetch_add(1, Ordering::Relaxed);
        if kind != Kind::Request {
            self.changed.store(next_version(), Ordering::Relaxed);
        }
        let mut name = [0; 17];
        name[..8].copy_from_slice(&self.seed().to_be_bytes());
        name[8] = kind as u8;
        name[9..].copy_from_slice(&count.to_be_bytes());
        Uuid::new_v5(&NAMESPACE, &name)
    }

    /// Derives a secret from the seed, an id and the key: the first 16 bytes of an HMAC.
    pub(crate) fn derive(&self, id: u128) -> u128 {
        let secret = Sha256::new().chain_update(self.seed().to_be_bytes()).chain_update(&self.key).finalize();
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..secret.len()].copy_from_slice(&secret);
        let code = Hmac::<Sha256>::new(&key).chain_update(id.to_be_bytes()).finalize().into_bytes();
        code.iter().take(16).fold(0, |value, byte| (value << 8) | u128::from(*byte))
    }
}

impl Persist for Ids {
    fn changed(&self) -> u64 {
        self.changed.load(Ordering::Relaxed)
    }

    fn save(&self, sink: &mut dyn Sink) {
        let counters = KINDS.into_iter().filter(|kind| *kind != Kind::Request);
        let counters = counters.map(|kind| (kind, self.counters[kind as usize].load(Ordering::Relaxed)));
        let counters = counters.filter(|(_, count)| *count > 0).collect();
        save_value(sink, PATH, &StoredIds { seed: self.seed(), counters });
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let stored: Option<StoredIds> = files.take_value(PATH)?;
        let stored = stored.unwrap_or_else(|| StoredIds { seed: self.first_seed, counters: BTreeMap::new() });
        Ok(Box::new(move || {
            self.seed.store(stored.seed, Ordering::Relaxed);
            for kind in KINDS.into_iter().filter(|kind| *kind != Kind::Request) {
                let count = stored.counters.get(&kind).copied().unwrap_or_default();
                self.counters[kind as usize].store(count, Ordering::Relaxed);
            }
            self.changed.store(next_version(), Ordering::Relaxed);
        }))
    }
}

/// The finalizer of SplitMix64, which spreads a counter over all bits.
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
    fn equal_seeds_give_equal_ids() {
        let (one, two, other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        let first = one.next(Kind::AskRun);
        two.next(Kind::Request);
        assert_eq!(first, two.next(Kind::AskRun), "requests must not move run ids");
        assert_ne!(first, other.next(Kind::AskRun));
        assert_ne!(first, one.next(Kind::AskRun));
        assert_ne!(first, two.next(Kind::PipelineRun));
        assert_eq!(first.get_version_num(), 5);
    }

    #[test]
    fn secrets_depend_on_seed_id_and_key() {
        let ids = Ids::new(7);
        let secret = ids.derive(1);
        // The expected value is that of `hmac.new(sha256(seed).digest(), id, "sha256")` in Python.
        assert_eq!(secret, 0xeae6_8875_c263_d4aa_1ece_20be_c6df_e173);
        assert_eq!(Ids::new(7).derive(1), secret, "secrets are reproducible");
        let others = [Ids::new(8).derive(1), ids.derive(2), Ids::new(7).keyed("a key").derive(1)];
        assert!(!others.contains(&secret));
        assert_eq!(Ids::new(7).keyed("a key").next(Kind::Token), ids.next(Kind::Token), "ids need no key");
    }
}
