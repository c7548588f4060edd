//! Questions that belong together.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::persistence::{AppendOnly, Versioned, next_version, push_line};
use crate::store::Namespace;

/// A title has this many characters at the most.
const TITLE: usize = 80;

/// The questions that a user asks a namespace, one after the other.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Conversation {
    pub(crate) id: Uuid,
    pub(crate) user: String,
    pub(crate) space: Namespace,
    /// The beginning of its first question.
    pub(crate) title: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Oldest first.
    pub(crate) runs: Vec<Uuid>,
}

impl Conversation {
    pub(crate) fn new(id: Uuid, user: String, space: Namespace, question: &str, now: DateTime<Utc>) -> Self {
        let title = question.trim().chars().take(TITLE).collect();
        Self { id, user, space, title, created_at: now, updated_at: now, runs: Vec::new() }
    }
}

/// All conversations, in the order in which they last went on.
///
/// They are kept as one file that grows. A new conversation is appended to it, and the file is written anew only when
/// an older conversation goes on or a conversation is deleted.
#[derive(Debug)]
pub(super) struct Conversations {
    /// See [`AppendOnly`].
    identity: u64,
    list: Vec<Conversation>,
}

impl Default for Conversations {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl From<Vec<Conversation>> for Conversations {
    fn from(list: Vec<Conversation>) -> Self {
        Self { identity: next_version(), list }
    }
}

impl Conversations {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Conversation> {
        self.list.iter()
    }

    /// Adds a conversation as the one that went on last.
    pub(super) fn push(&mut self, conversation: Conversation) {
        self.list.push(conversation);
    }

    /// Takes the first conversation out that fits.
    pub(super) fn take(
        this: &mut Versioned<Self>,
        fits: impl Fn(&Conversation) -> bool,
    ) -> Option<Conversation> {
        let at = this.list.iter().position(fits)?;
        this.identity = next_version();
        Some(this.list.remove(at))
    }

    /// Takes runs out, and conversations when their last run goes.
    pub(super) fn forget(&mut self, runs: &BTreeSet<Uuid>) {
        self.identity = next_version();
        self.list.retain_mut(|conversation| {
            conversation.runs.retain(|own| !runs.contains(own));
            !conversation.runs.is_empty()
        });
    }
}

impl AppendOnly for Conversations {
    fn identity(&self) -> u64 {
        self.identity
    }

    fn lines(&self) -> usize {
        self.list.len()
    }

    fn write(&self, from: usize, out: &mut Vec<u8>) {
        self.list.iter().skip(from).for_each(|conversation| push_line(out, conversation));
    }
}
