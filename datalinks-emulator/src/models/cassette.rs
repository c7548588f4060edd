//! Answers that are kept in files, and found again by what was asked.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{ModelError, ModelSetupError};
use super::prompt::Request;
use super::reply::Reply;

/// What is done with the cassettes of an emulator: files that each hold one answer of a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cassettes {
    /// The model is asked, and what it answers is kept.
    Record,
    /// No model is asked: what was kept is answered, and a question that nobody recorded is refused.
    Replay,
}

/// A folder of cassettes.
#[derive(Debug)]
pub(super) struct CassetteDir(PathBuf);

/// A file with one question and its answer.
#[derive(Serialize)]
struct Written<'a> {
    purpose: &'a str,
    hash: &'a str,
    answer: &'a str,
    tokens: u64,
    output: u64,
    request: Value,
}

#[derive(Deserialize)]
struct StoredReply {
    hash: String,
    answer: String,
    tokens: u64,
    /// Absent in cassettes of earlier versions.
    #[serde(default)]
    output: Option<u64>,
}

impl CassetteDir {
    /// A folder to be written: it is made if need be.
    pub(super) fn to_record(dir: PathBuf) -> Result<Self, ModelSetupError> {
        fs::create_dir_all(&dir).map_err(|source| ModelSetupError::Folder { dir: dir.clone(), source })?;
        Ok(Self(dir))
    }

    /// A folder to be read: it must be there.
    pub(super) fn to_replay(dir: PathBuf) -> Result<Self, ModelSetupError> {
        fs::read_dir(&dir).map_err(|source| ModelSetupError::Folder { dir: dir.clone(), source })?;
        Ok(Self(dir))
    }

    fn file(&self, purpose: &str, hash: &str) -> PathBuf {
        self.0.join(format!("{purpose}-{hash}.json"))
    }

    /// The answer to a question, as it was kept.
    pub(super) fn get(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let (purpose, hash) = (request.purpose, hash(request)?);
        let file = self.file(purpose, &hash);
        let broken = |why: String| ModelError::Cassette { file: file.clone(), what: "read", why };
        let kept = match fs::read(&file) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { purpose, hash, file });
            }
            Err(error) => return Err(broken(error.to_string())),
        };
        let kept: StoredReply = serde_json::from_slice(&kept).map_err(|error| broken(error.to_string()))?;
        if kept.hash != hash {
            return Err(broken(format!("it holds the answer to {}", kept.hash)));
        }
        Ok(Reply::new(kept.answer, kept.tokens, kept.output))
    }

    /// Keeps an answer, in the place of an older one.
    pub(super) fn put(&self, request: &Request<'_>, reply: &Reply) -> Result<(), ModelError> {
        let (purpose, hash) = (request.purpose, hash(request)?);
        let unwritable = |source| ModelError::Unwritable { purpose, source };
        let body = serde_json::to_value(&request.body).map_err(unwritable)?;
        let Reply { content: answer, tokens, output } = reply;
        let written =
            Written { purpose, hash: &hash, answer, tokens: *tokens, output: *output, request: body };
        let mut text = serde_json::to_vec_pretty(&written).map_err(unwritable)?;
        text.push(b'\n');
        let file = self.file(purpose, &hash);
        replace(&file, &text).map_err(|error| ModelError::Cassette {
            file,
            what: "written",
            why: error.to_string(),
        })
    }
}

fn hash(request: &Request<'_>) -> Result<String, ModelError> {
    request.hash().map_err(|source| ModelError::Unwritable { purpose: request.purpose, source })
}

/// Writes a file whole or not at all.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("json.part");
    let mut part = fs::File::create(&beside)?;
    part.write_all(content)?;
    part.sync_all()?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::super::Prompt;
    use super::*;

    #[test]
    fn what_was_kept_is_found_by_its_question() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = CassetteDir::to_record(dir.path().join("new")).unwrap();
        let (known, unknown) = (Prompt::new("table", "a", "b"), Prompt::new("table", "a", "c"));
        let reply = Reply { content: "[\"é\"]".to_owned(), tokens: 7, output: 3 };
        shelf.put(&known.request(None), &reply).unwrap();
        let shelf = CassetteDir::to_replay(dir.path().join("new")).unwrap();
        assert_eq!(shelf.get(&known.request(None)).unwrap(), reply);
        let missing = shelf.get(&unknown.request(None)).unwrap_err().to_string();
        let hash = unknown.request(None).hash().unwrap();
        assert!(missing.contains(&format!("table-{hash}.json")) && missing.contains("`table`"), "{missing}");
        let names: Vec<_> =
            fs::read_dir(dir.path().join("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 1, "nothing is left beside it: {names:?}");
    }

    #[test]
    fn a_broken_cassette_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = CassetteDir::to_record(dir.path().to_owned()).unwrap();
        let prompt = Prompt::new("table", "a", "b");
        let request = prompt.request(None);
        let file = shelf.file("table", &request.hash().unwrap());
        fs::write(&file, "{").unwrap();
        let told = shelf.get(&request).unwrap_err().to_string();
        assert!(told.contains(&file.display().to_string()), "{told}");
        fs::write(&file, r#"{"hash":"other","answer":"","tokens":0}"#).unwrap();
        assert!(shelf.get(&request).unwrap_err().to_string().contains("the answer to other"));
        assert!(matches!(CassetteDir::to_replay(dir.path().join("no")), Err(ModelSetupError::Folder { .. })));
    }
}
