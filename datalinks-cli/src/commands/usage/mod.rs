//! `datalinks usage`: tokens of models and their cost.

mod chart;
mod days;
mod history;
mod total;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::commands::moment;
use crate::failure::Result;
use crate::session::Session;

/// Show the tokens of models that were used, and their cost
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Days(days::Arguments),
    Total(total::Arguments),
    History(history::Arguments),
}

/// The period of the usage.
#[derive(Args)]
struct Period {
    /// First date or time; a date begins at midnight in UTC [default: the first use]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    from: Option<DateTime<Utc>>,

    /// Date or time that ends the period and is not part of it [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    until: Option<DateTime<Utc>>,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match arguments.command {
        Command::Days(arguments) => days::run(arguments, session).await,
        Command::Total(arguments) => total::run(&arguments, session).await,
        Command::History(arguments) => history::run(&arguments, session).await,
    }
}

impl Period {
    /// Returns the usage of each day of the period.
    async fn days(
        &self,
        time_zone: Option<&str>,
        session: &Session,
    ) -> Result<datalinks::account::UsageDays> {
        let mut usage = session.client().await?.usage_by_day();
        if let Some(from) = self.from {
            usage = usage.from(from);
        }
        if let Some(until) = self.until {
            usage = usage.until(until);
        }
        if let Some(name) = time_zone {
            usage = usage.time_zone(name);
        }
        let days = usage.await?;
        session.warn_of_rejected(&days.rejected);
        Ok(days)
    }
}
