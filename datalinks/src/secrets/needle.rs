//! Finds one secret in a text, in all escaped forms.

use std::ops::Range;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

/// Length in bytes from which a secret is removed at every position. A shorter one is removed only as a whole word,
/// because it can occur in other words by coincidence.
const MIN_LENGTH_ANYWHERE: usize = 8;
/// Length in bytes from which the base64 forms of a secret are searched as well.
const MIN_LENGTH_BASE64: usize = 12;
/// Number of characters before a truncation that are recognized as the start of a secret.
const MIN_LENGTH_CUT: usize = 4;
/// Maximum number of backslashes before one character that are read, which is more than nested escapes need. Without a
/// limit, a run would be counted again from each of its characters.
const MAX_BACKSLASHES: usize = 32;

/// A secret to search for.
///
/// Each of its characters may be plain or an escape of JSON and `Debug` (`\/`, `\u002f`, `\u{2f}`), of URLs (`%2F`,
/// `%252F`) or of HTML (`&#47;`, `&#x2f;`, `&amp;`). Long secrets are also found in base64, by the part of it that does
/// not depend on the surrounding bytes. Encrypted, hashed and hexadecimal forms are not found.
pub(super) struct Needle {
    secret: Zeroizing<Vec<u8>>,
    /// The stable part of the base64 forms, for each alignment and both alphabets.
    encoded: Zeroizing<Vec<Vec<u8>>>,
}

impl Needle {
    /// Creates a needle, or `None` for an empty secret.
    pub(super) fn new(secret: &str) -> Option<Self> {
        let secret = Zeroizing::new(secret.as_bytes().to_vec());
        let encoded = if secret.len() < MIN_LENGTH_BASE64 {
            Zeroizing::default()
        } else {
            let standard = (0..3).map(|shift| stable_base64(&secret, shift));
            let mut encoded: Zeroizing<Vec<Vec<u8>>> = Zeroizing::new(standard.collect());
            for at in 0..encoded.len() {
                let url_safe = encoded[at].iter().map(|byte| match byte {
                    b'+' => b'-',
                    b'/' => b'_',
                    other => *other,
                });
                let url_safe = Zeroizing::new(url_safe.collect::<Vec<u8>>());
                if *url_safe != encoded[at] {
                    encoded.push(url_safe.to_vec());
                }
            }
            encoded
        };
        (!secret.is_empty()).then_some(Self { secret, encoded })
    }

    /// Replaces the secret in `text`, or returns `None` if it does not occur. Where a text was truncated, a start of
    /// the secret is replaced as well: at the end of the text if `cut` is set, and before each [`CUT`](super::CUT).
    pub(super) fn replace(&self, text: &str, mask: &str, cut: bool) -> Option<String> {
        let mut found: Vec<Range<usize>> = self.find(text.as_bytes(), cut);
        for encoded in &*self.encoded {
            found.extend(find_base64(text.as_bytes(), encoded));
        }
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|range| (range.start, range.end));
        // A mask that contains the secret would reveal it.
        let mask = if self.find(mask.as_bytes(), false).is_empty() { mask } else { "***" };
        let (mut redacted, mut done) = (String::with_capacity(text.len()), 0);
        for range in found {
            // Ranges may overlap. All of them begin and end at ASCII characters.
            if range.start >= done {
                redacted.push_str(text.get(done..range.start).unwrap_or_default());
                redacted.push_str(mask);
            }
            done = done.max(range.end);
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        Some(redacted)
    }

