//! The settings of a run: options first, then variables of the environment, as `datalinks` has them.

use std::{env, ffi::OsString, io::Read as _, path::Path};

use clap::ValueEnum as _;
use datalinks::{CallOptions, DataLinks, Secret};
use datalinks_emulator::Emulator;

use crate::{
    arguments::{self, Format, Service},
    failure::{Failure, Result, exit},
    interrupt::Interrupt,
};

const HOST: &str = "https://api.datalinks.com/api/v1";
const USER_AGENT: &str = concat!("datalinks-sql/", env!("CARGO_PKG_VERSION"));

/// Longest file of a token, in bytes.
const LONGEST_TOKEN: u64 = 64 * 1024;

/// The settings of a run.
pub(crate) struct Settings {
    /// The client, or `None` without a token. Statements over files need none.
    pub(crate) client: Option<DataLinks>,
    pub(crate) namespace: Option<String>,
    pub(crate) format: Format,
    /// The emulator of this run.
    pub(crate) emulator: Option<Emulator>,
}

/// Returns the value of a variable, or `None` if it is unset or empty.
fn variable(name: &str) -> Result<Option<String>> {
    let value: Option<OsString> = env::var_os(name);
    let value = value.map(OsString::into_string).transpose();
    // Without the host that one names, for example, the token would be sent to another one.
    let value = value.map_err(|_| Failure::usage(format!("variable {name} is not valid UTF-8")))?;
    Ok(value.filter(|value| !value.trim().is_empty()))
}

impl Settings {
    /// Reads the settings. Sends nothing.
    pub(crate) async fn resolve(options: &Service, interrupt: &Interrupt) -> Result<Self> {
        if options.profile.is_some() {
            return Err(Failure::usage(
                "profiles are read by `datalinks sql`, and not by datalinks-sql itself",
            )
            .next("datalinks sql --profile NAME"));
        }
        let or_variable = |option: &Option<String>, name: &str| match option {
            Some(value) => Ok(Some(value.clone())),
            None => variable(name),
        };
        let namespace = match or_variable(&options.namespace, "DL_NAMESPACE")? {
            Some(namespace) => Some(namespace),
            None => variable("DATALINKS_NAMESPACE")?,
        };
        let format = match (options.output, variable("DL_OUTPUT")?) {
            (Some(format), _) => format,
            (None, None) => Format::default(),
            (None, Some(text)) => Format::from_str(&text, true).map_err(|reason| {
                Failure::usage(format!("invalid value {text:?} of variable DL_OUTPUT: {reason}"))
            })?,
        };
        let (client, emulator) = match options.emulator {
            Some(arguments::Emulator::Shared) => {
                return Err(Failure::usage(
                    "the shared emulator is found by `datalinks sql`, and not by datalinks-sql itself",
                )
                .next("datalinks sql --emulator")
                .next("or use --emulator=fresh, an emulator without data that ends with this program"));
            }
            Some(arguments::Emulator::Fresh) => {
                let started = Emulator::start().await;
                let emulator = started.map_err(|error| {
                    Failure::new(exit::FAILURE, "the emulator did not start").caused_by(&error)
                })?;
                let builder = DataLinks::builder(emulator.api_url(), emulator.api_key()).no_proxy();
                (Some(builder.user_agent(USER_AGENT).build()?), Some(emulator))
            }
            None => {
                let (options, host) = (options.clone(), or_variable(&options.host, "DL_HOST")?);
                (interrupt.unless_received(move || Self::client(&options, host)).await?, None)
            }
        };
        let timeout = match (options.timeout, variable("DL_TIMEOUT")?) {
            (Some(timeout), _) => Some(timeout),
            (None, None) => None,
            (None, Some(text)) => Some(arguments::duration(&text).map_err(|reason| {
                Failure::usage(format!("invalid value {text:?} of variable DL_TIMEOUT: {reason}"))
            })?),
        };
        let client = match timeout {
            Some(timeout) => client.map(|client| client.with_options(CallOptions::new().timeout(timeout))),
            None => client,
        };
        Ok(Self { client, namespace, format, emulator })
    }

