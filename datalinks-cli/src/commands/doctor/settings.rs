//! Checks of the settings. Nothing is sent.

use super::check::Check;
use crate::settings::Settings;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let profile = &settings.profile;
    let own = match settings.check_profile() {
        Ok(()) => Check::ok("settings", format!("profile {} ({})", profile.value, profile.origin)),
        Err(failure) => Check::failure("settings", &failure),
    };
    vec![own, host(settings)]
}

fn host(settings: &Settings) -> Check {
    let mut entries = settings.entries().into_iter();
    // The entry has no password.
    let entry = entries.find_map(|(name, value, origin)| (name == "host").then_some((value?, origin?)));
    let Some((host, origin)) = entry else { return Check::skipped("host", "no host") };
    let detail = format!("{host} ({origin})");
    if settings.is_emulator() || host.ends_with("/api/v1") {
        return Check::ok("host", detail);
    }
    Check::warning(
        "host",
        format!("{detail}; the documented prefix of the API is /api/v1"),
        "check the path of the host",
    )
}
