//! Conversations: sequences of questions with a common context.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::persistence::{AppendOnly, Versioned, next_version, push_line};
use crate::store::Namespace;

/// Maximum number of characters of a title.
const TITLE: usize = 80;

/// A sequence of questions of one user about one namespace.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Conversation {
    pub(crate) id: Uuid,
    pub(crate) user: String,
    pub(crate) space: Namespace,
    /// The beginning of the first question.
    pub(crate) title: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// The runs, oldest first.
    pub(crate) runs: Vec<Uuid>,
}

impl Conversation {
    pub(crate) fn new(id: Uuid, user: String, space: Namespace, question: &str, now: DateTime<Utc>) -> Self {
        let title = question.trim().chars().take(TITLE).collect();
        Self { id, user, space, title, created_at: now, updated_at: now, runs: Vec::new() }
    }
}

/// All conversations, the most recent last.
///
/// They are stored in one append-only file. A new conversation is appended. The file is rewritten only if an older
/// conversation continues or a conversation is deleted.
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

    /// Adds a conversation as the most recent one.
    pub(super) fn push(&mut self, conversation: Conversation) {
        self.list.push(conversation);
    }

    /// Removes and returns the first conversation that satisfies `fits`.
    pub(super) fn take(
        this: &mut Versioned<Self>,
        fits: impl Fn(&Conversation) -> bool,
    ) -> Option<Conversation> {
        let at = this.list.iter().position(fits)?;
        this.identity = next_version();
        Some(this.list.remove(at))
    }

    /// Removes runs, and conversations that have no run left.
    pub(super) fn remove_runs(&mut self, runs: &BTreeSet<Uuid>) {
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
