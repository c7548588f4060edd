//! The file by which commands with `--emulator` find the emulator that they share.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::PathBuf;
use std::time::Duration;

use datalinks_emulator::{DataDirError, Emulator, EmulatorBuilder, EmulatorError};

use crate::failure::Result;
use crate::local_emulator::Endpoint;
use crate::settings::write_owner_only;

/// A file with the addresses and the key of an emulator. Removed when it is dropped.
pub(super) struct Announcement(PathBuf);

impl Announcement {
    pub(super) fn write(file: PathBuf, emulator: &Emulator) -> Result<Self> {
        write_owner_only(&file, &serde_json::to_vec(&Endpoint::of(emulator))?)?;
        Ok(Self(file))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // A reader finds out that the emulator has ended.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Returns a key that only the reader of the announcement knows, so that another emulator at the same address, which may
/// belong to another user, is not mistaken for this one.
pub(super) fn new_key() -> String {
    // The standard library seeds each state with random numbers of the system.
    let number = |_| RandomState::new().hash_one(());
    (0..2).map(number).map(|number| format!("{number:016x}")).collect()
}

/// Time between two attempts to open the data directory.
const PAUSE: Duration = Duration::from_millis(20);
/// Number of attempts. An emulator that is stopping completes its work first.
const ATTEMPTS: u32 = 500;

/// Starts an emulator, and waits while another one is leaving the data directory.
pub(super) async fn start_patiently(
    builder: &EmulatorBuilder,
) -> std::result::Result<Emulator, EmulatorError> {
    for _ in 1..ATTEMPTS {
        match builder.clone().start().await {
            Err(EmulatorError::DataDir(DataDirError::InUse(_))) => tokio::time::sleep(PAUSE).await,
            started => return started,
        }
    }
    builder.clone().start().await
}
