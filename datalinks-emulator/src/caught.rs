//! Work that must not end the server when it panics.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use crate::problem::Problem;

/// Carries out a piece of work, and makes an error of a panic in it.
///
/// The future that serves also works on runs and ingestions, so that a panic there would end the server. The work must
/// leave nothing half changed that is used afterwards: it either changes shared state as its last act, or its owner
/// ends it with the error.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let message = message(panic.as_ref());
        Problem::internal(format!(
            "the emulator failed while working on this: {message}; report this as a defect"
        ))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it panicked")
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
    }
}
