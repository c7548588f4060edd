//! How an answer is coming about, told while it is worked out.

use std::sync::Mutex;

use super::label::Label;
use super::problem::Problem;
use crate::concurrency::lock::lock;

/// How the answer to one call is coming about, as far as its handler has told.
#[derive(Debug)]
pub(crate) struct Provenance {
    strict: bool,
    label: Mutex<Label>,
    remarks: Mutex<Vec<String>>,
}

impl Provenance {
    /// `strict`: scripts are refused.
    pub(crate) fn new(strict: bool) -> Self {
        Self { strict, label: Mutex::new(Label::Computed), remarks: Mutex::default() }
    }

    /// Tells that a rule stands here for a model. A strict emulator refuses the call instead, so this is told
    /// before the call changes anything.
    pub(crate) fn script(&self, what: &str) -> Result<(), Problem> {
        self.stand_in(what, Label::Scripted)
    }

    /// Tells the same of a part of the answer, while the rest is computed.
    pub(crate) fn script_part(&self, what: &str) -> Result<(), Problem> {
        self.stand_in(what, Label::PartlyScripted)
    }

    fn stand_in(&self, what: &str, label: Label) -> Result<(), Problem> {
        if self.strict {
            return Err(Problem::not_implemented(format!(
                "{what} needs a language model, and this emulator is strict: it has none and scripts nothing; start \
                 it with a model or without --strict, or leave this out"
            )));
        }
        self.note(label);
        Ok(())
    }

    /// Tells that a part of the answer is of this kind. The least sure part names the whole.
    pub(crate) fn note(&self, label: Label) {
        let mut own = lock(&self.label);
        *own = label.max(*own);
    }

    /// Tells what is odd in the request, although it is carried out.
    pub(crate) fn remark(&self, remark: String) {
        lock(&self.remarks).push(remark);
    }

    /// All that was odd, which is not told again.
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
    fn the_least_sure_part_names_the_whole() {
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
    fn a_strict_emulator_scripts_nothing() {
        let provenance = Provenance::new(true);
        assert!(provenance.script_part("a step").is_err());
        let problem = provenance.script("`autorag`").unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.label), (501, Label::Unsupported));
        assert!(problem.message.starts_with("`autorag` needs a language model"), "{}", problem.message);
    }
}
