//! A program without async: `cargo run -p datalinks --features blocking --example blocking`.

use std::thread;

use datalinks::{AskEvent, blocking::DataLinks, field};
use datalinks_emulator::Emulator;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Film {
    title: String,
    year: u16,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().start_blocking()?;
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;

    let films = dl.dataset("cinema", "films")?;
    films.create().run()?;

    // Rows are taken from the iterator when they are sent.
    let rows = [("Alien", 1979), ("Parasite", 2019), ("Arrival", 2016)].into_iter();
    let rows = rows.map(|(title, year)| Film { title: title.to_owned(), year });
    let mut batches = films.ingest_iter(rows).batch_size(2).batches()?;
    for batch in batches.by_ref() {
        println!("a batch of {} rows", batch?.successful.len());
    }
    println!("{}", batches.finish()?);

    // Handles are cloned into threads, which call at the same time.
    let decades = [1970, 2010].map(|decade| {
        let films = films.clone();
        let filter = field("year").ge(decade).and(field("year").lt(decade + 10));
        (decade, thread::spawn(move || films.query().filter(filter).fetch::<Film>()))
    });
    for (decade, thread) in decades {
        let films = thread.join().map_err(|_| "a thread panicked")??;
        println!("{decade}s: {films:?}");
    }

    for event in films.namespace().ask("When was Alien released?").stream()? {
        match event? {
            AskEvent::Answer(answer) => println!("{}", answer.response),
            event => println!("({})", event.name()),
        }
    }
    Ok(())
}
