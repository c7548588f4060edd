//! The builder that configures and starts an emulator.

mod models;

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use datalinks_gen::OPERATIONS;

use crate::accounts::{Accounts, user_name};
use crate::api::{Entry, HANDLERS};
use crate::ask::AgentRuns;
use crate::build_specs::BuildSpecs;
use crate::cleaning;
use crate::concurrency::Generations;
use crate::emulator::Emulator;
use crate::error::EmulatorError;
use crate::faults::Faults;
use crate::ingestion::Ingestions;
use crate::models::ModelSettings;
use crate::persistence::{DataDir, PersistedState as _, StateStore};
use crate::pipeline::PipelineRuns;
use crate::request::{Host, Hosts};
use crate::resources::Resources;
use crate::runtime::clock::moment;
use crate::runtime::{Clock, Ids, Log};
use crate::server::Server;
use crate::server::connection::bind;
use crate::server::dispatch::App;
use crate::server::route::Routes;
use crate::state::{Settings, State, Strict};
use crate::store::Store;
use crate::uploads::Sessions;
use crate::uploads::storage::Storage;
use crate::usage::Usage;

/// The default API key. It is published, so it does not protect an emulator that other machines can reach.
const PUBLIC_KEY: &str = "emulator-key";

/// A builder for an [`Emulator`].
///
/// [`Emulator::builder`] returns one. [`start`](Self::start) and [`start_blocking`](Self::start_blocking) validate the
/// settings and start the emulator.
#[derive(Clone)]
#[must_use = "nothing runs before `start`"]
pub struct EmulatorBuilder {
    api_key: String,
    username: String,
    other_users: Vec<(String, String)>,
    address: SocketAddr,
    other_hosts: bool,
    allowed_hosts: Vec<String>,
    seed: u64,
    clock: Option<SystemTime>,
    event_delay: Duration,
    checkpoints: bool,
    body_limit: usize,
    import_limit: usize,
    part_size: u64,
    part_url_lifetime: Duration,
    logged_requests: usize,
    strict: Strict,
    pub(crate) models: ModelSettings,
    data_dir: Option<PathBuf>,
    sync_data: bool,
    handlers: &'static [Entry],
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            api_key: PUBLIC_KEY.to_owned(),
            username: "ana".to_owned(),
            other_users: Vec::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            other_hosts: false,
            allowed_hosts: Vec::new(),
            seed: 0,
            clock: None,
            event_delay: Duration::ZERO,
            checkpoints: false,
            body_limit: 64 * 1024 * 1024,
            import_limit: 1024 * 1024 * 1024,
            part_size: 8 * 1024 * 1024,
            part_url_lifetime: Duration::from_secs(15 * 60),
            logged_requests: 10_000,
            strict: Strict::default(),
            models: ModelSettings::default(),
            data_dir: None,
            sync_data: false,
            handlers: HANDLERS,
        }
    }
}

impl EmulatorBuilder {
    /// Sets the API key of the first user, which requests send as a bearer token. Defaults to `emulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Sets the name of the first user, who owns the key from [`api_key`](Self::api_key). Defaults to `ana`.
    ///
    /// Requests with this user's key can write `self` instead of the name. User names are stored and compared in lower
    /// case: `Ada` becomes `ada`, and [`Emulator::username`] returns `ada`.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// Adds another user with a separate key, for example to test sharing. Defaults to no other user.
    ///
    /// User names are stored in lower case. Starting the emulator fails if two names differ only in letter case.
    pub fn user(mut self, username: impl Into<String>, key: impl Into<String>) -> Self {
        self.other_users.push((username.into(), key.into()));
        self
    }

    /// Sets the address to listen on. Port `0` selects a free port. Defaults to `127.0.0.1:0`.
    ///
    /// Starting the emulator fails for an address that other hosts can reach, unless
    /// [`EmulatorBuilder::allow_other_hosts`] is called as well.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Allows an address that other machines can reach. See [network access](crate#network-access).
    ///
    /// Traffic, API keys included, is not encrypted. The published default key is rejected for such an address, so choose
    /// another one with [`EmulatorBuilder::api_key`]. The page and the endpoints below `/_emulator/`, which can read and
    /// replace the whole state, then require that key as well. The `Host` header of a request may contain any IP address.
    /// Allow other names with [`EmulatorBuilder::allow_host`].
    pub fn allow_other_hosts(mut self) -> Self {
        self.other_hosts = true;
        self
    }

