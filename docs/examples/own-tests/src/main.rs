//! Stores two films, queries one and asks a question: `datalinks emulator exec -- cargo run`, or with `DL_HOST` and
//! `DL_API_KEY` of the service.

use datalinks::DataLinks;
use own_tests::{Film, ask, since, store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dl = DataLinks::from_env()?;
    let stored = store(&dl, vec![Film::new("Alien", 1979), Film::new("Parasite", 2019)]).await?;
    println!("stored {} films", stored.stored);
    for film in since(&dl, 2012).await? {
        println!("{} ({})", film.title, film.year);
    }
    println!("{}", ask(&dl, "Which film is the oldest?").await?);
    Ok(())
}
