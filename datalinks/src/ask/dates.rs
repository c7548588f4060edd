//! Dates in text.

use std::ops::Range;

/// Returns dates such as `2024-05-01`.
pub(super) fn of(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_date = |window: &[u8]| {
        window.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    };
    let starts = (0..bytes.len().saturating_sub(9)).filter(|start| is_date(&bytes[*start..start + 10]));
    let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '-');
    let is_apart = |start: &usize| {
        // The parts of a date are ASCII, so both ends are at characters.
        let (before, after) = (&text[..*start], &text[start + 10..]);
        !joins(before.chars().next_back()) && !joins(after.chars().next())
    };
    starts.filter(is_apart).map(|start| start..start + 10).collect()
}

/// Replaces a part of a text by characters that no value contains, with the same length in bytes.
pub(super) fn blank(text: &mut String, range: Range<usize>) {
    let replacement = "|".repeat(range.len());
    text.replace_range(range, &replacement);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_years_months_and_days() {
        let dates = |text: &str| of(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(dates("2024-05-01, and (2023-12-31)"), ["2024-05-01", "2023-12-31"]);
        for text in
            ["12024-05-01", "2024-05-011", "2024-05-01-02", "2024-05-01T10:00", "2024-5-1", "é2024-05-01"]
        {
            assert!(dates(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn blank_text_has_the_same_length() {
        let mut text = "é 2024-05-01 é".to_owned();
        let range = of(&text).remove(0);
        blank(&mut text, range);
        assert_eq!(text, "é |||||||||| é");
    }
}
