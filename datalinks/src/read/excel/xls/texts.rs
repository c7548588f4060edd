//! The sizes of the shared texts of a workbook.

use super::numbers::{number, short};

/// The record of shared texts and those that continue it.
#[derive(Default)]
pub(super) struct Texts<'a>(Vec<&'a [u8]>);

impl<'a> Texts<'a> {
    pub(super) fn add(&mut self, record: &'a [u8]) {
        self.0.push(record);
    }

    /// The number of bytes of each text. A damaged record ends them.
    pub(super) fn sizes(self) -> Vec<u32> {
        let mut parts = self.0.into_iter();
        let mut left = parts.next().and_then(|first| first.get(8..)).unwrap_or_default();
        let mut sizes = Vec::new();
        while let Some(size) = text(&mut left, &mut parts) {
            sizes.push(size);
        }
        sizes
    }
}

/// Passes over a text, which may continue in the next records.
fn text<'a>(left: &mut &'a [u8], parts: &mut impl Iterator<Item = &'a [u8]>) -> Option<u32> {
    while left.is_empty() {
        *left = parts.next()?;
    }
    let (mut characters, flags) = (usize::from(short(left, 0)?), *left.get(2)?);
    *left = &left[3..];
    let mut rest = 0;
    if flags & 0b1000 != 0 {
        rest += usize::from(short(left, 0)?) * 4;
        *left = &left[2..];
    }
    if flags & 0b0100 != 0 {
        rest += number(left, 0)? as usize;
        *left = &left[4..];
    }
    let (mut width, mut size) = (width(flags), 0);
    loop {
        let here = characters.min(left.len() / width);
        size += here * width;
        characters -= here;
        *left = &left[here * width..];
        if characters == 0 {
            break;
        }
        // The text goes on, in characters of another width perhaps.
        let (flags, next) = parts.next()?.split_first()?;
        (width, *left) = (self::width(*flags), next);
    }
    while rest > left.len() {
        rest -= left.len();
        *left = parts.next()?;
    }
    *left = &left[rest..];
    u32::try_from(size).ok()
}

/// Number of bytes of a character.
fn width(flags: u8) -> usize {
    if flags & 1 == 0 { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_measured_across_records() {
        let first = [&[0; 8][..], b"\x02\0\0ab", b"\x03\0\x01a\0b\0"].concat();
        // The third character is narrow. Then come two runs and four bytes of more.
        let second = [&b"\0c"[..], b"\x01\0\x0C\x02\0\x04\0\0\0x12345"].concat();
        let third = b"6789012\x04\0\0abcd\x05\0\0abc";
        let mut texts = Texts::default();
        for record in [&first[..], &second, third] {
            texts.add(record);
        }
        assert_eq!(texts.sizes(), [2, 5, 1, 4]);
        assert!(Texts::default().sizes().is_empty());
    }
}
