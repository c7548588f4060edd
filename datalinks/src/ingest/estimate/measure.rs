//! Previews of samples, with the usage that is reported after each.

use std::time::Duration;

use futures::future::BoxFuture;

use super::result::NotMeasurable;
use crate::{
    error::Error,
    platform::clock::sleep,
    spending::{STABLE, Spent, UsageReading, settled},
};

/// The service, as a measurement reaches it.
pub(super) trait Trial: UsageReading {
    /// Runs the inference steps over a sample.
    fn preview(&self, sample: usize) -> BoxFuture<'_, Result<(), Error>>;
}

/// The usage that was reported for the samples.
#[derive(Debug, Default)]
pub(super) struct Measurements {
    /// The usage of each sample.
    pub(super) spent: Vec<Spent>,
    /// Number of previews, also if the measurement ended early.
    pub(super) previews: usize,
    /// The usage of all of them.
    pub(super) reported: Spent,
    /// The reason why the measurement ended early.
    pub(super) ended: Option<NotMeasurable>,
}

/// Previews samples one after the other. After each, waits at most `delay` until its usage is reported.
pub(super) async fn measure(
    trial: &dyn Trial,
    samples: usize,
    delay: Duration,
) -> Result<Measurements, Error> {
    let mut measured = Measurements::default();
    let mut before = trial.total().await?;
    sleep(STABLE.min(delay)).await;
    if trial.total().await? != before {
        // Other work would be taken for that of the samples.
        measured.ended = Some(NotMeasurable::OtherWork);
        return Ok(measured);
    }
    let start = before;
    for sample in 0..samples {
        trial.preview(sample).await?;
        measured.previews += 1;
        let (after, is_settled) = settled(trial, before, delay).await?;
        measured.reported = after.since(&start);
        if !is_settled {
            measured.ended = Some(NotMeasurable::Unsettled);
            return Ok(measured);
        }
        if sample == 0 && after == before {
            // Further previews would cost as much, and show as little.
            measured.ended = Some(NotMeasurable::NotReported);
            return Ok(measured);
        }
        measured.spent.push(after.since(&before));
        before = after;
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;
    use crate::spending::Usd;

    /// A service that reports the tokens of a preview some seconds later, in two parts, and those of other work at times.
    struct Service {
        start: Instant,
        tokens: Vec<u64>,
        lag: u64,
        /// Times of other work, each with a token.
        others: Vec<u64>,
        reports: Mutex<Vec<(Duration, u64)>>,
    }

    impl Service {
        fn new(tokens: &[u64], lag: u64, others: &[u64]) -> Self {
            let others = others.to_vec();
            Self { start: Instant::now(), tokens: tokens.to_vec(), lag, others, reports: Mutex::default() }
        }
    }

    impl Trial for Service {
        fn preview(&self, sample: usize) -> BoxFuture<'_, Result<(), Error>> {
            let at = self.start.elapsed() + Duration::from_secs(self.lag);
            let tokens = self.tokens[sample];
            let parts = [(at, tokens / 2), (at + Duration::from_secs(2), tokens - tokens / 2)];
            self.reports.lock().unwrap().extend(parts);
            Box::pin(std::future::ready(Ok(())))
        }
    }

    impl UsageReading for Service {
        fn total(&self) -> BoxFuture<'_, Result<Spent, Error>> {
            let now = self.start.elapsed();
            let reports = self.reports.lock().unwrap();
            let own: u64 = reports.iter().filter(|(at, _)| *at <= now).map(|(_, tokens)| tokens).sum();
            let others = self.others.iter().filter(|at| **at <= now.as_secs()).count() as u64;
            let spent = Spent::new(own + others, Usd::nanos(own));
            Box::pin(std::future::ready(Ok(spent)))
        }
    }

    async fn run(service: Service) -> (Vec<u64>, Option<NotMeasurable>) {
        let samples = service.tokens.len();
        let measured = measure(&service, samples, Duration::from_secs(30)).await.unwrap();
        (measured.spent.iter().map(|spent| spent.tokens).collect(), measured.ended)
    }

    #[tokio::test(start_paused = true)]
    async fn usage_of_each_sample_is_awaited() {
        for lag in [0, 1, 7, 24] {
            assert_eq!(run(Service::new(&[100, 7, 20], lag, &[])).await, (vec![100, 7, 20], None), "{lag}");
        }
        // A sample that costs nothing is a result, except for the first.
        assert_eq!(run(Service::new(&[100, 0, 20], 1, &[])).await, (vec![100, 0, 20], None));
    }

    #[tokio::test(start_paused = true)]
    async fn usage_that_shows_nothing_ends_the_measurement() {
        let none = Vec::new();
        let late = run(Service::new(&[100, 7], 31, &[])).await;
        assert_eq!(late, (none.clone(), Some(NotMeasurable::NotReported)));
        let other_work = run(Service::new(&[100, 7], 0, &[2])).await;
        assert_eq!(other_work, (none.clone(), Some(NotMeasurable::OtherWork)));
        let busy: Vec<u64> = (4..90).collect();
        assert_eq!(run(Service::new(&[100, 7], 0, &busy)).await, (none, Some(NotMeasurable::Unsettled)));
    }

    /// An estimate that ended early stated no previews and no usage, although previews had run and cost tokens.
    #[tokio::test(start_paused = true)]
    async fn previews_of_a_measurement_that_ends_are_counted() {
        let busy: Vec<u64> = (4..90).collect();
        for (others, lag, previews, at_least) in [(vec![2], 0, 0, 0), (vec![], 31, 1, 0), (busy, 0, 1, 100)] {
            let service = Service::new(&[100, 7], lag, &others);
            let measured = measure(&service, 2, Duration::from_secs(30)).await.unwrap();
            assert!(measured.ended.is_some(), "{others:?}");
            assert_eq!(measured.previews, previews, "{others:?}");
            assert!(measured.reported.tokens >= at_least, "{others:?}");
        }
    }
}
