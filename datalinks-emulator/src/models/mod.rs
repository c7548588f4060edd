//! The model behind the model steps, when there is one.
//!
//! Without a model there is no [`Models`] in the state, and labeled rules stand in its place. With one, every
//! question goes to a server that speaks the chat completions API, or to the cassettes that kept its answers.

mod cassette;
mod client;
mod error;
mod prompt;
mod reply;
mod session;
mod settings;

use std::time::Instant;

pub use cassette::Cassettes;
pub(crate) use error::ModelError;
pub use error::ModelSetupError;
pub(crate) use prompt::{Prompt, parse_items, parse_response};
pub(crate) use session::{ModelCall, ModelSession};
pub(crate) use settings::ModelSettings;

#[cfg(test)]
pub(crate) use client::LONGEST;

use crate::response::Label;
use cassette::CassetteDir;
use client::Client;
use prompt::Request;
use reply::Reply;

/// What answers the questions of this emulator.
#[derive(Debug)]
pub(crate) struct Models {
    source: Source,
    /// The model to ask for, whatever a request names.
    name: Option<String>,
}

#[derive(Debug)]
enum Source {
    Live(Client),
    Recording(Client, CassetteDir),
    Replaying(CassetteDir),
}

impl Models {
    /// The label of what these say.
    pub(crate) fn label(&self) -> Label {
        match self.source {
            Source::Live(_) | Source::Recording(..) => Label::Computed,
            Source::Replaying(_) => Label::Recorded,
        }
    }

    /// What answers, to be shown to people.
    pub(crate) fn shown(&self) -> String {
        let of = |client: &Client| match &self.name {
            Some(name) => format!("{name} at {}", client.base()),
            None => client.base().to_owned(),
        };
        match &self.source {
            Source::Live(client) => of(client),
            Source::Recording(client, _) => format!("{}, recorded", of(client)),
            Source::Replaying(_) => "what was recorded".to_owned(),
        }
    }

    /// Asks once.
    async fn complete(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let since = Instant::now();
        let reply = match &self.source {
            Source::Live(client) => client.complete(request).await?,
            Source::Recording(client, shelf) => {
                let reply = client.complete(request).await?;
                shelf.put(request, &reply)?;
                reply
            }
            Source::Replaying(shelf) => shelf.get(request)?,
        };
        let (purpose, tokens, ms) = (request.purpose, reply.tokens, since.elapsed().as_millis());
        tracing::debug!(purpose, tokens, ms, "a model answered");
        Ok(reply)
    }
}
