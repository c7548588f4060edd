//! All runs and conversations.

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

/// Number of runs that are kept once they are over, those that went on last. There may be a tenth more of them. Runs in
/// progress do not count.
pub(crate) const KEPT: usize = 1_000;

/// All runs and conversations, and the runs that wait for a driver.
#[derive(Default)]
pub(crate) struct AgentRuns {
    kept: Mutex<Contents>,
    queue: RunQueue,
}

#[derive(Debug, Default)]
struct Contents {
    runs: RunsById,
    conversations: Versioned<Conversations>,
}

/// All runs by their ids. A run that is looked at and not changed is not marked, and neither are the runs as a whole.
#[derive(Debug, Default)]
struct RunsById {
    by_id: BTreeMap<Uuid, Versioned<AgentRun>>,
    changed: u64,
}

impl RunsById {
    fn get(&self, id: Uuid) -> Option<&AgentRun> {
        self.by_id.get(&id).map(|run| &**run)
    }

    /// Looks at a run that fits, and changes it if `act` borrows it mutably.
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

/// The caller has no such conversation in the namespace asked.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct NoConversation;

impl AgentRuns {
    /// Begins a run, in a conversation of the caller's or in a new one. It must be queued.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        caller: &Caller,
        asked: AskRequest,
        conversation: Option<Uuid>,
        label: Label,
        now: DateTime<Utc>,
    ) -> Result<LeasedRun, NoConversation> {
        let mut kept = lock(&self.kept);
        let mut conversation = match conversation {
            Some(id) => {
                let own =
                    |own: &Conversation| own.id == id && own.user == caller.user && own.space == asked.space;
                Conversations::take(&mut kept.conversations, own).ok_or(NoConversation)?
            }
            None => {
                let id = ids.next(Kind::Conversation);
                Conversation::new(id, caller.user.clone(), asked.space.clone(), &asked.question, now)
            }
        };
        let mut run = AgentRun::new(ids.next(Kind::AskRun), conversation.id, caller, asked, label, now);
        let begun = run.start();
        conversation.runs.push(run.id);
        conversation.updated_at = now;
        kept.conversations.push(conversation);
        kept.runs.insert(run);
        kept.evict_oldest(KEPT, now);
        Ok(begun)
    }

    /// Looks at a run of the caller's.
    pub(crate) fn inspect<T>(
        &self,
        id: Uuid,
        caller: &Caller,
        act: impl FnOnce(&AgentRun) -> T,
    ) -> Option<T> {
        lock(&self.kept).runs.get(id).filter(|run| run.belongs_to(caller)).map(act)
    }

    /// Looks at a run of the caller's, and changes it if `act` borrows it mutably.
    pub(crate) fn change<T>(
        &self,
        id: Uuid,
        caller: &Caller,
        act: impl FnOnce(&mut Versioned<AgentRun>) -> T,
    ) -> Option<T> {
        lock(&self.kept).runs.change(id, |run| run.belongs_to(caller), act)
    }

    /// Queues a run of one state for [`work`](crate::drivers::agent_runs::work). The caller is the user whose rights it has.
    pub(crate) fn drive(
        &self,
        generation: Generation,
        run: LeasedRun,
        caller: Caller,
        responder: Arc<dyn Responder>,
        pause: Duration,
    ) -> EventFeed {
        self.queue.push(generation, run, caller, responder, pause)
    }

    pub(crate) fn queue(&self) -> &RunQueue {
        &self.queue
    }

    /// Checks that a lease holds.
    pub(crate) fn check(&self, id: Uuid, lease: Lease) -> Result<(), Lost> {
        match lock(&self.kept).runs.get(id) {
            None => Err(Lost::Deleted),
            Some(run) if run.lease != Some(lease) => Err(Lost::Superseded),
            Some(_) => Ok(()),
        }
    }

    /// Writes a checkpoint of a run.
    pub(crate) fn save(
        &self,
        id: Uuid,
        lease: Lease,
        checkpoint: &Checkpoint,
        now: DateTime<Utc>,
    ) -> Result<(), Lost> {
        self.go_on(id, lease, now, |run| run.checkpoint = Some(checkpoint.clone()))
    }

    /// Ends a run and returns its lease. A completed run keeps its plan and steps.
    pub(crate) fn end(
        &self,
        id: Uuid,
        lease: Lease,
        end: End,
        done: Option<&Checkpoint>,
        now: DateTime<Utc>,
    ) -> Result<(), Lost> {
        self.go_on(id, lease, now, |run| {
            if let End::Completed { .. } = end {
                run.checkpoint = done.cloned();
            }
            run.end = Some(end);
            run.lease = None;
        })
    }

