//! The number of requests in flight.

/// The number of requests that an ingestion has in flight: fixed, or adapted to the service.
///
/// [`auto`](Self::auto) finds the limit of the service itself. It begins with one request and doubles the number
/// until the service slows down or rejects a request (429 or 503). From then on, it raises the number slowly and
/// lowers it by a share, as congestion control in TCP does. Several clients of one service get about equal shares if
/// all of them adapt. A delay that the service asks for (`Retry-After`) applies to all requests of the run.
///
/// # Examples
///
/// ```
/// use datalinks::ingest::Concurrency;
///
/// assert_eq!(Concurrency::default(), Concurrency::from(1));
/// assert_eq!(Concurrency::from(4).max(), 4);
/// assert_eq!(Concurrency::auto().max(), 32);
/// assert_eq!(Concurrency::auto().max_requests(16).max(), 16);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Concurrency {
    max: usize,
    auto: bool,
}

impl Concurrency {
    /// Adapts the number of requests in flight to the service, with a maximum of 32.
    ///
    /// With more than one request in flight, batches are stored in any order.
    pub const fn auto() -> Self {
        Self { max: 32, auto: true }
    }

    /// Sets the maximum number of requests in flight, 1 to 64. Defaults to 32 for [`auto`](Self::auto).
    pub const fn max_requests(mut self, requests: usize) -> Self {
        self.max = requests;
        self
    }

    /// Returns the maximum number of requests in flight.
    pub const fn max(self) -> usize {
        self.max
    }

    /// Returns `true` if the number is adapted to the service.
    pub const fn is_auto(self) -> bool {
        self.auto
    }
}

impl Default for Concurrency {
    /// Returns a fixed number of one request.
    fn default() -> Self {
        Self::from(1)
    }
}

impl From<usize> for Concurrency {
    /// Creates a fixed number of requests.
    fn from(requests: usize) -> Self {
        Self { max: requests, auto: false }
    }
}
