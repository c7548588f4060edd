//! Labels of responses: the header `x-datalinks-emulator`.

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// The header with the label of a response, which distinguishes rule-based responses from computed ones.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator");

/// The label of a response. A later label takes precedence over an earlier one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Label {
    /// Computed from the emulator's state, or by the configured model.
    Computed,
    /// Based on a recorded completion of a model.
    Recorded,
    /// Computed, except for a part that is rule-based or made up.
    PartlyScripted,
    /// Rule-based, or the response of an injected fault.
    Scripted,
    /// Not supported by the emulator.
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

/// The prefix of every rule-based text.
pub(crate) const SCRIPTED_PREFIX: &str = "[scripted by the emulator, no model ran]";
