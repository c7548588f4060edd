//! Ingestions of uploads: listed, waited for, retried.

mod wait;

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::{PathSegment, api::types};
use uuid::Uuid;

pub use wait::{WaitForIngestion, Waited};

use crate::{
    DataLinks, Dataset, Error, Items, Rejected,
    client::segment,
    items::{Fetching, page_size},
};

/// One ingestion of an upload: how it stands, as free text, and how far it is.
pub type Ingestion = types::ListIngestionsResponseDataItem;

/// One page of ingestions, newest first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IngestionPage {
    /// The ingestions.
    pub ingestions: Vec<Ingestion>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
    /// What [`Ingestions::cursor`] takes to go on; nothing on the last page.
    pub next: Option<String>,
    /// Ingestions on a page, as the service says.
    pub page_size: i64,
}

/// A list of ingestions about to be read: one [`page`](Self::page), or the [`items`](Self::items) of all.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until a page or an item is asked for"]
pub struct Ingestions {
    dataset: Dataset,
    cursor: Option<String>,
    page_size: Option<u32>,
}

impl Dataset {
    /// The ingestions of uploads into it, newest first.
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let mut ingestions = dl.dataset("cinema", "films")?.ingestions().items();
    /// while let Some(ingestion) = ingestions.next().await {
    ///     let ingestion = ingestion?;
    ///     println!("{}: {}", ingestion.id, ingestion.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ingestions(&self) -> Ingestions {
        Ingestions { dataset: self.clone(), cursor: None, page_size: None }
    }

    /// Waits for the end of an ingestion. Await what this answers.
    pub fn wait_for(&self, ingestion: Uuid) -> WaitForIngestion {
        WaitForIngestion::new(self.clone(), ingestion)
    }
}

impl DataLinks {
    /// Starts a new ingestion of an upload whose ingestion failed, and answers its id.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after a doubtful end: it would ingest twice.
    pub async fn retry_ingestion(&self, ingestion: Uuid) -> Result<Uuid, Error> {
        let call = self.call();
        let result = call.client().retry_ingestion(&id(ingestion)?).await;
        call.finish(result).map(|answer| answer.id)
    }

    /// Notes that you have seen the end of an ingestion.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn mark_ingestion_seen(&self, ingestion: Uuid) -> Result<(), Error> {
        let call = self.call();
        let result = call.client().mark_ingestion_seen(&id(ingestion)?).await;
        call.finish(result)
    }
}

impl Ingestions {
    /// Only ingestions that began before this moment.
    pub fn before(mut self, moment: DateTime<Utc>) -> Self {
        self.cursor = Some(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        self
    }

    /// On from the page before, whose [`next`](IngestionPage::next) this is. It goes back as it came.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Ingestions on a page, 1 to 100. Unset, the service's default holds: 25.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// One page.
    ///
    /// # Errors
    ///
    /// When the page size is refused, and as any call.
    pub async fn page(self) -> Result<IngestionPage, Error> {
        let size = self.page_size.map(page_size).transpose()?;
        let namespace = self.dataset.namespace();
        let call = self.dataset.client().call();
        let result = call
            .client()
            .list_ingestions(
                namespace.owner_segment(),
                namespace.segment(),
                self.dataset.segment(),
                self.cursor.as_deref(),
                size,
            )
            .await;
        let (page, rejected): (types::ListIngestionsResponseData, _) =
            call.finish_with_items::<_, Ingestion, _>(result, "data")?;
        Ok(IngestionPage {
            ingestions: page.data,
            rejected,
            next: page.metadata.before_created_at,
            page_size: page.metadata.page_size,
        })
    }

    /// The ingestions of all pages, from this one on. Items that could not be understood are left out; a
    /// [`page`](Self::page) tells of them.
    pub fn items(self) -> Items<Ingestion> {
        let start = self.cursor.clone();
        Items::new(start, move |cursor| {
            let mut list = self.clone();
            list.cursor = cursor;
            let page: Fetching<Ingestion> =
                Box::pin(async move { list.page().await.map(|page| (page.ingestions, page.next)) });
            page
        })
    }
}

fn id(ingestion: Uuid) -> Result<PathSegment, Error> {
    segment("ingestion id", &ingestion.to_string())
}
