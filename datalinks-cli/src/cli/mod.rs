//! The command line as clap parses it.

mod help;
mod local;

pub(crate) use local::Local;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::demo;
use crate::emulator;
use crate::settings::GlobalFlags;
use crate::terminal;

/// The name of the subcommand that runs an emulator.
const EMULATOR: &str = "emulator";

/// The arguments of the program.
#[derive(Parser)]
#[command(
    name = "datalinks",
    version,
    about = "DataLinks from the command line",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) demo: demo::Options,

    #[command(flatten)]
    pub(crate) flags: GlobalFlags,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Local(Local),

    #[command(flatten)]
    Session(commands::Command),
}

/// Returns the definition of the command line.
pub(crate) fn definition() -> clap::Command {
    help::add_topics(Arguments::command(), terminal::stdout_width())
}

/// Parses the command line.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut command = definition();
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let (Some(matches), Some(emulator)) =
        (matches.subcommand_matches(EMULATOR), command.find_subcommand_mut(EMULATOR))
    {
        emulator::check(emulator, matches)?;
    }
    let arguments = Arguments::from_arg_matches(&matches)?;
    if arguments.command.is_some() && arguments.demo.is_live() {
        let what = "--live is an option of the demo: `datalinks --live` or `datalinks demo --live`";
        return Err(command.error(ErrorKind::ArgumentConflict, what));
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_valid() {
        definition().debug_assert();
    }

    /// Calls `check` with each command that has no subcommands, and its full name.
    fn for_each_command(check: &mut dyn FnMut(&str, &clap::Command)) {
        fn walk(name: &str, command: &clap::Command, check: &mut dyn FnMut(&str, &clap::Command)) {
            for inner in command.get_subcommands() {
                walk(&format!("{name} {}", inner.get_name()), inner, check);
            }
            if !command.has_subcommands() {
                check(name, command);
            }
        }
        walk("datalinks", &definition(), check);
    }

    #[test]
    fn every_command_has_an_example_that_parses() {
        for_each_command(&mut |name, command| {
            let help = command.get_after_help().or(command.get_long_about());
            let help = help.map(ToString::to_string).unwrap_or_default();
            let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{name} has no example"));
            let example = examples.lines().map(str::trim).find_map(|line| {
                let begin = line.find("datalinks ")?;
                Some(&line[begin..])
            });
            let example = example.unwrap_or_else(|| panic!("{name} has no example"));
            assert!(example.starts_with(name), "{name}: {example}");
            let words = help::words(example);
            if let Err(error) = parse(words.into_iter().map(OsString::from)) {
                panic!("{example}: {error}");
            }
        });
    }

    #[test]
    fn every_command_and_option_has_help() {
        for_each_command(&mut |name, command| {
            assert!(command.get_about().is_some(), "{name}");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name}: {}", argument.get_id());
            }
        });
    }

    #[test]
    fn options_of_the_demo_are_rejected_elsewhere() {
        let parse = |line: &str| super::parse(line.split(' ').map(OsString::from));
        assert!(parse("datalinks --live").is_ok() && parse("datalinks demo --live").is_ok());
        assert!(parse("datalinks --live whoami").is_err());
    }
}
