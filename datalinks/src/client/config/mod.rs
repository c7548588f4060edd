//! Settings of clients from the environment, from a `.env` file, or from the application.

mod address;
mod dotenv;

use std::{collections::BTreeMap, path::Path};

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

pub(crate) use address::{Address, is_loopback, shown};

use crate::error::Error;

/// Variables that are read from the environment and from the file.
const NAMES: [&str; 7] =
    ["DL_HOST", "DL_API_KEY", "DL_INGEST_PROXY", "DL_USERNAME", "DL_NAMESPACE", "OBJECT_NAME", "INDEX"];

/// The variable of the API key. The other variables that clients require are addresses.
const KEY: &str = "DL_API_KEY";

/// The scheme of the header with the key.
const SCHEME: &str = "Bearer ";

/// Settings of clients, read from the environment.
///
/// | variable | meaning | needed by |
/// |---|---|---|
/// | `DL_HOST` | base URL of the API, version prefix included | [`DataLinks`](crate::DataLinks) |
/// | `DL_API_KEY` | the API key | both |
/// | `DL_INGEST_PROXY` | base URL of the ingest proxy, no prefix | [`IngestProxy`](crate::IngestProxy) |
/// | `DL_USERNAME` | owner of the datasets that pipeline runs create | optional |
/// | `DL_NAMESPACE` | namespace to work in | optional |
/// | `OBJECT_NAME` | dataset to work on | optional |
/// | `INDEX` | no effect. Old versions of the vendor's client read the variable without sending it | neither |
///
/// An empty variable counts as unset. The vendor's client does the same.
///
/// # The `.env` file
///
/// Variables that the environment does not set are read from a `.env` file in the working directory. (The vendor's client
/// searches for the file in the directories above its package instead.) Only the variables of the table are read, and the
/// environment of the process does not change. The format is that of python-dotenv, with two differences:
///
/// - Values are not expanded, and `$` is an ordinary character. If the value of a variable of the table contains `${NAME}`,
///   which python-dotenv would expand, the line is an error.
/// - If a line cannot be parsed and sets a variable of the table that the environment does not set, the line is an error. All
///   other invalid lines are skipped.
///
/// Other users may be able to write the file. Therefore, a host from the file is not combined with an API key from the
/// environment, unless [`allow_host_from_file`](Self::allow_host_from_file) was called.
#[derive(Clone, Default)]
pub struct Config {
    pub(crate) host: Option<String>,
    pub(crate) key: Option<Zeroizing<String>>,
    pub(crate) proxy: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) object_name: Option<String>,
    pub(crate) index: Option<String>,
    file: FromFile,
}

/// The origin of settings that were read from the `.env` file.
#[derive(Clone, Default)]
struct FromFile {
    /// Variables whose values are from the file.
    names: Vec<&'static str>,
    /// Error if the file exists and could not be read.
    error: Option<Error>,
    /// A host from the file may be combined with a key from the environment.
    host_allowed: bool,
}

impl Config {
    /// Reads the environment of the process, and the file `.env` in the working directory.
    ///
    /// A missing variable is not an error here, because each client requires other variables. A file that cannot be read is an
    /// error only when a client is created that requires a missing variable.
    ///
    /// # Errors
    ///
    /// - [`Config`](crate::ErrorKind::Config) if a line of the file sets a variable of the table above and cannot be parsed.
    pub fn from_env() -> Result<Self, Error> {
        Self::load(|name| std::env::var(name).ok(), Path::new(".env"))
    }

    fn load(environment: impl Fn(&str) -> Option<String>, path: &Path) -> Result<Self, Error> {
        let environment = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let missing: Vec<&'static str> =
            NAMES.into_iter().filter(|name| environment(name).is_none()).collect();
        let (entries, error) = match dotenv::read(path, &missing) {
            Ok(entries) => (entries, None),
            Err(error) => {
                tracing::warn!(path = %path.display(), "file of settings cannot be read");
                (Default::default(), Some(error))
            }
        };
        let mut values: BTreeMap<&str, Zeroizing<String>> = BTreeMap::new();
        for (name, entry) in entries {
            match entry {
                dotenv::Entry::Value(value) => drop(values.insert(name, Zeroizing::new(value))),
                dotenv::Entry::Broken(broken) => return Err(broken.error(path, name)),
            }
        }
        let mut config = Self::from_vars(|name| {
            environment(name).or_else(|| values.get(name).map(|value| value.to_string()))
        });
        config.file = FromFile { names: values.into_keys().collect(), error, host_allowed: false };
        Ok(config)
    }

