//! Agents over the agent-to-agent protocol (A2A), with messages as JSON objects.

use bytes::BytesMut;
use datalinks_gen::{Operation, PathSegment, Row, api::types};
use futures::TryStreamExt as _;
use serde_json::Value;

use crate::{DataLinks, Error, Listing, client::segment};

/// An agent by its name. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct Agent {
    client: DataLinks,
    name: PathSegment,
}

impl DataLinks {
    /// Returns the agents that can be called.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn agents(&self) -> Result<Listing<Row>, Error> {
        let call = self.call();
        let result = call.client().list_a2a_agents().await;
        let list: Listing<types::A2aAgentListItem> = call.finish_list(result)?;
        Ok(Listing { items: list.items.into_iter().map(|agent| agent.0).collect(), rejected: list.rejected })
    }

    /// One agent. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the name cannot stand in a path.
    pub fn agent(&self, name: impl AsRef<str>) -> Result<Agent, Error> {
        Ok(Agent { client: self.clone(), name: segment("agent", name.as_ref())? })
    }
}

impl Agent {
    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the card of the agent: its skills and how it is called.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn card(&self) -> Result<Row, Error> {
        let call = self.client.call();
        let result = call.client().get_a2a_agent_card(&self.name).await;
        call.finish(result).map(|card| card.0)
    }

    /// Sends one JSON-RPC request and returns the response, which may hold an `error` of the agent.
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
}
