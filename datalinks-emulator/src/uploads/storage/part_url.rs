//! The path of a presigned URL.

use crate::runtime::Ids;

/// Prefix of the paths of presigned URLs.
const PREFIX: &str = "/_storage/";

/// The presigned URL of one part.
pub(crate) struct PartUrl {
    pub(super) token: String,
    /// Number of the part, from 1.
    pub(super) number: usize,
}

impl PartUrl {
    /// Parses a path. Returns `None` outside the prefix. An invalid path below the prefix belongs to no upload.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(PREFIX)?;
        let (token, number) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { token: token.to_owned(), number: number.parse().unwrap_or(0) })
    }

    /// Returns the id of the upload if the secret in the URL is valid.
    pub(super) fn upload(&self, ids: &Ids) -> Option<&str> {
        let (upload_id, _) = self.token.split_at_checked(UPLOAD_ID)?;
        (token(ids, upload_id) == self.token).then_some(upload_id)
    }

    /// Returns the path without its secret.
    pub(crate) fn shown(&self) -> String {
        format!("{PREFIX}-/{}", self.number)
    }
}

/// Length of the id of an upload in characters.
const UPLOAD_ID: usize = 32;

/// Returns the common part of the URLs of an upload: its id and a secret.
///
/// The secret is derived from the id and the seed, so that it need not be stored.
pub(super) fn token(ids: &Ids, upload_id: &str) -> String {
    let id = u128::from_str_radix(upload_id, 16).unwrap_or_default();
    format!("{upload_id}{:032x}", ids.derive(id))
}

/// Returns the presigned URL of a part on the host to which the request was sent.
pub(crate) fn url(host: &str, token: &str, number: usize) -> String {
    format!("http://{host}{PREFIX}{token}/{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_url_is_shown_without_its_token() {
        let part = PartUrl::of("/_storage/abc/12").unwrap();
        assert_eq!((part.token.as_str(), part.number), ("abc", 12));
        assert_eq!(part.shown(), "/_storage/-/12");
        assert_eq!(PartUrl::of("/_storage/abc").unwrap().shown(), "/_storage/-/0");
        assert!(PartUrl::of("/api/v1/_storage/abc/12").is_none());
        assert_eq!(url("127.0.0.1:1", "abc", 12), "http://127.0.0.1:1/_storage/abc/12");
    }
}
