//! Messages to agents.

use bytes::Bytes;
use datalinks_gen::Row;
use serde::Serialize;
use serde_json::Value;
use uuid::Builder;

use super::{
    Agent,
    answer::AgentAnswer,
    part::{AgentPart, AgentPartContent},
    rpc,
    stream::AgentStream,
};
use crate::{
    client::segment,
    error::Error,
    platform::random,
    stream::EVENT_LIMIT,
    types::{Model, impl_into_future},
};

impl Agent {
    /// Returns a builder for a message to the agent, whose first part is `text`. Await it for the result, or open the
    /// events with [`AgentAsk::stream`].
    ///
    /// The message needs a namespace ([`AgentAsk::namespace`]). Asking costs model tokens.
    ///
    /// Awaiting sends `SendMessage`, and may take minutes. The call is not retried after an ambiguous outcome: the agent
    /// may have started to work.
    ///
    /// # Errors
    ///
    /// Awaiting the builder returns:
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if the namespace is missing or
    ///   empty, or if a part cannot be written.
    /// - [`JsonRpc`](crate::ErrorKind::JsonRpc) if the agent responds with an error. The HTTP status is 200 then, and
    ///   the code is [`Error::rpc_code`].
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the agent does not exist.
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the response is not a JSON-RPC response to the
    ///   request.
    ///
    /// A task that failed is not an error: see [`AgentAnswer::into_completed`].
    ///
    /// # Cancel safety
    ///
    /// Awaiting the builder is not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    ///
    /// # Examples
    ///
    /// A conversation goes on with the context of the answer before:
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let assistant = dl.agent("assistant")?;
    /// let tallest = assistant.ask("Which trees are the tallest?").namespace("arboretum").await?;
    /// let mut more = assistant.ask("And the youngest?").namespace("arboretum");
    /// if let Some(context) = tallest.context_id() {
    ///     more = more.context_id(context);
    /// }
    /// println!("{}", more.await?.text());
    /// # Ok(())
    /// # }
    /// ```
    pub fn ask(&self, text: impl Into<String>) -> AgentAsk {
        AgentAsk::new(self.clone(), text.into())
    }
}

/// A builder for a message to an agent, made by [`Agent::ask`].
///
/// Await it for the result, or open the events with [`stream`](Self::stream). Nothing is sent before.
///
/// A message needs a namespace ([`namespace`](Self::namespace)). Everything else is optional and omitted unless it is
/// set.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited or opened"]
pub struct AgentAsk {
    agent: Agent,
    message_id: String,
    context_id: Option<String>,
    parts: Vec<AgentPart>,
    metadata: Row,
    accepted_output_modes: Option<Vec<String>>,
    event_limit: usize,
}

#[derive(Serialize)]
struct Params<'a> {
    message: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Configuration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    message_id: &'a str,
    role: &'static str,
    parts: &'a [AgentPart],
    metadata: &'a Row,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    accepted_output_modes: &'a [String],
}

impl AgentAsk {
    pub(super) fn new(agent: Agent, text: String) -> Self {
        Self {
            agent,
            // The jitter seed of the client does not count: ids have to differ between runs of a program.
            message_id: Builder::from_random_bytes(random::long().to_be_bytes()).into_uuid().to_string(),
            context_id: None,
            parts: vec![AgentPart::text(text)],
            metadata: Row::new(),
            accepted_output_modes: None,
            event_limit: EVENT_LIMIT,
        }
    }

    /// Sets the namespace whose data the agent uses. Required.
    ///
    /// The namespace is one of your own, or one that was shared with you: agents take no owner. The service looks for it
    /// in the metadata of the message, in the member `namespace`.
    pub fn namespace(self, name: impl Into<String>) -> Self {
        self.metadata("namespace", name.into())
    }

    /// Continues a conversation, by the id of an earlier result ([`AgentAnswer::context_id`]). The agent `assistant`
    /// takes it.
    pub fn context_id(mut self, id: impl Into<String>) -> Self {
        self.context_id = Some(id.into());
        self
    }

