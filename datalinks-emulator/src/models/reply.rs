//! An answer of a model.

use crate::usage;

/// An answer of a model, and the tokens that it took.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reply {
    pub(crate) content: String,
    /// Tokens of the question and of the answer, which are what the user pays for.
    pub(crate) tokens: u64,
    /// The part of `tokens` that the answer took.
    pub(crate) output: u64,
}

impl Reply {
    /// A reply that took this many tokens. Where the server does not split them, the answer took what its text
    /// counts, and the question the rest.
    pub(super) fn new(content: String, tokens: u64, output: Option<u64>) -> Self {
        let output = output.unwrap_or_else(|| usage::tokens(&content)).min(tokens);
        Self { content, tokens, output }
    }
}
