//! Work that must not end the server when it panics.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;

use crate::response::Problem;

/// A panic that was caught: a defect of the emulator.
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

impl From<Panicked> for Problem {
    fn from(panicked: Panicked) -> Self {
        Self::internal(format!(
            "the emulator failed while working on this: {panicked}; report this as a defect"
        ))
    }
}

/// Carries out a piece of work, and catches a panic in it. The caller reports the panic.
pub(crate) async fn catch<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| Panicked::new(panic.as_ref()))
}

/// Carries out a piece of work that does not wait, and catches a panic in it. The caller reports the panic.
pub(crate) fn catch_now<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked::new(panic.as_ref()))
}

/// Carries out a piece of work, and makes an error of a panic in it, which is logged.
///
/// The future that serves also works on runs and ingestions, so that a panic there would end the server. The work must
/// leave nothing half changed that is used afterwards: it either changes shared state as its last act, or its owner
/// ends it with the error.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    catch(work).await.map_err(|panicked| {
        tracing::error!(panic = %panicked, "work in the background panicked, and is marked as failed");
        panicked.into()
    })
}

/// Panics if a test has chosen a name for it.
#[cfg(test)]
pub(crate) fn panic_if_told(name: &str) {
    assert!(!name.contains("panics here"), "a test wants a panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error() {
        assert_eq!(caught(async { 1 }).await.ok(), Some(1));
        let number = 7;
        let panics = |formatted: bool| async move {
            tokio::task::yield_now().await;
            if formatted { panic!("number {number}") } else { panic!("plain") }
        };
        for (formatted, part) in [(false, "plain"), (true, "number 7")] {
            let message = caught::<()>(panics(formatted)).await.unwrap_err().message;
            assert!(message.contains(&format!("on this: {part}; report")), "{message}");
        }
        assert_eq!(catch_now(|| 1).ok(), Some(1));
        assert_eq!(
            catch_now(|| std::panic::panic_any(7)).unwrap_err().to_string(),
            "the panic has no message"
        );
    }
}
