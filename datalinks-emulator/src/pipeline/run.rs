//! One run: what it has told, and who may answer it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::cost::TraceStep;
use super::failure::Failure;
use super::job::PipelineJob;
use super::progress::{Progress, RunContext};
use super::stage::Stage;
use super::trace::Trace;
use super::transition::Transition;
use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::models::ModelCall;
use crate::persistence::Versioned;
use crate::response::{EventBytes, Label};

/// One run.
#[derive(Debug)]
pub(crate) struct PipelineRun {
    pub(super) id: String,
    pub(super) owner: String,
    /// How its model phases come about.
    pub(super) label: Label,
    pub(super) progress: Mutex<Versioned<Progress>>,
    /// Whether somebody is at it.
    working: AtomicBool,
    changed: watch::Sender<()>,
}

/// The hook of a run that waits for nothing.
#[derive(Debug)]
pub(crate) struct NotWaiting;

/// The facts of an answer that a person gave.
#[derive(Serialize)]
struct Answered {
    kind: &'static str,
}

impl PipelineRun {
    pub(super) fn new(id: String, label: Label, job: PipelineJob, now: DateTime<Utc>) -> Self {
        let progress = Progress {
            events: Vec::new(),
            stage: Stage::Start,
            waiting: None,
            llm_calls: Vec::new(),
            steps: Vec::new(),
            started: Some(now),
            ended: None,
            job,
        };
        Self::with(id, progress.job.caller.user.clone(), label, progress)
    }

    /// One that has come so far.
    pub(super) fn with(id: String, owner: String, label: Label, progress: Progress) -> Self {
        let (progress, changed) = (Mutex::new(progress.into()), watch::Sender::new(()));
        Self { id, owner, label, progress, working: AtomicBool::new(false), changed }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is the caller's, and within reach of the token: a run shows the rows of its namespace.
    pub(crate) fn belongs_to(&self, caller: &Caller) -> bool {
        self.owner == caller.user && caller.reaches_all(&lock(&self.progress).job.namespace)
    }

    /// How its model phases come about.
    pub(crate) fn label(&self) -> Label {
        self.label
    }

    /// Takes it on. False: somebody is at it already, and will go on with whatever is due.
    pub(crate) fn claim(&self) -> bool {
        !self.working.swap(true, Ordering::AcqRel)
    }

    /// When it ended; `None` if it is not over. Of one that ended under an earlier version, this is not known.
    pub(super) fn ended(&self) -> Option<DateTime<Utc>> {
        let progress = lock(&self.progress);
        (progress.stage == Stage::Over).then(|| progress.ended.unwrap_or_default())
    }

    /// Whether there is something to be done now.
    pub(super) fn is_due(&self) -> bool {
        lock(&self.progress).is_due()
    }

    /// Ends what goes on with a run that is no longer there.
    pub(super) fn forget(&self) {
        lock(&self.progress).stage = Stage::Over;
        self.changed.send_replace(());
    }

    /// What comes next, and what is known for it. `None`: it waits or is over, and whoever was at it is not any more.
    pub(crate) fn due(&self) -> Option<(Stage, PipelineJob)> {
        let progress = lock(&self.progress);
        let due = progress.is_due();
        // Under the lock, so that whoever lets it go on meanwhile finds it free.
        self.working.store(due, Ordering::Release);
        due.then(|| (progress.stage, progress.job.clone()))
    }

    /// Goes one stage further, all at once.
    pub(super) fn update(&self, now: DateTime<Utc>, act: impl FnOnce(&mut RunContext<'_>)) {
        act(&mut RunContext { id: &self.id, now, progress: &mut lock(&self.progress) });
        self.changed.send_replace(());
    }

    /// Ends a stage, all at once: notes what it took, and makes its changes.
    pub(crate) fn end_stage(
        &self,
        now: DateTime<Utc>,
        stage: Stage,
        told: Vec<ModelCall>,
        ms: f64,
        done: Result<Transition, Failure>,
    ) {
        self.update(now, |context| {
            // It may be gone: the state may have been replaced meanwhile.
            if context.progress.stage != stage {
                return;
            }
            context.progress.llm_calls.extend(told.into_iter().map(Into::into));
            context.progress.steps.push(TraceStep { name: stage.name().to_owned(), ms });
            if let Err(failure) = done.and_then(|transition| transition(context)) {
                context.fail(&failure);
            }
        });
    }

    /// Takes what a person has answered. The run is due then.
    pub(super) fn answer(
        &self,
        caller: &Caller,
        answer: Value,
        now: DateTime<Utc>,
    ) -> Result<(), NotWaiting> {
        let question = lock(&self.progress).waiting.take().ok_or(NotWaiting)?;
        self.update(now, |context| {
            context.tell("emulator.answered", Answered { kind: question.kind() });
            question.answered(caller, answer, context);
        });
        Ok(())
    }

    /// What the run has done so far.
    pub(crate) fn trace(&self) -> Trace {
        Trace::of(&self.id, &lock(&self.progress))
    }

    /// The events from the first on, until the run ends or waits for a person.
    pub(crate) fn events_until_it_waits(self: &Arc<Self>) -> BoxStream<'static, EventBytes> {
        self.stream(0, |progress| progress.stage == Stage::Over || progress.waiting.is_some())
    }

    /// The events from one on, until the run ends.
    pub(crate) fn events(self: &Arc<Self>, from: usize) -> BoxStream<'static, EventBytes> {
        self.stream(from, |progress| progress.stage == Stage::Over)
    }

    fn stream(
        self: &Arc<Self>,
        from: usize,
        is_all: fn(&Progress) -> bool,
    ) -> BoxStream<'static, EventBytes> {
        let changed = self.changed.subscribe();
        futures::stream::unfold(
            (Arc::clone(self), changed, from),
            move |(run, mut changed, next)| async move {
                loop {
                    // Marked as seen before looking, so that no change falls between the two.
                    changed.mark_unchanged();
                    let (event, all) = {
                        let progress = lock(&run.progress);
                        (progress.events.get(next).cloned(), is_all(&progress))
                    };
                    if let Some(event) = event {
                        return Some((event, (run, changed, next + 1)));
                    }
                    if all || changed.changed().await.is_err() {
                        return None;
                    }
                }
            },
        )
        .boxed()
    }
}
