//! Pages of a listing as a stream of items.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{FutureExt as _, Stream, StreamExt, future::BoxFuture, stream::FusedStream};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};

/// Number of recent ids that are remembered to recognize repeated items: ten pages of the maximum size.
const REMEMBERED: usize = 1_000;

/// Maximum number of consecutive pages without a new item, although their cursors change.
pub(crate) const MAX_PAGES_WITHOUT_PROGRESS: u32 = 100;

/// A stream of the items of all pages.
///
/// The next page is requested when the items of the current page have been yielded. [`next`](Self::next) is cancel
/// safe.
///
/// A listing that would never end causes an error of kind [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
/// The error occurs if cursors repeat without new items, or if 100 consecutive pages have no new item.
#[must_use = "nothing is sent until an item is awaited"]
pub struct Items<T> {
    here: VecDeque<T>,
    state: State<T>,
    fetch: Box<Fetch<T>>,
    /// The page size to request instead of the caller's.
    size: Option<u32>,
    repeats: Option<Repeats<T>>,
    cycle: Cycle,
    /// Number of consecutive pages without a new item.
    pages_without_progress: u32,
}

/// A request for one page and the cursor of the next one.
pub(crate) type Fetching<T> = BoxFuture<'static, Result<(Vec<T>, Option<String>), Error>>;

/// A request for one page.
pub(crate) type FetchingPage<T> = BoxFuture<'static, Result<Page<T>, Error>>;

/// A function that requests the page at a cursor, with an optional page size.
type Fetch<T> = dyn Fn(Option<String>, Option<u32>) -> FetchingPage<T> + Send + Sync;

/// One page of a listing.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The cursor of the next page, or `None` on the last page.
    pub(crate) next: Option<String>,
    /// The page size that may show more items at the same cursor, or `None` if this page contains all of them.
    pub(crate) larger: Option<u32>,
}

enum State<T> {
    /// The page at this cursor is requested next.
    Next(Option<String>),
    Fetching(Option<String>, FetchingPage<T>),
    /// The error is yielded after the remaining items.
    Failed(Box<Error>),
    Ended,
}

/// Removes items that a page repeats from the pages before it.
struct Repeats<T> {
    id: fn(&T) -> Uuid,
    known: HashSet<Uuid>,
    /// The ids in `known`, oldest first.
    order: VecDeque<Uuid>,
}

impl<T> Repeats<T> {
    /// Returns `true` if the item is new, and remembers it.
    fn is_new(&mut self, item: &T) -> bool {
        let id = (self.id)(item);
        let new = self.known.insert(id);
        if new {
            self.order.push_back(id);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        new
    }
}

/// Detects repeating cursors in constant memory (Brent's algorithm).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cycle {
    /// The cursor that later cursors are compared with.
    mark: Option<String>,
    /// Number of pages since the mark. At `limit` pages, the mark moves to the current cursor.
    pages: u64,
    limit: u64,
    /// Number of items since the mark that are new, as far as the remembered ids show.
    new: usize,
}

impl Cycle {
    /// Starts with the first cursor of a listing.
    pub(crate) fn from(cursor: Option<String>) -> Self {
        Self { mark: cursor, ..Self::default() }
    }

    /// Records a page with `new` new items and the cursor `next`. Returns `true` if the cursors repeat without
    /// progress.
    pub(crate) fn closes(&mut self, next: &str, new: usize) -> bool {
        self.new = self.new.saturating_add(new);
        self.pages += 1;
        if self.mark.as_deref() == Some(next) {
            // In a longer cycle, repeated items are no longer recognized.
            let closed = self.new == 0 || self.new > REMEMBERED;
            self.new = 0;
            return closed;
        }
        if self.pages >= self.limit {
            self.limit = self.limit.saturating_mul(2).max(1);
            self.mark = Some(next.to_owned());
            (self.pages, self.new) = (0, 0);
        }
        false
    }
}

