//! Saved tokens: in a file that only its owner may read, or in the keyring of the system (feature `keyring`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use datalinks::Secret;
use fs4::FileExt;
use serde::{Deserialize, Serialize};

use super::directories::Directories;
use super::keyring;
use super::origin::{Origin, Setting};
use super::owner_only;
use super::profile::toml_place;
use crate::failure::{Exit, Failure, Result};

/// A saved token, with the host that it is for. A token is sent to no other host.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) host: String,
    pub(crate) token: Setting<Secret>,
}

/// The file of saved tokens.
#[derive(Clone, Debug)]
pub(crate) struct CredentialStore {
    file: PathBuf,
}

/// An entry of the file. The token is absent if the keyring has it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

type Entries = BTreeMap<String, Entry>;

impl CredentialStore {
    /// Returns the store in the user's directory.
    pub(crate) fn new(directories: &Directories) -> Self {
        Self { file: directories.credentials_file() }
    }

    /// Returns the names of the profiles that have a token.
    pub(crate) fn profiles(&self) -> Result<Vec<String>> {
        Ok(self.entries()?.into_keys().collect())
    }

    /// Returns the token of a profile, or `None` if none is saved.
    pub(crate) fn read(&self, profile: &str) -> Result<Option<Credential>> {
        let Some(entry) = self.entries()?.remove(profile) else { return Ok(None) };
        let token = match entry.token {
            Some(token) => Setting::new(Secret::from(token), Origin::Credentials(self.file.clone())),
            None => Setting::new(keyring::read(profile)?, Origin::Keyring),
        };
        Ok(Some(Credential { host: entry.host, token }))
    }

    /// Saves the token of a profile, and returns where.
    pub(crate) fn save(&self, profile: &str, host: &str, token: &Secret) -> Result<Origin> {
        let _lock = self.lock()?;
        let mut entries = self.entries()?;
        let in_keyring = keyring::save(profile, token);
        let origin = if in_keyring { Origin::Keyring } else { Origin::Credentials(self.file.clone()) };
        let token = (!in_keyring).then(|| token.expose().to_owned());
        entries.insert(profile.to_owned(), Entry { host: host.to_owned(), token });
        self.write(&entries)?;
        Ok(origin)
    }

    /// Removes the token of a profile. Returns `false` if none was saved.
    pub(crate) fn remove(&self, profile: &str) -> Result<bool> {
        let _lock = self.lock()?;
        let mut entries = self.entries()?;
        let Some(entry) = entries.remove(profile) else { return Ok(false) };
        if entry.token.is_none() {
            keyring::remove(profile)?;
        }
        self.write(&entries)?;
        Ok(true)
    }

    /// Waits until no other process changes the file, which is read, changed and replaced as a whole. The lock is a file
    /// beside it, because the file itself is replaced. It is released when it is dropped, or by the end of the process.
    fn lock(&self) -> Result<File> {
        let path = self.file.with_extension("lock");
        let lock = || {
            if let Some(directory) = path.parent() {
                owner_only::create_directory(directory)?;
            }
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            match FileExt::lock(&file) {
                // Some network file systems have no locks. A token is saved there all the same.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
                locked => locked.map(|()| file),
            }
        };
        lock().map_err(|error| unusable("lock", &self.file, &error))
    }

    fn entries(&self) -> Result<Entries> {
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entries::new()),
            Err(error) => return Err(unusable("read", &self.file, &error)),
        };
        let shared = owner_only::is_readable_by_others(&self.file);
        if shared.map_err(|error| unusable("read", &self.file, &error))? {
            let what = format!("other users may read the tokens in {}", self.file.display());
            return Err(Failure::new(Exit::Authentication, what)
                .next(format!("chmod 600 {}", self.file.display()))
                .next("replace the tokens if another user may have read them"));
        }
        // The message of the error may contain a token.
        toml::from_str(&text).map_err(|error| {
            Failure::usage("the file of tokens is invalid")
                .at(toml_place(&self.file, &text, &error))
                .next("correct the line, or remove it and call datalinks auth login")
        })
    }

    fn write(&self, entries: &Entries) -> Result {
        let text = toml::to_string(entries)?;
        owner_only::write(&self.file, text.as_bytes()).map_err(|error| unusable("write", &self.file, &error))
    }
}

fn unusable(verb: &str, file: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("cannot {verb} the tokens in {}", file.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(directory: &Path) -> CredentialStore {
        CredentialStore { file: directory.join("new").join("credentials.toml") }
    }

    #[test]
    fn tokens_are_saved_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        assert!(store.read("a").unwrap().is_none());
        store.save("a", "https://a", &Secret::from("t-a".to_owned())).unwrap();
        store.save("b", "https://b", &Secret::from("t-b".to_owned())).unwrap();
        let saved = store.read("a").unwrap().unwrap();
        assert_eq!((saved.host.as_str(), saved.token.value.expose()), ("https://a", "t-a"));
        assert_eq!(store.profiles().unwrap(), ["a", "b"]);
        assert!(store.remove("a").unwrap() && !store.remove("a").unwrap());
        assert!(store.read("a").unwrap().is_none() && store.read("b").unwrap().is_some());
    }

    /// Each process replaced the file that the other one had written, so one of two tokens was lost.
    #[test]
    fn tokens_that_are_saved_at_the_same_time_are_all_kept() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        let profiles: Vec<String> = (0..16).map(|number| format!("p{number:02}")).collect();
        let together = std::sync::Barrier::new(profiles.len());
        std::thread::scope(|scope| {
            for profile in &profiles {
                scope.spawn(|| {
                    together.wait();
                    store.save(profile, "https://a", &Secret::from(profile.as_str())).unwrap();
                });
            }
        });
        assert_eq!(store.profiles().unwrap(), profiles);
        std::thread::scope(|scope| {
            for profile in &profiles[1..] {
                scope.spawn(|| assert!(store.remove(profile).unwrap()));
            }
        });
        assert_eq!(store.profiles().unwrap(), ["p00"]);
    }

    /// A token in a wrong place was shown.
    #[test]
    fn errors_name_the_line_and_no_token() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        for wrong in
            ["a = 'canary'\n", "[a]\ncanary = ''\n", "[a]\nhost = 'x'\ntoken = ['canary']\n", "canary"]
        {
            owner_only::write(&store.file, wrong.as_bytes()).unwrap();
            let failure = store.read("a").unwrap_err();
            let text = failure.lines(crate::terminal::Style::plain()).join("\n");
            assert!(text.contains("credentials.toml:") && !text.contains("canary"), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn tokens_that_others_may_read_are_rejected() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        store.save("a", "https://a", &Secret::from("t".to_owned())).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.file), 0o600);
        assert_eq!(mode(store.file.parent().unwrap()), 0o700);
        std::fs::set_permissions(&store.file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let failure = store.read("a").unwrap_err();
        assert_eq!(failure.exit(), Exit::Authentication);
        assert!(failure.lines(crate::terminal::Style::plain())[1].contains("chmod 600"));
    }
}