    /// Adds a host name that requests may use, in addition to the names of the loopback interface. May be called
    /// repeatedly. Defaults to no further name.
    ///
    /// A name without a port is allowed with any port. A request with another name in its `Host` header gets status 403 on
    /// every path, which prevents DNS rebinding. The page and the endpoints below `/_emulator/` require the key of the
    /// emulator for requests that use an added name. Such requests may come from other machines, so the published default
    /// key is rejected together with a name that is not one of the loopback interface. Choose another key with
    /// [`EmulatorBuilder::api_key`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::Emulator;
    ///
    /// // The name of a container, and a name that a reverse proxy on this machine uses.
    /// let builder = Emulator::builder().api_key("a key of my own");
    /// let emulator = builder.allow_host("datalinks").allow_host("box.example:8080").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Sets the seed that ids are derived from. The same seed and the same calls give the same ids. Defaults to 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the emulator's clock to a moment and stops it there before the first request, as [`Emulator::set_clock`] does
    /// later. By default, the clock follows the system clock.
    pub fn clock(mut self, moment: SystemTime) -> Self {
        self.clock = Some(moment);
        self
    }

    /// Sets the delay between two events in the streams of `ask`, of resumed runs and of pipeline runs.
    ///
    /// A run of the agent is delayed whether or not its events are read, so it stays in progress for that time. A
    /// pipeline run is not delayed, only the events that a stream delivers. Defaults to no delay.
    pub fn ask_event_delay(mut self, delay: Duration) -> Self {
        self.event_delay = delay;
        self
    }

