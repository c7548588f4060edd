//! The report: failures by symptom, and the slowest responses.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// Number of slow responses in the report.
const SLOWEST: usize = 15;

/// Growth of memory in megabytes that is reported.
const GROWN: u64 = 50;

/// A kind of failure.
#[derive(Debug)]
pub(super) struct Failure {
    /// The first scenarios that may have caused the failure.
    pub(super) numbers: Vec<u64>,
    /// Number of occurrences.
    pub(super) times: u64,
    /// The command that sends one of the scenarios, and the observation.
    pub(super) details: String,
}

/// A slow response.
#[derive(Clone, Debug)]
pub(super) struct Slow {
    pub(super) elapsed: Duration,
    pub(super) number: u64,
    pub(super) what: String,
}

/// All observations of a run.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Failures by symptom.
    pub(super) failures: BTreeMap<String, Failure>,
    slow: Vec<Slow>,
    /// Number of responses by status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// Number of requests and of successes by operation.
    pub(super) operations: BTreeMap<String, (u64, u64)>,
    pub(super) sent: u64,
    /// Peak memory of an emulator in megabytes.
    peak: u64,
    /// The scenarios after which peak memory grew by [`GROWN`] or more, with the new peak.
    grown: Vec<(u64, String)>,
    pub(super) starts: u64,
    /// The maximum number of steps of work of one scenario, with the scenario. Zero if steps are not counted.
    pub(super) steps: (u64, String),
}

impl Report {
    /// Counts a failure. Returns `true` if the symptom is new.
    pub(super) fn fail(&mut self, symptom: &str, numbers: &[u64], details: impl FnOnce() -> String) -> bool {
        if let Some(known) = self.failures.get_mut(symptom) {
            known.times += 1;
            known.numbers.extend(numbers.iter().take(12_usize.saturating_sub(known.numbers.len())));
            return false;
        }
        let failure = Failure { numbers: numbers.to_vec(), times: 1, details: details() };
        println!("hostile: FAILURE {symptom}\n    {}", failure.details.replace('\n', "\n    "));
        self.failures.insert(symptom.to_owned(), failure);
        true
    }

    /// Records the steps of work of a scenario.
    pub(super) fn record_steps(&mut self, steps: u64, what: impl FnOnce() -> String) {
        if steps > self.steps.0 {
            self.steps = (steps, what());
        }
    }

    /// Counts a response.
    pub(super) fn record_response(
        &mut self,
        operation: &str,
        status: u16,
        elapsed: Duration,
        number: u64,
        what: impl FnOnce() -> String,
    ) {
        *self.statuses.entry(status).or_default() += 1;
        let (all, successes) = self.operations.entry(operation.to_owned()).or_default();
        *all += 1;
        *successes += u64::from((200..300).contains(&status));
        let full = self.slow.len() == SLOWEST;
        if full && self.slow.last().is_some_and(|last| last.elapsed >= elapsed) {
            return;
        }
        if full {
            self.slow.pop();
        }
        let place = self.slow.partition_point(|slow| slow.elapsed > elapsed);
        self.slow.insert(place, Slow { elapsed, number, what: what() });
    }

    /// Records the current peak memory of an emulator.
    pub(super) fn record_memory(&mut self, peak: u64, what: impl FnOnce() -> String) {
        if peak >= self.peak + GROWN && self.peak > 0 {
            self.grown.push((peak, what()));
        }
        self.peak = self.peak.max(peak);
    }

    /// Returns the human-readable end of the report.
    pub(super) fn summary(&self, elapsed: Duration) -> String {
        let mut text = String::new();
        let rate = self.sent as f64 / elapsed.as_secs_f64().max(0.001);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "hostile: {} requests in {:.1} s ({rate:.0} per second), {} starts of the emulator, at most {} MB",
            self.sent,
            elapsed.as_secs_f64(),
            self.starts,
            self.peak
        );
        if self.steps.0 > 0 {
            let _ = writeln!(text, "hostile: at most {} steps of work, at {}", self.steps.0, self.steps.1);
        }
        for (megabytes, what) in &self.grown {
            let _ = writeln!(text, "hostile: {megabytes} MB of memory after {what}");
        }
        let statuses: Vec<String> =
            self.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        let _ = writeln!(text, "hostile: statuses {}", statuses.join(", "));
        let successes: Vec<String> = self
            .operations
            .iter()
            .map(|(operation, (all, successes))| format!("{operation} {successes}/{all}"))
            .collect();
        let _ = writeln!(text, "hostile: successes {}", successes.join(", "));
        let _ = writeln!(text, "hostile: slowest responses");
        for slow in &self.slow {
            let _ = writeln!(
                text,
                "  {:>8.1} ms  number {}  {}",
                slow.elapsed.as_secs_f64() * 1e3,
                slow.number,
                slow.what
            );
        }
        for (symptom, failure) in &self.failures {
            let numbers: Vec<String> = failure.numbers.iter().map(u64::to_string).collect();
            let _ = writeln!(
                text,
                "hostile: {} times: {symptom} (numbers {})",
                failure.times,
                numbers.join(", ")
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slowest_responses_are_kept_in_order() {
        let mut report = Report::default();
        for number in 0..100 {
            report.record_response("x", 200, Duration::from_millis(number * 7 % 100), number, || {
                number.to_string()
            });
        }
        let kept: Vec<u128> = report.slow.iter().map(|slow| slow.elapsed.as_millis()).collect();
        assert_eq!(kept, (85..100).rev().collect::<Vec<u128>>());
    }

    #[test]
    fn memory_growth_is_reported_with_its_cause() {
        let mut report = Report::default();
        for (peak, what) in [(40, "start"), (45, "little"), (100, "much"), (99, "less"), (120, "little")] {
            report.record_memory(peak, || what.to_owned());
        }
        assert_eq!(report.grown, [(100, "much".to_owned())]);
        assert!(report.summary(Duration::from_secs(1)).contains("at most 120 MB"));
    }

    #[test]
    fn symptom_is_reported_once() {
        let mut report = Report::default();
        assert!(report.fail("x", &[1], String::new));
        assert!(!report.fail("x", &[2], || panic!("the details of a known symptom are not needed")));
        assert_eq!(report.failures["x"].numbers, [1, 2]);
        assert!(report.summary(Duration::from_secs(1)).contains("2 times: x (numbers 1, 2)"));
    }
}
