//! Agents over version 1.0 of the agent-to-agent protocol (A2A).
//!
//! [`AgentAsk`] builds a message. It is sent as a JSON-RPC request (`rpc`) to the host of the client, whatever address
//! the card of the agent names, and comes back as an [`AgentAnswer`], or as an [`AgentStream`] of [`AgentEvent`]s.

mod answer;
mod ask;
mod assembly;
mod card;
mod event;
mod message;
mod part;
mod proto;
mod rpc;
mod stream;
mod task;

use bytes::{Bytes, BytesMut};
use datalinks_gen::{Operation, PathSegment, Row, api::types};
use futures::TryStreamExt as _;
use http::HeaderValue;
use serde::Deserialize as _;
use serde_json::Value;

pub use answer::AgentAnswer;
pub use ask::AgentAsk;
pub use card::{AgentCapabilities, AgentCard, AgentEntry, AgentInterface, AgentSkill};
pub use event::{AgentArtifactUpdate, AgentEvent, AgentStatusUpdate};
pub use message::{AgentMessage, AgentRole};
pub use part::{AgentData, AgentPart, AgentPartContent};
pub use stream::AgentStream;
pub use task::{AgentArtifact, AgentTask, AgentTaskState, AgentTaskStatus};

use crate::{
    client::{DataLinks, segment},
    error::Error,
    platform::clock,
    secrets,
    transport::{Body, CallOptions, Chunks, Facts, SseReader, media_type, operation},
    types::Listing,
};
use rpc::Exchange;

/// A handle to an agent, by its name.
///
/// Creating a handle sends nothing. Clones are cheap and share the client.
///
/// # Examples
///
/// ```
/// # use datalinks_emulator::Emulator;
/// use datalinks::DataLinks;
///
/// #[derive(serde::Deserialize, serde::Serialize)]
/// struct Tree {
///     tree: String,
///     height_m: f64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start().await?;
/// # let (host, key) = (emulator.api_url(), emulator.api_key());
/// let dl = DataLinks::builder(host, key).build()?;
/// let trees = dl.dataset("arboretum", "trees")?;
/// trees.create().await?;
/// trees.ingest([Tree { tree: "oak".into(), height_m: 21.0 }]).await?;
///
/// for agent in &*dl.agents().await? {
///     println!("{}: {}", agent.name, dl.agent(&agent.name)?.card().await?.description);
/// }
///
/// let answer = dl.agent("nl2ql")?.ask("Which trees are there?").namespace("arboretum").await?;
/// let task = answer.into_completed()?;
/// if let Some(query) = task.artifact("generated-query") {
///     println!("{}", query.text());
/// }
/// for tree in task.rows::<Tree>()? {
///     println!("{}: {} m", tree.tree, tree.height_m);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Agent {
    client: DataLinks,
    name: PathSegment,
}

impl DataLinks {
    /// Returns the agents that can be called. Works without a key.
    ///
    /// # Errors
    ///
    /// Returns the errors of every call, listed in [`Error`].
    pub async fn agents(&self) -> Result<Listing<AgentEntry>, Error> {
        let call = self.call();
        let result = call.client().list_a2a_agents().await;
        let list: Listing<types::A2aAgentListItem> = call.finish_list(result)?;
        let rows =
            Listing { items: list.items.into_iter().map(|agent| agent.0).collect(), rejected: list.rejected };
        let Listing { items, mut rejected } = rows.read::<AgentEntry>();
        let connection = self.connection();
        rejected.iter_mut().for_each(|item| item.clean(&connection.transport.redactor));
        let host = &connection.address;
        Ok(Listing { items: items.into_iter().map(|agent| agent.checked(host)).collect(), rejected })
    }

    /// Returns a handle to an agent. Sends nothing. The names are in the list of [`agents`](Self::agents).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is empty or cannot be a path segment.
    pub fn agent(&self, name: impl AsRef<str>) -> Result<Agent, Error> {
        Ok(Agent { client: self.clone(), name: segment("agent", name.as_ref())? })
    }
}

impl Agent {
    /// Returns the name of the agent.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the card of the agent: its skills and how it is called. Works without a key.
    ///
    /// The addresses in it are not used: every request goes to the host of the client. Those of another origin are in
    /// [`foreign_addresses`](AgentCard::foreign_addresses).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the agent does not exist.
    pub async fn card(&self) -> Result<AgentCard, Error> {
        let call = self.client.call();
        let result = call.client().get_a2a_agent_card(&self.name).await;
        let (card, facts) = call.finish_with_facts(result)?;
        let card = Value::from(card.0);
        let card = AgentCard::deserialize(&card).map_err(|error| {
            let what = format!("the card of the agent cannot be read: {error}");
            facts.unexpected(what, card.to_string().as_bytes()).caused_by(error)
        })?;
        Ok(card.checked(&self.client.connection().address).cleaned(&facts.context.redactor))
    }

    /// Returns the extended card of the agent (`GetExtendedAgentCard`), which has more about its skills, such as examples.
    ///
    /// # Errors
    ///
    /// - [`JsonRpc`](crate::ErrorKind::JsonRpc) if the agent has no extended card.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the agent does not exist.
    pub async fn extended_card(&self) -> Result<AgentCard, Error> {
        const METHOD: &str = "GetExtendedAgentCard";
        let (exchange, response) = self.request(METHOD, rpc::encode(METHOD, None::<()>)?, false).await?;
        let card = rpc::result(&response).and_then(|card| {
            serde_json::from_str::<AgentCard>(card.get())
                .map_err(|error| rpc::Fault::Malformed(format!("the card in it cannot be read: {error}")))
        });
        let card = card.map_err(|fault| exchange.error(fault, &response))?;
        Ok(card.checked(&self.client.connection().address).cleaned(&exchange.facts.context.redactor))
    }

