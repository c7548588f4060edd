//! The handle of a running emulator, and how to start one.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use datalinks_gen::OPERATIONS;

use crate::accounts::Accounts;
use crate::ask::Memory;
use crate::cleaning;
use crate::clock::Clock;
use crate::connection::bind;
use crate::coverage::{self, OperationCoverage};
use crate::dispatch::App;
use crate::fault::Faults;
use crate::files::{DataDirError, Disk, Keeper, Kept as _, StateError};
use crate::handlers::HANDLERS;
use crate::ids::Ids;
use crate::ingestion::Ingestions;
use crate::log::{Log, RequestRecord};
use crate::models::{ModelSettings, ModelSetupError};
use crate::pipeline::Runs;
use crate::route::{API_PREFIX, Mismatch, Routes};
use crate::server::Server;
use crate::sessions::Sessions;
use crate::state::{Settings, State, Strict};
use crate::storage::Storage;
use crate::store::Store;
use crate::usage::Usage;

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
    /// Starts an emulator on a free port of this machine.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start() -> Result<Self, EmulatorError> {
        Self::builder().start().await
    }

    /// An emulator with settings of one's own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().username("bo").api_key("a key").seed(7).start().await?;
    /// assert_eq!((emulator.username(), emulator.api_key()), ("bo", "a key"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
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
    /// file is finished. What the service does with such files is not public; here pipeline runs can read them.
    #[must_use]
    pub fn session_file(&self, key: &str) -> Option<Vec<u8>> {
        self.state.sessions.content(key).map(|content| content.to_vec())
    }

    /// Sets the emulator's clock to a moment and stops it there. Tokens expire by it, and everything that is
    /// given a time is given this one.
    pub fn set_clock(&self, moment: SystemTime) {
        self.on_the_clock(|clock| clock.set(moment.into()));
    }

    /// Moves the emulator's clock forward and stops it there.
    pub fn advance_clock(&self, by: Duration) {
        self.on_the_clock(|clock| clock.advance(by));
    }

    /// Lets the emulator's clock go with the machine's again, as it does from the start.
    pub fn release_clock(&self) {
        self.on_the_clock(|clock| clock.release());
    }

    fn on_the_clock(&self, change: impl FnOnce(&Clock)) {
        if let Err(error) = self.state.whole(|| change(&self.state.clock)) {
            tracing::warn!(%error, "the clock was left as it is");
        }
    }

    /// The whole state as one document: NDJSON that people can read and compare. The same state gives the same
    /// bytes. No key is in it; see [the crate's documentation](crate#state-as-files).
    #[must_use]
    pub fn export(&self) -> Vec<u8> {
        self.state.keeper.export(&*self.state)
    }

    /// Replaces the state by that of a document that [`Emulator::export`] gave, or that somebody wrote by hand.
    ///
    /// # Errors
    ///
    /// When the document is no state. Nothing changes then.
    pub fn import(&self, document: &[u8]) -> Result<(), StateError> {
        self.state.keeper.import(&*self.state, document)
    }

    /// Forgets everything but the users that the emulator was started with. Snapshots stay, and so do faults.
    ///
    /// # Errors
    ///
    /// When the folder of the state cannot be written.
    pub fn reset(&self) -> Result<(), StateError> {
        self.state.keeper.reset(&*self.state)
    }

    /// Keeps the state as it is now under a name, to be [restored](Emulator::restore).
    ///
    /// # Errors
    ///
    /// When the name is empty or very long, or the folder of the state cannot be written.
    pub fn snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.keeper.snapshot(&*self.state, name)
    }

    /// Goes back to a snapshot. It stays, to go back to it again.
    ///
    /// # Errors
    ///
    /// When there is no such snapshot, or the folder of the state cannot be written.
    pub fn restore(&self, name: &str) -> Result<(), StateError> {
        self.state.keeper.restore(&*self.state, name)
    }

    /// The names of all snapshots, sorted.
    ///
    /// # Errors
    ///
    /// When the folder of the state cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StateError> {
        self.state.keeper.snapshots()
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    ///
    /// When there is no such snapshot.
    pub fn delete_snapshot(&self, name: &str) -> Result<(), StateError> {
        self.state.keeper.delete_snapshot(name)
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

/// Settings of an emulator to be started.
#[derive(Clone)]
#[must_use = "nothing runs before `start`"]
pub struct EmulatorBuilder {
    api_key: String,
    username: String,
    other_users: Vec<(String, String)>,
    address: SocketAddr,
    other_hosts: bool,
    seed: u64,
    clock: Option<SystemTime>,
    event_pause: Duration,
    body_limit: usize,
    part_size: u64,
    kept_requests: usize,
    strict: Strict,
    pub(crate) models: ModelSettings,
    data_dir: Option<PathBuf>,
    sync_data: bool,
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            api_key: "emulator-key".to_owned(),
            username: "ana".to_owned(),
            other_users: Vec::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            other_hosts: false,
            seed: 0,
            clock: None,
            event_pause: Duration::ZERO,
            body_limit: 64 * 1024 * 1024,
            part_size: 8 * 1024 * 1024,
            kept_requests: 10_000,
            strict: Strict::default(),
            models: ModelSettings::default(),
            data_dir: None,
            sync_data: false,
        }
    }
}

