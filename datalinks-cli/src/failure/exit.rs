//! Exit codes.

/// The exit code of a command.
///
/// | code | meaning |
/// |---|---|
/// | 0 | success |
/// | 1 | failure that no other code describes, such as a rejected request or an unreadable file |
/// | 2 | usage: a wrong argument or setting |
/// | 3 | partial ingest: some rows were stored and some were not |
/// | 4 | authentication: the token is missing, wrong, or does not allow the call |
/// | 5 | not found |
/// | 6 | the server failed or cannot be reached |
/// | 7 | ambiguous outcome: the service may have carried out the request |
/// | 8 | budget reached: the run stopped at its budget, or could not hold it |
/// | 130 | interrupted by Ctrl-C (other signals: 128 plus their number) |
/// | 141 | the reader of the output closed it (as by SIGPIPE) |
///
/// If several apply, the first of 130, 7, 8, 4, 5, 3, 6, 1 is the code ([`Exit::and`]).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    Success,
    Failure,
    Usage,
    PartialIngest,
    Authentication,
    NotFound,
    Unreachable,
    Ambiguous,
    Budget,
    /// Contains 128 plus the number of the signal.
    Interrupted(u8),
    OutputClosed,
    /// A code that the documentation of a command gives.
    Code(u8),
}

impl Exit {
    /// Returns the code of the process.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::PartialIngest => 3,
            Self::Authentication => 4,
            Self::NotFound => 5,
            Self::Unreachable => 6,
            Self::Ambiguous => 7,
            Self::Budget => 8,
            Self::Interrupted(code) => code,
            Self::OutputClosed => 141,
            Self::Code(code) => code,
        }
    }

    /// Returns the one of two codes that takes precedence.
    pub(crate) fn and(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Unreachable => 2,
            Self::PartialIngest => 3,
            Self::NotFound => 4,
            Self::Authentication => 5,
            Self::Budget => 6,
            Self::Ambiguous => 7,
            // These end a command at once, so nothing else has happened.
            Self::Usage | Self::OutputClosed | Self::Code(_) => 8,
            Self::Interrupted(_) => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_has_the_documented_order() {
        let order = [
            Exit::Interrupted(130),
            Exit::Ambiguous,
            Exit::Budget,
            Exit::Authentication,
            Exit::NotFound,
            Exit::PartialIngest,
            Exit::Unreachable,
            Exit::Failure,
            Exit::Success,
        ];
        assert_eq!(order.map(Exit::code), [130, 7, 8, 4, 5, 3, 6, 1, 0]);
        for (index, first) in order.iter().enumerate() {
            for later in &order[index..] {
                assert_eq!((first.and(*later), later.and(*first)), (*first, *first));
            }
        }
    }
}
