//! The ingestions of uploads: listing, waiting and retrying.

mod ingestion;
mod wait;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::{PathSegment, api::types};
use serde::Serialize;
use uuid::Uuid;

pub use ingestion::{Ingestion, IngestionAttributes};
pub use wait::{WaitForIngestion, WaitOutcome};

use crate::{
    client::{DataLinks, segment},
    datasets::Dataset,
    error::Error,
    types::{
        FromWire as _, Items, Rejected, impl_into_future,
        items::{
            Cycle, FetchingPage, MAX_PAGES_WITHOUT_PROGRESS, Page, cursor_cycle, page_size,
            pages_without_progress,
        },
    },
};

/// Default number of ingestions per page.
const DEFAULT_PAGE_SIZE: u32 = 25;
/// Maximum number of ingestions per page.
const MAX_PAGE_SIZE: u32 = 100;

/// One page of ingestions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestionPage {
    /// The ingestions.
    pub ingestions: Vec<Ingestion>,
    /// Items that could not be decoded. Usually empty.
    pub rejected: Vec<Rejected>,
    /// The cursor of the next page for [`Ingestions::cursor`], or `None` on the last page. The service includes
    /// ingestions that were created at the moment of the cursor, so the next page may begin with the last
    /// ingestions of this page. [`Ingestions::after`] leaves them out.
    pub next: Option<String>,
    /// Page size that the service reports.
    pub page_size: i64,
    /// Ids of ingestions on earlier pages that the next page may repeat, in addition to those of this page.
    #[serde(skip)]
    repeated: Vec<Uuid>,
    /// Number of consecutive pages without a new ingestion, including this page.
    #[serde(skip)]
    pages_without_progress: u32,
    /// Cursors of the pages up to this page.
    #[serde(skip)]
    cycle: Cycle,
}

impl IngestionPage {
    /// Creates the last page, with these ingestions.
    pub fn new(ingestions: Vec<Ingestion>) -> Self {
        Self {
            page_size: i64::from(DEFAULT_PAGE_SIZE),
            ingestions,
            rejected: Vec::new(),
            next: None,
            repeated: Vec::new(),
            pages_without_progress: 0,
            cycle: Cycle::default(),
        }
    }
}

/// A builder for a list of ingestions. Await it to get one page, or use [`stream`](Self::stream) for the ingestions
/// of all pages.
///
/// If a page ([`after`](Self::after)) ends between ingestions of the same moment, the next page of the same size
/// may have no new ingestion. A larger page is requested then.
///
/// # Errors
///
/// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is not 1 to 100. No request is sent.
/// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the listing would never end. This is the case
///   if the page has no new ingestion and repeats its cursor, if the cursors of the pages before it
///   ([`after`](Self::after)) repeat, or if it is the 100th consecutive page without a new ingestion and is not the
///   last page.
///
/// See also [errors of every call](crate::error#errors-of-every-call).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it or its stream is awaited"]
pub struct Ingestions {
    dataset: Dataset,
    cursor: Option<String>,
    page_size: Option<u32>,
    /// Ids of ingestions on the page before, which this page may repeat.
    known: Vec<Uuid>,
    /// Number of consecutive pages without a new ingestion before this page.
    pages_without_progress: u32,
    /// Cursors of the pages before this page.
    cycle: Cycle,
}

impl Dataset {
    /// Returns a builder that lists the ingestions of uploads into the dataset, newest first; await it to get one
    /// page.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(dl: datalinks::DataLinks) -> Result<(), datalinks::Error> {
    /// let mut ingestions = dl.dataset("cinema", "films")?.ingestions().stream();
    /// while let Some(ingestion) = ingestions.next().await {
    ///     let ingestion = ingestion?;
    ///     println!("{}: {}", ingestion.id, ingestion.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ingestions(&self) -> Ingestions {
        Ingestions {
            dataset: self.clone(),
            cursor: None,
            page_size: None,
            known: Vec::new(),
            pages_without_progress: 0,
            cycle: Cycle::default(),
        }
    }
}

impl DataLinks {
    /// Starts a new ingestion of an upload whose ingestion failed, and returns its id.
    ///
    /// # Errors
    ///
    /// The call is not retried after an ambiguous outcome, because the file could be ingested twice. See also
    /// [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn retry_ingestion(&self, ingestion: Uuid) -> Result<Uuid, Error> {
        let call = self.call();
        let result = call.client().retry_ingestion(&id(ingestion)?).await;
        call.finish(result).map(|answer| answer.id)
    }

    /// Marks the result of an ingestion as seen by the user.
    ///
    /// # Errors
    ///
    /// See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped after the request was sent, the outcome is
    /// ambiguous.
    pub async fn mark_ingestion_seen(&self, ingestion: Uuid) -> Result<(), Error> {
        let call = self.call();
        let result = call.client().mark_ingestion_seen(&id(ingestion)?).await;
        call.finish(result)
    }
}

