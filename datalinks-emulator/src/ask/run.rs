//! One run, and what may be done with it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::author::Asked;
use super::checkpoint::Checkpoint;
use crate::access::Caller;
use crate::store::Place;

/// A run that nobody reads can be resumed for this long. Our choice.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The answering of one question.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) user: String,
    /// What the token was restricted to that it was asked with.
    pub(crate) restricted_to: Option<Vec<Place>>,
    pub(crate) asked: Asked,
    /// When it last went on.
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) end: Option<End>,
    pub(crate) feedback: Option<Feedback>,
    /// Somebody is reading its events right now, and it goes on as they do.
    #[serde(skip)]
    pub(crate) open: bool,
}

/// How a run ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Completed { response: String },
    Failed { message: String },
}

/// How a run stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Running,
    Completed,
    Failed,
    Expired,
}

/// What somebody thinks of an answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Feedback {
    pub(crate) thumbs_up: bool,
    pub(crate) comment: Option<String>,
}

/// Why a run cannot be resumed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stuck {
    /// It goes on in another stream.
    Open,
    NoCheckpoint,
    Completed,
    Expired,
    Failed,
}

/// Only answers are rated.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct NotCompleted;

impl Run {
    pub(crate) fn new(
        id: Uuid,
        conversation: Uuid,
        caller: &Caller,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            conversation,
            user: caller.user.clone(),
            restricted_to: caller.restricted_to.clone(),
            asked,
            updated_at: now,
            checkpoint: None,
            end: None,
            feedback: None,
            open: true,
        }
    }

    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        match &self.end {
            Some(End::Completed { .. }) => Status::Completed,
            Some(End::Failed { .. }) => Status::Failed,
            None if !self.open && now.signed_duration_since(self.updated_at) >= KEPT => Status::Expired,
            None => Status::Running,
        }
    }

    /// Whether it has something to go on from, be it in another stream.
    pub(crate) fn can_resume(&self, now: DateTime<Utc>) -> bool {
        self.status(now) == Status::Running && self.checkpoint.is_some()
    }

    /// What it would go on from, if it may be resumed.
    pub(crate) fn resumable(&self, now: DateTime<Utc>) -> Result<&Checkpoint, Stuck> {
        match self.status(now) {
            Status::Completed => Err(Stuck::Completed),
            Status::Failed => Err(Stuck::Failed),
            Status::Expired => Err(Stuck::Expired),
            Status::Running if self.open => Err(Stuck::Open),
            Status::Running => self.checkpoint.as_ref().ok_or(Stuck::NoCheckpoint),
        }
    }

    /// Somebody reads its events from now on.
    pub(crate) fn open(&mut self, now: DateTime<Utc>) {
        self.open = true;
        self.updated_at = now;
    }

    pub(crate) fn rate(&mut self, feedback: Feedback) -> Result<(), NotCompleted> {
        if !matches!(self.end, Some(End::Completed { .. })) {
            return Err(NotCompleted);
        }
        self.feedback = Some(feedback);
        Ok(())
    }

    /// The part that was done last.
    pub(crate) fn last_node(&self) -> Option<String> {
        match self.end {
            Some(End::Completed { .. }) => Some("answer".to_owned()),
            _ => self.checkpoint.as_ref().map(Checkpoint::node),
        }
    }

    pub(crate) fn response(&self) -> Option<&str> {
        match &self.end {
            Some(End::Completed { response }) => Some(response),
            _ => None,
        }
    }

    pub(crate) fn error(&self) -> Option<&str> {
        match &self.end {
            Some(End::Failed { message }) => Some(message),
            _ => None,
        }
    }

    /// Whether it is the caller's. A restricted token reaches what was asked with the same restriction, and all
    /// in namespaces that it reaches as a whole.
    pub(crate) fn belongs_to(&self, caller: &Caller) -> bool {
        self.user == caller.user
            && (caller.reaches_all(&self.asked.space) || caller.restricted_to == self.restricted_to)
    }
}
