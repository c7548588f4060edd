//! Pages as a stream of their items.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{FutureExt as _, Stream, StreamExt, future::BoxFuture, stream::FusedStream};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};

/// Most recent ids that are remembered to recognize repeated items: ten pages of the largest size.
const REMEMBERED: usize = 1_000;

/// Pages in a row without a new item after which a listing is given up, although its cursors move on.
pub(crate) const MAX_PAGES_WITHOUT_PROGRESS: u32 = 100;

/// A stream of the items of all pages, one after the other.
///
/// The next page is requested when the items of the current one are used up. [`next`](Self::next) is cancel
/// safe.
///
/// A listing that would never end is an error of kind [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): one whose cursors
/// come back without new items, and one in which 100 pages in a row bring no new item.
#[must_use = "nothing is sent until an item is awaited"]
pub struct Items<T> {
    here: VecDeque<T>,
    state: State<T>,
    fetch: Box<Fetch<T>>,
    /// The page size to ask for instead of the caller's.
    size: Option<u32>,
    repeats: Option<Repeats<T>>,
    cycle: Cycle,
    /// Consecutive pages without a new item.
    pages_without_progress: u32,
}

/// One page, and the cursor of the next.
pub(crate) type Fetching<T> = BoxFuture<'static, Result<(Vec<T>, Option<String>), Error>>;

/// A request for one page.
pub(crate) type FetchingPage<T> = BoxFuture<'static, Result<Page<T>, Error>>;

/// Requests the page at a cursor, with a page size instead of the caller's.
type Fetch<T> = dyn Fn(Option<String>, Option<u32>) -> FetchingPage<T> + Send + Sync;

/// One page of a listing.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; `None` on the last.
    pub(crate) next: Option<String>,
    /// The page size that may show more items at the same cursor; `None` if this page holds all of them.
    pub(crate) larger: Option<u32>,
}

enum State<T> {
    /// The page at this cursor is next.
    Next(Option<String>),
    Fetching(Option<String>, FetchingPage<T>),
    /// The items that are here are the last; this error follows them.
    Failed(Box<Error>),
    Ended,
}

/// Drops the items that a page repeats from the pages before it.
struct Repeats<T> {
    id: fn(&T) -> Uuid,
    known: HashSet<Uuid>,
    /// The same ids, oldest first.
    order: VecDeque<Uuid>,
}

impl<T> Repeats<T> {
    /// Returns whether the item is new, and remembers it.
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

/// Notices that cursors come back, in constant memory (by Brent's algorithm).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cycle {
    /// The cursor that later ones are compared with.
    mark: Option<String>,
    /// Pages since the mark, and the number of pages at which the mark moves on.
    pages: u64,
    limit: u64,
    /// Items since the mark that were new as far as can be told.
    new: usize,
}

impl Cycle {
    /// A listing that is requested with `cursor` first.
    pub(crate) fn from(cursor: Option<String>) -> Self {
        Self { mark: cursor, ..Self::default() }
    }

