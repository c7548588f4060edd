//! What values look like.

use crate::store::Number;
use crate::store::column_profile::short;

/// Characters of a shape that are shown.
const SHAPE: usize = 100;

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
    format!("like {:?}", short(&shape, SHAPE))
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
