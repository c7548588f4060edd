//! Where a setting came from.

use std::fmt;
use std::path::PathBuf;

use super::profile;
use crate::failure::Place;

/// A value with its origin.
#[derive(Clone, Debug)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Setting<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// Where a setting came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    Profile { name: String, file: PathBuf },
    Credentials(PathBuf),
    Keyring,
    Default,
}

impl Origin {
    /// Returns `true` if the setting is an option of this command.
    pub(crate) fn is_flag(&self) -> bool {
        matches!(self, Self::Flag(_))
    }

    /// Returns the place of a setting that comes from the file of profiles. `setting` is its name there.
    pub(super) fn place(&self, setting: &str) -> Option<Place> {
        match self {
            Self::Profile { name, file } => Some(profile::place(file, name, setting)),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "option --{name}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Profile { name, file } => write!(f, "profile {name} in {}", file.display()),
            Self::Credentials(file) => write!(f, "{}", file.display()),
            Self::Keyring => f.write_str("keyring of the system"),
            Self::Default => f.write_str("default"),
        }
    }
}
