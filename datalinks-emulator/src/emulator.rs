//! The handle of a running emulator.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::api::coverage;
use crate::api::path::API_PREFIX;
use crate::error::Stopped;
use crate::faults::Faults;
use crate::persistence::StateError;
use crate::response::OperationCoverage;
use crate::runtime::{Clock, RequestRecord, clock};
use crate::server::Server;
use crate::state::State;

/// A handle to a running emulator.
///
/// [`Emulator::start`] and [`EmulatorBuilder::start`](crate::EmulatorBuilder::start) return one.
/// [`shutdown`](Self::shutdown) stops the emulator and waits for its end. Dropping the handle stops it, too.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use datalinks_emulator::Emulator;
///
/// let emulator = Emulator::start().await?;
/// assert!(emulator.api_url().ends_with("/api/v1"));
/// // Point the client at `emulator.api_url()` with `emulator.api_key()`.
/// emulator.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    address: SocketAddr,
    state: Arc<State>,
    server: Server,
}

impl Emulator {
    /// Creates the handle of an emulator that was started.
    pub(crate) fn serving(address: SocketAddr, state: Arc<State>, server: Server) -> Self {
        Self { address, state, server }
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Returns the base URL of the API with the version prefix, such as `http://127.0.0.1:7070/api/v1`.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}{API_PREFIX}", self.proxy_url())
    }

    /// Returns the base URL of the ingest proxy, such as `http://127.0.0.1:7070`. If the emulator listens on all addresses,
    /// the URL contains the loopback address.
    #[must_use]
    pub fn proxy_url(&self) -> String {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}")
    }

    /// Returns the address that the emulator listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the API key of the first user.
    #[must_use]
    pub fn api_key(&self) -> &str {
        self.state.settings.first().1
    }

    /// Returns the name of the first user, in lower case.
    #[must_use]
    pub fn username(&self) -> &str {
        self.state.settings.first().0
    }

    /// Returns the kind of response of each operation, sorted by operation id. `/_emulator/coverage` returns the same list.
    #[must_use]
    pub fn coverage(&self) -> Vec<OperationCoverage> {
        coverage::all(self.state.models.as_ref())
    }

    /// Returns a handle to inject, list and remove faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.state.faults.clone()
    }

    /// Returns the requests received so far, oldest first. A request is in the list before its response is sent.
    ///
    /// [`EmulatorBuilder::request_log_size`](crate::EmulatorBuilder::request_log_size) limits the list.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log.all()
    }

    /// Returns the content of a finished file of an upload session by its key (`s3Key` in `listSessionFiles`), or `None`
    /// if no finished file has this key.
    ///
    /// Pipeline runs can read such files. The service does not document how it uses them.
    #[must_use]
    pub fn session_file(&self, key: &str) -> Option<Vec<u8>> {
        self.state.sessions.content(key).map(|content| content.joined().to_vec())
    }

    /// Sets the emulator's clock to a moment and stops it there.
    ///
    /// All timestamps come from this clock, and tokens and presigned URLs expire by it. A moment outside the years 0 to
    /// 9999, which RFC 3339 cannot represent, becomes the nearest one inside.
    ///
    /// If the data directory cannot be written, the clock stays unchanged and a warning is logged.
    pub fn set_clock(&self, moment: SystemTime) {
        self.change_clock(|clock| clock.set(clock::moment(moment)));
    }

    /// Moves the emulator's clock forward and stops it there, at the end of the year 9999 at the latest.
    ///
    /// If the data directory cannot be written, the clock stays unchanged and a warning is logged.
    pub fn advance_clock(&self, by: Duration) {
        self.change_clock(|clock| clock.advance(by));
    }

    /// Makes the emulator's clock follow the system clock again, which is the default.
    ///
    /// If the data directory cannot be written, the clock stays unchanged and a warning is logged.
    pub fn release_clock(&self) {
        self.change_clock(|clock| clock.release());
    }

    fn change_clock(&self, change: impl FnOnce(&Clock)) {
        let changed = self.state.generations.alone(|| self.state.transaction(|| change(&self.state.clock)));
        if let Err(error) = changed {
            tracing::warn!(%error, "changing the clock failed");
        }
    }

    /// Returns the whole state as one document of NDJSON, which people can read and compare. Equal states give equal bytes.
    ///
    /// Treat the document as a secret. It does not contain the keys that the emulator was started with, but it contains
    /// everything from which the secrets of created tokens and of presigned URLs are derived. See
    /// [the crate's documentation](crate#state-as-files).
    ///
    /// # Errors
    ///
    /// Returns an error if the data directory cannot be written, because only persisted changes are exported.
    pub fn export(&self) -> Result<Vec<u8>, StateError> {
        self.state.export()
    }

    /// Replaces the state with that of an exported document. The document comes from [`Emulator::export`] or is written by
    /// hand.
    ///
    /// # Errors
    ///
    /// Returns an error if the document is invalid or the data directory cannot be written. An invalid document leaves
    /// the state unchanged.
    pub fn import(&self, document: &[u8]) -> Result<(), StateError> {
        self.state.import(document)
    }

    /// Deletes everything except the users that the emulator was started with, the snapshots and the faults.
    ///
    /// # Errors
    ///
    /// Returns an error if the data directory cannot be written.
    pub fn reset(&self) -> Result<(), StateError> {
        self.state.reset()
    }

    /// Saves the current state as a snapshot, which [`Emulator::restore`] restores by its name.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is empty or longer than 50 characters, or the data directory cannot be written.
    pub fn snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.snapshot_as(name)
    }

    /// Replaces the state with that of a snapshot. The snapshot is kept and can be restored again.
    ///
    /// # Errors
    ///
    /// Returns an error if the snapshot does not exist or the data directory cannot be written.
    pub fn restore(&self, name: &str) -> Result<(), StateError> {
        self.state.restore(name)
    }

    /// Returns the names of all snapshots, sorted.
    ///
    /// # Errors
    ///
    /// Returns an error if the data directory cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StateError> {
        self.state.state_store.snapshots()
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    ///
    /// Returns an error if the snapshot does not exist or cannot be deleted.
    pub fn delete_snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.state_store.delete_snapshot(name)
    }

    /// Waits until the server fails, and returns the reason.
    ///
    /// The future does not complete while the emulator runs. A program that runs as long as the emulator can wait for it
    /// together with its own signals.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. A later call returns the same reason.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::Emulator;
    ///
    /// let emulator = Emulator::start().await?;
    /// let work = async { /* use the emulator */ };
    /// tokio::select! {
    ///     () = work => {}
    ///     stopped = emulator.stopped() => return Err(stopped.into()),
    /// }
    /// emulator.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stopped(&self) -> Stopped {
        self.server.stopped().await
    }

    /// Waits until no connection has been open for `limit`.
    ///
    /// A program that serves others can stop the emulator then. A client that keeps its connection open, such as a browser
    /// with the page, uses the emulator. Work that goes on without a client does not count, because a data directory keeps it.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use datalinks_emulator::Emulator;
    ///
    /// let emulator = Emulator::start().await?;
    /// emulator.idle(Duration::from_millis(1)).await;
    /// emulator.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn idle(&self, limit: Duration) {
        self.server.idle(limit).await;
    }

    /// Stops the emulator immediately, including open streams, and waits until the port is closed.
    pub async fn shutdown(self) {
        self.server.stop().await;
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("address", &self.address)
            .field("username", &self.username())
            .finish_non_exhaustive()
    }
}
