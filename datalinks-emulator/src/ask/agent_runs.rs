//! All runs and conversations of the agent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::agent_run::{AgentRun, End, Status};
use super::checkpoint::Checkpoint;
use super::conversation::{Conversation, Conversations};
use super::event_feed::EventFeed;
use super::lease::{Lease, Lost};
use super::queue::{LeasedRun, RunQueue};
use super::request::AskRequest;
use super::responder::{Exchange, History, Responder};
use crate::accounts::Caller;
use crate::concurrency::Generation;
use crate::concurrency::lock::lock;
use crate::persistence::{
    AppendOnly as _, Change, Files, Persist, Sink, Unreadable, Versioned, next_version, parse_lines, pretty,
};
use crate::response::Label;
use crate::runtime::{Ids, Kind};
use crate::store::Namespace;

/// Maximum number of ended runs. The most recent ones are kept. The limit may be exceeded by a tenth. Runs in progress
/// do not count.
pub(crate) const KEPT: usize = 1_000;

/// All runs and conversations, and the runs that wait for a driver.
#[derive(Default)]
pub(crate) struct AgentRuns {
    contents: Mutex<Contents>,
    queue: RunQueue,
}

#[derive(Debug, Default)]
struct Contents {
    runs: RunsById,
    conversations: Versioned<Conversations>,
}

/// All runs by id. Reading a run changes neither its version nor the version of the collection.
#[derive(Debug, Default)]
struct RunsById {
    by_id: BTreeMap<Uuid, Versioned<AgentRun>>,
    changed: u64,
}

impl RunsById {
    fn get(&self, id: Uuid) -> Option<&AgentRun> {
        self.by_id.get(&id).map(|run| &**run)
    }

    /// Calls `act` with a run that satisfies `fits`. The run counts as changed if `act` borrows it mutably.
    fn change<T>(
        &mut self,
        id: Uuid,
        fits: impl FnOnce(&AgentRun) -> bool,
        act: impl FnOnce(&mut Versioned<AgentRun>) -> T,
    ) -> Option<T> {
        let run = self.by_id.get_mut(&id).filter(|run| fits(run))?;
        let done = act(run);
        self.changed = self.changed.max(Versioned::changed(run));
        Some(done)
    }

    fn insert(&mut self, run: AgentRun) {
        self.by_id.insert(run.id, run.into());
        self.changed = next_version();
    }

    fn remove(&mut self, id: Uuid) {
        self.by_id.remove(&id);
        self.changed = next_version();
    }
}

impl From<BTreeMap<Uuid, AgentRun>> for RunsById {
    fn from(runs: BTreeMap<Uuid, AgentRun>) -> Self {
        Self { by_id: runs.into_iter().map(|(id, run)| (id, run.into())).collect(), changed: next_version() }
    }
}

/// The error if the caller has no such conversation in the requested namespace.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct NoConversation;

