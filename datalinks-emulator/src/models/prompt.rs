//! Prompts for a model, and the parsing of its replies.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ModelError;
use crate::persistence::hex;
use crate::usage::tokens;

/// A prompt for a model.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// The purpose in one word. It names the prompt in errors, traces and cassettes.
    pub(super) purpose: &'static str,
    /// The model named by the emulator's client.
    model: Option<String>,
    temperature: f64,
    messages: Vec<Message>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Message {
    role: String,
    content: String,
}

impl Message {
    fn new(role: &str, content: impl Into<String>) -> Self {
        Self { role: role.to_owned(), content: content.into() }
    }
}

impl Prompt {
    /// Creates a prompt from a task and its material. The model is instructed to reply in JSON.
    ///
    /// The material is serialized directly to JSON text. Values of rows are unparsed JSON, and some of them, such as
    /// `1e999`, have no parsed form.
    pub(crate) fn of(
        purpose: &'static str,
        task: &str,
        material: &impl Serialize,
    ) -> Result<Self, ModelError> {
        let material =
            serde_json::to_string(material).map_err(|source| ModelError::Unwritable { purpose, source })?;
        Ok(Self::new(purpose, task, material))
    }

    /// Creates a prompt with material that is already text.
    pub(crate) fn new(purpose: &'static str, task: &str, material: impl Into<String>) -> Self {
        let task = format!(
            "{task}\nAnswer with exactly one JSON value and nothing else: no code fence, no words around it."
        );
        let messages = vec![Message::new("system", task), Message::new("user", material)];
        Self { purpose, model: None, temperature: 0.0, messages }
    }

    /// Sets the model.
    pub(crate) fn model(mut self, model: Option<&str>) -> Self {
        self.model = model.map(str::to_owned);
        self
    }

    /// Sets the sampling temperature. Defaults to 0.
    pub(crate) fn temperature(mut self, temperature: Option<f64>) -> Self {
        self.temperature = temperature.unwrap_or_default();
        self
    }

    /// Extends the prompt with an unusable reply and the reason, to ask again.
    pub(super) fn push_rejection(&mut self, reply: String, validation_error: &str) {
        self.messages.push(Message::new("assistant", reply));
        self.messages.push(Message::new(
            "user",
            format!("This cannot be used: {validation_error}. Answer the first message again, with one JSON value and nothing else."),
        ));
    }

    /// Returns the request for the prompt. `name` takes precedence over the model of the prompt.
    pub(super) fn request<'a>(&'a self, name: Option<&'a str>) -> Request<'a> {
        let model = name.or(self.model.as_deref());
        let body = Body { model, messages: &self.messages, temperature: self.temperature, stream: false };
        Request { purpose: self.purpose, body }
    }
}

/// A request for a completion.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) purpose: &'static str,
    pub(super) body: Body<'a>,
}

/// The body of a request. The order of the fields is fixed, because the hash is computed from the serialized body.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    /// `None` if neither the emulator nor the request names a model: a server with a single model needs no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: &'a [Message],
    temperature: f64,
    stream: bool,
}

impl Request<'_> {
    /// Returns the estimated tokens of the prompt, for servers that do not report them.
    pub(super) fn tokens(&self) -> u64 {
        self.body.messages.iter().map(|message| tokens(&message.content)).sum()
    }

    /// Returns the serialized body.
    pub(super) fn bytes(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&self.body)
    }

    /// Returns the SHA-256 hash of the body in hexadecimal, which identifies the request.
    pub(super) fn hash(&self) -> serde_json::Result<String> {
        Ok(hex(&Sha256::digest(self.bytes()?)))
    }
}

/// Parses the JSON of a reply. The error says what is wrong with it.
pub(crate) fn parse_response<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// Parses a list with exactly `expected` items.
pub(crate) fn parse_items<'a, T: Deserialize<'a>>(json: &'a str, expected: usize) -> Result<Vec<T>, String> {
    let items: Vec<T> = parse_response(json)?;
    if items.len() == expected {
        Ok(items)
    } else {
        Err(format!("{expected} items are expected, but there are {}", items.len()))
    }
}

/// Returns the JSON in a reply, without a leading `<think>` section and without a code fence.
pub(super) fn json_of(content: &str) -> &str {
    let content = content.trim();
    let thought = content.strip_prefix("<think>").and_then(|rest| rest.split_once("</think>"));
    let content = thought.map_or(content, |(_, rest_of_reply)| rest_of_reply.trim());
    let fenced = content.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    match fenced {
        Some(inside) => inside.strip_prefix("json").unwrap_or(inside).trim(),
        None => content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_and_think_sections_are_removed() {
        assert_eq!(json_of(" [1]\n"), "[1]");
        assert_eq!(json_of("```json\n[1]\n```"), "[1]");
        assert_eq!(json_of("```\n[1]\n```\n"), "[1]");
        assert_eq!(json_of("<think>a list [2]?</think>\n[1]"), "[1]");
        assert_eq!(json_of("Sure: [1]"), "Sure: [1]");
    }

    #[test]
    fn hash_depends_on_everything_sent() {
        let prompt = Prompt::new("table", "Do it.", "[1]");
        let hash = |prompt: &Prompt, name| prompt.request(name).hash().unwrap();
        let first = hash(&prompt, None);
        assert_eq!(first.len(), 64);
        assert_eq!(first, hash(&prompt.clone(), None), "equal requests have equal hashes");
        let mut push_rejection = prompt.clone();
        push_rejection.push_rejection("x".to_owned(), "no JSON");
        let others = [
            hash(&prompt, Some("m")),
            hash(&prompt.clone().model(Some("n")), None),
            hash(&prompt.clone().temperature(Some(0.5)), None),
            hash(&push_rejection, None),
            hash(&Prompt::new("table", "Do it.", "[2]"), None),
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(*other != first && !others[..index].contains(other), "{index}");
        }
        assert_eq!(
            hash(&prompt.clone().model(Some("n")), Some("m")),
            others[0],
            "the emulator's model takes precedence"
        );
    }
}
