//! Confirmation before data is destroyed.

use clap::Args;
use datalinks::Secret;

use super::{Session, prompt};
use crate::failure::{Failure, Result};
use crate::terminal::escape;

/// The confirmation of a command that destroys data.
#[derive(Args, Clone, Debug)]
pub(crate) struct Confirmation {
    /// Confirm without being asked: the full name of what is destroyed
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

impl Session {
    /// Asks the user to type a name before data is destroyed. `what` says what happens, such as
    /// `delete the dataset cinema/films with its 3 rows`.
    pub(crate) async fn confirm(&self, confirmation: &Confirmation, what: &str, name: &str) -> Result {
        let given = match &confirmation.yes {
            Some(given) => given.clone(),
            None if self.output.terminal().stdin => {
                let question = format!("This will {}.\nType {} to confirm: ", escape(what), escape(name));
                prompt::line(&question, false).await?.unwrap_or_default()
            }
            None => {
                return Err(Failure::usage(format!("this would {what}, and nobody confirms it"))
                    .next(format!("add --yes {name}")));
            }
        };
        if given.trim() == name {
            return Ok(());
        }
        Err(Failure::usage(format!("not confirmed: {given:?} is not {name:?}; nothing was changed")))
    }

    /// Asks the user for a secret, which is not shown.
    pub(crate) async fn ask_secret(&self, question: &str) -> Result<Secret> {
        let answer = prompt::line(question, true).await?.unwrap_or_default();
        match answer.trim() {
            "" => Err(Failure::usage("nothing was entered")),
            answer => Ok(Secret::from(answer.to_owned())),
        }
    }
}