impl<T> Items<T> {
    /// Creates a stream that starts at the cursor `start`. `fetch` requests the page at a cursor. Pages must not
    /// repeat items.
    pub(crate) fn new(
        start: Option<String>,
        fetch: impl Fn(Option<String>) -> Fetching<T> + Send + Sync + 'static,
    ) -> Self
    where
        T: 'static,
    {
        let page = move |cursor, _| {
            let page = fetch(cursor).map(|page| page.map(|(items, next)| Page { items, next, larger: None }));
            page.boxed()
        };
        Self::over(start, page, None)
    }

    /// Creates a stream that drops items in `known` and items that earlier pages contained. `fetch` requests the
    /// page at a cursor, with a page size if the caller's size was too small.
    pub(crate) fn distinct(
        start: Option<String>,
        known: &[Uuid],
        id: fn(&T) -> Uuid,
        fetch: impl Fn(Option<String>, Option<u32>) -> FetchingPage<T> + Send + Sync + 'static,
    ) -> Self {
        let order = known.iter().rev().take(REMEMBERED).rev().copied().collect::<VecDeque<_>>();
        let repeats = Repeats { id, known: order.iter().copied().collect(), order };
        Self::over(start, fetch, Some(repeats))
    }

    fn over(
        start: Option<String>,
        fetch: impl Fn(Option<String>, Option<u32>) -> FetchingPage<T> + Send + Sync + 'static,
        repeats: Option<Repeats<T>>,
    ) -> Self {
        let cycle = Cycle::from(start.clone());
        let state = State::Next(start);
        Self {
            here: VecDeque::new(),
            state,
            fetch: Box::new(fetch),
            size: None,
            repeats,
            cycle,
            pages_without_progress: 0,
        }
    }

    /// Adds the new items of the page at `cursor`, and returns the next state.
    fn take(&mut self, cursor: Option<String>, page: Page<T>) -> Result<State<T>, Error> {
        let Page { items, next, larger } = page;
        let new = match &mut self.repeats {
            Some(repeats) => {
                self.here.extend(items.into_iter().filter(|item| repeats.is_new(item)));
                self.here.len()
            }
            None => {
                self.here.extend(items);
                // Without ids, a repeated cursor counts as a cycle whatever the pages contain.
                0
            }
        };
        self.pages_without_progress = if self.here.is_empty() { self.pages_without_progress + 1 } else { 0 };
        let Some(next) = next else { return Ok(State::Ended) };
        if new == 0 && larger.is_some() && cursor.as_ref() == Some(&next) {
            // More items were created at the moment of the cursor than fit on a page.
            self.size = larger;
            return Ok(State::Next(Some(next)));
        }
        if self.cycle.closes(&next, new) {
            return Err(cursor_cycle());
        }
        if self.pages_without_progress >= MAX_PAGES_WITHOUT_PROGRESS {
            return Err(pages_without_progress());
        }
        Ok(State::Next(Some(next)))
    }
}

