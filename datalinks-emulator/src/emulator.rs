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

/// A running emulator. It stops when the handle is stopped or dropped.
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
    /// The handle of an emulator that was started.
    pub(crate) fn serving(address: SocketAddr, state: Arc<State>, server: Server) -> Self {
        Self { address, state, server }
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The base URL of the API, version prefix included: `http://127.0.0.1:PORT/api/v1`.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}{API_PREFIX}", self.proxy_url())
    }

    /// The base URL of the ingest proxy: `http://127.0.0.1:PORT`. An emulator that serves all addresses of this
    /// machine is named by the loopback one.
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

    /// The address served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The key that requests must bear.
    #[must_use]
    pub fn api_key(&self) -> &str {
        self.state.settings.first().1
    }

    /// The user whom the key belongs to.
    #[must_use]
    pub fn username(&self) -> &str {
        self.state.settings.first().0
    }

    /// How each operation is answered, sorted by id: what `/_emulator/coverage` says, too.
    #[must_use]
    pub fn coverage(&self) -> Vec<OperationCoverage> {
        coverage::all(self.state.models.as_ref())
    }

    /// The faults of this emulator: a handle to inject some.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.state.faults.clone()
    }

    /// The requests seen so far, oldest first. An answer's request is here before its answer is
    /// sent.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log.all()
    }

    /// The content of a file of an upload session, by its key (`s3Key` in `listSessionFiles`), once the
    /// file is finished. The service does not document what it does with such files; here pipeline runs can read them.
    #[must_use]
    pub fn session_file(&self, key: &str) -> Option<Vec<u8>> {
        self.state.sessions.content(key).map(|content| content.joined().to_vec())
    }

    /// Sets the emulator's clock to a moment and stops it there. A moment outside the years 0 to 9999, which RFC 3339 cannot
    /// write, is the nearest one inside. Tokens and presigned URLs expire by it, and everything
    /// that is given a time is given this one.
    pub fn set_clock(&self, moment: SystemTime) {
        self.on_the_clock(|clock| clock.set(clock::moment(moment)));
    }

    /// Moves the emulator's clock forward and stops it there, at the end of the year 9999 at the latest.
    pub fn advance_clock(&self, by: Duration) {
        self.on_the_clock(|clock| clock.advance(by));
    }

    /// Lets the emulator's clock go with the machine's again, as it does from the start.
    pub fn release_clock(&self) {
        self.on_the_clock(|clock| clock.release());
    }

    fn on_the_clock(&self, change: impl FnOnce(&Clock)) {
        let changed = self.state.generations.alone(|| self.state.transaction(|| change(&self.state.clock)));
        if let Err(error) = changed {
            tracing::warn!(%error, "the clock was left as it is");
        }
    }

    /// Returns the whole state as one document: NDJSON that people can read and compare. The same state gives the same
    /// bytes.
    ///
    /// Keep the document like a secret. The keys that the emulator was started with are not in it, but everything is
    /// that the secrets of created tokens and of presigned URLs follow from; see
    /// [the crate's documentation](crate#state-as-files).
    ///
    /// # Errors
    ///
    /// If the state is kept in a folder that cannot be written: nothing is exported that is not kept.
    pub fn export(&self) -> Result<Vec<u8>, StateError> {
        self.state.export()
    }

    /// Replaces the state by that of a document that [`Emulator::export`] gave, or that somebody wrote by hand.
    ///
    /// # Errors
    ///
    /// When the document is no state. Nothing changes then.
    pub fn import(&self, document: &[u8]) -> Result<(), StateError> {
        self.state.import(document)
    }

    /// Forgets everything but the users that the emulator was started with. Snapshots stay, and so do faults.
    ///
    /// # Errors
    ///
    /// When the folder of the state cannot be written.
    pub fn reset(&self) -> Result<(), StateError> {
        self.state.reset()
    }

    /// Keeps the state as it is now under a name, to be [restored](Emulator::restore).
    ///
    /// # Errors
    ///
    /// When the name is empty or very long, or the folder of the state cannot be written.
    pub fn snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.snapshot_as(name)
    }

    /// Goes back to a snapshot. It stays, to go back to it again.
    ///
    /// # Errors
    ///
    /// When there is no such snapshot, or the folder of the state cannot be written.
    pub fn restore(&self, name: &str) -> Result<(), StateError> {
        self.state.restore(name)
    }

    /// The names of all snapshots, sorted.
    ///
    /// # Errors
    ///
    /// When the folder of the state cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StateError> {
        self.state.state_store.snapshots()
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    ///
    /// When there is no such snapshot.
    pub fn delete_snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.state_store.delete_snapshot(name)
    }

    /// Waits until the emulator has stopped serving by itself, and returns the reason.
    ///
    /// The future completes only if the server fails. A program that runs for as long as the emulator does can wait for
    /// it together with its own signals. [`Emulator::shutdown`] and dropping the handle end the wait with the handle.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: a later call returns the same reason.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::Emulator;
    ///
    /// let emulator = Emulator::start().await?;
    /// let work = async { /* what uses the emulator */ };
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

    /// Stops at once, streams included, and waits until the port is closed.
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
