//! The first line by which a file names its delimiter to Excel.

use super::delimiter::is_delimiter;
use crate::{error::Error, read::lines::Lines};

/// Reads the line `sep=;` if the file begins with it, and returns what stands behind the sign.
pub(super) fn read(lines: &mut Lines) -> Result<Option<u8>, Error> {
    let mut first = Vec::new();
    let Some(line) = lines.next(&mut first)? else { return Ok(None) };
    let declared = if line.too_long { None } else { declared(&first[..line.content]) };
    if declared.is_none() {
        lines.give_back(line.number - 1, &first);
    }
    Ok(declared)
}

/// The delimiter that a first line names.
pub(super) fn declared(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (sign, value) = line.split_at_checked(4)?;
    if !sign.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let (delimiter, rest) = match value {
        [b'\\', b't', rest @ ..] => (b'\t', rest),
        [delimiter, rest @ ..] => (*delimiter, rest),
        [] => return None,
    };
    // A program that took the line for a row filled it up to as many cells as the others have.
    (is_delimiter(delimiter) && rest.iter().all(|byte| *byte == delimiter)).then_some(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_one_character() {
        for (line, delimiter) in [
            ("sep=;", b';'),
            ("SEP=,", b','),
            ("sep=\t", b'\t'),
            ("sep=\\t", b'\t'),
            ("\"sep=|\"", b'|'),
            ("sep=;;;", b';'),
            ("sep==", b'='),
        ] {
            assert_eq!(declared(line.as_bytes()), Some(delimiter), "{line:?}");
        }
        for line in
            ["", "sep", "sep=", "sep=;,", "sep=\"", "sep=é", "sep=;name", "sep =;", " sep=;", "\"sep=;"]
        {
            assert_eq!(declared(line.as_bytes()), None, "{line:?}");
        }
    }
}
