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

/// Number of columns below which only the numbers are shown, and no bar.
const NARROW: usize = 30;

/// A bar. Removed from the terminal when it is dropped.
pub(super) struct Bar {
    bar: ProgressBar,
    width: usize,
    label: String,
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
        let label = fitting_label(label, width, work.unit);
        let bar = bar.with_style(style(width, &label, work.share.is_some(), &numbers));
        let bar = diagnostics.drawn.add(bar.with_prefix(label.clone()));
        bar.enable_steady_tick(TICK);
        Self { bar, width, label, numbers }
    }

    pub(super) fn show(&self, work: Work) {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = work;
        if let Some(share) = work.share.filter(|share| self.bar.length() != Some(share.total)) {
            self.bar.set_style(style(self.width, &self.label, true, &self.numbers));
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

/// Returns the label, shortened so that the numbers fit beside it. In a narrow terminal, both get less than they need.
fn fitting_label(label: &str, width: usize, unit: Unit) -> String {
    let numbers = match unit {
        Unit::Things(name) => "  100%  1,234,567 +  12,345 +/s  59m left".len() + 2 * name.len(),
        Unit::Bytes => "  100%  1000.00 MiB of 1000.00 MiB  1000.00 MiB/s  59m left".len(),
    };
    shorten(&escape(label), width.saturating_sub(numbers + bar_width(width)).max(width / 8))
}

/// Returns the number of columns of the bar itself, which is 0 in a narrow terminal.
fn bar_width(width: usize) -> usize {
    if width < NARROW { 0 } else { (width / 8).clamp(8, 30) }
}

fn template(width: usize, has_total: bool) -> String {
    match bar_width(width) {
        _ if !has_total => "{prefix} {spinner} {numbers}".to_owned(),
        0 => "{prefix} {percent:>3}%  {numbers}".to_owned(),
        columns => format!("{{prefix}} {{bar:{columns}}} {{percent:>3}}%  {{numbers}}"),
    }
}

/// Returns the number of columns that the template leaves to the numbers.
fn room(width: usize, label: &str, has_total: bool) -> usize {
    let others = match bar_width(width) {
        _ if !has_total => " ⠁ ".chars().count(),
        0 => " 100%  ".len(),
        columns => "  100%  ".len() + columns,
    };
    width.saturating_sub(measure_text_width(label) + others)
}

fn style(width: usize, label: &str, has_total: bool, numbers: &Numbers) -> ProgressStyle {
    let numbers = Arc::clone(numbers);
    let room = room(width, label, has_total);
    let write_numbers = move |state: &ProgressState, text: &mut dyn Write| {
        let work = *numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = [Some(work.amount()), work.rate(state.elapsed()), time_left(state)];
        // The text is a string, which cannot fail.
        let _ = text.write_str(&fitting(parts.into_iter().flatten(), room));
    };
    // The templates are valid, which a test checks.
    ProgressStyle::with_template(&template(width, has_total))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("numbers", write_numbers)
        .progress_chars("█▉▊▋▌▍▎▏░")
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

    #[test]
    fn templates_are_valid() {
        for width in [20, 80, 200, 1000] {
            for has_total in [true, false] {
                ProgressStyle::with_template(&template(width, has_total)).unwrap();
            }
        }
    }

    #[test]
    fn bar_fits_every_terminal() {
        for width in 17..300 {
            for unit in [Unit::Things("rows"), Unit::Bytes] {
                let label = fitting_label("ingest films-of-the-world.csv", width, unit);
                for has_total in [true, false] {
                    let room = room(width, &label, has_total);
                    assert!(room > 0, "{width} {unit:?}");
                    let numbers = fitting(
                        ["1,234,567 rows", "12,345 rows/s", "59m left"].map(str::to_owned).into_iter(),
                        room,
                    );
                    let line = template(width, has_total)
                        .replace("{prefix}", &label)
                        .replace(&format!("{{bar:{}}}", bar_width(width)), &"█".repeat(bar_width(width)))
                        .replace("{percent:>3}", "100")
                        .replace("{spinner}", "⠁")
                        .replace("{numbers}", &numbers);
                    assert!(measure_text_width(&line) <= width, "{width}: {line}");
                }
            }
        }
        let parts = || ["3,600 rows", "3,508 rows/s", "5s left"].map(str::to_owned).into_iter();
        assert_eq!(fitting(parts(), 40), "3,600 rows  3,508 rows/s  5s left");
        assert_eq!(fitting(parts(), 20), "3,600 rows  5s left");
        assert_eq!(fitting(parts(), 9), "5s left");
    }
}
