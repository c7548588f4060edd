//! Values of arguments for fish, which the generator of its script leaves out.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Appends completions of the arguments that take one of several values, such as the shell of `completions`.
///
/// Commands have two levels.
pub(super) fn add_values(definition: &Command, name: &str, script: &mut Vec<u8>) {
    let mut lines = String::new();
    for command in definition.get_subcommands() {
        let condition = format!("__fish_{name}_using_subcommand {}", command.get_name());
        add_lines(command, name, &condition, &mut lines);
        for inner in command.get_subcommands() {
            let condition = format!("{condition}; and __fish_seen_subcommand_from {}", inner.get_name());
            add_lines(inner, name, &condition, &mut lines);
        }
    }
    script.extend_from_slice(lines.as_bytes());
}

fn add_lines(command: &Command, name: &str, condition: &str, lines: &mut String) {
    for values in command.get_positionals().filter_map(values) {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "complete -c {name} -n \"{condition}\" -f -a \"{values}\"");
    }
}

/// Returns the values of an argument, or `None` if it takes any.
fn values(argument: &Arg) -> Option<String> {
    let values = argument.get_possible_values();
    let names: Vec<_> =
        values.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name()).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_arguments_are_completed_on_both_levels() {
        let definition = crate::cli::definition();
        let inner = definition.get_subcommands().flat_map(Command::get_subcommands);
        assert!(inner.flat_map(Command::get_subcommands).next().is_none(), "a third level");
        let mut script = Vec::new();
        add_values(&definition, "datalinks", &mut script);
        let script = String::from_utf8(script).unwrap();
        for line in [
            r#"-n "__fish_datalinks_using_subcommand completions" -f -a "bash elvish fish powershell zsh""#,
            r#"-n "__fish_datalinks_using_subcommand run; and __fish_seen_subcommand_from rate" -f -a "#,
        ] {
            assert!(script.contains(line), "{script}");
        }
    }
}
