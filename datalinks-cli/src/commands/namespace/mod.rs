//! `datalinks namespace`: groups of datasets.

mod change;
mod create;
mod list;
mod show;

use super::verbs;

verbs! {
    /// List, show, create, rename and delete namespaces
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Show(show::Arguments) => show::run,
    Create(create::Arguments) => create::run,
    Rename(change::Rename) => change::rename,
    Delete(change::Delete) => change::delete,
}
