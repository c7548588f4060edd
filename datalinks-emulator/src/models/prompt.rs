//! What a model is asked, and what of its answer counts.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ModelError;
use crate::usage::tokens;

/// A question to a model.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// What it is for, in a word: it names the question in errors, traces and cassettes.
    pub(super) purpose: &'static str,
    /// The model that the request names.
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
    /// A question: what the model is to do, and what it is to do it with. It is told to answer in JSON.
    ///
    /// The material is written as JSON text directly. Values of rows are unparsed JSON texts, and some of them, such as
    /// `1e999`, have no other form.
    pub(crate) fn of(
        purpose: &'static str,
        task: &str,
        material: &impl Serialize,
    ) -> Result<Self, ModelError> {
        let material =
            serde_json::to_string(material).map_err(|source| ModelError::Unwritable { purpose, source })?;
        Ok(Self::new(purpose, task, material))
    }

    /// A question with material that is text already.
    pub(crate) fn new(purpose: &'static str, task: &str, material: impl Into<String>) -> Self {
        let task = format!(
            "{task}\nAnswer with exactly one JSON value and nothing else: no code fence, no words around it."
        );
        let messages = vec![Message::new("system", task), Message::new("user", material)];
        Self { purpose, model: None, temperature: 0.0, messages }
    }

    /// Asks for this model.
    pub(crate) fn model(mut self, model: Option<&str>) -> Self {
        self.model = model.map(str::to_owned);
        self
    }

    /// How daring the model shall be. Not at all where nothing is said.
    pub(crate) fn temperature(mut self, temperature: Option<f64>) -> Self {
        self.temperature = temperature.unwrap_or_default();
        self
    }

    /// The question again, after an answer that could not be used.
    pub(super) fn rejected(&mut self, answer: String, validation_error: &str) {
        self.messages.push(Message::new("assistant", answer));
        self.messages.push(Message::new(
            "user",
            format!("This cannot be used: {validation_error}. Answer the first message again, with one JSON value and nothing else."),
        ));
    }

    /// What is sent for it.
    pub(super) fn request<'a>(&'a self, name: Option<&'a str>) -> Request<'a> {
        let model = name.or(self.model.as_deref());
        let body = Body { model, messages: &self.messages, temperature: self.temperature, stream: false };
        Request { purpose: self.purpose, body }
    }
}

/// A question as it is sent.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) purpose: &'static str,
    pub(super) body: Body<'a>,
}

/// The body of the request, its fields in this order: what is hashed is what is sent.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    /// Left out when nobody names one: a server with one model needs no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: &'a [Message],
    temperature: f64,
    stream: bool,
}

impl Request<'_> {
    /// What it counts where the server does not count.
    pub(super) fn tokens(&self) -> u64 {
        self.body.messages.iter().map(|message| tokens(&message.content)).sum()
    }

    /// The body in bytes.
    pub(super) fn bytes(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&self.body)
    }

    /// What names this question: the SHA-256 of its body, in hexadecimal digits.
    pub(super) fn hash(&self) -> serde_json::Result<String> {
        let digest = Sha256::digest(self.bytes()?);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Makes a value of the JSON that a model answered, or says what is wrong with it.
pub(crate) fn parse_response<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// A list of as many items as were wanted.
pub(crate) fn parse_items<'a, T: Deserialize<'a>>(json: &'a str, wanted: usize) -> Result<Vec<T>, String> {
    let items: Vec<T> = parse_response(json)?;
    if items.len() == wanted {
        Ok(items)
    } else {
        Err(format!("{wanted} items are wanted, and these are {}", items.len()))
    }
}

/// The JSON in an answer: without what a model may have thought aloud before it, and without a code fence.
pub(super) fn json_of(content: &str) -> &str {
    let content = content.trim();
    let thought = content.strip_prefix("<think>").and_then(|rest| rest.split_once("</think>"));
    let content = thought.map_or(content, |(_, said)| said.trim());
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
    fn only_fences_and_thoughts_are_taken_off() {
        assert_eq!(json_of(" [1]\n"), "[1]");
        assert_eq!(json_of("```json\n[1]\n```"), "[1]");
        assert_eq!(json_of("```\n[1]\n```\n"), "[1]");
        assert_eq!(json_of("<think>a list [2]?</think>\n[1]"), "[1]");
        assert_eq!(json_of("Sure: [1]"), "Sure: [1]");
    }

    #[test]
    fn the_hash_follows_all_that_is_sent() {
        let prompt = Prompt::new("table", "Do it.", "[1]");
        let hash = |prompt: &Prompt, name| prompt.request(name).hash().unwrap();
        let first = hash(&prompt, None);
        assert_eq!(first.len(), 64);
        assert_eq!(first, hash(&prompt.clone(), None), "the same question has the same name");
        let mut rejected = prompt.clone();
        rejected.rejected("x".to_owned(), "no JSON");
        let others = [
            hash(&prompt, Some("m")),
            hash(&prompt.clone().model(Some("n")), None),
            hash(&prompt.clone().temperature(Some(0.5)), None),
            hash(&rejected, None),
            hash(&Prompt::new("table", "Do it.", "[2]"), None),
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(*other != first && !others[..index].contains(other), "{index}");
        }
        assert_eq!(hash(&prompt.clone().model(Some("n")), Some("m")), others[0], "the emulator's model wins");
    }
}