impl AgentRuns {
    /// Starts a run in a conversation of the caller or in a new one. The caller of this method must queue it.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        caller: &Caller,
        asked: AskRequest,
        conversation: Option<Uuid>,
        label: Label,
        now: DateTime<Utc>,
    ) -> Result<LeasedRun, NoConversation> {
        let mut contents = lock(&self.contents);
        let mut conversation = match conversation {
            Some(id) => {
                let own =
                    |own: &Conversation| own.id == id && own.user == caller.user && own.space == asked.space;
                Conversations::take(&mut contents.conversations, own).ok_or(NoConversation)?
            }
            None => {
                let id = ids.next(Kind::Conversation);
                Conversation::new(id, caller.user.clone(), asked.space.clone(), &asked.question, now)
            }
        };
        let mut run = AgentRun::new(ids.next(Kind::AskRun), conversation.id, caller, asked, label, now);
        let leased = run.start();
        conversation.runs.push(run.id);
        conversation.updated_at = now;
        contents.conversations.push(conversation);
        contents.runs.insert(run);
        contents.evict_oldest(KEPT, now);
        Ok(leased)
    }

    /// Calls `act` with a run of the caller.
    pub(crate) fn inspect<T>(
        &self,
        id: Uuid,
        caller: &Caller,
        act: impl FnOnce(&AgentRun) -> T,
    ) -> Option<T> {
        lock(&self.contents).runs.get(id).filter(|run| run.belongs_to(caller)).map(act)
    }

    /// Calls `act` with a run of the caller. The run counts as changed if `act` borrows it mutably.
    pub(crate) fn change<T>(
        &self,
        id: Uuid,
        caller: &Caller,
        act: impl FnOnce(&mut Versioned<AgentRun>) -> T,
    ) -> Option<T> {
        lock(&self.contents).runs.change(id, |run| run.belongs_to(caller), act)
    }

    /// Queues a run for [`work`](crate::drivers::agent_runs::work). The run has the rights of `caller`.
    pub(crate) fn drive(
        &self,
        generation: Generation,
        run: LeasedRun,
        caller: Caller,
        responder: Arc<dyn Responder>,
        delay: Duration,
    ) -> EventFeed {
        self.queue.push(generation, run, caller, responder, delay)
    }

    pub(crate) fn queue(&self) -> &RunQueue {
        &self.queue
    }

    /// Checks that a lease is still valid.
    pub(crate) fn check(&self, id: Uuid, lease: Lease) -> Result<(), Lost> {
        match lock(&self.contents).runs.get(id) {
            None => Err(Lost::Deleted),
            Some(run) if run.lease != Some(lease) => Err(Lost::Superseded),
            Some(_) => Ok(()),
        }
    }

    /// Stores a checkpoint of a run.
    pub(crate) fn save(
        &self,
        id: Uuid,
        lease: Lease,
        checkpoint: &Checkpoint,
        now: DateTime<Utc>,
    ) -> Result<(), Lost> {
        self.update(id, lease, now, |run| run.checkpoint = Some(checkpoint.clone()))
    }

    /// Ends a run and releases its lease. A completed run keeps its plan and steps.
    pub(crate) fn end(
        &self,
        id: Uuid,
        lease: Lease,
        end: End,
        done: Option<&Checkpoint>,
        now: DateTime<Utc>,
    ) -> Result<(), Lost> {
        self.update(id, lease, now, |run| {
            if let End::Completed { .. } = end {
                run.checkpoint = done.cloned();
            }
            run.end = Some(end);
            run.lease = None;
        })
    }

    /// Marks a run as failed if its driver stops for good. A run with a checkpoint can be resumed and is left
    /// unchanged.
    pub(crate) fn stop(&self, id: Uuid, lease: Lease, message: &str, now: DateTime<Utc>) {
        let fits = |run: &AgentRun| run.lease == Some(lease) && run.checkpoint.is_none() && run.end.is_none();
        lock(&self.contents).runs.change(id, fits, |run| {
            run.end = Some(End::Failed { message: message.to_owned() });
            run.lease = None;
            run.updated_at = now;
        });
    }

    fn update(
        &self,
        id: Uuid,
        lease: Lease,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut AgentRun),
    ) -> Result<(), Lost> {
        let mut contents = lock(&self.contents);
        let run = contents.runs.get(id).ok_or(Lost::Deleted)?;
        if run.lease != Some(lease) {
            return Err(Lost::Superseded);
        }
        let changed = contents.runs.change(
            id,
            |_| true,
            |run| {
                act(run);
                run.updated_at = now;
            },
        );
        changed.ok_or(Lost::Deleted)
    }

    /// Marks a run as failed unless another driver works on it.
    pub(crate) fn mark_failed(&self, id: Uuid, lease: Lease, message: &str) {
        let fits = |run: &AgentRun| run.lease.is_none_or(|other| other == lease);
        lock(&self.contents)
            .runs
            .change(id, fits, |run| run.end = Some(End::Failed { message: message.to_owned() }));
    }

    /// Ends all leases, because their drivers no longer exist.
    pub(crate) fn end_leases(&self) {
        let runs = &mut lock(&self.contents).runs;
        let leased: Vec<Uuid> =
            runs.by_id.iter().filter(|(_, run)| run.lease.is_some()).map(|(id, _)| *id).collect();
        for id in leased {
            runs.change(id, |_| true, |run| run.lease = None);
        }
    }

    /// Releases a lease. Has no effect if the lease was lost.
    pub(crate) fn release(&self, id: Uuid, lease: Lease) {
        lock(&self.contents).runs.change(id, |run| run.lease == Some(lease), |run| run.lease = None);
    }

    /// Deletes a run of the caller, and its conversation if it was the last run there. Returns `false` if the caller
    /// has no run with this id.
    pub(crate) fn delete(&self, id: Uuid, caller: &Caller) -> bool {
        let mut contents = lock(&self.contents);
        if !contents.runs.get(id).is_some_and(|run| run.belongs_to(caller)) {
            return false;
        }
        contents.runs.remove(id);
        contents.conversations.remove_runs(&BTreeSet::from([id]));
        true
    }

    /// Returns the caller's conversations in a namespace, the most recent first.
    pub(crate) fn conversations(&self, caller: &Caller, space: &Namespace) -> Vec<Conversation> {
        let contents = lock(&self.contents);
        let own = |own: &&Conversation| own.space == *space && contents.runs_of(own, caller).next().is_some();
        contents.conversations.iter().rev().filter(own).cloned().collect()
    }

    /// Returns a conversation of the caller and its runs, oldest first.
    pub(crate) fn conversation(&self, id: Uuid, caller: &Caller) -> Option<(Conversation, Vec<AgentRun>)> {
        let contents = lock(&self.contents);
        let conversation = contents.conversations.iter().find(|own| own.id == id)?;
        let runs: Vec<AgentRun> = contents.runs_of(conversation, caller).cloned().collect();
        (!runs.is_empty()).then(|| (conversation.clone(), runs))
    }
}

