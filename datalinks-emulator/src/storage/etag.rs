//! The tag of a part: 32 hexadecimal digits, made from its content. It looks like the one that the usual
//! storage answers, and is as stable; it is no cryptographic hash.

use crate::ids::mix;

pub(super) fn of(content: &[u8]) -> String {
    let (mut low, mut high) = (content.len() as u64, 0);
    for chunk in content.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        low = mix(low ^ u64::from_le_bytes(word));
        high = mix(high ^ low.rotate_left(32));
    }
    format!("{:016x}{:016x}", mix(high), low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_content_has_different_tags() {
        let mut tags: Vec<String> =
            [&b""[..], b"\0", b"\0\0", b"a", b"b", b"ab", b"12345678", b"123456781", b"212345678"]
                .iter()
                .map(|content| of(content))
                .collect();
        assert!(tags.iter().all(|tag| tag.len() == 32));
        assert_eq!(of(b"ab"), of(b"ab"));
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 9);
    }
}
