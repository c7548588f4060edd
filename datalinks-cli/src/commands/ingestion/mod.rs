//! `datalinks ingestion`: the ingestions of uploaded files.

mod change;
mod item;
mod list;
mod watch;

pub(super) use watch::watch;

use super::verbs;

verbs! {
    /// List, watch and retry the ingestions of uploaded files
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Show(watch::Show) => watch::show,
    Watch(watch::Arguments) => watch::run,
    Retry(change::Retry) => change::retry,
    Seen(change::Seen) => change::seen,
}
