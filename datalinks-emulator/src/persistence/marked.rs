//! Values that know when they were changed.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// A value that notes when somebody could change it: whoever borrows it mutably marks it, and nobody can forget to.
#[derive(Clone, Debug)]
pub(crate) struct Marked<T> {
    value: T,
    changed: u64,
}

impl<T> Marked<T> {
    /// When it was changed last, by the count of [`stamp`].
    pub(crate) fn changed(this: &Self) -> u64 {
        this.changed
    }
}

impl<T: Default> Default for Marked<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T> From<T> for Marked<T> {
    fn from(value: T) -> Self {
        Self { value, changed: stamp() }
    }
}

impl<T> Deref for Marked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Marked<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changed = stamp();
        &mut self.value
    }
}

/// A number that is larger each time, all over the process. It is never written anywhere.
pub(crate) fn stamp() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_is_no_change() {
        let mut marked = Marked::from(vec![1]);
        let before = Marked::changed(&marked);
        assert_eq!(marked.len(), 1);
        assert_eq!(Marked::changed(&marked), before);
        marked.push(2);
        assert!(Marked::changed(&marked) > before);
    }
}