    /// Takes a page with `new` new items and the cursor `next`. Returns `true` if the listing goes in a circle.
    pub(crate) fn closes(&mut self, next: &str, new: usize) -> bool {
        self.new = self.new.saturating_add(new);
        self.pages += 1;
        if self.mark.as_deref() == Some(next) {
            // In a longer circle, items that are repeated can no longer be recognized.
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
    /// `fetch` asks for the page at a cursor, `start` is that of the first. No page repeats an item.
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

    /// `fetch` asks for the page at a cursor, with a page size if the caller's was too small. Pages may repeat
    /// items of the pages before, which are dropped, and so are those in `known`.
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

    /// Takes over what is new on the page at `cursor`, and decides what follows it.
    fn take(&mut self, cursor: Option<String>, page: Page<T>) -> Result<State<T>, Error> {
        let Page { items, next, larger } = page;
        let new = match &mut self.repeats {
            Some(repeats) => {
                self.here.extend(items.into_iter().filter(|item| repeats.is_new(item)));
                self.here.len()
            }
            None => {
                self.here.extend(items);
                // Without ids, a cursor that comes back is a circle whatever the pages hold.
                0
            }
        };
        self.pages_without_progress = if self.here.is_empty() { self.pages_without_progress + 1 } else { 0 };
        let Some(next) = next else { return Ok(State::Ended) };
        if new == 0 && larger.is_some() && cursor.as_ref() == Some(&next) {
            // More items have the moment of the cursor than fit on a page.
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
    /// The next item; nothing after the last.
    ///
    /// # Errors
    ///
    /// When a page cannot be had; the stream ends then.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        StreamExt::next(self).await
    }

    /// All items.
    ///
    /// # Errors
    ///
    /// When a page cannot be had.
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

/// The error of a listing whose cursors go in a circle.
pub(crate) fn cursor_cycle() -> Error {
    let what = "the cursor of the next page is one from before: the listing would never end";
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("report it to the service; what came so far is valid")
}

/// The error of a listing that goes on and on without a new item.
pub(crate) fn pages_without_progress() -> Error {
    let what =
        format!("{MAX_PAGES_WITHOUT_PROGRESS} pages in a row have no new item: the listing may never end");
    Error::new(ErrorKind::UnexpectedResponse, what)
        .advice("report it to the service; what came so far is valid")
}

/// Items on a page: the service allows 1 to 100.
pub(crate) fn page_size(items: u32) -> Result<i64, Error> {
    if (1..=100).contains(&items) {
        Ok(i64::from(items))
    } else {
        Err(Error::invalid(format!("{items} items on a page; allowed are 1 to 100")))
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
    async fn pages_follow_each_other_and_end() {
        assert_eq!(pages(false).collect().await.unwrap(), [0, 1, 20, 21]);
        let error = pages(true).collect().await.unwrap_err();
        assert!(error.to_string().contains("never end"), "{error}");
    }

    /// Cursors that come back are a circle, however long it is and the way to it, and whatever the pages hold.
    ///
    /// Regression 27.
    #[tokio::test]
    async fn circle_of_cursors_ends_a_listing_without_ids() {
        for (tail, cursor_cycle) in
            (0..8).flat_map(|tail| (1..12).map(move |cursor_cycle| (tail, cursor_cycle)))
        {
            let asked = Arc::<AtomicUsize>::default();
            let count = Arc::clone(&asked);
            let items = Items::<usize>::new(None, move |_| {
                let at = count.fetch_add(1, Ordering::Relaxed);
                let place = if at < tail { at } else { tail + (at - tail) % cursor_cycle };
                Box::pin(async move { Ok((vec![place], Some(place.to_string()))) })
            });
            let error = items.collect().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{tail} {cursor_cycle}");
            let asked = asked.load(Ordering::Relaxed);
            assert!(asked <= 4 * (tail + cursor_cycle) + 4, "{asked} pages for {tail} and {cursor_cycle}");
        }
    }

    /// A listing of ids that answers one page for each request, by its number from 0.
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
    async fn circle_of_cursors_without_new_items_is_an_error() {
        // Whatever the length of the circle, and of the way to it.
        for (tail, cursor_cycle) in [(0, 1), (1, 1), (0, 2), (3, 5), (20, 7)] {
            let (items, asked) = scripted(move |at| {
                let place = if at < tail { at } else { tail + (at - tail) % cursor_cycle };
                (vec![place as u128], Some(place.to_string()))
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
    async fn circle_longer_than_the_memory_is_an_error_too() {
        let cursor_cycle = REMEMBERED / 50;
        let (items, asked) = scripted(move |at| {
            let place = at % cursor_cycle;
            let first = place as u128 * 100;
            ((first..first + 100).collect(), Some(place.to_string()))
        });
        let (_, error) = ids(items).await;
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::UnexpectedResponse));
        assert!(asked.load(Ordering::Relaxed) <= 4 * cursor_cycle);
    }

    #[tokio::test]
    async fn memory_of_a_long_listing_is_bounded() {
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
    async fn pages_without_a_new_item_are_bounded_and_counted_in_a_row() {
        // Every cursor is another one. An item in between allows as many pages again.
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
            assert!(error.to_string().contains("100 pages in a row have no new item"), "{error}");
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
    fn bounds_are_checked_before_sending() {
        assert!(page_size(0).is_err() && page_size(101).is_err());
        assert_eq!((page_size(1).unwrap(), page_size(100).unwrap()), (1, 100));
    }
}
