//! The file of profiles.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Failure, Place, Result};
use crate::output::Format;
use crate::terminal::ColorChoice;

/// The content of `config.toml`.
///
/// ```toml
/// profile = "work"            # the profile without --profile and DL_PROFILE
///
/// [profiles.work]
/// host = "https://api.datalinks.com/api/v1"
/// namespace = "cinema"
/// output = "json"
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    #[serde(skip)]
    pub(super) path: PathBuf,
    pub(super) profile: Option<String>,
    #[serde(default)]
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// The settings of a profile. Tokens are kept elsewhere.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) host: Option<String>,
    pub(super) ingest_proxy: Option<String>,
    pub(super) username: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) dataset: Option<String>,
    pub(super) output: Option<Format>,
    pub(super) timeout: Option<String>,
    pub(super) proxy: Option<String>,
    pub(super) ca: Option<PathBuf>,
    pub(super) color: Option<ColorChoice>,
}

impl ConfigFile {
    /// Reads the file. A missing file has no profiles.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let what = format!("cannot read the profiles in {}", path.display());
                return Err(Failure::usage(what).caused_by(&error));
            }
        };
        let file = toml::from_str::<Self>(&text).map_err(|error| invalid(path, &text, &error))?;
        Ok(Self { path: path.to_owned(), ..file })
    }
}

/// Returns the place of an error in a file of TOML.
pub(crate) fn toml_place(path: &Path, text: &str, error: &toml::de::Error) -> Place {
    let line = error.span().map(|span| line_at(text, span.start));
    Place::File { path: path.display().to_string(), line }
}

/// Returns the place of a setting in the file of profiles. Without the line if the file has changed since it was read.
pub(super) fn place(path: &Path, profile: &str, setting: &str) -> Place {
    /// The file with the places of its settings.
    #[derive(Deserialize)]
    struct Places {
        #[serde(default)]
        profiles: BTreeMap<String, BTreeMap<String, toml::Spanned<toml::Value>>>,
    }
    let line = || {
        let text = std::fs::read_to_string(path).ok()?;
        let file = toml::from_str::<Places>(&text).ok()?;
        let value = file.profiles.get(profile)?.get(setting)?;
        Some(line_at(&text, value.span().start))
    };
    Place::File { path: path.display().to_string(), line: line() }
}

/// Returns the number of the line of a byte.
fn line_at(text: &str, byte: usize) -> u64 {
    text.get(..byte).unwrap_or_default().matches('\n').count() as u64 + 1
}

/// Returns the failure for a file of settings that cannot be parsed.
fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let message = error.message().replace('\n', " ");
    // A value of the wrong type is in the message, and may be a token.
    let message = match message.split_once(", expected ") {
        Some((start, expected)) if start.starts_with("invalid ") => format!("expected {expected}"),
        _ => message,
    };
    let failure = Failure::usage(format!("invalid settings: {message}")).at(toml_place(path, text, error));
    if error.message().contains("unknown field `token`") {
        failure.next("datalinks auth login, which saves the token for you alone")
    } else {
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        ConfigFile::read(&path)
    }

    #[test]
    fn profiles_have_settings() {
        let file =
            read("profile = 'a'\n[profiles.a]\nhost = 'https://x'\noutput = 'json'\ncolor = 'never'\n")
                .unwrap();
        let profile = &file.profiles["a"];
        assert_eq!((profile.host.as_deref(), profile.output), (Some("https://x"), Some(Format::Json)));
        assert_eq!(file.profile.as_deref(), Some("a"));
        assert!(ConfigFile::read(Path::new("/no/such/file")).unwrap().profiles.is_empty());
    }

    #[test]
    fn errors_name_the_line() {
        let failure = read("[profiles.a]\nhost = 'x'\ntoken = 'secret-canary'\n").unwrap_err();
        let text = failure.lines(crate::terminal::Style::plain()).join("\n");
        assert!(text.contains("config.toml:3") && text.contains("datalinks auth login"), "{text}");
        assert!(!text.contains("canary"), "{text}");
        // The value was shown.
        let failure = read("[profiles]\nwork = 'secret-canary'\n").unwrap_err();
        let text = failure.lines(crate::terminal::Style::plain()).join("\n");
        assert!(text.contains("config.toml:2") && !text.contains("canary"), "{text}");
        let failure = read("profile = \n").unwrap_err();
        assert_eq!(failure.exit().code(), 2);
    }
}
