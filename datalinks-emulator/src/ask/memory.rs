//! All runs and conversations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::author::{Asked, Author};
use super::checkpoint::Checkpoint;
use super::conversation::Conversation;
use super::event_feed::EventFeed;
use super::lease::{Lease, Lost};
use super::queue::{LeasedRun, RunQueue};
use super::run::{End, Run};
use crate::access::Caller;
use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, pretty, save_lines};
use crate::ids::{Ids, Kind};
use crate::lock::lock;
use crate::store::Namespace;

/// All runs and conversations, and the runs that wait for a driver.
#[derive(Default)]
pub(crate) struct Memory {
    kept: Mutex<Marked<Kept>>,
    queue: RunQueue,
}

#[derive(Debug, Default)]
struct Kept {
    runs: BTreeMap<Uuid, Marked<Run>>,
    /// In the order in which they last went on.
    conversations: Vec<Conversation>,
}

/// The caller has no such conversation in the namespace asked.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct NoConversation;

impl Memory {
    /// Begins a run, in a conversation of the caller's or in a new one. It must be queued.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        caller: &Caller,
        asked: Asked,
        conversation: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<LeasedRun, NoConversation> {
        let mut kept = lock(&self.kept);
        let mut conversation = match conversation {
            Some(id) => {
                let own =
                    |own: &Conversation| own.id == id && own.user == caller.user && own.space == asked.space;
                let at = kept.conversations.iter().position(own).ok_or(NoConversation)?;
                kept.conversations.remove(at)
            }
            None => {
                let id = ids.next(Kind::Conversation);
                Conversation::new(id, caller.user.clone(), asked.space.clone(), &asked.question, now)
            }
        };
        let mut run = Run::new(ids.next(Kind::AskRun), conversation.id, caller, asked, now);
        let begun = run.start();
        conversation.runs.push(run.id);
        conversation.updated_at = now;
        kept.conversations.push(conversation);
        kept.runs.insert(run.id, run.into());
        Ok(begun)
    }

    /// Looks at a run of the caller's, or changes it.
    pub(crate) fn with<T>(&self, id: Uuid, caller: &Caller, act: impl FnOnce(&mut Run) -> T) -> Option<T> {
        lock(&self.kept).runs.get_mut(&id).filter(|run| run.belongs_to(caller)).map(|run| act(run))
    }

    /// Queues a run for [`work`](super::work). The caller is the user whose rights it has.
    pub(crate) fn drive(
        &self,
        run: LeasedRun,
        caller: Caller,
        author: Arc<dyn Author>,
        pause: Duration,
    ) -> EventFeed {
        self.queue.push(run, caller, author, pause)
    }

    pub(super) fn queue(&self) -> &RunQueue {
        &self.queue
    }

    /// Checks that a lease holds.
    pub(super) fn check(&self, id: Uuid, lease: Lease) -> Result<(), Lost> {
        match lock(&self.kept).runs.get(&id) {
            None => Err(Lost::Deleted),
            Some(run) if run.lease != Some(lease) => Err(Lost::Superseded),
            Some(_) => Ok(()),
        }
    }

    /// Writes a checkpoint of a run.
    pub(super) fn save(
        &self,
        id: Uuid,
        lease: Lease,
        checkpoint: &Checkpoint,
        now: DateTime<Utc>,
    ) -> Result<(), Lost> {
        self.go_on(id, lease, now, |run| run.checkpoint = Some(checkpoint.clone()))
    }

