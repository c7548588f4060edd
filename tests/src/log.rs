//! Logs that tests read.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use tracing::{Dispatch, Level, Subscriber, subscriber::DefaultGuard};
use tracing_subscriber::{Registry, fmt};

/// A log. Clones have the same text.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns what has been logged.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static ALL: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = fmt().with_max_level(Level::TRACE).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    log
});

/// Makes `subscriber` the one of this thread, as long as the guard lives.
pub fn of_this_thread(subscriber: impl Subscriber + Send + Sync) -> DefaultGuard {
    // While a program has one subscriber, the thread that reaches a span or an event first decides whether it is enabled
    // everywhere. That may be the thread of another test, which has none. With a second subscriber, all of them are asked.
    static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Registry::default()));
    LazyLock::force(&SECOND);
    tracing::subscriber::set_default(subscriber)
}

/// Records the log of all tests in the program from now on.
pub fn keep() {
    LazyLock::force(&ALL);
}

/// Returns the log of all tests in the program.
pub fn text() -> String {
    ALL.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events of a test were lost if a test without a subscriber reached them first.
    #[test]
    fn thread_without_a_subscriber_does_not_disable_events() {
        fn log_one() {
            tracing::info!("one");
        }

        let log = Log::default();
        let writer = log.clone();
        let _guard = of_this_thread(fmt().with_writer(move || writer.clone()).finish());
        std::thread::spawn(log_one).join().unwrap();
        log_one();
        assert_eq!(log.text().matches("one").count(), 1, "{}", log.text());
    }
}
