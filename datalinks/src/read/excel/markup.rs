//! Reads the tags of an XML document, to measure it.
//!
//! The library reads a document in chunks: tags, comments, and the text between them. Each chunk is held in memory, so
//! its length must be limited.

use std::io::{self, BufRead, Read};

use memchr::memchr;

/// A reader of tags.
pub(super) struct Markup<R> {
    source: R,
    /// Maximum number of bytes of one chunk.
    limit: usize,
    /// Maximum number of bytes of text before a tag.
    text: usize,
    tag: Vec<u8>,
    started: bool,
}

/// A tag, without its brackets, and the text before it.
pub(super) struct Tag<'a> {
    pub(super) bytes: &'a [u8],
    /// Number of bytes of text between the tag before and this one.
    pub(super) text: usize,
}

impl<R: BufRead> Markup<R> {
    pub(super) fn new(source: R, limit: usize) -> Self {
        Self { source, limit, text: 0, tag: Vec::new(), started: false }
    }

    /// Returns the next tag, or `None` at the end. Comments, instructions and declarations are skipped.
    ///
    /// # Errors
    ///
    /// - [`io::ErrorKind::InvalidData`] if a chunk is longer than the limit, or if the document is not in UTF-8.
    pub(super) fn next(&mut self) -> io::Result<Option<Tag<'_>>> {
        if !std::mem::replace(&mut self.started, true) {
            // UTF-16, with or without a byte order mark.
            let start = self.source.fill_buf()?;
            if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..] = start {
                return Err(invalid("a part of the file is not in UTF-8".to_owned()));
            }
        }
        self.text = 0;
        loop {
            self.tag.clear();
            if !self.read_until(b'<')? {
                return Ok(None);
            }
            self.text += self.tag.len() - 1;
            self.tag.clear();
            let mut quote = Quote::default();
            loop {
                let begin = self.tag.len();
                if !self.read_until(b'>')? {
                    return Ok(None);
                }
                if self.is_complete(begin, &mut quote) {
                    break;
                }
            }
            self.tag.pop();
            match self.tag.as_slice() {
                [b'!', b'[', ..] => self.text += self.tag.len(),
                [b'!' | b'?', ..] => {}
                _ => return Ok(Some(Tag { bytes: &self.tag, text: self.text })),
            }
            if self.text > self.limit {
                return Err(self.too_long());
            }
        }
    }

    /// Reads up to and including a byte. Returns `false` if the source ends before it.
    fn read_until(&mut self, end: u8) -> io::Result<bool> {
        let left = self.limit.saturating_sub(self.tag.len()).saturating_add(1);
        (&mut self.source).take(left as u64).read_until(end, &mut self.tag)?;
        if self.tag.last() == Some(&end) {
            return Ok(true);
        }
        if self.tag.len() > self.limit { Err(self.too_long()) } else { Ok(false) }
    }

    /// Returns `true` if the chunk ends with the bracket read last. The bytes before `begin` were checked before.
    fn is_complete(&self, begin: usize, quote: &mut Quote) -> bool {
        match self.tag.as_slice() {
            tag @ [b'!', b'-', b'-', ..] => tag.len() >= 6 && tag.ends_with(b"-->"),
            tag @ [b'!', b'[', ..] => tag.ends_with(b"]]>"),
            tag @ [b'?', ..] => tag.len() >= 3 && tag.ends_with(b"?>"),
            [b'!', ..] => true,
            tag => {
                quote.advance(&tag[begin..]);
                quote.0.is_none()
            }
        }
    }

    fn too_long(&self) -> io::Error {
        invalid(format!("a part of the file has a chunk of markup with more than {} bytes", self.limit))
    }
}

/// The quote around an attribute's value.
#[derive(Default)]
struct Quote(Option<u8>);

