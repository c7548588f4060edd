//! Quotas that one request in flight passes, which are learned as a rate.

use super::*;

/// Seconds after which a quota is learned.
const LEARNED: f64 = 5.0;

/// Requests per second, latency, burst, and the least share of the quota that is used.
const QUOTAS: [(f64, f64, f64, f64); 4] =
    [(10.0, 0.02, 10.0, 0.9), (10.0, 0.02, 1.0, 0.4), (10.0, 0.1, 10.0, 0.8), (10.0, 0.2, 10.0, 0.7)];

/// Up to half of the requests were rejected, and rows failed because the retry budget of the client was used up.
#[test]
fn low_quotas() {
    let columns = "| Quota | `Retry-After` | Used | Rejected after 5 s % | Rejected in all % |";
    println!("{columns}\n|{}", "---|".repeat(columns.matches('|').count() - 1));
    for (rate, latency, burst, least) in QUOTAS {
        for retry_after in [1.0, -1.0] {
            let kind = Kind::Bucket { rate, burst, latency, retry_after };
            // The default, which is too few to learn a quota without a burst in the first seconds.
            let attempts = if burst > 1.0 { 3 } else { 6 };
            let spec = Spec { attempts, ..spec("low quota", kind, 1) };
            // Rows that fail end the simulation.
            let runs = SEEDS.map(|seed| simulate(&spec, Setting::Auto, 1, 0.0, seed));
            let of = |figure: &dyn Fn(&Figures) -> f64| Seeds([0, 1, 2].map(|run| figure(&runs[run])));
            let used = of(&|run| run.rate(LEARNED, END) / rate / ROWS_PER_BATCH as f64);
            let rejected = of(&|run| run.rejected_from(LEARNED));
            let all = of(&|run| run.rejected());
            let asked = if retry_after < 0.0 { "no" } else { "1 s" };
            println!(
                "| {rate}/s, at once {burst}, {} ms | {asked} | {:.2} ({:.2}) | {:.2} ({:.2}) | {:.2} ({:.2}) |",
                1_000.0 * latency,
                used.mean(),
                used.least(),
                100.0 * rejected.mean(),
                100.0 * rejected.most(),
                100.0 * all.mean(),
                100.0 * all.most(),
            );
            assert!(rejected.most() < 0.05, "{spec:?}: {rejected:?} rejected");
            assert!(used.least() >= least, "{spec:?}: {used:?} used");
        }
    }
}

/// Rejections of an adaptive run used up the retry budget, which other calls of the client need.
#[test]
fn rejections_do_not_use_up_the_retry_budget() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let script = Script::new().respond_with(|request| {
            if request.path().contains("/ingest/") {
                return datalinks::testing::Reply::status(429).after(Duration::from_millis(10));
            }
            datalinks::testing::Reply::status(503)
        });
        let policy = RetryPolicy::default().max_attempts(10);
        let client = script.builder().retry(policy).jitter_seed(1).build().unwrap();
        let attempts = async |concurrency: Concurrency| {
            let rows = (0..30).map(|n| Row { n });
            let films = client.dataset("cinema", "films").unwrap();
            let ingest = films.ingest(rows).batch_size(1).concurrency(concurrency);
            let result = ingest.max_batches_without_success(0).await.unwrap();
            assert_eq!(result.failed.len(), 30);
            result.failed.iter().map(|row| row.error.attempts()).min().unwrap()
        };
        assert_eq!(attempts(Concurrency::auto()).await, 10);
        assert_eq!(client.current_user().await.unwrap_err().attempts(), 10);
        // Those of a fixed number of requests do.
        assert_eq!(attempts(Concurrency::from(4)).await, 1);
    });
}
