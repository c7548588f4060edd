//! Queries and questions over HTTP.

use std::time::Duration;

use crate::support::{Result, Server, expect, sse};
use datalinks_emulator::Emulator;
use serde_json::json;

#[tokio::test]
async fn query_returns_rows_and_its_explanation() -> Result {
    let server = Server::cinema().await?;
    let text = "Ontology(FILMS).filter(year > 1990).searchAround().find('people').filter(born > 1)";
    let body = json!({ "username": "ana", "namespace": "cinema", "query": text, "explainRequested": true, "model": null });
    let answer = expect(200, server.send_json("POST", "/query", body).await?)?;
    assert_eq!(answer.label, "computed");
    let found = answer.json()?;
    assert_eq!(found["data"], json!([{ "name": "Scott", "born": 1937 }]));
    assert_eq!(
        found["metadata"],
        json!({
            "count": 1,
            "originalQuery": text,
            "executedQuery":
                "Ontology(\"cinema/films\").filter(year > 1990).searchAround().find(\"cinema/people\").filter(born > 1)",
            "startingDataset": "cinema/films",
            "finalDataset": "cinema/people",
        })
    );
    let tree = &found["explainResults"];
    let mut counts = Vec::new();
    let mut node = Some(tree);
    while let Some(stat) = node.and_then(|node| node.get("datasetQueriesStat")) {
        counts.push((stat["dataset"].clone(), stat["resultCount"].clone()));
        node = node.and_then(|node| node["children"].get(0));
    }
    let expected = [("films", 3), ("films", 2), ("people", 2), ("people", 1)];
    assert_eq!(counts, expected.map(|(dataset, count)| (json!(dataset), json!(count))));
    chrono::DateTime::parse_from_rfc3339(tree["start"].as_str().unwrap_or_default())?;
    assert!(found.get("resultType").is_none());
    Ok(())
}

#[tokio::test]
async fn rows_are_sorted_and_limited() -> Result {
    let server = Server::cinema().await?;
    let text = "Ontology(films).sort(year, DESC).limit(1)";
    let found = expect(200, server.query(text).await?)?.json()?;
    assert_eq!(found["data"], json!([{ "title": "Gladiator", "year": 2000, "director": "Scott" }]));
    assert_eq!(
        found["metadata"]["executedQuery"],
        "Ontology(\"cinema/films\").sortDescending(year).limit(1)"
    );
    Ok(())
}

#[tokio::test]
async fn missing_query_returns_the_whole_dataset() -> Result {
    let server = Server::cinema().await?;
    let ask = |body| server.send_json("POST", "/query", body);
    let all =
        ask(json!({ "username": "self", "namespace": "cinema", "dataset": "films", "query": "" })).await?;
    assert_eq!(expect(200, all)?.json()?["metadata"]["count"], 3);
    expect(404, ask(json!({ "username": "self", "namespace": "other", "dataset": "films" })).await?)?;
    let none = expect(400, ask(json!({ "username": "self", "namespace": "cinema" })).await?)?;
    assert!(none.problem()?.1.contains("no query and no dataset"));
    Ok(())
}

#[tokio::test]
async fn errors_about_invalid_queries_contain_the_reason() -> Result {
    let server = Server::cinema().await?;
    let (code, message) = expect(400, server.query("Ontology(films).filter(year = 3)").await?)?.problem()?;
    assert_eq!(code, "BAD_REQUEST");
    assert_eq!(
        message,
        "cannot read the query at character 29: expected a comparison: == != < <= > or >=; equality is written ==\n  \
         Ontology(films).filter(year = 3)\n                              ^"
    );
    let count = expect(400, server.query("Ontology(films).count()").await?)?;
    assert!(count.problem()?.1.contains("neither aggregation nor projection"));
    assert_eq!(count.label, "computed");
    let unknown = expect(404, server.query("Ontology(books)").await?)?;
    assert!(unknown.problem()?.1.contains("the existing ones are cinema/films, cinema/people"));
    server.fill("cinema", "halls", json!([])).await?;
    let unlinked = expect(400, server.query("Ontology(films).searchAround().find(halls)").await?)?;
    assert!(unlinked.problem()?.1.contains("add one between two of their columns with addLink"));
    Ok(())
}

