//! Values that know when they were changed.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// A value that notes when somebody could change it: whoever borrows it mutably marks it, and nobody can forget to.
#[derive(Clone, Debug)]
pub(crate) struct Versioned<T> {
    value: T,
    changed: u64,
}

impl<T> Versioned<T> {
    /// When it was changed last, by the count of [`next_version`].
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

/// A number that is larger each time, all over the process. It is never written anywhere.
pub(crate) fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_is_no_change() {
        let mut marked = Versioned::from(vec![1]);
        let before = Versioned::changed(&marked);
        assert_eq!(marked.len(), 1);
        assert_eq!(Versioned::changed(&marked), before);
        marked.push(2);
        assert!(Versioned::changed(&marked) > before);
    }
}
