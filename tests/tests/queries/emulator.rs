//! The rows that the emulator returns for queries.

use datalinks::{
    DataLinks, ErrorKind, Namespace, RetryPolicy, field,
    query::{QueryBuilder, QueryText},
};
use datalinks_emulator::Emulator;
use serde_json::{Value, json};

/// Creates films, the people who made them, and a link for each of two columns.
async fn cinema(emulator: &Emulator) -> Namespace {
    let builder = DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(RetryPolicy::never());
    let client = builder.build().unwrap();
    let cinema = client.namespace("cinema").unwrap();
    let film = |title: &str, year: u16, minutes: u16, director: &str, writer: &str| json!({ "title": title, "year": year, "minutes": minutes, "director": director, "writer": writer });
    let person = |name: &str, born: u16| json!({ "name": name, "born": born });
    for (name, rows) in [
        (
            "films",
            vec![
                film("Alien", 1979, 117, "Scott", "O'Bannon"),
                film("Ran", 1985, 162, "Kurosawa", "Oguni"),
                film("Ikiru", 1952, 143, "Kurosawa", "Hashimoto"),
                film("The Martian", 2015, 144, "Scott", "Goddard"),
                film("Dark Star", 1974, 83, "Carpenter", "O'Bannon"),
                film("Halloween", 1978, 91, "Carpenter", "Hill"),
            ],
        ),
        (
            "people",
            vec![
                person("Scott", 1937),
                person("O'Bannon", 1946),
                person("Carpenter", 1948),
                person("Kurosawa", 1910),
                person("Oguni", 1904),
                person("Goddard", 1975),
            ],
        ),
    ] {
        let dataset = cinema.dataset(name).unwrap();
        dataset.create().await.unwrap();
        assert!(dataset.ingest(rows).await.unwrap().is_complete());
    }
    let (films, people) = (cinema.dataset("films").unwrap(), cinema.dataset("people").unwrap());
    client.add_link(films.column("director"), people.column("name")).await.unwrap();
    client.add_link(films.column("writer"), people.column("name")).await.unwrap();
    cinema
}

async fn column(query: QueryBuilder, name: &str) -> Vec<Value> {
    let rows: Vec<Value> = query.fetch().await.unwrap();
    rows.into_iter().map(|row| row[name].clone()).collect()
}

#[tokio::test]
async fn queries_sort_limit_and_follow_links() {
    let emulator = Emulator::start().await.unwrap();
    let films = cinema(&emulator).await.dataset("films").unwrap();
    let films = || films.query();

    let longest = films().filter(field("minutes").ge(100)).sort_descending("minutes").limit(2);
    assert_eq!(column(longest.clone(), "title").await, ["Ran", "The Martian"]);
    // The first sort takes precedence over later ones.
    let sorted = films().sort_ascending("director").sort_descending("year").limit(4);
    assert_eq!(column(sorted, "title").await, ["Halloween", "Dark Star", "Ran", "Ikiru"]);
    // A limit applies at its position. Before the step, it limits the rows from which the step starts.
    let made_longest = longest.clone().search_around("people");
    assert_eq!(
        column(made_longest.clone().sort_ascending("born"), "name").await,
        ["Oguni", "Kurosawa", "Scott", "Goddard"]
    );
    let one = made_longest.clone().sort_descending("born").limit(1);
    assert_eq!(column(one, "name").await, ["Goddard"]);
    let directed = made_longest.follow(["director"]).sort_ascending("born");
    assert_eq!(column(directed.clone(), "name").await, ["Kurosawa", "Scott"]);
    // And back to all films of these directors.
    let back = directed.search_around("films").sort_ascending("year");
    assert_eq!(column(back, "title").await, ["Ikiru", "Alien", "Ran", "The Martian"]);
    // Two links away are the films that share a person.
    let near = films()
        .filter(field("title").eq("Alien"))
        .search_around_within("cinema/films", 2)
        .sort_ascending("year");
    assert_eq!(column(near, "title").await, ["Dark Star", "Alien", "The Martian"]);
}

#[tokio::test]
async fn explanation_counts_the_rows_after_each_call() {
    let emulator = Emulator::start().await.unwrap();
    let films = cinema(&emulator).await.dataset("films").unwrap();
    let query = films.query().sort_descending("minutes").limit(2).search_around("people").limit(3).explain();
    let text = query.text().unwrap();
    let answer = query.answer::<Value>().await.unwrap();
    assert_eq!(answer.original_query, Some(text));
    assert_eq!(
        (answer.count, answer.starting_dataset.as_deref(), answer.final_dataset.as_deref()),
        (Some(3), Some("cinema/films"), Some("cinema/people"))
    );
    let mut counts = Vec::new();
    let mut node = answer.explain.as_ref();
    while let Some(explain) = node {
        counts.push((explain.dataset.dataset.as_str(), explain.dataset.result_count));
        node = explain.children.first();
    }
    assert_eq!(counts, [("films", 6), ("films", 6), ("films", 2), ("people", 4), ("people", 3)]);
}

#[tokio::test]
async fn namespace_runs_raw_queries_and_questions() {
    let emulator = Emulator::start().await.unwrap();
    let cinema = cinema(&emulator).await;
    let text = QueryText::dataset("cinema", "films").sort_ascending("year").limit(2);
    assert_eq!(column(cinema.query().query_text(text.clone()), "title").await, ["Ikiru", "Dark Star"]);
    assert_eq!(
        column(cinema.query().query_text(text).sort_descending("year"), "title").await,
        ["Dark Star", "Ikiru"]
    );
    let raw =
        QueryText::raw("OntologyObject(People).filter(born < 1940, name != Scott).sort(born, ASC).get()");
    assert_eq!(column(cinema.query().query_text(raw), "name").await, ["Oguni", "Kurosawa"]);

    let answer = cinema.query().natural_language("the two oldest films").answer::<Value>().await.unwrap();
    assert_eq!(answer.original_query.as_deref(), Some("the two oldest films"));
    assert!(answer.executed_query.unwrap().starts_with("Ontology("));

    let error = cinema
        .query()
        .query_text(QueryText::raw("Ontology(films).count()"))
        .fetch::<Value>()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
}
