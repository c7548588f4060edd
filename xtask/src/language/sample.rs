//! Doc comments picked at random, to be read before and after a change.

use std::{fmt::Write as _, fs, path::Path};

use crate::lex::{self, Kind};

use super::text;

/// The doc comment of one item.
#[derive(Debug, Eq, PartialEq)]
struct Comment {
    file: String,
    line: usize,
    /// The item as it is declared, as far as a reader needs it to find it.
    item: String,
    text: Vec<String>,
}

/// `count` doc comments of the crates, picked with `seed`.
pub(super) fn pick(root: &Path, only: &[String], count: usize, seed: u64) -> Result<String, String> {
    let mut all = Vec::new();
    for path in text::files(root)? {
        if path.ends_with(".rs") && text::wanted(&path, only) && !path.starts_with("datalinks-gen/snapshot") {
            let source = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            all.extend(comments(&path, &source));
        }
    }
    let mut report = String::new();
    let _ = writeln!(report, "{} of {} doc comments, seed {seed}", count.min(all.len()), all.len());
    let mut picked = fastrand::Rng::with_seed(seed).choose_multiple(all.iter(), count);
    picked.sort_by_key(|comment| (&comment.file, comment.line));
    for Comment { file, line, item, text } in picked {
        let _ = writeln!(report, "\n{file}:{line}: {item}");
        for line in text {
            let _ = writeln!(report, "    {line}");
        }
    }
    Ok(report)
}

fn comments(file: &str, source: &str) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    // The comment whose item is not known yet.
    let mut open: Option<Comment> = None;
    // The type or module around, by its indentation.
    let mut around: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let doc = lex::pieces(code).first().is_some_and(|piece| piece.kind == Kind::Doc);
        if doc {
            let inner = code.starts_with("//!");
            let own = || Comment {
                file: file.to_owned(),
                line: number,
                item: if inner { "(module)".to_owned() } else { String::new() },
                text: Vec::new(),
            };
            open.get_or_insert_with(own).text.push(code[3..].trim().to_owned());
            continue;
        }
        let ends_module = open.as_ref().is_some_and(|comment| !comment.item.is_empty());
        if ends_module {
            found.extend(open.take());
        }
        if code.is_empty() || code.starts_with(['#', '}', ')']) || code.starts_with("//") {
            continue;
        }
        let declared = code.trim_end_matches(['{', ';', ',', ' ']).to_owned();
        if let Some(mut comment) = open.take() {
            around.retain(|(depth, _)| *depth < indent);
            let outer: String = around.iter().map(|(_, name)| format!("{name} / ")).collect();
            comment.item = format!("{outer}{declared}");
            found.push(comment);
        }
        if code.ends_with('{')
            && ["impl", "struct", "enum", "trait", "mod"].iter().any(|word| declares(code, word))
        {
            around.retain(|(depth, _)| *depth < indent);
            around.push((indent, declared));
        }
    }
    found.extend(open.filter(|comment| !comment.item.is_empty()));
    found
}

fn declares(code: &str, word: &str) -> bool {
    let mut rest = code;
    if let Some(visible) = rest.strip_prefix("pub") {
        rest = visible
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'))
            .map_or(visible, |(_, after)| after);
    }
    rest.trim_start().strip_prefix(word).is_some_and(|after| after.starts_with([' ', '<']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! A module.\n//!\n//! More.\n\n/// A type.\n#[derive(Debug)]\npub(crate) struct A {\n    /// A field.\n    pub(crate) b: u8,\n}\n\nimpl A {\n    // not this\n    /// A method\n    /// of two lines.\n    fn c(\n        &self) {}\n}\n\n/// A function.\nfn d() {}\n";

    #[test]
    fn finds_the_item_of_each_comment() {
        let found = comments("a.rs", SOURCE);
        let items: Vec<_> =
            found.iter().map(|comment| (comment.line, comment.item.as_str(), comment.text.len())).collect();
        assert_eq!(
            items,
            [
                (1, "(module)", 3),
                (5, "pub(crate) struct A", 1),
                (8, "pub(crate) struct A / pub(crate) b: u8", 1),
                (14, "impl A / fn c(", 2),
                (20, "fn d() {}", 1),
            ]
        );
    }

    #[test]
    fn picks_the_same_comments_for_a_seed() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("datalinks/src");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("a.rs"), SOURCE).unwrap();
        let picked = pick(root.path(), &[], 2, 19).unwrap();
        assert_eq!(picked, pick(root.path(), &[], 2, 19).unwrap());
        assert!(picked.starts_with("2 of 5 doc comments, seed 19\n"), "{picked}");
        assert_eq!(picked.matches("datalinks/src/a.rs:").count(), 2);
        let other: Vec<_> = (0..20).map(|seed| pick(root.path(), &[], 2, seed).unwrap()).collect();
        assert!(other.iter().any(|other| !other.ends_with(picked.split_once('\n').unwrap().1)));
    }
}
