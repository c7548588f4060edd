//! `datalinks agent`: agents over the agent-to-agent protocol.

mod ask;
mod card;
mod hints;
mod list;
mod report;

use super::verbs;

verbs! {
    /// List, describe and ask agents over the agent-to-agent protocol (A2A)
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Card(card::Arguments) => card::run,
    Ask(ask::Arguments) => ask::run,
}
