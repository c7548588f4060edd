//! Exit codes and advice for errors of the client.

use datalinks::{Error, ErrorKind};

use super::exit::Exit;

/// Returns the commands to try after an error of the client.
pub(super) fn next(error: &Error) -> &'static [&'static str] {
    match error.kind() {
        ErrorKind::Unauthorized => &["datalinks auth status", "datalinks auth login"],
        ErrorKind::Connect => &["datalinks config"],
        _ => &[],
    }
}

/// Returns the cause of an error of the client, unless the error repeats what its causes say.
pub(super) fn cause(error: &Error) -> Option<&(dyn std::error::Error + 'static)> {
    match error.kind() {
        // The innermost cause is part of the message. Those above it only say which library passed it on.
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted => None,
        _ => std::error::Error::source(error),
    }
}

/// Returns the exit code for an error of the client.
pub(super) fn exit(error: &Error) -> Exit {
    if error.is_ambiguous() {
        return Exit::Ambiguous;
    }
    match error.kind() {
        ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::InUse => Exit::Usage,
        ErrorKind::Budget => Exit::Budget,
        ErrorKind::Unauthorized | ErrorKind::Forbidden => Exit::Authentication,
        ErrorKind::NotFound | ErrorKind::Gone => Exit::NotFound,
        ErrorKind::Connect
        | ErrorKind::Timeout
        | ErrorKind::Interrupted
        | ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Unsupported
        | ErrorKind::Redirect
        | ErrorKind::UnexpectedResponse
        | ErrorKind::PrematureEnd
        | ErrorKind::Stalled => Exit::Unreachable,
        _ => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn kinds_have_exit_codes() {
        use ErrorKind as Kind;

        let codes: [(u8, &[Kind]); 6] = [
            (2, &[Kind::Config, Kind::InvalidInput, Kind::InUse]),
            (4, &[Kind::Unauthorized, Kind::Forbidden]),
            (5, &[Kind::NotFound, Kind::Gone]),
            (8, &[Kind::Budget]),
            (
                6,
                &[
                    Kind::Connect,
                    Kind::Timeout,
                    Kind::Interrupted,
                    Kind::RateLimited,
                    Kind::Server,
                    Kind::Unsupported,
                    Kind::Redirect,
                    Kind::UnexpectedResponse,
                    Kind::PrematureEnd,
                    Kind::Stalled,
                ],
            ),
            (
                1,
                &[
                    Kind::Encode,
                    Kind::Rejected,
                    Kind::Conflict,
                    Kind::TooLarge,
                    Kind::Client,
                    Kind::LimitExceeded,
                    Kind::Reported,
                    Kind::JsonRpc,
                    Kind::Expired,
                    Kind::Changed,
                    Kind::Io,
                    Kind::Source,
                ],
            ),
        ];
        for (code, kinds) in codes {
            for kind in kinds {
                assert_eq!(Failure::from(Error::new(*kind, "x")).exit().code(), code, "{kind:?}");
            }
        }
        let ambiguous = Error::new(ErrorKind::Server, "x").with_ambiguous(true);
        assert_eq!(Failure::from(ambiguous).exit().code(), 7);
    }
}
