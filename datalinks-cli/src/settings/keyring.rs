//! Tokens in the keyring of the system (feature `keyring`).
//!
//! Without the feature, or without a keyring that responds, tokens are saved in a file.

use datalinks::Secret;

use crate::failure::{Exit, Failure, Result};

#[cfg(feature = "keyring")]
mod system {
    use keyring::Entry;

    /// Name of this program in the keyring.
    const SERVICE: &str = "datalinks";

    pub(super) fn read(profile: &str) -> Result<String, String> {
        let token = Entry::new(SERVICE, profile).and_then(|entry| entry.get_password());
        token.map_err(|error| error.to_string())
    }

    pub(super) fn save(profile: &str, token: &str) -> Result<(), String> {
        let saved = Entry::new(SERVICE, profile).and_then(|entry| entry.set_password(token));
        saved.map_err(|error| error.to_string())
    }

    pub(super) fn remove(profile: &str) -> Result<(), String> {
        let removed = Entry::new(SERVICE, profile).and_then(|entry| entry.delete_credential());
        removed.map_err(|error| error.to_string())
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    const MISSING: &str = "this program was built without the feature `keyring`";

    pub(super) fn read(_: &str) -> Result<String, String> {
        Err(MISSING.to_owned())
    }

    pub(super) fn save(_: &str, _: &str) -> Result<(), String> {
        Err(MISSING.to_owned())
    }

    pub(super) fn remove(_: &str) -> Result<(), String> {
        Err(MISSING.to_owned())
    }
}

/// Returns the token of a profile.
pub(super) fn read(profile: &str) -> Result<Secret> {
    system::read(profile).map(Secret::from).map_err(|reason| unusable(profile, &reason))
}

/// Saves the token of a profile. Returns `false` if there is no keyring.
pub(super) fn save(profile: &str, token: &Secret) -> bool {
    system::save(profile, token.expose()).is_ok()
}

/// Removes the token of a profile.
pub(super) fn remove(profile: &str) -> Result {
    system::remove(profile).map_err(|reason| unusable(profile, &reason))
}

fn unusable(profile: &str, reason: &str) -> Failure {
    let what = format!(
        "the token of profile {profile} is in the keyring of the system, which cannot be used: {reason}"
    );
    Failure::new(Exit::Authentication, what).next("datalinks auth login")
}
