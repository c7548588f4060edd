//! The directories of the command line.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::sources::Environment;
use crate::failure::{Failure, Result};

/// Name of the directories below those of the user.
const NAME: &str = "datalinks";

/// The directories of the command line. They are created when something is written.
#[derive(Clone, Debug)]
pub(crate) struct Directories {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
}

impl Directories {
    /// Finds the directories: those of DL_CONFIG_DIR and DL_DATA_DIR, or those that the platform provides for the user.
    pub(crate) fn find(environment: &Environment) -> Result<Self> {
        let own = ["DL_CONFIG_DIR", "DL_DATA_DIR"].map(|name| environment.get(name).map(PathBuf::from));
        let [config, data, state] = match own {
            [Some(config), Some(data)] => [config, data.clone(), data],
            [config, data] => {
                let user = etcetera::choose_base_strategy().map_err(|error| {
                    Failure::usage("the home directory of the user is unknown")
                        .caused_by(&error)
                        .next("set HOME, or DL_CONFIG_DIR and DL_DATA_DIR")
                })?;
                // Not every platform has a directory for state.
                let state = user.state_dir().unwrap_or_else(|| user.data_dir()).join(NAME);
                [
                    config.unwrap_or_else(|| user.config_dir().join(NAME)),
                    data.clone().unwrap_or_else(|| user.data_dir().join(NAME)),
                    data.unwrap_or(state),
                ]
            }
        };
        Ok(Self { config, data, state })
    }

    /// Returns the file of profiles.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Returns the file of saved tokens.
    pub(crate) fn credentials_file(&self) -> PathBuf {
        self.config.join("credentials.toml")
    }

    /// Returns the file of what was typed in the shell.
    pub(crate) fn history_file(&self) -> PathBuf {
        self.state.join("shell-history")
    }

    /// Returns the directory for data.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }
}
