//! The path of a presigned URL.

use crate::runtime::Ids;

/// What such paths begin with.
const PREFIX: &str = "/_storage/";

/// Where one part goes.
pub(crate) struct PartUrl {
    pub(super) token: String,
    /// The number of the part, from 1.
    pub(super) number: usize,
}

impl PartUrl {
    /// The place that a path names. A path below the prefix that names none is a place where nothing goes.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(PREFIX)?;
        let (token, number) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { token: token.to_owned(), number: number.parse().unwrap_or(0) })
    }

    /// The upload whose token is in the path.
    pub(super) fn upload(&self, ids: &Ids) -> Option<&str> {
        let (upload_id, _) = self.token.split_at_checked(UPLOAD_ID)?;
        (token(ids, upload_id) == self.token).then_some(upload_id)
    }

    /// The path without its secret.
    pub(crate) fn shown(&self) -> String {
        format!("{PREFIX}-/{}", self.number)
    }
}

/// The length of the id of an upload.
const UPLOAD_ID: usize = 32;

/// What the URLs of an upload have in common: its id and a secret that follows from that and the seed, so that it
/// need not be kept. A guess would need more than a test can have.
pub(super) fn token(ids: &Ids, upload_id: &str) -> String {
    let id = u128::from_str_radix(upload_id, 16).unwrap_or_default();
    format!("{upload_id}{:032x}", ids.derive(id))
}

/// The presigned URL of a part, on the host that the client asked.
pub(crate) fn url(host: &str, token: &str, number: usize) -> String {
    format!("http://{host}{PREFIX}{token}/{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_without_its_token() {
        let place = PartUrl::of("/_storage/abc/12").unwrap();
        assert_eq!((place.token.as_str(), place.number), ("abc", 12));
        assert_eq!(place.shown(), "/_storage/-/12");
        assert_eq!(PartUrl::of("/_storage/abc").unwrap().shown(), "/_storage/-/0");
        assert!(PartUrl::of("/api/v1/_storage/abc/12").is_none());
        assert_eq!(url("127.0.0.1:1", "abc", 12), "http://127.0.0.1:1/_storage/abc/12");
    }
}
