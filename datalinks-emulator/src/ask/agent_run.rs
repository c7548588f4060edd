//! One run of the agent: its state, and the operations on it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::checkpoint::Checkpoint;
use super::lease::Lease;
use super::queue::LeasedRun;
use super::request::AskRequest;
use crate::accounts::Caller;
use crate::response::Label;
use crate::store::GrantScope;

/// Time for which a run without a driver can be resumed. The service does not document its own.
const RESUMABLE_FOR: TimeDelta = TimeDelta::hours(24);

/// The error of a run that has neither a driver nor a checkpoint.
const INTERRUPTED: &str =
    "the emulator stopped, or its state was replaced, while the run was in progress; ask again";

/// A run of the agent, which answers one question.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AgentRun {
    pub(crate) id: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) user: String,
    /// The restriction of the token that started the run.
    pub(crate) restricted_to: Option<Vec<GrantScope>>,
    pub(crate) asked: AskRequest,
    /// Time of the last progress.
    pub(crate) updated_at: DateTime<Utc>,
    /// The last checkpoint. A completed run has its plan and all steps. `None` while a run is in progress and
    /// checkpoints are not configured.
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) end: Option<End>,
    pub(crate) feedback: Option<Feedback>,
    /// The weakest label of the responders that worked on the run. States written by older versions do not contain it.
    #[serde(default = "weakest")]
    label: Label,
    /// The lease of the driver that works on the run, or `None` if no driver does.
    #[serde(skip)]
    pub(super) lease: Option<Lease>,
}

/// Returns the label of a run whose label is not stored.
fn weakest() -> Label {
    Label::Scripted
}

/// The end of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Completed { response: String },
    Failed { message: String },
}

/// The status of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Running,
    Completed,
    Failed,
    Expired,
}

/// A user's rating of an answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Feedback {
    pub(crate) thumbs_up: bool,
    pub(crate) comment: Option<String>,
}

/// The reason why a run cannot be resumed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stuck {
    /// The run has no checkpoint and is still in progress.
    NoCheckpoint,
    Completed,
    Expired,
    Failed,
}

/// The error of a rating of a run that is not completed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct NotCompleted;

