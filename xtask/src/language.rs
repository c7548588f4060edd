//! The language of doc comments, as far as a machine can judge it.
//!
//! Well-read crates (kube, object_store, tokio) write whole sentences: few semicolons, few lines that begin with a
//! fragment. The counts are per 1,000 lines of prose, so that they can be compared between crates. A count above its
//! limit fails, and so does every word that the project has replaced by a standard term.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Crates whose doc comments are read.
const CRATES: &[&str] =
    &["datalinks", "datalinks-gen", "datalinks-emulator", "datalinks-cli", "xtask", "tests"];

/// A pattern that reads badly, and the number of lines per 1,000 that may have it.
struct Limit {
    name: &'static str,
    per_thousand: f64,
    found: fn(&str) -> usize,
}

const LIMITS: &[Limit] = &[
    Limit { name: "semicolons", per_thousand: 8.0, found: |line| line.matches(';').count() },
    Limit {
        name: "lines that begin with What, Whether, How, Its, Who",
        per_thousand: 10.0,
        found: |line| begins_with(line, &["What", "Whether", "How", "Its", "Who"]),
    },
    Limit {
        name: "lines that begin with a bare pronoun, \"The same\" or \"As\"",
        per_thousand: 5.0,
        found: |line| begins_with(line, &["It", "They", "This", "That", "These", "Those", "The same", "As"]),
    },
    Limit {
        name: "\"is no\", \"are no\"",
        per_thousand: 2.0,
        found: |line| line.matches("is no ").count() + line.matches("are no ").count(),
    },
];

/// Words that a standard term has replaced, and the term.
const REPLACED: &[(&str, &str)] = &[
    ("in doubt", "ambiguous outcome"),
    ("doubtful", "ambiguous"),
    ("As any call", "# Errors with a link to the errors of every call"),
    ("what this answers", "Returns a builder; await it to send the request"),
    ("fruitless", "without progress"),
    ("handed out", "yielded, returned"),
    ("goes astray", "becomes inconsistent"),
];

fn begins_with(line: &str, words: &[&str]) -> usize {
    let begins =
        |word: &&str| line.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    usize::from(words.iter().any(begins))
}

/// A line of prose in a doc comment.
struct Line {
    file: PathBuf,
    number: usize,
    text: String,
}

/// Counts over all crates. `show` prints every line that counts.
pub(crate) fn run(root: &Path, show: bool, out: &mut dyn Write) -> Result<(), String> {
    let mut report = String::new();
    let mut failed = false;
    let mut lines = Vec::new();
    for name in CRATES {
        let mut files = Vec::new();
        rust_files(&root.join(name), &mut files).map_err(|error| format!("cannot read {name}: {error}"))?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            lines.extend(prose(&text).into_iter().map(|(number, text)| Line {
                file: file.clone(),
                number,
                text,
            }));
        }
    }
    let place = |line: &Line| {
        let file = line.file.strip_prefix(root).unwrap_or(&line.file);
        format!("{}:{}: {}", file.display(), line.number, line.text)
    };
    let _ = writeln!(report, "{} lines of prose in doc comments", lines.len());
    for limit in LIMITS {
        let hits: Vec<&Line> = lines.iter().filter(|line| (limit.found)(&line.text) > 0).collect();
        let count: usize = hits.iter().map(|line| (limit.found)(&line.text)).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of lines are small")]
        let rate = count as f64 * 1_000.0 / lines.len().max(1) as f64;
        let over = rate > limit.per_thousand;
        failed |= over;
        let verdict = if over { "too many" } else { "ok" };
        let _ = writeln!(
            report,
            "{rate:6.1} per 1,000, at most {}: {} ({verdict})",
            limit.per_thousand, limit.name
        );
        if show {
            for line in hits {
                let _ = writeln!(report, "    {}", place(line));
            }
        }
    }
    for (word, term) in REPLACED {
        for line in lines.iter().filter(|line| line.text.contains(word)) {
            failed = true;
            let _ = writeln!(report, "\"{word}\" is replaced by \"{term}\": {}", place(line));
        }
    }
    out.write_all(report.as_bytes()).map_err(|error| format!("cannot write the report: {error}"))?;
    if failed { Err("the language of doc comments does not keep its limits".to_owned()) } else { Ok(()) }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                rust_files(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The lines of prose in the doc comments of a file, with their numbers. Code blocks, tables, headings and empty lines are
/// left out. Inline code is left out of a line, because its semicolons are no punctuation.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start();
        let Some(doc) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            in_code = false;
            continue;
        };
        let doc = doc.trim();
        if doc.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && !doc.is_empty() && !doc.starts_with(['#', '|']) {
            lines.push((number, without_code(doc)));
        }
    }
    lines
}

fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "`" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_tables_and_headings_are_no_prose() {
        let text = "/// One; `a;b` two.\n///\n/// ```\n/// let a = 1;\n/// ```\n/// # Errors\n/// | a; b |\nfn a() {}\n//! Its end.\n";
        let lines = prose(text);
        assert_eq!(lines, [(1, "One; ` two.".to_owned()), (9, "Its end.".to_owned())]);
        assert_eq!((LIMITS[0].found)(&lines[0].1), 1);
        assert_eq!((LIMITS[1].found)(&lines[1].1), 1);
        assert_eq!(begins_with("Item", &["It"]), 0);
    }
}
