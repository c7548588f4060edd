//! Addresses of cells, as a spreadsheet program shows them.

use std::fmt;

/// A cell by row and column, both counted from 0. Its `Display` form is `A1` or `XFD1048576`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Address {
    pub(super) row: u32,
    pub(super) column: u32,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The letters are digits in base 26 without a zero, from the last to the first.
        let mut letters = [0_u8; 7];
        let mut start = letters.len();
        let mut left = u64::from(self.column) + 1;
        while left > 0 {
            start -= 1;
            letters[start] = b'A' + ((left - 1) % 26) as u8;
            left = (left - 1) / 26;
        }
        for letter in &letters[start..] {
            write!(f, "{}", char::from(*letter))?;
        }
        write!(f, "{}", u64::from(self.row) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_match_spreadsheet_programs() {
        for (row, column, name) in [
            (0, 0, "A1"),
            (1, 25, "Z2"),
            (2, 26, "AA3"),
            (9, 701, "ZZ10"),
            (0, 702, "AAA1"),
            (40_000, 8_000, "KUS40001"),
            (1_048_575, 16_383, "XFD1048576"),
            (u32::MAX, u32::MAX, "MWLQKWV4294967296"),
        ] {
            assert_eq!(Address { row, column }.to_string(), name);
        }
    }
}
