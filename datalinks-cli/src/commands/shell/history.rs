//! What was typed, in a file that only the user may read.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use datalinks::Secret;

use crate::settings::write_owner_only;

/// Most lines that are kept.
pub(super) const KEPT: usize = 1000;

/// Longest file that is read, in bytes.
const LONGEST: u64 = 8 * 1024 * 1024;

/// The file of the history: one JSON string per line, the newest last.
pub(super) struct History {
    file: PathBuf,
    /// The token, which is never written.
    token: Option<Secret>,
}

impl History {
    pub(super) fn new(file: PathBuf, token: Option<Secret>) -> Self {
        Self { file, token }
    }

    /// Reads the lines, and writes the newest of them back, so that the file stays short and only the user may read it.
    pub(super) fn load(&self) -> io::Result<Vec<String>> {
        let mut text = String::new();
        match File::open(&self.file) {
            Ok(file) => drop(file.take(LONGEST).read_to_string(&mut text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut lines: Vec<String> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        lines.drain(..lines.len().saturating_sub(KEPT));
        let content: String = lines.iter().map(|line| encoded(line)).collect();
        write_owner_only(&self.file, content.as_bytes())?;
        Ok(lines)
    }

    /// Appends a line.
    pub(super) fn append(&self, line: &str) -> io::Result<()> {
        File::options().append(true).open(&self.file)?.write_all(encoded(line).as_bytes())
    }

    /// Returns `true` if a line may be kept: it does not begin with a space, and has no token in it.
    pub(super) fn keeps(&self, line: &str) -> bool {
        let has_token = self.token.as_ref().is_some_and(|token| line.contains(token.expose().trim()));
        !line.trim().is_empty()
            && !line.starts_with(' ')
            && !has_token
            && !line.split_whitespace().any(has_jwt)
    }
}

/// Returns `true` if a word has something that looks like a JWT.
fn has_jwt(word: &str) -> bool {
    // Every JWT begins with a JSON object in base64.
    word.match_indices("eyJ").any(|(at, _)| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let rest = &word[at..];
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        rest[..end].matches('.').count() >= 2
    })
}

fn encoded(line: &str) -> String {
    // A string is always valid JSON.
    format!("{}\n", serde_json::to_string(line).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order_and_in_bounds() {
        let directory = tempfile::tempdir().unwrap();
        let history = History::new(directory.path().join("new").join("history"), None);
        assert!(history.load().unwrap().is_empty());
        for number in 0..KEPT + 5 {
            history.append(&format!("a\n{number}")).unwrap();
        }
        let lines = history.load().unwrap();
        assert_eq!((lines.len(), lines[0].as_str()), (KEPT, "a\n5"));
        assert_eq!(history.load().unwrap(), lines);
    }

    #[cfg(unix)]
    #[test]
    fn file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("history");
        std::fs::write(&file, "\"a\"\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let history = History::new(file.clone(), None);
        assert_eq!(history.load().unwrap(), ["a"]);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn tokens_are_not_kept() {
        let history = History::new(PathBuf::new(), Some(Secret::from("canary".to_owned())));
        for line in [
            "x canary y",
            " Ontology(a)",
            "",
            "Bearer eyJhbGciOi.eyJleHAi.c2ln",
            "(\"eyJhbGciOi.eyJleHAi.c2ln\")",
        ] {
            assert!(!history.keeps(line), "{line}");
        }
        for line in ["Ontology(a)", "? how many eyJs", "Ontology(a).filter(x == \"eyJ.\")"] {
            assert!(history.keeps(line), "{line}");
        }
    }
}
