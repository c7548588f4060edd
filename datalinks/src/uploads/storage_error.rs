//! Errors of the storage that rejects a part.
//!
//! The body of the response is not included in errors, because storages repeat the request in it, including its
//! signature.

use http::{HeaderMap, StatusCode};

use crate::{
    error::{Error, ErrorKind, REQUEST_ID_KEPT},
    transport::request_id,
};

/// The header with the request id of S3-compatible storages.
const STORAGE_REQUEST_ID: &str = "x-amz-request-id";
/// Maximum length of an error code.
const CODE_KEPT: usize = 64;

/// Returns the error for a response that is not a success.
pub(super) fn error(status: StatusCode, headers: &HeaderMap, body: &[u8], part: &str) -> Error {
    let code = code(body);
    let kind = match (status.as_u16(), code.as_deref()) {
        (403, _) | (400, Some("ExpiredToken")) => ErrorKind::Expired,
        (400, Some("RequestTimeout")) => ErrorKind::Timeout,
        _ => ErrorKind::of_status(status),
    };
    let what = match kind {
        ErrorKind::Expired => {
            format!("the storage rejects the URL of {part}: the URL has expired or is not valid")
        }
        ErrorKind::Redirect => format!("the storage redirects {part}, and redirects are not followed"),
        _ => format!("the storage rejected {part}"),
    };
    let error = Error::new(kind, what).with_status(status).with_request_id(id(headers));
    let error = match kind {
        ErrorKind::Redirect | ErrorKind::Rejected | ErrorKind::Client => {
            error.advice("the file is valid; report this to the operator of the service")
        }
        ErrorKind::NotFound => error.advice("the upload no longer exists; upload the file again"),
        ErrorKind::Unauthorized => error.advice(
            "a presigned URL needs no further credentials; report this to the operator of the service",
        ),
        _ => error,
    };
    match code {
        Some(code) => error.with_code(code, Vec::new()),
        None => error,
    }
}

/// Returns the code in the error body of an S3-compatible storage (`<Error><Code>...</Code>`), if it has the form
/// of a code.
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
    fn error_contains_only_the_code_of_the_body() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>canary</StringToSign></Error>";
        let error = made(403, body);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Expired, Some("SignatureDoesNotMatch")));
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(error.to_string().contains("part 2 of 3"), "{error}");
        for invalid in [
            "",
            "<Code>",
            "<Code></Code>",
            "<Code>a b</Code>",
            "\u{0}",
            &format!("<Code>{}</Code>", "x".repeat(65)),
        ] {
            assert_eq!(made(500, invalid).code(), None, "{invalid:?}");
        }
    }

    #[test]
    fn error_kind_depends_on_status_and_code() {
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
