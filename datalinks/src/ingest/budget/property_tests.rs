//! Runs with a budget against a service whose costs are random and whose usage is reported late, on a paused clock.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::{Budget, BudgetReport, BudgetState, Spender};
use crate::{
    error::{Error, ErrorKind},
    ingest::{
        begin,
        concurrency::Concurrency,
        engine::{Acknowledged, Deliver},
        options::{Delivery, IngestOptions},
        reconcile::Key,
        result::IngestionResult,
        source::Rows,
        stop::Unlimited,
    },
    spending::{Spent, UsageReading, Usd},
    transport::{AttemptEnd, Gate as _},
};

/// The time after which the runs count usage as reported.
const DELAY: Duration = Duration::from_secs(30);

/// The costs of rows in tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Costs {
    Same(u64),
    Uniform(u64),
    /// A few rows cost hundredfold.
    Rare(u64),
    Rising,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    rows: usize,
    batch_size: usize,
    concurrency: usize,
    limit: u64,
    costs: Costs,
    /// Chances, in percent, that an attempt is rejected (503), or loses its response after it was carried out.
    busy: u8,
    lost: u8,
    /// Number of the first attempts that are declined (422).
    declined: usize,
    retries: bool,
    /// Cost of the first requests in tokens per 100 bytes, as an estimate gives it.
    rate: Option<u64>,
    /// The greatest time until usage is reported.
    lag: Duration,
    /// Number of the reading that fails.
    unreadable: Option<usize>,
    /// Tokens that other work uses every ten seconds.
    others: u64,
    /// Tokens of before the run that usage no longer reports from the second reading on.
    corrected: u64,
}

/// An attempt, and its cost.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    start: Instant,
    end: Option<Instant>,
    reported: Instant,
    cost: u64,
}

struct Ledger {
    rng: fastrand::Rng,
    attempts: Vec<Attempt>,
    readings: usize,
    row: u64,
}

struct Service {
    case: Case,
    start: Instant,
    ledger: Mutex<Ledger>,
    spender: Mutex<Option<Arc<Spender>>>,
}

struct Usage(Arc<Service>);

impl UsageReading for Usage {
    fn total(&self) -> BoxFuture<'_, Result<Spent, Error>> {
        Box::pin(async {
            let mut ledger = self.0.ledger.lock().unwrap();
            ledger.readings += 1;
            if Some(ledger.readings) == self.0.case.unreadable {
                return Err(Error::new(ErrorKind::Server, "503"));
            }
            let now = Instant::now();
            let own =
                ledger.attempts.iter().filter(|attempt| attempt.end.is_some() && attempt.reported <= now);
            let others = self.0.case.others * (self.0.start.elapsed().as_secs() / 10);
            // Usage of before the run.
            let before = 12_345 - if ledger.readings > 1 { self.0.case.corrected } else { 0 };
            Ok(Spent::new(before + others + own.map(|attempt| attempt.cost).sum::<u64>(), Usd::default()))
        })
    }
}

