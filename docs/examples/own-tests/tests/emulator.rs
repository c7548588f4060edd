//! Tests with an emulator, which computes what the service would, and can be made to fail.

use datalinks::{DataLinks, ErrorKind};
use datalinks_emulator::{Emulator, Fault};
use own_tests::{Film, run, since, store};

/// An emulator for one test, and a client of it. The emulator ends when it is dropped.
async fn emulator() -> (Emulator, DataLinks) {
    let emulator = Emulator::start().await.unwrap();
    let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
    (emulator, client)
}

fn films() -> Vec<Film> {
    vec![Film::new("Alien", 1979), Film::new("Parasite", 2019)]
}

#[tokio::test]
async fn films_are_stored_found_and_asked_about() {
    let (_emulator, dl) = emulator().await;
    let printed = run(&dl).await.unwrap();
    let [stored, found, answer] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert_eq!((stored, found), ("stored 2 films", "Parasite (2019)"));
    assert!(answer.contains("Alien"), "{answer}");
}

#[tokio::test]
async fn busy_service_is_asked_again() {
    let (emulator, dl) = emulator().await;
    emulator.faults().inject(Fault::new("ingestData").status(503).retry_after("0").times(2)).unwrap();
    let stored = store(&dl, films()).await.unwrap();
    assert_eq!((stored.stored, stored.possibly_duplicated), (2, 0));
    let calls = emulator.requests().into_iter().filter(|request| request.operation == Some("ingestData"));
    assert_eq!(calls.count(), 3);
}

#[tokio::test]
async fn lost_response_may_repeat_rows() {
    let (emulator, dl) = emulator().await;
    emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    // The rows were stored, and nobody heard of it. They are sent again, and the program is told.
    assert_eq!(store(&dl, films()).await.unwrap().possibly_duplicated, 2);
    assert_eq!(since(&dl, 0).await.unwrap().len(), 4);
}

#[tokio::test]
async fn wrong_key_is_an_error_of_the_caller() {
    let emulator = Emulator::start().await.unwrap();
    let dl = DataLinks::builder(emulator.api_url(), "another-key").build().unwrap();
    assert_eq!(store(&dl, films()).await.unwrap_err().kind(), ErrorKind::Unauthorized);
}