    /// Ends a run. A completed one keeps its plan and steps.
    pub(super) fn end(
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
        })
    }

    fn go_on(
        &self,
        id: Uuid,
        lease: Lease,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut Run),
    ) -> Result<(), Lost> {
        let mut kept = lock(&self.kept);
        let run = kept.runs.get_mut(&id).ok_or(Lost::Deleted)?;
        if run.lease != Some(lease) {
            return Err(Lost::Superseded);
        }
        act(run);
        run.updated_at = now;
        Ok(())
    }

    /// Lets a run fail whose progress could not be kept, unless another driver works on it.
    pub(super) fn give_up(&self, id: Uuid, lease: Lease, message: &str) {
        let mut kept = lock(&self.kept);
        let run = kept.runs.get_mut(&id).filter(|run| run.lease.is_none_or(|other| other == lease));
        if let Some(run) = run {
            run.end = Some(End::Failed { message: message.to_owned() });
        }
    }

    /// Returns a lease. One that was lost is not returned.
    pub(super) fn release(&self, id: Uuid, lease: Lease) {
        let mut kept = lock(&self.kept);
        if let Some(run) = kept.runs.get_mut(&id).filter(|run| run.lease == Some(lease)) {
            run.lease = None;
        }
    }

    /// Deletes a run of the caller's, and its conversation when it was the last there. False: there is none.
    pub(crate) fn delete(&self, id: Uuid, caller: &Caller) -> bool {
        let mut kept = lock(&self.kept);
        if !kept.runs.get(&id).is_some_and(|run| run.belongs_to(caller)) {
            return false;
        }
        kept.runs.remove(&id);
        kept.conversations.retain_mut(|conversation| {
            conversation.runs.retain(|run| *run != id);
            !conversation.runs.is_empty()
        });
        true
    }

    /// The conversations of the caller's with a namespace, the one that went on last first.
    pub(crate) fn conversations(&self, caller: &Caller, space: &Namespace) -> Vec<Conversation> {
        let kept = lock(&self.kept);
        let own = |own: &&Conversation| own.space == *space && kept.runs_of(own, caller).next().is_some();
        kept.conversations.iter().rev().filter(own).cloned().collect()
    }

    /// A conversation of the caller's and its runs, oldest first.
    pub(crate) fn conversation(&self, id: Uuid, caller: &Caller) -> Option<(Conversation, Vec<Run>)> {
        let kept = lock(&self.kept);
        let conversation = kept.conversations.iter().find(|own| own.id == id)?;
        let runs: Vec<Run> = kept.runs_of(conversation, caller).cloned().collect();
        (!runs.is_empty()).then(|| (conversation.clone(), runs))
    }
}

impl Kept {
    /// Those runs of a conversation that are the caller's. Where there is none, neither is the conversation.
    fn runs_of<'a>(
        &'a self,
        conversation: &'a Conversation,
        caller: &'a Caller,
    ) -> impl Iterator<Item = &'a Run> {
        let runs = conversation.runs.iter().filter_map(|run| self.runs.get(run)).map(|run| &**run);
        runs.filter(|run| run.belongs_to(caller))
    }
}

const RUNS: &str = "agent/runs/";
const CONVERSATIONS: &str = "agent/conversations.ndjson";

/// One file for each run, and one for the conversations, in the order in which they last went on.
impl Part for Memory {
    fn changed(&self) -> u64 {
        Marked::changed(&lock(&self.kept))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let kept = lock(&self.kept);
        for (id, run) in &kept.runs {
            sink.stamped(format!("{RUNS}{id}.json"), Marked::changed(run), &|| pretty(&**run));
        }
        save_lines(sink, CONVERSATIONS, &kept.conversations);
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs: BTreeMap<Uuid, Run> = BTreeMap::new();
        for path in files.paths(RUNS, ".json") {
            if let Some(run) = files.take_value::<Run>(&path)? {
                runs.insert(run.id, run);
            }
        }
        let conversations: Vec<Conversation> = files.take_lines(CONVERSATIONS)?;
        if let Some(run) = conversations.iter().flat_map(|own| &own.runs).find(|run| !runs.contains_key(*run))
        {
            let reason = format!("tells of the run {run}, whose file is missing");
            return Err(Unreadable::new(CONVERSATIONS, reason));
        }
        Ok(Box::new(move || {
            let mut kept = lock(&self.kept);
            for (id, run) in &mut runs {
                // Its driver goes on, because nothing has changed for it. Other drivers lose their leases.
                let own = kept.runs.get(id).filter(|own| own.lease.is_some() && own.is_at_the_point_of(run));
                run.lease = own.and_then(|own| own.lease);
            }
            let runs = runs.into_iter().map(|(id, run)| (id, run.into())).collect();
            **kept = Kept { runs, conversations };
        }))
    }
}
