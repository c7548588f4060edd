//! The model, asked on somebody's behalf.

use std::sync::Mutex;

use super::Models;
use super::error::ModelError;
use super::prompt::{Prompt, json_of};
use crate::concurrency::lock::lock;
use crate::response::Label;
use crate::runtime::Clock;
use crate::usage::Usage;

/// Asks the model for one user, who pays for every answer, be it of use or not.
pub(crate) struct ModelSession<'a> {
    models: &'a Models,
    clock: &'a Clock,
    usage: &'a Usage,
    user: &'a str,
    told: Mutex<Vec<ModelCall>>,
}

/// One answer of a model.
#[derive(Clone, Debug)]
pub(crate) struct ModelCall {
    pub(crate) purpose: &'static str,
    /// Tokens of the question and of the answer.
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) ms: f64,
}

impl<'a> ModelSession<'a> {
    pub(crate) fn new(models: &'a Models, clock: &'a Clock, usage: &'a Usage, user: &'a str) -> Self {
        Self { models, clock, usage, user, told: Mutex::default() }
    }

    /// The label of what it says.
    pub(crate) fn label(&self) -> Label {
        self.models.label()
    }

    /// Asks until the answer can be used, once more at the most. `read` makes something of the JSON that came, or
    /// says what is wrong with it.
    pub(crate) async fn ask<T>(
        &self,
        prompt: Prompt,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ModelError> {
        self.ask_again(prompt, 1, read).await
    }

    /// Asks until the answer can be used, with this many objections at the most.
    pub(crate) async fn ask_again<T>(
        &self,
        mut prompt: Prompt,
        corrections: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ModelError> {
        let mut left = corrections;
        loop {
            let said = self.complete(&prompt).await?;
            let validation_error = match read(json_of(&said)) {
                Ok(value) => return Ok(value),
                Err(validation_error) => validation_error,
            };
            if left == 0 {
                let answers = corrections.saturating_add(1);
                return Err(ModelError::Unusable { purpose: prompt.purpose, answers, why: validation_error });
            }
            left -= 1;
            prompt.rejected(said, &validation_error);
        }
    }

    async fn complete(&self, prompt: &Prompt) -> Result<String, ModelError> {
        let watch = self.clock.watch();
        let reply = self.models.complete(&prompt.request(self.models.name.as_deref())).await?;
        let ms = watch.elapsed().as_secs_f64() * 1000.0;
        self.usage.add(self.user, self.clock.now(), reply.tokens);
        let (input, output) = (reply.tokens - reply.output, reply.output);
        lock(&self.told).push(ModelCall { purpose: prompt.purpose, input, output, ms });
        Ok(reply.content)
    }

    /// What was answered since this was last asked.
    pub(crate) fn take_calls(&self) -> Vec<ModelCall> {
        std::mem::take(&mut lock(&self.told))
    }
}
