//! Lines that break between words.

use console::{measure_text_width, strip_ansi_codes};

/// Number of columns that a line needs at least beside its indent. Narrower text is harder to read than text that the
/// terminal breaks.
const NARROWEST: usize = 20;

/// Breaks a line between words, so that no part is wider than `width`. Parts after the first one are indented. A word that
/// is too long, such as a URL, stays whole, and the terminal breaks it.
///
/// The line may contain colors, which continue in the next part.
pub(crate) fn wrap(line: &str, width: usize, indent: usize) -> String {
    let indent = if width < indent + NARROWEST { 0 } else { indent };
    // Tabs have no width of their own.
    if measure_text_width(line) <= width || line.contains('\t') {
        return line.to_owned();
    }
    let mut wrapped = String::with_capacity(line.len() + line.len() / 8);
    let mut used = 0;
    let mut is_empty = true;
    for (index, word) in line.split(' ').enumerate() {
        let length = measure_text_width(word);
        if index > 0 {
            if !is_empty && used + 1 + length > width && length > 0 {
                let kept = wrapped.trim_end_matches(' ').len();
                wrapped.truncate(kept);
                wrapped.push('\n');
                wrapped.push_str(&" ".repeat(indent));
                used = indent;
            } else {
                wrapped.push(' ');
                used += 1;
            }
        }
        wrapped.push_str(word);
        used += length;
        // The terminal breaks a word that is too long.
        while used > width {
            used -= width.max(1);
        }
        is_empty &= strip_ansi_codes(word).is_empty();
    }
    wrapped
}

/// Breaks each line of a text. Parts are indented like their line, and by `more` columns.
pub(crate) fn wrap_lines(text: &str, width: usize, more: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let plain = strip_ansi_codes(line);
        let indent = plain.len() - plain.trim_start_matches(' ').len();
        wrap(line, width, indent + more)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Shortens text to a number of columns. The end is kept, because it distinguishes paths.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let (mut begin, mut used, mut buffer) = (text.len(), 1, [0; 4]);
    for (index, letter) in text.char_indices().rev() {
        used += measure_text_width(letter.encode_utf8(&mut buffer));
        if used > width {
            break;
        }
        begin = index;
    }
    format!("…{}", &text[begin..])
}

/// Breaks text where a line is full, also inside a word, and returns the parts. The parts have all characters.
pub(crate) fn fill(text: &str, width: usize) -> Vec<String> {
    let mut parts = Vec::new();
    for part in wrap(text, width, 0).split('\n') {
        let (mut line, mut used) = (String::new(), 0);
        let mut buffer = [0; 4];
        for letter in part.chars() {
            let length = measure_text_width(letter.encode_utf8(&mut buffer));
            if used + length > width && !line.is_empty() {
                parts.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(letter);
            used += length;
        }
        parts.push(line);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "error: the dataset does not exist; create it first, or check the letter case";
        let wrapped = wrap(text, 30, 2);
        assert_eq!(
            wrapped,
            "error: the dataset does not\n  exist; create it first, or\n  check the letter case"
        );
        assert_eq!(wrap("short", 30, 2), "short");
        assert_eq!(
            wrap("see https://api.example/a/very/long/path now", 22, 2),
            "see\n  https://api.example/a/very/long/path now"
        );
        assert_eq!(wrap("東京物語 東京物語 東京物語", 20, 0), "東京物語 東京物語\n東京物語");
        assert_eq!(
            wrap("\u{1b}[1merror:\u{1b}[0m one two three", 19, 0),
            "\u{1b}[1merror:\u{1b}[0m one two\nthree"
        );
        // An indent that leaves no room is left out.
        assert_eq!(wrap("one two three four five", 10, 8), "one two\nthree four\nfive");
    }

    #[test]
    fn parts_are_indented_like_their_line() {
        let text = "a list:\n  - the first item is long\n\n  - second";
        assert_eq!(wrap_lines(text, 24, 2), "a list:\n  - the first item is\n    long\n\n  - second");
    }

    #[test]
    fn filled_parts_have_all_characters() {
        assert_eq!(fill("ab abcdefghij", 8), ["ab", "abcdefgh", "ij"]);
        assert_eq!(fill("", 8), [""]);
        assert_eq!(fill("東京物語", 3), ["東", "京", "物", "語"]);
    }

    #[test]
    fn shortened_text_keeps_its_end() {
        assert_eq!(shorten("ingest films.csv", 16), "ingest films.csv");
        assert_eq!(shorten("ingest films.csv", 10), "…films.csv");
        assert_eq!(shorten("ingest 東京", 4), "…京");
        assert_eq!(shorten("abc", 0), "…");
    }
}
