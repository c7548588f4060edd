//! The model behind the model steps, when there is one.
//!
//! Without a model there is no [`Models`] in the state, and labeled rules stand in its place. With one, every
//! question goes to a server that speaks the chat completions API, or to the cassettes that kept its answers.

mod asker;
mod cassette;
mod client;
mod error;
mod prompt;
mod settings;

use std::time::Instant;

pub(crate) use asker::{Asker, Told};
pub use cassette::Cassettes;
pub(crate) use error::ModelError;
pub use error::ModelSetupError;
pub(crate) use prompt::{Prompt, said, said_for_each};
pub(crate) use settings::ModelSettings;

#[cfg(test)]
pub(crate) use client::LONGEST;

use crate::response::Label;
use cassette::Shelf;
use client::Client;
use prompt::Request;

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
    Recording(Client, Shelf),
    Replaying(Shelf),
}

/// An answer of a model, and the tokens that it took.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reply {
    pub(crate) content: String,
    /// Tokens of the question and of the answer, which are what the user pays for.
    pub(crate) tokens: u64,
    /// The part of `tokens` that the answer took.
    pub(crate) output: u64,
}

impl Reply {
    /// A reply that took this many tokens. Where the server does not split them, the answer took what its text
    /// counts, and the question the rest.
    fn new(content: String, tokens: u64, output: Option<u64>) -> Self {
        let output = output.unwrap_or_else(|| crate::usage::tokens(&content)).min(tokens);
        Self { content, tokens, output }
    }
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
    async fn say(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let since = Instant::now();
        let reply = match &self.source {
            Source::Live(client) => client.say(request).await?,
            Source::Recording(client, shelf) => {
                let reply = client.say(request).await?;
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
