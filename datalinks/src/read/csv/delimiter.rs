//! Which bytes can stand between cells.

/// Whether a byte can stand between cells.
pub(in crate::read) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n')
}
