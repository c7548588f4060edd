//! `datalinks agent card`.

use clap::Args;
use datalinks::agents::{AgentCapabilities, AgentInterface, AgentSkill};
use serde::Serialize;

use super::hints::{explain, warn_of_addresses};
use crate::failure::{Failure, Result};
use crate::output::Format;
use crate::session::Session;

/// Show the card of an agent: its skills, and how it is called
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks agent card assistant\n  datalinks agent card assistant --extended --output json"
)]
pub(super) struct Arguments {
    /// Name of the agent
    name: String,

    /// Show the extended card, which has more about the skills
    #[arg(long)]
    extended: bool,
}

/// A card.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    name: &'a str,
    description: &'a str,
    version: &'a str,
    capabilities: &'a AgentCapabilities,
    default_input_modes: &'a [String],
    default_output_modes: &'a [String],
    preferred_transport: Option<&'a str>,
    skills: &'a [AgentSkill],
    supported_interfaces: &'a [AgentInterface],
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let agent = session.client().await?.agent(&arguments.name)?;
    let card = if arguments.extended { agent.extended_card().await } else { agent.card().await };
    let card = match card {
        Ok(card) => card,
        Err(error) => return Err(explain(Failure::from(error), &agent).await),
    };
    warn_of_addresses(&card.foreign_addresses, session);
    session.warn_of_rejected(&card.skills.rejected);
    session.warn_of_rejected(&card.supported_interfaces.rejected);
    let shown = Card {
        name: &card.name,
        description: &card.description,
        version: &card.version,
        capabilities: &card.capabilities,
        default_input_modes: &card.default_input_modes,
        default_output_modes: &card.default_output_modes,
        preferred_transport: card.preferred_transport.as_deref(),
        skills: &card.skills,
        supported_interfaces: &card.supported_interfaces,
    };
    if session.output.format() != Format::Table {
        return session.output.object(&shown);
    }
    let version = if card.version.is_empty() { String::new() } else { format!(" {}", card.version) };
    let mut text = format!("{}{version}", card.name);
    for line in [&card.description].into_iter().filter(|line| !line.is_empty()) {
        text.push_str(&format!("\n{line}"));
    }
    for skill in &*card.skills {
        text.push_str(&format!("\n\n{}: {}", skill.id, skill.description));
        for example in &skill.examples {
            text.push_str(&format!("\n  {example}"));
        }
    }
    session.output.text(&text)
}
