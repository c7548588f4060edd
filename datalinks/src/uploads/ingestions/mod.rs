//! Ingestions of uploads: listed, waited for, retried.

mod wait;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use datalinks_gen::{PathSegment, api::types};
use serde::Serialize;
use uuid::Uuid;

pub use wait::{WaitForIngestion, WaitOutcome};

use crate::{
    client::{DataLinks, segment},
    datasets::Dataset,
    error::Error,
    types::{
        Items, Rejected, impl_into_future,
        items::{
            Cycle, FetchingPage, MAX_PAGES_WITHOUT_PROGRESS, Page, cursor_cycle, page_size,
            pages_without_progress,
        },
    },
};

/// One ingestion of an upload: how it stands, as free text, and how far it is.
pub type Ingestion = types::ListIngestionsResponseDataItem;

/// Ingestions on a page, unless set.
const DEFAULT_PAGE_SIZE: u32 = 25;
/// The most ingestions that the service puts on a page.
const MAX_PAGE_SIZE: u32 = 100;

/// One page of ingestions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestionPage {
    /// The ingestions.
    pub ingestions: Vec<Ingestion>,
    /// Items that could not be understood: usually none.
    pub rejected: Vec<Rejected>,
    /// The cursor of the next page for [`Ingestions::cursor`]; `None` on the last page. The service includes
    /// the moment of the cursor, so the next page may begin with the last ingestions of this one;
    /// [`Ingestions::after`] leaves those out.
    pub next: Option<String>,
    /// Ingestions on a page, as the service says.
    pub page_size: i64,
    /// Ingestions of earlier pages that the next one may repeat, besides those of this one.
    #[serde(skip)]
    repeated: Vec<Uuid>,
    /// Consecutive pages without a new ingestion, up to this one.
    #[serde(skip)]
    pages_without_progress: u32,
    /// Cursors of the pages up to this one.
    #[serde(skip)]
    cycle: Cycle,
}

impl IngestionPage {
    /// Creates a page of these ingestions, which is the last one.
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

/// A list of ingestions about to be read. Awaiting it requests one page; [`stream`](Self::stream) yields the ingestions of
/// all pages.
///
/// After another page ([`after`](Self::after)) that ends among ingestions of one moment, a page of the same
/// size may hold nothing new. A larger one is requested then.
///
/// # Errors
///
/// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is not 1 to 100; nothing is sent.
/// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the listing would never end: the page holds
///   nothing new and its cursor is the one it was requested with, the cursors of the pages before it
///   ([`after`](Self::after)) go in a circle, or it is the 100th in a row that holds nothing new and is not the
///   last.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it or its stream is awaited"]
pub struct Ingestions {
    dataset: Dataset,
    cursor: Option<String>,
    page_size: Option<u32>,
    /// Ingestions of the page before, which this one may repeat.
    known: Vec<Uuid>,
    /// Consecutive pages without a new ingestion before this one.
    pages_without_progress: u32,
    /// Cursors of the pages before this one.
    cycle: Cycle,
}

impl Dataset {
    /// The ingestions of uploads into it, newest first.
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
    /// Starts a new ingestion of an upload whose ingestion failed, and answers its id.
    ///
    /// # Errors
    ///
    /// As any call. It is not repeated after an ambiguous outcome: it would ingest twice.
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
    /// Lists only ingestions that were created at this moment or earlier.
    pub fn before(self, moment: DateTime<Utc>) -> Self {
        self.cursor(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// Continues at the [`next`](IngestionPage::next) cursor of a page, which is sent back as it came. The page
    /// may begin with the last ingestions of the one before; use [`after`](Self::after) to leave them out.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        (self.known, self.pages_without_progress) = (Vec::new(), 0);
        self.cycle = Cycle::from(self.cursor.clone());
        self
    }

    /// Continues after `page`, without the ingestions that it has already. Returns `None` if it is the last page.
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

    /// Ingestions on a page, 1 to 100. Unset, the service's default holds: 25.
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
                        // The next page may repeat what this one could have.
                        (page.repeated, page.pages_without_progress) =
                            (self.known, self.pages_without_progress + 1);
                    } else {
                        page.repeated = repeated.into_iter().map(|own| own.id).collect();
                    }
                    if page.pages_without_progress >= MAX_PAGES_WITHOUT_PROGRESS && page.next.is_some() {
                        return Err(pages_without_progress());
                    }
                    // The cursor of this page may come back: that many ingestions have one moment.
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

    /// One page as the service has it, repeated ingestions included.
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
            ingestions: page.data,
            rejected,
            next: page.metadata.before_created_at,
            page_size: page.metadata.page_size,
            repeated: Vec::new(),
            pages_without_progress: 0,
            cycle: Cycle::default(),
        })
    }

    /// The page size that may show more than this page, which has so many ingestions. `None` if it has all.
    fn larger(&self, page: &IngestionPage, ingestions: usize) -> Option<u32> {
        let told = u32::try_from(page.page_size).ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
        let size = self.page_size.or(told).unwrap_or(DEFAULT_PAGE_SIZE);
        let full = ingestions + page.rejected.len() >= size as usize;
        (full && size < MAX_PAGE_SIZE).then(|| (size * 2).min(MAX_PAGE_SIZE))
    }

    /// Returns a stream of the ingestions of all pages, from this one on, each once.
    ///
    /// A page may begin with the last ingestions of the one before, because the service includes the moment of
    /// the cursor. Those are recognized by their ids, of which the last 1,000 are remembered. If more ingestions
    /// were created at one moment than fit on a page, larger pages are requested. Items that could not be
    /// understood are left out: [`IngestionPage::rejected`] has them.
    ///
    /// The stream ends with an error of kind [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the cursors
    /// go in a circle and bring nothing new, or if 100 pages in a row bring nothing new.
    pub fn stream(self) -> Items<Ingestion> {
        self.items_noting(|_| ())
    }

    /// The same, with a look at the items of each page that could not be understood.
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
