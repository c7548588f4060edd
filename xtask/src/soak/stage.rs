//! The emulator, its restarts, and changes of its whole state.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use fastrand::Rng;

use super::call::{Caller, Reply, Tally};
use super::client::Client;
use super::locked;
use super::model::Model;
use super::samples::{self, Sample};
use crate::hostile::server::Server;

/// Names of snapshots.
const SNAPSHOTS: [&str; 3] = ["a", "b", "c"];

/// Maximum time from the start of a change of the whole state to the kill, in milliseconds.
const KILL: u64 = 60;

/// Bytes in the directory, without snapshots, after which the state is reset, because finished files, tasks and runs accumulate.
const MAX_DATA: u64 = 2 << 20;

/// The models of all clients.
type Models = Vec<Model>;

/// A change of the whole state.
#[derive(Clone, Copy, Debug)]
enum Whole {
    Snapshot(&'static str),
    Restore(&'static str),
    Export,
    Import,
    Reset,
}

/// The running emulator.
pub(super) struct Stage<'a> {
    program: &'a Path,
    data: PathBuf,
    tally: &'a Tally,
    rng: Rng,
    server: Option<Server>,
    pub(super) address: SocketAddr,
    snapshots: BTreeMap<&'static str, Models>,
    exported: Option<(Vec<u8>, Models)>,
    pub(super) restarts: u64,
    pub(super) wholes: u64,
}

impl<'a> Stage<'a> {
    pub(super) fn start(program: &'a Path, data: &Path, seed: u64, tally: &'a Tally) -> Result<Self, String> {
        let data = data.to_owned();
        let server = Server::start(program, Some(&data), None)?;
        Ok(Self {
            program,
            data,
            tally,
            rng: Rng::with_seed(seed),
            address: server.address,
            server: Some(server),
            snapshots: BTreeMap::new(),
            exported: None,
            restarts: 0,
            wholes: 0,
        })
    }

    /// Returns the resources of the process. Fails if it has ended by itself.
    pub(super) fn sample(&self) -> Result<Option<Sample>, String> {
        let Some(server) = &self.server else { return Ok(None) };
        match server.trace(0).exit {
            Some(exit) => Err(format!("the emulator ended by itself: {exit}")),
            None => Ok(Sample::of(server.id())),
        }
    }

    /// Kills the process, or asks it to stop.
    pub(super) fn end(&self, kill: bool) {
        let Some(server) = self.server.as_ref().filter(|server| server.trace(0).exit.is_none()) else {
            return;
        };
        if kill {
            server.kill();
        } else if let Err(error) = server.stop() {
            self.tally.fail(error);
        }
    }

