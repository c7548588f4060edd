//! Conditions after which a run was slow for the rest of its rows.

use super::*;

/// Returns the rate of an adaptive run after 20 seconds, by that of a fixed setting.
fn compared(spec: &Spec, fixed: Setting) -> (f64, Figures) {
    let adaptive = simulate(spec, Setting::Both, 1, 0.0, 1);
    let best = simulate(spec, fixed, 1, 0.0, 1).rate(20.0, END);
    (adaptive.rate(20.0, END) / best, adaptive)
}

/// After a moment with a lower limit on body size, batches stayed as small as it had allowed.
#[test]
fn limit_on_body_size_falls_and_returns() {
    let bodies = Kind::Bodies { max: 4_000, workers: 8, fixed: 0.05, per_row: 0.000_1 };
    for (until, factor) in [(12.0, 8.0), (10.2, 100.0)] {
        let spec = Spec { slower: Some((10.0, until, factor)), ..spec("limit on body size", bodies, 8) };
        let (rate, figures) = compared(&spec, Setting::Fixed(8, 400));
        assert!(rate >= 0.8, "{rate} with a limit that was lower until {until}");
        assert!(figures.rejected() < 0.03, "{}", figures.rejected());
    }
}

/// A 429 halved the batches, so that more requests were needed and rejected, down to batches of one row.
#[test]
fn quota_of_requests_does_not_shrink_batches() {
    let quota = Kind::Bucket { rate: 3.0, burst: 3.0, latency: 0.02, retry_after: 1.0 };
    let (rate, _) = compared(&spec("quota of requests", quota, 1), Setting::Fixed(1, 400));
    assert!(rate >= 0.8, "{rate}");
}
