//! Deliberate differences from the recorded calls.

use crate::recordings::Exchange;

/// A deliberate difference from the recorded calls, with its reason.
pub struct Difference {
    /// A description of the difference.
    pub what: &'static str,
    /// The reason for the difference.
    pub why: &'static str,
    /// Changes the recorded exchange into the expected one.
    pub apply: fn(&mut Exchange),
}

/// Applies all differences. Returns those that changed something.
pub fn apply(differences: &[Difference], exchange: &mut Exchange) -> Vec<&'static str> {
    let mut applied = Vec::new();
    for difference in differences {
        let before = format!("{exchange:?}");
        (difference.apply)(exchange);
        if format!("{exchange:?}") != before {
            applied.push(difference.what);
        }
    }
    applied
}

/// Checks that each difference has changed some recording. One that has not is a leftover.
///
/// # Panics
///
/// Panics if a difference has not changed any recording.
#[track_caller]
pub fn assert_all_shown<'a>(differences: &[Difference], applied: impl IntoIterator<Item = &'a str>) {
    let applied: Vec<&str> = applied.into_iter().collect();
    for Difference { what, why, .. } in differences {
        assert!(applied.contains(what), "no recording shows the difference \"{what}\" ({why}): remove it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recordings;

    const DIFFERENCES: &[Difference] = &[
        Difference {
            what: "another status",
            why: "a test",
            apply: |exchange| exchange.response.status = 299,
        },
        Difference { what: "nothing", why: "a leftover", apply: |_| {} },
    ];

    #[test]
    fn differences_with_an_effect_are_reported() {
        let mut exchange = recordings::load().remove(0).exchanges.remove(0);
        assert_eq!(apply(DIFFERENCES, &mut exchange), ["another status"]);
        assert_eq!(exchange.response.status, 299);
        assert_all_shown(&DIFFERENCES[..1], ["another status"]);
    }

    #[test]
    #[should_panic(expected = "no recording shows the difference \"nothing\" (a leftover)")]
    fn leftover_difference_fails() {
        assert_all_shown(DIFFERENCES, ["another status"]);
    }
}