impl History for AgentRuns {
    fn before(&self, run: Uuid, conversation: Uuid, caller: &Caller) -> Vec<Exchange> {
        let runs = self.conversation(conversation, caller).into_iter().flat_map(|(_, runs)| runs);
        runs.take_while(|own| own.id != run)
            .filter_map(|own| {
                let answer = own.response()?.to_owned();
                Some(Exchange { question: own.asked.question, answer })
            })
            .collect()
    }
}

impl Contents {
    /// Removes the oldest ended runs once there are a tenth more than `contents`. The margin keeps rewrites of the files
    /// rare.
    fn evict_oldest(&mut self, limit: usize, now: DateTime<Utc>) {
        let runs = &self.runs.by_id;
        if runs.len() <= limit + limit / 10 {
            return;
        }
        let ended = runs.values().filter(|run| run.status(now) != Status::Running);
        let mut ended: Vec<(DateTime<Utc>, Uuid)> = ended.map(|run| (run.updated_at, run.id)).collect();
        if ended.len() <= limit + limit / 10 {
            return;
        }
        ended.sort_unstable();
        let gone: BTreeSet<Uuid> = ended.iter().take(ended.len() - limit).map(|(_, id)| *id).collect();
        gone.iter().for_each(|id| self.runs.remove(*id));
        self.conversations.remove_runs(&gone);
    }

    /// Returns the runs of a conversation that belong to the caller. A conversation without such runs does not exist
    /// for the caller.
    fn runs_of<'a>(
        &'a self,
        conversation: &'a Conversation,
        caller: &'a Caller,
    ) -> impl Iterator<Item = &'a AgentRun> {
        let runs = conversation.runs.iter().filter_map(|run| self.runs.get(*run));
        runs.filter(|run| run.belongs_to(caller))
    }
}

const RUNS: &str = "agent/runs/";
const CONVERSATIONS: &str = "agent/conversations.ndjson";

