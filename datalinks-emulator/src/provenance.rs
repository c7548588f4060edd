//! How an answer is coming about, told while it is worked out.

use std::sync::Mutex;

use crate::label::Label;
use crate::lock::lock;
use crate::problem::Problem;

/// How the answer to one call is coming about, as far as its handler has told.
#[derive(Debug)]
pub(crate) struct Provenance {
    strict: bool,
    label: Mutex<Label>,
}

impl Provenance {
    /// `strict`: scripts are refused.
    pub(crate) fn new(strict: bool) -> Self {
        Self { strict, label: Mutex::new(Label::Computed) }
    }

    /// Tells that a rule stands here for a model. A strict emulator refuses the call instead, so this is told
    /// before the call changes anything.
    pub(crate) fn script(&self, what: &str) -> Result<(), Problem> {
        if self.strict {
            return Err(Problem::not_implemented(format!(
                "{what} needs a language model, and this emulator is strict: it has none and scripts nothing; start \
                 it with a model or without --strict, or leave this out"
            )));
        }
        self.note(Label::Scripted);
        Ok(())
    }

    /// Tells that a part of the answer is of this kind. The least sure part names the whole.
    pub(crate) fn note(&self, label: Label) {
        let mut own = lock(&self.label);
        *own = label.max(*own);
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
        provenance.script("a step").unwrap();
        provenance.note(Label::Recorded);
        assert_eq!(provenance.label(), Label::Scripted);
    }

    #[test]
    fn a_strict_emulator_scripts_nothing() {
        let provenance = Provenance::new(true);
        let problem = provenance.script("`autorag`").unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.label), (501, Label::Unsupported));
        assert!(problem.message.starts_with("`autorag` needs a language model"), "{}", problem.message);
    }
}