    /// Reads variables through a function, which returns the value of a variable. Does not read a file.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::Config;
    ///
    /// let config = Config::from_vars(|name| (name == "DL_NAMESPACE").then(|| "cinema".to_owned()));
    /// assert_eq!(config.namespace(), Some("cinema"));
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| lookup(name).filter(|value| !value.trim().is_empty());
        Self {
            host: get("DL_HOST"),
            key: get(KEY).map(Zeroizing::new),
            proxy: get("DL_INGEST_PROXY"),
            username: get("DL_USERNAME"),
            namespace: get("DL_NAMESPACE"),
            object_name: get("OBJECT_NAME"),
            index: get("INDEX"),
            file: FromFile::default(),
        }
    }

    /// Allows a host from the `.env` file together with an API key from the environment.
    ///
    /// The client then sends the key to that host. Call this method only if other users cannot write to the working directory.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), datalinks::Error> {
    /// use datalinks::{Config, DataLinks};
    ///
    /// let dl = DataLinks::from_config(&Config::from_env()?.allow_host_from_file())?;
    /// # let _ = dl; Ok(())
    /// # }
    /// ```
    pub fn allow_host_from_file(mut self) -> Self {
        self.file.host_allowed = true;
        self
    }

    /// Returns the namespace (`DL_NAMESPACE`), or `None` if it is not set.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the name of a dataset (`OBJECT_NAME`), or `None` if it is not set.
    pub fn object_name(&self) -> Option<&str> {
        self.object_name.as_deref()
    }

    /// Returns the variable `INDEX`, or `None` if it is not set. This crate never sends the value.
    pub fn index(&self) -> Option<&str> {
        self.index.as_deref()
    }

    /// Returns the base URL of the ingest proxy (`DL_INGEST_PROXY`), or `None` if it is not set.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// Returns the owner of the datasets that pipeline runs create (`DL_USERNAME`), or `None` if it is not set.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Returns the API key (`DL_API_KEY`), or `None` if it is not set.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.as_str())
    }

    /// Returns the values of settings, or one error that names all missing ones.
    ///
    /// Rejects a host from the file together with a key from the environment.
    pub(crate) fn require<'a, const N: usize>(
        &self,
        wanted: [(&'static str, Option<&'a str>); N],
    ) -> Result<[&'a str; N], Error> {
        let missing: Vec<&str> =
            wanted.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        if missing.is_empty() {
            let from_file = |name: &str| self.file.names.contains(&name);
            let host = wanted.iter().map(|(name, _)| *name).find(|name| *name != KEY && from_file(name));
            return match host {
                Some(host) if !from_file(KEY) && !self.file.host_allowed => Err(mixed(host)),
                _ => Ok(wanted.map(|(_, value)| value.unwrap_or_default())),
            };
        }
        if let Some(error) = &self.file.error {
            return Err(error.clone());
        }
        let verb = if missing.len() == 1 { "is" } else { "are" };
        Err(Error::new(crate::error::ErrorKind::Config, format!("{} {verb} not set", missing.join(" and "))))
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("host", &self.host.as_deref().map(shown))
            .field("key", &self.key.as_ref().map(|_| "[key]"))
            .field("proxy", &self.proxy.as_deref().map(shown))
            .field("username", &self.username)
            .field("namespace", &self.namespace)
            .field("object_name", &self.object_name)
            .finish()
    }
}

/// Returns the error for a host from the file together with a key from the environment.
fn mixed(host: &str) -> Error {
    let what = format!(
        "{host} is from the .env file and {KEY} from the environment: the file would decide which host receives the key"
    );
    Error::new(crate::error::ErrorKind::Config, what).advice(
        "set both in the environment or both in the file, or allow it with Config::allow_host_from_file",
    )
}

/// Returns the header with an API key. White space around the key is removed.
pub(crate) fn authorization(key: &str) -> Result<HeaderValue, Error> {
    let key = key.trim();
    let problem = if key.is_empty() {
        "the API key is empty".to_owned()
    } else if let Some(at) = key.chars().position(|c| !c.is_ascii_graphic()) {
        // The character is part of the key, so the message does not contain it.
        format!("character {} of the API key is not visible ASCII, which all keys consist of", at + 1)
    } else {
        match bearer(key) {
            Ok(mut header) => {
                header.set_sensitive(true);
                return Ok(header);
            }
            Err(_) => "the API key is not valid in an HTTP header".to_owned(),
        }
    };
    Err(Error::new(crate::error::ErrorKind::Config, problem)
        .advice("set DL_API_KEY to the key that was shown when the token was created"))
}

