//! Numbers in text.

use std::ops::Range;

use crate::json::canonical;

/// A number in a text.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Number<'a> {
    pub(super) text: &'a str,
    pub(super) range: Range<usize>,
}

/// Returns the numbers of a text: digits with separators between digits. Digits of words, such as `R2D2` and `1980s`, and of
/// numbered lists do not count. The parts of a range, a time or a date are numbers of their own.
pub(super) fn of(text: &str) -> Vec<Number<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|letter: char| letter.is_ascii_digit()).map(|start| at + start) {
        let mut end = start;
        let mut letters = text[start..].char_indices().peekable();
        while let Some((offset, letter)) = letters.next() {
            let next_is_digit = letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
            if letter.is_ascii_digit() {
                end = start + offset + 1;
            } else if !(is_separator(letter) && next_is_digit) {
                break;
            }
        }
        let in_word = begins_in_word(&text[..start]) || ends_in_word(&text[end..]);
        if !in_word && !is_of_list(text, start, end) {
            found.push(Number { text: &text[start..end], range: start..end });
        }
        at = end;
    }
    found
}

/// Returns `true` if a number that follows is a part of a word. The `T` of `2002-12-18T10:30` is none.
fn begins_in_word(before: &str) -> bool {
    let mut letters = before.chars().rev();
    match (letters.next(), letters.next()) {
        (Some('T'), Some(digit)) if digit.is_ascii_digit() => false,
        (letter, _) => letter.is_some_and(char::is_alphanumeric),
    }
}

/// Returns `true` if a number that precedes is a part of a word.
fn ends_in_word(after: &str) -> bool {
    let mut letters = after.chars();
    match (letters.next(), letters.next()) {
        (Some('T'), Some(digit)) if digit.is_ascii_digit() => false,
        (Some('Z'), next) => next.is_some_and(char::is_alphanumeric),
        (letter, _) => letter.is_some_and(char::is_alphabetic),
    }
}

/// Separators between digits: decimal points, and separators of thousands.
fn is_separator(letter: char) -> bool {
    matches!(letter, '.' | ',' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}')
}

/// Returns `true` if a number begins a line and is followed by a point or a parenthesis, as in a numbered list.
fn is_of_list(text: &str, start: usize, end: usize) -> bool {
    // Only the spaces before the number are read, because a line may have very many numbers.
    let before = text[..start].trim_end_matches(|letter: char| letter.is_whitespace() && letter != '\n');
    let mut after = text[end..].chars();
    (before.is_empty() || before.ends_with('\n'))
        && matches!(after.next(), Some('.' | ')'))
        && after.next().is_some_and(char::is_whitespace)
}

/// Returns the numbers that a text may mean, in canonical form: a comma and a point may separate decimals or thousands.
pub(super) fn readings(text: &str) -> Vec<String> {
    let canonical = |text: &str| {
        let trimmed = text.trim_start_matches('0');
        let trimmed = if trimmed.is_empty() || trimmed.starts_with('.') {
            format!("0{trimmed}")
        } else {
            trimmed.to_owned()
        };
        serde_json::from_str(&trimmed).ok().map(|number| canonical::number(&number))
    };
    let without = |separators: &[char]| text.replace(separators, "");
    let grouped = without(&['\'', '\u{2019}', '\u{a0}', '\u{202f}']);
    let mut found: Vec<String> = [
        canonical(&grouped),
        canonical(&grouped.replace(',', "")),
        canonical(&grouped.replace('.', "").replace(',', ".")),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        of(text).into_iter().map(|number| number.text).collect()
    }

    #[test]
    fn numbers_are_digits_with_separators() {
        assert_eq!(texts("In 1979, 1,234.5 people paid $3.50."), ["1979", "1,234.5", "3.50"]);
        assert_eq!(
            texts("1979-1985 and 12:30, 2024-05-01"),
            ["1979", "1985", "12", "30", "2024", "05", "01"]
        );
        assert_eq!(texts("2002-12-18T10:30:59Z"), ["2002", "12", "18", "10", "30", "59"]);
        assert_eq!(texts("R2D2 in the 1980s, 20th, 4K"), [""; 0]);
        assert_eq!(texts("1. Alien\n 2) Heat, 3 stars"), ["3"]);
        assert_eq!(texts("1'000'000 or 1\u{202f}000"), ["1'000'000", "1\u{202f}000"]);
        assert_eq!(texts("٣ ١٢"), [""; 0]);
    }

    /// The line before each number was read again, which took hours for a column of numbers in one text.
    #[test]
    fn long_lines_are_read_once() {
        let line = "7. ".repeat(100_000);
        assert_eq!(of(&line).len(), 99_999, "the first one looks like that of a list");
        assert_eq!(texts("\n  \t12. x\u{2003}\n3) y 4. z"), ["4"]);
    }

    #[test]
    fn both_meanings_of_a_separator_are_read() {
        assert_eq!(readings("1979"), ["1979"]);
        assert_eq!(readings("1,979"), ["1.979", "1979"]);
        assert_eq!(readings("1.979"), ["1.979", "1979"]);
        assert_eq!(readings("1.234.567"), ["1234567"]);
        assert_eq!(readings("007"), ["7"]);
        assert_eq!(readings("0.50"), ["0.5", "50"]);
        assert_eq!(readings("0"), ["0"]);
        assert_eq!(readings("1'000"), ["1000"]);
    }
}
