//! The pages of `docs/`, made from the definition of the command line.

use std::collections::BTreeMap;

use clap::{Arg, Command};

/// The name of the program.
pub(super) const NAME: &str = "datalinks";

/// The heading of the options that every command has.
const GLOBAL: &str = "Global options";

/// Returns the pages by name: one per command of the program, and `cli` for the program itself.
pub(super) fn pages(definition: &Command) -> BTreeMap<String, String> {
    let commands = || definition.get_subcommands().filter(|command| !command.is_hide_set());
    let mut pages: BTreeMap<String, String> =
        commands().map(|command| (command.get_name().to_owned(), page(command))).collect();
    let mut text = format!("# {NAME}\n\n{}.\n\n```text\n{}\n```\n", about(definition), usage(definition));
    text.push_str("\n## Commands\n\n| command | |\n|---|---|\n");
    for command in commands() {
        let name = command.get_name();
        text.push_str(&format!("| [`{name}`](cli/{name}.md) | {} |\n", cell(&about(command))));
    }
    text.push_str("\n## Global options\n\nEvery command has these options, too.\n\n");
    let global = |argument: &&Arg| argument.get_help_heading() == Some(GLOBAL);
    text.push_str(&options(definition.get_arguments().filter(global)));
    pages.insert("cli".to_owned(), text);
    pages
}

/// Returns the page of a command, with the commands below it.
fn page(command: &Command) -> String {
    let mut text = format!("# {NAME} {}\n", command.get_name());
    describe(command, &mut text);
    below(command, &mut text);
    text
}

fn below(command: &Command, text: &mut String) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        text.push_str(&format!("\n## {}\n", inner.get_bin_name().unwrap_or(inner.get_name())));
        describe(inner, text);
        below(inner, text);
    }
}

/// Adds the description of a command, with its usage, arguments and examples.
fn describe(command: &Command, text: &mut String) {
    text.push_str(&format!("\n{}\n\n```text\n{}\n```\n", description(command), usage(command)));
    let aliases: Vec<String> = command.get_visible_aliases().map(|name| format!("`{name}`")).collect();
    if !aliases.is_empty() {
        text.push_str(&format!("\nAlso: {}.\n", aliases.join(", ")));
    }
    let own = |argument: &&Arg| argument.get_help_heading() != Some(GLOBAL) && argument.get_id() != "help";
    let list = options(command.get_arguments().filter(own));
    if !list.is_empty() {
        text.push_str(&format!("\n{list}"));
    }
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let (heading, lines) = examples.split_once('\n').unwrap_or(("", &examples));
        let lines: Vec<&str> = lines.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        text.push_str(&format!("\n{heading}\n\n```text\n{}\n```\n", lines.join("\n")));
    }
}

/// Returns a list of arguments and options.
fn options<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let visible = arguments.filter(|argument| !argument.is_hide_set());
    visible.map(|argument| format!("- `{}`: {}\n", argument_name(argument), help(argument))).collect()
}

/// Returns an argument as it is written, such as `-o, --output <FORMAT>`.
fn argument_name(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let takes_value = argument.get_action().takes_values();
    let is_optional = argument.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
    let value = match value.join(" ") {
        value if !takes_value || value.is_empty() => String::new(),
        value if argument.is_positional() => value,
        value if is_optional => format!("[={value}]"),
        value => format!(" {value}"),
    };
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    format!("{}{value}", flags.join(", "))
}

/// Returns the help of an argument in one line, with its possible values and its default.
fn help(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = prose(&help.replace("\n\n", ". ").replace("?. ", "? "));
    if argument.get_action().takes_values() {
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| match value.get_help() {
                Some(help) => format!("`{}` ({help})", value.get_name()),
                None => format!("`{}`", value.get_name()),
            })
            .collect();
        if !values.is_empty() {
            text = format!("{}. Values: {}", text.trim_end_matches('.'), values.join(", "));
        }
        let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy());
        let defaults: Vec<String> = defaults.map(|value| format!("`{value}`")).collect();
        if !defaults.is_empty() && !argument.is_hide_default_value_set() {
            text = format!("{}. Default: {}", text.trim_end_matches('.'), defaults.join(", "));
        }
    }
    text
}

fn description(command: &Command) -> String {
    let text = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let paragraphs = text.split("\n\n").map(|paragraph| prose(&paragraph.replace('\n', " ")));
    let paragraphs: Vec<String> = paragraphs.collect();
    // The first line of a description has no period.
    match paragraphs.split_first() {
        Some((first, rest)) => [&[format!("{}.", first.trim_end_matches('.'))], rest].concat().join("\n\n"),
        None => String::new(),
    }
}

fn about(command: &Command) -> String {
    prose(&command.get_about().map(ToString::to_string).unwrap_or_default())
}

fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage: ").to_owned()
}

/// Returns text in which nothing is taken for HTML.
fn prose(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