#[tokio::test]
async fn unshared_datasets_are_not_found() -> Result {
    let server = Server::cinema().await?;
    let film = expect(404, server.send("GET", "/data/bo/cinema/films").await?)?;
    assert!(film.problem()?.1.contains("dataset cinema/films does not exist"));
    let namespaces = expect(404, server.send("GET", "/schema/bo/namespaces").await?)?;
    assert!(namespaces.problem()?.1.contains("no user \"bo\""));
    let body = json!({ "username": "bo", "namespace": "cinema", "query": "Ontology(films)" });
    expect(404, server.send_json("POST", "/query", body).await?)?;
    let me = expect(200, server.send("GET", "/user/me").await?)?.json()?;
    assert_eq!(me["username"], "ana");
    Ok(())
}

const QUESTION: &str = "Who directed Alien, and what do we know of them?";

#[tokio::test]
async fn ask_streams_rule_based_steps_over_real_queries() -> Result {
    let server = Server::cinema().await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": QUESTION, "helperPrompt": null });
    let answer = expect(200, server.send_json("POST", "/query/ask", body.clone()).await?)?;
    assert_eq!((answer.content_type.as_str(), answer.label.as_str()), ("text/event-stream", "scripted"));
    let events = sse(&answer.text)?;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "run-started",
            "planningStarted",
            "plan",
            "stepStarted",
            "queryExecuting",
            "step",
            "stepStarted",
            "queryExecuting",
            "step",
            "answerStarted",
            "answer"
        ]
    );
    assert_eq!(events[5].1["query"], "Ontology(\"cinema/films\").filter(title == Alien)");
    // One of the question's ten words occurs in the film, and none in the person.
    let scored = |score: f64| json!({ "score": score });
    assert_eq!(
        events[5].1["data"],
        json!([{ "title": "Alien", "year": 1979, "director": "Scott", "__metadata": scored(0.1) }])
    );
    assert_eq!(events[8].1["data"], json!([{ "name": "Scott", "born": 1937, "__metadata": scored(0.0) }]));
    assert_eq!((&events[7].1["index"], &events[8].1["index"]), (&json!(1), &json!(1)));
    let response = events[10].1["response"].as_str().unwrap_or_default();
    assert!(response.starts_with("[scripted by the emulator, no model ran] "), "{response}");

    let once = expect(200, server.send_json("POST", "/query/autorag", body).await?)?;
    assert_eq!(once.label, "scripted");
    let once = once.json()?;
    assert_eq!(once["response"], response);
    assert_eq!(once["steps"].as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn empty_namespace_is_an_error_event() -> Result {
    let server = Server::start().await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": QUESTION });
    let events = sse(&server.send_json("POST", "/query/ask", body.clone()).await?.text)?;
    let (name, data) = events.last().ok_or("an event")?;
    assert_eq!(name, "error");
    assert!(data["message"].as_str().is_some_and(|message| message.contains("no dataset to query")));
    expect(404, server.send_json("POST", "/query/autorag", body).await?)?;
    expect(400, server.send_json("POST", "/query/ask", json!({ "namespace": 1 })).await?)?;
    Ok(())
}

#[tokio::test]
async fn ids_depend_on_the_seed() -> Result {
    let mut seen = Vec::new();
    for seed in [5, 5, 6] {
        let server = Server::with(Emulator::builder().seed(seed)).await?;
        server.fill_cinema().await?;
        let body = json!({ "username": "self", "namespace": "cinema", "query": QUESTION });
        let answer = server.send_json("POST", "/query/ask", body).await?;
        let id = answer.headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        seen.push((answer.text, id));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0].0, seen[2].0);
    assert_ne!(seen[0].1, seen[2].1);
    Ok(())
}

#[tokio::test]
async fn events_can_be_delayed() -> Result {
    let pause = Duration::from_millis(2);
    let server = Server::with(Emulator::builder().ask_event_delay(pause)).await?;
    server.fill_cinema().await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": QUESTION });
    let clock = std::time::Instant::now();
    server.send_json("POST", "/query/ask", body).await?;
    assert!(clock.elapsed() >= pause * 10, "ten pauses between eleven events");
    Ok(())
}
