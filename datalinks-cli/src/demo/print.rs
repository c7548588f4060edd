//! The output of the demo, at most 80 columns wide whatever the rows contain.

use std::fmt::Display;

use crate::terminal::{self, WriteError};

type Result = std::result::Result<(), WriteError>;

/// Maximum width of a line.
const WIDTH: usize = 80;

pub(super) fn title(place: &str) -> Result {
    line(&format!("DataLinks demo on {place}"))
}

/// Prints the headline of a step.
pub(super) fn step(number: u8, what: &str) -> Result {
    line("")?;
    line(&format!("{number}. {what}"))
}

/// Prints a line of a step.
pub(super) fn item(text: impl Display) -> Result {
    line(&format!("   {text}"))
}

/// Prints an item of a list within a step.
pub(super) fn detail(text: impl Display) -> Result {
    line(&format!("     {text}"))
}

pub(super) fn end(live: bool) -> Result {
    line("")?;
    if live {
        line("Done. The datasets films and people still exist. Delete them if you do not need them.")?;
    } else {
        line("Done. The emulator has stopped and its data is discarded.")?;
    }
    line("All commands: datalinks --help")
}

/// Prints text. Text that is too wide continues on indented lines.
pub(super) fn line(text: &str) -> Result {
    terminal::line(&wrap(text).join("\n"))
}

fn wrap(text: &str) -> Vec<String> {
    let flat: Vec<char> = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let indent = flat.iter().take_while(|letter| **letter == ' ').count() + 2;
    let mut lines = Vec::new();
    let mut rest = &flat[..];
    let mut line = String::new();
    while !rest.is_empty() {
        let room = WIDTH - line.chars().count();
        let cut = match rest.get(..=room) {
            None => rest.len(),
            // Break after a space or a bracket, unless the line would be nearly empty.
            Some(wide) => wide[..room]
                .iter()
                .rposition(|letter| matches!(letter, ' ' | ')'))
                .filter(|at| *at > room / 2)
                .map_or(room, |at| at + 1),
        };
        let (now, later) = rest.split_at(cut);
        line.extend(now);
        lines.push(line.trim_end().to_owned());
        line = " ".repeat(indent);
        rest = later;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn wrapped_lines_fit_and_keep_all_text() {
        assert_eq!(wrap("  short"), ["  short"]);
        assert_eq!(wrap("a\nb"), ["a b"]);
        let text = format!("  {}", "words and ".repeat(30));
        let lines = wrap(&text);
        assert!(lines.len() > 3 && lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        assert!(lines[1].starts_with("    w") || lines[1].starts_with("    a"));
        let joined: String = lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join(" ");
        assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        assert!(wrap(&"é".repeat(200)).iter().all(|line| line.chars().count() <= 80));
    }
}
