//! Decoding of UTF-16.

use std::io::{self, Read};

/// Bytes of UTF-16 that are decoded in one step.
const CHUNK: usize = 16 * 1024;

/// A reader that converts UTF-16 to UTF-8.
///
/// A lone surrogate is not a character. It is written as the three bytes that UTF-8 would use for it. These are invalid
/// UTF-8, so its record becomes a bad record, as with any other invalid text.
pub(super) struct Utf16<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// First byte of a code unit whose second byte was not read yet.
    first_byte: Option<u8>,
    /// First unit of a surrogate pair whose second unit was not read yet.
    high: Option<u16>,
    bytes: Box<[u8]>,
    text: Vec<u8>,
    /// Number of bytes of `text` that were returned.
    returned: usize,
    /// Number of bytes of the file that were read.
    offset: u64,
}

impl<R: Read> Utf16<R> {
    /// Creates a decoder. The source is positioned after a byte order mark of `mark` bytes.
    pub(super) fn new(source: R, unit: fn([u8; 2]) -> u16, mark: u64) -> Self {
        let bytes = vec![0; CHUNK].into();
        Self {
            source,
            unit,
            first_byte: None,
            high: None,
            bytes,
            text: Vec::new(),
            returned: 0,
            offset: mark,
        }
    }

    /// Decodes the bytes of one read. Returns `false` at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let count = self.source.read(&mut self.bytes)?;
        self.text.clear();
        self.returned = 0;
        if count == 0 {
            if self.first_byte.is_some() {
                let message = format!("the text ends inside a UTF-16 character, after {} bytes", self.offset);
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            self.flush();
            return Ok(!self.text.is_empty());
        }
        self.offset += count as u64;
        for position in 0..count {
            let byte = self.bytes[position];
            match self.first_byte.take() {
                Some(first) => self.push((self.unit)([first, byte])),
                None => self.first_byte = Some(byte),
            }
        }
        Ok(true)
    }

    fn push(&mut self, unit: u16) {
        if let (Some(high), 0xDC00..=0xDFFF) = (self.high, unit) {
            self.high = None;
            self.text.extend(char::decode_utf16([high, unit]).flatten().flat_map(utf8));
            return;
        }
        self.flush();
        match char::from_u32(unit.into()) {
            Some(character @ '\0'..='\x7F') => self.text.push(character as u8),
            Some(character) => self.text.extend(utf8(character)),
            None if unit < 0xDC00 => self.high = Some(unit),
            None => self.text.extend(lone(unit)),
        }
    }

    /// Writes a pending first unit as a lone surrogate.
    fn flush(&mut self) {
        self.text.extend(self.high.take().into_iter().flat_map(lone));
    }
}

fn utf8(character: char) -> impl Iterator<Item = u8> {
    let mut bytes = [0; 4];
    let length = character.encode_utf8(&mut bytes).len();
    bytes.into_iter().take(length)
}

fn lone(unit: u16) -> [u8; 3] {
    [0xE0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8]
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.returned == self.text.len() {
            if !self.decode()? {
                return Ok(0);
            }
        }
        let text = &self.text[self.returned..];
        let count = text.len().min(buffer.len());
        buffer[..count].copy_from_slice(&text[..count]);
        self.returned += count;
        Ok(count)
    }
}

/// The byte order of UTF-16 without a byte order mark.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unmarked {
    BigEndian,
    LittleEndian,
}

impl Unmarked {
    /// Returns the byte order, or `None` if the sample is not UTF-16.
    ///
    /// In UTF-16, delimiters, digits and line ends have one zero byte each, always on the same side. UTF-8 contains a
    /// zero byte only by mistake, and then contains line ends and commas without one.
    pub(super) fn of(sample: &[u8]) -> Option<Self> {
        let mut zeros = [0; 2];
        for (position, byte) in sample.iter().enumerate() {
            zeros[position % 2] += usize::from(*byte == 0);
        }
        let (order, unit): (_, fn([u8; 2]) -> u16) = match zeros {
            [_, 0] if zeros[0] > 1 && zeros[0] >= sample.len() / 64 => (Self::BigEndian, u16::from_be_bytes),
            [0, _] if zeros[1] > 1 && zeros[1] >= sample.len() / 64 => {
                (Self::LittleEndian, u16::from_le_bytes)
            }
            _ => return None,
        };
        let units = sample.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let is_confirmed_by = |mark: &[u8]| {
            !mark.iter().any(|byte| sample.contains(byte))
                || units.clone().any(|unit| mark.iter().any(|byte| unit == u16::from(*byte)))
        };
        (is_confirmed_by(b"\n\r") && is_confirmed_by(b",;\t|")).then_some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_zero_byte_indicates_no_utf_16() {
        for sample in [&b"\0a"[..], b"ab\0d", b"a\0", b"abc\0"] {
            assert_eq!(Unmarked::of(sample), None, "{sample:?}");
        }
        assert_eq!(Unmarked::of(b"\0a\0b"), Some(Unmarked::BigEndian));
        assert_eq!(Unmarked::of(b"a\0b\0"), Some(Unmarked::LittleEndian));
    }
}
