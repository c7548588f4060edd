//! Questions in natural language, runs of the agent that answers them, and conversations.

mod changes;
mod context;
mod conversation;
mod conversations;
mod dates;
mod event;
mod evidence;
mod named_values;
mod numbers;
mod outcome;
mod payload;
mod poll;
mod repetition;
mod resume;
mod resumption;
mod run_started;
mod run_status;
mod runs;
mod stream;
mod unsupported;
mod verification;
mod verify;

use datalinks_gen::{api::types, progenitor_client::Error as GenError};

pub use changes::RowChanges;
pub use context::CallerContext;
pub use conversation::{Conversation, ConversationTurn};
pub use conversations::ConversationSummary;
pub use event::AskEvent;
pub use payload::{
    AskAnswer, AskFailure, AskPlan, AskStep, AutoRagAnswer, AutoRagStep, QueryExecuting, StepStarted,
};
pub use resume::ResumePolicy;
pub use run_started::RunStarted;
pub use run_status::{RunState, RunStatus};
pub use runs::{AgentRun, RateRun};
pub use stream::AskStream;
pub use unsupported::UnsupportedSentence;
pub use verification::{StepOutcome, Verification, VerifiedStep};
pub use verify::Verify;

use crate::{
    datasets::Namespace,
    error::Error,
    stream::EVENT_LIMIT,
    types::{FromWire as _, Model, impl_into_future},
};

impl Namespace {
    /// Returns a builder for a question about the data of this namespace. Await it for the answer, or open it with
    /// [`stream`](Ask::stream) for the events that lead to the answer.
    ///
    /// The service's agent (AutoRAG) plans, queries and answers. A question costs model tokens.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Ask::stream`] and [`AskStream::answer`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// use datalinks::AskEvent;
    ///
    /// let mut events = dl.namespace("cinema")?.ask("Who directed Alien?").stream().await?;
    /// while let Some(event) = events.next().await {
    ///     match event? {
    ///         AskEvent::Step(step) => println!("{}: {}", step.index, step.instruction),
    ///         AskEvent::Answer(answer) => println!("{}", answer.response),
    ///         _ => {} // the list of events is open
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ask(&self, question: impl Into<String>) -> Ask {
        Ask::new(self.clone(), question.into())
    }
}

/// A builder for a question. Await it for the answer, or open it with [`stream`](Self::stream).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited or opened"]
pub struct Ask {
    namespace: Namespace,
    body: types::AutoRagRequest,
    event_limit: usize,
    resume: Option<ResumePolicy>,
}

impl Ask {
    pub(crate) fn new(namespace: Namespace, question: String) -> Self {
        let body = types::AutoRagRequest {
            username: namespace.owner().to_owned(),
            namespace: namespace.name().to_owned(),
            query: question,
            caller_context: None,
            conversation_id: None,
            helper_prompt: None,
            model: None,
            models: None,
            provider: None,
            web_search: None,
        };
        Self { namespace, body, event_limit: EVENT_LIMIT, resume: None }
    }

