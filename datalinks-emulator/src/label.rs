//! How an answer came about: the `x-datalinks-emulator` header.

use std::sync::Mutex;

use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::lock::lock;
use crate::problem::Problem;

/// Every answer carries this header, so that nobody mistakes a script for a result.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator");

/// How an answer came about, the surest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Label {
    /// Worked out from what the emulator holds, or by a model that it was given.
    Computed,
    /// A model said it once, and it was kept.
    Recorded,
    /// Written beforehand: the place of something a model would have said, or an injected fault.
    Scripted,
    /// The emulator does not do this.
    Unsupported,
}

impl Label {
    pub(crate) fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Computed => "computed",
            Self::Recorded => "recorded",
            Self::Scripted => "scripted",
            Self::Unsupported => "unsupported",
        })
    }
}

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
