//! `datalinks build-spec`: how datasets are derived from others by code.

mod delete;
mod list;
mod save;
mod show;
mod spec;

use super::verbs;

verbs! {
    /// List, show, save and delete build specs
    ///
    /// A build spec says how a dataset is derived from others by code. This part of the service is a preview: it stores build
    /// specs and does not run them.
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Show(show::Arguments) => show::run,
    Create(save::Create) => save::create,
    Edit(save::Edit) => save::edit,
    Delete(delete::Arguments) => delete::run,
}
