//! Values of arguments for fish, which the generator of its script leaves out.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Appends completions of the arguments that take one of several values, such as the shell of `completions`.
///
/// Only commands of the first level have such arguments.
pub(super) fn add_values(definition: &Command, name: &str, script: &mut Vec<u8>) {
    let mut lines = String::new();
    for command in definition.get_subcommands() {
        for argument in command.get_positionals() {
            if let Some(values) = values(argument) {
                let condition = format!("__fish_{name}_using_subcommand {}", command.get_name());
                // Writing to a string cannot fail.
                let _ = writeln!(lines, "complete -c {name} -n \"{condition}\" -f -a \"{values}\"");
            }
        }
    }
    script.extend_from_slice(lines.as_bytes());
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
    fn arguments_with_values_are_those_of_the_first_level() {
        fn check(command: &Command) {
            for inner in command.get_subcommands().flat_map(Command::get_subcommands) {
                let with_values = inner.get_positionals().find(|argument| values(argument).is_some());
                assert!(with_values.is_none(), "{}: {with_values:?}", inner.get_name());
                check(inner);
            }
        }
        let definition = crate::cli::definition();
        check(&definition);
        let mut script = Vec::new();
        add_values(&definition, "datalinks", &mut script);
        let script = String::from_utf8(script).unwrap();
        let line =
            r#"-n "__fish_datalinks_using_subcommand completions" -f -a "bash elvish fish powershell zsh""#;
        assert!(script.contains(line), "{script}");
    }
}
