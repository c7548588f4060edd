//! The options that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::dataset_name::DatasetName;
use super::duration;
use super::shown_url::without_credentials;
use crate::output::Format;
use crate::terminal::{ColorChoice, quoted};

/// The options that every command has.
///
/// Their ids have a prefix, because clap takes an argument of a command with the same id for the same argument.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalFlags {
    /// Profile of settings [default: default]
    #[arg(id = "global-profile", long = "profile", global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Format of the output [default: table]
    #[arg(
        id = "global-output",
        short = 'o',
        long = "output",
        global = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub(crate) output: Option<Format>,

    /// Base URL of the API [default: https://api.datalinks.com/api/v1]
    #[arg(id = "global-host", long = "host", global = true, value_name = "URL")]
    pub(crate) host: Option<String>,

    /// File with the token, or `-` for standard input
    ///
    /// There is no option for the token itself, because other users of the machine can see the arguments of a program.
    /// Set DL_API_KEY, or save the token by `datalinks auth login`.
    #[arg(id = "global-token-file", long = "token-file", global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Namespace of datasets that are given without one
    #[arg(id = "global-namespace", long = "namespace", global = true, value_name = "NAME")]
    pub(crate) namespace: Option<String>,

    /// Dataset of commands that are called without one
    ///
    /// A dataset is DATASET, NAMESPACE/DATASET or USER/NAMESPACE/DATASET.
    #[arg(id = "global-dataset", long = "dataset", global = true, value_name = "DATASET")]
    pub(crate) dataset: Option<DatasetName>,

    /// Use the local emulator instead of the service
    ///
    /// `--emulator` uses the emulator that its last use started, with the data of all its uses. It starts one if none is
    /// running, and the emulator stops by itself when it has been idle for ten minutes. `--emulator=fresh` uses one
    /// without data, which ends with the command.
    #[arg(id = "global-emulator", long = "emulator", global = true, value_name = "WHICH", num_args = 0..=1, require_equals = true,
        default_missing_value = "shared", hide_possible_values = true)]
    pub(crate) emulator: Option<EmulatorChoice>,

    /// Errors and data only: no notes and no progress
    #[arg(id = "global-quiet", short = 'q', long = "quiet", global = true)]
    pub(crate) quiet: bool,

    /// Show each request and its outcome on standard error
    #[arg(id = "global-verbose", short = 'v', long = "verbose", global = true)]
    pub(crate) verbose: bool,

    /// Show each request as a curl command on standard error
    ///
    /// The requests are sent as usual. Secrets are not shown: the token is the variable DL_API_KEY, and a presigned
    /// URL is the variable PART_URL.
    #[arg(id = "global-curl", long = "curl", global = true, hide_short_help = true)]
    pub(crate) curl: bool,

    /// Time limit of each call, such as 90s [default: none]
    #[arg(id = "global-timeout", long = "timeout", global = true, value_name = "TIME", value_parser = duration::parse, hide_short_help = true)]
    pub(crate) timeout: Option<Duration>,

    /// Proxy for all requests, such as http://proxy.example:3128
    ///
    /// Without it, the proxies of the environment are used (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).
    #[arg(id = "global-proxy", long = "proxy", global = true, value_name = "URL", hide_short_help = true)]
    pub(crate) proxy: Option<String>,

    /// File with a certificate authority to trust, in PEM or DER
    #[arg(id = "global-ca", long = "ca", global = true, value_name = "FILE", hide_short_help = true)]
    pub(crate) ca: Option<PathBuf>,

    /// Colors: auto, always or never [default: auto]
    #[arg(
        id = "global-color",
        long = "color",
        global = true,
        value_name = "WHEN",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub(crate) color: Option<ColorChoice>,
}

impl GlobalFlags {
    /// Returns the options without which a command of the user would reach another service, as words of a shell.
    pub(crate) fn of_service(&self) -> Vec<String> {
        match self.emulator {
            Some(EmulatorChoice::Shared) => vec!["--emulator".to_owned()],
            // The emulator ends with the command.
            Some(EmulatorChoice::Fresh) => Vec::new(),
            None => {
                let profile = self.profile.as_ref().map(|name| format!("--profile {}", quoted(name)));
                let host =
                    self.host.as_ref().map(|url| format!("--host {}", quoted(&without_credentials(url))));
                profile.into_iter().chain(host).collect()
            }
        }
    }
}

/// The meaning of `--emulator`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum EmulatorChoice {
    /// The emulator that all uses share
    Shared,
    /// An emulator without data, for this command only
    Fresh,
}