    /// Lets a run fail that nobody will go on with. A run that has a checkpoint can be resumed, and stays as it is.
    pub(crate) fn stop(&self, id: Uuid, lease: Lease, message: &str, now: DateTime<Utc>) {
        let fits = |run: &AgentRun| run.lease == Some(lease) && run.checkpoint.is_none() && run.end.is_none();
        lock(&self.kept).runs.change(id, fits, |run| {
            run.end = Some(End::Failed { message: message.to_owned() });
            run.lease = None;
            run.updated_at = now;
        });
    }

    fn go_on(
        &self,
        id: Uuid,
        lease: Lease,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut AgentRun),
    ) -> Result<(), Lost> {
        let mut kept = lock(&self.kept);
        let run = kept.runs.get(id).ok_or(Lost::Deleted)?;
        if run.lease != Some(lease) {
            return Err(Lost::Superseded);
        }
        let changed = kept.runs.change(
            id,
            |_| true,
            |run| {
                act(run);
                run.updated_at = now;
            },
        );
        changed.ok_or(Lost::Deleted)
    }

    /// Lets a run fail that cannot go on, unless another driver works on it.
    pub(crate) fn mark_failed(&self, id: Uuid, lease: Lease, message: &str) {
        let fits = |run: &AgentRun| run.lease.is_none_or(|other| other == lease);
        lock(&self.kept)
            .runs
            .change(id, fits, |run| run.end = Some(End::Failed { message: message.to_owned() }));
    }

    /// Ends all leases: nobody works on the runs any longer.
    pub(crate) fn end_leases(&self) {
        let runs = &mut lock(&self.kept).runs;
        let leased: Vec<Uuid> =
            runs.by_id.iter().filter(|(_, run)| run.lease.is_some()).map(|(id, _)| *id).collect();
        for id in leased {
            runs.change(id, |_| true, |run| run.lease = None);
        }
    }

    /// Returns a lease. One that was lost is not returned.
    pub(crate) fn release(&self, id: Uuid, lease: Lease) {
        lock(&self.kept).runs.change(id, |run| run.lease == Some(lease), |run| run.lease = None);
    }

    /// Deletes a run of the caller's, and its conversation when it was the last there. False: there is none.
    pub(crate) fn delete(&self, id: Uuid, caller: &Caller) -> bool {
        let mut kept = lock(&self.kept);
        if !kept.runs.get(id).is_some_and(|run| run.belongs_to(caller)) {
            return false;
        }
        kept.runs.remove(id);
        kept.conversations.forget(&BTreeSet::from([id]));
        true
    }

    /// The conversations of the caller's with a namespace, the one that went on last first.
    pub(crate) fn conversations(&self, caller: &Caller, space: &Namespace) -> Vec<Conversation> {
        let kept = lock(&self.kept);
        let own = |own: &&Conversation| own.space == *space && kept.runs_of(own, caller).next().is_some();
        kept.conversations.iter().rev().filter(own).cloned().collect()
    }

    /// A conversation of the caller's and its runs, oldest first.
    pub(crate) fn conversation(&self, id: Uuid, caller: &Caller) -> Option<(Conversation, Vec<AgentRun>)> {
        let kept = lock(&self.kept);
        let conversation = kept.conversations.iter().find(|own| own.id == id)?;
        let runs: Vec<AgentRun> = kept.runs_of(conversation, caller).cloned().collect();
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
    /// Forgets the runs that ended first, once there are a tenth more than are to be kept, so that files are written anew
    /// only now and then.
    fn evict_oldest(&mut self, kept: usize, now: DateTime<Utc>) {
        let runs = &self.runs.by_id;
        if runs.len() <= kept + kept / 10 {
            return;
        }
        let over = runs.values().filter(|run| run.status(now) != Status::Running);
        let mut over: Vec<(DateTime<Utc>, Uuid)> = over.map(|run| (run.updated_at, run.id)).collect();
        if over.len() <= kept + kept / 10 {
            return;
        }
        over.sort_unstable();
        let gone: BTreeSet<Uuid> = over.iter().take(over.len() - kept).map(|(_, id)| *id).collect();
        gone.iter().for_each(|id| self.runs.remove(*id));
        self.conversations.forget(&gone);
    }

    /// Those runs of a conversation that are the caller's. Where there is none, neither is the conversation.
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

/// One file for each run, and one for the conversations, in the order in which they last went on.
impl Persist for AgentRuns {
    fn changed(&self) -> u64 {
        let kept = lock(&self.kept);
        kept.runs.changed.max(Versioned::changed(&kept.conversations))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let kept = lock(&self.kept);
        for (id, run) in &kept.runs.by_id {
            sink.versioned(format!("{RUNS}{id}.json"), Versioned::changed(run), &|| pretty(&**run));
        }
        if kept.conversations.lines() > 0 {
            sink.append_only(CONVERSATIONS.to_owned(), &*kept.conversations);
        }
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs: BTreeMap<Uuid, AgentRun> = BTreeMap::new();
        for path in files.paths(RUNS, ".json") {
            if let Some(run) = files.take_value::<AgentRun>(&path)? {
                if path != format!("{RUNS}{}.json", run.id) {
                    let reason = format!("holds the run {}; name the file like the run", run.id);
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
            let reason = format!("tells of the run {run}, whose file is missing");
            return Err(Unreadable::new(CONVERSATIONS, reason));
        }
        Ok(Box::new(move || {
            let mut kept = lock(&self.kept);
            for (id, run) in &mut runs {
                // After a commit that failed, its driver goes on if nothing has changed for it. Others lose their leases.
                let own = kept.runs.get(*id).filter(|own| own.lease.is_some() && own.is_at_the_point_of(run));
                run.lease = own.and_then(|own| own.lease);
            }
            *kept = Contents { runs: runs.into(), conversations: Conversations::from(conversations).into() };
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
            wishes: AskOptions::default(),
        };
        let begun =
            memory.begin(ids, &caller(), asked, conversation, Label::Scripted, DateTime::UNIX_EPOCH).unwrap();
        let id = begun.conversation;
        (begun, id)
    }

    /// What would be written anew, and the identity of the conversations.
    #[derive(Default)]
    struct Seen {
        stamps: BTreeMap<String, u64>,
        conversations: Option<(u64, usize)>,
    }

    impl Sink for Seen {
        fn file(&mut self, path: String, _: bytes::Bytes) {
            panic!("{path} is serialized as a whole");
        }

        fn versioned(&mut self, path: String, stamp: u64, _: &dyn Fn() -> bytes::Bytes) {
            self.stamps.insert(path, stamp);
        }

        fn append_only(&mut self, _: String, content: &dyn crate::persistence::AppendOnly) {
            self.conversations = Some((content.identity(), content.lines()));
        }
    }

    fn seen(memory: &AgentRuns) -> Seen {
        let mut seen = Seen::default();
        Persist::save(memory, &mut seen);
        seen
    }

    #[test]
    fn the_runs_that_ended_last_are_kept_and_those_in_progress() {
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
        let left = |memory: &AgentRuns| lock(&memory.kept).runs.by_id.len();
        lock(&memory.kept).evict_oldest(3, now);
        assert_eq!(left(&memory), 4);
        lock(&memory.kept).evict_oldest(1, now);
        assert_eq!(left(&memory), 2);
        for run in [first.run, running.run] {
            assert!(memory.inspect(run, &caller(), |_| ()).is_some());
        }
        let (kept, runs) = memory.conversation(conversation, &caller()).unwrap();
        assert_eq!((kept.runs, runs.len()), (vec![first.run], 1), "lists and runs agree");
        assert!(memory.conversation(alone, &caller()).is_none(), "its only run is gone");
    }

    #[test]
    fn looking_at_a_run_is_no_change() {
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
        assert_eq!(memory.changed(), ended, "the end has returned the lease");
        let feedback = Feedback { thumbs_up: true, comment: None };
        memory.change(run.run, &caller(), |run| run.rate(feedback)).unwrap().unwrap();
        assert!(memory.changed() > ended);
        assert!(memory.delete(run.run, &caller()));
    }

    #[test]
    fn a_run_that_ends_leaves_other_runs_and_the_conversations_alone() {
        let (memory, ids) = (AgentRuns::default(), Ids::new(1));
        let (_, first) = begin(&memory, None, &ids);
        let before = seen(&memory);
        let (run, _) = begin(&memory, None, &ids);
        let begun = seen(&memory);
        let identity = |seen: &Seen| seen.conversations.unwrap().0;
        assert_eq!(identity(&begun), identity(&before), "a new conversation is appended");
        assert_eq!(begun.conversations.unwrap().1, 2);
        let end = End::Failed { message: "no".into() };
        memory.end(run.run, run.lease, end, None, DateTime::UNIX_EPOCH).unwrap();
        let ended = seen(&memory);
        let changed = ended.stamps.iter().filter(|(path, stamp)| begun.stamps.get(*path) != Some(stamp));
        assert_eq!(changed.count(), 1);
        assert_eq!(ended.conversations, begun.conversations);
        begin(&memory, Some(first), &ids);
        assert_ne!(identity(&seen(&memory)), identity(&ended), "an older conversation has moved to the end");
    }
}
