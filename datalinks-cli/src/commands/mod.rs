//! The commands, one file or directory per noun.
//!
//! To add a command, write its file and enter it twice below: as a module and as a line of `commands!`. The module has
//! `Arguments`, a `clap::Args` whose doc comment is the help text and which ends in an example, and `run`.

mod api;
mod auth;
mod build_spec;
mod config;
mod dataset;
mod link;
mod moment;
mod namespace;
mod ontology;
mod query;
mod share;
mod token;
mod usage;
mod whoami;

use clap::Subcommand;

use crate::failure::Result;
use crate::session::Session;

/// Defines the enum of commands and their dispatch.
macro_rules! commands {
    ($($module:ident: $variant:ident,)*) => {
        /// A command that works with a session.
        #[derive(Subcommand)]
        pub(crate) enum Command {
            $($variant(Box<$module::Arguments>),)*
        }

        impl Command {
            /// Runs the command.
            pub(crate) async fn run(self, session: &Session) -> Result {
                match self {
                    $(Self::$variant(arguments) => Box::pin($module::run(*arguments, session)).await,)*
                }
            }
        }
    };
}

commands! {
    api: Api,

    auth: Auth,

    build_spec: BuildSpec,

    config: Config,

    dataset: Dataset,

    link: Link,

    namespace: Namespace,

    ontology: Ontology,

    query: Query,

    share: Share,

    token: Token,

    usage: Usage,

    whoami: Whoami,
}