    /// Sets whether the agent writes checkpoints, so that its runs can be resumed while they are in progress.
    ///
    /// Without checkpoints, resuming a run in progress fails with status 409, as the service responds today for its agent
    /// AutoRAG. With checkpoints, the run continues in the response to the resume, from its plan or its last completed
    /// step. The earlier stream ends without a final event. In both cases, a run continues to its end if its client
    /// disconnects. Defaults to `false`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::builder().checkpoints(true).start().await?;
    /// // The next run stops after its plan, as if the process that works on it had ended, and can be resumed.
    /// emulator.faults().inject(Fault::new("agentRun").end_after(3))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoints(mut self, enabled: bool) -> Self {
        self.checkpoints = enabled;
        self
    }

    /// Sets the maximum size of a request body, in bytes. A larger body is rejected with status 413. For a compressed
    /// body, the limit applies to the decompressed content. Defaults to 64 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets the maximum size of a document that `PUT /_emulator/import` accepts, in bytes. A larger document is rejected
    /// with status 413. [`Emulator::import`] has no limit. Defaults to 1 GiB.
    pub fn import_limit(mut self, bytes: usize) -> Self {
        self.import_limit = bytes;
        self
    }

    /// Sets the size of the parts of an upload, in bytes. With small parts, tests can use small files. Defaults to 8 MiB,
    /// as in the service.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// Sets the validity of the presigned URLs of an upload's parts, measured by the emulator's clock from the call that
    /// prepared the upload. Defaults to 15 minutes, as in a draft of the service's documentation.
    ///
    /// A part may be sent to its URL repeatedly until then. Afterwards the storage responds with status 403 in XML
    /// (`AccessDenied`, `Request has expired`). The time at which a request begins decides. An upload can still be finished
    /// with the parts that arrived in time.
    pub fn part_url_lifetime(mut self, lifetime: Duration) -> Self {
        self.part_url_lifetime = lifetime;
        self
    }

    /// Sets the maximum number of requests that [`Emulator::requests`] returns. The log also takes at most 16 MiB of
    /// memory. The oldest requests are removed beyond either limit. Defaults to 10,000.
    pub fn request_log_size(mut self, requests: usize) -> Self {
        self.logged_requests = requests;
        self
    }

    /// Rejects every request whose response would be rule-based with status 501, so that no test depends on such a
    /// response. By default, rule-based responses are sent and labeled.
    pub fn strict_responses(mut self) -> Self {
        self.strict.responses = true;
        self
    }

    /// Rejects request bodies that have a field that the OpenAPI document does not declare, or an undeclared content type.
    /// By default, both are accepted with a warning, because real clients of the service send such requests.
    pub fn strict_fields(mut self) -> Self {
        self.strict.fields = true;
        self
    }

    /// Sets both [`EmulatorBuilder::strict_responses`] and [`EmulatorBuilder::strict_fields`].
    pub fn strict(self) -> Self {
        self.strict_responses().strict_fields()
    }

    /// Stores the state in a directory, and loads the state that the directory contains.
    ///
    /// The directory is created if it does not exist. Its files are plain text that people can read, compare and commit
    /// to version control. A change is in the directory before its response is sent, so it survives a crash of the
    /// process. See [the crate's documentation](crate#state-as-files). By default, the state is in memory and is lost when
    /// the emulator stops.
    pub fn data_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(dir.into());
        self
    }

    /// Syncs every change to the disk before its response is sent, so that it also survives a power failure.
    ///
    /// By default, a change is written to the operating system but not synced. This is faster, and survives a crash of
    /// the process but not a power failure. Has no effect without [`data_dir`](Self::data_dir).
    pub fn sync_data(mut self) -> Self {
        self.sync_data = true;
        self
    }

    /// Starts the emulator. See [`start_blocking`](Self::start_blocking), which does the same.
    ///
    /// # Errors
    ///
    /// Returns an [`EmulatorError`] if a setting is invalid, the data directory or the cassettes cannot be opened, or the
    /// address cannot be bound.
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        self.start_blocking()
    }

    /// Starts the emulator from code that is not async.
    ///
    /// The emulator runs on a separate thread with its own runtime. Starting blocks only on the operating system: it
    /// binds the address and, with a data directory, reads the state.
    ///
    /// # Errors
    ///
    /// Returns an [`EmulatorError`] if a setting is invalid, the data directory or the cassettes cannot be opened, or the
    /// address cannot be bound.
    pub fn start_blocking(self) -> Result<Emulator, EmulatorError> {
        let address = self.address;
        let handlers = self.handlers;
        let state = self.open_state()?;
        let app = Arc::new(App { state: Arc::clone(&state), routes: Routes::new(OPERATIONS, handlers) });
        let bound = bind(address).map_err(|source| EmulatorError::Bind { address, source })?;
        let server = Server::start(bound.0, app).map_err(EmulatorError::Start)?;
        Ok(Emulator::serving(bound.1, state, server))
    }

    /// Validates the settings, and creates the state or loads it from the data directory.
    fn open_state(self) -> Result<Arc<State>, EmulatorError> {
        self.check_users()?;
        let hosts = self.hosts()?;
        // Clients on other machines may know the seed. Without the key, they could compute token values from it.
        let ids = Ids::new(self.seed);
        let ids = if hosts.exposed { ids.keyed(&self.api_key) } else { ids };
        if self.part_size == 0 {
            return Err(EmulatorError::InvalidPartSize);
        }
        let models = self.models.open()?;
        let first = (self.username, self.api_key);
        let named = |(name, key): (String, String)| (user_name(&name).into_owned(), key);
        let clock = Clock::new(self.clock.map(moment));
        let state = Arc::new(State {
            settings: Settings {
                users: std::iter::once(first).chain(self.other_users).map(named).collect(),
                hosts,
                event_delay: self.event_delay,
                checkpoints: self.checkpoints,
                body_limit: self.body_limit,
                import_limit: self.import_limit,
                part_size: self.part_size,
                part_url_lifetime: self.part_url_lifetime,
                strict: self.strict,
            },
            resources: Arc::new(Resources {
                accounts: Accounts::default(),
                clock: clock.clone(),
                store: RwLock::new(Store::new(clock)),
                usage: Usage::default(),
                models,
            }),
            ids,
            pipeline_runs: PipelineRuns::default(),
            storage: Storage::default(),
            sessions: Sessions::default(),
            ingestions: Ingestions::default(),
            agent_runs: Arc::<AgentRuns>::default(),
            cleaning: cleaning::Tasks::default(),
            build_specs: BuildSpecs::default(),
            faults: Faults::new(self.seed),
            log: Log::new(self.logged_requests),
            state_store: StateStore::default(),
            generations: Generations::default(),
        });
        match self.data_dir {
            Some(dir) => state.state_store.open(&*state, DataDir::open(&dir, self.sync_data)?)?,
            None => state.replaced(),
        }
        if let Some(time) = self.clock {
            // An explicit setting overrides the clock that the data directory stores.
            state.clock.set(moment(time));
        }
        Ok(state)
    }
}

impl Emulator {
    /// Starts an emulator with default settings on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// Returns [`EmulatorError::Bind`] if no port is available, and [`EmulatorError::Start`] if the server's thread cannot
    /// be started.
    pub async fn start() -> Result<Self, EmulatorError> {
        Self::builder().start().await
    }

    /// Returns a builder with default settings.
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
}

impl EmulatorBuilder {
    /// Replaces the handlers of the crate in tests.
    #[cfg(test)]
    pub(crate) fn handlers(mut self, handlers: &'static [Entry]) -> Self {
        self.handlers = handlers;
        self
    }

