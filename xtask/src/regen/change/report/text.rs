//! The report as text.

use super::{super::Effects, Change, Report, counts, line, list, or_none, side, target, values};

impl Report {
    /// Returns the report as text. Without effects, it contains only the changes.
    pub(in crate::regen) fn text(&self, effects: Option<&dyn Effects>) -> String {
        let mut out = self.heading();
        out.push('\n');
        for (title, breaking) in [("breaking", true), ("not breaking", false)] {
            for (position, change) in self.of(breaking).enumerate() {
                if position == 0 {
                    line!(out, "\n{title}");
                }
                line!(out, "  {}: {}", side(change.side), self.what(change));
                line!(out, "      {}", list(&change.operations, &str::to_owned));
            }
        }
        let Some(effects) = effects.filter(|_| !self.is_empty()) else { return out };
        line!(out, "\neffects");
        for (operation, reached) in self.reached() {
            line!(out, "  {operation} ({})", counts(&reached));
            for effect in effects.of(target(operation, &reached)) {
                line!(out, "    {effect}");
            }
        }
        for (position, field) in self.fields().values().enumerate() {
            if position == 0 {
                line!(out, "\nfields in the code of these operations");
            }
            line!(out, "  {} ({})", field.name, list(&field.operations, &str::to_owned));
            for place in or_none(effects.uses(field)) {
                line!(out, "    {place}");
            }
        }
        out
    }

    /// Returns a short description of the change.
    fn what(&self, change: &Change) -> String {
        let field = change.field.as_ref().map(|field| format!(": {field}")).unwrap_or_default();
        let values = match values(change, &str::to_owned) {
            values if values.is_empty() => values,
            values => format!(" ({values})"),
        };
        let earlier = self.earlier_name(change).map(|name| format!(", perhaps renamed from {name}"));
        format!("{}{field}{values}{}", change.kind, earlier.unwrap_or_default())
    }
}
