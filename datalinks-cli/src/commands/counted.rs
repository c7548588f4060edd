//! Numbers of things in words.

use std::fmt::Display;

/// Returns a number with the name of the things, such as `1 row` or `3 rows`.
pub(super) fn counted<T: Display + PartialEq + From<u8>>(number: T, name: &str) -> String {
    let plural = if number == T::from(1) { "" } else { "s" };
    format!("{number} {name}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_singular() {
        assert_eq!([counted(0_usize, "row"), counted(2, "row")], ["0 rows", "2 rows"]);
        assert_eq!(counted(1_i64, "reading call"), "1 reading call");
    }
}
