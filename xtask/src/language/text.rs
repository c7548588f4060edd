//! The text of the project, line by line, with the kind of each line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::lex::{self, Piece};

/// Crates whose doc comments are read.
pub(super) const CRATES: &[&str] =
    &["benchmarks", "datalinks", "datalinks-gen", "datalinks-emulator", "datalinks-cli", "xtask", "tests"];

/// Derived from the OpenAPI document, which is read itself.
const DERIVED: &str = "datalinks-gen/snapshot/";
/// These files list what others must not have.
const OWN: &str = "xtask/src/language/";

/// A line, or a part of one.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// Below the root of the workspace, with `/` between the parts.
    pub(super) file: String,
    pub(super) number: usize,
    pub(super) kind: Kind,
    /// The part of the line that is checked. Each piece of inline code is one backtick in it.
    pub(super) text: String,
    /// The line with its inline code, as a report shows it.
    pub(super) shown: String,
}

/// The kind of a line.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    /// A doc comment outside code blocks, tables and headings.
    Prose,
    /// A table or heading of a doc comment.
    Doc,
    Comment,
    /// A string literal that has a space, outside tests.
    Message,
    /// The name of a function, with spaces.
    Function,
    /// Code without comments and literals.
    Code,
    Markdown,
    /// Code in Markdown.
    MarkdownCode,
    /// Anything else: YAML, HTML, JavaScript, Python.
    Other,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Prose | Self::Doc => "doc comments",
            Self::Comment => "comments",
            Self::Message => "messages",
            Self::Function => "names of functions",
            Self::Code => "code",
            Self::Markdown | Self::MarkdownCode => "Markdown",
            Self::Other => "other files",
        }
    }
}

/// All lines of the project, in the order of its files. `only` limits them to files whose path begins with one of these;
/// empty means all.
pub(super) fn lines(root: &Path, only: &[String]) -> Result<Vec<Line>, String> {
    let mut found = Vec::new();
    for path in files(root)? {
        if path.starts_with(OWN) || !wanted(&path, only) {
            continue;
        }
        let text = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        found.extend(in_file(&path, &text));
    }
    Ok(found)
}

pub(super) fn wanted(path: &str, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|prefix| path.starts_with(prefix.trim_start_matches("./")))
}

/// The files with text, sorted, below the root.
pub(super) fn files(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        let named = |error: std::io::Error| format!("{}: {error}", directory.display());
        for entry in fs::read_dir(&directory).map_err(named)? {
            let path = entry.map_err(named)?.path();
            if path.is_dir() {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if name != "target" && !name.starts_with('.') {
                    open.push(path);
                }
            } else if let Some(path) = relative(root, &path) {
                found.push(path);
            }
        }
    }
    found.retain(|path| has_text(path));
    found.sort();
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Vec<_> = path.strip_prefix(root).ok()?.iter().map(|part| part.to_string_lossy()).collect();
    Some(parts.join("/"))
}

fn has_text(path: &str) -> bool {
    let in_crate = CRATES.contains(&crate_of(path));
    let extension = PathBuf::from(path).extension().map(|name| name.to_string_lossy().into_owned());
    match extension.as_deref() {
        Some("rs" | "html" | "js" | "py") => in_crate,
        Some("md") => true,
        Some("yaml") => in_crate || path.starts_with("openapi/"),
        Some("json") => path.ends_with("/openapi.json"),
        _ => false,
    }
}

/// The first directory.
pub(super) fn crate_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn in_file(path: &str, text: &str) -> Vec<Line> {
    let mut found = match path.rsplit_once('.') {
        Some((_, "rs")) => rust(text, is_test(path)),
        Some((_, "md")) => markdown(text),
        _ => {
            (1..).zip(text.lines()).map(|(number, line)| line_of(Kind::Other, number, line.trim())).collect()
        }
    };
    if path.starts_with(DERIVED) {
        found.retain(|line| line.kind == Kind::Prose);
    }
    for line in &mut found {
        line.file = path.to_owned();
    }
    found
}

fn line_of(kind: Kind, number: usize, text: &str) -> Line {
    Line { file: String::new(), number, kind, text: text.to_owned(), shown: text.to_owned() }
}

/// A line whose inline code is not checked.
fn prose_of(kind: Kind, number: usize, text: &str) -> Line {
    Line { text: without_code(text), ..line_of(kind, number, text) }
}

/// Whether a whole file is a test.
fn is_test(path: &str) -> bool {
    let inside = ["/tests/", "/benches/", "/examples/", "/fuzz/"];
    path.starts_with("tests/") || inside.iter().any(|part| path.contains(part)) || path.ends_with("tests.rs")
}

/// The lines of a Rust file. Strings of tests are left out, because they are data.
fn rust(text: &str, test: bool) -> Vec<Line> {
    let mut found = Vec::new();
    let tests_begin = tests_begin(text);
    let in_test = |line: usize| test || tests_begin.is_some_and(|begin| line >= begin);
    let mut block = Block::default();
    for piece in lex::pieces(text) {
        match piece.kind {
            lex::Kind::Doc if piece.text.starts_with("//") => found.extend(block.doc(piece)),
            lex::Kind::Doc | lex::Kind::Comment => {
                let lines = (piece.line..).zip(piece.text.lines());
                found.extend(lines.map(|(number, line)| {
                    prose_of(Kind::Comment, number, line.trim_matches(['/', '*', ' ', '!']))
                }));
            }
            lex::Kind::String if !in_test(piece.line) && piece.text.contains(' ') => {
                let lines = (piece.line..).zip(piece.text.lines());
                found.extend(lines.map(|(number, line)| line_of(Kind::Message, number, line.trim())));
            }
            lex::Kind::Code => {
                for (number, line) in (piece.line..).zip(piece.text.lines()) {
                    if !line.trim().is_empty() {
                        found.push(line_of(Kind::Code, number, line.trim()));
                    }
                    found.extend(
                        function(line).map(|name| line_of(Kind::Function, number, &name.replace('_', " "))),
                    );
                }
            }
            lex::Kind::String | lex::Kind::Char => {}
        }
    }
    found
}

