//! The rule that takes the place of the cleaning agent. It is the same for all prompts.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::CodeFile;
use crate::response::SCRIPTED_PREFIX;
use crate::store::{Cell, Dataset, InputRow};

/// Returns the cleaned rows of a dataset: texts are trimmed, and blank ones become null.
pub(crate) fn cleaned(dataset: &Dataset) -> Vec<InputRow<'_>> {
    let rows = dataset.rows().iter();
    rows.map(|row| {
        let cells = row.cells();
        let cells = cells.map(|(column, cell)| (Cow::Borrowed(dataset.columns().name(column)), clean(cell)));
        InputRow { cells: cells.collect() }
    })
    .collect()
}

fn clean(cell: &Cell) -> Cell {
    match cell {
        Cell::Text(text) if text.trim().is_empty() => Cell::Null,
        Cell::Text(text) => Cell::Text(text.trim().into()),
        other => other.clone(),
    }
}

/// Returns the rule as Python code. The prompts appear as comments and have no effect.
pub(crate) fn code(prompts: &[String]) -> CodeFile {
    let mut content = format!(
        "# {SCRIPTED_PREFIX}\n# The same fixed rule cleans the rows for all prompts. The prompts were:\n"
    );
    for prompt in prompts {
        // JSON escapes line breaks, so that the comment stays on one line.
        let _ = writeln!(content, "#   - {}", serde_json::Value::from(prompt.as_str()));
    }
    content.push_str(RULE);
    CodeFile { name: "clean.py".to_owned(), content }
}

const RULE: &str = r#"

def clean(row):
    """Trim strings, and replace blank ones by None."""
    return {name: clean_value(value) for name, value in row.items()}


def clean_value(value):
    return (value.strip() or None) if isinstance(value, str) else value
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Definition;

    #[test]
    fn texts_are_trimmed_and_other_values_unchanged() {
        let mut dataset = Dataset::new(Definition::default());
        let rows = r#"[{"b":" x ","a":" \n","n":1.10,"t":true,"o":{"k":" x "},"z":null,"i":"a b"}]"#;
        dataset.append(serde_json::from_str(rows).unwrap());
        let cleaned = serde_json::to_string(&cleaned(&dataset)).unwrap();
        let expected = r#"[{"b":"x","a":null,"n":1.10,"t":true,"o":{"k":" x "},"z":null,"i":"a b"}]"#;
        assert_eq!(cleaned, expected);
    }

    #[test]
    fn prompts_stay_in_comments() {
        let code = code(&["trim\nimport os".to_owned(), "\"quotes\"".to_owned()]).content;
        let before = code.split("def ").next().unwrap();
        assert!(before.lines().all(|line| line.is_empty() || line.starts_with("# ")), "{code}");
        assert!(code.starts_with(&format!("# {SCRIPTED_PREFIX}\n")));
        assert!(code.contains(r#"#   - "trim\nimport os""#), "{code}");
    }
}
