//! How files are sent, whatever they are for.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use super::{lifetime::URL_LIFETIME, meter::ProgressHook};
use crate::error::Error;

/// Parts in flight at once, at most.
const MOST_CONCURRENT: usize = 64;

/// What both builders set.
#[derive(Clone)]
pub(super) struct UploadSettings {
    pub(super) concurrency: usize,
    pub(super) attempts_per_part: u32,
    pub(super) progress: Option<ProgressHook>,
    pub(super) journal: Option<PathBuf>,
    pub(super) url_lifetime: Duration,
}

impl Default for UploadSettings {
    fn default() -> Self {
        Self {
            concurrency: 4,
            attempts_per_part: 3,
            progress: None,
            journal: None,
            url_lifetime: URL_LIFETIME,
        }
    }
}

impl fmt::Debug for UploadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSettings")
            .field("concurrency", &self.concurrency)
            .field("attempts_per_part", &self.attempts_per_part)
            .field("journal", &self.journal)
            .field("url_lifetime", &self.url_lifetime)
            .finish_non_exhaustive()
    }
}

impl UploadSettings {
    /// Refuses nonsense before anything is sent.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.concurrency == 0 || self.concurrency > MOST_CONCURRENT {
            return Err(Error::invalid(format!(
                "the concurrency is {}, allowed are 1 to {MOST_CONCURRENT}",
                self.concurrency
            )));
        }
        Ok(())
    }

    pub(super) fn on_progress(&mut self, observer: impl Fn(&super::UploadProgress) + Send + Sync + 'static) {
        self.progress = Some(Arc::new(observer));
    }
}

/// The setters of both builders that send files.
macro_rules! upload_setters {
    ($builder:ty) => {
        impl $builder {
            /// Parts in flight at once, 1 to 64. Each is read in pieces of 64 KiB as the network takes them; what
            /// waits for a slow network is half a MiB or so, whatever the part's size. Default 4 (this crate's
            /// choice).
            pub fn concurrency(mut self, parts: usize) -> Self {
                self.settings.concurrency = parts;
                self
            }

            /// Requests for one part, the first included; 0 counts as 1. A part is sent again when there was no
            /// connection or it broke, and after 408, 429, 500, 502, 503 and 504, with the pauses of the client's
            /// [`RetryPolicy`](crate::RetryPolicy). Default 3 (this crate's choice).
            pub fn attempts_per_part(mut self, attempts: u32) -> Self {
                self.settings.attempts_per_part = attempts.max(1);
                self
            }

            /// Calls `observer` as bytes leave and parts arrive, on the task that awaits. It should not block.
            pub fn on_progress(
                mut self,
                observer: impl Fn(&$crate::uploads::meter::UploadProgress) + Send + Sync + 'static,
            ) -> Self {
                self.settings.on_progress(observer);
                self
            }

            /// Sets how long the presigned URLs are assumed to live, from the response that brought them.
            ///
            /// If the measured rate shows that parts will be missing when the URLs expire, the upload goes on, and
            /// says so before it fails: with a warning in the log (`tracing`) and in
            /// [`UploadProgress::expiry_forecast`](crate::uploads::UploadProgress::expiry_forecast). If the storage then rejects a URL that
            /// is older, the error names the rate and what to do.
            ///
            /// The service does not document a lifetime. The default stands only in a draft of the vendor's
            /// documentation, so nothing is stopped by it. [`Duration::MAX`](std::time::Duration::MAX) turns the
            /// forecast off. Defaults to 15 minutes.
            pub fn url_lifetime(mut self, lifetime: std::time::Duration) -> Self {
                self.settings.url_lifetime = lifetime;
                self
            }

            /// Notes in this file what has arrived, so that another run with the same journal and unchanged files
            /// sends only what is missing. It is made when there is none and removed after success. Default: no
            /// journal.
            ///
            /// One line of JSON for each part, written through to the disk. It holds presigned URLs, which are
            /// secrets while they live: on Unix only its owner may read it. A last line that is torn is ignored.
            /// A journal of other files or another dataset is rejected; so is a file that is no journal. A run locks the
            /// file `<journal>.lock` next to it. Another run with the same journal is rejected meanwhile, and the error names
            /// the process that holds the lock. The lock file is removed together with the journal.
            ///
            /// With a journal, a failure that may pass leaves the upload as it is, to go on with. After one that
            /// will not (a URL expired, a file changed, the upload is gone) it is given up as without a journal,
            /// and the journal is removed. URLs in a journal that is older than
            /// [`url_lifetime`](Self::url_lifetime) are tried all the same, because that time is not certain; if the
            /// storage rejects them, the next run begins anew. After any other failure (a refusal, say) both stay; delete the
            /// journal to begin anew.
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
        assert_eq!((defaults.concurrency, defaults.attempts_per_part), (4, 3));
        assert_eq!(defaults.url_lifetime, Duration::from_secs(15 * 60));
        for (concurrency, fine) in [(0, false), (1, true), (64, true), (65, false)] {
            assert_eq!(UploadSettings { concurrency, ..UploadSettings::default() }.check().is_ok(), fine);
        }
    }
}
