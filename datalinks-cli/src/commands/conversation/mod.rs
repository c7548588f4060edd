//! `datalinks conversation`: questions that refer to each other.

mod list;
mod show;

use super::verbs;

verbs! {
    /// List and show conversations with the agent
    ///
    /// `datalinks ask --conversation ID` continues one. The service has no way to delete a conversation.
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Show(show::Arguments) => show::run,
}
