//! Options that both builders for uploads share.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};

use super::{lifetime::URL_LIFETIME, meter::ProgressHook};
use crate::error::Error;

/// Maximum number of parts in flight.
const MAX_CONCURRENCY: usize = 64;

/// The options of both builders.
#[derive(Clone)]
pub(super) struct UploadSettings {
    pub(super) concurrency: usize,
    pub(super) max_attempts_per_part: u32,
    pub(super) progress: Option<ProgressHook>,
    pub(super) journal: Option<PathBuf>,
    pub(super) url_lifetime: Duration,
    /// Completes when the upload is to end.
    pub(super) stop: Option<Shared<BoxFuture<'static, ()>>>,
}

impl Default for UploadSettings {
    fn default() -> Self {
        Self {
            concurrency: 4,
            max_attempts_per_part: 3,
            progress: None,
            journal: None,
            url_lifetime: URL_LIFETIME,
            stop: None,
        }
    }
}

impl fmt::Debug for UploadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSettings")
            .field("concurrency", &self.concurrency)
            .field("max_attempts_per_part", &self.max_attempts_per_part)
            .field("journal", &self.journal)
            .field("url_lifetime", &self.url_lifetime)
            .finish_non_exhaustive()
    }
}

impl UploadSettings {
    /// Validates the options.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.concurrency == 0 || self.concurrency > MAX_CONCURRENCY {
            return Err(Error::invalid(format!(
                "concurrency is {}: expected 1 to {MAX_CONCURRENCY}",
                self.concurrency
            )));
        }
        Ok(())
    }

    pub(super) fn on_progress(&mut self, observer: impl Fn(&super::UploadProgress) + Send + Sync + 'static) {
        self.progress = Some(Arc::new(observer));
    }

    pub(super) fn stop_when(&mut self, stop: impl Future<Output = ()> + Send + 'static) {
        self.stop = Some(stop.boxed().shared());
    }

    /// Waits until the upload is to end. Cancel safe.
    pub(super) async fn stopped(&self) {
        match &self.stop {
            Some(stop) => stop.clone().await,
            None => std::future::pending().await,
        }
    }
}

/// The setters of both builders that upload files.
macro_rules! upload_setters {
    ($builder:ty) => {
        impl $builder {
            /// Sets the maximum number of parts in flight, 1 to 64.
            ///
            /// Each part is read in chunks of 64 KiB as the network accepts them. Memory per part is about 512 KiB,
            /// whatever the size of the part. Defaults to 4.
            pub fn concurrency(mut self, parts: usize) -> Self {
                self.settings.concurrency = parts;
                self
            }

            /// Sets the maximum number of attempts per part, including the first. `0` counts as 1.
            ///
            /// A part is sent again if the connection fails or breaks, and after 408, 429, 500, 502, 503 and 504. It is not
            /// sent again if the certificate of the storage is rejected.
            /// The delays are those of the client's [`RetryPolicy`](crate::RetryPolicy). Defaults to 3.
            pub fn max_attempts_per_part(mut self, attempts: u32) -> Self {
                self.settings.max_attempts_per_part = attempts.max(1);
                self
            }

            /// Sets a function that is called when bytes are sent and parts arrive, on the task that polls the
            /// upload. It should not block.
            pub fn on_progress(
                mut self,
                observer: impl Fn(&$crate::uploads::meter::UploadProgress) + Send + Sync + 'static,
            ) -> Self {
                self.settings.on_progress(observer);
                self
            }

            /// Ends the upload when a future completes, for example at a signal.
            ///
            /// The parts in flight are ended. The upload then fails with an error of kind
            /// [`Interrupted`]($crate::ErrorKind::Interrupted), and is aborted on the service or kept with its
            /// [`journal`](Self::journal), as after every failure. Requests of the API are completed, so an upload whose
            /// last part has arrived is finished.
            pub fn stop_when(mut self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
                self.settings.stop_when(stop);
                self
            }

            /// Sets the assumed lifetime of the presigned URLs, counted from the response that contains them.
            ///
            /// If the measured rate shows that parts will be missing when the URLs expire, the upload continues and
            /// reports this early, with a warning in the log (`tracing`) and in
            /// [`UploadProgress::expiry_forecast`](crate::uploads::UploadProgress::expiry_forecast). If the storage
            /// then rejects an older URL, the error contains the rate and advice.
            ///
            /// The service does not document a lifetime. The default comes from a draft of the vendor's
            /// documentation, so it never stops an upload. [`Duration::MAX`](std::time::Duration::MAX) disables the
            /// forecast. Defaults to 15 minutes.
            pub fn url_lifetime(mut self, lifetime: std::time::Duration) -> Self {
                self.settings.url_lifetime = lifetime;
                self
            }

            /// Records arrived parts in a journal at this path, so that a later run with the same journal and
            /// unchanged files sends only missing parts.
            ///
            /// The file is created if it does not exist, and is removed after success. One line of JSON is appended
            /// and synced per part. The journal contains presigned URLs, which are secrets while they are valid, so
            /// on Unix only its owner can read it. A torn last line is ignored. By default, no journal is written.
            ///
            /// An error is returned before any request if the file belongs to other files or another dataset, is
            /// not a journal, or is used by another run. A run locks the file `<journal>.lock` next to the journal,
            /// and the error names the process that holds the lock. The lock file is removed together with the
            /// journal.
            ///
            /// After a failure, one of the following applies:
            ///
            /// - If another run can continue, the upload and the journal are kept. Delete the journal to start a
            ///   new upload instead.
            /// - If a URL has expired, a file has changed, or the upload no longer exists, the upload is aborted
            ///   and the journal is removed.
            ///
            /// URLs that are older than [`url_lifetime`](Self::url_lifetime) are still tried, because that time is
            /// not certain. If the storage rejects them, the next run starts a new upload.
            pub fn journal(mut self, path: impl Into<std::path::PathBuf>) -> Self {
                self.settings.journal = Some(path.into());
                self
            }
        }
    };
}

pub(super) use upload_setters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_defaults_and_limits() {
        let defaults = UploadSettings::default();
        assert_eq!((defaults.concurrency, defaults.max_attempts_per_part), (4, 3));
        assert_eq!(defaults.url_lifetime, Duration::from_secs(15 * 60));
        for (concurrency, fine) in [(0, false), (1, true), (64, true), (65, false)] {
            assert_eq!(UploadSettings { concurrency, ..UploadSettings::default() }.check().is_ok(), fine);
        }
    }
}
