//! Questions in plain words, answered as a stream of events.

mod context;
mod conversations;
mod event;
mod outcome;
mod poll;
mod resume;
mod resumption;
mod runs;
mod stream;

use datalinks_gen::{api::types, progenitor_client::Error as GenError};

pub use context::CallerContext;
pub use conversations::{Conversation, ConversationSummary};
pub use event::{
    AskAnswer, AskEvent, AskFailure, AskPlan, AskStep, AutoRagAnswer, QueryExecuting, RunStarted, StepStarted,
};
pub use poll::{RunState, RunStatus};
pub use resume::ResumePolicy;
pub use runs::{AgentRun, RateRun};
pub use stream::AskStream;

use crate::{
    datasets::Namespace,
    error::Error,
    stream::EVENT_LIMIT,
    types::{Model, impl_into_future},
};

impl Namespace {
    /// A question in plain words about the data of this namespace, answered by the service's agent
    /// (AutoRAG), which plans, queries and answers. It costs model tokens.
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

/// A question about to be asked: open it with [`stream`](Self::stream), or await it for the answer.
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

    /// Words that guide the agent beside the question.
    pub fn helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.body.helper_prompt = Some(text.into());
        self
    }

    /// The model of the whole run. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        (self.body.model, self.body.provider) = (name, provider);
        self
    }

    /// Another model for planning. For a stage, what is given here replaces [`model`](Self::model) as a whole:
    /// naming only a model drops the run's provider.
    pub fn plan_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().plan = Some(stage(model.into()));
        self
    }

    /// Another model for writing queries; see [`plan_model`](Self::plan_model).
    pub fn query_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().query = Some(stage(model.into()));
        self
    }

    /// Another model for answering; see [`plan_model`](Self::plan_model).
    pub fn answer_model(mut self, model: impl Into<Model>) -> Self {
        self.stages().answer = Some(stage(model.into()));
        self
    }

    /// What the caller knows and the agent should too: what was said before, oldest first, and facts.
    pub fn caller_context(mut self, context: CallerContext) -> Self {
        self.body.caller_context = Some(context.into_wire());
        self
    }

    /// Goes on with a conversation, by the id that its first run reported.
    pub fn conversation(mut self, id: impl Into<String>) -> Self {
        self.body.conversation_id = Some(id.into());
        self
    }

    /// Whether the agent may search the web. The vendor's client says that only `false` has an effect.
    pub fn web_search(mut self, allowed: bool) -> Self {
        self.body.web_search = Some(allowed);
        self
    }

    /// The longest event that is read, in bytes; a longer one is an error. Default 16 MiB.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// Reaches the run again if the stream is interrupted. Off by default.
    ///
    /// An interruption is a lost connection, silence, or an end without a last event. The stream then asks the service
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
    ///   [`Timeout`](crate::ErrorKind::Timeout) and says how to look at the run again.
    ///
    /// The vendor's contract says that the agent behind this call writes no checkpoints, so that resuming a run in
    /// progress always responds with 409. The service does not document whether a run survives the loss of the
    /// connection that started it. If it does not, the polling ends with what the status then says, or with the
    /// timeout.
    ///
    /// If another client resumes the same run, the service ends the earlier stream, which counts as an interruption.
    /// The number of attempts without a new event is limited
    /// ([`ResumePolicy::max_reconnects_without_progress`]), so that no two clients take the run over from each other
    /// for ever.
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

    /// Asks, and answers once the stream is open. Asking again after an ambiguous outcome would cost a
    /// second run, so it is done only when nothing was carried out.
    ///
    /// # Errors
    ///
    /// As any call; and [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) when what comes is no
    /// event stream.
    pub async fn stream(self) -> Result<AskStream, Error> {
        let client = self.namespace.client();
        let call = client.call();
        let result = call.client().autorag_stream(&self.body).await;
        let (bytes, facts) = call.finish_with_facts(result)?;
        let idle = client.connection().transport.idle.of("autoragStream");
        let stream = AskStream::open(bytes.into_inner(), facts, idle, self.event_limit)?;
        Ok(match self.resume {
            Some(policy) => stream.resuming(client.clone(), policy),
            None => stream,
        })
    }

    /// Asks, waits for the end, which may take minutes, and answers with the steps that led to it: the
    /// operation without a stream. Awaiting the question itself reads the stream instead, which notices a
    /// server that is gone.
    ///
    /// Steps that cannot be read do not discard the answer. They are left in the field `steps` of
    /// [`extra`](AutoRagAnswer::extra).
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: that would cost a second run.
    pub async fn autorag(self) -> Result<AutoRagAnswer, Error> {
        let call = self.namespace.client().call();
        let result = call.client().autorag(&self.body).await;
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some(answer) = outcome::answer_of_body(body)
        {
            return Ok(answer);
        }
        call.finish(result)
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
