//! What the agent says of itself.

use serde::Serialize;

use super::PROTOCOL;

const ABOUT: &str = "Answers questions about the datasets of a namespace. It is a part of the DataLinks emulator: \
                     where that has no model, a script answers, and says so.";

/// The card of an agent: the fields that the protocol wants, and how to show who one is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card<'a> {
    name: &'a str,
    description: &'static str,
    url: String,
    preferred_transport: &'static str,
    version: &'static str,
    protocol_version: &'static str,
    capabilities: Capabilities,
    default_input_modes: [&'static str; 1],
    default_output_modes: [&'static str; 2],
    skills: [Skill; 1],
    security_schemes: Schemes,
    security: [Bearer<[(); 0]>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    streaming: bool,
    push_notifications: bool,
    state_transition_history: bool,
}

#[derive(Serialize)]
struct Skill {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    tags: [&'static str; 2],
}

type Schemes = Bearer<Scheme>;

#[derive(Serialize)]
struct Bearer<T> {
    bearer: T,
}

#[derive(Serialize)]
struct Scheme {
    r#type: &'static str,
    scheme: &'static str,
}

/// An agent in a list.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    name: &'a str,
    description: &'static str,
    url: String,
}

impl<'a> Card<'a> {
    pub(crate) fn new(name: &'a str, url: String) -> Self {
        Self {
            name,
            description: ABOUT,
            url,
            preferred_transport: "JSONRPC",
            version: env!("CARGO_PKG_VERSION"),
            protocol_version: PROTOCOL,
            capabilities: Capabilities {
                streaming: false,
                push_notifications: false,
                state_transition_history: false,
            },
            default_input_modes: ["text/plain"],
            default_output_modes: ["text/plain", "application/json"],
            skills: [Skill {
                id: "ask",
                name: "Ask",
                description: "Answers the text of a message. Its metadata may name the `namespace` to ask, and its \
                              owner as `username`.",
                tags: ["question", "data"],
            }],
            security_schemes: Bearer { bearer: Scheme { r#type: "http", scheme: "bearer" } },
            security: [Bearer { bearer: [] }],
        }
    }
}

impl<'a> Listed<'a> {
    pub(crate) fn new(name: &'a str, url: String) -> Self {
        Self { name, description: ABOUT, url }
    }
}
