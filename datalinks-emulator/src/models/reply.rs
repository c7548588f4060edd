//! A reply of a model.

use crate::usage;

/// A reply of a model, with its token counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reply {
    pub(crate) content: String,
    /// Number of tokens of prompt and reply. The user's usage increases by this number.
    pub(crate) tokens: u64,
    /// Number of tokens of the reply, included in `tokens`.
    pub(crate) output: u64,
}

impl Reply {
    /// Creates a reply. If the server does not report the tokens of the reply separately, they are estimated from its
    /// text.
    pub(super) fn new(content: String, tokens: u64, output: Option<u64>) -> Self {
        let output = output.unwrap_or_else(|| usage::tokens(&content)).min(tokens);
        Self { content, tokens, output }
    }
}