impl Quote {
    fn advance(&mut self, mut bytes: &[u8]) {
        loop {
            let found = match self.0 {
                Some(quote) => memchr(quote, bytes),
                None => memchr::memchr2(b'"', b'\'', bytes),
            };
            let Some(at) = found else { return };
            self.0 = if self.0.is_none() { Some(bytes[at]) } else { None };
            bytes = &bytes[at + 1..];
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl Tag<'_> {
    /// Returns the name with its prefix. A closing tag has a slash before it.
    pub(super) fn name(&self) -> &[u8] {
        let end = self.bytes.iter().skip(1).position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        &self.bytes[..end.map_or(self.bytes.len(), |end| end + 1)]
    }

    /// Returns the name without its prefix.
    pub(super) fn local_name(&self) -> &[u8] {
        let name = self.name();
        memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
    }

    /// Returns `true` if the element does not have content.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.ends_with(b"/")
    }

    /// Returns the value of an attribute, as it is written. `wanted` is its name with its prefix.
    pub(super) fn attribute(&self, wanted: &[u8]) -> Option<&[u8]> {
        let mut left = &self.bytes[self.name().len()..];
        loop {
            let equals = memchr(b'=', left)?;
            let name = left[..equals].trim_ascii();
            let value = left[equals + 1..].trim_ascii_start();
            let (quote, value) = value.split_first()?;
            let end = memchr(*quote, value)?;
            if name == wanted {
                return Some(&value[..end]);
            }
            left = &value[end + 1..];
        }
    }

    /// Returns an attribute as a number. A number that is too large becomes the maximum.
    pub(super) fn number(&self, wanted: &[u8]) -> Option<u64> {
        let digits = self.attribute(wanted)?.trim_ascii();
        let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
        Some(digits.parse().unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str, limit: usize) -> Result<Vec<String>, String> {
        let mut markup = Markup::new(text.as_bytes(), limit);
        let mut found = Vec::new();
        while let Some(tag) = markup.next().map_err(|error| error.to_string())? {
            found.push(format!("{}|{}", tag.text, String::from_utf8_lossy(tag.bytes)));
        }
        Ok(found)
    }

    #[test]
    fn tags_are_found_between_other_markup() {
        let text =
            "<?xml version='1.0'?><!DOCTYPE a><!-- <b> -- > --><a x='>' y=\"'>\"> text <![CDATA[<c>]]]]></a>";
        assert_eq!(tags(text, 50).unwrap(), ["0|a x='>' y=\"'>\"", "21|/a"]);
        assert_eq!(tags("<a><b", 50).unwrap(), ["0|a"]);
        assert_eq!(tags("", 50).unwrap(), [""; 0]);
    }

    #[test]
    fn long_chunk_of_any_kind_is_rejected() {
        let long = "x<>".repeat(100);
        for text in [
            format!("<a>{}</a>", "x".repeat(300)),
            format!("<a b=\"{long}\"/>"),
            format!("<!-- {long} -->"),
            format!("<a><![CDATA[{long}]]></a>"),
            format!("<? {long} ?>"),
            format!("<a{}", "b".repeat(300)),
        ] {
            assert!(tags(&text, 100).unwrap_err().contains("more than 100 bytes"), "{text}");
            assert!(tags(&text, 1000).is_ok(), "{text}");
        }
        assert!(tags("<\0a\0", 100).unwrap_err().contains("not in UTF-8"));
    }

    #[test]
    fn names_and_attributes_are_read() {
        let tag = Tag {
            bytes: b"x:sst a = '1' uniqueCount=\"12\"\n b=\"=\" c='99999999999999999999999'/",
            text: 0,
        };
        assert_eq!((tag.name(), tag.local_name(), tag.is_empty()), (&b"x:sst"[..], &b"sst"[..], true));
        assert_eq!(tag.number(b"uniqueCount"), Some(12));
        assert_eq!((tag.number(b"a"), tag.number(b"b")), (Some(1), None));
        assert_eq!((tag.number(b"c"), tag.number(b"d")), (Some(u64::MAX), None));
        assert_eq!(Tag { bytes: b"/a", text: 0 }.name(), b"/a");
    }
}
