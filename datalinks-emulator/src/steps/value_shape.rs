//! The form of values: their kind and their shape.

use crate::store::Number;
use crate::store::column_profile::short;

/// Maximum number of characters of a shape.
const MAX_SHAPE: usize = 100;

/// Returns the kind of a value: a number or a text.
pub(super) fn kind(text: &str) -> String {
    if Number::parse(text).is_some() { "a number" } else { "a text" }.to_owned()
}

/// Returns the shape of a value. A run of letters becomes `a`, a run of digits `9`, and a run of white space a space.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        let class = match c {
            c if c.is_alphabetic() => 'a',
            c if c.is_numeric() => '9',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !(shape.ends_with(class) && matches!(class, 'a' | '9' | ' ')) {
            shape.push(class);
        }
    }
    format!("like {:?}", short(&shape, MAX_SHAPE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_keeps_punctuation_and_drops_lengths() {
        assert_eq!(shape("AB-12.5 x"), "like \"a-9.9 a\"");
        assert_eq!(shape("  "), "like \" \"");
        assert_eq!(shape("--"), "like \"--\"");
    }
}
