//! `datalinks infer`: what a model makes of sample rows.

mod describe;
mod preview;
mod sample;

use super::verbs;

verbs! {
    /// Let a model describe sample rows, or try inference steps on them
    ///
    /// Nothing is stored. Each call costs model tokens.
    pub(crate) struct Arguments;

    Preview(preview::Arguments) => preview::run,
    Describe(describe::Describe) => describe::describe,
    Schema(describe::Schema) => describe::schema,
}
