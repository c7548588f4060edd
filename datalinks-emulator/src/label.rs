//! How an answer came about: the `x-datalinks-emulator` header.

use http::{HeaderName, HeaderValue};

/// Every answer carries this header, so that nobody mistakes a script for a result.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-datalinks-emulator");

/// How an answer came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Label {
    /// Worked out from what the emulator holds.
    Computed,
    /// Written beforehand: the place of something a model would have said, or an injected fault.
    Scripted,
    /// The emulator does not do this.
    Unsupported,
}

impl Label {
    pub(crate) fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Computed => "computed",
            Self::Scripted => "scripted",
            Self::Unsupported => "unsupported",
        })
    }
}
