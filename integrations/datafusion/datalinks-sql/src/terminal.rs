//! Writing to the standard streams, and data as text that is safe for a terminal.
//!
//! A control character in a row could clear the screen, forge a line, or change the title of the window. Characters that
//! change the direction of text could show a name that is not the name. All of them are written as escapes, so that they
//! are visible.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
};

use crate::failure::{Failure, Result, exit};

/// Returns `true` for a character that acts on a terminal or hides text.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            // Marks, embeddings, overrides and isolates of the direction of text.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Ends of a line and of a paragraph, and characters without a width.
            | '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}' | '\u{feff}'
            // Tags.
            | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns text in one line, with an escape for each unsafe character, such as `\n` or `\u{202e}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            letter if !is_unsafe(letter) => escaped.push(letter),
            letter if u32::from(letter) < 0x100 => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\x{:02x}", u32::from(letter));
            }
            letter => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(letter));
            }
        }
    }
    Cow::Owned(escaped)
}

/// Returns the same JSON value with an escape of JSON for each unsafe character. Outside of strings, JSON has no such characters
/// but line breaks, tabs and spaces, which are kept.
pub(crate) fn json_safe(json: &str) -> Cow<'_, str> {
    let is_escaped = |letter: char| is_unsafe(letter) && !matches!(letter, '\n' | '\r' | '\t');
    if !json.contains(is_escaped) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 8);
    let mut units = [0; 2];
    for letter in json.chars() {
        if is_escaped(letter) {
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

/// Writes to standard output. `println!` panics if the reader has closed the pipe.
pub(crate) fn print(bytes: &[u8]) -> Result {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| write_failure(&error))
}

/// Returns the failure of a write to standard output.
pub(crate) fn write_failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::output_closed(),
        _ => Failure::new(exit::FAILURE, "cannot write the output").caused_by(error),
    }
}

/// Writes a line to standard error. If nobody reads it, there is nobody to tell.
pub(crate) fn diagnostic(text: &str) {
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

pub(crate) fn is_output() -> bool {
    io::stdout().is_terminal()
}

pub(crate) fn is_input() -> bool {
    io::stdin().is_terminal()
}

/// Returns the number of columns of standard output, or `None` without a terminal.
pub(crate) fn width() -> Option<usize> {
    if !is_output() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(escape("a\u{1b}[2Jb\nc\td\r"), "a\\x1b[2Jb\\nc\\td\\r");
        assert_eq!(escape("\u{9b}31m\u{202e}x\u{feff}"), "\\x9b31m\\u{202e}x\\u{feff}");
        assert!(matches!(escape("Amélie 東京 \\n"), Cow::Borrowed("Amélie 東京 \\n")));
    }

    #[test]
    fn json_keeps_its_value() {
        let text = "{\n\t\"a\u{9b}\": \"\u{202e}\u{7f}\u{e0041}é\"\n}";
        let safe = json_safe(text);
        assert_eq!(safe, "{\n\t\"a\\u009b\": \"\\u202e\\u007f\\udb40\\udc41é\"\n}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&safe), value(text));
    }
}
