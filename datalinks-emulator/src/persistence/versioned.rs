//! Values with the version of their last change.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// A value that records a new version whenever it is borrowed mutably.
#[derive(Clone, Debug)]
pub(crate) struct Versioned<T> {
    value: T,
    changed: u64,
}

impl<T> Versioned<T> {
    /// Returns the version of the last change, see [`next_version`].
    pub(crate) fn changed(this: &Self) -> u64 {
        this.changed
    }
}

impl<T: Default> Default for Versioned<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T> From<T> for Versioned<T> {
    fn from(value: T) -> Self {
        Self { value, changed: next_version() }
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changed = next_version();
        &mut self.value
    }
}

/// Returns a number larger than all earlier ones in this process. Versions are never written to files.
pub(crate) fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_borrow_keeps_version() {
        let mut versioned = Versioned::from(vec![1]);
        let before = Versioned::changed(&versioned);
        assert_eq!(versioned.len(), 1);
        assert_eq!(Versioned::changed(&versioned), before);
        versioned.push(2);
        assert!(Versioned::changed(&versioned) > before);
    }
}
