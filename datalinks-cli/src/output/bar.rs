//! The progress bar, which shows work on a terminal while it lasts.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use console::measure_text_width;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use super::diagnostics::Diagnostics;
use super::target::MARGIN;
use super::work::{Share, Unit, Work};
use crate::terminal::{escape, shorten};

/// Number of columns if the terminal does not know its size.
const WIDTH: usize = 80;
/// Time after which the bar is drawn again without news, so that it does not seem to be stuck.
const TICK: Duration = Duration::from_millis(250);

/// A bar. Removed from the terminal when it is dropped.
pub(super) struct Bar {
    bar: ProgressBar,
    layout: Layout,
    numbers: Numbers,
}

/// The amount. It is drawn together with the position, because the bar reads it when it is drawn.
type Numbers = Arc<Mutex<Work>>;

impl Bar {
    /// Draws a bar. Without a share, it shows only that the work goes on.
    pub(super) fn new(diagnostics: &Diagnostics, label: &str, work: Work) -> Self {
        let width = diagnostics.width.unwrap_or(WIDTH).saturating_sub(MARGIN);
        let numbers = Arc::new(Mutex::new(work));
        let bar = match work.share {
            Some(share) => ProgressBar::new(share.total),
            None => ProgressBar::new_spinner(),
        };
        let layout = Layout::new(label, width, work.unit);
        let bar = bar.with_style(layout.style(work.share.is_some(), &numbers));
        let bar = diagnostics.drawn.add(bar.with_prefix(layout.label.clone()));
        bar.enable_steady_tick(TICK);
        Self { bar, layout, numbers }
    }

    pub(super) fn show(&self, work: Work) {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = work;
        if let Some(share) = work.share.filter(|share| self.bar.length() != Some(share.total)) {
            self.bar.set_style(self.layout.style(true, &self.numbers));
            self.bar.set_length(share.total);
        }
        self.bar.set_position(work.share.map_or(work.done, |share| share.done));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The parts of a line, so that it fits the terminal.
struct Layout {
    /// Number of columns of the line.
    width: usize,
    label: String,
    /// Number of columns of the bar itself, which is 0 if the amount would not fit beside it.
    bar: usize,
}

impl Layout {
    fn new(label: &str, width: usize, unit: Unit) -> Self {
        let (amount, rate) = match unit {
            Unit::Things(name) => ("1,234,567 ".len() + name.len(), "  12,345 /s".len() + name.len()),
            Unit::Bytes => ("1000.00 MiB of 1000.00 MiB".len(), "  1000.00 MiB/s".len()),
        };
        let (shortest, share, left) = (width / 8, " 100%  ".len(), "  59m left".len());
        let bar = (width / 8).clamp(8, 30);
        let bar = if shortest + 1 + bar + share + amount > width { 0 } else { bar };
        let numbers = 1 + bar + share + amount + rate + left;
        let label = shorten(&escape(label), width.saturating_sub(numbers).max(shortest));
        Self { width, label, bar }
    }

    fn template(&self, has_total: bool) -> String {
        match self.bar {
            _ if !has_total => "{prefix} {spinner} {numbers}".to_owned(),
            0 => "{prefix} {percent:>3}%  {numbers}".to_owned(),
            columns => format!("{{prefix}} {{bar:{columns}}} {{percent:>3}}%  {{numbers}}"),
        }
    }

    /// Returns the number of columns that the template leaves to the numbers.
    fn room(&self, has_total: bool) -> usize {
        let others = match self.bar {
            _ if !has_total => " ⠁ ".chars().count(),
            0 => " 100%  ".len(),
            columns => "  100%  ".len() + columns,
        };
        self.width.saturating_sub(measure_text_width(&self.label) + others)
    }

    fn style(&self, has_total: bool, numbers: &Numbers) -> ProgressStyle {
        let numbers = Arc::clone(numbers);
        let room = self.room(has_total);
        let write_numbers = move |state: &ProgressState, text: &mut dyn Write| {
            let work = *numbers.lock().unwrap_or_else(PoisonError::into_inner);
            let parts = [Some(work.amount()), work.rate(state.elapsed()), time_left(state)];
            // The text is a string, which cannot fail.
            let _ = text.write_str(&fitting(parts.into_iter().flatten(), room));
        };
        // The templates are valid, which a test checks.
        ProgressStyle::with_template(&self.template(has_total))
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key("numbers", write_numbers)
            .progress_chars("█▉▊▋▌▍▎▏░")
    }
}

/// Returns the time left as soon as it can be estimated.
fn time_left(state: &ProgressState) -> Option<String> {
    let share = Share { done: state.pos(), total: state.len()? };
    let left = share.left(state.elapsed()).filter(|_| state.elapsed() >= Duration::from_secs(1));
    left.filter(|left| !left.is_zero()).map(|left| format!("{:#} left", HumanDuration(left)))
}

/// Joins the parts that fit, because a line that the terminal breaks would not be removed as a whole.
fn fitting(parts: impl Iterator<Item = String>, width: usize) -> String {
    let (mut text, mut used) = (String::new(), 0);
    for part in parts {
        let gap = if text.is_empty() { "" } else { "  " };
        let needed = gap.len() + measure_text_width(&part);
        if used + needed <= width {
            text.extend([gap, &part]);
            used += needed;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::diagnostics::NARROWEST;

    #[test]
    fn line_fits_every_terminal_that_has_bars() {
        for width in NARROWEST - MARGIN..300 {
            for (unit, numbers) in [
                (Unit::Things("rows"), ["1,234,567 rows", "12,345 rows/s", "59m left"]),
                (Unit::Bytes, ["1000.00 MiB of 1000.00 MiB", "1000.00 MiB/s", "59m left"]),
            ] {
                let layout = Layout::new("ingest films-of-the-world.csv", width, unit);
                for has_total in [true, false] {
                    let template = layout.template(has_total);
                    ProgressStyle::with_template(&template).unwrap();
                    let numbers = fitting(numbers.map(str::to_owned).into_iter(), layout.room(has_total));
                    let line = template
                        .replace("{prefix}", &layout.label)
                        .replace(&format!("{{bar:{}}}", layout.bar), &"█".repeat(layout.bar))
                        .replace("{percent:>3}", "100")
                        .replace("{spinner}", "⠁")
                        .replace("{numbers}", &numbers);
                    assert!(measure_text_width(&line) <= width, "{width}: {line}");
                    // From 40 columns on, no line lacks the amount.
                    assert!(numbers.starts_with('1') || width < 40, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_left_out() {
        let parts = || ["3,600 rows", "3,508 rows/s", "5s left"].map(str::to_owned).into_iter();
        assert_eq!(fitting(parts(), 40), "3,600 rows  3,508 rows/s  5s left");
        assert_eq!(fitting(parts(), 20), "3,600 rows  5s left");
        assert_eq!(fitting(parts(), 9), "5s left");
    }
}