    /// Sends one JSON-RPC request as it is and returns the response, which may hold an `error` of the agent.
    ///
    /// [`ask`](Self::ask) and [`extended_card`](Self::extended_card) are typed. This method is for all other requests.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the method is `SendStreamingMessage`, whose response is an
    /// event stream. The low-level call returns its bytes ([`DataLinks::raw`](crate::DataLinks::raw)).
    ///
    /// The call is not retried after an ambiguous outcome: the agent may have started to work.
    pub async fn call(&self, request: Row) -> Result<Row, Error> {
        let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
        let streams = Operation::by_id("a2aJsonRpc").map_or(&[][..], |operation| operation.stream_methods);
        if streams.contains(&method) {
            return Err(Error::invalid(format!(
                "the response to {method} is an event stream, which this call does not read; use SendMessage"
            )));
        }
        let call = self.client.call();
        let result = call.client().a2a_json_rpc(&self.name, &types::A2aJsonRpcRequest(request)).await;
        let (body, facts) = call.finish_with_facts(result)?;
        // The transport has read the body: only a stream is still to come.
        let body = body.into_inner().try_fold(BytesMut::new(), async |mut body, part| {
            body.extend_from_slice(&part);
            Ok(body)
        });
        let body =
            body.await.map_err(|error| facts.unexpected(format!("the body cannot be read: {error}"), b""))?;
        serde_json::from_slice(&body)
            .map_err(|error| facts.unexpected(format!("the response is not a JSON object: {error}"), &body))
    }

    /// Sends a request whose response is one JSON text, and returns it. `works` says whether the agent works then.
    async fn request(
        &self,
        method: &'static str,
        body: Bytes,
        works: bool,
    ) -> Result<(Exchange, Bytes), Error> {
        let options = self.options();
        // What only reads may be sent twice.
        let options = if works { options } else { options.retry_ambiguous(true) };
        let (exchange, body) = self.send(method, "application/json", body, works, &options).await?;
        match body {
            Body::Whole(body) => Ok((exchange, body)),
            Body::Open(_) => Err(exchange.facts.unexpected("the response is a stream", b"")),
        }
    }

    /// Sends a request whose response is an event stream, and opens it.
    async fn open(&self, body: Bytes, event_limit: usize) -> Result<AgentStream, Error> {
        let method = "SendStreamingMessage";
        let options = self.options();
        let (exchange, body) = self.send(method, "text/event-stream", body, true, &options).await?;
        let Body::Open(response) = body else {
            return Err(exchange.facts.unexpected("the response is not a stream", b""));
        };
        let idle = self.client.connection().transport.idle.of("a2aJsonRpc");
        let found = match media_type(&exchange.facts.headers) {
            "" => "no content type".to_owned(),
            found => secrets::start(found, 100),
        };
        if found.eq_ignore_ascii_case("text/event-stream") {
            let reader = SseReader::open(response.bytes_stream(), &exchange.facts, idle, event_limit);
            return match reader {
                Ok(reader) => Ok(AgentStream::new(reader, exchange)),
                Err(error) => Err(exchange.ambiguous(error)),
            };
        }
        // An error of the agent comes before the stream, as JSON of whatever content type.
        let parts = Chunks::new(response.bytes_stream(), idle, exchange.facts.context.clone());
        let left = options.timeout.map(|timeout| timeout.saturating_sub(exchange.facts.context.elapsed));
        let body = match left {
            Some(left) => {
                clock::timeout(left, whole(parts, event_limit, &found)).await.unwrap_or_else(|_| {
                    let what = "the time allowed for the call ended";
                    Err(Error::new(crate::error::ErrorKind::Timeout, what))
                })
            }
            None => whole(parts, event_limit, &found).await,
        };
        let body = body.map_err(|error| exchange.ambiguous(error))?;
        let fault = match rpc::result(&body) {
            Ok(_) => rpc::Fault::Malformed(format!("it is a JSON-RPC result, not an event stream ({found})")),
            Err(rpc::Fault::Malformed(what)) => {
                rpc::Fault::Malformed(format!("it is not an event stream ({found}), and {what}"))
            }
            Err(fault) => fault,
        };
        Err(exchange.error(fault, &body))
    }

    async fn send(
        &self,
        method: &'static str,
        accept: &'static str,
        body: Bytes,
        works: bool,
        options: &CallOptions,
    ) -> Result<(Exchange, Body), Error> {
        let connection = self.client.connection();
        let url = connection.address.join(&["a2a"], [&self.name]);
        let answer = connection.send(operation("a2aJsonRpc")?, url, accept, body, options).await?;
        let facts = Facts::of(&answer);
        Ok((Exchange { facts, method, works }, answer.body))
    }

    /// The options of the client, and the version of the protocol that the requests are written in.
    fn options(&self) -> CallOptions {
        let mut options = self.client.options().clone();
        options.headers.entry("a2a-version").or_insert(HeaderValue::from_static("1.0"));
        options
    }
}

/// Reads a body of at most `limit` bytes, whose content type is `found` instead of an event stream.
async fn whole(mut parts: Chunks, limit: usize, found: &str) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(part) = parts.try_next().await? {
        if body.len() + part.len() > limit {
            let what =
                format!("the response is not an event stream ({found}), and longer than {limit} bytes");
            return Err(Error::new(crate::error::ErrorKind::LimitExceeded, what));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

crate::client::handle_options!(Agent, crate::client::DataLinks, client);
