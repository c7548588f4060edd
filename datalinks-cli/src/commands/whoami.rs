//! `datalinks whoami`.

use clap::Args;
use serde::Serialize;

use crate::failure::Result;
use crate::session::Session;

/// Show the user of the token, and the host
#[derive(Args)]
#[command(after_help = "Example:\n  datalinks whoami --output json")]
pub(crate) struct Arguments {}

/// The user of a token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    username: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    id: &'a str,
    host: &'a str,
}

pub(crate) async fn run(_: Arguments, session: &Session) -> Result {
    let user = session.client().await?.current_user().await?;
    session.output.object(&User {
        username: &user.username,
        name: user.name.as_deref(),
        email: user.email.as_deref(),
        id: &user.id,
        host: session.host().await?,
    })
}
