//! Text in UTF-16.

use std::io::{self, Read};

/// Bytes read at once.
pub(super) const BUFFER: usize = 64 * 1024;

/// UTF-16 as UTF-8.
///
/// Half of a surrogate pair is no character. It comes out as the three bytes that would stand for it, which are not
/// UTF-8 either, so that the record it stands in is a bad one as with any other broken text.
pub(super) struct Utf16<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// The first half of a unit whose second half was not read yet.
    odd: Option<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    bytes: Box<[u8]>,
    text: Vec<u8>,
    /// How much of `text` was handed on.
    at: usize,
    /// Bytes of the file that were read.
    offset: u64,
}

impl<R: Read> Utf16<R> {
    /// Reads from behind a mark of this many bytes.
    pub(super) fn new(source: R, unit: fn([u8; 2]) -> u16, mark: u64) -> Self {
        let bytes = vec![0; BUFFER / 4].into();
        Self { source, unit, odd: None, high: None, bytes, text: Vec::new(), at: 0, offset: mark }
    }

    /// Decodes what one read yields; false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let count = self.source.read(&mut self.bytes)?;
        self.text.clear();
        self.at = 0;
        if count == 0 {
            if self.odd.is_some() {
                let message = format!(
                    "byte {} of the text is half of a UTF-16 character, and the last one",
                    self.offset
                );
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            self.flush();
            return Ok(!self.text.is_empty());
        }
        self.offset += count as u64;
        for position in 0..count {
            let byte = self.bytes[position];
            match self.odd.take() {
                Some(first) => self.push((self.unit)([first, byte])),
                None => self.odd = Some(byte),
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

    /// The second half does not come.
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
        while self.at == self.text.len() {
            if !self.decode()? {
                return Ok(0);
            }
        }
        let text = &self.text[self.at..];
        let count = text.len().min(buffer.len());
        buffer[..count].copy_from_slice(&text[..count]);
        self.at += count;
        Ok(count)
    }
}

/// The order of the bytes of UTF-16 that no mark announces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unmarked {
    BigEndian,
    LittleEndian,
}

impl Unmarked {
    /// The order, if the sample is UTF-16.
    ///
    /// Delimiters, digits and line ends have a zero byte each, always on the same side. UTF-8 has a zero byte by a
    /// mistake only, and then line ends and commas without one.
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
        let is_told_by = |mark: &[u8]| {
            !mark.iter().any(|byte| sample.contains(byte))
                || units.clone().any(|unit| mark.iter().any(|byte| unit == u16::from(*byte)))
        };
        (is_told_by(b"\n\r") && is_told_by(b",;\t|")).then_some(order)
    }
}
