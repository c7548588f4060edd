//! Agents over the agent-to-agent protocol (A2A). What their messages hold is not public: they are JSON
//! objects here.

use datalinks_gen::{PathSegment, Row, api::types};

use crate::{DataLinks, Error, Listing, client::segment};

/// An agent by its name. Cheap to clone; making one sends nothing.
#[derive(Clone, Debug)]
pub struct Agent {
    client: DataLinks,
    name: PathSegment,
}

impl DataLinks {
    /// The agents that can be called.
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

    /// What it says of itself.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn card(&self) -> Result<Row, Error> {
        let call = self.client.call();
        let result = call.client().get_a2a_agent_card(&self.name).await;
        call.finish(result).map(|card| card.0)
    }

    /// Sends one JSON-RPC request and answers what comes, an `error` of the agent included.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after a doubtful end: the agent may have begun to work.
    pub async fn call(&self, request: Row) -> Result<Row, Error> {
        let call = self.client.call();
        let result = call.client().a2a_json_rpc(&self.name, &types::A2aJsonRpcRequest(request)).await;
        call.finish(result).map(|answer| answer.0)
    }
}
