//! Path values that address exactly the resource they name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A segment of a request path: a name, an id, or `self` for the owner of the token.
///
/// Names may contain spaces, slashes, `%` and any script. The name is percent-encoded as one segment. Three
/// kinds of names are rejected because the request would address another resource:
///
/// - the empty name,
/// - `.` and `..`, which HTTP clients resolve: a dataset named `.` would address its namespace,
/// - names with a backslash or a control character.
///
/// ```
/// use datalinks_gen::PathSegment;
///
/// assert!(PathSegment::new("a name / with 100 %").is_ok());
/// assert!(PathSegment::new("..").is_err());
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PathSegment(String);

impl PathSegment {
    /// Validates `value`.
    ///
    /// # Errors
    ///
    /// Fails if a request with the value would address another resource.
    pub fn new(value: impl Into<String>) -> Result<Self, InvalidSegment> {
        let value = value.into();
        let fault = match value.as_str() {
            "" => "is empty",
            "." | ".." => "is a relative path, which addresses another resource",
            text if text.contains('\\') => "has a backslash",
            text if text.chars().any(char::is_control) => "has a control character",
            _ => return Ok(Self(value)),
        };
        Err(InvalidSegment { value, fault })
    }

    /// Returns the segment `self`, which stands for the owner of the token.
    pub fn own() -> Self {
        Self("self".to_owned())
    }

    /// Returns the value without encoding.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value as it appears in a path: percent-encoded as one segment by RFC 3986.
    ///
    /// ```
    /// use datalinks_gen::PathSegment;
    ///
    /// # fn main() -> Result<(), datalinks_gen::InvalidSegment> {
    /// assert_eq!(PathSegment::new("a/b [1]%")?.encoded(), "a%2Fb%20%5B1%5D%25");
    /// # Ok(())
    /// # }
    /// ```
    pub fn encoded(&self) -> String {
        encode(&self.0, |_| false)
    }
}

/// Percent-encodes the characters that the generator and the `url` crate leave raw in a path although RFC 3986
/// forbids them there: `[`, `]`, `|` and `^`. Existing encoding is unchanged.
pub(crate) fn complete(url: &mut reqwest::Url) {
    let keep = |byte| matches!(byte, b'/' | b'%');
    // Most paths are complete, and are not copied.
    if !url.path().bytes().all(|byte| is_plain(byte) || keep(byte)) {
        let path = encode(url.path(), keep);
        url.set_path(&path);
    }
}

/// The characters of a segment, by their code.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            )
            || matches!(byte, b',' | b';' | b'=' | b':' | b'@');
        byte += 1;
    }
    plain
};

/// Returns `true` for the characters of a segment.
fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

/// Percent-encodes all bytes that are not characters of a segment (`pchar` of RFC 3986), except those that
/// `keep` accepts.
fn encode(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) || keep(byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    encoded
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PathSegment {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for PathSegment {
    type Err = InvalidSegment;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        Self::new(value)
    }
}

impl<'de> Deserialize<'de> for PathSegment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The error of a value that cannot be a segment of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidSegment {
    value: String,
    fault: &'static str,
}

impl InvalidSegment {
    /// Returns the reason, as the end of a sentence about the value: `is empty`, for example.
    pub fn reason(&self) -> &'static str {
        self.fault
    }
}

impl fmt::Display for InvalidSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {:?} {}; nothing was sent, choose another name", self.value, self.fault)
    }
}

impl std::error::Error for InvalidSegment {}

#[cfg(test)]
mod tests {
    use super::{PathSegment, complete};

    /// `[`, `]`, `|` and `^` were left raw.
    ///
    /// Regression 33.
    #[test]
    fn every_ascii_character_is_encoded_by_rfc_3986() {
        for byte in 0x20..0x7f_u8 {
            let c = char::from(byte);
            let Ok(segment) = PathSegment::new(format!("a{c}")) else { continue };
            let plain = c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c);
            let expected = if plain { format!("a{c}") } else { format!("a%{byte:02X}") };
            assert_eq!(segment.encoded(), expected);
            // Neither the URL nor the completion encodes twice.
            let text = format!("https://example.com/p/{expected}?x=[1]");
            let mut url: reqwest::Url = text.parse().unwrap();
            assert_eq!(url.as_str(), text);
            complete(&mut url);
            assert_eq!(url.as_str(), text);
        }
        let mut raw: reqwest::Url = "https://example.com/a[1]|^%5D/b".parse().unwrap();
        complete(&mut raw);
        assert_eq!(raw.path(), "/a%5B1%5D%7C%5E%5D/b");
    }

    #[test]
    fn names_that_address_another_resource_are_rejected() {
        for bad in ["", ".", "..", "a\\b", "a\nb", "\u{7f}", "\u{85}"] {
            let error = PathSegment::new(bad).unwrap_err();
            assert!(error.to_string().contains("nothing was sent"), "{error}");
        }
        for good in ["self", "...", "a/b", "a%2Fb", "ü", " ", "?", "#"] {
            assert_eq!(PathSegment::new(good).unwrap().as_str(), good);
        }
    }
}