/// Returns the value of the header. Its memory is overwritten when the last clone is dropped.
fn bearer(key: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    // With its capacity, because a buffer that grows leaves copies behind.
    let mut value = Zeroizing::new(Vec::with_capacity(SCHEME.len() + key.len()));
    value.extend_from_slice(SCHEME.as_bytes());
    value.extend_from_slice(key.as_bytes());
    HeaderValue::from_maybe_shared(Bytes::from_owner(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_names_all_missing_settings() {
        let config = Config::from_vars(|_| Some(String::new()));
        let error = config.require([("DL_HOST", config.host.as_deref()), (KEY, config.key())]).unwrap_err();
        assert!(error.to_string().contains("DL_HOST and DL_API_KEY are not set"), "{error}");
    }

    /// Keys with other characters than visible ASCII were sent unchanged, and a key with a line end was rejected.
    ///
    /// Regression 14.
    #[test]
    fn keys_are_trimmed_and_invalid_keys_are_rejected_without_being_shown() {
        for bad in [
            "",
            "  ",
            "abc\ndef",
            "abc\u{1}",
            "abc def",
            "abc\tdef",
            "abcé",
            "\u{feff}abc",
            "abc\u{200b}",
            "abc\u{7f}",
        ] {
            let error = authorization(bad).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::Config);
            assert!(!format!("{error} {error:?}").contains("abc"), "{error}");
        }
        for good in ["abc", " abc\r\n", "\tabc\u{a0}"] {
            assert_eq!(authorization(good).unwrap(), "Bearer abc", "{good:?}");
        }
        let every: String = ('!'..='~').collect();
        assert_eq!(authorization(&every).unwrap(), format!("Bearer {every}").as_str());
        assert!(!format!("{:?}", authorization("abc").unwrap()).contains("abc"));
    }

    /// Loads settings from an environment and the text of a file.
    fn loaded(environment: &[(&str, &str)], file: &str) -> Result<Config, Error> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        std::fs::write(&path, file).unwrap();
        let value = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::load(value, &path)
    }

    fn host(config: &Config) -> Result<String, Error> {
        config
            .require([("DL_HOST", config.host.as_deref()), (KEY, config.key())])
            .map(|[host, _]| host.to_owned())
    }

    fn proxy(config: &Config) -> Result<String, Error> {
        config
            .require([("DL_INGEST_PROXY", config.proxy()), (KEY, config.key())])
            .map(|[host, _]| host.to_owned())
    }

    /// A file in the working directory decided which host received the key of the environment.
    ///
    /// Regression 11.
    #[test]
    fn host_from_the_file_is_not_combined_with_a_key_from_the_environment() {
        let both = "DL_HOST=https://file\nDL_INGEST_PROXY=https://file-proxy\n";
        let config = loaded(&[(KEY, "canary")], both).unwrap();
        for error in [host(&config).unwrap_err(), proxy(&config).unwrap_err()] {
            assert_eq!(error.kind(), crate::error::ErrorKind::Config);
            for part in [".env", "environment", "DL_API_KEY", "allow_host_from_file"] {
                assert!(error.to_string().contains(part), "{error}");
            }
            assert!(!format!("{error:?}").contains("canary"));
        }
        assert!(proxy(&config).unwrap_err().to_string().contains("DL_INGEST_PROXY"));
        let allowed = config.allow_host_from_file();
        assert_eq!(
            (host(&allowed).unwrap(), proxy(&allowed).unwrap()),
            ("https://file".into(), "https://file-proxy".into())
        );

        // The rule applies to each address separately.
        let config = loaded(&[("DL_HOST", "https://env"), (KEY, "k")], both).unwrap();
        assert_eq!(host(&config).unwrap(), "https://env");
        assert!(proxy(&config).is_err());
        // Both are from the file, or both from the environment, or only the key is from the file.
        let whole = format!("{both}DL_API_KEY=k\n");
        assert_eq!(host(&loaded(&[], &whole).unwrap()).unwrap(), "https://file");
        assert_eq!(host(&loaded(&[("DL_HOST", "https://env")], &whole).unwrap()).unwrap(), "https://env");
        assert!(host(&loaded(&[(KEY, "k")], &whole).unwrap()).is_err());
        // An empty variable counts as unset.
        assert_eq!(host(&loaded(&[(KEY, " ")], &whole).unwrap()).unwrap(), "https://file");
    }

    #[test]
    fn invalid_file_is_ignored_if_the_environment_sets_everything() {
        let environment = [("DL_HOST", "https://env"), (KEY, "k")];
        let broken = "DL_HOST=\"never closed\nDL_API_KEY=\"never closed\n";
        assert_eq!(host(&loaded(&environment, broken).unwrap()).unwrap(), "https://env");
        let error = loaded(&environment[..1], broken).unwrap_err();
        assert!(error.to_string().contains(".env, line 2: DL_API_KEY"), "{error}");

        let unreadable = "#".repeat(2 * 1024 * 1024);
        let config = loaded(&environment, &unreadable).unwrap();
        assert_eq!(host(&config).unwrap(), "https://env");
        // A missing variable may be in the file that cannot be read.
        assert!(proxy(&config).unwrap_err().to_string().contains("cannot be read"));
    }

    /// `Debug` showed a password in the host.
    ///
    /// Regression 13.
    #[test]
    fn passwords_in_hosts_are_not_shown() {
        let hosts = "DL_HOST=https://ana:canary@host.example/v1?token=canary\nDL_INGEST_PROXY=ana:canary@host.example\n";
        let shown = format!("{:?}", loaded(&[], hosts).unwrap());
        assert!(shown.contains("host.example/v1") && !shown.contains("canary"), "{shown}");
    }
}