/// The line in which the tests of a file begin: `mod tests` at its end.
fn tests_begin(text: &str) -> Option<usize> {
    const MARK: &str = "\n#[cfg(test)]\n";
    text.match_indices(MARK).find_map(|(at, _)| {
        let mut item = text[at + MARK.len()..].lines().skip_while(|line| line.starts_with('#'));
        let inline = item.next().is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'));
        inline.then(|| text[..at].matches('\n').count() + 2)
    })
}

/// The name of the function that a line declares.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
    (before.is_empty() || before.ends_with(' ')).then_some(&after[..end]).filter(|name| !name.is_empty())
}

/// Where code blocks begin and end in doc comments.
#[derive(Default)]
struct Block {
    in_code: bool,
    last: usize,
}

impl Block {
    /// The line of a doc comment, without inline code, whose semicolons are no punctuation.
    fn doc(&mut self, piece: Piece<'_>) -> Option<Line> {
        self.in_code &= piece.line == self.last + 1;
        self.last = piece.line;
        let text = piece.text.get(3..).unwrap_or_default().trim();
        let kind = match text {
            _ if text.starts_with("```") => {
                self.in_code = !self.in_code;
                return None;
            }
            "" => return None,
            _ if self.in_code => return None,
            _ if text.starts_with(['#', '|']) => Kind::Doc,
            _ => Kind::Prose,
        };
        Some(prose_of(kind, piece.line, text))
    }
}

fn markdown(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            found.push(line_of(Kind::MarkdownCode, number, line.trim()));
        } else if !line.trim().is_empty() {
            found.push(prose_of(Kind::Markdown, number, line.trim()));
            let code: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
            if !code.is_empty() {
                let text = code.join(" ");
                found.push(Line { text, ..line_of(Kind::MarkdownCode, number, line.trim()) });
            }
        }
    }
    found
}

fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "`" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(lines: &[Line], kind: Kind) -> Vec<(usize, &str)> {
        lines.iter().filter(|line| line.kind == kind).map(|line| (line.number, line.text.as_str())).collect()
    }

    #[test]
    fn code_tables_and_headings_are_no_prose() {
        let text = "/// One; `a;b` two.\n///\n/// ```\n/// let a = 1;\n/// ```\n/// # Errors\n/// | a; b |\nfn a() {}\n//! Its end.\n";
        let lines = rust(text, false);
        assert_eq!(of_kind(&lines, Kind::Prose), [(1, "One; ` two."), (9, "Its end.")]);
        assert_eq!(of_kind(&lines, Kind::Doc), [(6, "# Errors"), (7, "| a; b |")]);
        assert_eq!(lines[0].shown, "One; `a;b` two.");
    }

    #[test]
    fn reads_comments_messages_and_names() {
        let text = "// Why `a`.\nfn is_told(a: &str) {\n    b(\"a message\", \"word\"); /* one\n two */\n}\n#[cfg(test)]\nmod tests {\n    fn c_d() { d(\"some data\"); }\n}\n";
        let lines = rust(text, false);
        assert_eq!(of_kind(&lines, Kind::Comment), [(1, "Why `."), (3, "one"), (4, "two")]);
        assert_eq!(of_kind(&lines, Kind::Message), [(3, "\"a message\"")]);
        assert_eq!(of_kind(&lines, Kind::Function), [(2, "is told"), (8, "c d")]);
        assert_eq!(of_kind(&rust(text, true), Kind::Message), []);
        assert_eq!(of_kind(&lines, Kind::Code)[0], (2, "fn is_told(a: &str) {"));
    }

    #[test]
    fn reads_messages_up_to_the_tests_of_a_file() {
        let code = "fn a() { b(\"c d\"); }\n#[cfg(test)]\nuse e::f;\n#[cfg(test)]\nmod g;\nfn h() { i(\"j k\"); }\n#[cfg(test)]\n#[expect(dead_code)]\nmod tests {\n    fn l() { m(\"n o\"); }\n}\n";
        assert_eq!(of_kind(&rust(code, false), Kind::Message), [(1, "\"c d\""), (6, "\"j k\"")]);
    }

    #[test]
    fn separates_code_from_prose_in_markdown() {
        let lines = markdown("# Title\n\nCall `a::B` now.\n```rust\nlet c;\n```\nEnd.\n");
        assert_eq!(of_kind(&lines, Kind::Markdown), [(1, "# Title"), (3, "Call ` now."), (7, "End.")]);
        assert_eq!(of_kind(&lines, Kind::MarkdownCode), [(3, "a::B"), (5, "let c;")]);
    }

    #[test]
    fn reads_the_files_of_crates_and_all_markdown() {
        for path in
            ["a.md", "docs/b.md", "datalinks/src/c.rs", "openapi/d.yaml", "datalinks-emulator/src/e.js"]
        {
            assert!(has_text(path), "{path}");
        }
        for path in ["datalinks/Cargo.toml", "docs/b.rs", "other/d.yaml", "tests/data/e.json"] {
            assert!(!has_text(path), "{path}");
        }
        assert!(wanted("datalinks/src/ask/mod.rs", &["./datalinks/src/ask".to_owned()]));
        assert!(!wanted("datalinks/src/ask/mod.rs", &["xtask".to_owned()]));
    }
}
