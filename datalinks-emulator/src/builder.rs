//! How an emulator is set up and started.

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

/// The key that is used when no other one is chosen. It is published, so it protects nothing from other machines.
const PUBLIC_KEY: &str = "emulator-key";

/// Settings of an emulator to be started.
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
    event_pause: Duration,
    checkpoints: bool,
    body_limit: usize,
    import_limit: usize,
    part_size: u64,
    part_url_lifetime: Duration,
    kept_requests: usize,
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
            event_pause: Duration::ZERO,
            checkpoints: false,
            body_limit: 64 * 1024 * 1024,
            import_limit: 1024 * 1024 * 1024,
            part_size: 8 * 1024 * 1024,
            part_url_lifetime: Duration::from_secs(15 * 60),
            kept_requests: 10_000,
            strict: Strict::default(),
            models: ModelSettings::default(),
            data_dir: None,
            sync_data: false,
            handlers: HANDLERS,
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
    ///
    /// User names are matched in lower case and kept so: `Ada` becomes `ada`, and [`Emulator::username`] returns that.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }

    /// Another user, with a key of their own: somebody to share with. The name is kept in lower case, so two names that
    /// differ in letter case only are one user, and the second is rejected. Default: none.
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

    /// Allows an address that other machines can reach, see [who can reach it](crate#who-can-reach-it).
    ///
    /// Nothing is encrypted. The published default key is rejected for such an address, so choose another one with
    /// [`EmulatorBuilder::api_key`]. The page and the places below `/_emulator/`, with which the whole state can be read
    /// and replaced, then need that key as well. Requests may name the emulator by any IP address; allow other names
    /// with [`EmulatorBuilder::allow_host`].
    pub fn allow_other_hosts(mut self) -> Self {
        self.other_hosts = true;
        self
    }

    /// Answers requests that name this host, beside the names of the loopback interface. May be called repeatedly.
    ///
    /// A name without a port is allowed with any port. Requests with another name in their `Host` header are answered
    /// 403 on every path, because a website can make its own name mean this machine. The page and the places below
    /// `/_emulator/` need the key of the emulator from requests by an allowed name. Such requests may come from other
    /// machines, so the published default key is rejected together with a name, unless it is one of the loopback interface:
    /// choose another key with [`EmulatorBuilder::api_key`]. Defaults to no name.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_emulator::Emulator;
    ///
    /// // The name of a container, and one behind a proxy of this machine.
    /// let builder = Emulator::builder().api_key("a key of my own");
    /// let emulator = builder.allow_host("datalinks").allow_host("box.example:8080").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
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

    /// Sets the pause between two events of streams: of `ask`, of resumed runs, and of pipeline runs.
    ///
    /// A run of the agent takes the pauses whether or not its events are read, so it stays in progress meanwhile. A
    /// pipeline run does not: the pauses are between the events that a stream reads. Defaults to no pause.
    pub fn ask_event_delay(mut self, pause: Duration) -> Self {
        self.event_pause = pause;
        self
    }

    /// Sets whether the agent writes checkpoints, so that its runs can be resumed while they are in progress.
    ///
    /// Without checkpoints, resuming a run in progress is answered 409, as the service answers today for its agent
    /// AutoRAG. With checkpoints, the run goes on in the response to the resume, from its plan or its last completed
    /// step, and the stream that was read before ends without a last event. In both cases a run goes on to its end
    /// when its reader leaves. Defaults to `false`.
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

    /// The largest body taken, in bytes; a larger one is answered 413. Of a compressed body, the content counts.
    /// Default: 64 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The largest document that `PUT /_emulator/import` takes, in bytes; a larger one is answered 413. Default: 1 GiB.
    /// [`Emulator::import`] takes a document of any size.
    pub fn import_limit(mut self, bytes: usize) -> Self {
        self.import_limit = bytes;
        self
    }

    /// The size of the parts of an upload, in bytes. Default: 8 MiB, as the service has it. Small parts
    /// make small tests.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// How long the presigned URLs of an upload's parts are valid, by the emulator's clock, counted from the call that
    /// prepared the upload. Default: 15 minutes, as a draft of the service's documentation says.
    ///
    /// A part may be sent to its URL again until then. Afterwards the storage answers 403 in XML: `AccessDenied`,
    /// `Request has expired`. Parts that arrived in time can still be finished. What counts is when a request begins.
    pub fn part_url_lifetime(mut self, lifetime: Duration) -> Self {
        self.part_url_lifetime = lifetime;
        self
    }

    /// How many requests [`Emulator::requests`] remembers. Default: 10,000. Fewer are remembered if they would take more
    /// than 16 MiB of memory.
    pub fn request_log_size(mut self, requests: usize) -> Self {
        self.kept_requests = requests;
        self
    }

    /// Answers 501 wherever a rule would stand for a model, so that a test cannot rest on a script. Default: such
    /// answers are given, and labeled.
    pub fn strict_responses(mut self) -> Self {
        self.strict.responses = true;
        self
    }

    /// Rejects what a request's body has beside the fields of the document, and bodies of another content type. Default:
    /// both are accepted with a warning, because real clients of the service send such requests.
    pub fn strict_fields(mut self) -> Self {
        self.strict.fields = true;
        self
    }

    /// Both [`EmulatorBuilder::strict_responses`] and [`EmulatorBuilder::strict_fields`].
    pub fn strict(self) -> Self {
        self.strict_responses().strict_fields()
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
        let hosts = self.hosts()?;
        // Whoever comes from elsewhere may know the seed, and must not work out secrets from it.
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
                event_pause: self.event_pause,
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
            log: Log::new(self.kept_requests),
            state_store: StateStore::default(),
            generations: Generations::default(),
        });
        match self.data_dir {
            Some(folder) => state.state_store.open(&*state, DataDir::open(&folder, self.sync_data)?)?,
            None => state.replaced(),
        }
        if let Some(time) = self.clock {
            // It was asked for now; what the folder says is older.
            state.clock.set(moment(time));
        }
        let app = Arc::new(App { state: Arc::clone(&state), routes: Routes::new(OPERATIONS, self.handlers) });
        let address = self.address;
        let bound = bind(address).map_err(|source| EmulatorError::Bind { address, source })?;
        let server = Server::start(bound.0, app).map_err(EmulatorError::Start)?;
        Ok(Emulator::serving(bound.1, state, server))
    }
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
}

