//! The first line in which a file defines its delimiter for Excel (`sep=;`).

use crate::{error::Error, read::lines::Lines};

/// Reads the line `sep=;`, if the file begins with it, and returns the delimiter.
pub(super) fn read(lines: &mut Lines) -> Result<Option<u8>, Error> {
    let mut first = Vec::new();
    let Some(line) = lines.next(&mut first)? else { return Ok(None) };
    let declared = if line.too_long { None } else { declared(&first[..line.content]) };
    if declared.is_none() {
        lines.give_back(line.number - 1, &first);
    }
    Ok(declared)
}

/// Returns the delimiter that a first line defines.
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
    // A program that read the line as a row may have padded it with delimiters to the width of the table.
    (is_delimiter(delimiter) && rest.iter().all(|byte| *byte == delimiter)).then_some(delimiter)
}

/// Returns `true` if a byte can be a delimiter.
pub(in crate::read) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sep_line_defines_one_character() {
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
