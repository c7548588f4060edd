//! The provenance of a response, collected while its handler runs.

use std::sync::Mutex;

use super::label::Label;
use super::problem::Problem;
use crate::concurrency::lock::lock;

/// The label and the remarks that the handler of one call has recorded so far.
#[derive(Debug)]
pub(crate) struct Provenance {
    strict: bool,
    label: Mutex<Label>,
    remarks: Mutex<Vec<String>>,
}

impl Provenance {
    /// Creates a provenance with the label `computed`. In strict mode, rule-based responses are rejected.
    pub(crate) fn new(strict: bool) -> Self {
        Self { strict, label: Mutex::new(Label::Computed), remarks: Mutex::default() }
    }

    /// Records that the response is rule-based. Fails in strict mode, so this must be called before any change.
    pub(crate) fn script(&self, feature: &str) -> Result<(), Problem> {
        self.record_rule(feature, Label::Scripted)
    }

    /// Records that a part of the response is rule-based while the rest is computed. Fails in strict mode.
    pub(crate) fn script_part(&self, feature: &str) -> Result<(), Problem> {
        self.record_rule(feature, Label::PartlyScripted)
    }

    fn record_rule(&self, feature: &str, label: Label) -> Result<(), Problem> {
        if self.strict {
            return Err(Problem::not_implemented(format!(
                "{feature} needs a language model, but this emulator is strict and has none; start it with a model or \
                 without --strict, or leave this out"
            )));
        }
        self.note(label);
        Ok(())
    }

    /// Records the label of a part of the response. The response gets the label with the highest precedence.
    pub(crate) fn note(&self, label: Label) {
        let mut own = lock(&self.label);
        *own = label.max(*own);
    }

    /// Adds a remark for the warning header of a request that is accepted.
    pub(crate) fn remark(&self, remark: String) {
        lock(&self.remarks).push(remark);
    }

    /// Removes and returns all remarks.
    pub(crate) fn take_remarks(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.remarks))
    }

    pub(crate) fn label(&self) -> Label {
        *lock(&self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_gets_the_label_with_the_highest_precedence() {
        let provenance = Provenance::new(false);
        assert_eq!(provenance.label(), Label::Computed);
        provenance.note(Label::Recorded);
        assert_eq!(provenance.label(), Label::Recorded);
        provenance.script_part("a step").unwrap();
        provenance.note(Label::Recorded);
        assert_eq!(provenance.label(), Label::PartlyScripted);
        provenance.script("a run").unwrap();
        provenance.script_part("a step").unwrap();
        assert_eq!(provenance.label(), Label::Scripted);
    }

    #[test]
    fn strict_emulator_rejects_rule_based_responses() {
        let provenance = Provenance::new(true);
        assert!(provenance.script_part("a step").is_err());
        let problem = provenance.script("`autorag`").unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.label), (501, Label::Unsupported));
        assert!(problem.message.starts_with("`autorag` needs a language model"), "{}", problem.message);
    }
}
