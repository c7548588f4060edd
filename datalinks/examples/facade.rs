//! The façade against the embedded emulator: `cargo run -p datalinks --features schemars --example facade`.

#![allow(clippy::disallowed_macros, reason = "the derive of `JsonSchema` expands to it")]

use datalinks::{AskEvent, DataLinks, SchemaDefinition, field};
use datalinks_emulator::Emulator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
struct Film {
    /// Title as released.
    title: String,
    /// Year of release.
    year: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;

    let films = dl.dataset("cinema", "films")?;
    films.create().schema(SchemaDefinition::of::<Film>()).await?;

    let rows = [("Alien", 1979), ("Parasite", 2019), ("Arrival", 2016)];
    let rows = rows.map(|(title, year)| Film { title: title.to_owned(), year });
    let result = films.ingest(rows).batch_size(2).await?;
    println!("{result}");

    let recent: Vec<Film> = films.query().filter(field("year").ge(2012)).fetch().await?;
    println!("since 2012: {recent:?}");

    let mut events = films.namespace().ask("When was Alien released?").stream().await?;
    while let Some(event) = events.next().await {
        match event? {
            AskEvent::Answer(answer) => println!("{}", answer.response),
            event => println!("({})", event.name()),
        }
    }
    Ok(())
}