impl EmulatorBuilder {
    /// Other handlers than those of the crate.
    #[cfg(test)]
    pub(crate) fn handlers(mut self, handlers: &'static [Entry]) -> Self {
        self.handlers = handlers;
        self
    }

    /// The hosts to answer for, if the address may be served with these keys.
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

    /// A number with a comma before each three digits.
    fn grouped(number: u64) -> String {
        let digits = number.to_string();
        let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
        String::from_utf8(groups.join(&b","[..])).unwrap()
    }

    /// A number of bytes as the table has it.
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
    fn limits_are_those_of_the_table() {
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
            ("parentheses and strings", number(query::MAX_NESTING)),
            ("links that one `searchAround`", grouped(query::MAX_DEPTH)),
            ("rows that one `rows` step makes", number(steps::MAX_ROWS)),
            ("rows that one step makes, in bytes", size(steps::MAX_BYTES)),
            ("links that are found", number(linking::MAX_FOUND)),
            ("pairs of columns", number(linking::MAX_PAIRS)),
            ("columns with arrays", number(pipeline::MAX_OPENED)),
            ("records that", number(pipeline::MAX_RECORDS)),
            ("rows of a dataset", size(pipeline::MAX_BYTES)),
            ("columns that a model derives", number(pipeline::MOST)),
            ("steps in a plan", number(ask::STEPS)),
            ("rows that a step of the agent", number(ask::ROWS_SHOWN)),
            ("values of rows", size(ask::SEARCHED)),
            ("letters of names", number(steps::COMPARED)),
            ("response of a model", size(models::LONGEST)),
            ("runs of the agent", number(ask::KEPT)),
            ("pipeline runs", number(pipeline::KEPT)),
            ("ingestions", number(ingestion::RETAINED)),
            ("uses", number(usage::RETAINED)),
            ("requests in the list", number(of.kept_requests)),
            ("memory of that list", size(request_log::BYTES)),
            ("bytes of a path", number(request_log::LONGEST)),
            ("letters in the name of a snapshot", number(persistence::LONGEST)),
        ];
        let table = include_str!("../docs/limits.md").lines().filter(|line| line.starts_with("| "));
        let table: Vec<&str> = table.skip(1).collect();
        assert_eq!(table.len(), limits.len());
        for (line, (what, limit)) in table.into_iter().zip(limits) {
            assert!(line.starts_with(&format!("| {what}")), "{what}: {line}");
            assert_eq!(line.split('|').nth(2).map(str::trim), Some(&*limit), "{line}");
        }
    }
}
