//! All runs and conversations.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::author::Asked;
use super::checkpoint::Checkpoint;
use super::conversation::Conversation;
use super::run::{End, Run};
use crate::access::Caller;
use crate::files::{Change, Files, Marked, Part, Sink, Unreadable, pretty, save_lines};
use crate::ids::{Ids, Kind};
use crate::lock::lock;
use crate::store::Namespace;

/// All runs and conversations.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Marked<Kept>>);

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
    /// Begins a run, in a conversation of the caller's or in a new one. It counts as being read from now on.
    pub(crate) fn begin(
        &self,
        ids: &Ids,
        caller: &Caller,
        asked: Asked,
        conversation: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Uuid), NoConversation> {
        let mut kept = lock(&self.0);
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
        let run = Run::new(ids.next(Kind::AskRun), conversation.id, caller, asked, now);
        let begun = (run.id, conversation.id);
        conversation.runs.push(run.id);
        conversation.updated_at = now;
        kept.conversations.push(conversation);
        kept.runs.insert(run.id, run.into());
        Ok(begun)
    }

    /// Looks at a run of the caller's, or changes it.
    pub(crate) fn with<T>(&self, id: Uuid, caller: &Caller, act: impl FnOnce(&mut Run) -> T) -> Option<T> {
        lock(&self.0).runs.get_mut(&id).filter(|run| run.belongs_to(caller)).map(|run| act(run))
    }

    /// Notes how far a run is. False: it was deleted meanwhile.
    pub(crate) fn save(&self, id: Uuid, checkpoint: &Checkpoint, now: DateTime<Utc>) -> bool {
        self.go_on(id, now, |run| run.checkpoint = Some(checkpoint.clone()))
    }

    /// Notes how a run ended. False: it was deleted meanwhile.
    pub(crate) fn end(&self, id: Uuid, end: End, now: DateTime<Utc>) -> bool {
        self.go_on(id, now, |run| run.end = Some(end))
    }

    fn go_on(&self, id: Uuid, now: DateTime<Utc>, act: impl FnOnce(&mut Run)) -> bool {
        lock(&self.0)
            .runs
            .get_mut(&id)
            .map(|run| {
                act(run);
                run.updated_at = now;
            })
            .is_some()
    }

    /// Nobody reads the events of a run any more.
    pub(crate) fn leave(&self, id: Uuid) {
        if let Some(run) = lock(&self.0).runs.get_mut(&id) {
            run.open = false;
        }
    }

    /// Deletes a run of the caller's, and its conversation when it was the last there. False: there is none.
    pub(crate) fn delete(&self, id: Uuid, caller: &Caller) -> bool {
        let mut kept = lock(&self.0);
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
        let kept = lock(&self.0);
        let own = |own: &&Conversation| own.space == *space && kept.runs_of(own, caller).next().is_some();
        kept.conversations.iter().rev().filter(own).cloned().collect()
    }

    /// A conversation of the caller's and its runs, oldest first.
    pub(crate) fn conversation(&self, id: Uuid, caller: &Caller) -> Option<(Conversation, Vec<Run>)> {
        let kept = lock(&self.0);
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
        Marked::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let kept = lock(&self.0);
        for (id, run) in &kept.runs {
            sink.stamped(format!("{RUNS}{id}.json"), Marked::changed(run), &|| pretty(&**run));
        }
        save_lines(sink, CONVERSATIONS, &kept.conversations);
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut runs = BTreeMap::new();
        for path in files.paths(RUNS, ".json") {
            // Nobody reads its events now: what was open when the process ended can be resumed.
            if let Some(run) = files.take_value::<Run>(&path)? {
                runs.insert(run.id, run.into());
            }
        }
        let conversations: Vec<Conversation> = files.take_lines(CONVERSATIONS)?;
        if let Some(run) = conversations.iter().flat_map(|own| &own.runs).find(|run| !runs.contains_key(*run))
        {
            let reason = format!("tells of the run {run}, whose file is missing");
            return Err(Unreadable::new(CONVERSATIONS, reason));
        }
        Ok(Box::new(move || **lock(&self.0) = Kept { runs, conversations }))
    }
}
