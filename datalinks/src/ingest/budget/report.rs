//! The account of a run's spending.

use std::fmt;

use serde::Serialize;

use crate::spending::Amount;

/// The account of a run with a [`Budget`](super::Budget).
///
/// Usage contains all work of the account since the start of the run, because the service does not tie it to a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BudgetReport {
    /// The limit.
    pub limit: Amount,
    /// The usage that the service has reported since the start of the run.
    pub reported: Amount,
    /// Number of requests whose usage may not be reported yet. After a run that ended, this is `0` unless usage could not be
    /// read.
    pub unreported_requests: usize,
    /// Estimated cost of these requests, or `None` if nothing is known about the cost of a request.
    pub unreported_estimate: Option<Amount>,
    /// The amount by which the reported usage and the estimate exceed the limit, or `None` if there is no estimate.
    ///
    /// The cost of a request is known afterwards only. The budget is therefore exceeded by at most what the requests that were
    /// not reported yet when the last one started cost beyond their estimates. If the cost was unknown at the start, this can
    /// be the whole cost of the first request.
    pub may_exceed_by: Option<Amount>,
    /// The effect of the budget on the run.
    pub state: BudgetState,
}

/// The effect of a budget on a run.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum BudgetState {
    /// The budget did not end the run.
    Within,
    /// The estimate of the next request would have passed the limit.
    Reached,
    /// The usage of the first request was not reported in time, so the budget could not be held.
    NotReported,
    /// Usage could not be read, so the budget could not be held.
    Unreadable,
}

impl fmt::Display for BudgetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, reported, unreported_requests, unreported_estimate, may_exceed_by, state } = self;
        write!(f, "{reported} of {limit} reported, with all other work of the account")?;
        if *unreported_requests > 0 {
            write!(f, "; {unreported_requests} requests are not reported yet")?;
            match unreported_estimate {
                Some(estimate) => write!(f, ", estimated at {estimate}")?,
                None => f.write_str(", at an unknown cost")?,
            }
        }
        match may_exceed_by {
            Some(excess) if excess.units() > 0 => {
                let basis = if *unreported_requests > 0 { "with this estimate, " } else { "" };
                write!(f, "; {basis}the limit is exceeded by {excess}")
            }
            _ if *state == BudgetState::Unreadable && *unreported_requests == 0 => {
                f.write_str("; more may have been used, because usage could not be read")
            }
            Some(_) if *unreported_requests == 0 => f.write_str("; the limit is not exceeded"),
            _ => f.write_str("; the limit may be exceeded by what these requests cost beyond their estimate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "0 of 5 reported; the limit is not exceeded" was said after usage could not be read.
    #[test]
    fn nothing_is_claimed_about_usage_that_could_not_be_read() {
        let limit = Amount::Tokens(5);
        let mut report = BudgetReport {
            limit,
            reported: limit.with_units(0),
            unreported_requests: 0,
            unreported_estimate: Some(limit.with_units(0)),
            may_exceed_by: Some(limit.with_units(0)),
            state: BudgetState::Unreadable,
        };
        assert_eq!(
            report.to_string(),
            "0 tokens of 5 tokens reported, with all other work of the account; more may have been used, because \
             usage could not be read"
        );
        report.state = BudgetState::Within;
        assert!(report.to_string().ends_with("; the limit is not exceeded"));
    }

    #[test]
    fn text_has_the_requests_that_are_not_reported_and_the_excess() {
        let limit = Amount::Tokens(50);
        let text = |requests: usize, estimate: Option<u64>, excess: Option<u64>| {
            let report = BudgetReport {
                limit,
                reported: limit.with_units(40),
                unreported_requests: requests,
                unreported_estimate: estimate.map(|units| limit.with_units(units)),
                may_exceed_by: excess.map(|units| limit.with_units(units)),
                state: BudgetState::Reached,
            };
            let text = report.to_string();
            let start = "40 tokens of 50 tokens reported, with all other work of the account; ";
            text.strip_prefix(start).unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        let may = "the limit may be exceeded by what these requests cost beyond their estimate";
        let known = "2 requests are not reported yet, estimated at 8 tokens; ";
        let unknown = "2 requests are not reported yet, at an unknown cost; ";
        assert_eq!(text(2, Some(8), Some(0)), format!("{known}{may}"));
        assert_eq!(text(2, None, None), format!("{unknown}{may}"));
        assert_eq!(
            text(2, Some(8), Some(3)),
            format!("{known}with this estimate, the limit is exceeded by 3 tokens")
        );
        assert_eq!(text(0, Some(0), Some(3)), "the limit is exceeded by 3 tokens");
        assert_eq!(text(0, Some(0), Some(0)), "the limit is not exceeded");
    }
}
