//! Clients that take over a run from each other. The later resume wins, and the earlier stream ends without a
//! last event at the next checkpoint of the run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use datalinks::{AskStream, Error, ErrorKind};
use datalinks_tests::server::{Server, read};
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};

use crate::{
    dl,
    ends::{ANSWER, RUN, sse},
    impatiently, resume,
};

fn step(index: usize) -> String {
    let data = format!(r#"{{"index":{index},"instruction":"i","query":"q","reasoning":"r","data":[]}}"#);
    format!("event: step\ndata: {data}\n\n")
}

/// Reads to the end. Returns the events, and the error that ended the stream.
async fn drain(mut stream: AskStream) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    while let Some(event) = impatiently(&mut stream).await {
        match event {
            Ok(event) => names.push(event.name().to_owned()),
            Err(error) => return (names, Some(error)),
        }
    }
    (names, None)
}

async fn ask(origin: &str) -> AskStream {
    dl(origin).namespace("plants").unwrap().ask("why?").resume(resume()).stream().await.unwrap()
}

/// `run-started`, repeated events and unknown events do not count as progress, however often they arrive.
#[tokio::test]
async fn two_clients_that_get_repeated_events_both_stop() {
    let server = Server::start().await;
    server.always(sse(format!("{RUN}event: planningStarted\ndata: {{}}\n\nevent: later\ndata: 1\n\n")));
    let (one, other) = (ask(server.origin()).await, ask(server.origin()).await);
    let ends = futures::future::join(drain(one), drain(other)).await;
    for (names, error) in [ends.0, ends.1] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::PrematureEnd);
        assert!(error.to_string().contains("5 attempts to resume the run delivered no new event"), "{error}");
        let known = names.iter().filter(|name| !["later", "restarted"].contains(&name.as_str()));
        assert_eq!(known.count(), 2, "{names:?}");
    }
    assert_eq!(server.seen().len(), 2 * (1 + 5));
}

/// The limit applies to consecutive attempts. Each new event resets it, and nothing else does.
#[tokio::test]
async fn progress_resets_the_number_of_resume_attempts() {
    let server = Server::start().await;
    let nothing = || sse(format!("{RUN}{}", step(0)));
    let progress = |index| sse(format!("{RUN}{}{}", step(0), step(index)));
    server.expect([nothing()]);
    for index in 1..4 {
        server.expect((0..4).map(|_| nothing()).chain([progress(index)]));
    }
    server.expect((0..5).map(|_| nothing()));
    let (names, error) = drain(ask(server.origin()).await).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::PrematureEnd);
    assert_eq!(names.iter().filter(|name| *name == "step").count(), 4, "{names:?}");
    server.seen();
}

/// A service with one run of several steps and a checkpoint after each.
struct Service {
    origin: String,
    run: Arc<Run>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Run {
    steps: usize,
    /// Number of steps before the last checkpoint.
    done: AtomicUsize,
    /// Number of streams so far. The latest stream drives the run.
    streams: AtomicUsize,
}

impl Service {
    async fn start(steps: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let run = Arc::new(Run { steps, ..Run::default() });
        let shared = Arc::clone(&run);
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // The task ends with its only request.
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { origin, run, accepting }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(connection: TcpStream, run: Arc<Run>) -> Option<()> {
    let mut connection = BufReader::new(connection);
    read(&mut connection).await?;
    let stream = run.streams.fetch_add(1, SeqCst) + 1;
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";
    let mut connection = connection.into_inner();
    connection.write_all(format!("{head}{RUN}").as_bytes()).await.ok()?;
    for index in run.done.load(SeqCst)..run.steps {
        // Time for the other client to resume.
        for _ in 0..200 {
            yield_now().await;
        }
        connection.write_all(step(index).as_bytes()).await.ok()?;
        run.done.fetch_max(index + 1, SeqCst);
        if run.streams.load(SeqCst) != stream {
            return connection.shutdown().await.ok();
        }
    }
    connection.write_all(ANSWER.as_bytes()).await.ok()?;
    connection.shutdown().await.ok()
}

/// Each stream ends because the other client took over the run, and resumes it. The run advances nevertheless,
/// and the number of resumes is bounded.
#[tokio::test]
async fn competing_resumes_are_bounded_by_the_events_of_the_run() {
    const STEPS: usize = 20;
    let service = Service::start(STEPS).await;
    let (one, other) = (ask(&service.origin).await, ask(&service.origin).await);
    let ends = futures::future::join(drain(one), drain(other)).await;
    for (names, error) in [&ends.0, &ends.1] {
        assert!(names.iter().filter(|name| *name == "step").count() <= STEPS);
        match error {
            None => assert_eq!(names.last().unwrap(), "answer"),
            Some(error) => assert_eq!(error.kind(), ErrorKind::PrematureEnd),
        }
    }
    assert!(ends.0.1.is_none() || ends.1.1.is_none(), "at least one client gets the answer");
    let streams = service.run.streams.load(SeqCst);
    assert!(streams > 2, "no client took the run over");
    assert!(streams <= 2 * (1 + 5 * (STEPS + 1)), "{streams} streams");
}
