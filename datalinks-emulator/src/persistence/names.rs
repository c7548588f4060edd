//! File names for dataset names of any form.

use std::fmt::Write as _;

use md5::{Digest, Md5};

/// Maximum length of an encoded name that is not shortened, in bytes. File systems allow 255 bytes, extensions included.
const LONGEST: usize = 150;
/// Number of bytes of a longer name that remain before the hash.
const HEAD: usize = 100;

/// Names of devices on Windows, with any extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Returns `true` if Windows treats the lower-case name as a device, with any extension.
pub(super) fn is_device(name: &str) -> bool {
    // Windows treats the superscript digits of Latin-1 as digits here.
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let stem = stem.replace('\u{b9}', "1").replace('\u{b2}', "2").replace('\u{b3}', "3");
    DEVICES.contains(&stem.as_str())
}

/// Encodes a name as a file name that is valid on Linux, macOS and Windows.
///
/// Different names have different file names, on case-insensitive file systems too. Lower-case letters, digits, `-`,
/// `_` and inner dots are unchanged. All other bytes are percent-encoded. A long name is cut and ends with `~` and a
/// hash.
pub(crate) fn encode(name: &str) -> String {
    if name.is_empty() {
        // No other name has this encoding, and a path cannot have an empty component.
        return "%".to_owned();
    }
    let device = is_device(name);
    let last = name.len().saturating_sub(1);
    let mut encoded = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let plain = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => !(device && at == 0),
            b'.' => at > 0 && at < last,
            _ => false,
        };
        if plain {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02x}");
        }
    }
    if encoded.len() > LONGEST {
        // The cut must not be inside an escape.
        let cut = encoded[..HEAD].rfind('%').filter(|at| at + 3 > HEAD).unwrap_or(HEAD);
        encoded.truncate(cut);
        encoded.push('~');
        encoded.push_str(&hex(&Md5::digest(name)));
    }
    encoded
}

/// Returns bytes, such as a hash, in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_unchanged() {
        for name in ["films", "pipeline_1", "a-b.c", "2024"] {
            assert_eq!(encode(name), name);
        }
    }

    #[test]
    fn special_names_are_encoded() {
        assert_eq!(encode("Films"), "%46ilms");
        assert_eq!(encode("a/b\\c:d*"), "a%2fb%5cc%3ad%2a");
        assert_eq!(encode("é x"), "%c3%a9%20x");
        assert_eq!((encode("."), encode(".."), encode("a.")), ("%2e".into(), "%2e%2e".into(), "a%2e".into()));
        assert_eq!(
            (encode("con"), encode("nul.txt"), encode("icon")),
            ("%63on".into(), "%6eul.txt".into(), "icon".into())
        );
        assert_eq!((encode("100%"), encode("%"), encode("")), ("100%25".into(), "%25".into(), "%".into()));
        assert_eq!(encode("CON"), "%43%4f%4e", "every upper-case letter is encoded");
    }

    #[test]
    fn long_names_are_shortened_and_stay_distinct() {
        let (one, two) = ("ä".repeat(200), format!("{}b", "ä".repeat(199)));
        let (short, other) = (encode(&one), encode(&two));
        assert!(short.len() < LONGEST && short.starts_with("%c3%a4"), "{short}");
        assert_ne!(short, other);
        assert!(!short.split('~').next().unwrap().ends_with('%'));
    }
}
