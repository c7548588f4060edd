//! Questions in plain words, answered as a stream of events.

mod event;
mod stream;

use std::future::IntoFuture;

use datalinks_gen::api::types;
use futures::future::BoxFuture;

pub use event::{Answer, AskEvent, Failure, Plan, QueryExecuting, RunStarted, Step, StepStarted};
pub use stream::AskStream;

use crate::{Error, Namespace};

/// The longest event that is read, in bytes, unless set: this crate's choice.
pub(crate) const EVENT_LIMIT: usize = 16 * 1024 * 1024;

/// A question about to be asked: open it with [`stream`](Self::stream), or await it for the answer.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited or opened"]
pub struct Ask {
    namespace: Namespace,
    body: types::AutoRagRequest,
    event_limit: usize,
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
        Self { namespace, body, event_limit: EVENT_LIMIT }
    }

    /// Words that guide the agent beside the question.
    pub fn helper_prompt(mut self, text: impl Into<String>) -> Self {
        self.body.helper_prompt = Some(text.into());
        self
    }

    /// The model to use and who provides it. Unset, the service chooses.
    pub fn model(mut self, model: impl Into<String>, provider: impl Into<String>) -> Self {
        self.body.model = Some(model.into());
        self.body.provider = Some(provider.into());
        self
    }

    /// Goes on with a conversation, by the id that its first run reported.
    pub fn conversation(mut self, id: impl Into<String>) -> Self {
        self.body.conversation_id = Some(id.into());
        self
    }

    /// Keeps the agent from searching the web. The vendor's client says that only switching it off has
    /// an effect, so there is no switching on.
    pub fn without_web_search(mut self) -> Self {
        self.body.web_search = Some(false);
        self
    }

    /// The longest event that is read, in bytes; a longer one is an error. Default 16 MiB.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// Asks, and answers once the stream is open. Asking again after a doubtful end would cost a
    /// second run, so it is done only when nothing was carried out.
    ///
    /// # Errors
    ///
    /// As any call; and [`UnexpectedAnswer`](crate::ErrorKind::UnexpectedAnswer) when what comes is no
    /// event stream.
    pub async fn stream(self) -> Result<AskStream, Error> {
        let client = self.namespace.client();
        let call = client.call();
        let result = call.client().autorag_stream(&self.body).await;
        let (bytes, facts) = call.finish_with_facts(result)?;
        AskStream::open(bytes.into_inner(), facts, client.connection().transport.idle, self.event_limit)
    }

    async fn answer(self) -> Result<Answer, Error> {
        self.stream().await?.answer().await
    }
}

impl IntoFuture for Ask {
    type Output = Result<Answer, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.answer())
    }
}