impl Service {
    /// The retries of the client's transport.
    async fn send(&self, body: Bytes, retry_ambiguous: bool) -> Result<Acknowledged, Error> {
        let rows = serde_json::from_slice::<Value>(&body).unwrap()["data"].as_array().unwrap().len();
        let spender = self.spender.lock().unwrap().clone().unwrap();
        let mut ambiguous = 0;
        for attempt in 1.. {
            let number = attempt - 1;
            let annotate = |error: Error| {
                error
                    .with_ambiguous(ambiguous > 0)
                    .with_ambiguous_attempts(ambiguous)
                    .with_attempts(number, Duration::ZERO)
            };
            let mut pass = Arc::clone(&spender).admit(body.len()).await.map_err(annotate)?;
            pass.sent();
            let (wait, fate) = {
                let mut ledger = self.ledger.lock().unwrap();
                let start = Instant::now();
                ledger.attempts.push(Attempt { start, end: None, reported: start, cost: 0 });
                (ledger.rng.u64(100..20_000), ledger.rng.u8(0..100))
            };
            let index = self.ledger.lock().unwrap().attempts.len() - 1;
            sleep(Duration::from_millis(wait)).await;
            let Case { busy, lost, lag, .. } = self.case;
            let is_declined = index < self.case.declined;
            let is_busy = fate < busy;
            let is_lost = !is_busy && fate < busy + lost;
            {
                let ledger = &mut *self.ledger.lock().unwrap();
                let cost = if is_busy || is_declined {
                    0
                } else {
                    (0..rows).map(|_| ledger.cost(self.case.costs)).sum()
                };
                let (end, delay) = (Instant::now(), ledger.rng.u64(0..=lag.as_millis() as u64));
                let attempt = &mut ledger.attempts[index];
                attempt.end = Some(end);
                attempt.reported = end + Duration::from_millis(delay);
                attempt.cost = cost;
            }
            if is_declined {
                pass.end(AttemptEnd::Declined);
                return Err(annotate(Error::new(ErrorKind::Rejected, "422")));
            }
            if !is_busy && !is_lost {
                pass.end(AttemptEnd::Answered);
                return Ok(Acknowledged {
                    indexed: Some(rows as u64),
                    repeated: ambiguous > 0,
                    attempts: attempt,
                });
            }
            pass.end(if is_busy { AttemptEnd::Rejected { retry_after: None } } else { AttemptEnd::Failed });
            ambiguous += u32::from(is_lost);
            let retried = self.case.retries && attempt < 3 && (is_busy || retry_ambiguous);
            if !retried {
                let error = Error::new(ErrorKind::Server, "the service failed");
                return Err(error
                    .with_ambiguous(ambiguous > 0)
                    .with_ambiguous_attempts(ambiguous)
                    .with_attempts(attempt, Duration::ZERO));
            }
            sleep(Duration::from_secs(1)).await;
        }
        unreachable!("an attempt is the last one")
    }

    fn spent(&self) -> u64 {
        self.ledger.lock().unwrap().attempts.iter().map(|attempt| attempt.cost).sum()
    }

    /// Returns the cost of the attempts that may not have been reported when the last attempt started, that one included.
    fn unreported_at_last_start(&self) -> u64 {
        let ledger = self.ledger.lock().unwrap();
        let Some(last) = ledger.attempts.iter().map(|attempt| attempt.start).max() else { return 0 };
        // The last reading may be ten seconds old.
        let horizon = DELAY + Duration::from_secs(10);
        let open =
            ledger.attempts.iter().filter(|attempt| attempt.end.is_none_or(|end| end + horizon > last));
        open.map(|attempt| attempt.cost).sum()
    }
}

impl Ledger {
    fn cost(&mut self, costs: Costs) -> u64 {
        self.row += 1;
        match costs {
            Costs::Same(cost) => cost,
            Costs::Uniform(most) => self.rng.u64(1..=most),
            Costs::Rare(cost) if self.rng.u8(0..50) == 0 => cost * 100,
            Costs::Rare(cost) => cost,
            Costs::Rising => self.row,
        }
    }
}

impl Deliver for Service {
    fn deliver(&self, body: Bytes, retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(self.send(body, retry_ambiguous))
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        unreachable!("this delivery does not count")
    }

    fn find_keys<'a>(&'a self, _: &'a str, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        unreachable!("this delivery has no keys")
    }

    fn dataset_name(&self) -> String {
        "plants/trees".to_owned()
    }

    fn spender(&self) -> Option<Arc<Spender>> {
        self.spender.lock().unwrap().clone()
    }
}

fn case(seed: u64) -> Case {
    let mut rng = fastrand::Rng::with_seed(seed);
    let costs = match rng.u8(0..4) {
        0 => Costs::Same(rng.u64(1..50)),
        1 => Costs::Uniform(rng.u64(2..100)),
        2 => Costs::Rare(rng.u64(1..20)),
        _ => Costs::Rising,
    };
    Case {
        seed,
        rows: rng.usize(1..300),
        batch_size: rng.usize(1..20),
        concurrency: rng.usize(1..9),
        limit: rng.u64(1..8_000),
        costs,
        busy: rng.u8(0..30),
        lost: rng.u8(0..30),
        declined: 0,
        retries: rng.bool(),
        rate: rng.bool().then(|| rng.u64(1..2_000)),
        lag: Duration::from_secs(rng.u64(0..=DELAY.as_secs())),
        unreadable: (rng.u8(0..6) == 0).then(|| rng.usize(1..12)),
        others: if rng.u8(0..4) == 0 { rng.u64(1..100) } else { 0 },
        corrected: 0,
    }
}