impl<T: Unpin> Items<T> {
    /// Returns the next item, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// Returns an error if a page cannot be read. The stream ends after the error. See also [errors of every
    /// call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. If the future is dropped before it completes, no item is lost.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        StreamExt::next(self).await
    }

    /// Returns all items.
    ///
    /// # Errors
    ///
    /// Returns an error if a page cannot be read. See also [errors of every
    /// call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request. This operation only reads.
    pub async fn collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl<T: Unpin> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let items = &mut *self;
        loop {
            if let Some(item) = items.here.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match &mut items.state {
                State::Ended => return Poll::Ready(None),
                State::Failed(_) => {
                    let State::Failed(error) = std::mem::replace(&mut items.state, State::Ended) else {
                        continue;
                    };
                    return Poll::Ready(Some(Err(*error)));
                }
                State::Next(cursor) => {
                    let cursor = cursor.take();
                    let page = (items.fetch)(cursor.clone(), items.size);
                    items.state = State::Fetching(cursor, page);
                }
                State::Fetching(cursor, page) => match ready!(page.as_mut().poll(cx)) {
                    Ok(page) => {
                        let cursor = cursor.take();
                        match items.take(cursor, page) {
                            Ok(state) => items.state = state,
                            Err(error) => {
                                items.state = State::Failed(Box::new(error));
                            }
                        }
                    }
                    Err(error) => {
                        items.state = State::Ended;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

impl<T: Unpin> FusedStream for Items<T> {
    /// Returns `true` after the last item.
    fn is_terminated(&self) -> bool {
        self.here.is_empty() && matches!(self.state, State::Ended)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("here", &self.here.len()).finish_non_exhaustive()
    }
}

/// Returns the error of a listing whose cursors repeat.
pub(crate) fn cursor_cycle() -> Error {
    let what = "the cursor of the next page repeats an earlier one, so the listing would never end";
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("report this to the operator of the service; the items yielded so far are valid")
}

/// Returns the error of a listing whose pages have no new items.
pub(crate) fn pages_without_progress() -> Error {
    let what = format!(
        "{MAX_PAGES_WITHOUT_PROGRESS} consecutive pages have no new item, so the listing may never end"
    );
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("report this to the operator of the service; the items yielded so far are valid")
}

/// Validates a page size. The service allows 1 to 100.
pub(crate) fn page_size(items: u32) -> Result<i64, Error> {
    if (1..=100).contains(&items) {
        Ok(i64::from(items))
    } else {
        Err(Error::invalid(format!("page size is {items}: expected 1 to 100")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn pages(stuck: bool) -> Items<u32> {
        Items::new(None, move |cursor| {
            let at: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let next = if stuck { Some("1".to_owned()) } else { (at < 2).then(|| (at + 1).to_string()) };
            // An empty page in the middle is not the end.
            let page = if at == 1 { Vec::new() } else { vec![at * 10, at * 10 + 1] };
            Box::pin(async move { Ok((page, next)) })
        })
    }

    #[tokio::test]
    async fn items_of_all_pages_are_yielded() {
        assert_eq!(pages(false).collect().await.unwrap(), [0, 1, 20, 21]);
        let error = pages(true).collect().await.unwrap_err();
        assert!(error.to_string().contains("never end"), "{error}");
    }

    /// Regression 27.
    #[tokio::test]
    async fn cursor_cycle_ends_a_listing_without_ids() {
        for (tail, cursor_cycle) in
            (0..8).flat_map(|tail| (1..12).map(move |cursor_cycle| (tail, cursor_cycle)))
        {
            let asked = Arc::<AtomicUsize>::default();
            let count = Arc::clone(&asked);
            let items = Items::<usize>::new(None, move |_| {
                let at = count.fetch_add(1, Ordering::Relaxed);
                let position = if at < tail { at } else { tail + (at - tail) % cursor_cycle };
                Box::pin(async move { Ok((vec![position], Some(position.to_string()))) })
            });
            let error = items.collect().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{tail} {cursor_cycle}");
            let asked = asked.load(Ordering::Relaxed);
            assert!(asked <= 4 * (tail + cursor_cycle) + 4, "{asked} pages for {tail} and {cursor_cycle}");
        }
    }

    /// Creates a listing of ids whose page depends on the number of the request, from 0.
    fn scripted(
        page: impl Fn(usize) -> (Vec<u128>, Option<String>) + Send + Sync + 'static,
    ) -> (Items<Uuid>, Arc<AtomicUsize>) {
        let asked = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&asked);
        let items = Items::distinct(
            None,
            &[],
            |id| *id,
            move |_, _| {
                let (ids, next) = page(count.fetch_add(1, Ordering::Relaxed));
                let items = ids.into_iter().map(Uuid::from_u128).collect();
                Box::pin(async move { Ok(Page { items, next, larger: None }) })
            },
        );
        (items, asked)
    }

    async fn ids(mut items: Items<Uuid>) -> (Vec<u128>, Option<Error>) {
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            match item {
                Ok(id) => found.push(id.as_u128()),
                Err(error) => return (found, Some(error)),
            }
        }
        (found, None)
    }

    #[tokio::test]
    async fn cursor_cycle_without_new_items_is_an_error() {
        for (tail, cursor_cycle) in [(0, 1), (1, 1), (0, 2), (3, 5), (20, 7)] {
            let (items, asked) = scripted(move |at| {
                let position = if at < tail { at } else { tail + (at - tail) % cursor_cycle };
                (vec![position as u128], Some(position.to_string()))
            });
            let (found, error) = ids(items).await;
            assert_eq!(found, (0..(tail + cursor_cycle) as u128).collect::<Vec<_>>());
            assert_eq!(
                error.map(|error| error.kind()),
                Some(ErrorKind::UnexpectedResponse),
                "{tail} {cursor_cycle}"
            );
            let asked = asked.load(Ordering::Relaxed);
            assert!(asked <= 4 * (tail + cursor_cycle) + 4, "{asked} pages for {tail} and {cursor_cycle}");
        }
    }

    #[tokio::test]
    async fn cursor_cycle_longer_than_the_memory_is_an_error() {
        let cursor_cycle = REMEMBERED / 50;
        let (items, asked) = scripted(move |at| {
            let position = at % cursor_cycle;
            let first = position as u128 * 100;
            ((first..first + 100).collect(), Some(position.to_string()))
        });
        let (_, error) = ids(items).await;
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::UnexpectedResponse));
        assert!(asked.load(Ordering::Relaxed) <= 4 * cursor_cycle);
    }

    #[tokio::test]
    async fn remembered_ids_are_bounded() {
        let (mut items, _) = scripted(|at| {
            let first = at as u128 * 100;
            ((first..first + 101).collect(), (at < 99).then(|| at.to_string()))
        });
        let mut count = 0;
        while let Some(item) = items.next().await {
            item.unwrap();
            count += 1;
            let repeats = items.repeats.as_ref().unwrap();
            assert!(repeats.known.len() <= REMEMBERED && repeats.order.len() <= REMEMBERED);
        }
        assert_eq!(count, 10_001);
    }

    #[tokio::test]
    async fn consecutive_pages_without_a_new_item_are_bounded() {
        // Every cursor is different. A new item resets the count of pages.
        for repeated in [vec![], vec![1]] {
            let (items, asked) = scripted(move |at| match at {
                0 => (vec![1], Some(at.to_string())),
                100 => (vec![2], Some(at.to_string())),
                _ => (repeated.clone(), Some(at.to_string())),
            });
            let (found, error) = ids(items).await;
            assert_eq!(found, [1, 2]);
            let error = error.unwrap();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
            assert!(error.to_string().contains("100 consecutive pages have no new item"), "{error}");
            assert_eq!(asked.load(Ordering::Relaxed), 201);
        }
        // The last page may be the hundredth.
        let (items, asked) = scripted(|at| (vec![], (at < 99).then(|| at.to_string())));
        assert!(ids(items).await.1.is_none());
        assert_eq!(asked.load(Ordering::Relaxed), 100);
        // Without ids, too.
        let empty = Items::<u32>::new(None, |cursor| {
            let next = cursor.map_or(0, |cursor| cursor.parse().unwrap()) + 1_u32;
            Box::pin(async move { Ok((Vec::new(), Some(next.to_string()))) })
        });
        assert_eq!(empty.collect().await.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }

    #[test]
    fn page_size_outside_1_to_100_is_rejected() {
        assert!(page_size(0).is_err() && page_size(101).is_err());
        assert_eq!((page_size(1).unwrap(), page_size(100).unwrap()), (1, 100));
    }
}