    /// Creates the client. Reads the token and the certificates, which may be pipes.
    fn client(options: &Service, host: Option<String>) -> Result<Option<DataLinks>> {
        let token = match &options.token_file {
            Some(file) => Some(read_token(file)?),
            None => variable("DL_API_KEY")?.map(Secret::from),
        };
        let Some(token) = token else { return Ok(None) };
        let host = host.map_or_else(|| HOST.to_owned(), |host| with_prefix(&host));
        let mut builder = DataLinks::builder(host, token.expose()).user_agent(USER_AGENT);
        let proxy = match &options.proxy {
            Some(proxy) => Some(proxy.clone()),
            None => variable("DL_PROXY")?,
        };
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy);
        }
        let ca = match &options.ca {
            Some(file) => Some(file.clone()),
            None => variable("DL_CA")?.map(Into::into),
        };
        if let Some(file) = ca {
            let certificates = std::fs::read(&file).map_err(|error| {
                Failure::usage(format!("cannot read the certificates in {}", file.display()))
                    .caused_by(&error)
            })?;
            builder = builder.add_root_certificate(certificates);
        }
        Ok(Some(builder.build()?))
    }
}

/// Returns the failure of a statement that needs the service.
pub(crate) fn no_token() -> Failure {
    Failure::new(exit::AUTHENTICATION, "the statement names a dataset, and there is no token")
        .next("set DL_API_KEY, or give --token-file FILE")
        .next("or use `datalinks sql`, which has the token of `datalinks auth login`")
        .next("or name files: a path in quotes, or --table NAME=PATH")
}

/// Returns the base URL with the prefix of the API, which may be left out.
fn with_prefix(host: &str) -> String {
    let host = host.trim().trim_end_matches('/');
    match host.split_once("://") {
        Some((_, rest)) if !rest.contains(['/', '?', '#']) => format!("{host}/api/v1"),
        // The client reports invalid URLs.
        _ => host.to_owned(),
    }
}

/// Reads a token from a file, or from standard input.
fn read_token(file: &Path) -> Result<Secret> {
    let is_input = file == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let failed = |error: &std::io::Error| {
        Failure::usage(format!("cannot read the token from {name}")).caused_by(error)
    };
    let mut text = String::new();
    let read = if is_input {
        std::io::stdin().lock().take(LONGEST_TOKEN + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(LONGEST_TOKEN + 1).read_to_string(&mut text))
    };
    if read.map_err(|error| failed(&error))? as u64 > LONGEST_TOKEN {
        return Err(Failure::usage(format!("the token in {name} is longer than {LONGEST_TOKEN} bytes"))
            .next("--token-file takes a file that has the token only"));
    }
    match text.trim() {
        "" => Err(Failure::usage(format!("there is no token in {name}"))
            .next("write the token there, or set DL_API_KEY and leave out --token-file")),
        token => Ok(Secret::from(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_is_added_if_there_is_no_path() {
        for (host, expected) in [
            ("https://api.example.com", "https://api.example.com/api/v1"),
            ("https://api.example.com/", "https://api.example.com/api/v1"),
            ("https://api.example.com/api/v1/", "https://api.example.com/api/v1"),
            ("https://example.com/other", "https://example.com/other"),
            ("api.example.com", "api.example.com"),
        ] {
            assert_eq!(with_prefix(host), expected);
        }
    }

    #[test]
    fn token_that_is_too_long_is_not_cut() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, "t".repeat(65_537)).unwrap();
        assert_eq!(read_token(&file).unwrap_err().code, exit::USAGE);
        std::fs::write(&file, " t\n").unwrap();
        assert_eq!(read_token(&file).unwrap().expose(), "t");
    }
}