impl AgentRun {
    pub(crate) fn new(
        id: Uuid,
        conversation: Uuid,
        caller: &Caller,
        asked: AskRequest,
        label: Label,
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
            label,
            lease: None,
        }
    }

    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        match &self.end {
            Some(End::Completed { .. }) => Status::Completed,
            Some(End::Failed { .. }) => Status::Failed,
            None if self.is_interrupted() => Status::Failed,
            None if self.lease.is_none() && now.signed_duration_since(self.updated_at) >= RESUMABLE_FOR => {
                Status::Expired
            }
            None => Status::Running,
        }
    }

    /// Returns `true` if the run is in progress but has neither a driver nor a checkpoint.
    fn is_interrupted(&self) -> bool {
        self.end.is_none() && self.lease.is_none() && self.checkpoint.is_none()
    }

    /// Returns `true` if the run is in progress and has a checkpoint, with or without a driver.
    pub(crate) fn can_resume(&self, now: DateTime<Utc>) -> bool {
        self.resumable(now).is_ok()
    }

    /// Returns the checkpoint that a resume would continue from.
    pub(crate) fn resumable(&self, now: DateTime<Utc>) -> Result<&Checkpoint, Stuck> {
        match self.status(now) {
            Status::Completed => Err(Stuck::Completed),
            Status::Failed => Err(Stuck::Failed),
            Status::Expired => Err(Stuck::Expired),
            Status::Running => self.checkpoint.as_ref().ok_or(Stuck::NoCheckpoint),
        }
    }

    /// Grants a lease for a driver that starts with the plan.
    pub(super) fn start(&mut self) -> LeasedRun {
        self.leased(None)
    }

    /// Grants a lease for a driver that continues from the last checkpoint. A driver that holds the current lease loses
    /// it.
    pub(crate) fn take_over(&mut self, label: Label, now: DateTime<Utc>) -> LeasedRun {
        self.label = label.max(self.label);
        self.updated_at = now;
        self.leased(self.checkpoint.clone())
    }

    fn leased(&mut self, checkpoint: Option<Checkpoint>) -> LeasedRun {
        let lease = Lease::new();
        self.lease = Some(lease);
        LeasedRun {
            lease,
            run: self.id,
            conversation: self.conversation,
            asked: self.asked.clone(),
            checkpoint,
        }
    }

    /// Returns `true` if the other value is the same run in the same state.
    pub(super) fn is_same_state_as(&self, other: &Self) -> bool {
        // Compared as JSON text: a row may hold values that have no parsed form, such as 1e999.
        let content = |run| serde_json::to_string(run).ok();
        self.id == other.id && content(self) == content(other)
    }

    pub(crate) fn rate(&mut self, feedback: Feedback) -> Result<(), NotCompleted> {
        if !matches!(self.end, Some(End::Completed { .. })) {
            return Err(NotCompleted);
        }
        self.feedback = Some(feedback);
        Ok(())
    }

    /// Returns the label of a response that shows the run. Once the run has a result, the words of a rule are a part of
    /// the response.
    pub(crate) fn label(&self) -> Label {
        match (self.response(), self.label) {
            (None, _) => Label::Computed,
            (Some(_), Label::Scripted) => Label::PartlyScripted,
            (Some(_), label) => label,
        }
    }

    /// Returns the node of the plan that was completed last.
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
            None if self.is_interrupted() => Some(INTERRUPTED),
            _ => None,
        }
    }

    /// Returns `true` if the caller may access the run. A restricted token has access to runs started with the same
    /// restriction, and to all runs in namespaces that it covers as a whole.
    pub(crate) fn belongs_to(&self, caller: &Caller) -> bool {
        self.user == caller.user
            && (caller.reaches_all(&self.asked.space) || caller.restricted_to == self.restricted_to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::checkpoint::Plan;
    use super::*;
    use crate::ask::AskOptions;
    use crate::store::{DatasetName, Namespace};

    fn run(caller: &Caller) -> (AgentRun, DateTime<Utc>) {
        let space = Namespace::new("ana", "cinema");
        let asked = AskRequest { space, question: "?".into(), options: AskOptions::default() };
        let now = DateTime::UNIX_EPOCH;
        (AgentRun::new(Uuid::nil(), Uuid::nil(), caller, asked, Label::Scripted, now), now)
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { plan: Plan { reasoning: String::new(), steps: Vec::new() }, steps: Vec::new() }
    }

    #[test]
    fn run_in_progress_is_resumable_once_it_has_a_checkpoint() {
        let (mut run, now) = run(&Caller::of("ana"));
        let first = run.start();
        assert_eq!(run.resumable(now).unwrap_err(), Stuck::NoCheckpoint);
        assert!(!run.can_resume(now));
        run.checkpoint = Some(checkpoint());
        assert!(run.can_resume(now), "a driver works on it");
        let second = run.take_over(Label::Scripted, now);
        assert_ne!(first.lease, second.lease);
        assert_eq!((run.lease, second.checkpoint.is_some()), (Some(second.lease), true));
        run.lease = None;
        assert!(run.can_resume(now), "no driver works on it");
        assert_eq!(run.resumable(now).unwrap().node(), "plan");
        run.end = Some(End::Failed { message: "no".into() });
        assert_eq!(run.resumable(now).unwrap_err(), Stuck::Failed);
        assert_eq!((run.status(now), run.error(), run.response()), (Status::Failed, Some("no"), None));
        run.end = Some(End::Completed { response: "yes".into() });
        assert_eq!(run.resumable(now).unwrap_err(), Stuck::Completed);
        assert_eq!((run.last_node().as_deref(), run.response()), (Some("answer"), Some("yes")));
        assert!(!run.can_resume(now));
    }

    #[test]
    fn run_without_a_driver_expires() {
        let (mut run, now) = run(&Caller::of("ana"));
        run.start();
        run.checkpoint = Some(checkpoint());
        assert_eq!(run.status(now + RESUMABLE_FOR), Status::Running, "a driver works on it");
        run.lease = None;
        let before = now + RESUMABLE_FOR - TimeDelta::microseconds(1);
        assert_eq!((run.status(before), run.status(now + RESUMABLE_FOR)), (Status::Running, Status::Expired));
        assert_eq!(run.resumable(now + RESUMABLE_FOR).unwrap_err(), Stuck::Expired);
        run.take_over(Label::Scripted, before);
        run.lease = None;
        assert_eq!(run.status(now + RESUMABLE_FOR), Status::Running, "it was resumed in the meantime");
        run.end = Some(End::Completed { response: String::new() });
        assert_eq!(
            run.status(now + RESUMABLE_FOR + RESUMABLE_FOR),
            Status::Completed,
            "a completed run does not expire"
        );
    }

    #[test]
    fn run_without_driver_and_checkpoint_has_failed() {
        let (mut run, now) = run(&Caller::of("ana"));
        run.start();
        assert_eq!((run.status(now), run.error()), (Status::Running, None));
        run.lease = None;
        assert_eq!((run.status(now), run.error()), (Status::Failed, Some(INTERRUPTED)));
        assert_eq!(run.resumable(now).unwrap_err(), Stuck::Failed);
        run.checkpoint = Some(checkpoint());
        assert_eq!((run.status(now), run.error()), (Status::Running, None));
    }

    #[test]
    fn only_completed_runs_are_rated_and_the_last_rating_wins() {
        let (mut run, _) = run(&Caller::of("ana"));
        let rating = |thumbs_up| Feedback { thumbs_up, comment: None };
        assert_eq!(run.rate(rating(true)), Err(NotCompleted));
        run.end = Some(End::Completed { response: String::new() });
        run.rate(rating(true)).unwrap();
        run.rate(rating(false)).unwrap();
        assert_eq!(run.feedback, Some(rating(false)));
    }

    #[test]
    fn restricted_token_accesses_runs_within_its_restriction() {
        let films = DatasetName::new("ana", "cinema", "films");
        let restricted =
            |scopes: Vec<GrantScope>| Caller { restricted_to: Some(scopes), ..Caller::of("ana") };
        let (run_of_all, _) = run(&Caller::of("ana"));
        let (run_of_films, _) = run(&restricted(vec![GrantScope::from(&films)]));
        let whole = restricted(vec![GrantScope::from(&films.space())]);
        let part = restricted(vec![GrantScope::from(&films)]);
        let reached = |caller: &Caller| (run_of_all.belongs_to(caller), run_of_films.belongs_to(caller));
        assert_eq!(reached(&Caller::of("ana")), (true, true));
        assert_eq!(reached(&Caller::of("bo")), (false, false));
        assert_eq!(reached(&whole), (true, true));
        assert_eq!(reached(&part), (false, true));
        assert_eq!(reached(&restricted(Vec::new())), (false, false));
    }

    #[test]
    fn run_loaded_from_a_file_has_no_lease() {
        let (mut run, now) = run(&Caller::of("ana"));
        run.start();
        run.checkpoint = Some(checkpoint());
        let read: AgentRun = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
        assert!(run.lease.is_some() && read.lease.is_none());
        assert!(read.can_resume(now));
        assert!(read.is_same_state_as(&run));
        run.take_over(Label::Scripted, now + TimeDelta::seconds(1));
        assert!(!read.is_same_state_as(&run));
    }

    #[test]
    fn result_has_the_weakest_label_of_its_responders() {
        let caller = Caller::of("ana");
        let (mut run, now) = run(&caller);
        assert_eq!(run.label(), Label::Computed, "there is no result yet");
        run.end = Some(End::Completed { response: "x".into() });
        assert_eq!(run.label(), Label::PartlyScripted);
        run.label = Label::Computed;
        assert_eq!(run.label(), Label::Computed);
        run.take_over(Label::Recorded, now);
        assert_eq!(run.label(), Label::Recorded);
        // States of older versions contain no label.
        let mut stored = serde_json::to_value(&run).unwrap();
        stored.as_object_mut().unwrap().remove("label");
        assert_eq!(serde_json::from_value::<AgentRun>(stored).unwrap().label(), Label::PartlyScripted);
    }
}
