//! Progress of long work: a bar on a terminal, plain lines otherwise, and nothing with `--quiet`.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::diagnostics::Diagnostics;

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    /// Rows, with their name in the plural.
    Things(&'static str),
    /// Bytes.
    Bytes,
}

impl Unit {
    fn write(self, amount: u64) -> String {
        match self {
            Self::Things(name) => format!("{} {name}", HumanCount(amount)),
            Self::Bytes => BinaryBytes(amount).to_string(),
        }
    }
}

/// The progress of some work. Removed from the terminal when it is dropped.
pub(crate) struct Progress {
    diagnostics: Diagnostics,
    label: String,
    unit: Unit,
    total: Option<u64>,
    start: Instant,
    bar: Option<ProgressBar>,
    plain: Mutex<Plain>,
}

/// The state of progress in plain lines.
#[derive(Debug)]
struct Plain {
    done: u64,
    /// Amount at which the next line is written.
    next: u64,
}

impl Progress {
    /// Starts progress from 0. `label` says what is done, such as `ingest films.csv`.
    pub(crate) fn start(
        diagnostics: &Diagnostics,
        label: impl Into<String>,
        unit: Unit,
        total: Option<u64>,
    ) -> Self {
        let label = label.into();
        let bar = diagnostics.bars.then(|| {
            let bar = match total {
                Some(total) => ProgressBar::new(total),
                None => ProgressBar::new_spinner(),
            };
            let bar = diagnostics.drawn.add(bar.with_style(style(unit, total.is_some())));
            bar.set_prefix(crate::terminal::escape(&label).into_owned());
            bar
        });
        let plain = Mutex::new(Plain { done: 0, next: next_line(0, total) });
        Self { diagnostics: diagnostics.clone(), label, unit, total, start: Instant::now(), bar, plain }
    }

    /// Counts more work.
    pub(crate) fn add(&self, amount: u64) {
        self.advance(|done| done.saturating_add(amount));
    }

    /// Sets the work that is done, for work that counts by itself.
    pub(crate) fn set(&self, done: u64) {
        self.advance(|before| before.max(done));
    }

    fn advance(&self, done: impl FnOnce(u64) -> u64) {
        let mut plain = self.plain.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        plain.done = done(plain.done);
        if let Some(bar) = &self.bar {
            bar.set_position(plain.done);
        }
        if self.bar.is_none() && plain.done >= plain.next {
            plain.next = next_line(plain.done, self.total);
            self.diagnostics.note(&plain_line(
                &self.label,
                self.unit,
                plain.done,
                self.total,
                self.start.elapsed(),
            ));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Returns the amount at which the next plain line is due: each tenth of the total, or 1, 2, 5, 10, 20, 50, … without one.
fn next_line(done: u64, total: Option<u64>) -> u64 {
    match total {
        Some(total) => {
            let tenths = u128::from(done) * 10 / u128::from(total.max(1)) + 1;
            let next = (tenths * u128::from(total)).div_ceil(10);
            u64::try_from(next).unwrap_or(u64::MAX).max(done.saturating_add(1))
        }
        None => {
            let mut step: u64 = 1;
            loop {
                for factor in [1, 2, 5] {
                    let next = step.saturating_mul(factor);
                    if next > done || next == u64::MAX {
                        return next;
                    }
                }
                step = step.saturating_mul(10);
            }
        }
    }
}

fn plain_line(label: &str, unit: Unit, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let amount = match total {
        Some(total) => {
            let percent = u128::from(done) * 100 / u128::from(total.max(1));
            format!("{} of {} ({percent}%)", unit.write(done), unit.write(total))
        }
        None => unit.write(done),
    };
    let seconds = elapsed.as_secs_f64();
    let rate = if seconds < 1.0 {
        String::new()
    } else {
        // The rate is shown to people, so it may lose digits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
        let rate = (done as f64 / seconds) as u64;
        let left = total.filter(|_| rate > 0).map(|total| total.saturating_sub(done) / rate);
        let left =
            left.map_or(String::new(), |left| format!(", {} left", HumanDuration(Duration::from_secs(left))));
        format!(", {}/s{left}", unit.write(rate))
    };
    format!("{label}: {amount}{rate}")
}

fn template(unit: Unit, has_total: bool) -> &'static str {
    match (unit, has_total) {
        (Unit::Bytes, true) => {
            "{prefix} {bar:24} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left"
        }
        (Unit::Bytes, false) => "{prefix} {spinner} {binary_bytes} {binary_bytes_per_sec}",
        (Unit::Things(_), true) => "{prefix} {bar:24} {human_pos}/{human_len} {per_sec} {eta} left",
        (Unit::Things(_), false) => "{prefix} {spinner} {human_pos} {per_sec}",
    }
}

fn style(unit: Unit, has_total: bool) -> ProgressStyle {
    // The templates above are valid, which a test checks.
    ProgressStyle::with_template(template(unit, has_total)).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_few() {
        let lines = |total, end: u64| {
            let mut next = next_line(0, total);
            let mut lines = Vec::new();
            while next <= end {
                lines.push(next);
                next = next_line(next, total);
            }
            lines
        };
        assert_eq!(lines(Some(1000), 1000), [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
        assert_eq!(lines(Some(3), 3), [1, 2, 3]);
        assert_eq!(lines(None, 1000), [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
        assert!(next_line(u64::MAX, None) == u64::MAX && next_line(7, Some(0)) > 7);
    }

    #[test]
    fn plain_line_has_amount_rate_and_time_left() {
        let line = |total, elapsed| {
            plain_line("ingest films.csv", Unit::Things("rows"), 5000, total, Duration::from_secs(elapsed))
        };
        assert_eq!(line(Some(20000), 0), "ingest films.csv: 5,000 rows of 20,000 rows (25%)");
        assert_eq!(
            line(Some(20000), 5),
            "ingest films.csv: 5,000 rows of 20,000 rows (25%), 1,000 rows/s, 15 seconds left"
        );
        assert_eq!(line(None, 5), "ingest films.csv: 5,000 rows, 1,000 rows/s");
        assert_eq!(plain_line("x", Unit::Bytes, 1536, None, Duration::ZERO), "x: 1.50 KiB");
    }

    #[test]
    fn templates_are_valid() {
        for unit in [Unit::Bytes, Unit::Things("rows")] {
            for has_total in [true, false] {
                ProgressStyle::with_template(template(unit, has_total)).unwrap();
            }
        }
    }
}
