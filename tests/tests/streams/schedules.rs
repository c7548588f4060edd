//! Random schedules of faults, determined by a seed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{AskEvent, AskStream, Error, ErrorKind, IngestProxy, Namespace, PipelineEvent, PipelineRun};
use datalinks_tests::{
    events::{EventServer, Serving},
    fault_proxy::{Fault, FaultProxy},
};

use crate::{dl, impatiently, proxy, reconnect, resume};

/// One faulty network for many schedules, because making a client takes longer than most schedules.
struct Network {
    proxy: FaultProxy,
    schedule: Arc<Mutex<Schedule>>,
}

#[derive(Default)]
struct Schedule {
    seed: u64,
    /// Approximate length of the response in bytes.
    length: usize,
    upstream: String,
    /// Number of connections since the start of the schedule.
    connections: usize,
}

impl Network {
    async fn start() -> Self {
        let schedule = Arc::<Mutex<Schedule>>::default();
        let plan = Arc::clone(&schedule);
        let proxy = FaultProxy::start(move || {
            let mut plan = plan.lock().unwrap();
            plan.connections += 1;
            (plan.upstream.clone(), fault(plan.seed, plan.connections - 1, plan.length))
        });
        Self { proxy: proxy.await, schedule }
    }

    fn origin(&self) -> &str {
        self.proxy.origin()
    }

    /// Starts the schedule of a seed.
    fn begin(&self, seed: u64, server: &EventServer, length: usize) {
        let upstream = server.address().to_owned();
        *self.schedule.lock().unwrap() = Schedule { seed, length, upstream, connections: 0 };
    }

    fn connections(&self) -> usize {
        self.schedule.lock().unwrap().connections
    }
}

/// Returns a number below `bound` that is a function of a seed (splitmix64).
fn draw(seed: u64, bound: usize) -> usize {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
}

/// Returns the fault of a connection in the schedule of a seed. The first connections are cut within `length`
/// bytes.
fn fault(seed: u64, connection: usize, length: usize) -> Fault {
    let seed = seed * 1_000 + connection as u64 * 10;
    let cuts = draw(seed / 1_000, 4);
    Fault {
        cut_after: (connection < cuts).then(|| draw(seed + 1, length)),
        reset: draw(seed + 2, 2) == 0,
        trickle: if draw(seed + 3, 4) == 0 { draw(seed + 4, 400) } else { 0 },
        piece: 1 + draw(seed + 5, 5_000),
    }
}

/// A delay that exceeds the limit of every client.
const DAY: Duration = Duration::from_secs(86_400);

fn serving(seed: u64, events: usize) -> Serving {
    let close_delimited = draw(seed + 7, 2) == 0;
    // Requests to follow or resume a run may be rejected, with a delay of a moment or of a day.
    if draw(seed + 9, 8) == 0 {
        // A client that follows a run later has no remembered line by which it could recognize a replay.
        let wait = ("retry-after", "86400");
        return Serving { events, close_delimited, replays: false, refusals: 1, wait };
    }
    let (refusals, wait) = (draw(seed + 10, 3), ("retry-after-ms", "1"));
    Serving { events, close_delimited, replays: draw(seed + 8, 4) == 0, refusals, wait }
}

/// Returns `true` if a stream ended because of a delay of a day.
fn is_delayed(error: &Error) -> bool {
    error.kind() == ErrorKind::Server && error.retry_after() == Some(DAY)
}

/// Returns the yielded steps, and the end of the stream.
async fn read_answer(mut stream: AskStream) -> (Vec<i64>, Option<Error>, usize) {
    let (mut steps, mut restarts, mut answered) = (Vec::new(), 0, false);
    while let Some(event) = impatiently(&mut stream).await {
        assert!(!answered, "an event followed the answer");
        match event {
            Ok(AskEvent::Step(step)) => steps.push(step.index),
            Ok(AskEvent::Answer(answer)) => answered = answer.response == "done",
            Ok(AskEvent::RunStarted(_)) => assert!(steps.is_empty()),
            Ok(AskEvent::Restarted) => restarts += 1,
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an event followed an error");
                return (steps, Some(error), restarts);
            }
        }
    }
    assert!(answered, "the stream ended without an answer or an error");
    (steps, None, restarts)
}

