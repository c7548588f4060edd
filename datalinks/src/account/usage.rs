//! Usage and cost of models.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::api::types;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::usage_items::{UsageDay, UsageItem};
use crate::{
    client::DataLinks,
    error::Error,
    types::{
        FromWire as _, Items, Rejected, impl_into_future,
        items::{Fetching, cursor_cycle, page_size},
    },
};

/// A page of usage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsagePage {
    /// The items of the page.
    pub items: Vec<UsageItem>,
    /// Items that could not be decoded. Usually empty.
    pub rejected: Vec<Rejected>,
    /// The cursor of the next page, or `None` on the last page.
    pub next: Option<UsageCursor>,
}

/// Usage grouped by day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageDays {
    /// The days, each with its usage.
    pub days: Vec<UsageDay>,
    /// Items that could not be decoded. Usually empty.
    pub rejected: Vec<Rejected>,
    /// The time zone of the days, as the service reports it.
    pub time_zone: String,
}

impl UsagePage {
    /// Creates a page of the given items, without a next page.
    pub fn new(items: Vec<UsageItem>) -> Self {
        Self { items, rejected: Vec::new(), next: None }
    }
}

impl UsageDays {
    /// Creates usage by day in a time zone.
    pub fn new(days: Vec<UsageDay>, time_zone: impl Into<String>) -> Self {
        Self { days, rejected: Vec::new(), time_zone: time_zone.into() }
    }
}

/// The position of a page of usage: JSON text that is sent back unchanged. `Display` and `FromStr` save and restore it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct UsageCursor(String);

impl fmt::Display for UsageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl UsageCursor {
    /// Returns the cursor of a page. It is not decoded, because decoding would change the order of its fields and the
    /// notation of its numbers.
    fn of_page(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Page<'a> {
            #[serde(borrow)]
            meta: Meta<'a>,
        }
        #[derive(Deserialize)]
        struct Meta<'a> {
            #[serde(borrow, rename = "pageCursor")]
            cursor: Option<&'a RawValue>,
        }
        let page: Page<'_> = serde_json::from_slice(body).ok()?;
        page.meta.cursor.map(|cursor| Self(cursor.get().to_owned()))
    }
}

impl FromStr for UsageCursor {
    type Err = Error;

    /// # Errors
    ///
    /// Fails if the text is not a JSON object.
    fn from_str(text: &str) -> Result<Self, Error> {
        match serde_json::from_str::<datalinks_gen::Row>(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(Error::invalid("the cursor is not a JSON object").caused_by(error)),
        }
    }
}

impl DataLinks {
    /// Returns a builder for the use and cost of models, item by item.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let mut items = dl.usage().page_size(100).stream();
    /// let mut dollars = 0.0;
    /// while let Some(item) = items.next().await {
    ///     dollars += item?.cost_usd;
    /// }
    /// println!("{dollars:.2} USD");
    /// # Ok(())
    /// # }
    /// ```
    pub fn usage(&self) -> Usage {
        Usage { client: self.clone(), from: None, until: None, page_size: None, cursor: None }
    }

    /// Returns a builder for the use and cost of models, day by day. Await it to send the request.
    pub fn usage_by_day(&self) -> UsageByDay {
        UsageByDay { client: self.clone(), from: None, until: None, time_zone: None }
    }
}

/// A builder for usage. Await it for one page, or open the items of all pages with [`stream`](Self::stream).
///
/// # Errors
///
/// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is not 1 to 100. Nothing was sent.
/// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the page is empty and has the cursor of the request, so
///   that the listing would never end.
///
/// See also [errors of every call](crate::error#errors-of-every-call).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it or its stream is awaited"]
pub struct Usage {
    client: DataLinks,
    from: Option<String>,
    until: Option<String>,
    page_size: Option<u32>,
    cursor: Option<UsageCursor>,
}

impl Usage {
    /// Excludes usage before this time.
    pub fn from(mut self, moment: DateTime<Utc>) -> Self {
        self.from = Some(rfc3339(moment));
        self
    }

    /// Excludes usage at or after this time.
    pub fn until(mut self, moment: DateTime<Utc>) -> Self {
        self.until = Some(rfc3339(moment));
        self
    }

    /// Sets the number of items per page, 1 to 100. Defaults to the service's default, 25.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// Sets the position of the page, the [`next`](UsagePage::next) of the page before it. Defaults to the first page.
    pub fn cursor(mut self, cursor: UsageCursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    async fn send(self) -> Result<UsagePage, Error> {
        let size = self.page_size.map(page_size).transpose()?;
        let call = self.client.call();
        let cursor = self.cursor.as_ref().map(|cursor| cursor.0.as_str());
        let result = call
            .client()
            .get_user_usage_history(self.until.as_deref(), self.from.as_deref(), cursor, size)
            .await;
        let body = call.body();
        let (page, rejected): (types::UserUsageHistoryResponse, _) =
            call.finish_with_items::<_, UsageItem, _>(result, "data")?;
        let next = UsageCursor::of_page(&body);
        if page.data.is_empty() && next.is_some() && next == self.cursor {
            return Err(cursor_cycle());
        }
        Ok(UsagePage { items: Vec::from_wire(page.data), rejected, next })
    }

    /// Returns a stream of the items of all pages, from the [`cursor`](Self::cursor) on. Items that could not be decoded are
    /// dropped. [`UsagePage::rejected`] has them.
    pub fn stream(self) -> Items<UsageItem> {
        let start = self.cursor.clone().map(|cursor| cursor.0);
        Items::new(start, move |cursor| {
            let mut list = self.clone();
            list.cursor = cursor.map(UsageCursor);
            let page: Fetching<UsageItem> = Box::pin(async move {
                let page = list.await?;
                Ok((page.items, page.next.map(|cursor| cursor.0)))
            });
            page
        })
    }
}

/// A builder for usage by day, created by [`DataLinks::usage_by_day`]. Await it to send the request.
///
/// # Errors
///
/// See [errors of every call](crate::error#errors-of-every-call).
///
/// # Cancel safety
///
/// Dropping the future cancels the request. This operation only reads.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UsageByDay {
    client: DataLinks,
    from: Option<String>,
    until: Option<String>,
    time_zone: Option<String>,
}

impl UsageByDay {
    /// Excludes usage before this time.
    pub fn from(mut self, moment: DateTime<Utc>) -> Self {
        self.from = Some(rfc3339(moment));
        self
    }

    /// Excludes usage at or after this time.
    pub fn until(mut self, moment: DateTime<Utc>) -> Self {
        self.until = Some(rfc3339(moment));
        self
    }

    /// Sets the time zone of the days, by its IANA name. Defaults to the service's default, UTC.
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.time_zone = Some(name.into());
        self
    }

    async fn send(self) -> Result<UsageDays, Error> {
        let call = self.client.call();
        let result = call
            .client()
            .get_user_usage_by_day(self.until.as_deref(), self.from.as_deref(), self.time_zone.as_deref())
            .await;
        let (days, rejected): (types::UserUsageByDayResponse, _) =
            call.finish_with_items::<_, UsageDay, _>(result, "data")?;
        Ok(UsageDays {
            days: Vec::from_wire(days.data),
            rejected,
            time_zone: days.meta.time_zone_for_aggregation,
        })
    }
}

impl_into_future!(Usage => UsagePage);
impl_into_future!(UsageByDay => UsageDays);

fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

crate::client::builder_options!(Usage, client);
crate::client::builder_options!(UsageByDay, client);
