//! Determinism: the same seed, clock and calls give the same responses, byte by byte.

use datalinks_emulator::Emulator;
use datalinks_tests::recordings::{self, Exchange};
use datalinks_tests::world::{self, Answer, World, key};
use reqwest::Client;

/// Returns the emulator's response to a call, and the number of requests before it. The address of the
/// emulator, which has a random port, is replaced by `HERE`, and the content length is removed with it.
async fn answered(http: &Client, seed: u64, exchange: &Exchange) -> (Answer, usize) {
    let world = World::start_with(http, Emulator::builder().seed(seed)).await;
    let ready = world.ready(exchange).await;
    let mut answer = world.send(&ready, Some(&key("ana"))).await;
    answer.body = answer.body.replace(&world.emulator.address().to_string(), "HERE");
    answer.headers.retain(|(name, _)| name != "content-length");
    (answer, world.emulator.requests().len())
}

#[tokio::test]
async fn same_calls_with_same_seed_give_same_responses() {
    let http = world::client();
    // Tests of the emulator report operations without a handler.
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
                // While the test waited for the end of an ingestion, one emulator got more requests.
                one.headers.retain(|(name, _)| name != "x-request-id");
                two.headers.retain(|(name, _)| name != "x-request-id");
            }
            assert_eq!((one.status, &one.headers, &one.body), (two.status, &two.headers, &two.body), "{id}");
            assert_eq!(one.header("date"), "Tue, 04 Feb 2025 00:00:00 GMT", "{id}");
            let (three, _) = answered(&http, 8, exchange).await;
            other += usize::from(three.body != one.body);
        }
    }
    // Responses with ids depend on the seed.
    assert!(other > 20, "{other}");
}
