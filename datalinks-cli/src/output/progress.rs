//! Progress of long work: a bar on a terminal, plain lines otherwise, and nothing with `--quiet`.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::HumanDuration;

use super::bar::Bar;
use super::diagnostics::Diagnostics;
use super::work::{Share, Unit, Work};

/// The progress of some work. Removed from the terminal when it is dropped.
pub(crate) struct Progress {
    diagnostics: Diagnostics,
    label: String,
    start: Instant,
    bar: Option<Bar>,
    state: Mutex<State>,
}

/// What is known about the work.
#[derive(Debug)]
struct State {
    work: Work,
    /// Amount at which the next plain line is written, in the unit of the share if there is one.
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
        let share = total.map(|total| Share { done: 0, total });
        let work = Work { unit, done: 0, share };
        let bar = diagnostics.bars.then(|| Bar::new(diagnostics, &label, work));
        let state = Mutex::new(State { work, next: next_line(0, total) });
        let progress = Self { diagnostics: diagnostics.clone(), label, start: Instant::now(), bar, state };
        progress.advance(|_| {});
        progress
    }

    /// Counts more work.
    pub(crate) fn add(&self, amount: u64) {
        self.advance(|state| state.set(state.work.done.saturating_add(amount)));
    }

    /// Sets the work that is done, for work that counts by itself.
    pub(crate) fn set(&self, done: u64) {
        self.advance(|state| state.set(done));
    }

    /// Counts more work of which only a share is known, such as rows of a file by its bytes. A share does not shrink.
    pub(crate) fn add_with_share(&self, amount: u64, done: u64, total: u64) {
        self.advance(|state| {
            let State { work, next } = state;
            work.done = work.done.saturating_add(amount);
            let before = work.share.filter(|share| share.total == total);
            if before.is_none() {
                *next = next_line(0, Some(total));
            }
            let done = done.max(before.map_or(0, |share| share.done)).min(total);
            work.share = Some(Share { done, total });
        });
    }

    fn advance(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut state);
        if let Some(bar) = &self.bar {
            bar.show(state.work);
            return;
        }
        let work = state.work;
        let counted = work.share.map_or(work.done, |share| share.done);
        if counted >= state.next {
            state.next = next_line(counted, work.share.map(|share| share.total));
            self.diagnostics.note(&plain_line(&self.label, work, self.start.elapsed()));
        }
    }
}

impl State {
    /// Sets the work that is done. If the total is known, it is counted in the same unit.
    fn set(&mut self, done: u64) {
        let work = &mut self.work;
        work.done = work.done.max(done);
        if let Some(share) = &mut work.share {
            share.done = work.done;
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

fn plain_line(label: &str, work: Work, elapsed: Duration) -> String {
    let percent = work.share.map_or_else(String::new, |share| format!(" ({}%)", share.percent()));
    let mut line = format!("{label}: {}{percent}", work.amount());
    if let Some(rate) = work.rate(elapsed) {
        line.push_str(&format!(", {rate}"));
        let left = work.share.and_then(|share| share.left(elapsed));
        line.push_str(&left.map_or_else(String::new, |left| format!(", {} left", HumanDuration(left))));
    }
    line
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
        let line = |share, elapsed| {
            let work = Work { unit: Unit::Things("rows"), done: 5000, share };
            plain_line("ingest films.csv", work, Duration::from_secs(elapsed))
        };
        let quarter = Some(Share { done: 1 << 20, total: 4 << 20 });
        assert_eq!(line(quarter, 0), "ingest films.csv: 5,000 rows (25%)");
        assert_eq!(line(quarter, 5), "ingest films.csv: 5,000 rows (25%), 1,000 rows/s, 15 seconds left");
        assert_eq!(line(None, 5), "ingest films.csv: 5,000 rows, 1,000 rows/s");
        let bytes = |share| plain_line("x", Work { unit: Unit::Bytes, done: 1536, share }, Duration::ZERO);
        assert_eq!(bytes(None), "x: 1.50 KiB");
        assert_eq!(bytes(Some(Share { done: 1536, total: 3072 })), "x: 1.50 KiB of 3.00 KiB (50%)");
    }

    #[test]
    fn share_of_rows_does_not_shrink() {
        let terminal = crate::terminal::Terminal::default();
        let diagnostics = Diagnostics::new(true, terminal, crate::terminal::Style::plain());
        let progress = Progress::start(&diagnostics, "x", Unit::Things("rows"), None);
        let share = |progress: &Progress| progress.state.lock().unwrap().work.share.unwrap();
        progress.add_with_share(10, 50, 100);
        progress.add_with_share(10, 40, 100);
        assert_eq!(share(&progress), Share { done: 50, total: 100 });
        progress.add_with_share(10, 120, 100);
        assert_eq!(share(&progress), Share { done: 100, total: 100 });
        assert_eq!(progress.state.lock().unwrap().work.done, 30);
    }
}