    /// Sets the model that the agent uses, in the members `model` and `provider` of the metadata. The service chooses
    /// one if this is not set.
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        let Model { name, provider } = model.into();
        for (key, value) in [("model", name), ("provider", provider)] {
            match value {
                Some(value) => drop(self.metadata.insert(key.to_owned(), value.into())),
                None => drop(self.metadata.remove(key)),
            }
        }
        self
    }

    /// Adds a part after the text.
    pub fn part(mut self, part: AgentPart) -> Self {
        self.parts.push(part);
        self
    }

    /// Sets the kinds of parts that the agent may send, for example `text` and `data`. The agent sends its defaults
    /// ([`AgentCard::default_output_modes`](super::AgentCard::default_output_modes)) if this is not set.
    pub fn accepted_output_modes(mut self, modes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.accepted_output_modes = Some(modes.into_iter().map(Into::into).collect());
        self
    }

    /// Sets a member of the metadata of the message. A later value of the same name replaces an earlier one, those of
    /// [`namespace`](Self::namespace) and [`model`](Self::model) included.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets the id of the message. Defaults to a random UUID.
    pub fn message_id(mut self, id: impl Into<String>) -> Self {
        self.message_id = id.into();
        self
    }

    /// Sets the maximum length of an event of [`stream`](Self::stream), in bytes. A longer event is an error. Defaults
    /// to 16 MiB.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// Sends the message (`SendStreamingMessage`) and returns the stream of events once it is open.
    ///
    /// The call is not retried after an ambiguous outcome: the agent may have started to work, which costs.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if the namespace is missing or
    ///   empty, or if a part cannot be written.
    /// - [`JsonRpc`](crate::ErrorKind::JsonRpc) if the agent responds with an error instead of a stream, whatever the
    ///   content type of that response is.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the agent does not exist.
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the response is not an event stream. The
    ///   error names the content type and keeps the start of the body.
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If the future is dropped after the request was sent, the outcome is ambiguous.
    pub async fn stream(self) -> Result<AgentStream, Error> {
        let body = self.body("SendStreamingMessage")?;
        self.agent.open(body, self.event_limit).await
    }

    async fn send(self) -> Result<AgentAnswer, Error> {
        const METHOD: &str = "SendMessage";
        let body = self.body(METHOD)?;
        let (exchange, response) = self.agent.request(METHOD, body, true).await?;
        let answer = rpc::result(&response).and_then(AgentAnswer::of_result);
        let mut answer = answer.map_err(|fault| exchange.error(fault, &response))?;
        let redactor = &exchange.facts.context.redactor;
        match &mut answer {
            AgentAnswer::Task(task) => task.clean(redactor),
            AgentAnswer::Message(message) => message.guard(redactor),
        }
        Ok(answer)
    }

    fn body(&self, method: &'static str) -> Result<Bytes, Error> {
        let namespace = match self.metadata.get("namespace") {
            Some(Value::String(name)) => name,
            Some(_) => return Err(Error::invalid("namespace: the member of the metadata is not a string")),
            None => {
                return Err(Error::invalid("the message to the agent has no namespace")
                    .advice("set it with AgentAsk::namespace; nothing was sent"));
            }
        };
        segment("namespace", namespace)?;
        if self.parts.iter().any(|part| matches!(part.content, AgentPartContent::Unknown(_))) {
            return Err(Error::invalid("a part of the message to the agent has an unknown form")
                .advice("create parts with the constructors of AgentPart; nothing was sent"));
        }
        let message = Message {
            message_id: &self.message_id,
            role: "ROLE_USER",
            parts: &self.parts,
            metadata: &self.metadata,
            context_id: self.context_id.as_deref(),
        };
        let modes = self.accepted_output_modes.as_deref();
        let configuration = modes.map(|accepted_output_modes| Configuration { accepted_output_modes });
        rpc::encode(method, Some(Params { message, configuration }))
    }
}

impl_into_future!(AgentAsk => AgentAnswer);

crate::client::builder_options!(AgentAsk, agent);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::DataLinks;

    fn ask() -> AgentAsk {
        // Nothing is sent by it.
        let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        client.agent("nl2ql").unwrap().ask("why?")
    }

    #[test]
    fn documented_defaults() {
        let ask = ask();
        assert_eq!(ask.event_limit, 16 * 1024 * 1024);
        assert_eq!(ask.message_id.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
    }

    #[test]
    fn message_ids_differ_although_clients_have_the_same_jitter_seed() {
        let ids = (0..100).map(|_| {
            let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").jitter_seed(7).build().unwrap();
            client.agent("nl2ql").unwrap().ask("why?").message_id
        });
        assert_eq!(ids.collect::<std::collections::HashSet<_>>().len(), 100);
    }

    #[test]
    fn rejects_parts_of_an_unknown_form() {
        let part: AgentPart = serde_json::from_str(r#"{"later":1}"#).unwrap();
        let error = ask().namespace("a").part(part).body("SendMessage").unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::InvalidInput);
        assert!(
            error.to_string().contains("a part of the message to the agent has an unknown form"),
            "{error}"
        );
    }

    #[test]
    fn last_value_of_a_metadata_member_counts() {
        let ask = ask().metadata("provider", "x").model("m").namespace("a").metadata("namespace", "b");
        assert_eq!(Value::from(ask.metadata), serde_json::json!({ "model": "m", "namespace": "b" }));
    }
}
