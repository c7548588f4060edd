//! The blocking client: whole flows against the emulator, threads and runtimes, and its surface beside the async one.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod flows;
mod runtimes;
mod surface;

use std::time::Duration;

use datalinks::{
    RetryPolicy,
    blocking::{DataLinks, IngestProxy},
};
use datalinks_emulator::Emulator;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Film {
    title: String,
    year: u16,
    director: String,
}

fn films() -> Vec<Film> {
    let film =
        |title: &str, year, director: &str| Film { title: title.into(), year, director: director.into() };
    vec![
        film("Alien", 1979, "Ridley Scott"),
        film("1917", 2019, "Sam Mendes"),
        film("The Martian", 2015, "Ridley Scott"),
    ]
}

/// Starts an emulator, which runs on a thread of its own.
fn emulator() -> Emulator {
    Emulator::builder().start_blocking().unwrap()
}

fn client(emulator: &Emulator) -> DataLinks {
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(policy).build().unwrap()
}

fn proxy(emulator: &Emulator) -> IngestProxy {
    let builder = IngestProxy::builder(emulator.proxy_url(), emulator.api_key());
    builder.username(emulator.username()).build().unwrap()
}