impl EmulatorBuilder {
    /// The key that requests must bear. Default: `emulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// The user whom the key belongs to, meant by `self` in paths. Default: `ana`.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// Another user, with a key of their own: somebody to share with. Default: none.
    pub fn user(mut self, username: impl Into<String>, key: impl Into<String>) -> Self {
        self.other_users.push((username.into(), key.into()));
        self
    }

    /// The address to serve. Default: 127.0.0.1 and a free port. Addresses that other hosts can
    /// reach are refused unless [`EmulatorBuilder::allow_other_hosts`] is called as well.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Allows an address that other hosts can reach. There is no encryption and one key.
    pub fn allow_other_hosts(mut self) -> Self {
        self.other_hosts = true;
        self
    }

    /// What ids are made from. The same seed and the same calls give the same ids. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the clock to a moment before anything happens, and stops it there: [`Emulator::set_clock`] from the
    /// start. Default: the clock goes with the machine's.
    pub fn clock(mut self, moment: SystemTime) -> Self {
        self.clock = Some(moment);
        self
    }

    /// The pause between two streamed events, of `ask` and of pipeline runs alike. Default: none.
    pub fn ask_delay(mut self, pause: Duration) -> Self {
        self.event_pause = pause;
        self
    }

    /// The largest body taken, in bytes; a larger one is answered 413. Default: 64 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The size of the parts of an upload, in bytes. Default: 8 MiB, as the service has it. Small parts
    /// make small tests.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// How many requests [`Emulator::requests`] remembers. Default: 10,000.
    pub fn keep_requests(mut self, requests: usize) -> Self {
        self.kept_requests = requests;
        self
    }

    /// Answers 501 wherever a rule would stand for a model, so that a test cannot rest on a script. Default: such
    /// answers are given, and labelled.
    pub fn strict_answers(mut self) -> Self {
        self.strict.answers = true;
        self
    }

    /// Refuses what a request's body has beside the fields of the document. Default: it is accepted with a
    /// warning, because the vendor's published client sends some.
    pub fn strict_fields(mut self) -> Self {
        self.strict.fields = true;
        self
    }

    /// Both [`EmulatorBuilder::strict_answers`] and [`EmulatorBuilder::strict_fields`].
    pub fn strict(self) -> Self {
        self.strict_answers().strict_fields()
    }

    /// Keeps the state in a folder, as files that people can read, compare and commit, and goes on with what is in
    /// it. The folder is made if it is not there. Default: the state is in memory, and gone with the emulator.
    ///
    /// What was answered is in the folder and survives the end of the process, however it comes; see
    /// [the crate's documentation](crate#state-as-files).
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// Waits, before each answer to something that changes the state, until the disk says that it has it, so that a
    /// power failure loses nothing that was answered either. Default: what was answered is with the operating
    /// system, which is faster and survives everything but that.
    pub fn sync_data(mut self) -> Self {
        self.sync_data = true;
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    ///
    /// When a setting makes no sense or the address cannot be had.
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        self.start_blocking()
    }

