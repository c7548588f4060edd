//! The report as Markdown.

use super::{super::Effects, Change, Report, counts, line, list, or_none, side, target, values};

impl Report {
    /// Returns the report as Markdown. Without effects, it contains only the changes.
    pub(in crate::regen) fn markdown(&self, effects: Option<&dyn Effects>) -> String {
        let mut out = format!("# {}\n", self.heading());
        for (title, breaking) in [("Breaking", true), ("Not breaking", false)] {
            for (position, change) in self.of(breaking).enumerate() {
                if position == 0 {
                    line!(out, "\n## {title}\n\n| for | change | in | from, to | operations |");
                    line!(out, "|---|---|---|---|---|");
                }
                line!(out, "{}", self.row(change));
            }
        }
        let Some(effects) = effects.filter(|_| !self.is_empty()) else { return out };
        line!(out, "\n## Effects");
        for (operation, reached) in self.reached() {
            line!(out, "\n### {}\n\nChanges: {}.", code(operation), counts(&reached));
            items(&mut out, &effects.of(target(operation, &reached)));
        }
        for (position, field) in self.fields().values().enumerate() {
            if position == 0 {
                line!(out, "\n## Fields in the code of these operations");
            }
            line!(out, "\n### {}\n\nOperations: {}.", code(field.name), list(&field.operations, &code));
            items(&mut out, &or_none(effects.uses(field)));
        }
        out
    }

    fn row(&self, change: &Change) -> String {
        let field = change.field.as_deref().map(code).unwrap_or_default();
        let earlier = self.earlier_name(change).map(|name| format!(", perhaps renamed from {}", code(name)));
        let values = values(change, &code) + &earlier.unwrap_or_default();
        let operations = list(&change.operations, &code);
        format!("| {} | {} | {field} | {values} | {operations} |", side(change.side), change.kind)
    }
}

/// Writes the items of a list.
fn items(out: &mut String, lines: &[String]) {
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        line!(*out, "- {line}");
    }
}

/// Returns a code span that is valid in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").replace('\n', " "))
}
