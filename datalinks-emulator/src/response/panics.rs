//! Conversion of panics into errors.

use super::problem::Problem;
use crate::concurrency::panics::{Panicked, catch};

impl From<Panicked> for Problem {
    fn from(panicked: Panicked) -> Self {
        Self::internal(format!("the emulator panicked: {panicked}; report this as a defect"))
    }
}

/// Runs work, logs a panic in it, and returns the panic as an error.
///
/// The serving future also works on runs and ingestions, so an uncaught panic there would end the server. The work must
/// not leave partial changes that are used afterwards. Either it changes shared state in its last step, or the caller
/// marks it as failed with the error.
pub(crate) async fn catch_as_problem<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    catch(work).await.map_err(|panicked| {
        tracing::error!(panic = %panicked, "background work panicked and is marked as failed");
        panicked.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::panics::catch_panic;

    #[tokio::test]
    async fn panic_becomes_an_error() {
        assert_eq!(catch_as_problem(async { 1 }).await.ok(), Some(1));
        let number = 7;
        let panics = |formatted: bool| async move {
            tokio::task::yield_now().await;
            if formatted { panic!("number {number}") } else { panic!("plain") }
        };
        for (formatted, part) in [(false, "plain"), (true, "number 7")] {
            let message = catch_as_problem::<()>(panics(formatted)).await.unwrap_err().message;
            assert!(message.contains(&format!("panicked: {part}; report")), "{message}");
        }
        assert_eq!(catch_panic(|| 1).ok(), Some(1));
        assert_eq!(
            catch_panic(|| std::panic::panic_any(7)).unwrap_err().to_string(),
            "the panic has no message"
        );
    }
}