    /// Starts the emulator from code that is not async. Starting waits for nothing but the
    /// operating system, and the emulator runs on a thread of its own.
    ///
    /// # Errors
    ///
    /// When a setting makes no sense or the address cannot be had.
    pub fn start_blocking(self) -> Result<Emulator, EmulatorError> {
        self.check_users()?;
        if !self.address.ip().is_loopback() && !self.other_hosts {
            return Err(EmulatorError::NotLoopback(self.address));
        }
        if self.part_size == 0 {
            return Err(EmulatorError::InvalidPartSize);
        }
        let models = self.models.open()?;
        let first = (self.username, self.api_key);
        let state = Arc::new(State {
            settings: Settings {
                users: std::iter::once(first).chain(self.other_users).collect(),
                other_hosts: self.other_hosts,
                event_pause: self.event_pause,
                body_limit: self.body_limit,
                part_size: self.part_size,
                strict: self.strict,
            },
            accounts: Accounts::default(),
            clock: Clock::new(self.clock.map(Into::into)),
            ids: Ids::new(self.seed),
            store: RwLock::new(Store::default()),
            runs: Runs::default(),
            storage: Storage::default(),
            sessions: Sessions::default(),
            ingestions: Ingestions::default(),
            memory: Memory::default(),
            usage: Usage::default(),
            cleaning: cleaning::Tasks::default(),
            faults: Faults::new(self.seed),
            models,
            log: Log::new(self.kept_requests),
            keeper: Keeper::default(),
        });
        match self.data_dir {
            Some(folder) => state.keeper.open(&*state, Disk::open(&folder, self.sync_data)?)?,
            None => state.replaced(),
        }
        if let Some(moment) = self.clock {
            // It was asked for now; what the folder says is older.
            state.clock.set(moment.into());
        }
        let app = Arc::new(App { state: Arc::clone(&state), routes: Routes::new(OPERATIONS, HANDLERS)? });
        let address = self.address;
        let bound = bind(address).map_err(|source| EmulatorError::Bind { address, source })?;
        let server = Server::start(bound.0, app).map_err(EmulatorError::Start)?;
        Ok(Emulator { address: bound.1, state, server })
    }
}

impl EmulatorBuilder {
    fn check_users(&self) -> Result<(), EmulatorError> {
        let mut seen = vec![];
        for (name, key) in std::iter::once((&self.username, &self.api_key))
            .chain(self.other_users.iter().map(|(n, k)| (n, k)))
        {
            if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
                return Err(EmulatorError::InvalidApiKey);
            }
            if matches!(name.as_str(), "" | "self" | "." | "..") || name.contains(['/', '.']) {
                return Err(EmulatorError::InvalidUsername(name.clone()));
            }
            if seen.iter().any(|(other, used)| *other == name || *used == key) {
                return Err(EmulatorError::UserTwice(name.clone()));
            }
            seen.push((name, key));
        }
        Ok(())
    }
}

impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder")
            .field("username", &self.username)
            .field("address", &self.address)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The key cannot stand in a header.
    #[error("the API key must be visible ASCII and not empty; choose another one")]
    InvalidApiKey,
    /// A file cannot be cut into parts without size.
    #[error("the part size is 0; choose at least 1 byte")]
    InvalidPartSize,
    /// The name means something else or cannot stand in an identifier.
    #[error("{0:?} cannot be a username; choose one that is not empty, not `self` and has no `/` or `.`")]
    InvalidUsername(String),
    /// Two users have the same name or the same key.
    #[error(
        "the user {0:?} has the name or the key of another one; give each user names and keys of their own"
    )]
    UserTwice(String),
    /// Other hosts could reach the address.
    #[error(
        "{0} can be reached from other hosts; use a loopback address, or allow it with `allow_other_hosts` (--allow-other-hosts)"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}; use port 0 for any free one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The model or its cassettes cannot be used.
    #[error(transparent)]
    Model(#[from] ModelSetupError),
    /// The folder of the state cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The operating system gave no thread or no runtime.
    #[error("cannot start the server's thread")]
    Start(#[source] io::Error),
    /// The emulator and its table of operations do not fit together. A defect of this crate.
    #[error("the operation {0} has no handler or is none; report this as a defect")]
    OperationMismatch(String),
}

impl From<Mismatch> for EmulatorError {
    fn from(Mismatch(id): Mismatch) -> Self {
        Self::OperationMismatch(id)
    }
}