/// Runs a case on a paused clock.
fn run(case: Case) -> (Arc<Service>, IngestionResult<Value>, BudgetReport) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let rng = fastrand::Rng::with_seed(case.seed);
        let ledger = Mutex::new(Ledger { rng, attempts: Vec::new(), readings: 0, row: 0 });
        let (start, spender) = (Instant::now(), Mutex::default());
        let service = Arc::new(Service { case, start, ledger, spender });
        let budget = Budget { rate: case.rate.map(|units| (units, 100)), ..Budget::tokens(case.limit) };
        let spender =
            Spender::new(budget.clone(), Box::new(Usage(Arc::clone(&service))), Arc::new(Unlimited));
        *service.spender.lock().unwrap() = Some(spender);
        let options = IngestOptions {
            batch_size: case.batch_size,
            concurrency: Concurrency::from(case.concurrency),
            delivery: if case.seed.is_multiple_of(2) { Delivery::AtLeastOnce } else { Delivery::AtMostOnce },
            max_batches_without_success: 0,
            budget: Some(budget),
            ..IngestOptions::default()
        };
        let rows = (0..case.rows).map(|n| json!({ "n": n })).collect();
        let deliver: Arc<dyn Deliver> = Arc::<Service>::clone(&service);
        let batches = begin(deliver, Rows::All(rows), &Map::new(), options).unwrap();
        let result = IngestionResult::collect(batches).await.unwrap();
        let report = result.budget.clone().unwrap();
        (service, result, report)
    })
}

#[test]
fn spending_exceeds_the_budget_by_no_more_than_is_reported() {
    let mut seen = [0_usize; 4];
    let mut exceeded = 0;
    for seed in 0..1_000 {
        let case = case(seed);
        let (service, result, report) = run(case);
        let (spent, limit) = (service.spent(), case.limit);
        let about = || format!("{case:?}\nspent {spent}, {report:?}\n{result}");
        assert_eq!(result.successful.len() + result.failed.len(), case.rows, "{}", about());
        if report.state == BudgetState::Unreadable {
            assert!(report.reported.units() <= spent + case.others * 10_000, "{}", about());
        } else if case.unreadable.is_none() {
            // The printed account is that of the service.
            assert_eq!(report.unreported_requests, 0, "{}", about());
            assert!(spent <= limit + report.may_exceed_by.unwrap().units(), "{}", about());
            let others = report.reported.units() - spent;
            assert!(case.others > 0 || others == 0, "{}", about());
        }
        assert!(spent <= limit + service.unreported_at_last_start(), "{}", about());
        let is_budget = |error: &Error| error.kind() == ErrorKind::Budget;
        assert_eq!(
            result.stopped.as_ref().is_some_and(is_budget),
            report.state != BudgetState::Within,
            "{}",
            about()
        );
        // A row whose request was rejected is certainly not stored, unless an earlier attempt was lost.
        let unsent = result.failed.iter().filter(|row| is_budget(&row.error) && row.error.attempts() == 0);
        assert!(unsent.clone().all(|row| !row.is_ambiguous()), "{}", about());
        let attempts = service.ledger.lock().unwrap().attempts.len();
        assert_eq!(result.counts.requests + result.counts.retries, attempts, "{}", about());
        exceeded += usize::from(spent > limit);
        seen[match report.state {
            BudgetState::Within => 0,
            BudgetState::Reached => 1,
            BudgetState::NotReported => 2,
            BudgetState::Unreadable => 3,
        }] += 1;
    }
    println!("within, reached, not reported, unreadable: {seen:?}; exceeded in {exceeded} cases");
    assert!(seen[0] > 100 && seen[1] > 100 && seen[3] > 20, "{seen:?}");
}

