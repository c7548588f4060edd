//! The program of `main.rs` without an account: `cargo run --example local`. It ingests, queries and asks.

use datalinks::DataLinks;
use datalinks_emulator::Emulator;
use own_tests::{Film, ask, since, store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    let stored = store(&dl, vec![Film::new("Alien", 1979), Film::new("Parasite", 2019)]).await?;
    println!("stored {} films", stored.stored);
    for film in since(&dl, 2012).await? {
        println!("{} ({})", film.title, film.year);
    }
    println!("{}", ask(&dl, "Which film is the oldest?").await?);
    Ok(())
}
