//! The dispatch of a noun to its verbs.

/// Defines the `Arguments` of a noun, whose doc comment is its help text, and `run`, which runs the chosen verb.
macro_rules! verbs {
    (
        $(#[$of_noun:meta])*
        pub(crate) struct Arguments;

        $($(#[$of_verb:meta])* $verb:ident($arguments:ty) => $run:path,)+
    ) => {
        $(#[$of_noun])*
        #[derive(clap::Args)]
        pub(crate) struct Arguments {
            #[command(subcommand)]
            command: Command,
        }

        #[derive(clap::Subcommand)]
        enum Command {
            $($(#[$of_verb])* $verb(Box<$arguments>),)+
        }

        pub(crate) async fn run(
            arguments: Arguments,
            session: &$crate::session::Session,
        ) -> $crate::failure::Result {
            match arguments.command {
                $(Command::$verb(arguments) => $run(*arguments, session).await,)+
            }
        }
    };
}

pub(super) use verbs;
