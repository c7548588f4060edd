//! The report of differences, which can be filed.

use std::fmt::Write as _;

use serde::Serialize;

use super::{declared::contract_version, found::Drift};

/// The differences between responses and the document.
///
/// `Serialize` and [`to_markdown`](Self::to_markdown) write the same facts. Neither has values of rows or secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DriftReport {
    /// Version of the OpenAPI document.
    pub contract: String,
    /// Version of this crate.
    pub client: String,
    /// Number of responses that were seen.
    pub responses: u64,
    /// Number of responses whose bodies were not compared: streams, long bodies, and bodies of another media type.
    pub uncompared: u64,
    /// The differences, sorted by operation.
    pub drifts: Vec<Drift>,
    /// Number of differences that are left out because there were too many.
    pub omitted: u64,
}

impl DriftReport {
    /// Creates a report with these differences, of this version of the crate.
    pub fn new(drifts: Vec<Drift>) -> Self {
        Self {
            contract: contract_version().to_owned(),
            client: env!("CARGO_PKG_VERSION").to_owned(),
            responses: 0,
            uncompared: 0,
            drifts,
            omitted: 0,
        }
    }

    /// Returns `true` if no difference was found.
    pub fn is_empty(&self) -> bool {
        self.drifts.is_empty() && self.omitted == 0
    }

    /// Returns `true` if the body of a response was compared. Otherwise, an empty report says nothing.
    fn is_compared(&self) -> bool {
        self.responses > self.uncompared
    }

    /// Returns the report as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let Self { contract, client, responses, uncompared, omitted, .. } = self;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "# Differences from the OpenAPI document\n\n\
             Contract {contract}, client {client}, {responses} responses ({uncompared} not compared).\n\n"
        );
        if self.is_empty() {
            text.push_str(match self.is_compared() {
                true => "No differences were found.\n",
                false => "Nothing was compared.\n",
            });
            return text;
        }
        text.push_str("| Operation | Status | Kind | JSON pointer | Seen | Declared | Count |\n|---|---|---|---|---|---|---|\n");
        for drift in &self.drifts {
            let Drift { operation, status, kind, pointer, declared, seen, count } = drift;
            let declared: Vec<String> = declared.iter().map(|value| code(value)).collect();
            let _ = writeln!(
                text,
                "| {} | {status} | {kind} | {} | {} | {} | {count} |",
                code(operation),
                code(pointer),
                code(seen),
                declared.join(", ")
            );
        }
        if *omitted > 0 {
            let _ = writeln!(text, "\n{omitted} more differences are left out.");
        }
        text
    }
}

/// Returns text as code in a cell of a table. Characters that would end the code or the cell are replaced.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let safe: String = text
        .chars()
        .map(|letter| match letter {
            '`' => '\'',
            '|' => '¦',
            letter if letter.is_control() => '\u{fffd}',
            letter => letter,
        })
        .collect();
    format!("`{safe}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::found::DriftKind;

    #[test]
    fn markdown_keeps_its_table() {
        let mut drift = Drift::new("getCurrentUser", DriftKind::Value, "/a|b`\n", "x");
        drift.declared = vec!["y".to_owned(), "z".to_owned()];
        let text = DriftReport::new(vec![drift]).to_markdown();
        let row = text.lines().last().unwrap();
        assert_eq!(row, "| `getCurrentUser` | 200 | value | `/a¦b'\u{fffd}` | `x` | `y`, `z` | 1 |");
        let mut empty = DriftReport::new(Vec::new());
        assert!(empty.to_markdown().ends_with("Nothing was compared.\n"));
        (empty.responses, empty.uncompared) = (9, 9);
        assert!(empty.to_markdown().ends_with("Nothing was compared.\n"));
        empty.uncompared = 8;
        assert!(empty.to_markdown().ends_with("No differences were found.\n"));
    }
}
