//! What values look like.

use std::collections::HashMap;

use super::cells::text;
use crate::store::{InputRow, Number};

/// Whether a text is a number.
pub(super) fn kind(text: &str) -> String {
    if Number::parse(text).is_some() { "a number" } else { "a text" }.to_owned()
}

/// A text with `a` for letters and `9` for digits, each however many stand together.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        let sort = match c {
            c if c.is_alphabetic() => 'a',
            c if c.is_numeric() => '9',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !(shape.ends_with(sort) && matches!(sort, 'a' | '9' | ' ')) {
            shape.push(sort);
        }
    }
    format!("like {shape:?}")
}

/// What most values of a column look like; the first seen of several.
pub(super) fn most_frequent(rows: &[InputRow<'_>], column: &str, look: fn(&str) -> String) -> Option<String> {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (index, text) in rows.iter().filter_map(|row| text(row, column)).enumerate() {
        counts.entry(look(text)).or_insert((0, index)).0 += 1;
    }
    let most = counts.into_iter().min_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
    most.map(|(look, _)| look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_signs_and_forget_lengths() {
        assert_eq!(shape("AB-12.5 x"), "like \"a-9.9 a\"");
        assert_eq!(shape("  "), "like \" \"");
        assert_eq!(shape("--"), "like \"--\"");
    }
}
