//! `datalinks share`: the users who have access.

mod change;
mod list;
mod target;

use super::verbs;

verbs! {
    /// List, add and remove users who may use a dataset or a namespace
    ///
    /// Only the owner may share. Changes take some seconds to take effect.
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Add(change::Add) => change::add,
    Remove(change::Remove) => change::remove,
}
