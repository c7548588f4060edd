//! Sizes: the longest function, and lines of code without tests.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use crate::lex::{self, Kind};
use crate::regen::effect::source;

/// The sizes of some crates.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Lines with code, without tests, by directory.
    lines: Vec<(String, usize)>,
    longest: Option<Function>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Function {
    name: String,
    file: String,
    line: usize,
    lines: usize,
}

/// Measures the Rust files of each directory.
pub(super) fn measure(root: &Path, directories: &[&str]) -> Result<Figures, String> {
    let mut figures = Figures::default();
    for name in directories {
        let mut files = Vec::new();
        for path in source::files(root, name)? {
            let text = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            files.push((path, Code::of(&text)));
        }
        let tests: BTreeSet<String> =
            files.iter().flat_map(|(path, code)| test_files(path, &code.test_modules)).collect();
        let is_test = |path: &str| {
            tests.iter().any(|test| {
                path.strip_prefix(test.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
        };
        files.retain(|(path, _)| !is_test(path));
        figures.lines.push(((*name).to_owned(), files.iter().map(|(_, code)| code.lines()).sum()));
        for (path, code) in &files {
            for function in code.functions(path) {
                if figures.longest.as_ref().is_none_or(|longest| longest.lines < function.lines) {
                    figures.longest = Some(function);
                }
            }
        }
    }
    Ok(figures)
}

impl Figures {
    pub(super) fn write(&self, report: &mut String) {
        if let Some(Function { name, file, line, lines }) = &self.longest {
            let _ = writeln!(report, "longest function: {lines} lines, {name} ({file}:{line})");
        }
        let total: usize = self.lines.iter().map(|(_, lines)| lines).sum();
        let _ = writeln!(report, "lines of code without tests: {total}");
        for (name, lines) in &self.lines {
            let _ = writeln!(report, "  {lines:6} {name}");
        }
    }
}

/// Where the modules are that a file declares for tests only: paths without `.rs`.
fn test_files(path: &str, modules: &[String]) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let (beside, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let below = if matches!(name, "mod" | "lib" | "main") { beside } else { stem };
    modules.iter().map(|module| format!("{below}/{module}")).collect()
}

/// A file with comments and items for tests blanked out. Literals are blanked in `code` and kept in `text`.
#[derive(Debug)]
struct Code {
    text: String,
    code: String,
    /// Modules in files of their own that are declared for tests only.
    test_modules: Vec<String>,
}

impl Code {
    fn of(source: &str) -> Self {
        let (mut text, mut code) = (String::new(), String::new());
        for piece in lex::pieces(source) {
            let blank = || piece.text.chars().map(|c| if c == '\n' { '\n' } else { ' ' });
            // One byte for one byte, so that indexes into both are the same.
            let bytes =
                |text: &str| text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>();
            match piece.kind {
                Kind::Code => {
                    text.push_str(&bytes(piece.text));
                    code.push_str(&bytes(piece.text));
                }
                Kind::Comment | Kind::Doc => {
                    text.extend(blank());
                    code.extend(blank());
                }
                Kind::String | Kind::Char => {
                    text.push_str(&bytes(piece.text));
                    code.extend(blank());
                }
            }
        }
        let mut found = Self { text, code, test_modules: Vec::new() };
        found.blank_tests();
        found
    }

    fn blank_tests(&mut self) {
        const MARK: &str = "#[cfg(test)]";
        while let Some(start) = self.code.find(MARK) {
            let end = start + MARK.len() + item_length(&self.code[start + MARK.len()..]);
            let item = self.code[start + MARK.len()..end].trim();
            let declared = item.strip_suffix(';').and_then(|item| item.rsplit_once("mod "));
            if let Some((_, name)) = declared {
                self.test_modules.push(name.trim().to_owned());
            }
            for text in [&mut self.text, &mut self.code] {
                let blank: String =
                    text[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
                text.replace_range(start..end, &blank);
            }
        }
    }

    /// Lines that are not empty.
    fn lines(&self) -> usize {
        self.text.lines().filter(|line| !line.trim().is_empty()).count()
    }

    fn functions(&self, file: &str) -> Vec<Function> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = self.code[at..].find("fn ").map(|index| at + index) {
            at = start + 3;
            let name: String =
                self.code[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let declared = !self.code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if !declared || name.is_empty() {
                continue;
            }
            let body = &self.code[start..start + item_length(&self.code[start..])];
            if body.ends_with('}') {
                let line = self.code[..start].matches('\n').count() + 1;
                let lines = body.matches('\n').count() + 1;
                found.push(Function { name, file: file.to_owned(), line, lines });
            }
        }
        found
    }
}

/// The length of the item at the beginning of some code: up to the `;` or the `}` that ends it, or the `,` after a field.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (index, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            // The end of what is around the item: it was the last field.
            b')' | b']' | b'}' if depth == 0 => return index,
            b')' | b']' | b'}' => {
                depth -= 1;
                if byte == b'}' && depth == 0 {
                    return index + 1;
                }
            }
            b';' if depth == 0 => return index + 1,
            b',' if depth == 0 && is_field(&code[..index]) => return index + 1,
            _ => {}
        }
    }
    code.len()
}

/// Returns `true` unless the beginning of an item has a keyword. Commas of generics, as in `Result<A, B>`, end no such item.
fn is_field(begin: &str) -> bool {
    const KEYWORDS: [&str; 7] = ["fn ", "impl", "struct ", "enum ", "trait ", "type ", "const "];
    !KEYWORDS.iter().any(|keyword| begin.contains(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions that return `Result<A, B>` were not measured.
    #[test]
    fn commas_of_generics_do_not_end_a_function() {
        let code = Code::of(
            "fn a<T, U>(b: T) -> Result<T, U> {\n    b\n}\n#[cfg(test)]\nimpl<T, U> C<T, U> {\n    fn d() {\n    }\n}\n",
        );
        let functions = code.functions("a.rs");
        assert_eq!(functions, [Function { name: "a".into(), file: "a.rs".into(), line: 1, lines: 3 }]);
    }

    const SOURCE: &str = "//! A file.\n\nuse a::b; // why\n\n#[cfg(test)]\nmod checks;\n\nstruct A {\n    #[cfg(test)]\n    b: u8,\n    c: char,\n}\n\nfn long(\n    a: [u8; 2],\n) -> &'static str {\n    // not code\n    let b = '{';\n    \"}\n//\"\n}\n\nfn declared();\n#[cfg(test)]\nmod tests {\n    fn longer() {\n\n\n\n\n\n\n\n\n\n\n\n\n    }\n}\n";

    #[test]
    fn counts_lines_of_code_without_tests_and_comments() {
        let code = Code::of(SOURCE);
        assert_eq!(code.lines(), 12);
        assert_eq!(code.test_modules, ["checks"]);
        assert_eq!(test_files("a/src/b.rs", &code.test_modules), ["a/src/b/checks"]);
        assert_eq!(test_files("a/src/b/mod.rs", &code.test_modules), ["a/src/b/checks"]);
    }

    #[test]
    fn measures_functions_with_a_body() {
        let functions = Code::of(SOURCE).functions("b.rs");
        assert_eq!(functions, [Function { name: "long".into(), file: "b.rs".into(), line: 14, lines: 8 }]);
    }

    #[test]
    fn leaves_out_files_of_tests() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod tests;\n");
        write("a/src/b.rs", "fn b() {\n}\n");
        write("a/src/tests.rs", "fn t() {\n\n\n}\n");
        write("a/src/tests/more.rs", "fn m() {\n\n\n}\n");
        let figures = measure(root.path(), &["a/src"]).unwrap();
        assert_eq!(figures.lines, [("a/src".to_owned(), 3)]);
        assert_eq!(figures.longest.unwrap().name, "b");
    }
}
