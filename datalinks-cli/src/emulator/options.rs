//! How the emulator shall be, whoever it is for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use datalinks_emulator::{Emulator, EmulatorBuilder, Fault, FaultError};
use jiff::{SignedDuration, Timestamp};

use super::model::Model;

#[derive(Args)]
pub(super) struct Options {
    /// What ids are made from: the same seed and the same calls give the same ids. Default: 0.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Answer 501 where a rule would stand for a model (`answers`), and reject fields that the API does not have and
    /// bodies of another content type (`fields`). Without a word, both.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    strict: Option<Strictness>,

    /// The user whom the key belongs to, kept in lower case. Default: ana.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// The key that requests must bear. Default: emulator-key. DL_API_KEY is not read: it may be a real one.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,

    /// Another user and the key of that user, to share with. May be given more than once.
    #[arg(long = "user", value_name = "NAME=KEY")]
    users: Vec<User>,

    /// The pause between two streamed events, e.g. 50ms.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    event_delay: Option<Duration>,

    /// The size of the parts of an upload, in bytes; the last part may be smaller. Default: 8388608 (8 MiB).
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    part_size: Option<u64>,

    /// How long presigned URLs of upload parts are valid, e.g. 90s. Default: 15m.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    part_url_lifetime: Option<Duration>,

    /// Let the agent write checkpoints, so that its runs can be resumed while they are in progress. Default: it writes
    /// none, as the service's agent, and resuming a run in progress is answered 409.
    #[arg(long)]
    checkpoints: bool,

    /// Keep the state as files in this folder, and go on with what is in it. Default: in memory, gone with the
    /// emulator.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Wait before each answer until the disk has what the call changed.
    #[arg(long, requires = "data")]
    sync: bool,

    /// Set the clock to a moment and stop it there, e.g. 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    clock: Option<SystemTime>,

    /// Let something go wrong, e.g. ingestData:status=503,times=2 or queryData:garbage,probability=0.1,always. May be
    /// given more than once; /_emulator/faults lists what there is.
    #[arg(long = "fault", value_name = "OPERATION:WHAT")]
    faults: Vec<Fault>,

    #[command(flatten)]
    model: Model,
}

impl Options {
    /// An emulator like this.
    pub(super) fn builder(&self) -> EmulatorBuilder {
        self.apply(Emulator::builder())
    }

    /// The same emulator with these options, of which those that are given win.
    pub(super) fn apply(&self, mut builder: EmulatorBuilder) -> EmulatorBuilder {
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if self.checkpoints {
            builder = builder.checkpoints(true);
        }
        builder = match self.strict {
            None => builder,
            Some(Strictness::All) => builder.strict(),
            Some(Strictness::Responses) => builder.strict_responses(),
            Some(Strictness::Fields) => builder.strict_fields(),
        };
        if let Some(name) = &self.username {
            builder = builder.username(name);
        }
        if let Some(key) = &self.api_key {
            builder = builder.api_key(key);
        }
        for user in &self.users {
            builder = builder.user(&user.name, &user.key);
        }
        if let Some(pause) = self.event_delay {
            builder = builder.ask_event_delay(pause);
        }
        if let Some(bytes) = self.part_size {
            builder = builder.part_size(bytes);
        }
        if let Some(lifetime) = self.part_url_lifetime {
            builder = builder.part_url_lifetime(lifetime);
        }
        if let Some(moment) = self.clock {
            builder = builder.clock(moment);
        }
        if let Some(folder) = &self.data {
            builder = builder.data_dir(folder);
        }
        if self.sync {
            builder = builder.sync_data();
        }
        self.model.give(builder)
    }

    /// Lets go wrong in it what shall.
    pub(super) fn spoil(&self, emulator: &Emulator) -> Result<(), FaultError> {
        self.faults.iter().try_for_each(|fault| emulator.faults().inject(fault.clone()).map(drop))
    }

    /// The folder that keeps the state.
    pub(super) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Whether the key is the one that everybody knows.
    pub(super) fn has_public_key(&self) -> bool {
        self.api_key.is_none()
    }
}

/// What is refused.
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

/// A text that is no user. The text may hold a key, so it is not repeated.
#[derive(Debug)]
struct NotAUser;

impl std::error::Error for NotAUser {}

impl fmt::Display for NotAUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write a name, `=` and a key")
    }
}

impl FromStr for User {
    type Err = NotAUser;

    fn from_str(text: &str) -> Result<Self, NotAUser> {
        let (name, key) = text.split_once('=').ok_or(NotAUser)?;
        Ok(Self { name: name.to_owned(), key: key.to_owned() })
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let read: Option<SignedDuration> = text.parse().ok();
    let wrong = "write a number and a unit, such as 50ms, 2s or 1m 30s";
    read.and_then(|read| Duration::try_from(read).ok()).ok_or_else(|| wrong.to_owned())
}

fn moment(text: &str) -> Result<SystemTime, String> {
    let read: Option<Timestamp> = text.parse().ok();
    let wrong = "write a date, a time and a zone, such as 2026-01-31T12:00:00Z";
    read.and_then(|read| SystemTime::try_from(read).ok()).ok_or_else(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "5", "-1s", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(moment("1970-01-01T00:00:01Z"), Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(1)));
        assert!(moment("2026-01-31").is_err());
    }
}
