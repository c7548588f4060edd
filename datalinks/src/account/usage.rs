//! What the use of models cost.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::api::types;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    client::DataLinks,
    error::Error,
    types::{
        Items, Rejected, impl_into_future,
        items::{Fetching, cursor_cycle, page_size},
    },
};

/// One use of models: when, how many tokens, and what it cost in US dollars. It is not tied to a run, an
/// ingestion or a dataset.
pub type UsageItem = types::UserUsageHistoryItem;

/// The use of models on one day.
pub type UsageDay = types::UserUsageByDayItem;

/// One page of usage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsagePage {
    /// The items.
    pub items: Vec<UsageItem>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
    /// Where the next page begins; nothing on the last.
    pub next: Option<UsageCursor>,
}

/// Usage by day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageDays {
    /// The days.
    pub days: Vec<UsageDay>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
    /// The time zone whose days are meant, as the service says.
    pub time_zone: String,
}

impl UsagePage {
    /// Creates a page of these items, which is the last one.
    pub fn new(items: Vec<UsageItem>) -> Self {
        Self { items, rejected: Vec::new(), next: None }
    }
}

impl UsageDays {
    /// Creates usage by day in this time zone.
    pub fn new(days: Vec<UsageDay>, time_zone: impl Into<String>) -> Self {
        Self { days, rejected: Vec::new(), time_zone: time_zone.into() }
    }
}

/// Where a page of usage begins: a JSON text that goes back as it came. It can be saved as text.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct UsageCursor(String);

impl fmt::Display for UsageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl UsageCursor {
    /// The cursor in the text of a page. It is not decoded: that would change the order of its fields, and the
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
    /// When the text is no JSON object.
    fn from_str(text: &str) -> Result<Self, Error> {
        match serde_json::from_str::<datalinks_gen::Row>(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(Error::invalid("the cursor is no JSON object").caused_by(error)),
        }
    }
}

impl DataLinks {
    /// What the use of models cost, item by item.
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

    /// What the use of models cost, day by day. Await what this answers.
    pub fn usage_by_day(&self) -> UsageByDay {
        UsageByDay { client: self.clone(), from: None, until: None, time_zone: None }
    }
}

/// Usage about to be read. Awaiting it requests one page; [`stream`](Self::stream) yields the items of all pages.
///
/// # Errors
///
/// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is not 1 to 100. Nothing was sent.
/// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the page is empty and its cursor is the one it was
///   requested with, so that the listing would never end.
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
    /// Nothing before this moment.
    pub fn from(mut self, moment: DateTime<Utc>) -> Self {
        self.from = Some(text(moment));
        self
    }

    /// Nothing from this moment on.
    pub fn until(mut self, moment: DateTime<Utc>) -> Self {
        self.until = Some(text(moment));
        self
    }

    /// Items on a page, 1 to 100. Unset, the service's default holds: 25.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// On from the page before, whose [`next`](UsagePage::next) this is.
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
        Ok(UsagePage { items: page.data, rejected, next })
    }

    /// Returns a stream of the items of all pages, from this one on. Items that could not be understood are left out:
    /// [`UsagePage::rejected`] has them.
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

/// Usage by day about to be read; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UsageByDay {
    client: DataLinks,
    from: Option<String>,
    until: Option<String>,
    time_zone: Option<String>,
}

impl UsageByDay {
    /// Nothing before this moment.
    pub fn from(mut self, moment: DateTime<Utc>) -> Self {
        self.from = Some(text(moment));
        self
    }

    /// Nothing from this moment on.
    pub fn until(mut self, moment: DateTime<Utc>) -> Self {
        self.until = Some(text(moment));
        self
    }

    /// The time zone whose days are meant, by its IANA name. Unset, the service's default holds: UTC.
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
        Ok(UsageDays { days: days.data, rejected, time_zone: days.meta.time_zone_for_aggregation })
    }
}

impl_into_future!(Usage => UsagePage);
impl_into_future!(UsageByDay => UsageDays);

fn text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

crate::client::builder_options!(Usage, client);
crate::client::builder_options!(UsageByDay, client);
