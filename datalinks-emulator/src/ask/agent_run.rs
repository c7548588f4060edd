//! One run, and what may be done with it.

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

/// Time for which a run that nobody works on can be resumed. Our choice.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The error of a run that nobody works on and that has no checkpoint.
const INTERRUPTED: &str =
    "the emulator stopped, or its state was replaced, while the run was in progress; ask again";

/// The answering of one question.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AgentRun {
    pub(crate) id: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) user: String,
    /// What the token was restricted to that it was asked with.
    pub(crate) restricted_to: Option<Vec<GrantScope>>,
    pub(crate) asked: AskRequest,
    /// When it last went on.
    pub(crate) updated_at: DateTime<Utc>,
    /// The last checkpoint; of a completed run, the plan and all steps. `None` while a run is in progress and
    /// checkpoints are not configured.
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) end: Option<End>,
    pub(crate) feedback: Option<Feedback>,
    /// How sure its result is: that of the least sure who worked on it. Runs of older states do not say so.
    #[serde(default = "least_sure")]
    label: Label,
    /// The lease of the driver that works on it; `None` if nobody does.
    #[serde(skip)]
    pub(super) lease: Option<Lease>,
}

/// What is said of a result about which nothing is known.
fn least_sure() -> Label {
    Label::Scripted
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
    /// It has no checkpoint, and goes on by itself.
    NoCheckpoint,
    Completed,
    Expired,
    Failed,
}

/// Only answers are rated.
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
            None if self.lease.is_none() && now.signed_duration_since(self.updated_at) >= KEPT => {
                Status::Expired
            }
            None => Status::Running,
        }
    }

    /// Returns `true` if nobody works on it, and nobody can go on with it.
    fn is_interrupted(&self) -> bool {
        self.end.is_none() && self.lease.is_none() && self.checkpoint.is_none()
    }

    /// Returns `true` if it is in progress and has a checkpoint, whether or not somebody works on it.
    pub(crate) fn can_resume(&self, now: DateTime<Utc>) -> bool {
        self.resumable(now).is_ok()
    }

    /// The checkpoint that a resume would go on from.
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

    /// Grants a lease for a driver that goes on from the last checkpoint. The lease of the driver that works on the
    /// run so far, if there is one, is lost.
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

    /// Returns `true` if the other one is the same run at the same point.
    pub(super) fn is_at_the_point_of(&self, other: &Self) -> bool {
        // As text: a row may hold values that no parsed form has, such as 1e999.
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

    /// How a response came about that tells of the run: what a rule said is a part of it, as soon as there is a
    /// result.
    pub(crate) fn label(&self) -> Label {
        match (self.response(), self.label) {
            (None, _) => Label::Computed,
            (Some(_), Label::Scripted) => Label::PartlyScripted,
            (Some(_), label) => label,
        }
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
            None if self.is_interrupted() => Some(INTERRUPTED),
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

#[cfg(test)]
mod tests {
    use super::super::checkpoint::Plan;
    use super::*;
    use crate::ask::AskOptions;
    use crate::store::{DatasetName, Namespace};

    fn run(caller: &Caller) -> (AgentRun, DateTime<Utc>) {
        let space = Namespace::new("ana", "cinema");
        let asked = AskRequest { space, question: "?".into(), wishes: AskOptions::default() };
        let now = DateTime::UNIX_EPOCH;
        (AgentRun::new(Uuid::nil(), Uuid::nil(), caller, asked, Label::Scripted, now), now)
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { plan: Plan { reasoning: String::new(), steps: Vec::new() }, steps: Vec::new() }
    }

    #[test]
    fn a_run_in_progress_is_resumable_once_it_has_a_checkpoint() {
        let (mut run, now) = run(&Caller::of("ana"));
        let first = run.start();
        assert_eq!(run.resumable(now).unwrap_err(), Stuck::NoCheckpoint);
        assert!(!run.can_resume(now));
        run.checkpoint = Some(checkpoint());
        assert!(run.can_resume(now), "somebody works on it");
        let second = run.take_over(Label::Scripted, now);
        assert_ne!(first.lease, second.lease);
        assert_eq!((run.lease, second.checkpoint.is_some()), (Some(second.lease), true));
        run.lease = None;
        assert!(run.can_resume(now), "nobody works on it");
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
    fn a_run_that_waits_to_be_resumed_expires() {
        let (mut run, now) = run(&Caller::of("ana"));
        run.start();
        run.checkpoint = Some(checkpoint());
        assert_eq!(run.status(now + KEPT), Status::Running, "somebody works on it");
        run.lease = None;
        let before = now + KEPT - TimeDelta::microseconds(1);
        assert_eq!((run.status(before), run.status(now + KEPT)), (Status::Running, Status::Expired));
        assert_eq!(run.resumable(now + KEPT).unwrap_err(), Stuck::Expired);
        run.take_over(Label::Scripted, before);
        run.lease = None;
        assert_eq!(run.status(now + KEPT), Status::Running, "it was resumed meanwhile");
        run.end = Some(End::Completed { response: String::new() });
        assert_eq!(run.status(now + KEPT + KEPT), Status::Completed, "a completed run stays");
    }

    #[test]
    fn a_run_that_nobody_works_on_and_nobody_can_resume_has_failed() {
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
    fn only_answers_are_rated_and_the_last_rating_counts() {
        let (mut run, _) = run(&Caller::of("ana"));
        let rating = |thumbs_up| Feedback { thumbs_up, comment: None };
        assert_eq!(run.rate(rating(true)), Err(NotCompleted));
        run.end = Some(End::Completed { response: String::new() });
        run.rate(rating(true)).unwrap();
        run.rate(rating(false)).unwrap();
        assert_eq!(run.feedback, Some(rating(false)));
    }

    #[test]
    fn a_restricted_token_reaches_what_its_restriction_covers() {
        let films = DatasetName::new("ana", "cinema", "films");
        let restricted =
            |places: Vec<GrantScope>| Caller { restricted_to: Some(places), ..Caller::of("ana") };
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
    fn a_run_that_is_read_from_a_file_has_no_lease() {
        let (mut run, now) = run(&Caller::of("ana"));
        run.start();
        run.checkpoint = Some(checkpoint());
        let read: AgentRun = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
        assert!(run.lease.is_some() && read.lease.is_none());
        assert!(read.can_resume(now));
        assert!(read.is_at_the_point_of(&run));
        run.take_over(Label::Scripted, now + TimeDelta::seconds(1));
        assert!(!read.is_at_the_point_of(&run));
    }

    #[test]
    fn a_result_is_as_sure_as_the_least_sure_who_worked_on_it() {
        let caller = Caller::of("ana");
        let (mut run, now) = run(&caller);
        assert_eq!(run.label(), Label::Computed, "there is no result yet");
        run.end = Some(End::Completed { response: "x".into() });
        assert_eq!(run.label(), Label::PartlyScripted);
        run.label = Label::Computed;
        assert_eq!(run.label(), Label::Computed);
        run.take_over(Label::Recorded, now);
        assert_eq!(run.label(), Label::Recorded);
        // A run of an older state, which does not say it.
        let mut stored = serde_json::to_value(&run).unwrap();
        stored.as_object_mut().unwrap().remove("label");
        assert_eq!(serde_json::from_value::<AgentRun>(stored).unwrap().label(), Label::PartlyScripted);
    }
}