impl Ingestions {
    /// Lists only ingestions that were created at this moment or earlier.
    pub fn before(self, moment: DateTime<Utc>) -> Self {
        self.cursor(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// Continues at the [`next`](IngestionPage::next) cursor of a page, which is sent unchanged.
    ///
    /// The page may begin with the last ingestions of the page before. Use [`after`](Self::after) to leave them
    /// out.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        (self.known, self.pages_without_progress) = (Vec::new(), 0);
        self.cycle = Cycle::from(self.cursor.clone());
        self
    }

    /// Continues after `page`, without the ingestions that it contains. Returns `None` if it is the last page.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(films: datalinks::Dataset) -> Result<(), datalinks::Error> {
    /// let mut page = films.ingestions().await?;
    /// loop {
    ///     println!("{} ingestions", page.ingestions.len());
    ///     let Some(next) = films.ingestions().after(&page) else { break };
    ///     page = next.await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn after(self, page: &IngestionPage) -> Option<Self> {
        let cursor = page.next.clone()?;
        let known = page.repeated.iter().copied().chain(page.ingestions.iter().map(|own| own.id));
        let (pages_without_progress, cycle) = (page.pages_without_progress, page.cycle.clone());
        Some(Self { known: known.collect(), pages_without_progress, cycle, ..self.cursor(cursor) })
    }

    /// Sets the number of ingestions per page, 1 to 100. Defaults to 25, the default of the service.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    async fn send(mut self) -> Result<IngestionPage, Error> {
        loop {
            let mut page = self.fetch().await?;
            let (known, all) = (&self.known, std::mem::take(&mut page.ingestions));
            let (repeated, new): (Vec<_>, Vec<_>) = all.into_iter().partition(|own| known.contains(&own.id));
            let stuck = new.is_empty() && page.next.is_some() && page.next == self.cursor;
            match self.larger(&page, repeated.len() + new.len()) {
                Some(size) if stuck => self.page_size = Some(size),
                None if stuck => return Err(cursor_cycle()),
                _ => {
                    if new.is_empty() {
                        // The next page may repeat the ingestions that this page could have repeated.
                        (page.repeated, page.pages_without_progress) =
                            (self.known, self.pages_without_progress + 1);
                    } else {
                        page.repeated = repeated.into_iter().map(|own| own.id).collect();
                    }
                    if page.pages_without_progress >= MAX_PAGES_WITHOUT_PROGRESS && page.next.is_some() {
                        return Err(pages_without_progress());
                    }
                    // The cursor of this page may repeat if that many ingestions have the same moment.
                    if let Some(next) =
                        page.next.as_deref().filter(|next| Some(*next) != self.cursor.as_deref())
                        && self.cycle.closes(next, 0)
                    {
                        return Err(cursor_cycle());
                    }
                    page.cycle = self.cycle;
                    page.ingestions = new;
                    return Ok(page);
                }
            }
        }
    }

    /// Requests one page, including repeated ingestions.
    async fn fetch(&self) -> Result<IngestionPage, Error> {
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
            ingestions: Vec::from_wire(page.data),
            rejected,
            next: page.metadata.before_created_at,
            page_size: page.metadata.page_size,
            repeated: Vec::new(),
            pages_without_progress: 0,
            cycle: Cycle::default(),
        })
    }

    /// Returns the page size that may show more than this page with this number of ingestions, or `None` if the
    /// page is complete.
    fn larger(&self, page: &IngestionPage, ingestions: usize) -> Option<u32> {
        let reported = u32::try_from(page.page_size).ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
        let size = self.page_size.or(reported).unwrap_or(DEFAULT_PAGE_SIZE);
        let full = ingestions + page.rejected.len() >= size as usize;
        (full && size < MAX_PAGE_SIZE).then(|| (size * 2).min(MAX_PAGE_SIZE))
    }

    /// Returns a stream of the ingestions of all pages, starting with this page. Each ingestion is yielded once.
    ///
    /// A page may begin with the last ingestions of the page before, because the service includes the moment of the
    /// cursor. Repeated ingestions are recognized by their ids, of which the last 1,000 are remembered. If more
    /// ingestions were created at one moment than fit on a page, larger pages are requested. Items that could not
    /// be decoded are left out. Read them in [`IngestionPage::rejected`].
    ///
    /// The stream ends with an error of kind [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the
    /// cursors repeat without new ingestions, or after 100 consecutive pages without a new ingestion.
    pub fn stream(self) -> Items<Ingestion> {
        self.items_noting(|_| ())
    }

    /// Returns the [`stream`](Self::stream), and calls `note` with the undecodable items of each page.
    fn items_noting(self, note: impl Fn(&[Rejected]) + Send + Sync + 'static) -> Items<Ingestion> {
        let note = Arc::new(note);
        let (start, known) = (self.cursor.clone(), self.known.clone());
        Items::distinct(
            start,
            &known,
            |ingestion| ingestion.id,
            move |cursor, size| {
                let mut list = self.clone();
                list.cursor = cursor;
                list.page_size = size.or(list.page_size);
                let note = Arc::clone(&note);
                let page: FetchingPage<Ingestion> = Box::pin(async move {
                    let page = list.fetch().await?;
                    note(&page.rejected);
                    let larger = list.larger(&page, page.ingestions.len());
                    Ok(Page { items: page.ingestions, next: page.next, larger })
                });
                page
            },
        )
    }
}

fn id(ingestion: Uuid) -> Result<PathSegment, Error> {
    segment("ingestion id", &ingestion.to_string())
}

impl_into_future!(Ingestions => IngestionPage);
crate::client::builder_options!(Ingestions, dataset);
