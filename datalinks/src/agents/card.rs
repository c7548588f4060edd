//! Cards of agents, and the list of agents.

use datalinks_gen::Row;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::proto::{Members, is_default, items, no_items, or_default};
use crate::{client::config::Address, secrets::Redactor, types::Listing};

/// An agent in the list of agents.
///
/// Serialized, it has the form of the list, without `foreign_addresses`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentEntry {
    /// The name, which [`DataLinks::agent`](crate::DataLinks::agent) takes.
    pub name: String,
    /// The address of the agent. Requests do not go there, but to the host of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address of its card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_card: Option<String>,
    /// Addresses in this entry that are not of the origin of the client's host. Set by this crate, which never sends a
    /// request to them.
    #[serde(skip)]
    pub foreign_addresses: Vec<String>,
    /// Other members of the entry.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            name: members.required("name")?,
            url: members.optional("url"),
            agent_card: members.optional("agentCard"),
            foreign_addresses: Vec::new(),
            extra: members.rest(),
        })
    }
}

/// The card of an agent: what it does and how it is called.
///
/// Members other than the name are empty if the agent leaves them out.
///
/// Serialized, the card has the form of the protocol. Members that are empty, items that could not be read, and
/// `foreign_addresses` are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentCard {
    /// The display name. The name that [`DataLinks::agent`](crate::DataLinks::agent) takes is in the list of agents.
    pub name: String,
    /// Description of the agent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The version of the agent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Optional parts of the protocol that the agent offers.
    #[serde(skip_serializing_if = "is_default")]
    pub capabilities: AgentCapabilities,
    /// Kinds of parts that the agent reads: `text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_input_modes: Vec<String>,
    /// Kinds of parts that the agent sends unless the caller accepts others: `text` and `data`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_output_modes: Vec<String>,
    /// Capabilities of the agent.
    #[serde(skip_serializing_if = "no_items", serialize_with = "items")]
    pub skills: Listing<AgentSkill>,
    /// Ways to authenticate, by name.
    #[serde(skip_serializing_if = "Row::is_empty")]
    pub security_schemes: Row,
    /// Combinations of those ways, one of which a request needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_requirements: Vec<Value>,
    /// Addresses and protocols by which the agent is called.
    #[serde(skip_serializing_if = "no_items", serialize_with = "items")]
    pub supported_interfaces: Listing<AgentInterface>,
    /// The protocol that the agent prefers: `JSONRPC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_transport: Option<String>,
    /// Addresses in this card that are not of the origin of the client's host. Set by this crate, which never sends a
    /// request to them.
    #[serde(skip)]
    pub foreign_addresses: Vec<String>,
    /// Other members of the card.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentCard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            name: members.required("name")?,
            description: members.optional("description"),
            version: members.optional("version"),
            capabilities: members.optional("capabilities"),
            default_input_modes: members.optional("defaultInputModes"),
            default_output_modes: members.optional("defaultOutputModes"),
            skills: members.listing("skills"),
            security_schemes: members.row("securitySchemes"),
            security_requirements: members.optional("securityRequirements"),
            supported_interfaces: members.listing("supportedInterfaces"),
            preferred_transport: members.optional("preferredTransport"),
            foreign_addresses: Vec::new(),
            extra: members.rest(),
        })
    }
}

/// Optional parts of the protocol that an agent offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentCapabilities {
    /// `true` if [`AgentAsk::stream`](super::AgentAsk::stream) works, or `None` if the card does not contain this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// `true` if the agent sends push notifications. `None` if the card does not contain this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_notifications: Option<bool>,
    /// `true` if [`Agent::extended_card`](super::Agent::extended_card) works, or `None` if the card does not contain this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_agent_card: Option<bool>,
    /// Other members, such as `extensions`.
    #[serde(flatten)]
    pub extra: Row,
}

impl<'de> Deserialize<'de> for AgentCapabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        Ok(Self {
            streaming: members.optional("streaming"),
            push_notifications: members.optional("pushNotifications"),
            extended_agent_card: members.optional("extendedAgentCard"),
            extra: members.rest(),
        })
    }
}

/// Something that an agent is able to do.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentSkill {
    /// The id of the skill.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The display name.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Description of the skill.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Keywords.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Messages that the skill is made for. The extended card has them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// Other members of the skill.
    #[serde(flatten)]
    pub extra: Row,
}

/// An address and a protocol by which an agent is called.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentInterface {
    /// The address.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The protocol: `JSONRPC`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub protocol_binding: String,
    /// The version of A2A: `1.0`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub protocol_version: String,
    /// Other members of the interface.
    #[serde(flatten)]
    pub extra: Row,
}

impl AgentEntry {
    /// Reports the addresses of other origins.
    pub(super) fn checked(mut self, host: &Address) -> Self {
        let addresses = [&self.url, &self.agent_card].into_iter().flatten();
        self.foreign_addresses = foreign(host, &self.name, addresses.map(String::as_str));
        self
    }
}

impl AgentCard {
    /// Reports the addresses of other origins.
    pub(super) fn checked(mut self, host: &Address) -> Self {
        let interfaces = self.supported_interfaces.iter().map(|interface| interface.url.as_str());
        // Cards of earlier versions of the protocol.
        let older = self.extra.get("additionalInterfaces").and_then(Value::as_array).into_iter().flatten();
        let older = older.filter_map(|interface| interface.get("url"));
        let older = older.chain(self.extra.get("url")).filter_map(Value::as_str);
        self.foreign_addresses = foreign(host, &self.name, interfaces.chain(older));
        self
    }

    /// Strikes secrets from what is set aside.
    pub(super) fn cleaned(mut self, redactor: &Redactor) -> Self {
        let rejected = self.skills.rejected.iter_mut().chain(&mut self.supported_interfaces.rejected);
        rejected.for_each(|item| item.clean(redactor));
        self
    }
}

fn foreign<'a>(host: &Address, agent: &str, addresses: impl Iterator<Item = &'a str>) -> Vec<String> {
    let foreign: Vec<String> =
        addresses.filter(|address| !host.is_origin_of(address)).map(str::to_owned).collect();
    if !foreign.is_empty() {
        tracing::warn!(
            agent,
            addresses = foreign.len(),
            "agent names addresses of another origin, which are not used"
        );
    }
    foreign
}
