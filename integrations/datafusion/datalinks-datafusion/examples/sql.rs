//! SQL over datasets of an emulator: `cargo run --example sql`.

use std::sync::Arc;

use datafusion::prelude::SessionContext;
use datalinks::DataLinks;
use datalinks_datafusion::{AccountCatalog, TableOptions};
use datalinks_emulator::Emulator;
use serde::Serialize;

#[derive(Serialize)]
struct Film {
    title: &'static str,
    year: u16,
    director: &'static str,
}

#[derive(Serialize)]
struct Person {
    name: &'static str,
    born: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    let films = client.dataset("cinema", "films")?;
    films.create().await?;
    let film = |title, year, director| Film { title, year, director };
    let stored = films
        .ingest([
            film("Alien", 1979, "Ridley Scott"),
            film("Gladiator", 2000, "Ridley Scott"),
            film("Parasite", 2019, "Bong Joon-ho"),
        ])
        .await?;
    println!("{} films", stored.successful.len());
    let people = client.dataset("cinema", "people")?;
    people.create().await?;
    let person = |name, born| Person { name, born };
    let stored = people.ingest([person("Ridley Scott", 1937), person("Bong Joon-ho", 1969)]).await?;
    println!("{} people", stored.successful.len());

    let context = SessionContext::new();
    let catalog = AccountCatalog::load(client, TableOptions::default()).await?;
    context.register_catalog("datalinks", Arc::new(catalog));
    for statement in [
        "SELECT title, year FROM datalinks.cinema.films WHERE year >= 2000 ORDER BY year LIMIT 10",
        "SELECT p.name, count(*) AS films, min(f.year - p.born) AS age
         FROM datalinks.cinema.films f JOIN datalinks.cinema.people p ON f.director = p.name
         GROUP BY p.name ORDER BY p.name",
        // The last line of the plan is the query that the service receives.
        "EXPLAIN SELECT title FROM datalinks.cinema.films WHERE year >= 2000 ORDER BY year LIMIT 10",
    ] {
        println!("{statement}");
        context.sql(statement).await?.show().await?;
    }
    emulator.shutdown().await;
    Ok(())
}