    fn find(&self, text: &[u8], cut: bool) -> Vec<Range<usize>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < text.len() {
            match match_at(text, at, &self.secret, cut).filter(|end| self.is_match(text, at, *end)) {
                Some(end) => {
                    found.push(at..end);
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Returns `true` if a match is the secret and not a coincidence.
    fn is_match(&self, text: &[u8], start: usize, end: usize) -> bool {
        let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        self.secret.len() >= MIN_LENGTH_ANYWHERE || (!word(before) && !word(text.get(end)))
    }
}

/// Returns the end of `secret` in `text` if it begins at `start`.
fn match_at(text: &[u8], start: usize, secret: &[u8], cut: bool) -> Option<usize> {
    let first = secret.first()?;
    if text[start] != *first && !matches!(text[start], b'\\' | b'%' | b'&') {
        return None;
    }
    // All offsets at which the matched part of the secret may end.
    let (mut ends, mut next) = (vec![start], Vec::new());
    for (count, byte) in secret.iter().enumerate() {
        if count >= MIN_LENGTH_CUT
            && let Some(end) = ends.iter().copied().find(|end| is_cut(text, *end, cut))
        {
            return Some(end);
        }
        for end in ends.drain(..) {
            forms(text, end, *byte, |end| {
                if !next.contains(&end) {
                    next.push(end);
                }
            });
        }
        if next.is_empty() {
            return None;
        }
        std::mem::swap(&mut ends, &mut next);
    }
    ends.into_iter().max()
}

/// Returns `true` if the text was truncated at `at`.
fn is_cut(text: &[u8], at: usize, cut_at_end: bool) -> bool {
    (cut_at_end && at == text.len()) || text[at..].starts_with(super::CUT.as_bytes())
}

/// Calls `found` with the end of each form of `byte` at `at`.
fn forms(text: &[u8], at: usize, byte: u8, mut found: impl FnMut(usize)) {
    let rest = text.get(at..).unwrap_or_default();
    let Some(first) = rest.first() else { return };
    if *first == byte {
        found(at + 1);
    }
    let found = |length| found(at + length);
    match first {
        b'\\' => backslash_forms(rest, byte, found),
        b'%' => percent_forms(rest, byte, found),
        b'&' => html_forms(rest, byte, found),
        _ => {}
    }
}

/// Calls `found` with the length of each form of `byte` that begins with the backslash at the start of `rest`.
fn backslash_forms(rest: &[u8], byte: u8, mut found: impl FnMut(usize)) {
    let run = rest.iter().take(MAX_BACKSLASHES);
    let backslashes = run.take_while(|byte| **byte == b'\\').count();
    if byte == b'\\' {
        [2, 4, 8].into_iter().filter(|count| *count <= backslashes).for_each(&mut found);
    }
    let escaped = &rest[backslashes..];
    if byte != b'\\' && escaped.first() == Some(&byte) {
        found(backslashes + 1);
    }
    if escaped.starts_with(b"u{") {
        let digits = escaped[2..].iter().take_while(|digit| digit.is_ascii_hexdigit()).count();
        if escaped.get(2 + digits) == Some(&b'}') && number(&escaped[2..2 + digits], 16) == Some(byte.into())
        {
            found(backslashes + digits + 3);
        }
    } else if escaped.first() == Some(&b'u') && digits(escaped, 1, 4) == Some(byte.into()) {
        found(backslashes + 5);
    } else if escaped.first() == Some(&b'x') && digits(escaped, 1, 2) == Some(byte.into()) {
        found(backslashes + 3);
    }
}

/// Calls `found` with the length of each form of `byte` that begins with the percent sign at the start of `rest`.
fn percent_forms(rest: &[u8], byte: u8, mut found: impl FnMut(usize)) {
    // Each `25` is a percent sign that was encoded once more.
    let mut skip = 1;
    loop {
        if digits(rest, skip, 2) == Some(byte.into()) {
            found(skip + 2);
        }
        if !rest[skip..].starts_with(b"25") {
            break;
        }
        skip += 2;
    }
}

/// Calls `found` with the length of each form of `byte` that begins with the ampersand at the start of `rest`.
fn html_forms(rest: &[u8], byte: u8, mut found: impl FnMut(usize)) {
    // Each `amp;` is an ampersand that was encoded once more.
    let mut skip = 1;
    loop {
        let name = &rest[skip..];
        if let Some(length) = name.iter().take(10).position(|byte| *byte == b';') {
            let value = match &name[..length] {
                [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
                [b'#', digits @ ..] => number(digits, 10),
                b"amp" => Some(b'&'.into()),
                b"lt" => Some(b'<'.into()),
                b"gt" => Some(b'>'.into()),
                b"quot" => Some(b'"'.into()),
                b"apos" => Some(b'\''.into()),
                b"sol" => Some(b'/'.into()),
                _ => None,
            };
            if value == Some(byte.into()) {
                found(skip + length + 1);
            }
        }
        if !name.starts_with(b"amp;") {
            break;
        }
        skip += 4;
    }
}

fn digits(text: &[u8], from: usize, count: usize) -> Option<u32> {
    number(text.get(from..from + count)?, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// Returns the characters in the base64 of `shift` unknown bytes and `secret` that depend only on the secret.
fn stable_base64(secret: &[u8], shift: usize) -> Vec<u8> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(shift + secret.len()));
    bytes.resize(shift, 0);
    bytes.extend_from_slice(secret);
    let first = (shift * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*bytes));
    encoded.as_bytes().get(first..end).unwrap_or_default().to_vec()
}

/// Returns the occurrences of `encoded`, extended to the base64 text around them.
fn find_base64(text: &[u8], encoded: &[u8]) -> Vec<Range<usize>> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match match_at(text, at, encoded, false) {
            Some(end) => {
                let start = at - text[..at].iter().rev().take_while(part).count();
                at = end + text[end..].iter().take_while(part).count();
                found.push(start..at);
            }
            None => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn redacted(secret: &str, text: &str) -> String {
        Needle::new(secret).unwrap().replace(text, "[key]", false).unwrap_or_else(|| text.to_owned())
    }

    /// Servers echo request data in their own encoding.
    #[test]
    fn escaped_forms_are_found() {
        let secret = "dl/Key+\"4711&x\\y'%z";
        let json = serde_json::to_string(secret).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let unicode = |c: char| format!("\\u{:04X}", u32::from(c));
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let html =
            secret.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('/', "&#x2F;");
        for text in [
            secret.to_owned(),
            json.clone(),
            twice.clone(),
            format!("{secret:?}"),
            format!("{json:?}"),
            json.replace('/', "\\/"),
            secret.chars().map(unicode).collect(),
            secret.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect(),
            secret.chars().map(|c| format!("\\x{:x}", u32::from(c))).collect(),
            percent.clone(),
            percent.replace('%', "%25"),
            form,
            html.clone(),
            html.replace('&', "&amp;"),
        ] {
            let masked = redacted(secret, &format!("<<{text}>>"));
            assert!(masked.contains("[key]") && !masked.contains("4711"), "{text}: {masked}");
            assert!(masked.starts_with("<<") && masked.ends_with(">>"), "{text}: {masked}");
        }
    }

    #[test]
    fn base64_is_found_in_every_alignment() {
        let secret = "canary-key-4711>>??";
        for before in ["", "a", "ab", "user:", "Bearer "] {
            for after in ["", "z", "zz"] {
                for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let text = engine.encode(format!("{before}{secret}{after}"));
                    assert_eq!(
                        redacted(secret, &format!("Basic {text}== was sent")),
                        "Basic [key] was sent",
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn short_secrets_match_whole_words_only() {
        assert_eq!(redacted("k", "the token k is broken"), "the token [key] is broken");
        assert_eq!(redacted("key", "no key, keys or a_key: \"key\""), "no ***, keys or a_key: \"***\"");
        assert_eq!(redacted("longer-key", "xlonger-keyx"), "x[key]x");
        for text in ["", "nothing", "longer-ke", "longer%2", "&", "\\", "%", "\\u00", "é%é&é\\é"] {
            assert_eq!(redacted("longer-key", text), text);
        }
        assert!(Needle::new("").is_none());
    }

    #[test]
    fn start_of_a_secret_at_a_cut_is_redacted() {
        let needle = Needle::new("canary-key").unwrap();
        assert_eq!(needle.replace("a canary-", "[key]", true).unwrap(), "a [key]");
        assert_eq!(needle.replace("a can", "[key]", true), None);
        assert_eq!(needle.replace("a canary-", "[key]", false), None);
    }
}
