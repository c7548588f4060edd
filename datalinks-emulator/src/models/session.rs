//! Model calls on behalf of one user.

use std::sync::Mutex;

use super::Models;
use super::error::ModelError;
use super::prompt::{Prompt, json_of};
use crate::concurrency::lock::lock;
use crate::response::Label;
use crate::runtime::Clock;
use crate::usage::Usage;

/// A model session on behalf of one user. Every reply is added to that user's usage, even if it cannot be parsed.
pub(crate) struct ModelSession<'a> {
    models: &'a Models,
    clock: &'a Clock,
    usage: &'a Usage,
    user: &'a str,
    calls: Mutex<Vec<ModelCall>>,
}

/// One call of a model.
#[derive(Clone, Debug)]
pub(crate) struct ModelCall {
    pub(crate) purpose: &'static str,
    /// Number of tokens of the prompt.
    pub(crate) input: u64,
    /// Number of tokens of the reply.
    pub(crate) output: u64,
    pub(crate) ms: f64,
}

impl<'a> ModelSession<'a> {
    pub(crate) fn new(models: &'a Models, clock: &'a Clock, usage: &'a Usage, user: &'a str) -> Self {
        Self { models, clock, usage, user, calls: Mutex::default() }
    }

    /// Returns the label of the replies.
    pub(crate) fn label(&self) -> Label {
        self.models.label()
    }

    /// Sends a prompt, and once more if the reply cannot be used. `read` parses the JSON of a reply, or returns what is
    /// wrong with it.
    pub(crate) async fn ask<T>(
        &self,
        prompt: Prompt,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ModelError> {
        self.ask_again(prompt, 1, read).await
    }

    /// Sends a prompt until the reply can be used. After an unusable reply, sends it again with the reason, at most
    /// `corrections` times.
    pub(crate) async fn ask_again<T>(
        &self,
        mut prompt: Prompt,
        corrections: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ModelError> {
        let mut left = corrections;
        loop {
            let reply = self.complete(&prompt).await?;
            let validation_error = match read(json_of(&reply)) {
                Ok(value) => return Ok(value),
                Err(validation_error) => validation_error,
            };
            if left == 0 {
                let answers = corrections.saturating_add(1);
                return Err(ModelError::Unusable { purpose: prompt.purpose, answers, why: validation_error });
            }
            left -= 1;
            prompt.push_rejection(reply, &validation_error);
        }
    }

    async fn complete(&self, prompt: &Prompt) -> Result<String, ModelError> {
        let watch = self.clock.watch();
        let reply = self.models.complete(&prompt.request(self.models.name.as_deref())).await?;
        let ms = watch.elapsed().as_secs_f64() * 1000.0;
        self.usage.add(self.user, self.clock.now(), reply.tokens);
        let (input, output) = (reply.tokens - reply.output, reply.output);
        lock(&self.calls).push(ModelCall { purpose: prompt.purpose, input, output, ms });
        Ok(reply.content)
    }

    /// Returns the calls since the last call of this method.
    pub(crate) fn take_calls(&self) -> Vec<ModelCall> {
        std::mem::take(&mut lock(&self.calls))
    }
}
