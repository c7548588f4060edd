//! Catching of panics that must not end the server.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;

/// A caught panic, which is a defect of the emulator.
#[derive(Debug)]
pub(crate) struct Panicked {
    message: String,
}

impl Panicked {
    pub(crate) fn new(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self { message: text.unwrap_or("the panic has no message").to_owned() }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Runs a future and catches a panic in it. The caller must report the panic.
pub(crate) async fn catch<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| Panicked::new(panic.as_ref()))
}

/// Runs a function and catches a panic in it. The caller must report the panic.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked::new(panic.as_ref()))
}

/// Panics if the name contains the words with which tests request a panic.
#[cfg(test)]
pub(crate) fn panic_if_requested(name: &str) {
    assert!(!name.contains("panics here"), "a test wants a panic");
}
