//! One run of the pipeline: its progress, its events and the answers to its questions.

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

/// A run of the pipeline.
#[derive(Debug)]
pub(crate) struct PipelineRun {
    pub(super) id: String,
    pub(super) owner: String,
    /// The source of the results of its model phases.
    pub(super) label: Label,
    pub(super) progress: Mutex<Versioned<Progress>>,
    /// Set while a worker has claimed the run.
    working: AtomicBool,
    changed: watch::Sender<()>,
}

/// The error of an answer to a run that does not wait for one.
#[derive(Debug)]
pub(crate) struct NotWaiting;

/// The facts of a person's answer.
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

    /// Creates a run with the given progress.
    pub(super) fn with(id: String, owner: String, label: Label, progress: Progress) -> Self {
        let (progress, changed) = (Mutex::new(progress.into()), watch::Sender::new(()));
        Self { id, owner, label, progress, working: AtomicBool::new(false), changed }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns `true` if the run belongs to the caller and the token covers its namespace, because a run shows rows of
    /// the namespace.
    pub(crate) fn belongs_to(&self, caller: &Caller) -> bool {
        self.owner == caller.user && caller.reaches_all(&lock(&self.progress).job.namespace)
    }

    /// Returns the source of the results of its model phases.
    pub(crate) fn label(&self) -> Label {
        self.label
    }

    /// Claims the run for a worker. Returns `false` if another worker has claimed it and will continue with whatever is
    /// due.
    pub(crate) fn claim(&self) -> bool {
        !self.working.swap(true, Ordering::AcqRel)
    }

    /// Returns the time of the end, or `None` if the run has not ended. For runs that ended under an earlier version,
    /// the time is the epoch.
    pub(super) fn ended(&self) -> Option<DateTime<Utc>> {
        let progress = lock(&self.progress);
        (progress.stage == Stage::Over).then(|| progress.ended.unwrap_or_default())
    }

    /// Returns `true` if a stage is due.
    pub(super) fn is_due(&self) -> bool {
        lock(&self.progress).is_due()
    }

    /// Ends the streams of a run that no longer exists.
    pub(super) fn discard(&self) {
        lock(&self.progress).stage = Stage::Over;
        self.changed.send_replace(());
    }

    /// Returns the next stage and its job. Returns `None`, and releases the worker's claim, if the run has ended or
    /// waits for a person.
    pub(crate) fn due(&self) -> Option<(Stage, PipelineJob)> {
        let progress = lock(&self.progress);
        let due = progress.is_due();
        // Stored under the lock, so that an answer arriving now finds the run unclaimed.
        self.working.store(due, Ordering::Release);
        due.then(|| (progress.stage, progress.job.clone()))
    }

    /// Changes the run in one step and notifies its streams.
    pub(super) fn update(&self, now: DateTime<Utc>, act: impl FnOnce(&mut RunContext<'_>)) {
        act(&mut RunContext { id: &self.id, now, progress: &mut lock(&self.progress) });
        self.changed.send_replace(());
    }

    /// Ends a stage: records its cost and applies its changes in one step.
    pub(crate) fn end_stage(
        &self,
        now: DateTime<Utc>,
        stage: Stage,
        model_calls: Vec<ModelCall>,
        ms: f64,
        done: Result<Transition, Failure>,
    ) {
        self.update(now, |context| {
            // The state may have been replaced in the meantime.
            if context.progress.stage != stage {
                return;
            }
            context.progress.llm_calls.extend(model_calls.into_iter().map(Into::into));
            context.progress.steps.push(TraceStep { name: stage.name().to_owned(), ms });
            if let Err(failure) = done.and_then(|transition| transition(context)) {
                context.fail(&failure);
            }
        });
    }

    /// Applies the answer of a person. The run is due afterwards.
    pub(super) fn answer(
        &self,
        caller: &Caller,
        answer: Value,
        now: DateTime<Utc>,
    ) -> Result<(), NotWaiting> {
        let question = lock(&self.progress).waiting.take().ok_or(NotWaiting)?;
        self.update(now, |context| {
            context.emit("emulator.answered", Answered { kind: question.kind() });
            question.apply_answer(caller, answer, context);
        });
        Ok(())
    }

    /// Returns the trace of the run so far.
    pub(crate) fn trace(&self) -> Trace {
        Trace::of(&self.id, &lock(&self.progress))
    }

    /// Returns the events from the first one until the run ends or waits for a person.
    pub(crate) fn events_until_it_waits(self: &Arc<Self>) -> BoxStream<'static, EventBytes> {
        self.stream(0, |progress| progress.stage == Stage::Over || progress.waiting.is_some())
    }

    /// Returns the events from the given index until the run ends.
    pub(crate) fn events(self: &Arc<Self>, from: usize) -> BoxStream<'static, EventBytes> {
        self.stream(from, |progress| progress.stage == Stage::Over)
    }

    fn stream(
        self: &Arc<Self>,
        from: usize,
        is_complete: fn(&Progress) -> bool,
    ) -> BoxStream<'static, EventBytes> {
        let changed = self.changed.subscribe();
        futures::stream::unfold(
            (Arc::clone(self), changed, from),
            move |(run, mut changed, next)| async move {
                loop {
                    // Marked as seen before reading, so that no change is missed in between.
                    changed.mark_unchanged();
                    let (event, all) = {
                        let progress = lock(&run.progress);
                        (progress.events.get(next).cloned(), is_complete(&progress))
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
