//! How an answer came about: the `x-datalinks-emulator` header.

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// Every answer carries this header, so that nobody mistakes a script for a result.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator");

/// How an answer came about, the surest first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Label {
    /// Worked out from what the emulator holds, or by a model that it was given.
    Computed,
    /// A model said it once, and it was kept.
    Recorded,
    /// Worked out, but for a part of it: a rule stands there for a model, or the emulator made it up.
    PartlyScripted,
    /// Written beforehand: the place of something a model would have said, or an injected fault.
    Scripted,
    /// The emulator does not do this.
    Unsupported,
}

impl Label {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Recorded => "recorded",
            Self::PartlyScripted => "partly-scripted",
            Self::Scripted => "scripted",
            Self::Unsupported => "unsupported",
        }
    }

    pub(crate) fn value(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }
}

/// How every scripted text begins.
pub(crate) const SCRIPTED_PREFIX: &str = "[scripted by the emulator, no model ran]";
