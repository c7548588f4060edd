//! The included tables as typed rows.

#![allow(clippy::disallowed_macros, reason = "the derive of `JsonSchema` expands to it")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::failure::Result;

/// A feature film.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub(crate) struct Film {
    /// Title under which the film is best known in English.
    pub(crate) title: String,
    /// Year of the first release.
    pub(crate) year: u16,
    /// Full name of the director.
    pub(crate) director: String,
    /// Country of production.
    pub(crate) country: String,
    /// Running time in minutes.
    pub(crate) runtime_minutes: u16,
    /// Main genre, one word.
    pub(crate) genre: String,
}

/// A person who worked on a film.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub(crate) struct Person {
    /// Full name.
    pub(crate) name: String,
    /// Year of birth.
    pub(crate) born: u16,
    /// Country of birth.
    pub(crate) country: String,
    /// Main profession.
    pub(crate) profession: String,
    /// Title of a film they worked on.
    pub(crate) known_for: String,
}

/// Returns the included films.
pub(crate) fn films() -> Result<Vec<Film>> {
    read(include_str!("../../data/films.csv"))
}

/// Returns the included people.
pub(crate) fn people() -> Result<Vec<Person>> {
    read(include_str!("../../data/people.csv"))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    Ok(csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect::<std::result::Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn included_tables_are_large_and_refer_to_each_other() {
        let (films, people) = (super::films().unwrap(), super::people().unwrap());
        assert!(films.len() >= 60 && people.len() >= 100, "{} films, {} people", films.len(), people.len());
        let titles: HashSet<_> = films.iter().map(|film| &film.title).collect();
        let names: HashSet<_> = people.iter().map(|person| &person.name).collect();
        assert_eq!((titles.len(), names.len()), (films.len(), people.len()));
        assert!(films.iter().all(|film| names.contains(&film.director)));
        assert!(people.iter().all(|person| titles.contains(&person.known_for)));
    }
}
