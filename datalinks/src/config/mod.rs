//! Settings: from the environment, from a `.env` file, from the application.

mod address;
mod dotenv;

use http::HeaderValue;

pub(crate) use address::{Address, is_loopback};

use crate::Error;

/// What the environment says. Reading it sends nothing.
///
/// | variable | meaning | needed by |
/// |---|---|---|
/// | `DL_HOST` | base URL of the API, version prefix included | [`DataLinks`](crate::DataLinks) |
/// | `DL_API_KEY` | the bearer token | both |
/// | `DL_INGEST_PROXY` | base URL of the ingest proxy, no prefix | [`IngestProxy`](crate::IngestProxy) |
/// | `DL_USERNAME` | owner of what the proxy makes | optional |
/// | `DL_NAMESPACE` | namespace to work in | optional |
/// | `OBJECT_NAME` | dataset to work on | optional |
/// | `INDEX` | nothing: only old versions of the vendor's client read it, and none sent it | nobody |
///
/// A variable that is empty counts as unset, as in the vendor's client. A `.env` file in the working
/// directory is read first (the vendor's client looks above its installed package instead); variables
/// that are set already win.
#[derive(Clone, Default)]
pub struct Config {
    pub(crate) host: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) object_name: Option<String>,
    pub(crate) index: Option<String>,
}

impl Config {
    /// Reads the process's environment and `.env` in the working directory.
    ///
    /// # Errors
    ///
    /// When there is a `.env` file that cannot be read. Missing variables are not an error here:
    /// which are needed depends on what is built from them.
    pub fn from_env() -> Result<Self, Error> {
        let file = dotenv::read(std::path::Path::new(".env"))?;
        Ok(Self::from_vars(|name| {
            std::env::var(name).ok().filter(|value| !value.is_empty()).or_else(|| file.get(name).cloned())
        }))
    }

    /// Reads variables from wherever `lookup` finds them.
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
            key: get("DL_API_KEY"),
            proxy: get("DL_INGEST_PROXY"),
            username: get("DL_USERNAME"),
            namespace: get("DL_NAMESPACE"),
            object_name: get("OBJECT_NAME"),
            index: get("INDEX"),
        }
    }

    /// `DL_NAMESPACE`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// `OBJECT_NAME`: the name of a dataset.
    pub fn object_name(&self) -> Option<&str> {
        self.object_name.as_deref()
    }

    /// `INDEX`, for programs that still look at it. It is never sent.
    pub fn index(&self) -> Option<&str> {
        self.index.as_deref()
    }

    /// `DL_INGEST_PROXY`.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// `DL_USERNAME`.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The values of the named settings, or one error that names all that are missing.
    pub(crate) fn require<const N: usize>(
        &self,
        wanted: [(&'static str, &Option<String>); N],
    ) -> Result<[String; N], Error> {
        let missing: Vec<&str> =
            wanted.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        if missing.is_empty() {
            return Ok(wanted.map(|(_, value)| value.clone().unwrap_or_default()));
        }
        let verb = if missing.len() == 1 { "is" } else { "are" };
        Err(Error::new(crate::ErrorKind::Config, format!("{} {verb} not set", missing.join(" and "))))
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("host", &self.host)
            .field("key", &self.key.as_ref().map(|_| "[key]"))
            .field("proxy", &self.proxy)
            .field("username", &self.username)
            .field("namespace", &self.namespace)
            .field("object_name", &self.object_name)
            .finish()
    }
}

/// The header that carries a key.
pub(crate) fn authorization(key: &str) -> Result<HeaderValue, Error> {
    let fault = if key.trim().is_empty() {
        "the key is empty"
    } else {
        match HeaderValue::try_from(format!("Bearer {key}")) {
            Ok(mut header) => {
                header.set_sensitive(true);
                return Ok(header);
            }
            // The key itself is not repeated here.
            Err(_) => "the key has characters that cannot stand in an HTTP header (a line break?)",
        }
    };
    Err(Error::new(crate::ErrorKind::Config, fault)
        .advice("set DL_API_KEY to the key as it was shown at its creation"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_settings_are_named_at_once() {
        let config = Config::from_vars(|_| Some(String::new()));
        let error = config.require([("DL_HOST", &config.host), ("DL_API_KEY", &config.key)]).unwrap_err();
        assert!(error.to_string().contains("DL_HOST and DL_API_KEY are not set"), "{error}");
    }

    #[test]
    fn keys_that_cannot_be_sent_are_refused_unseen() {
        for bad in ["", "  ", "abc\ndef", "abc\u{1}"] {
            let error = authorization(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("abc"), "{error}");
        }
        assert!(!format!("{:?}", authorization("abc").unwrap()).contains("abc"));
    }
}
