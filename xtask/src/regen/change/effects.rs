//! The interface between the changes and what they reach in the workspace.

/// The parts of the workspace that changes reach.
///
/// The report asks once per operation that a change names, and prints the lines below the operation.
pub(in crate::regen) trait Effects {
    /// Returns the effects of changes of `operation`, one per line, without indentation and without Markdown other than
    /// code spans. Lines about what is still missing come last and begin with `missing: `.
    ///
    /// `operation` is an id of either document. `fields` are the changed fields as the report prints them, such as
    /// `infer.steps[]<type=table>.model`, each with the side that it is on. It is empty if the whole operation was
    /// added or removed.
    fn of(&self, operation: &str, fields: &[ChangedField<'_>]) -> Vec<String>;
}

/// A field that a change names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::regen) struct ChangedField<'a> {
    /// The field is sent by clients; otherwise they read it.
    pub(in crate::regen) sent: bool,
    pub(in crate::regen) path: &'a str,
}
