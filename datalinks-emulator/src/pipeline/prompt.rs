//! The refinement of the prompt, based on the schemas of the namespace.

use serde::Deserialize;

use super::job::PipelineJob;
use crate::models::{ModelError, ModelSession, parse_response};

const TASK: &str = "You prepare the instructions for modeling a table. Read its first rows, the datasets that are in the \
                    namespace already, the instructions given, what a person has said, and the objections of an \
                    earlier evaluation if there are some. Answer as {\"prompt\": \"what to make of the rows\", \
                    \"confidence\": 80, \"question\": \"what to ask the person who sent the rows, or null\"}: the \
                    confidence is a percentage from 0 to 100 that says how sure you are that the prompt is right.";

/// Confidence in percent up to which a person is asked.
const ASK_UP_TO: f64 = 60.0;

/// Maximum number of clarifications per run.
const MAX_CLARIFICATIONS: usize = 3;

/// A prompt that a model has refined.
#[derive(Debug, Deserialize)]
pub(super) struct Refined {
    pub(super) prompt: String,
    pub(super) confidence: f64,
    #[serde(default)]
    question: Option<String>,
}

impl Refined {
    /// Returns the question to ask a person before this prompt is used, or `None` if it is used without a question.
    pub(super) fn question(&self, job: &PipelineJob) -> Option<String> {
        let asks = self.confidence <= ASK_UP_TO
            && job.switches.ask_human
            && job.known.clarifications.len() < MAX_CLARIFICATIONS;
        let own = self.question.as_deref().filter(|text| !text.trim().is_empty());
        asks.then(|| own.map_or_else(|| format!("Is this correct: {}", self.prompt), str::to_owned))
    }
}

/// Asks the model for a better prompt.
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
