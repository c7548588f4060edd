//! The `.env` file of the working directory.
//!
//! The grammar is that of python-dotenv, so that one file serves programs in both languages, with three differences:
//!
//! 1. `$` is an ordinary character, and values are not expanded. If a value that this crate reads contains `${NAME}`, which
//!    python-dotenv would expand, the line is an error, because either interpretation could give the wrong key.
//! 2. A line that cannot be parsed is an error if it sets a variable that this crate reads. Other lines are skipped.
//! 3. In `NAME= #x`, the value is empty and `#x` is a comment. For python-dotenv, `#x` is the value.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind},
    platform::files::File,
};

/// Maximum size of the file, in bytes. A larger file is probably not a file of settings.
const LONGEST: u64 = 1024 * 1024;

/// The entry of a variable in the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    Value(String),
    Broken(Broken),
}

/// A line that sets one of the variables and is invalid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Broken {
    /// Number of the line, from 1.
    line: usize,
    what: &'static str,
}

impl Broken {
    /// Returns the error for the line. The error does not contain the line, which may contain the API key.
    pub(super) fn error(&self, path: &Path, name: &str) -> Error {
        let what = format!("{}, line {}: {name} {}", path.display(), self.line, self.what);
        Error::new(ErrorKind::Config, what)
            .advice(format!("write {name}=value, or set the variable in the environment"))
    }
}

/// Reads the variables `names` from the file. Returns an empty map if the file does not exist.
pub(super) fn read(path: &Path, names: &[&'static str]) -> Result<BTreeMap<&'static str, Entry>, Error> {
    // A directory with this name is usually a virtual environment of Python.
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let unreadable = |why: String| {
        let what = format!("{} cannot be read: {why}", path.display());
        Error::new(ErrorKind::Config, what)
            .advice("correct or remove the file, or set the variables in the environment")
    };
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(format!("the file is larger than {LONGEST} bytes")));
    }
    Ok(parse(&String::from_utf8_lossy(&bytes), names))
}

