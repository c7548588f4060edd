//! A bar chart of usage.

use indicatif::HumanCount;

use crate::terminal::Style;

/// The usage of one day.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) tokens: i64,
    pub(super) cost: f64,
}

/// Bars have at least this width, even if lines are then wider than the terminal.
const NARROWEST: usize = 8;

/// Eighths of a character, from left to right.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Returns one line per bar, with its numbers, and a line with the sums. The longest bar ends at `width`.
pub(super) fn draw(bars: &[Bar], width: usize, style: Style) -> String {
    let tokens = bars.iter().fold(0_i64, |sum, bar| sum.saturating_add(bar.tokens));
    let sum =
        Bar { label: "total".to_owned(), tokens, cost: bars.iter().fold(0.0, |sum, bar| sum + bar.cost) };
    let all = || bars.iter().chain([&sum]);
    let widest = |text: &dyn Fn(&Bar) -> String| all().map(|bar| text(bar).len()).max().unwrap_or_default();
    let label_width = widest(&|bar| bar.label.clone());
    let token_width = widest(&|bar| grouped(bar.tokens));
    let cost_width = widest(&|bar| dollars(bar.cost));
    let numbers = |bar: &Bar| {
        format!("{:>token_width$} tokens  {:>cost_width$}", grouped(bar.tokens), dollars(bar.cost))
    };
    let beside = label_width + 2 + 2 + numbers(&sum).len();
    let room = width.saturating_sub(beside).max(NARROWEST);
    let most = bars.iter().map(|bar| bar.tokens).max().unwrap_or_default().max(1);
    let mut text = String::new();
    for bar in bars {
        let blocks = blocks(bar.tokens, most, room);
        let space = " ".repeat(room - blocks.chars().count());
        text.push_str(&format!(
            "{:label_width$}  {}{space}  {}\n",
            bar.label,
            style.magenta(blocks),
            numbers(bar)
        ));
    }
    let space = " ".repeat(room);
    text.push_str(&format!(
        "{}  {space}  {}\n",
        style.bold(format!("{:label_width$}", sum.label)),
        numbers(&sum)
    ));
    text
}

/// Returns a bar. A value that is not 0 has at least an eighth of a character.
fn blocks(value: i64, most: i64, room: usize) -> String {
    let (Ok(value), Ok(most), Ok(room)) = (u128::try_from(value), u128::try_from(most), u128::try_from(room))
    else {
        return String::new();
    };
    let eighths = (value * room * 8).div_ceil(most);
    let eighths = usize::try_from(eighths).unwrap_or_default();
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Returns a number with a comma between thousands.
fn grouped(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", HumanCount(number.unsigned_abs()))
}

/// Returns an amount with cents, or with more digits if it is less than a cent.
fn dollars(amount: f64) -> String {
    if amount != 0.0 && amount.abs() < 0.01 { format!("${amount:.6}") } else { format!("${amount:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, tokens: i64, cost: f64) -> Bar {
        Bar { label: label.to_owned(), tokens, cost }
    }

    #[test]
    fn bars_have_the_length_of_their_values() {
        let bars =
            [bar("2026-08-01", 12_000, 1.5), bar("2026-08-02", 6_000, 0.25), bar("2026-08-03", 0, 0.0)];
        assert_eq!(
            draw(&bars, 48, Style::plain()),
            "2026-08-01  ██████████████  12,000 tokens  $1.50\n\
             2026-08-02  ███████          6,000 tokens  $0.25\n\
             2026-08-03                       0 tokens  $0.00\n\
             total                       18,000 tokens  $1.75\n"
        );
    }

    #[test]
    fn charts_fit_the_terminal() {
        let bars = [bar("2026-08-01", 1, 0.000_01), bar("2026-08-02", i64::MAX, 1e9)];
        for width in [80, 200] {
            let text = draw(&bars, width, Style::plain());
            assert!(text.lines().all(|line| console::measure_text_width(line) <= width), "{text}");
            assert!(text.lines().any(|line| console::measure_text_width(line) == width), "{text}");
            assert!(text.starts_with("2026-08-01  ▏"), "a small value is visible: {text}");
        }
        assert!(draw(&bars, 10, Style::plain()).contains(&"█".repeat(NARROWEST)));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, -1_234_567].map(grouped), ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!([0.0, 0.004, 1.5].map(dollars), ["$0.00", "$0.004000", "$1.50"]);
    }
}
