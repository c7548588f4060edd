//! Refining the prompt, with the schemas of the namespace as a base.

use serde::Deserialize;

use super::job::PipelineJob;
use crate::models::{ModelError, ModelSession, parse_response};

const TASK: &str = "You prepare the instructions for modeling a table. Read its first rows, the datasets that are in the \
                    namespace already, the instructions given, what a person has said, and the objections of an \
                    earlier evaluation if there are some. Answer as {\"prompt\": \"what to make of the rows\", \
                    \"confidence\": 80, \"question\": \"what to ask the person who sent the rows, or null\"}: the \
                    confidence is a percentage from 0 to 100 that says how sure you are that the prompt is right.";

/// A person is asked where the confidence is not higher, in percent.
const CONFIDENT: f64 = 60.0;

/// People are asked so often at the most.
const CLARIFICATIONS: usize = 3;

/// A prompt that a model has refined.
#[derive(Debug, Deserialize)]
pub(super) struct Refined {
    pub(super) prompt: String,
    pub(super) confidence: f64,
    #[serde(default)]
    question: Option<String>,
}

impl Refined {
    /// What to ask a person before this prompt counts.
    pub(super) fn question(&self, job: &PipelineJob) -> Option<String> {
        let asks = self.confidence <= CONFIDENT
            && job.switches.ask_human
            && job.known.clarifications.len() < CLARIFICATIONS;
        let own = self.question.as_deref().filter(|text| !text.trim().is_empty());
        asks.then(|| own.map_or_else(|| format!("Is this what is wanted: {}", self.prompt), str::to_owned))
    }
}

/// Asks for a better prompt.
pub(super) async fn refine(job: &PipelineJob, session: &ModelSession<'_>) -> Result<Refined, ModelError> {
    let levels = super::levels::Levels::root(&job.rows);
    let prompt = job.prompt("prompt", TASK, &job.material(&levels, None))?;
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let refined: Refined = parse_response(json)?;
            if !(0.0..=100.0).contains(&refined.confidence) {
                return Err(format!("a confidence of {:?} is not from 0 to 100", refined.confidence));
            }
            if refined.prompt.trim().is_empty() {
                return Err("the prompt is empty".to_owned());
            }
            Ok(refined)
        })
        .await
}
