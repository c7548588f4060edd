//! Commands that need no session: they read no settings, so that a broken file of settings does not stop them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use crate::demo;
use crate::emulator;
use crate::sql;

/// A command that needs no session.
#[derive(Subcommand)]
pub(crate) enum Local {
    /// Run the demo (default): ingest two tables, link, query, ask, run a pipeline
    ///
    /// Example: datalinks demo
    Demo(demo::Options),
    /// Run a local DataLinks server until Ctrl-C
    ///
    /// The emulator stores datasets and computes queries, links and steps. Where the service would call a
    /// model, it applies a rule and labels the response, unless --model-url names a model. It contacts no other
    /// server. With `exec`, it runs for one command.
    Emulator(Box<emulator::Arguments>),
    /// Query and fill datasets by SQL, with the program `datalinks-sql`
    ///
    /// This command starts `datalinks-sql`, which is a package of its own because its SQL engine is large. It is found beside
    /// this program, or on the PATH. It gets the host, the token, the namespace, the format of the output and the other settings
    /// of this command by variables, and never by arguments, which other users of the machine can see.
    ///
    /// A table is NAMESPACE.DATASET, a name that --table gives to files, or a path of files in quotes. SQL turns names without
    /// double quotes into lower case. Without a statement, statements are read from standard input, which may be a terminal.
    ///
    /// Exit codes: those of `datalinks-sql`, which are those of `datalinks`. 128 plus the number of the signal that ended it, 127
    /// if it is not installed, 126 if it cannot be run.
    Sql(Box<sql::Arguments>),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page of a command, or write all pages
    Man(Man),
}

/// The arguments of `completions`.
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks completions bash\n\n\
    bash:  datalinks completions bash > ~/.local/share/bash-completion/completions/datalinks\n\
    zsh:   datalinks completions zsh > \"${fpath[1]}/_datalinks\"\n\
    fish:  datalinks completions fish > ~/.config/fish/completions/datalinks.fish")]
pub(crate) struct Completions {
    /// Name of the shell
    pub(crate) shell: Shell,
}

/// The arguments of `man`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks man dataset list\n  datalinks man | man -l -\n  datalinks man --dir ~/.local/share/man/man1"
)]
pub(crate) struct Man {
    /// Directory to write the pages of all commands to
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,

    /// Print the pages of the project's documentation as JSON
    #[arg(long, hide = true, conflicts_with_all = ["dir", "command"])]
    pub(crate) markdown: bool,

    /// Command of the page, such as `dataset list` [default: the program]
    pub(crate) command: Vec<String>,
}
