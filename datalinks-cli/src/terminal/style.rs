//! Colors, if the user and the terminal want them.

use std::fmt::Display;

use clap::ValueEnum;
use serde::Deserialize;

/// The meaning of `--color`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColorChoice {
    /// Colors on a terminal, unless NO_COLOR is set or TERM is `dumb`
    #[default]
    Auto,
    /// Colors everywhere
    Always,
    /// No colors
    Never,
}

/// Writes text with or without colors.
///
/// The background is not known. Of the colors of a terminal, red and magenta are the ones that can be read on white and on
/// black. Yellow, green and cyan vanish on white, and blue vanishes on black.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    color: bool,
}

impl Style {
    /// Returns the style for a stream. `variable` returns the value of an environment variable.
    pub(crate) fn choose(
        choice: ColorChoice,
        is_terminal: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                is_terminal && !is_set("NO_COLOR") && variable("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self { color }
    }

    /// Returns the style without colors.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { color: false }
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    pub(crate) fn red(self, text: impl Display) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn magenta(self, text: impl Display) -> String {
        self.paint("35", text)
    }

    pub(crate) fn bold_magenta(self, text: impl Display) -> String {
        self.paint("1;35", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_option_then_the_environment_then_the_terminal() {
        let colored = |choice, is_terminal, variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Style::choose(choice, is_terminal, variable).color
        };
        assert!(colored(ColorChoice::Auto, true, &[("TERM", "xterm")]));
        assert!(colored(ColorChoice::Auto, true, &[("NO_COLOR", "")]), "an empty NO_COLOR has no effect");
        assert!(!colored(ColorChoice::Auto, false, &[]));
        assert!(!colored(ColorChoice::Auto, true, &[("NO_COLOR", "1")]));
        assert!(!colored(ColorChoice::Auto, true, &[("TERM", "dumb")]));
        assert!(colored(ColorChoice::Always, false, &[("NO_COLOR", "1")]));
        assert!(!colored(ColorChoice::Never, true, &[]));
    }
}
