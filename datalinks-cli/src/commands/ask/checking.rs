//! The steps of an answer while it arrives, to be verified at its end.

use datalinks::ask::{AskStep, AutoRagAnswer, AutoRagStep, Verify};
use datalinks::{AskEvent, Namespace};

/// An answer that is being received.
pub(crate) struct Checking {
    namespace: Namespace,
    question: String,
    steps: Vec<AutoRagStep>,
    response: Option<String>,
}

impl Checking {
    pub(super) fn new(namespace: Namespace, question: String) -> Self {
        Self { namespace, question, steps: Vec::new(), response: None }
    }

    /// Keeps what the verification needs of an event.
    pub(super) fn event(&mut self, event: AskEvent) {
        match event {
            AskEvent::Step(AskStep { instruction, query, reasoning, data, .. }) => {
                self.steps.push(AutoRagStep::new(instruction, query, reasoning, data));
            }
            AskEvent::Answer(answer) => self.response = Some(answer.response),
            _ => {}
        }
    }

    /// Returns the verification of the answer, or `None` without an answer.
    pub(super) fn verify(self) -> Option<Verify> {
        let Self { namespace, question, steps, response } = self;
        Some(namespace.verify(AutoRagAnswer::new(response?, steps)).question(question))
    }
}
