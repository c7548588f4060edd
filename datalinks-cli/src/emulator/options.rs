//! The options of an emulator, whether it runs until a signal or for one command.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use datalinks_emulator::{Emulator, EmulatorBuilder, Fault, FaultError};
use jiff::Timestamp;

use super::model::Model;
use crate::set::set;
use crate::settings::parse_duration as duration;

#[derive(Args)]
pub(super) struct Options {
    /// Seed of generated ids [default: 0]
    ///
    /// Equal seeds and equal calls give equal ids.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Strict mode [default if no value is given: all]
    ///
    /// `responses` returns 501 instead of a rule-based response. `fields` rejects fields that the API does not
    /// have, and bodies of another content type. `all` does both.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    strict: Option<Strictness>,

    /// Name of the API key's user, stored in lower case [default: ana]
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// API key that requests must carry [default: emulator-key]
    ///
    /// DL_API_KEY is not read, because it may be a real key.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,

    /// Further user with an API key, to share with (repeatable)
    #[arg(long = "user", value_name = "NAME=KEY")]
    users: Vec<User>,

    /// Delay between two streamed events, e.g. 50ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    event_delay: Option<Duration>,

    /// Size of the parts of an upload in bytes [default: 8388608]
    ///
    /// The last part may be smaller.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    part_size: Option<u64>,

    /// Lifetime of presigned part URLs, e.g. 90s [default: 15m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    part_url_lifetime: Option<Duration>,

    /// Checkpoints of the agent, which make runs in progress resumable
    ///
    /// By default, the agent writes no checkpoints, like the agent of the service, and resuming a run in
    /// progress fails with 409.
    #[arg(long)]
    checkpoints: bool,

    /// Directory of the state [default: in memory]
    ///
    /// A later emulator with the same directory continues from the state.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Sync of each change to disk before its response
    #[arg(long, requires = "data")]
    sync: bool,

    /// Time at which the clock stands still, e.g. 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    clock: Option<SystemTime>,

    /// Fault to inject, e.g. ingestData:status=503 (repeatable)
    ///
    /// Other examples are ingestData:status=503,times=2 and queryData:garbage,probability=0.1,always. /_emulator/faults lists the faults.
    #[arg(long = "fault", value_name = "OPERATION:WHAT")]
    faults: Vec<Fault>,

    #[command(flatten)]
    model: Model,
}

impl Options {
    /// Returns the builder of an emulator with these options.
    pub(super) fn builder(&self) -> EmulatorBuilder {
        self.apply(Emulator::builder())
    }

    /// Sets these options on a builder. Options that are not given leave it unchanged.
    pub(super) fn apply(&self, builder: EmulatorBuilder) -> EmulatorBuilder {
        let mut builder = set!(
            builder,
            seed: self.seed,
            username: self.username.as_ref(),
            api_key: self.api_key.as_ref(),
            ask_event_delay: self.event_delay,
            part_size: self.part_size,
            part_url_lifetime: self.part_url_lifetime,
            clock: self.clock,
            data_dir: self.data.as_ref(),
        );
        if self.checkpoints {
            builder = builder.checkpoints(true);
        }
        builder = match self.strict {
            None => builder,
            Some(Strictness::All) => builder.strict(),
            Some(Strictness::Responses) => builder.strict_responses(),
            Some(Strictness::Fields) => builder.strict_fields(),
        };
        for user in &self.users {
            builder = builder.user(&user.name, &user.key);
        }
        if self.sync {
            builder = builder.sync_data();
        }
        self.model.add_to(builder)
    }

    /// Injects the faults.
    pub(super) fn inject_faults(&self, emulator: &Emulator) -> Result<(), FaultError> {
        self.faults.iter().try_for_each(|fault| emulator.faults().inject(fault.clone()).map(drop))
    }

    /// Returns the directory of the state.
    pub(super) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Returns `true` if the API key is the published default.
    pub(super) fn has_public_key(&self) -> bool {
        self.api_key.is_none()
    }
}

/// The meaning of `--strict`.
#[derive(Clone, Copy, ValueEnum)]
enum Strictness {
    All,
    Responses,
    Fields,
}

/// A further user.
#[derive(Clone)]
struct User {
    name: String,
    key: String,
}

/// The error of a string that is not a user. The string is not repeated, because it may contain a key.
#[derive(Debug)]
struct InvalidUser;

impl std::error::Error for InvalidUser {}

impl fmt::Display for InvalidUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected NAME=KEY, a name and an API key")
    }
}

impl FromStr for User {
    type Err = InvalidUser;

    fn from_str(text: &str) -> Result<Self, InvalidUser> {
        let (name, key) = text.split_once('=').ok_or(InvalidUser)?;
        Ok(Self { name: name.to_owned(), key: key.to_owned() })
    }
}

fn time(text: &str) -> Result<SystemTime, String> {
    let read: Option<Timestamp> = text.parse().ok();
    let wrong = "expected a date, a time and a zone, such as 2026-01-31T12:00:00Z";
    read.and_then(|read| SystemTime::try_from(read).ok()).ok_or_else(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(1)));
        assert!(time("2026-01-31").is_err());
    }
}
