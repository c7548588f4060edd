//! The language of the project, as far as a machine can judge it.
//!
//! Well-read crates (kube, object_store, tokio) write whole sentences: few semicolons, few lines that begin with a
//! fragment. The counts of these are per 1,000 lines of prose in doc comments, so that they can be compared between
//! crates ([`limits`]). A count above its limit fails.
//!
//! A word that a standard term has replaced fails wherever people read it: in doc comments, comments, messages, names of
//! functions, Markdown, the OpenAPI document, the emulator's page and Python ([`words`]). So does the old name of
//! something that was renamed ([`names`]). Code blocks, inline code, and strings of tests are left out.

mod limits;
mod names;
mod sample;
mod text;
mod words;

use std::{collections::BTreeMap, fmt::Write as _, io::Write, path::Path};

use limits::LIMITS;
use text::{Kind, Line};

/// Old words that are printed with their places, unless all are asked for.
const SHOWN: usize = 50;

/// What to do.
pub(crate) struct Options {
    /// Print every line that counts.
    pub(crate) show: bool,
    /// Read only files whose path begins with one of these. Empty means all.
    pub(crate) only: Vec<String>,
}

/// Counts over the whole project.
pub(crate) fn run(root: &Path, options: &Options, out: &mut dyn Write) -> Result<(), String> {
    let lines = text::lines(root, &options.only)?;
    let mut report = String::new();
    let over = limits_of(&lines, options.show, &mut report);
    let old = old_words(&lines, options.show, &mut report);
    write(&report, out)?;
    match (over, old) {
        (0, 0) => Ok(()),
        (over, old) => Err(format!("{over} limits of language are exceeded, and {old} old words are left")),
    }
}

/// Prints `count` doc comments, picked with `seed`.
pub(crate) fn sample(
    root: &Path,
    options: &Options,
    (count, seed): (usize, u64),
    out: &mut dyn Write,
) -> Result<(), String> {
    write(&sample::pick(root, &options.only, count, seed)?, out)
}

fn write(report: &str, out: &mut dyn Write) -> Result<(), String> {
    out.write_all(report.as_bytes()).map_err(|error| format!("cannot write the report: {error}"))
}

/// Reports the counts that have limits, and returns how many are exceeded.
fn limits_of(lines: &[Line], show: bool, report: &mut String) -> usize {
    let prose: Vec<&Line> = lines.iter().filter(|line| line.kind == Kind::Prose).collect();
    let _ = writeln!(report, "{} lines of prose in doc comments", prose.len());
    let mut exceeded = 0;
    for limit in LIMITS {
        let hits: Vec<&&Line> = prose.iter().filter(|line| (limit.found)(&line.text) > 0).collect();
        let count: usize = hits.iter().map(|line| (limit.found)(&line.text)).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of lines are small")]
        let rate = count as f64 * 1_000.0 / prose.len().max(1) as f64;
        let over = rate > limit.per_thousand;
        exceeded += usize::from(over);
        let verdict = if over { "too many" } else { "ok" };
        let _ = writeln!(
            report,
            "{rate:6.1} per 1,000, at most {}: {} ({verdict})",
            limit.per_thousand, limit.name
        );
        if show {
            for Line { file, number, shown, .. } in hits {
                let _ = writeln!(report, "    {file}:{number}: {shown}");
            }
        }
    }
    exceeded
}

/// Reports words and names that were replaced, and returns how many are left.
fn old_words(lines: &[Line], show: bool, report: &mut String) -> usize {
    let mut found: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        for old in old_in(line) {
            found.entry(old).or_default().push(line);
        }
    }
    let all = || found.values().flatten();
    let total = all().count();
    let _ = writeln!(report, "{total} old words and names");
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in all() {
        *kinds.entry((text::crate_of(&line.file), line.kind.name())).or_default() += 1;
    }
    for ((owner, kind), count) in kinds {
        let _ = writeln!(report, "{count:6} {owner}: {kind}");
    }
    for ((word, term), places) in &found {
        let _ = writeln!(report, "{:6} \"{word}\" is replaced by \"{term}\"", places.len());
        if show || total <= SHOWN {
            for Line { file, number, shown, .. } in places {
                let _ = writeln!(report, "       {file}:{number}: {shown}");
            }
        }
    }
    total
}

