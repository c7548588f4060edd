//! The ETag of a part: the MD5 digest of its content in hexadecimal digits, as in S3.

use md5::{Digest, Md5};

use crate::persistence::hex;

pub(super) fn of(content: &[u8]) -> String {
    hex(&Md5::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etag_is_the_md5_digest() {
        // From RFC 1321.
        assert_eq!(of(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }
}
