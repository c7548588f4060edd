//! The tag of a part: the MD5 of its content in hexadecimal digits, as the usual storage has it.

use md5::{Digest, Md5};

pub(super) fn of(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_the_standard() {
        // From RFC 1321.
        assert_eq!(of(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }
}
