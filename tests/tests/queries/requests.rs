//! The bodies of query requests, with a scripted server.

use datalinks::{
    DataLinks, ErrorKind, RetryPolicy, field,
    query::{QueryBuilder, QueryText},
};
use datalinks_tests::server::{Reply, Server};
use serde_json::{Value, json};

fn client(server: &Server) -> DataLinks {
    DataLinks::builder(format!("{}/api/v1", server.origin()), "k")
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// Sends the query and returns the body of its only request.
async fn body(server: &Server, query: QueryBuilder) -> Value {
    server.expect([Reply::json(200, json!({ "data": [{ "a": 1 }], "metadata": {} }))]);
    assert_eq!(query.fetch::<Value>().await.unwrap(), [json!({ "a": 1 })]);
    let [request] = server.seen().try_into().unwrap();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/api/v1/query"));
    request.json.unwrap()
}

#[tokio::test]
async fn query_from_a_dataset_sends_its_name_and_the_calls_in_order() {
    let server = Server::start().await;
    let films = client(&server).dataset("cinema", "films").unwrap();
    assert_eq!(
        body(&server, films.query()).await,
        json!({
            "username": "self",
            "namespace": "cinema",
            "dataset": "films",
            "query": r#"Ontology("cinema/films")"#,
        })
    );
    let query = films
        .query()
        .filter(field("year").ge(1950))
        .sort_descending("year")
        .sort_ascending("title")
        .limit(5)
        .search_around_within("people", 2)
        .follow(["director", "producer"])
        .search_around("films")
        .call("limit(2)");
    let text = query.text().unwrap();
    assert_eq!(
        text,
        [
            r#"Ontology("cinema/films").filter("year" >= 1950).sortDescending("year").sortAscending("title").limit(5)"#,
            r#".searchAround(2).find("people").follow("director", "producer").searchAround().find("films").limit(2)"#,
        ]
        .concat()
    );
    assert_eq!(
        body(&server, query.explain()).await,
        json!({
            "username": "self",
            "namespace": "cinema",
            "dataset": "films",
            "query": text,
            "explainRequested": true,
        })
    );
}

#[tokio::test]
async fn query_from_a_namespace_sends_no_dataset() {
    let server = Server::start().await;
    let cinema = client(&server).namespace("cinema").unwrap();
    let text = QueryText::dataset("cinema", "films").limit(3);
    assert_eq!(
        body(&server, cinema.query().query_text(text).sort_ascending("year")).await,
        json!({
            "username": "self",
            "namespace": "cinema",
            "query": r#"Ontology("cinema/films").limit(3).sortAscending("year")"#,
        })
    );
    let raw = QueryText::raw("Ontology(films)");
    assert_eq!(
        body(&server, cinema.with_owner("bo").unwrap().query().query_text(raw)).await,
        json!({ "username": "bo", "namespace": "cinema", "query": "Ontology(films)" })
    );
}

#[tokio::test]
async fn question_is_sent_without_a_query_from_datasets_and_namespaces() {
    let server = Server::start().await;
    let cinema = client(&server).namespace("cinema").unwrap();
    let question = "Which film is the oldest?";
    let asked = cinema.query().natural_language(question).model(("m1", "openai"));
    assert_eq!(asked.text().unwrap(), question);
    assert_eq!(
        body(&server, asked).await,
        json!({
            "username": "self",
            "namespace": "cinema",
            "naturalLanguageQuery": question,
            "model": "m1",
            "provider": "openai",
        })
    );
    let films = cinema.dataset("films").unwrap();
    let asked = films.query().limit(0).natural_language(question);
    assert_eq!(
        body(&server, asked.clone()).await,
        json!({
            "username": "self",
            "namespace": "cinema",
            "dataset": "films",
            "naturalLanguageQuery": question,
        })
    );
    // A later call replaces the question.
    assert_eq!(body(&server, asked.limit(2)).await["query"], r#"Ontology("cinema/films").limit(2)"#);
}

#[tokio::test]
async fn invalid_queries_are_rejected_before_sending() {
    // No request is scripted, so a request would fail the test.
    let server = Server::start().await;
    let cinema = client(&server).namespace("cinema").unwrap();
    let films = cinema.dataset("films").unwrap();
    for (query, item) in [
        (cinema.query(), "QueryBuilder::natural_language"),
        (cinema.query().limit(3), "Dataset::query"),
        (cinema.query().natural_language("all films").limit(3), "QueryBuilder::query_text"),
        (films.query().limit(0), "limit"),
        (films.query().search_around_within("people", 0), "search_around"),
        (films.query().sort_ascending("year").follow(["director"]), "search_around"),
        (films.query().search_around("people").follow([""; 0]), "follow"),
        (films.query().filter(field("title").eq("a\\b")), "Filter::raw"),
    ] {
        assert!(query.text().is_err());
        let error = query.fetch::<Value>().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains(item), "{error}");
    }
    assert!(server.seen().is_empty());
}
