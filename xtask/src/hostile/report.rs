//! What was found: failures by their symptoms, and the slowest responses.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// How many slow responses are listed.
const SLOWEST: usize = 15;

/// How many megabytes more are worth a line.
const GROWN: u64 = 50;

/// One kind of failure.
#[derive(Debug)]
pub(super) struct Failure {
    /// The scenarios that may have caused it, the first ones.
    pub(super) numbers: Vec<u64>,
    /// How often it was seen.
    pub(super) times: u64,
    /// How to send one of them, and what was seen.
    pub(super) details: String,
}

/// A response that took its time.
#[derive(Clone, Debug)]
pub(super) struct Slow {
    pub(super) elapsed: Duration,
    pub(super) number: u64,
    pub(super) what: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// By symptom.
    pub(super) failures: BTreeMap<String, Failure>,
    slow: Vec<Slow>,
    /// Responses by status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// How many requests each operation had, and how many of these succeeded.
    pub(super) operations: BTreeMap<String, (u64, u64)>,
    pub(super) sent: u64,
    /// The most memory of an emulator, in megabytes.
    peak: u64,
    /// What was sent when the most memory grew by [`GROWN`] or more, and to how many megabytes.
    grown: Vec<(u64, String)>,
    pub(super) starts: u64,
    /// The most steps of work that one scenario took, and what was sent. Zero if they are not counted.
    pub(super) steps: (u64, String),
}

impl Report {
    /// Counts a failure. Returns whether it is new.
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

    /// Notes the steps of work that a scenario took.
    pub(super) fn worked(&mut self, steps: u64, what: impl FnOnce() -> String) {
        if steps > self.steps.0 {
            self.steps = (steps, what());
        }
    }

    /// Counts a response.
    pub(super) fn answered(
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

    /// Notes the most memory that an emulator had until now.
    pub(super) fn memory(&mut self, peak: u64, what: impl FnOnce() -> String) {
        if peak >= self.peak + GROWN && self.peak > 0 {
            self.grown.push((peak, what()));
        }
        self.peak = self.peak.max(peak);
    }

    /// The end of the report, for people.
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
    fn the_slowest_responses_are_kept_in_order() {
        let mut report = Report::default();
        for number in 0..100 {
            report.answered("x", 200, Duration::from_millis(number * 7 % 100), number, || number.to_string());
        }
        let kept: Vec<u128> = report.slow.iter().map(|slow| slow.elapsed.as_millis()).collect();
        assert_eq!(kept, (85..100).rev().collect::<Vec<u128>>());
    }

    #[test]
    fn memory_that_grows_is_told_with_its_cause() {
        let mut report = Report::default();
        for (peak, what) in [(40, "start"), (45, "little"), (100, "much"), (99, "less"), (120, "little")] {
            report.memory(peak, || what.to_owned());
        }
        assert_eq!(report.grown, [(100, "much".to_owned())]);
        assert!(report.summary(Duration::from_secs(1)).contains("at most 120 MB"));
    }

    #[test]
    fn a_symptom_is_reported_once() {
        let mut report = Report::default();
        assert!(report.fail("x", &[1], String::new));
        assert!(!report.fail("x", &[2], || panic!("is not asked for")));
        assert_eq!(report.failures["x"].numbers, [1, 2]);
        assert!(report.summary(Duration::from_secs(1)).contains("2 times: x (numbers 1, 2)"));
    }
}
