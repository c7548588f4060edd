//! Questions that belong together.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
