//! Panics that become errors.

use super::problem::Problem;
use crate::concurrency::panics::{Panicked, catch};

impl From<Panicked> for Problem {
    fn from(panicked: Panicked) -> Self {
        Self::internal(format!(
            "the emulator failed while working on this: {panicked}; report this as a defect"
        ))
    }
}

/// Carries out a piece of work, and makes an error of a panic in it, which is logged.
///
/// The future that serves also works on runs and ingestions, so that a panic there would end the server. The work must
/// leave nothing half changed that is used afterwards: it either changes shared state as its last act, or its owner
/// ends it with the error.
pub(crate) async fn catch_as_problem<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    catch(work).await.map_err(|panicked| {
        tracing::error!(panic = %panicked, "work in the background panicked, and is marked as failed");
        panicked.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::panics::catch_panic;

    #[tokio::test]
    async fn a_panic_becomes_an_error() {
        assert_eq!(catch_as_problem(async { 1 }).await.ok(), Some(1));
        let number = 7;
        let panics = |formatted: bool| async move {
            tokio::task::yield_now().await;
            if formatted { panic!("number {number}") } else { panic!("plain") }
        };
        for (formatted, part) in [(false, "plain"), (true, "number 7")] {
            let message = catch_as_problem::<()>(panics(formatted)).await.unwrap_err().message;
            assert!(message.contains(&format!("on this: {part}; report")), "{message}");
        }
        assert_eq!(catch_panic(|| 1).ok(), Some(1));
        assert_eq!(
            catch_panic(|| std::panic::panic_any(7)).unwrap_err().to_string(),
            "the panic has no message"
        );
    }
}