/// Files: one for each run, and one for the conversations, the most recent last.
impl Persist for AgentRuns {
    fn changed(&self) -> u64 {
        let contents = lock(&self.contents);
        contents.runs.changed.max(Versioned::changed(&contents.conversations))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let contents = lock(&self.contents);
        for (id, run) in &contents.runs.by_id {
            sink.versioned(format!("{RUNS}{id}.json"), Versioned::changed(run), &|| pretty(&**run));
        }
        if contents.conversations.lines() > 0 {
            sink.append_only(CONVERSATIONS.to_owned(), &*contents.conversations);
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs: BTreeMap<Uuid, AgentRun> = BTreeMap::new();
        for path in files.paths(RUNS, ".json") {
            if let Some(run) = files.take_value::<AgentRun>(&path)? {
                if path != format!("{RUNS}{}.json", run.id) {
                    let reason =
                        format!("contains the run {}; name the file after the id of the run", run.id);
                    return Err(Unreadable::new(path, reason));
                }
                runs.insert(run.id, run);
            }
        }
        let content = files.take_append_only(CONVERSATIONS)?;
        let conversations: Vec<Conversation> =
            parse_lines(CONVERSATIONS, &content).collect::<Result<_, _>>()?;
        if let Some(run) = conversations.iter().flat_map(|own| &own.runs).find(|run| !runs.contains_key(*run))
        {
            let reason = format!("names the run {run}, whose file is missing");
            return Err(Unreadable::new(CONVERSATIONS, reason));
        }
        Ok(Box::new(move || {
            let mut contents = lock(&self.contents);
            for (id, run) in &mut runs {
                // If a commit failed and the state was reloaded, drivers of unchanged runs continue. All others lose
                // their leases.
                let own =
                    contents.runs.get(*id).filter(|own| own.lease.is_some() && own.is_same_state_as(run));
                run.lease = own.and_then(|own| own.lease);
            }
            *contents =
                Contents { runs: runs.into(), conversations: Conversations::from(conversations).into() };
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{AskOptions, Feedback};

    fn caller() -> Caller {
        Caller { user: "ana".into(), ..Caller::anonymous() }
    }

    fn begin(memory: &AgentRuns, conversation: Option<Uuid>, ids: &Ids) -> (LeasedRun, Uuid) {
        let asked = AskRequest {
            space: Namespace::new("ana", "cinema"),
            question: "?".into(),
            options: AskOptions::default(),
        };
        let leased =
            memory.begin(ids, &caller(), asked, conversation, Label::Scripted, DateTime::UNIX_EPOCH).unwrap();
        let id = leased.conversation;
        (leased, id)
    }

    /// The versions of the files that would be rewritten, and the identity of the conversations.
    #[derive(Default)]
    struct Saved {
        versions: BTreeMap<String, u64>,
        conversations: Option<(u64, usize)>,
    }

    impl Sink for Saved {
        fn file(&mut self, path: String, _: bytes::Bytes) {
            panic!("{path} is serialized as a whole");
        }

        fn versioned(&mut self, path: String, version: u64, _: &dyn Fn() -> bytes::Bytes) {
            self.versions.insert(path, version);
        }

        fn append_only(&mut self, _: String, content: &dyn crate::persistence::AppendOnly) {
            self.conversations = Some((content.identity(), content.lines()));
        }
    }

    fn saved(memory: &AgentRuns) -> Saved {
        let mut saved = Saved::default();
        Persist::save(memory, &mut saved);
        saved
    }

    #[test]
    fn eviction_keeps_recently_ended_runs_and_runs_in_progress() {
        let (memory, ids, now) = (AgentRuns::default(), Ids::new(1), DateTime::UNIX_EPOCH);
        let end = |run: &LeasedRun, seconds| {
            let end = End::Completed { response: "yes".into() };
            memory.end(run.run, run.lease, end, None, now + chrono::TimeDelta::seconds(seconds)).unwrap();
        };
        let (first, conversation) = begin(&memory, None, &ids);
        let (second, _) = begin(&memory, Some(conversation), &ids);
        let (third, alone) = begin(&memory, None, &ids);
        let (running, _) = begin(&memory, None, &ids);
        for (run, seconds) in [(&second, 1), (&third, 2), (&first, 3)] {
            end(run, seconds);
        }
        let left = |memory: &AgentRuns| lock(&memory.contents).runs.by_id.len();
        lock(&memory.contents).evict_oldest(3, now);
        assert_eq!(left(&memory), 4);
        lock(&memory.contents).evict_oldest(1, now);
        assert_eq!(left(&memory), 2);
        for run in [first.run, running.run] {
            assert!(memory.inspect(run, &caller(), |_| ()).is_some());
        }
        let (remaining, runs) = memory.conversation(conversation, &caller()).unwrap();
        assert_eq!(
            (remaining.runs, runs.len()),
            (vec![first.run], 1),
            "the conversation lists the remaining runs"
        );
        assert!(memory.conversation(alone, &caller()).is_none(), "its only run was evicted");
    }

    #[test]
    fn reading_a_run_does_not_change_its_version() {
        let (memory, ids) = (AgentRuns::default(), Ids::new(1));
        let (run, _) = begin(&memory, None, &ids);
        let before = memory.changed();
        memory.inspect(run.run, &caller(), |run| run.status(DateTime::UNIX_EPOCH)).unwrap();
        let stuck = memory.change(run.run, &caller(), |run| run.resumable(DateTime::UNIX_EPOCH).is_err());
        assert_eq!(stuck, Some(true));
        memory.check(run.run, run.lease).unwrap();
        memory.release(run.run, Lease::new());
        assert_eq!(memory.changed(), before);
        let end = End::Completed { response: "yes".into() };
        memory.end(run.run, run.lease, end, None, DateTime::UNIX_EPOCH).unwrap();
        let ended = memory.changed();
        assert!(ended > before);
        memory.release(run.run, run.lease);
        assert_eq!(memory.changed(), ended, "the end has released the lease");
        let feedback = Feedback { thumbs_up: true, comment: None };
        memory.change(run.run, &caller(), |run| run.rate(feedback)).unwrap().unwrap();
        assert!(memory.changed() > ended);
        assert!(memory.delete(run.run, &caller()));
    }

    #[test]
    fn end_of_a_run_does_not_change_other_runs_or_conversations() {
        let (memory, ids) = (AgentRuns::default(), Ids::new(1));
        let (_, first) = begin(&memory, None, &ids);
        let before = saved(&memory);
        let (run, _) = begin(&memory, None, &ids);
        let started = saved(&memory);
        let identity = |saved: &Saved| saved.conversations.unwrap().0;
        assert_eq!(identity(&started), identity(&before), "a new conversation is appended");
        assert_eq!(started.conversations.unwrap().1, 2);
        let end = End::Failed { message: "no".into() };
        memory.end(run.run, run.lease, end, None, DateTime::UNIX_EPOCH).unwrap();
        let ended = saved(&memory);
        let changed =
            ended.versions.iter().filter(|(path, version)| started.versions.get(*path) != Some(version));
        assert_eq!(changed.count(), 1);
        assert_eq!(ended.conversations, started.conversations);
        begin(&memory, Some(first), &ids);
        assert_ne!(identity(&saved(&memory)), identity(&ended), "an older conversation has moved to the end");
    }
}
