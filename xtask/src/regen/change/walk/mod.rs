//! The walk through two contracts.

mod content;
mod operations;
mod schemas;

use super::found::{Change, Changes};
use crate::regen::against::model::Contract;

/// Returns the changes from one contract to a later one, sorted by kind.
pub(super) fn run<'a>(old: &Contract<'a>, new: &Contract<'a>) -> Vec<Change> {
    let mut walk = Walk { old, new, changes: Changes::default() };
    walk.operations();
    walk.changes.into_list()
}

struct Walk<'m, 'a> {
    old: &'m Contract<'a>,
    new: &'m Contract<'a>,
    changes: Changes,
}
