//! Pages as a stream of their items.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{Stream, StreamExt, future::BoxFuture};

use crate::{Error, ErrorKind};

/// The items of all pages, one after the other. A page is asked for when the items of the one before are
/// used up. Dropping [`next`](Self::next) loses nothing.
#[must_use = "nothing is sent until an item is awaited"]
pub struct Items<T> {
    here: VecDeque<T>,
    state: State<T>,
    fetch: Box<dyn Fn(Option<String>) -> Fetching<T> + Send + Sync>,
}

/// One page, and the cursor of the next.
pub(crate) type Fetching<T> = BoxFuture<'static, Result<(Vec<T>, Option<String>), Error>>;

enum State<T> {
    /// The page at this cursor is next.
    Next(Option<String>),
    Fetching(Option<String>, Fetching<T>),
    Ended,
}

impl<T> Items<T> {
    /// `fetch` asks for the page at a cursor, `start` is that of the first.
    pub(crate) fn new(
        start: Option<String>,
        fetch: impl Fn(Option<String>) -> Fetching<T> + Send + Sync + 'static,
    ) -> Self {
        Self { here: VecDeque::new(), state: State::Next(start), fetch: Box::new(fetch) }
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
                State::Next(cursor) => {
                    let cursor = cursor.take();
                    let page = (items.fetch)(cursor.clone());
                    items.state = State::Fetching(cursor, page);
                }
                State::Fetching(cursor, page) => match ready!(page.as_mut().poll(cx)) {
                    Ok((page, next)) => {
                        let stuck = next.is_some() && next == *cursor;
                        items.here = page.into();
                        items.state = next.map_or(State::Ended, |next| State::Next(Some(next)));
                        if stuck {
                            items.state = State::Ended;
                            let what =
                                "the next page has the cursor of this one: the listing would never end";
                            return Poll::Ready(Some(Err(Error::new(ErrorKind::UnexpectedAnswer, what))));
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

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("here", &self.here.len()).finish_non_exhaustive()
    }
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
    use super::*;

    fn pages(stuck: bool) -> Items<u32> {
        Items::new(None, move |cursor| {
            let at: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let next = if stuck { Some("1".to_owned()) } else { (at < 2).then(|| (at + 1).to_string()) };
            // An empty page in the middle is no end.
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

    #[test]
    fn bounds_are_checked_before_sending() {
        assert!(page_size(0).is_err() && page_size(101).is_err());
        assert_eq!((page_size(1).unwrap(), page_size(100).unwrap()), (1, 100));
    }
}
