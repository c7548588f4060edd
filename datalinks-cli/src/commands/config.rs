//! `datalinks config`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::Session;

/// Show all settings and where each came from
///
/// The sources are, in this order: options, environment variables, the profile in `config.toml`, and defaults. Secrets are
/// not shown.
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks config --profile work")]
pub(crate) struct Arguments {}

/// A setting.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Setting {
    name: &'static str,
    /// `null` if the setting is not set.
    value: Option<String>,
    origin: Option<String>,
}

pub(crate) async fn run(_: Arguments, session: &Session) -> Result {
    let entries = session.settings.entries().into_iter();
    let settings: Vec<Setting> = entries
        .map(|(name, value, origin)| Setting { name, value, origin: origin.map(ToString::to_string) })
        .collect();
    session.output.list(&settings, &["name", "value", "origin"])?;
    let directories = &session.settings.directories;
    session.diagnostics().note(&format!("profiles: {}", directories.config_file().display()));
    session.diagnostics().note(&format!("data: {}", directories.data().display()));
    Ok(())
}
