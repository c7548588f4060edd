//! The commands, one file or directory per noun.
//!
//! To add a command, write its file and enter it twice below: as a module and as a line of `commands!`. The module has
//! `Arguments`, a `clap::Args` whose doc comment is the help text and which ends in an example, and `run`. A noun with verbs
//! defines both by `verbs!`.

mod agent;
mod api;
mod ask;
mod auth;
mod build_spec;
mod clean;
mod config;
mod conversation;
mod counted;
mod dataset;
mod doctor;
mod field;
mod infer;
mod ingest;
mod ingestion;
mod link;
mod model;
mod moment;
mod namespace;
mod ontology;
mod pipeline;
mod query;
mod rows;
mod run;
mod share;
mod shell;
mod text;
mod token;
mod upload;
mod usage;
mod verbs;
mod whoami;

use clap::Subcommand;
use counted::counted;
use field::field;
use model::model;
use text::text;
use verbs::verbs;

use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::session::Session;

impl Command {
    /// Ends the command because the settings cannot be read. Only `doctor` has something to report then.
    pub(crate) fn run_without_settings(self, failure: Failure, output: &Output) -> Result {
        match self {
            Self::Doctor(_) => {
                output.check()?;
                doctor::report_settings(failure, output)
            }
            _ => Err(failure),
        }
    }
}

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
    agent: Agent,

    api: Api,

    ask: Ask,

    auth: Auth,

    build_spec: BuildSpec,

    clean: Clean,

    config: Config,

    conversation: Conversation,

    dataset: Dataset,

    doctor: Doctor,

    infer: Infer,

    ingest: Ingest,

    ingestion: Ingestion,

    link: Link,

    namespace: Namespace,

    ontology: Ontology,

    pipeline: Pipeline,

    query: Query,

    run: Run,

    share: Share,

    shell: Shell,

    token: Token,

    upload: Upload,

    usage: Usage,

    whoami: Whoami,
}
