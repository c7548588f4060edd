//! The progress bar, which shows work on a terminal while it lasts.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    width: usize,
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
        let bar = bar.with_style(style(width, work.share.is_some(), &numbers));
        // The numbers must fit beside the label.
        let room = width.saturating_sub(columns(work.unit) + bar_width(width)).max(width / 8);
        let bar = diagnostics.drawn.add(bar.with_prefix(shorten(&escape(label), room)));
        bar.enable_steady_tick(TICK);
        Self { bar, width, numbers }
    }

    pub(super) fn show(&self, work: Work) {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = work;
        if let Some(share) = work.share.filter(|share| self.bar.length() != Some(share.total)) {
            self.bar.set_style(style(self.width, true, &self.numbers));
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

/// Returns the number of columns for the percentage, the amount, the rate, the time left, and the space between them.
fn columns(unit: Unit) -> usize {
    match unit {
        Unit::Things(name) => "  100%  1,234,567 +  12,345 +/s  59m left".len() + 2 * name.len(),
        Unit::Bytes => "  100%  1000.00 MiB of 1000.00 MiB  1000.00 MiB/s  59m left".len(),
    }
}

/// Returns the number of columns of the bar itself.
fn bar_width(width: usize) -> usize {
    (width / 8).clamp(8, 30)
}

fn template(width: usize, has_total: bool) -> String {
    if has_total {
        format!("{{prefix}} {{bar:{}}} {{percent:>3}}%  {{numbers}}{{left}}", bar_width(width))
    } else {
        "{prefix} {spinner} {numbers}".to_owned()
    }
}

fn style(width: usize, has_total: bool, numbers: &Numbers) -> ProgressStyle {
    let numbers = Arc::clone(numbers);
    let write_numbers = move |state: &ProgressState, text: &mut dyn Write| {
        let work = *numbers.lock().unwrap_or_else(PoisonError::into_inner);
        // The text is a string, which cannot fail.
        let _ = text.write_str(&work.amount());
        if let Some(rate) = work.rate(state.elapsed()) {
            let _ = write!(text, "  {rate}");
        }
    };
    // The templates are valid, which a test checks.
    ProgressStyle::with_template(&template(width, has_total))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("numbers", write_numbers)
        .with_key("left", write_left)
        .progress_chars("█▉▊▋▌▍▎▏░")
}

/// Writes the time left as soon as it can be estimated.
fn write_left(state: &ProgressState, text: &mut dyn Write) {
    let share = Share { done: state.pos(), total: state.len().unwrap_or_default() };
    let left = share.left(state.elapsed()).filter(|_| state.elapsed() >= Duration::from_secs(1));
    if let Some(left) = left.filter(|left| !left.is_zero()) {
        let _ = write!(text, "  {:#} left", HumanDuration(left));
    }
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
}
