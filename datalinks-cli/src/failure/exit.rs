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

    /// Returns the one of two codes that takes precedence. The order of the codes does not matter.
    pub(crate) fn and(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// Returns the precedence, and the code, which decides between codes of the same precedence.
    fn rank(self) -> (usize, u8) {
        let code = self.code();
        let place = PRECEDENCE.iter().position(|known| *known == code);
        let precedence = match (self, place) {
            (Self::Interrupted(_), _) => PRECEDENCE.len() + 2,
            (_, Some(place)) => PRECEDENCE.len() - place,
            (Self::Success, None) => 0,
            // These end a command at once, so nothing else has happened.
            (_, None) => PRECEDENCE.len() + 1,
        };
        (precedence, u8::MAX - code)
    }
}

/// The order of the documented codes. A command that was interrupted by another signal than Ctrl-C counts as 130.
const PRECEDENCE: [u8; 8] = [130, 7, 8, 4, 5, 3, 6, 1];

#[cfg(test)]
mod tests {
    use super::*;

    /// All codes, those of signals and of commands among them.
    fn all() -> Vec<Exit> {
        let named = [
            Exit::Success,
            Exit::Failure,
            Exit::Usage,
            Exit::PartialIngest,
            Exit::Authentication,
            Exit::NotFound,
            Exit::Unreachable,
            Exit::Ambiguous,
            Exit::Budget,
            Exit::OutputClosed,
        ];
        let signals = [129, 130, 131, 143].map(Exit::Interrupted);
        named.into_iter().chain(signals).chain([126, 127].map(Exit::Code)).collect()
    }

    #[test]
    fn precedence_has_the_documented_order() {
        let exits = all();
        let with_code = |code| exits.iter().find(|exit| exit.code() == code).copied().unwrap();
        let order = [130, 7, 8, 4, 5, 3, 6, 1, 0].map(with_code);
        for (index, first) in order.iter().enumerate() {
            for later in &order[index..] {
                assert_eq!((first.and(*later), later.and(*first)), (*first, *first));
            }
        }
    }

    /// Of two codes without a documented order, the first one was the result.
    #[test]
    fn order_and_grouping_of_codes_do_not_matter() {
        let all = all();
        for one in &all {
            assert_eq!((one.and(*one), one.and(Exit::Success)), (*one, *one));
            for two in &all {
                assert_eq!(one.and(*two), two.and(*one));
                assert!([*one, *two].contains(&one.and(*two)));
                for three in &all {
                    assert_eq!(one.and(*two).and(*three), one.and(two.and(*three)));
                }
            }
        }
    }
}