/// Returns the entries of `names` in `text`. The last entry of a name applies, unless one of them is invalid.
pub(super) fn parse(text: &str, names: &[&'static str]) -> BTreeMap<&'static str, Entry> {
    let mut entries = BTreeMap::new();
    let mut add = |name: &str, entry: Entry| {
        if let Some(name) = names.iter().find(|known| **known == name)
            && !matches!(entries.get(name), Some(Entry::Broken(_)))
        {
            entries.insert(*name, entry);
        }
    };
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    loop {
        reader.skip(is_space);
        if reader.rest.is_empty() {
            return entries;
        }
        let (line, start) = (reader.line, reader.rest);
        let mut statement = Statement::default();
        match reader.statement(&mut statement) {
            Ok(()) => {
                if let (Some(name), Some(value)) = (statement.name, statement.value) {
                    add(&name, usable(value, line));
                }
            }
            Err(what) => {
                reader.line_end();
                if let Some(name) = &statement.name {
                    add(name, Entry::Broken(Broken { line, what }));
                }
                // A quote that is closed in a later line includes the lines in between.
                let taken = &start[..start.len() - reader.rest.len()];
                for (name, lines) in
                    taken.lines().zip(0..).skip(1).filter_map(|(text, at)| Some((assigned(text)?, at)))
                {
                    let what = "is inside quotes that an earlier line opens";
                    add(name, Entry::Broken(Broken { line: line + lines, what }));
                }
            }
        }
    }
}

/// Returns the entry for a value. A value with two possible interpretations is invalid.
fn usable(value: String, line: usize) -> Entry {
    let what = if value.split_once("${").is_some_and(|(_, rest)| rest.contains('}')) {
        "contains ${...}, which this crate does not expand and other programs do"
    } else if value.contains('\u{fffd}') {
        "is not UTF-8"
    } else {
        return Entry::Value(value);
    };
    Entry::Broken(Broken { line, what })
}

/// Returns the name that a line appears to assign to, without parsing the value.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    line.split_once('=').map(|(name, _)| name.trim_end())
}

/// A statement, or the part of it before an error.
#[derive(Default)]
struct Statement {
    name: Option<String>,
    /// The value, or `None` for a name without `=`, which does not set a variable.
    value: Option<String>,
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    /// Parses one statement: `export NAME=value # comment`, in which all parts are optional.
    fn statement(&mut self, statement: &mut Statement) -> Result<(), &'static str> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.rest = rest;
            self.skip(is_blank);
        }
        statement.name = self.name()?;
        self.skip(is_blank);
        if self.rest.starts_with('=') {
            self.take(1);
            let apart = !self.skip(is_blank).is_empty();
            // Directly after the `=`, a `#` belongs to the value.
            let empty = apart && self.rest.starts_with('#');
            statement.value = Some(if empty { String::new() } else { self.value()? });
        }
        self.skip(is_blank);
        if self.rest.starts_with('#') {
            self.skip(|c| !is_line_end(c));
        }
        if self.rest.is_empty() || self.rest.starts_with(is_line_end) {
            self.line_end();
            return Ok(());
        }
        Err(match &statement.value {
            Some(_) => "has text after the closing quote",
            None => "has no = after its name",
        })
    }

    fn name(&mut self) -> Result<Option<String>, &'static str> {
        let bad = "has no name";
        let name = match self.rest.chars().next() {
            Some('#') => return Ok(None),
            Some('\'') => {
                let (name, _) = self.rest.get(1..).and_then(|rest| rest.split_once('\'')).ok_or(bad)?;
                self.take(1);
                let name = self.take(name.len());
                self.take(1);
                name
            }
            _ => self.skip(|c| !is_space(c) && !matches!(c, '=' | '#')),
        };
        if name.is_empty() { Err(bad) } else { Ok(Some(name.to_owned())) }
    }

    fn value(&mut self) -> Result<String, &'static str> {
        match self.rest.chars().next() {
            Some('\'') => self.quoted('\'', |c| matches!(c, '\\' | '\'').then_some(c)),
            Some('"') => self.quoted('"', |c| match c {
                '\\' | '\'' | '"' => Some(c),
                'a' => Some('\u{7}'),
                'b' => Some('\u{8}'),
                'f' => Some('\u{c}'),
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'v' => Some('\u{b}'),
                _ => None,
            }),
            _ => {
                let value = self.skip(|c| !is_line_end(c));
                let comment = value
                    .match_indices('#')
                    .map(|(at, _)| &value[..at])
                    .find(|before| before.ends_with(is_space));
                Ok(comment.unwrap_or(value).trim_end_matches(is_space).to_owned())
            }
        }
    }

    /// Parses a value in quotes. `escape` returns the meaning of a character after a backslash. Other backslashes are kept.
    fn quoted(&mut self, quote: char, escape: impl Fn(char) -> Option<char>) -> Result<String, &'static str> {
        let inner = &self.rest[1..];
        let mut end = None;
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            if c == quote && !escaped {
                end = Some(at);
                break;
            }
            escaped = c == '\\' && !escaped;
        }
        let end = end.ok_or("has an opening quote that is not closed")?;
        self.take(1);
        let text = self.take(end);
        self.take(1);
        let mut value = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match chars.as_str().chars().next().and_then(&escape) {
                Some(meant) if c == '\\' => {
                    value.push(meant);
                    chars.next();
                }
                _ => value.push(c),
            }
        }
        Ok(value)
    }

    /// Consumes this number of bytes, and counts the line ends in them.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += line_ends(taken);
        self.rest = rest;
        taken
    }

    /// Consumes characters as long as `what` returns `true`.
    fn skip(&mut self, what: impl Fn(char) -> bool) -> &'a str {
        let length = self.rest.find(|c| !what(c)).unwrap_or(self.rest.len());
        self.take(length)
    }

    /// Consumes the rest of the line, including its end.
    fn line_end(&mut self) {
        self.skip(|c| !is_line_end(c));
        let length = if self.rest.starts_with("\r\n") { 2 } else { usize::from(!self.rest.is_empty()) };
        self.take(length);
    }
}

/// Counts the line ends in `text`: CR, LF or CRLF.
fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |(at, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    bytes.iter().enumerate().filter(|pair| ends(*pair)).count()
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

/// Returns `true` for white space of Python, which has four more separators than that of Rust.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn is_blank(c: char) -> bool {
    is_space(c) && !is_line_end(c)
}

#[cfg(test)]
mod tests;
