//! Random numbers. None of them has to be secret: they spread retries, pick samples, and tell apart what this crate names.

pub(crate) use fastrand::Rng;

/// Returns a generator that repeats itself with a seed, and differs between runs without.
pub(crate) fn rng(seed: Option<u64>) -> Rng {
    seed.map_or_else(Rng::new, Rng::with_seed)
}

/// Returns bits for a short name that differs between runs, whatever the seed of the client.
pub(crate) fn short() -> u64 {
    fastrand::u64(..)
}

/// Returns bits for a long name that differs between runs, whatever the seed of the client.
pub(crate) fn long() -> u128 {
    fastrand::u128(..)
}