const BROKEN: [ErrorKind; 2] = [ErrorKind::Interrupted, ErrorKind::PrematureEnd];

async fn ask(network: &Network, namespace: &Namespace, seed: u64, events: usize) {
    let server = EventServer::start(serving(seed, events)).await;
    network.begin(seed, &server, events * 100 + 300);
    let (steps, end) = match namespace.ask("why?").stream().await {
        Ok(stream) => {
            let (steps, end, restarts) = read_answer(stream).await;
            assert_eq!(restarts, 0, "seed {seed}");
            (steps, end)
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    assert!(steps.iter().copied().eq(0..steps.len() as i64), "seed {seed}: {steps:?}");
    match end {
        None => assert_eq!(steps.len(), events, "seed {seed}"),
        Some(error) => assert!(BROKEN.contains(&error.kind()), "seed {seed}: {error}"),
    }
    assert_eq!(network.connections(), 1, "seed {seed}: a question is sent once");
}

async fn ask_and_resume(network: &Network, namespace: &Namespace, seed: u64, events: usize) {
    let server = EventServer::start(serving(seed, events)).await;
    network.begin(seed, &server, events * 100 + 300);
    // A question cannot be resumed before its run is known.
    let (steps, end) = match namespace.ask("why?").resume(resume()).stream().await {
        Ok(stream) => {
            let (steps, end, _) = read_answer(stream).await;
            (steps, end)
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    assert!(steps.iter().copied().eq(0..steps.len() as i64), "seed {seed}: {steps:?}");
    match end {
        None => assert_eq!(steps.len(), events, "seed {seed}"),
        // The stream ends immediately, after the received events.
        Some(error) if is_delayed(&error) => {}
        Some(error) => {
            assert!(
                steps.is_empty() && BROKEN.contains(&error.kind()),
                "seed {seed}: {error} after {steps:?}"
            )
        }
    }
}

/// Collects the events of a run. Returns the cursor if the run ended with a delay.
async fn read_run(mut run: PipelineRun, numbers: &mut Vec<u64>) -> Option<u64> {
    while let Some(event) = impatiently(&mut run).await {
        match event {
            Ok(PipelineEvent::Other(object)) => numbers.push(object["n"].as_u64().unwrap()),
            Ok(PipelineEvent::Complete(_)) => assert_eq!(run.cursor(), numbers.len() as u64 + 1),
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(is_delayed(&error), "{error}");
                assert!(run.next().await.is_none(), "an event followed an error");
                return Some(run.cursor());
            }
        }
    }
    None
}

async fn pipeline(network: &Network, proxy: &IngestProxy, seed: u64, events: usize) {
    let server = EventServer::start(serving(seed, events)).await;
    network.begin(seed, &server, events * 40 + 300);
    let (mut numbers, mut cursor) = (Vec::new(), Some(0));
    for _ in 0..2 {
        let Some(from) = cursor else { break };
        let run = proxy.follow("run", from).unwrap().reconnect(reconnect());
        cursor = read_run(run, &mut numbers).await;
    }
    assert_eq!(cursor, None, "seed {seed}: delayed twice");
    assert!(numbers.iter().copied().eq(0..events as u64), "seed {seed}: {numbers:?}");
}

fn few(seed: u64) -> usize {
    1 + draw(seed, 60)
}

#[tokio::test]
async fn random_faults_of_an_answer_end_in_an_answer_or_an_error() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    for seed in 0..1_000 {
        ask(&network, &namespace, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn random_faults_of_a_resumed_answer_yield_each_step_once() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    for seed in 0..1_000 {
        ask_and_resume(&network, &namespace, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn random_faults_of_a_run_yield_each_event_once() {
    let network = Network::start().await;
    let proxy = proxy(network.origin());
    for seed in 0..1_000 {
        pipeline(&network, &proxy, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn ten_thousand_events_are_yielded_in_order() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    let proxy = proxy(network.origin());
    for seed in 0..6 {
        ask(&network, &namespace, seed, 10_000).await;
        ask_and_resume(&network, &namespace, seed, 10_000).await;
        pipeline(&network, &proxy, seed, 10_000).await;
    }
}
