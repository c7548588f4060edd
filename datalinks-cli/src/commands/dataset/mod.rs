//! `datalinks dataset`: the catalog, and the life of a dataset.

mod change;
mod create;
mod edit;
mod list;
mod show;

use super::verbs;

verbs! {
    /// List, show, create, change, clear and delete datasets
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Show(show::Arguments) => show::run,
    Create(create::Arguments) => create::run,
    Rename(edit::Rename) => edit::rename,
    Define(edit::Define) => edit::define,
    Order(edit::Order) => edit::order,
    Clear(change::Clear) => change::clear,
    Delete(change::Delete) => change::delete,
}
