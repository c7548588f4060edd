//! The period of the usage.

use chrono::{DateTime, Utc};
use clap::Args;

use crate::commands::moment;
use crate::failure::Result;
use crate::session::Session;
use crate::set::set;

/// The period of the usage.
#[derive(Args)]
pub(super) struct Period {
    /// First date or time; a date begins at midnight in UTC [default: the first use]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(super) from: Option<DateTime<Utc>>,

    /// Date or time that ends the period and is not part of it [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(super) until: Option<DateTime<Utc>>,
}

impl Period {
    /// Returns the usage of each day of the period.
    pub(super) async fn days(
        &self,
        time_zone: Option<&str>,
        session: &Session,
    ) -> Result<datalinks::account::UsageDays> {
        let usage = set!(
            session.client().await?.usage_by_day(),
            from: self.from,
            until: self.until,
            time_zone: time_zone,
        );
        let days = usage.await?;
        session.warn_of_rejected(&days.rejected);
        Ok(days)
    }
}
