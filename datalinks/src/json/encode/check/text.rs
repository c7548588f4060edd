//! Strings as JSON.

use std::fmt::{self, Display, Write};

use serde::ser::Error as _;
use serde_json::Error;

/// Appends `text` as a JSON string.
#[inline]
pub(super) fn write(bytes: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    if needs_escapes(text.as_bytes()) {
        return serde_json::to_writer(bytes, text);
    }
    bytes.reserve(text.len() + 2);
    bytes.push(b'"');
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'"');
    Ok(())
}

/// Appends the text that `value` displays as a JSON string, without a copy of the whole text.
pub(super) fn write_displayed<T: Display + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    bytes.push(b'"');
    write!(Escaping(bytes), "{value}").map_err(|_| Error::custom("a value cannot be displayed as text"))?;
    bytes.push(b'"');
    Ok(())
}

/// Appends parts of a JSON string, with escapes and without quotation marks.
struct Escaping<'a>(&'a mut Vec<u8>);

impl Write for Escaping<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if !needs_escapes(part.as_bytes()) {
            self.0.extend_from_slice(part.as_bytes());
            return Ok(());
        }
        let start = self.0.len();
        serde_json::to_writer(&mut *self.0, part).map_err(|_| fmt::Error)?;
        // The quotation marks belong to the whole string.
        self.0.pop();
        self.0.remove(start);
        Ok(())
    }
}

/// Returns `true` if a string contains a character that JSON must escape.
///
/// The characters of a block are compared at once, because the compiler turns the loop over a block of fixed length
/// into vector instructions.
#[inline]
fn needs_escapes(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<16>() {
        // The last block may overlap the one before it.
        return text.as_chunks::<16>().0.iter().any(has_special) || has_special(last);
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        return has_special(first) || has_special(last);
    }
    text.iter().any(is_special)
}

#[inline]
fn has_special<const N: usize>(block: &[u8; N]) -> bool {
    // Without a branch for each byte.
    block.iter().fold(false, |found, byte| found | is_special(byte))
}

#[inline]
fn is_special(byte: &u8) -> bool {
    *byte < 0x20 || *byte == b'"' || *byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character at every position of strings of every length around the blocks.
    #[test]
    fn strings_have_the_text_that_serde_json_writes() {
        let specials = (0..=0x7f).map(char::from).chain(['é', '\u{2028}', '🦀']);
        for special in specials {
            for length in 0..36 {
                for at in 0..=length {
                    let text = format!("{}{special}{}", "a".repeat(at), "b".repeat(length - at));
                    let expected = serde_json::to_vec(&text).unwrap();
                    let (mut written, mut displayed) = (Vec::new(), Vec::new());
                    write(&mut written, &text).unwrap();
                    assert_eq!(written, expected, "{text:?}");
                    write_displayed(&mut displayed, &format_args!("{}{}", &text[..at], &text[at..])).unwrap();
                    assert_eq!(displayed, expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn failing_display_is_an_error() {
        struct Failing;

        impl Display for Failing {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert!(write_displayed(&mut Vec::new(), &Failing).is_err());
    }
}