    /// Validates the address and the allowed hosts against the keys, and returns the hosts that requests may name.
    fn hosts(&self) -> Result<Hosts, EmulatorError> {
        let exposed = !self.address.ip().to_canonical().is_loopback();
        if exposed && !self.other_hosts {
            return Err(EmulatorError::NotLoopback(self.address));
        }
        if exposed && self.keys().any(|key| key == PUBLIC_KEY) {
            return Err(EmulatorError::PublicKey(self.address));
        }
        let mut allowed = Vec::with_capacity(self.allowed_hosts.len());
        for name in &self.allowed_hosts {
            let host = Host::parse(name).ok_or_else(|| EmulatorError::InvalidHost(name.clone()))?;
            if !host.is_loopback() && self.keys().any(|key| key == PUBLIC_KEY) {
                return Err(EmulatorError::PublicKeyByHost(name.clone()));
            }
            allowed.push(host);
        }
        Ok(Hosts::new(exposed, allowed))
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.api_key).chain(self.other_users.iter().map(|(_, key)| key)).map(String::as_str)
    }

    fn check_users(&self) -> Result<(), EmulatorError> {
        let mut seen: Vec<(Cow<'_, str>, &String)> = vec![];
        for (name, key) in std::iter::once((&self.username, &self.api_key))
            .chain(self.other_users.iter().map(|(n, k)| (n, k)))
        {
            if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
                return Err(EmulatorError::InvalidApiKey);
            }
            let matched = user_name(name);
            if matches!(&*matched, "" | "self" | "." | "..") || name.contains(['/', '.']) {
                return Err(EmulatorError::InvalidUsername(name.clone()));
            }
            if seen.iter().any(|(other, used)| *other == matched || *used == key) {
                return Err(EmulatorError::DuplicateUser(name.clone()));
            }
            seen.push((matched, key));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::request_log;
    use crate::uploads::storage;
    use crate::{api, ask, ingestion, linking, models, persistence, pipeline, query, steps, usage};

    const MIB: u64 = 1024 * 1024;

    /// Formats a number with commas between groups of three digits.
    fn grouped(number: u64) -> String {
        let digits = number.to_string();
        let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
        String::from_utf8(groups.join(&b","[..])).unwrap()
    }

    /// Formats a number of bytes as the table of limits does.
    fn bytes(number: u64) -> String {
        match number {
            number if number % (1024 * MIB) == 0 => format!("{} GiB", number / (1024 * MIB)),
            number => {
                assert_eq!(number % MIB, 0);
                format!("{} MiB", number / MIB)
            }
        }
    }

    #[test]
    fn limits_table_matches_the_code() {
        let number = |number: usize| grouped(number.try_into().unwrap());
        let size = |number: usize| bytes(number.try_into().unwrap());
        let of = EmulatorBuilder::default();
        let limits = [
            ("body of a request", size(of.body_limit)),
            ("document of `PUT", size(of.import_limit)),
            ("part of an uploaded", bytes(of.part_size)),
            ("parts of one file", grouped(storage::MAX_PARTS)),
            ("parts of all files", grouped(api::MAX_PARTS)),
            ("validity of a presigned", format!("{} minutes", of.part_url_lifetime.as_secs() / 60)),
            ("bytes of a query", number(query::MAX_LENGTH)),
            ("clauses in a query", number(query::MAX_CLAUSES)),
            ("nesting of parentheses and strings", number(query::MAX_NESTING)),
            ("length of a path of `searchAround`", grouped(query::MAX_DEPTH)),
            ("rows that one `rows` step creates", number(steps::MAX_ROWS)),
            ("bytes that one step adds", size(steps::MAX_BYTES)),
            ("links found by one comparison", number(linking::MAX_FOUND)),
            ("pairs of columns", number(linking::MAX_PAIRS)),
            ("columns with arrays", number(pipeline::MAX_OPENED)),
            ("records that", number(pipeline::MAX_RECORDS)),
            ("rows of a dataset", size(pipeline::MAX_BYTES)),
            ("columns that a model derives", number(pipeline::MOST)),
            ("steps in a plan", number(ask::STEPS)),
            ("rows in the result of a step", number(ask::ROWS_SHOWN)),
            ("values that the rule for questions", size(ask::SEARCHED)),
            ("characters of names", number(steps::COMPARED)),
            ("response of a model", size(models::LONGEST)),
            ("completed runs of the agent", number(ask::KEPT)),
            ("completed pipeline runs", number(pipeline::KEPT)),
            ("completed ingestions", number(ingestion::RETAINED)),
            ("items of usage", number(usage::RETAINED)),
            ("requests in the request log", number(of.logged_requests)),
            ("memory of the request log", size(request_log::BYTES)),
            ("bytes of a path", number(request_log::LONGEST)),
            ("characters in the name of a snapshot", number(persistence::LONGEST)),
        ];
        let table = include_str!("../docs/limits.md").lines().filter(|line| line.starts_with("| "));
        let table: Vec<&str> = table.skip(1).collect();
        assert_eq!(table.len(), limits.len());
        for (line, (subject, limit)) in table.into_iter().zip(limits) {
            assert!(line.starts_with(&format!("| {subject}")), "{subject}: {line}");
            assert_eq!(line.split('|').nth(2).map(str::trim), Some(&*limit), "{line}");
        }
    }
}
