//! The allocations of a small call, and of an event of an answer.
//!
//! The test is a separate program, because its counter replaces the global allocator. The counter counts the allocations of
//! the current thread, so the runtime has one thread, and the server runs on another.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread,
};

use allocation_counter::measure;
use datalinks::{
    AskEvent, DataLinks,
    ask::AskStep,
    testing::{Reply, Script},
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// Allocations that a small call may make beyond those of `reqwest`.
const CALL: u64 = 33;

const USER: &str = r#"{"id":"u-1","username":"ada","name":"Ada Lovelace","email":"ada@example.com"}"#;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Starts a server that answers every request with a user, and returns its address. The thread ends with its connections.
fn server() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{USER}",
        USER.len()
    );
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, response) = (connection.unwrap(), response.clone());
            thread::spawn(move || {
                let lines = BufReader::new(connection.try_clone().unwrap()).lines();
                // The requests have no body, so an empty line ends each of them.
                for _ in lines.map_while(Result::ok).filter(String::is_empty) {
                    connection.write_all(response.as_bytes()).unwrap();
                }
            });
        }
    });
    origin
}

/// Returns the median of the allocations of a call, after a few calls as a warm-up.
fn per_call(runtime: &Runtime, call: impl AsyncFn()) -> u64 {
    for _ in 0..8 {
        runtime.block_on(call());
    }
    let mut counts = [0; 33].map(|_: u64| measure(|| runtime.block_on(call())).count_total);
    counts.sort_unstable();
    counts[counts.len() / 2]
}

#[test]
fn small_call_allocates_little_more_than_reqwest() {
    let (runtime, origin) = (runtime(), server());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{origin}/api/v1/user/me");
    let plain = per_call(&runtime, async || {
        let response = http.get(&url).bearer_auth("key").send().await.unwrap();
        let user: Value = response.error_for_status().unwrap().json().await.unwrap();
        assert_eq!(user["username"], "ada");
    });
    let dl = DataLinks::builder(format!("{origin}/api/v1"), "key").build().unwrap();
    let ours = per_call(&runtime, async || {
        assert_eq!(dl.current_user().await.unwrap().username, "ada");
    });
    assert!(plain > 10, "{plain}");
    assert!(ours <= plain + CALL, "a call allocates {ours} times, and reqwest alone {plain} times");
}

/// Returns the data of a step.
fn step(index: usize) -> String {
    format!(
        r#"{{"index":{index},"instruction":"find","query":"q","reasoning":"r","data":[{{"title":"Alien"}}]}}"#
    )
}

/// Returns the allocations of a stream of so many steps.
fn stream(runtime: &Runtime, steps: usize) -> u64 {
    let text: String = (0..steps).map(|index| format!("event: step\ndata: {}\n\n", step(index))).collect();
    let answer = "event: answer\ndata: {\"response\":\"Alien.\"}\n\n";
    let script = Script::new().reply(Reply::event_stream([text + answer]));
    let films = script.client().namespace("cinema").unwrap();
    let mut found = 0;
    let counted = measure(|| {
        runtime.block_on(async {
            let mut stream = films.ask("Which film is the oldest?").stream().await.unwrap();
            while let Some(event) = stream.next().await {
                found += usize::from(matches!(event.unwrap(), AskEvent::Step(_)));
            }
        });
    });
    assert_eq!(found, steps);
    counted.count_total
}

#[test]
fn event_of_an_answer_allocates_what_its_payload_needs() {
    let runtime = runtime();
    let (few, many) = (stream(&runtime, 100), stream(&runtime, 1_100));
    let text = step(0);
    let payload = measure(|| drop(serde_json::from_str::<AskStep>(&text).unwrap())).count_total;
    assert!(payload > 3, "{payload}");
    assert_eq!(many - few, 1_000 * payload);
}