/// The old words and names of a line, each with what to write instead.
fn old_in(line: &Line) -> Vec<(&'static str, &'static str)> {
    let renamed = |owner: &str| {
        names::in_code(&line.text, owner).into_iter().map(|name| (name.old, name.new)).collect::<Vec<_>>()
    };
    match line.kind {
        // Tests have names of their own.
        Kind::Code if !line.file.contains("/src/") => Vec::new(),
        Kind::Code => renamed(text::crate_of(&line.file)),
        // The history of changes names what was renamed.
        Kind::MarkdownCode if line.file.ends_with("CHANGELOG.md") => Vec::new(),
        Kind::MarkdownCode => [renamed("datalinks"), renamed("datalinks-emulator")].concat(),
        _ => words::in_line(&line.text, &line.file),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NONE: Options = Options { show: false, only: Vec::new() };

    /// The report on one file of the façade, and how the check ends.
    fn checked(path: &str, text: &str) -> (String, Result<(), String>) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        let mut out = Vec::new();
        let outcome = run(root.path(), &NONE, &mut out);
        (String::from_utf8(out).unwrap(), outcome)
    }

    #[test]
    fn accepts_plain_text() {
        let text = "/// Sends the rows.\nfn send() { log(\"sending rows\") } // Once is enough.\n";
        let (report, outcome) = checked("datalinks/src/a.rs", text);
        assert_eq!(outcome, Ok(()));
        assert!(report.contains("1 lines of prose") && report.contains("0 old words"), "{report}");
    }

    #[test]
    fn rejects_old_words_wherever_people_read_them() {
        for (path, text) in [
            ("datalinks/src/a.rs", "/// Rows that were refused.\nfn a() {}"),
            ("datalinks/src/a.rs", "// Rows that were refused.\nfn a() {}"),
            ("datalinks/src/a.rs", "fn a() { log(\"rows were refused\") }"),
            ("datalinks/src/a.rs", "fn refused_rows() {}"),
            ("datalinks/src/guide/a.md", "Rows that were refused."),
            ("README.md", "Rows that were refused."),
            ("openapi/datalinks.yaml", "description: Rows that were refused."),
        ] {
            let (report, outcome) = checked(path, text);
            assert_eq!(
                outcome.unwrap_err(),
                "0 limits of language are exceeded, and 1 old words are left",
                "{text}"
            );
            assert!(report.contains("1 \"refused\" is replaced by"), "{report}");
            assert!(report.contains(&format!("{path}:1: ")), "{report}");
        }
    }

    #[test]
    fn shows_lines_with_their_inline_code() {
        let (report, _) = checked("datalinks/src/a.rs", "/// Sets `a::b` of refused `Row`s.\nfn a() {}");
        assert!(report.contains("datalinks/src/a.rs:1: Sets `a::b` of refused `Row`s.\n"), "{report}");
        let (report, _) = checked("README.md", "See `a`, then `Outcomes`.");
        assert!(report.contains("README.md:1: See `a`, then `Outcomes`.\n"), "{report}");
    }

    #[test]
    fn leaves_code_alone() {
        for (path, text) in [
            (
                "datalinks/src/a.rs",
                "/// ```\n/// let refused = 1;\n/// ```\nfn a() { let refused = \"refused\"; }",
            ),
            ("datalinks/src/a.rs", "/// Sets `refused`.\nfn a() {}"),
            ("tests/tests/a.rs", "fn a() { b(\"rows were refused\") }"),
            ("README.md", "Sets `refused`.\n```\nrefused\n```\n"),
            ("xtask/src/language/a.rs", "// refused"),
        ] {
            assert_eq!(checked(path, text).1, Ok(()), "{text}");
        }
    }

    #[test]
    fn rejects_old_names_in_their_crate_and_in_markdown() {
        let old = |path, text| checked(path, text).1.is_err();
        assert!(old("datalinks/src/a.rs", "struct Outcomes;"));
        assert!(!old("datalinks-emulator/src/a.rs", "struct Outcomes;"));
        assert!(old("datalinks-emulator/src/a.rs", "use b::Keeper;"));
        assert!(!old("datalinks/tests/a.rs", "fn settle() {}"));
        assert!(old("docs/a.md", "See `Outcomes`."));
        assert!(old("docs/a.md", "```\nlet a: Outcomes;\n```"));
        assert!(!old("docs/a.md", "Outcomes are counted."));
        assert!(!old("CHANGELOG.md", "`Outcomes` is `BatchStream` now."));
    }

    #[test]
    fn rejects_prose_above_a_limit() {
        let (report, outcome) = checked("datalinks/src/a.rs", "/// Its rows; more.\nfn a() {}\n");
        assert!(outcome.unwrap_err().starts_with("2 limits"));
        assert!(report.contains("1000.0 per 1,000, at most 8: semicolons (too many)"), "{report}");
    }
}
