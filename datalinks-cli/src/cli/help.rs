//! The help text of the program: commands by topic.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};

use crate::terminal::wrap;

/// The topics, with their commands in order. A command that does not exist yet is left out, and a test fails for a
/// command without a topic.
const TOPICS: &[(&str, &[&str])] = &[
    ("Data", &["ingest", "infer", "upload", "ingestion", "pipeline", "clean"]),
    ("Datasets", &["dataset", "namespace", "link", "ontology", "build-spec", "share"]),
    ("Questions", &["query", "ask", "agent", "run", "conversation", "shell", "sql"]),
    ("Account", &["whoami", "auth", "token", "usage", "config", "doctor"]),
    ("Tools", &["api", "demo", "emulator", "completions", "man"]),
];

/// Width of the names of commands.
const WIDTH: usize = 14;

/// Returns the command with a help text that lists its subcommands by topic, for a terminal with `width` columns.
pub(super) fn add_topics(command: Command, width: Option<usize>) -> Command {
    let wrapped = |line: String, indent| width.map_or(line.clone(), |width| wrap(&line, width, indent));
    let mut template = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (topic, names) in TOPICS {
        let found: Vec<&Command> = names.iter().filter_map(|name| command.find_subcommand(name)).collect();
        if found.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(template, "\n{topic}:\n");
        for inner in found {
            let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
            let line = format!("  {:WIDTH$}{about}", inner.get_name());
            let _ = writeln!(template, "{}", wrapped(line, WIDTH + 2));
        }
    }
    template.push_str("\nOptions:\n{options}\n\n");
    let hint = "Without a command, the demo runs offline. `datalinks COMMAND --help` describes a command and all options.";
    let _ = writeln!(template, "{}", wrapped(hint.to_owned(), 0));
    // One line per option, so that the topics stay on the screen.
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print help");
    // The setting applies to all subcommands, so each gets the usual option.
    command.help_template(template).disable_help_flag(true).mut_subcommands(add_help).arg(help)
}

/// Adds the option for help to a command and its subcommands.
fn add_help(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    command.mut_subcommands(add_help).arg(help.help("Print help; --help prints more than -h"))
}

/// Returns the words of a command line with single quotes.
#[cfg(test)]
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_topic() {
        let topics: Vec<&str> = TOPICS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for command in crate::cli::definition().get_subcommands() {
            assert!(topics.contains(&command.get_name()), "{} has no topic", command.get_name());
        }
        let mut unique = topics.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), topics.len());
    }

    #[test]
    fn every_command_prints_help() {
        fn check(name: &str, command: &Command) {
            for inner in command.get_subcommands() {
                let name = format!("{name} {}", inner.get_name());
                for option in ["-h", "--help"] {
                    let words = name.split(' ').chain([option]).map(Into::into);
                    let error = crate::cli::parse(words).err().unwrap();
                    assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp, "{name} {option}: {error}");
                }
                check(&name, inner);
            }
        }
        check("datalinks", &crate::cli::definition());
    }

    #[test]
    fn help_lists_commands_by_topic() {
        let help = crate::cli::definition().render_help().to_string();
        assert!(
            help.contains("\nAccount:\n  whoami        Show the user of the token, and the host\n"),
            "{help}"
        );
        assert!(help.contains("--emulator"), "{help}");
    }
}
