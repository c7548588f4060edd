//! `datalinks token`: the tokens of the user.

mod create;
mod delete;
mod list;
mod permissions;
mod secret_file;

use super::verbs;

verbs! {
    /// List, create and delete tokens
    ///
    /// A restricted token may not manage tokens.
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Create(create::Arguments) => create::run,
    Permissions(permissions::Arguments) => permissions::run,
    Delete(delete::Arguments) => delete::run,
}
