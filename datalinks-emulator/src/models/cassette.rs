//! Cassettes: recorded replies of a model, found by a hash of the request.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{ModelError, ModelSetupError};
use super::prompt::Request;
use super::reply::Reply;
use crate::persistence::replace_file;

/// The use of cassettes, which are files with one reply of a model each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cassettes {
    /// Calls the model and records its replies.
    Record,
    /// Returns recorded replies without calling a model. A request without a recorded reply is an error.
    Replay,
}

/// A directory of cassettes.
#[derive(Debug)]
pub(super) struct CassetteDir(PathBuf);

/// A file with one request and its reply.
#[derive(Serialize)]
struct StoredCall<'a> {
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
    /// Opens a directory for recording. Creates it if it does not exist.
    pub(super) fn to_record(dir: PathBuf) -> Result<Self, ModelSetupError> {
        fs::create_dir_all(&dir).map_err(|source| ModelSetupError::Directory { dir: dir.clone(), source })?;
        Self::checked(dir)
    }

    /// Opens an existing directory for replay.
    pub(super) fn to_replay(dir: PathBuf) -> Result<Self, ModelSetupError> {
        Self::checked(dir)
    }

    /// Checks that each cassette is a regular file. Reading a named pipe would block the emulator without end.
    fn checked(dir: PathBuf) -> Result<Self, ModelSetupError> {
        let unusable = |source| ModelSetupError::Directory { dir: dir.clone(), source };
        for entry in fs::read_dir(&dir).map_err(unusable)? {
            let file = entry.map_err(unusable)?.path();
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match fs::metadata(&file) {
                Ok(found) if found.is_file() => {}
                Ok(_) => return Err(ModelSetupError::NotAFile { file }),
                // A link without a target is like a missing cassette. The file may also have been replaced just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unusable(error)),
            }
        }
        Ok(Self(dir))
    }

    fn file(&self, purpose: &str, hash: &str) -> PathBuf {
        self.0.join(format!("{purpose}-{hash}.json"))
    }

    /// Returns the recorded reply to a request.
    pub(super) fn get(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let (purpose, hash) = (request.purpose, hash(request)?);
        let file = self.file(purpose, &hash);
        let broken = |why: String| ModelError::Cassette { file: file.clone(), what: "read", why };
        let stored = match read(&file) {
            Ok(stored) => stored,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { purpose, hash, file });
            }
            Err(error) => return Err(broken(error.to_string())),
        };
        let stored: StoredReply =
            serde_json::from_slice(&stored).map_err(|error| broken(error.to_string()))?;
        if stored.hash != hash {
            return Err(broken(format!("it contains the reply to {}", stored.hash)));
        }
        Ok(Reply::new(stored.answer, stored.tokens, stored.output))
    }

    /// Records a reply. Replaces an earlier reply to the same request.
    pub(super) fn put(&self, request: &Request<'_>, reply: &Reply) -> Result<(), ModelError> {
        let (purpose, hash) = (request.purpose, hash(request)?);
        let unwritable = |source| ModelError::Unwritable { purpose, source };
        let body = serde_json::to_value(&request.body).map_err(unwritable)?;
        let Reply { content: answer, tokens, output } = reply;
        let written =
            StoredCall { purpose, hash: &hash, answer, tokens: *tokens, output: *output, request: body };
        let mut text = serde_json::to_vec_pretty(&written).map_err(unwritable)?;
        text.push(b'\n');
        let file = self.file(purpose, &hash);
        replace_file(&file, &text).map_err(|error| ModelError::Cassette {
            file,
            what: "written",
            why: error.to_string(),
        })
    }
}

/// Reads a regular file. Fails for anything else, and does not wait for the other end of a named pipe.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_at_once(file)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}

fn open_at_once(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.read(true).open(file)
}

fn hash(request: &Request<'_>) -> Result<String, ModelError> {
    request.hash().map_err(|source| ModelError::Unwritable { purpose: request.purpose, source })
}

#[cfg(test)]
mod tests {
    use super::super::Prompt;
    use super::*;

