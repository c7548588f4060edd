//! The same seed, the same clock and the same calls give the same answers, byte by byte.

use datalinks_emulator::Emulator;
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Answer, World, key};
use reqwest::Client;

/// What the emulator answers to a call, and how many requests it has seen by then. Its own address, whose port is any
/// free one, is written as `HERE`, and the length that goes with it is left out.
async fn answered(http: &Client, seed: u64, exchange: &Exchange) -> (Answer, usize) {
    let world = World::start_with(http, Emulator::builder().seed(seed)).await;
    let ready = world.ready(exchange).await;
    let mut answer = world.send(&ready, Some(&key("ana"))).await;
    answer.body = answer.body.replace(&world.emulator.address().to_string(), "HERE");
    answer.headers.retain(|(name, _)| name != "content-length");
    (answer, world.emulator.requests().len())
}

#[tokio::test]
async fn the_same_calls_are_answered_alike() {
    let http = world::client();
    // What has no handler is reported by the tests of the emulator.
    let any = World::start(&http).await;
    let mut other = 0;
    for recording in recordings::all() {
        for exchange in &recording.exchanges {
            let id = exchange.operation_id.as_str();
            if !any.answers(id) {
                continue;
            }
            let ((mut one, requests), (mut two, again)) =
                tokio::join!(answered(&http, 7, exchange), answered(&http, 7, exchange));
            if requests != again {
                // The end of an ingestion was waited for, so one emulator was asked more often.
                one.headers.retain(|(name, _)| name != "x-request-id");
                two.headers.retain(|(name, _)| name != "x-request-id");
            }
            assert_eq!((one.status, &one.headers, &one.body), (two.status, &two.headers, &two.body), "{id}");
            assert_eq!(one.header("date"), "Tue, 04 Feb 2025 00:00:00 GMT", "{id}");
            let (three, _) = answered(&http, 8, exchange).await;
            other += usize::from(three.body != one.body);
        }
    }
    // Where there are ids, another seed shows.
    assert!(other > 20, "{other}");
}
