//! `datalinks auth`: saved tokens.

use clap::{Args, Subcommand};
use datalinks::ErrorKind;
use serde::Serialize;

use crate::failure::{Exit, Failure, Result};
use crate::session::Session;
use crate::settings::CredentialStore;

/// Save, remove and check the token of a profile
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks auth login --profile work\n  datalinks auth login --token-file token.txt\n  datalinks auth status"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a token and save it for a profile
    ///
    /// The token is typed, or read from --token-file or from DL_API_KEY. It is saved in the keyring of the system if this
    /// program was built with that feature, and otherwise in a file that only you may read. A saved token is sent to the
    /// host that it was saved for, and to no other.
    #[command(after_help = "Example:\n  datalinks auth login --profile work --token-file token.txt")]
    Login {
        /// Save the token without a request that checks it
        #[arg(long)]
        no_check: bool,
    },
    /// Remove the saved token of a profile
    ///
    /// The token still works. Delete it in the settings of the web application to revoke it.
    #[command(after_help = "Example:\n  datalinks auth logout --profile work")]
    Logout,
    /// Show where the token comes from, and whether the service accepts it
    #[command(after_help = "Example:\n  datalinks auth status")]
    Status,
}

/// A token that was saved or removed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    profile: String,
    host: String,
    /// The user of the token, or `null` if it was not checked.
    username: Option<String>,
    /// Where the token is saved, or `null` if it was removed.
    saved_in: Option<String>,
}

/// The state of a token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    profile: String,
    host: String,
    token_from: String,
    /// The user of the token, or `null` if the service does not accept it.
    username: Option<String>,
    accepted: bool,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Login { no_check } => login(session, no_check).await,
        Command::Logout => logout(session),
        Command::Status => status(session).await,
    }
}

async fn login(session: &Session, no_check: bool) -> Result {
    let settings = &session.settings;
    let (profile, host) = (&settings.profile.value, &settings.host.value);
    let token = match settings.given_token() {
        Some(token) => token.clone(),
        None if session.output.terminal().stdin => {
            session.ask_secret(&format!("Token for {host} (Settings, Tokens & API): ")).await?
        }
        None => {
            return Err(Failure::usage("no token is given, and nobody can type it")
                .next("datalinks auth login --token-file FILE"));
        }
    };
    let username = if no_check {
        None
    } else {
        let user = session.client_with(&token)?.current_user().await;
        Some(user.map_err(|error| Failure::from(error).context("the token was not saved"))?.username)
    };
    let origin = CredentialStore::new(&settings.directories).save(profile, host, &token)?;
    let who = username.as_ref().map_or_else(|| "not checked".to_owned(), |name| format!("user {name}"));
    let sentence = format!("saved the token for {host} ({who}) in profile {profile}: {origin}");
    let changed = Changed {
        profile: profile.clone(),
        host: host.clone(),
        username,
        saved_in: Some(origin.to_string()),
    };
    session.output.change(&sentence, &changed)
}

fn logout(session: &Session) -> Result {
    let settings = &session.settings;
    let profile = &settings.profile.value;
    if !CredentialStore::new(&settings.directories).remove(profile)? {
        return Err(Failure::new(Exit::NotFound, format!("profile {profile} has no saved token"))
            .next("datalinks auth status"));
    }
    let sentence = format!("removed the token of profile {profile} from this machine; it is still valid");
    let changed = Changed {
        profile: profile.clone(),
        host: settings.host.value.clone(),
        username: None,
        saved_in: None,
    };
    session.output.change(&sentence, &changed)
}

async fn status(session: &Session) -> Result {
    let settings = &session.settings;
    let (host, _) = settings.service()?;
    let token_from = settings.token.as_ref().map(|token| token.origin.to_string()).unwrap_or_default();
    let user = session.client().await?.current_user().await;
    let (username, failure) = match user {
        Ok(user) => (Some(user.username), None),
        Err(error) if error.kind() == ErrorKind::Unauthorized => (None, Some(error)),
        Err(error) => return Err(error.into()),
    };
    session.output.object(&Status {
        profile: settings.profile.value.clone(),
        host: host.to_owned(),
        token_from,
        accepted: username.is_some(),
        username,
    })?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}