    /// Sets instructions for the agent, in addition to the question.
    pub fn helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.body.helper_prompt = Some(text.into());
        self
    }

    /// Sets the model of the whole run. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.body.model, self.body.provider) = (name, provider);
        self
    }

    /// Sets another model for planning. It replaces [`model`](Self::model) as a whole for this stage: a model without a provider
    /// does not use the provider of the run.
    pub fn plan_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().plan = Some(stage(model.into()));
        self
    }

    /// Sets another model for writing queries, see [`plan_model`](Self::plan_model).
    pub fn query_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().query = Some(stage(model.into()));
        self
    }

    /// Sets another model for answering, see [`plan_model`](Self::plan_model).
    pub fn answer_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().answer = Some(stage(model.into()));
        self
    }

    /// Sets the context of the caller: earlier turns of a dialog, oldest first, and facts.
    pub fn caller_context(mut self, context: CallerContext) -> Self {
        self.body.caller_context = Some(context.into_wire());
        self
    }

    /// Continues a conversation, by the id that its first run reported.
    pub fn conversation(mut self, id: impl Into<String>) -> Self {
        self.body.conversation_id = Some(id.into());
        self
    }

    /// Sets whether the agent may search the web. The vendor's client documents that only `false` has an effect.
    pub fn web_search(mut self, allowed: bool) -> Self {
        self.body.web_search = Some(allowed);
        self
    }

    /// Sets the maximum length of an event in bytes. A longer event is an error. Defaults to 16 MiB.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// Resumes the run if the stream is interrupted. Off by default.
    ///
    /// An interruption is a lost connection, silence, or an end without a last event. The stream then requests the service
    /// to resume the run, by the id that [`run-started`](AskEvent::RunStarted) reported, and yields
    /// [`Restarted`](AskEvent::Restarted) when the service has responded. Events that were yielded before are
    /// skipped.
    ///
    /// - If the service resumes the run, its events follow.
    /// - If it does not, because the run has no checkpoint (409) or has ended (410, 422), the status of the run is
    ///   polled until the run has ended, for 600 seconds at most ([`ResumePolicy::poll_timeout`]). The stream then
    ///   yields a [`Step`](AskEvent::Step) for each step of the result that was not yielded before, and the
    ///   [`Answer`](AskEvent::Answer). Steps that cannot be read are left in its
    ///   [`extra`](crate::ask::AskAnswer::extra), in the field `steps`. A failed run ends the stream with [`Error`](AskEvent::Error), an expired one
    ///   with [`Terminal`](AskEvent::Terminal), a deleted one with an `Err` of kind
    ///   [`NotFound`](crate::ErrorKind::NotFound). If the time is up, the `Err` has the kind
    ///   [`Timeout`](crate::ErrorKind::Timeout) and names the method that reads the status again.
    ///
    /// The vendor's contract documents that the agent behind this call writes no checkpoints, so that resuming a run in
    /// progress always fails with 409. The service does not document whether a run survives the loss of the
    /// connection that started it. If it does not, the polling ends with the state that the status then has, or with the
    /// timeout.
    ///
    /// If another client resumes the same run, the service ends the earlier stream, which counts as an interruption.
    /// The number of attempts without a new event is limited
    /// ([`ResumePolicy::max_reconnects_without_progress`]), so that two clients do not take the run over from each
    /// other without end.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(films: datalinks::Namespace) -> Result<(), datalinks::Error> {
    /// use std::time::Duration;
    /// use datalinks::ask::ResumePolicy;
    ///
    /// let policy = ResumePolicy::default().poll_timeout(Duration::from_secs(120));
    /// let answer = films.ask("Which film is the oldest?").resume(policy).await?;
    /// println!("{}", answer.response);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(mut self, policy: ResumePolicy) -> Self {
        self.resume = Some(policy);
        self
    }

    /// Sends the question, and returns a stream of events once the service has accepted it.
    ///
    /// # Errors
    ///
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the response is not an event stream.
    ///
    /// The call is not retried after an ambiguous outcome: a second run would cost tokens again.
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub async fn stream(self) -> Result<AskStream, Error> {
        let client = self.namespace.client();
        let call = client.call();
        let result = call.client().autorag_stream(&self.body).await;
        let (bytes, facts) = call.finish_with_facts(result)?;
        let idle = client.connection().transport.idle.of("autoragStream");
        let stream = AskStream::open(bytes.into_inner(), facts, idle, self.event_limit)?.asked();
        Ok(match self.resume {
            Some(policy) => stream.resuming(client.clone(), policy),
            None => stream,
        })
    }

    /// Sends the question by the operation without a stream, and returns the answer with its steps. The response may take
    /// minutes.
    ///
    /// Awaiting the builder reads the stream instead, which detects a server that does not respond any more.
    ///
    /// Steps that cannot be decoded do not discard the answer. They are in the field `steps` of
    /// [`extra`](AutoRagAnswer::extra).
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](crate::error#errors-of-every-call). The call is not retried after an ambiguous
    /// outcome: a second run would cost tokens again.
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub async fn autorag(self) -> Result<AutoRagAnswer, Error> {
        let call = self.namespace.client().call();
        let result = call.client().autorag(&self.body).await;
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some(answer) = outcome::answer_of_body(body)
        {
            return Ok(answer);
        }
        call.finish(result).map(AutoRagAnswer::from_wire)
    }

    fn stages(&mut self) -> &mut types::AutoRagStageModels {
        self.body.models.get_or_insert_default()
    }

    async fn send(self) -> Result<AskAnswer, Error> {
        self.stream().await?.answer().await
    }
}

impl_into_future!(Ask => AskAnswer);

fn stage(model: Model) -> types::AutoRagStageModel {
    types::AutoRagStageModel { model: model.name, provider: model.provider }
}

crate::client::builder_options!(Ask, namespace);
