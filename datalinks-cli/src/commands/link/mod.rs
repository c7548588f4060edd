//! `datalinks link`: links between columns.

mod activate;
mod column;
mod compare;
mod create;
mod curate;
mod list;
mod matching;
mod missing;
mod shown;
mod why;

pub(super) use shown::{Link, column_of};

use super::verbs;

verbs! {
    /// List, find, create, activate and deactivate links
    ///
    /// A link leads from a column to a column with the same values. Queries and questions follow active links. Other links
    /// are suggestions, which the service found in ingested rows.
    pub(crate) struct Arguments;

    List(list::Arguments) => list::run,
    Why(why::Arguments) => why::run,
    Create(create::Arguments) => create::run,
    Activate(activate::Activate) => activate::activate,
    #[command(visible_alias = "remove")]
    Deactivate(activate::Deactivate) => activate::deactivate,
    Curate(curate::Arguments) => curate::run,
    Preview(compare::Preview) => compare::preview,
    Rebuild(compare::Rebuild) => compare::rebuild,
}
