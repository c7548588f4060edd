//! Agent cards: the descriptions by which clients discover an agent and learn how to call it.

use serde::Serialize;

use super::{Agent, PROTOCOL};

/// The only supported transport.
const TRANSPORT: &str = "JSONRPC";

/// The card of an agent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    name: &'static str,
    description: String,
    version: &'static str,
    capabilities: Capabilities,
    default_input_modes: [&'static str; 1],
    default_output_modes: [&'static str; 2],
    skills: [Skill; 1],
    security_schemes: SecuritySchemes,
    security_requirements: [SecurityRequirement; 1],
    supported_interfaces: [Interface; 1],
    preferred_transport: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    streaming: bool,
    push_notifications: bool,
    extended_agent_card: bool,
}

#[derive(Serialize)]
struct Skill {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    tags: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    examples: &'static [&'static str],
}

#[derive(Serialize)]
struct SecuritySchemes {
    bearer: SecurityScheme,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecurityScheme {
    http_auth_security_scheme: HttpAuth,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpAuth {
    scheme: &'static str,
    bearer_format: &'static str,
}

#[derive(Serialize)]
struct SecurityRequirement {
    schemes: RequiredSchemes,
}

#[derive(Serialize)]
struct RequiredSchemes {
    bearer: Scopes,
}

#[derive(Serialize)]
struct Scopes {
    list: [&'static str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    protocol_binding: &'static str,
    url: String,
    protocol_version: &'static str,
}

/// An agent in the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    name: &'static str,
    url: String,
    agent_card: String,
}

/// The texts of a card that differ between agents.
struct Texts {
    name: &'static str,
    description: &'static str,
    /// Additional description, only in the extended card.
    more: &'static str,
    skill: Skill,
}

impl Agent {
    fn texts(self) -> Texts {
        match self {
            Self::Nl2ql => Texts {
                name: "NL2QL",
                description: "Writes a query for a question about the datasets of a namespace, and runs it.",
                more: "The query reads one dataset, follows links to others, filters, sorts and limits. The rows come \
                       with the score of each.",
                skill: Skill {
                    id: "nl2ql",
                    name: "Question to query",
                    description: "Writes a query and returns it with the rows that it finds.",
                    tags: &["query", "nl2ql"],
                    examples: &["Which are the three oldest films?", "Which films did Scott direct?"],
                },
            },
            Self::Assistant => Texts {
                name: "Assistant",
                description: "Plans, queries and answers questions about the datasets of a namespace.",
                more: "A message with the contextId of an earlier response goes on with its conversation.",
                skill: Skill {
                    id: "assistant",
                    name: "Answers",
                    description: "Answers a question from the data, with the steps that led to the answer.",
                    tags: &["assistant", "rag", "query"],
                    examples: &["Who directed Alien?", "And which other films are theirs?"],
                },
            },
        }
    }
}

impl Card {
    /// Creates the card of an agent that is called at `url`.
    pub(crate) fn new(agent: Agent, url: String) -> Self {
        let Texts { name, description, skill, .. } = agent.texts();
        let description = format!(
            "{description} This agent is part of the DataLinks emulator: without a model, rules take its place."
        );
        Self {
            name,
            description,
            version: env!("CARGO_PKG_VERSION"),
            capabilities: Capabilities {
                streaming: true,
                push_notifications: false,
                extended_agent_card: true,
            },
            default_input_modes: ["text"],
            default_output_modes: ["text", "data"],
            skills: [Skill { examples: &[], ..skill }],
            security_schemes: SecuritySchemes {
                bearer: SecurityScheme {
                    http_auth_security_scheme: HttpAuth { scheme: "bearer", bearer_format: "JWT" },
                },
            },
            security_requirements: [SecurityRequirement {
                schemes: RequiredSchemes { bearer: Scopes { list: [] } },
            }],
            supported_interfaces: [Interface {
                protocol_binding: TRANSPORT,
                url,
                protocol_version: PROTOCOL,
            }],
            preferred_transport: TRANSPORT,
        }
    }

    /// Creates the card for callers with a token, which has a longer description and examples of the skill.
    pub(crate) fn extended(agent: Agent, url: String) -> Self {
        let Texts { more, skill, .. } = agent.texts();
        let card = Self::new(agent, url);
        Self { description: format!("{} {more}", card.description), skills: [skill], ..card }
    }
}

impl Listed {
    pub(crate) fn new(agent: Agent, url: String, agent_card: String) -> Self {
        Self { name: agent.name(), url, agent_card }
    }
}
