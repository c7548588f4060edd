//! Films in a dataset: what a program does with a client, apart from `main`, so that tests can call it.

use datalinks::{DataLinks, Error, field};
use serde::{Deserialize, Serialize};

/// A row of the dataset.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Film {
    pub title: String,
    pub year: u16,
}

impl Film {
    pub fn new(title: &str, year: u16) -> Self {
        Self { title: title.to_owned(), year }
    }
}

/// What became of stored films.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub stored: usize,
    /// Rows of which the service may have two copies, because a response was lost.
    pub possibly_duplicated: usize,
}

/// Stores films, and creates the dataset if it does not exist.
pub async fn store(dl: &DataLinks, films: Vec<Film>) -> Result<Stored, Error> {
    let dataset = dl.dataset("cinema", "films")?;
    dataset.create().await?;
    let result = dataset.ingest(films).await?;
    result.check()?;
    let possibly_duplicated = result.possibly_duplicated.iter().map(ExactSizeIterator::len).sum();
    Ok(Stored { stored: result.successful.len(), possibly_duplicated })
}

/// Returns the films since a year, the newest first.
pub async fn since(dl: &DataLinks, year: u16) -> Result<Vec<Film>, Error> {
    let films = dl.dataset("cinema", "films")?;
    films.query().filter(field("year").ge(year)).sort_descending("year").fetch().await
}

/// The whole program: stores films, finds those since 2012 and asks a question. Returns what it prints.
pub async fn run(dl: &DataLinks) -> Result<String, Error> {
    let stored = store(dl, vec![Film::new("Alien", 1979), Film::new("Parasite", 2019)]).await?;
    let mut text = format!("stored {} films\n", stored.stored);
    for film in since(dl, 2012).await? {
        text += &format!("{} ({})\n", film.title, film.year);
    }
    Ok(text + &ask(dl, "Which film is the oldest?").await?)
}

/// Asks a question about the films.
pub async fn ask(dl: &DataLinks, question: &str) -> Result<String, Error> {
    let answer = dl.namespace("cinema")?.ask(question).await?;
    Ok(answer.response)
}
