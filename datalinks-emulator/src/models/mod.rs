//! The optional model behind the emulator's model steps.
//!
//! Without a model, the state contains no [`Models`], and labeled rules are used instead. With a model, every prompt
//! goes to a server with the chat completions API, or to cassettes with recorded replies.

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

/// The configured source of model replies.
#[derive(Debug)]
pub(crate) struct Models {
    source: Source,
    /// The model to use, even if a request names another one.
    name: Option<String>,
}

#[derive(Debug)]
enum Source {
    Live(Client),
    Recording(Client, CassetteDir),
    Replaying(CassetteDir),
}

impl Models {
    /// Returns the label of these replies.
    pub(crate) fn label(&self) -> Label {
        match self.source {
            Source::Live(_) | Source::Recording(..) => Label::Computed,
            Source::Replaying(_) => Label::Recorded,
        }
    }

    /// Returns a description of the source for people.
    pub(crate) fn shown(&self) -> String {
        let of = |client: &Client| match &self.name {
            Some(name) => format!("{name} at {}", client.base()),
            None => client.base().to_owned(),
        };
        match &self.source {
            Source::Live(client) => of(client),
            Source::Recording(client, _) => format!("{}, recorded", of(client)),
            Source::Replaying(_) => "recorded replies".to_owned(),
        }
    }

    /// Sends a request once.
    async fn complete(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let since = Instant::now();
        let reply = match &self.source {
            Source::Live(client) => client.complete(request).await?,
            Source::Recording(client, cassettes) => {
                let reply = client.complete(request).await?;
                cassettes.put(request, &reply)?;
                reply
            }
            Source::Replaying(cassettes) => cassettes.get(request)?,
        };
        let (purpose, tokens, ms) = (request.purpose, reply.tokens, since.elapsed().as_millis());
        tracing::debug!(purpose, tokens, ms, "model replied");
        Ok(reply)
    }
}