    #[test]
    fn recorded_reply_is_found_by_its_request() {
        let dir = tempfile::tempdir().unwrap();
        let cassettes = CassetteDir::to_record(dir.path().join("new")).unwrap();
        let (known, unknown) = (Prompt::new("table", "a", "b"), Prompt::new("table", "a", "c"));
        let reply = Reply { content: "[\"é\"]".to_owned(), tokens: 7, output: 3 };
        cassettes.put(&known.request(None), &reply).unwrap();
        let cassettes = CassetteDir::to_replay(dir.path().join("new")).unwrap();
        assert_eq!(cassettes.get(&known.request(None)).unwrap(), reply);
        let missing = cassettes.get(&unknown.request(None)).unwrap_err().to_string();
        let hash = unknown.request(None).hash().unwrap();
        assert!(missing.contains(&format!("table-{hash}.json")) && missing.contains("`table`"), "{missing}");
        let names: Vec<_> =
            fs::read_dir(dir.path().join("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 1, "no temporary file is left: {names:?}");
    }

    #[test]
    fn simultaneous_recordings_of_one_request_succeed() {
        let dir = tempfile::tempdir().unwrap();
        let prompt = Prompt::new("table", "a", "b");
        // At least as many tokens as those of the output.
        let counts = 3..11;
        let reply = |tokens| Reply { content: "x".repeat(100_000), tokens, output: 3 };
        std::thread::scope(|scope| {
            for tokens in counts.clone() {
                let cassettes = CassetteDir::to_record(dir.path().to_owned()).unwrap();
                let prompt = &prompt;
                scope.spawn(move || {
                    for _ in 0..10 {
                        cassettes.put(&prompt.request(None), &reply(tokens)).unwrap();
                    }
                });
            }
        });
        let cassettes = CassetteDir::to_replay(dir.path().to_owned()).unwrap();
        let kept = cassettes.get(&prompt.request(None)).unwrap();
        assert!(counts.clone().any(|tokens| kept == reply(tokens)));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn cassette_has_the_mode_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let cassettes = CassetteDir::to_record(dir.path().to_owned()).unwrap();
        let prompt = Prompt::new("table", "a", "b");
        cassettes
            .put(&prompt.request(None), &Reply { content: "c".to_owned(), tokens: 1, output: 1 })
            .unwrap();
        let plain = dir.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |file| fs::metadata(file).unwrap().permissions().mode();
        let file = cassettes.file("table", &prompt.request(None).hash().unwrap());
        assert_eq!(mode(file), mode(plain));
    }

    /// A named pipe blocked the thread that read it, and with it the emulator's shutdown.
    #[cfg(target_os = "linux")]
    #[test]
    fn named_pipes_are_rejected_at_the_start_and_when_they_are_read() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let dir = tempfile::tempdir().unwrap();
        let prompt = Prompt::new("table", "a", "b");
        let request = prompt.request(None);
        let cassettes = CassetteDir::to_replay(dir.path().to_owned()).unwrap();
        let pipe = cassettes.file("table", &request.hash().unwrap());
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let message = cassettes.get(&request).unwrap_err().to_string();
        assert!(
            message.contains("it is not a regular file") && message.contains("record it again"),
            "{message}"
        );
        for open in [CassetteDir::to_replay, CassetteDir::to_record] {
            let error = open(dir.path().to_owned()).unwrap_err();
            assert!(matches!(&error, ModelSetupError::NotAFile { file } if *file == pipe), "{error:?}");
            let message = error.to_string();
            assert!(message.contains("is not a regular file; remove it from the directory"), "{message}");
        }
        // Links are followed.
        fs::rename(&pipe, dir.path().join("pipe")).unwrap();
        std::os::unix::fs::symlink("pipe", &pipe).unwrap();
        assert!(CassetteDir::to_replay(dir.path().to_owned()).is_err());
    }

    #[test]
    fn entries_that_are_not_cassettes_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("notes")).unwrap();
        assert!(CassetteDir::to_replay(dir.path().to_owned()).is_ok());
        fs::create_dir(dir.path().join("table-1.json")).unwrap();
        assert!(CassetteDir::to_replay(dir.path().to_owned()).is_err());
    }

    #[test]
    fn error_names_the_unreadable_cassette() {
        let dir = tempfile::tempdir().unwrap();
        let cassettes = CassetteDir::to_record(dir.path().to_owned()).unwrap();
        let prompt = Prompt::new("table", "a", "b");
        let request = prompt.request(None);
        let file = cassettes.file("table", &request.hash().unwrap());
        fs::write(&file, "{").unwrap();
        let message = cassettes.get(&request).unwrap_err().to_string();
        assert!(message.contains(&file.display().to_string()), "{message}");
        fs::write(&file, r#"{"hash":"other","answer":"","tokens":0}"#).unwrap();
        assert!(cassettes.get(&request).unwrap_err().to_string().contains("the reply to other"));
        assert!(matches!(
            CassetteDir::to_replay(dir.path().join("no")),
            Err(ModelSetupError::Directory { .. })
        ));
    }
}
