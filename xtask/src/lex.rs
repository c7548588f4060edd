//! Rust text in pieces: code, comments and string literals, with their lines.
//!
//! `syn` has no comments and, without spans, no lines. This reader has both, and needs to know only where a comment or a
//! literal ends.

/// One piece of a file. Joined, the pieces are the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece<'a> {
    pub(crate) kind: Kind,
    /// With the marks around it: slashes, quotes, hashes.
    pub(crate) text: &'a str,
    /// The line that it begins in, from 1.
    pub(crate) line: usize,
}

/// The kind of a piece.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Code,
    /// An ordinary comment.
    Comment,
    /// A comment that rustdoc reads.
    Doc,
    /// A string or byte string.
    String,
    /// A character or byte.
    Char,
}

/// Splits a file. A literal or comment without an end reaches to the end of the file.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut line = 1;
    let (mut code, mut at) = (0, 0);
    let mut push = |kind, from: usize, to: usize| {
        if from < to {
            let text = &text[from..to];
            found.push(Piece { kind, text, line });
            line += text.matches('\n').count();
        }
    };
    while at < text.len() {
        let Some((kind, length)) = special(text, at) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        push(Kind::Code, code, at);
        push(kind, at, at + length);
        at += length;
        code = at;
    }
    push(Kind::Code, code, text.len());
    found
}

/// The comment or literal that begins at `at`, and its length.
fn special(text: &str, at: usize) -> Option<(Kind, usize)> {
    let rest = &text[at..];
    let first = rest.chars().next()?;
    match first {
        '/' if rest.starts_with("//") => {
            let end = rest.find('\n').unwrap_or(rest.len());
            let doc = rest.starts_with("//!") || rest.starts_with("///") && !rest.starts_with("////");
            Some((if doc { Kind::Doc } else { Kind::Comment }, end))
        }
        '/' if rest.starts_with("/*") => {
            let doc = rest.starts_with("/*!") || rest.starts_with("/**") && !rest.starts_with("/**/");
            Some((if doc { Kind::Doc } else { Kind::Comment }, block_comment(rest)))
        }
        '"' => Some((Kind::String, quoted(rest, 0))),
        '\'' => character(rest).map(|length| (Kind::Char, length)),
        'r' | 'b' | 'c' if !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') => prefixed(rest),
        _ => None,
    }
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"`, `cr"…"` and `b'…'`.
fn prefixed(rest: &str) -> Option<(Kind, usize)> {
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    if !matches!(&rest[..letters], "r" | "b" | "c" | "br" | "cr") {
        return None;
    }
    let after = &rest[letters..];
    if rest[..letters].ends_with('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let body = after[hashes..].strip_prefix('"')?;
        let mark = format!("\"{}", "#".repeat(hashes));
        let end = body.find(&mark).map_or(body.len(), |end| end + mark.len());
        return Some((Kind::String, letters + hashes + 1 + end));
    }
    if after.starts_with('"') {
        return Some((Kind::String, quoted(rest, letters)));
    }
    character(after).filter(|_| rest.starts_with("b'")).map(|length| (Kind::Char, letters + length))
}

/// The length of a string literal whose quote is at `quote`.
fn quoted(rest: &str, quote: usize) -> usize {
    let mut escaped = false;
    for (index, byte) in rest.bytes().enumerate().skip(quote + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal, or `None` if the quote begins a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next()?;
        return characters.find(|(_, c)| *c == '\'').map(|(index, _)| index + 1);
    }
    characters.next().filter(|(_, c)| *c == '\'').map(|(index, _)| index + 1)
}

/// The length of a block comment with the comments in it.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(text: &str, kind: Kind) -> Vec<(&str, usize)> {
        let all = pieces(text);
        assert_eq!(all.iter().map(|piece| piece.text).collect::<String>(), text);
        all.iter().filter(|piece| piece.kind == kind).map(|piece| (piece.text, piece.line)).collect()
    }

    #[test]
    fn separates_comments_from_doc_comments() {
        let text = "//! a\n/// b\n//// c\n// d\n/* e /* f */ */ /** g */ /**/ fn x() {} // \"h\n";
        assert_eq!(of_kind(text, Kind::Doc), [("//! a", 1), ("/// b", 2), ("/** g */", 5)]);
        let comments = [("//// c", 3), ("// d", 4), ("/* e /* f */ */", 5), ("/**/", 5), ("// \"h", 5)];
        assert_eq!(of_kind(text, Kind::Comment), comments);
    }

    #[test]
    fn finds_the_ends_of_literals() {
        let text = "a(\"x\\\"// y\", r#\"p\"q\"#,\n b\"z\", br\"\\\", 'c', '\\'', b'\"', '\\u{41}', r#type, number\"w\"); // end";
        let strings =
            [("\"x\\\"// y\"", 1), ("r#\"p\"q\"#", 1), ("b\"z\"", 2), ("br\"\\\"", 2), ("\"w\"", 2)];
        assert_eq!(of_kind(text, Kind::String), strings);
        assert_eq!(of_kind(text, Kind::Char), [("'c'", 2), ("'\\''", 2), ("b'\"'", 2), ("'\\u{41}'", 2)]);
        assert_eq!(of_kind(text, Kind::Comment), [("// end", 2)]);
    }

    #[test]
    fn takes_lifetimes_for_code() {
        let text = "fn a<'a>(x: &'a str) -> &'static str { '_x: loop {} }";
        assert_eq!(of_kind(text, Kind::Code), [(text, 1)]);
    }

    #[test]
    fn literals_without_an_end_reach_to_the_end_of_the_file() {
        for text in ["\"a", "/* b", "r#\"c\"", "'", "b'", "r", "'\\"] {
            assert_eq!(pieces(text).iter().map(|piece| piece.text).collect::<String>(), text);
        }
    }
}