fn steady() -> Case {
    Case {
        seed: 1,
        rows: 400,
        batch_size: 10,
        concurrency: 4,
        limit: 2_050,
        costs: Costs::Same(10),
        busy: 0,
        lost: 0,
        declined: 0,
        retries: true,
        rate: None,
        lag: Duration::from_secs(5),
        unreadable: None,
        others: 0,
        corrected: 0,
    }
}

#[test]
fn budget_is_used_up_to_the_last_request_that_fits() {
    for (concurrency, rate) in [(1, None), (4, None), (8, None), (4, Some(500)), (4, Some(5))] {
        let (service, result, report) = run(Case { concurrency, rate, ..steady() });
        assert_eq!(report.state, BudgetState::Reached);
        assert_eq!(report.reported.units(), service.spent());
        // A request costs 100, give or take the length of its numbers.
        assert!((1_900..=2_050).contains(&service.spent()), "{concurrency} {rate:?}: {report:?}");
        let error = result.stopped.unwrap();
        assert!(error.message().contains("the budget of 2050 tokens is reached: usage reports"), "{error}");
        assert!(!error.is_ambiguous());
    }
}

#[test]
fn first_request_is_sent_alone_unless_an_estimate_is_given() {
    for (rate, expected) in [(None, 1), (Some(40), 4)] {
        let (service, _, _) = run(Case { rate, limit: 1_000_000, ..steady() });
        let ledger = service.ledger.lock().unwrap();
        let first = ledger.attempts[0];
        let early = ledger.attempts.iter().filter(|attempt| attempt.start == first.start);
        assert_eq!(early.count(), expected);
        let alone = ledger.attempts.iter().filter(|attempt| attempt.start < first.end.unwrap() + DELAY);
        assert_eq!(alone.count() == 1, rate.is_none());
    }
}

/// A request that was declined and cost nothing ended the run, and those between others lowered the cost per byte.
#[test]
fn declined_requests_say_nothing_about_the_cost() {
    let (service, result, report) = run(Case { declined: 1, limit: 1_000_000, ..steady() });
    assert_eq!((report.state, report.reported.units()), (BudgetState::Within, service.spent()));
    assert!(result.successful.len() >= 390, "{result}");
    let (service, _, report) = run(Case { declined: 30, ..steady() });
    assert_eq!(report.state, BudgetState::Reached);
    assert!(service.spent() <= 2_050, "{}", service.spent());
}

/// Usage of before the run that was corrected downwards hid as much usage of the run.
#[test]
fn corrected_usage_does_not_hide_that_of_the_run() {
    let (service, _, report) = run(Case { corrected: 1_000, ..steady() });
    assert_eq!(report.state, BudgetState::Reached);
    assert!(service.spent() <= 2_050, "{report:?}");
}

#[test]
fn usage_that_is_unreadable_or_missing_stops_the_run() {
    let (service, result, report) = run(Case { unreadable: Some(1), ..steady() });
    assert_eq!((service.spent(), report.state), (0, BudgetState::Unreadable));
    let error = result.stopped.unwrap();
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("503"));
    let (service, result, report) = run(Case { costs: Costs::Same(0), ..steady() });
    assert_eq!((service.ledger.lock().unwrap().attempts.len(), report.state), (1, BudgetState::NotReported));
    assert_eq!(result.successful.len(), 10);
}

#[test]
fn other_work_of_the_account_counts() {
    let (alone, _, _) = run(Case { limit: 4_000, ..steady() });
    let (busy, _, report) = run(Case { limit: 4_000, others: 100, ..steady() });
    assert_eq!(report.state, BudgetState::Reached);
    assert!(busy.spent() < alone.spent(), "{} {}", busy.spent(), alone.spent());
}

#[test]
fn budget_of_zero_is_rejected_before_anything_is_sent() {
    let options = IngestOptions { budget: Some(Budget::tokens(0)), ..IngestOptions::default() };
    assert!(options.check(false).unwrap_err().message().contains("the budget is 0"));
    for text in ["0USD", "0tokens", "5", "5EUR", "-1USD", "USD"] {
        assert!(text.parse::<Budget>().is_err(), "{text}");
    }
}