    /// Ends the process if it runs, starts another one on the directory, and compares the models.
    pub(super) fn restart(&mut self, clients: &[Mutex<Client<'a>>]) -> Result<(), String> {
        self.start_again()?;
        self.compare(clients, true)
    }

    fn start_again(&mut self) -> Result<(), String> {
        self.end(false);
        if let Some(server) = self.server.take() {
            for panic in server.trace(0).panics {
                self.tally.fail(format!("panic at {panic}"));
            }
        }
        let server = Server::start(self.program, Some(&self.data), None)?;
        self.address = server.address;
        self.server = Some(server);
        self.restarts += 1;
        Ok(())
    }

    /// Compares the models of all clients with the emulator.
    pub(super) fn compare(&self, clients: &[Mutex<Client<'a>>], restarted: bool) -> Result<(), String> {
        // A fault would act on the comparison.
        let cleared = Caller::new(self.tally, self.address).control("DELETE", "faults", b"", &[200, 204]);
        if !cleared.is_done() {
            return Err(format!("faults cannot be removed: {cleared:?}"));
        }
        for client in clients {
            let mut client = locked(client);
            client.caller.move_to(self.address);
            let namespace = client.namespace.clone();
            client.check(restarted).map_err(|wrong| format!("{namespace}: {wrong}"))?;
        }
        Ok(())
    }

    /// Makes a random change of the whole state while no client sends, and compares the models. `kill` kills the
    /// process during the change.
    pub(super) fn whole(&mut self, clients: &[Mutex<Client<'a>>], kill: bool) -> Result<(), String> {
        if clients.iter().any(|client| locked(client).model.pending.is_some()) {
            return Ok(());
        }
        self.wholes += 1;
        let before: Models = clients.iter().map(|client| locked(client).model.clone()).collect();
        let whole = self.choose();
        let after = self.after(whole, &before);
        let mut caller = Caller::new(self.tally, self.address);
        let reply = if kill {
            let delay = Duration::from_millis(self.rng.u64(0..KILL));
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(delay);
                    self.end(true);
                });
                self.act(whole, &mut caller)
            })
        } else {
            self.act(whole, &mut caller)
        };
        let done = matches!(&reply, Reply::Done(response) if response.status < 300);
        match (whole, reply) {
            (Whole::Export, Reply::Done(response)) if done => {
                self.exported = Some((response.body, before.clone()));
            }
            (Whole::Snapshot(name), _) if done => {
                self.snapshots.insert(name, before.clone());
            }
            // The old or the new one.
            (Whole::Snapshot(name), _) => {
                self.snapshots.remove(name);
            }
            _ => {}
        }
        if kill {
            self.start_again()?;
        }
        let mut possible = vec![after];
        if !done {
            possible.push(before);
        }
        let mut differences = Vec::new();
        for models in possible {
            for (client, model) in clients.iter().zip(models) {
                locked(client).model = model;
            }
            match self.compare(clients, kill) {
                Ok(()) => return Ok(()),
                Err(wrong) => differences.push(wrong),
            }
        }
        Err(format!("after {whole:?}, acknowledged: {done}: {}", differences.join("; or ")))
    }

    fn choose(&mut self) -> Whole {
        let size = |folder: &Path| samples::size(folder).0;
        if size(&self.data).saturating_sub(size(&self.data.join("snapshots"))) > MAX_DATA {
            // Earlier states may be as large.
            self.snapshots.clear();
            self.exported = None;
            return Whole::Reset;
        }
        let names: Vec<&'static str> = self.snapshots.keys().copied().collect();
        match self.rng.u8(0..8) {
            0 | 1 => Whole::Snapshot(self.rng.choice(SNAPSHOTS).unwrap_or(SNAPSHOTS[0])),
            2 | 3 => self.rng.choice(names).map_or(Whole::Export, Whole::Restore),
            4 | 5 => Whole::Export,
            6 if self.exported.is_some() => Whole::Import,
            _ => Whole::Reset,
        }
    }

    /// Returns the models after a change. A request whose client disconnected may still arrive in the new state.
    fn after(&self, whole: Whole, before: &Models) -> Models {
        let mut after = match whole {
            Whole::Snapshot(_) | Whole::Export => before.clone(),
            Whole::Restore(name) => self.snapshots.get(name).unwrap_or(before).clone(),
            Whole::Import => self.exported.as_ref().map_or(before, |(_, models)| models).clone(),
            Whole::Reset => before.iter().map(|_| Model::default()).collect(),
        };
        for (after, before) in after.iter_mut().zip(before) {
            after.ambiguous.extend(&before.ambiguous);
        }
        after
    }

    fn act(&self, whole: Whole, caller: &mut Caller<'_>) -> Reply {
        let document = self.exported.as_ref().map(|(document, _)| document.as_slice()).unwrap_or_default();
        let done = &[200, 201, 204];
        match whole {
            Whole::Snapshot(name) => caller.control("POST", &format!("snapshots/{name}"), b"", done),
            Whole::Restore(name) => caller.control("POST", &format!("snapshots/{name}/restore"), b"", done),
            Whole::Export => caller.control("GET", "export", b"", done),
            Whole::Import => caller.control("PUT", "import", document, done),
            Whole::Reset => caller.control("POST", "reset", b"", done),
        }
    }
}
