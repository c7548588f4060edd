//! How a query ran.

use datalinks::query::{Explain, QueryAnswer};
use serde::Serialize;

use crate::commands::counted;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, Record};
use crate::session::Session;
use crate::terminal::{self, escape};

/// A step of a query: a dataset, and the rows that were found in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    username: &'a str,
    namespace: &'a str,
    dataset: &'a str,
    rows: i64,
    /// Time at which the step began, in RFC 3339.
    start: String,
    /// Duration of the step in milliseconds, or `null` if the service writes it in another form.
    milliseconds: Option<f64>,
    /// The steps that this one depends on.
    children: Vec<Self>,
}

impl<'a> Step<'a> {
    // The JSON parser limits the depth of the tree.
    fn of(node: &'a Explain) -> Self {
        Self {
            username: &node.dataset.username,
            namespace: &node.dataset.namespace,
            dataset: &node.dataset.dataset,
            rows: node.dataset.result_count,
            start: node.start.to_rfc3339(),
            milliseconds: node.duration.get().map(|duration| duration.as_secs_f64() * 1000.0),
            children: node.children.iter().map(Self::of).collect(),
        }
    }

    /// Adds the lines of this step and of those below it.
    fn lines(&self, before: &str, below: &str, lines: &mut Vec<String>) {
        let time = self.milliseconds.map_or_else(String::new, |time| format!("  {time:.1} ms"));
        let rows = counted(self.rows, "row");
        let name = escape(self.namespace).into_owned() + "/" + &escape(self.dataset);
        lines.push(format!("{before}{name}  {rows}{time}"));
        for (index, child) in self.children.iter().enumerate() {
            if index + 1 == self.children.len() {
                child.lines(&format!("{below}└─ "), &format!("{below}   "), lines);
            } else {
                child.lines(&format!("{below}├─ "), &format!("{below}│  "), lines);
            }
        }
    }
}

/// Writes how a query ran: a tree for people, and one object otherwise.
pub(super) fn write(answer: &QueryAnswer<Record>, session: &Session) -> Result {
    let Some(root) = &answer.explain else {
        return Err(Failure::new(Exit::Failure, "the response does not explain the query"));
    };
    let root = Step::of(root);
    if session.output.format() != Format::Table {
        return session.output.object(&root);
    }
    let mut lines = Vec::new();
    root.lines("", "", &mut lines);
    Ok(terminal::line(&lines.join("\n"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_shows_rows_of_each_dataset() {
        let leaf = |dataset, rows| Step {
            username: "ana",
            namespace: "cinema",
            dataset,
            rows,
            start: String::new(),
            milliseconds: Some(1.25),
            children: Vec::new(),
        };
        let middle = Step { children: vec![leaf("a", 1)], ..leaf("people", 2) };
        let root = Step { children: vec![middle, leaf("b\u{1b}", 0)], ..leaf("films", 3) };
        let mut lines = Vec::new();
        root.lines("", "", &mut lines);
        assert_eq!(
            lines,
            [
                "cinema/films  3 rows  1.2 ms",
                "├─ cinema/people  2 rows  1.2 ms",
                "│  └─ cinema/a  1 row  1.2 ms",
                "└─ cinema/b\\x1b  0 rows  1.2 ms",
            ]
        );
    }
}
