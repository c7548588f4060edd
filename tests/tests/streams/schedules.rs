//! Seeded schedules of faults.

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

/// One faulty network for many schedules: making a client costs more than most of them.
struct Network {
    proxy: FaultProxy,
    schedule: Arc<Mutex<Schedule>>,
}

#[derive(Default)]
struct Schedule {
    seed: u64,
    /// Bytes of the answer, about.
    length: usize,
    upstream: String,
    /// Connections since the schedule began.
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

    /// Begins the schedule of a seed.
    fn begin(&self, seed: u64, server: &EventServer, length: usize) {
        let upstream = server.address().to_owned();
        *self.schedule.lock().unwrap() = Schedule { seed, length, upstream, connections: 0 };
    }

    fn connections(&self) -> usize {
        self.schedule.lock().unwrap().connections
    }
}

/// A number below `bound` that follows from a seed: splitmix64.
fn draw(seed: u64, bound: usize) -> usize {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
}

/// What the schedule of a seed does to a connection: the first ones are cut somewhere in `length` bytes.
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

/// A wait that no client keeps.
const DAY: Duration = Duration::from_secs(86_400);

fn serving(seed: u64, events: usize) -> Serving {
    let close_delimited = draw(seed + 7, 2) == 0;
    // Requests to follow or resume a run may be refused, for a moment or for a day.
    if draw(seed + 9, 8) == 0 {
        // Whoever follows a run later remembers no line by which a replay could be recognized.
        let wait = ("retry-after", "86400");
        return Serving { events, close_delimited, replays: false, refusals: 1, wait };
    }
    let (refusals, wait) = (draw(seed + 10, 3), ("retry-after-ms", "1"));
    Serving { events, close_delimited, replays: draw(seed + 8, 4) == 0, refusals, wait }
}

/// Whether a stream ended because it was asked to wait for a day.
fn is_put_off(error: &Error) -> bool {
    error.kind() == ErrorKind::Server && error.retry_after() == Some(DAY)
}

/// The steps that were handed out, and how the stream ended.
async fn read_answer(mut stream: AskStream) -> (Vec<i64>, Option<Error>, usize) {
    let (mut steps, mut restarts, mut answered) = (Vec::new(), 0, false);
    while let Some(event) = impatiently(&mut stream).await {
        assert!(!answered, "something after the answer");
        match event {
            Ok(AskEvent::Step(step)) => steps.push(step.index),
            Ok(AskEvent::Answer(answer)) => answered = answer.response == "done",
            Ok(AskEvent::RunStarted(_)) => assert!(steps.is_empty()),
            Ok(AskEvent::Restarted) => restarts += 1,
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(stream.next().await.is_none(), "something after an error");
                return (steps, Some(error), restarts);
            }
        }
    }
    assert!(answered, "the stream ended without a word");
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
    assert_eq!(network.connections(), 1, "seed {seed}: a question is asked once");
}

async fn ask_and_resume(network: &Network, namespace: &Namespace, seed: u64, events: usize) {
    let server = EventServer::start(serving(seed, events)).await;
    network.begin(seed, &server, events * 100 + 300);
    // A question whose run is not known yet cannot be resumed.
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
        // It ends at once, with what came before.
        Some(error) if is_put_off(&error) => {}
        Some(error) => {
            assert!(
                steps.is_empty() && BROKEN.contains(&error.kind()),
                "seed {seed}: {error} after {steps:?}"
            )
        }
    }
}

/// Adds the events of a run. Returns the cursor if the run was put off.
async fn read_run(mut run: PipelineRun, numbers: &mut Vec<u64>) -> Option<u64> {
    while let Some(event) = impatiently(&mut run).await {
        match event {
            Ok(PipelineEvent::Other(object)) => numbers.push(object["n"].as_u64().unwrap()),
            Ok(PipelineEvent::Complete(_)) => assert_eq!(run.cursor(), numbers.len() as u64 + 1),
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert!(is_put_off(&error), "{error}");
                assert!(run.next().await.is_none(), "something after an error");
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
    assert_eq!(cursor, None, "seed {seed}: put off twice");
    assert!(numbers.iter().copied().eq(0..events as u64), "seed {seed}: {numbers:?}");
}

fn few(seed: u64) -> usize {
    1 + draw(seed, 60)
}

#[tokio::test]
async fn a_thousand_schedules_of_an_answer() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    for seed in 0..1_000 {
        ask(&network, &namespace, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn a_thousand_schedules_of_an_answer_that_is_resumed() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    for seed in 0..1_000 {
        ask_and_resume(&network, &namespace, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn a_thousand_schedules_of_a_run() {
    let network = Network::start().await;
    let proxy = proxy(network.origin());
    for seed in 0..1_000 {
        pipeline(&network, &proxy, seed, few(seed)).await;
    }
}

#[tokio::test]
async fn ten_thousand_events() {
    let network = Network::start().await;
    let namespace = dl(network.origin()).namespace("plants").unwrap();
    let proxy = proxy(network.origin());
    for seed in 0..6 {
        ask(&network, &namespace, seed, 10_000).await;
        ask_and_resume(&network, &namespace, seed, 10_000).await;
        pipeline(&network, &proxy, seed, 10_000).await;
    }
}
