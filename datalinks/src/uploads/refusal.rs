//! What a storage says when it refuses a part.
//!
//! Its text is not passed on: storages echo the request in it, signature included.

use http::{HeaderMap, StatusCode};

use crate::{
    error::{Error, ErrorKind, REQUEST_ID_KEPT},
    transport::request_id,
};

/// The id of a request, as the usual storage calls it.
const STORAGE_REQUEST_ID: &str = "x-amz-request-id";
/// Characters of a code at most.
const CODE_KEPT: usize = 64;

/// The error for an answer that is no success.
pub(super) fn error(status: StatusCode, headers: &HeaderMap, body: &[u8], part: &str) -> Error {
    let code = code(body);
    let kind = match (status.as_u16(), code.as_deref()) {
        (403, _) | (400, Some("ExpiredToken")) => ErrorKind::Expired,
        (400, Some("RequestTimeout")) => ErrorKind::Timeout,
        _ => ErrorKind::of_status(status),
    };
    let what = match kind {
        ErrorKind::Expired => {
            format!("the storage refuses the URL of {part}: it has expired or is not valid")
        }
        ErrorKind::Redirect => format!("the storage redirects {part}, which is not followed"),
        _ => format!("the storage refused {part}"),
    };
    let error = Error::new(kind, what).with_status(status).with_request_id(id(headers));
    let error = match kind {
        ErrorKind::Redirect | ErrorKind::Rejected | ErrorKind::Client => {
            error.advice("ask the service; nothing about the file is wrong")
        }
        ErrorKind::NotFound => error.advice("the upload is gone; upload the file anew"),
        ErrorKind::Unauthorized => error.advice("the URL should have been enough; ask the service"),
        _ => error,
    };
    match code {
        Some(code) => error.with_code(code, Vec::new()),
        None => error,
    }
}

/// The code in an error of the usual storage (`<Error><Code>...</Code>`), if it looks like one.
fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let fits = code.len() <= CODE_KEPT && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (fits && !code.is_empty()).then(|| code.to_owned())
}

fn id(headers: &HeaderMap) -> Option<String> {
    request_id(headers).or_else(|| {
        let id = headers.get(STORAGE_REQUEST_ID)?.to_str().ok()?;
        Some(id.chars().take(REQUEST_ID_KEPT).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(status: u16, body: &str) -> Error {
        error(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), "part 2 of 3")
    }

    #[test]
    fn nothing_but_the_code_is_passed_on() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>canary</StringToSign></Error>";
        let error = made(403, body);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Expired, Some("SignatureDoesNotMatch")));
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(error.to_string().contains("part 2 of 3"), "{error}");
        for odd in [
            "",
            "<Code>",
            "<Code></Code>",
            "<Code>a b</Code>",
            "\u{0}",
            &format!("<Code>{}</Code>", "x".repeat(65)),
        ] {
            assert_eq!(made(500, odd).code(), None, "{odd:?}");
        }
    }

    #[test]
    fn kinds_follow_status_and_code() {
        for (status, body, kind) in [
            (403, "", ErrorKind::Expired),
            (400, "<Code>ExpiredToken</Code>", ErrorKind::Expired),
            (400, "<Code>RequestTimeout</Code>", ErrorKind::Timeout),
            (400, "<Code>BadDigest</Code>", ErrorKind::Rejected),
            (404, "<Code>NoSuchUpload</Code>", ErrorKind::NotFound),
            (307, "", ErrorKind::Redirect),
            (503, "<Code>SlowDown</Code>", ErrorKind::Server),
        ] {
            assert_eq!(made(status, body).kind(), kind, "{status} {body}");
        }
    }
}
