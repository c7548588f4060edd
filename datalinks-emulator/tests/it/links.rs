//! Links over HTTP: added, found, selected, followed.

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

const FILMS: &str = "/links/self/cinema/films";

fn listed(origin: &str, destination: &str, kind: &str, hits: u64) -> Value {
    json!({
        "origin": format!("ri.ana.cinema.{origin}"), "destination": format!("ri.ana.cinema.{destination}"),
        "matchType": kind, "hits": hits,
    })
}

fn end(dataset: &str, column: &str) -> Value {
    json!({ "username": "self", "namespace": "cinema", "dataset": dataset, "columnName": column })
}

impl Server {
    /// Films and people without links, and halls with locations.
    async fn unlinked() -> Result<Self> {
        let server = Self::start().await?;
        server.unlinked_cinema().await?;
        Ok(server)
    }

    async fn unlinked_cinema(&self) -> Result {
        let films = json!([
            { "title": "Alien", "director": "Scott", "_source": "a", "shot": "51.5, -0.6" },
            { "title": "Heat", "director": "Mann", "_source": "a", "shot": "34.05, -118.24" },
            { "title": "Gladiator", "director": "Scott", "_source": "b", "shot": null },
        ]);
        self.fill("cinema", "films", films).await?;
        self.fill("cinema", "people", json!([{ "name": "Scott", "_source": "a" }, { "name": "Mann" }]))
            .await?;
        let halls =
            json!([{ "hall": "Odeon", "lat": 51.51, "lon": -0.59 }, { "hall": "Rex", "lat": 0, "lon": 0 }]);
        self.fill("cinema", "halls", halls).await
    }

    async fn links_of(&self, path: &str) -> Result<Value> {
        let answer = self.send("GET", path).await?;
        if answer.status == 204 { Ok(json!([])) } else { expect(200, answer)?.json() }
    }

    async fn rebuild(&self, link: Value) -> Result<Answer> {
        expect(200, self.send_json("POST", FILMS, json!({ "data": [], "link": link })).await?)
    }

    async fn found(&self, query: &str) -> Result<usize> {
        let found = expect(200, self.query(query).await?)?.json()?;
        Ok(found["data"].as_array().map_or(0, Vec::len))
    }

    /// Sends a request as another user.
    async fn send_as(&self, key: &str, method: &str, path: &str, body: Value) -> Result<Answer> {
        let url = format!("{}{path}", self.emulator.api_url());
        let request = self.http.request(method.parse()?, url).bearer_auth(key);
        let request = if body.is_null() { request } else { request.json(&body) };
        read(request.send().await?).await
    }
}

#[tokio::test]
async fn added_links_are_active() -> Result {
    let server = Server::cinema().await?;
    assert_eq!(server.link("films", "director", "people", "name").await?.status, 200, "there already");
    let expected = json!([listed("films.director", "people.name", "ExactMatch", 3)]);
    for path in [FILMS, "/links/self/cinema/people", "/ontology/self/cinema/films"] {
        assert_eq!(server.links_of(path).await?, expected);
    }
    server.fill("cinema", "halls", json!([])).await?;
    for path in ["/links/self/cinema/halls", "/ontology/self/cinema/halls"] {
        assert_eq!(expect(204, server.send("GET", path).await?)?.text, "");
    }
    let unknown = expect(404, server.link("films", "nothing", "people", "name").await?)?;
    assert!(unknown.problem()?.1.contains("no column"));
    expect(404, server.link("films", "title", "nothing", "name").await?)?;
    let body = json!({ "from": {}, "to": 1, "matchType": "Other" });
    let bad = expect(400, server.send_json("POST", "/links/add", body).await?)?;
    assert_eq!(bad.json()?["sub_errors"].as_array().map(Vec::len), Some(6), "{}", bad.text);
    Ok(())
}

#[tokio::test]
async fn link_may_connect_a_column_with_itself() -> Result {
    let server = Server::unlinked().await?;
    const HOP: &str = "Ontology(films).filter(title == Alien).searchAround().find(films)";
    expect(400, server.query(HOP).await?)?;
    expect(201, server.link("films", "director", "films", "director").await?)?;
    expect(200, server.link("films", "director", "films", "director").await?)?;
    // Two films by one director are two pairs, one in each direction. A film does not form a pair with itself.
    let own = json!([listed("films.director", "films.director", "ExactMatch", 2)]);
    for path in [FILMS, "/ontology/self/cinema/films"] {
        assert_eq!(server.links_of(path).await?, own);
    }
    let hop = expect(200, server.query(HOP).await?)?.json()?;
    assert_eq!(hop["data"].as_array().map(Vec::len), Some(1), "{hop}");
    assert_eq!(hop["data"][0]["title"], "Gladiator");
    assert_eq!(server.found(&format!("{HOP}.searchAround().find(films)")).await?, 1);
    assert_eq!(server.found("Ontology(films).searchAround().find(films)").await?, 2);

    // The link can be saved like others. After removal it is a suggestion, and a rebuild does not find it
    // again.
    let save = async |field: &str| -> Result {
        let body = json!({ field: own });
        expect(200, server.send_json("POST", "/ontology/self/cinema/films", body).await?)?;
        Ok(())
    };
    save("remove").await?;
    assert_eq!(server.links_of(FILMS).await?, own);
    expect(204, server.send("GET", "/ontology/self/cinema/films").await?)?;
    let curated = json!({ "namespace": "cinema", "dataset": "films" });
    let curated = expect(200, server.send_json("POST", "/ontology/curate-links", curated).await?)?.json()?;
    assert_eq!(
        curated["curatedLinks"], own,
        "it connects two of three films, and the directors differ in as many"
    );
    server.rebuild(json!({ "ExactMatch": { "targetColumns": ["director"] } })).await?;
    let others = json!([listed("films.director", "people.name", "ExactMatch", 3)]);
    assert_eq!(server.links_of(FILMS).await?, others);
    save("add").await?;
    assert_eq!(server.links_of("/ontology/self/cinema/films").await?, own);

    // A location is close to itself, which is not a hit.
    let geo = json!({ "from": end("films", "shot"), "to": end("films", "shot"), "matchType": "GeoMatch" });
    expect(201, server.send_json("POST", "/links/add", geo).await?)?;
    let places = listed("films.shot", "films.shot", "GeoMatch", 0);
    assert_eq!(server.links_of("/ontology/self/cinema/films").await?[1], places);
    // The link follows a rename of the dataset, and questions do not follow it.
    expect(200, server.send_text("POST", "/data/self/cinema/films/rename", "movies").await?)?;
    let renamed = server.links_of("/ontology/self/cinema/movies").await?;
    assert_eq!(renamed[0], listed("movies.director", "movies.director", "ExactMatch", 2));
    let ask = json!({ "username": "self", "namespace": "cinema", "query": "Heat" });
    let answer = expect(200, server.send_json("POST", "/query/autorag", ask).await?)?.json()?;
    assert_eq!(answer["steps"].as_array().map(Vec::len), Some(1), "{answer}");
    let page = expect(200, server.control("GET", "overview", None).await?)?.json()?;
    assert!(page["links"].to_string().contains("director"), "{page}");
    Ok(())
}

#[tokio::test]
async fn options_apply_whenever_a_link_is_followed() -> Result {
    let server = Server::unlinked().await?;
    for (from, to, kind, options) in [
        // Two of three directors are distinct, and the most frequent one is in two of three rows.
        (end("films", "director"), end("people", "name"), "ExactMatch", json!({ "minDistinct": 0.67 })),
        (end("people", "name"), end("films", "director"), "ExactMatch", json!({ "minVariation": 0.5 })),
        (
            end("films", "shot"),
            end("halls", "lat"),
            "GeoMatch",
            json!({ "distance": 1, "distanceUnit": "mi" }),
        ),
        (end("halls", "lon"), end("films", "shot"), "GeoMatch", json!({ "distance": 0.5, "more": [1] })),
    ] {
        let body = json!({ "from": from, "to": to, "matchType": kind, "options": options });
        expect(201, server.send_json("POST", "/links/add", body).await?)?;
    }
    assert_eq!(
        server.links_of(FILMS).await?,
        json!([
            listed("films.director", "people.name", "ExactMatch", 0),
            listed("films.shot", "halls.lat", "GeoMatch", 1),
            listed("halls.lon", "films.shot", "GeoMatch", 0),
            listed("people.name", "films.director", "ExactMatch", 3),
        ])
    );
    assert_eq!(server.found("Ontology(films).searchAround().find(halls)").await?, 1);
    assert_eq!(server.found("Ontology(halls).filter(hall == Odeon).searchAround().find(films)").await?, 1);
    assert_eq!(server.found("Ontology(halls).filter(hall == Rex).searchAround().find(films)").await?, 0);
    // With more rows, more values are distinct, so the thresholds give another result.
    let rows = json!({ "data": [{ "director": "Varda" }, { "director": "Kurosawa" }] });
    expect(200, server.send_json("POST", "/ingest/cinema/films", rows).await?)?;
    assert_eq!(server.links_of(FILMS).await?[0], listed("films.director", "people.name", "ExactMatch", 3));
    let odd = json!({ "from": end("films", "shot"), "to": end("halls", "lat"), "matchType": "GeoMatch",
        "options": { "distanceUnit": "parsec" } });
    let odd = expect(400, server.send_json("POST", "/links/add", odd).await?)?;
    assert!(odd.problem()?.1.contains("options.distanceUnit: must be km"), "{}", odd.text);
    Ok(())
}

#[tokio::test]
async fn preview_stores_nothing() -> Result {
    let server = Server::unlinked().await?;
    let rows = json!([{ "who": "Mann", "_s": "a", "where": "51.50, -0.60" }, { "who": "Scott", "_s": "a" }, { "who": " " }]);
    let preview = async |link: Value| -> Result<Value> {
        let body = json!({ "data": rows, "link": link });
        let answer = server.send_json("POST", "/links/preview/self/cinema/halls", body).await?;
        let answer = expect(200, answer)?;
        assert_eq!(answer.label, "computed");
        answer.json()
    };
    let who = |hits: [u64; 2]| {
        [
            listed("halls.who", "films.director", "ExactMatch", hits[0]),
            listed("halls.who", "people.name", "ExactMatch", hits[1]),
        ]
    };
    let private = [
        listed("halls._s", "films._source", "ExactMatch", 4),
        listed("halls._s", "people._source", "ExactMatch", 2),
    ];
    let place = listed("halls.where", "films.shot", "GeoMatch", 1);
    let exact = [&private[..], &who([3, 2])].concat();
    assert_eq!(preview(json!({ "ExactMatch": null })).await?, json!(exact));
    assert_eq!(preview(json!({ "ExactMatch": { "ignorePrivateColumns": true } })).await?, json!(who([3, 2])));
    assert_eq!(preview(json!({ "ExactMatch": { "targetColumns": ["who"] } })).await?, json!(who([3, 2])));
    assert_eq!(preview(json!({ "ExactMatch": { "minDistinct": 1 } })).await?, json!(who([3, 2])));
    assert_eq!(preview(json!({ "ExactMatch": { "minVariation": 0.51 } })).await?, json!([]));
    assert_eq!(preview(json!({ "GeoMatch": {} })).await?, json!([place]));
    assert_eq!(preview(json!({ "GeoMatch": { "targetColumns": ["who"] } })).await?, json!([]));
    let both = [&private[..], &[place], &who([3, 2])].concat();
    assert_eq!(preview(Value::Null).await?, json!(both), "both kinds where none is named");
    expect(204, server.send("GET", FILMS).await?)?;
    expect(404, server.send_json("POST", "/links/preview/self/cinema/none", json!({ "data": [] })).await?)?;
    Ok(())
}

#[tokio::test]
async fn rebuild_replaces_suggestions_and_keeps_active_links() -> Result {
    let server = Server::unlinked().await?;
    expect(201, server.link("films", "title", "people", "name").await?)?;
    let exact = json!({ "ExactMatch": { "ignorePrivateColumns": true } });
    let director = listed("films.director", "people.name", "ExactMatch", 3);
    let title = listed("films.title", "people.name", "ExactMatch", 0);
    let shot = listed("films.shot", "halls.lat", "GeoMatch", 1);
    assert_eq!(server.rebuild(exact.clone()).await?.json()?, json!([director]));
    assert_eq!(server.links_of(FILMS).await?, json!([director, title]));
    assert_eq!(server.links_of("/ontology/self/cinema/films").await?, json!([title]));
    let unlinked = expect(200, server.query("Ontology(films).searchAround().find(people)").await?)?;
    assert_eq!(unlinked.json()?["data"], json!([]), "suggestions are not followed");
    assert_eq!(server.rebuild(json!({ "GeoMatch": null })).await?.json()?, json!([shot]));
    assert_eq!(server.links_of(FILMS).await?, json!([shot, title]));
    // The rows of the request replace those of the dataset. A column that the dataset lacks cannot be the end
    // of a link.
    let body = json!({ "data": [{ "title": "Scott", "other": "Mann" }], "link": exact });
    let rebuilt = expect(200, server.send_json("POST", FILMS, body).await?)?.json()?;
    let directors = listed("films.title", "people.name", "ExactMatch", 1);
    assert_eq!(rebuilt, json!([directors]));
    assert_eq!(server.links_of(FILMS).await?, json!([title]), "the active one stays what it is");
    Ok(())
}

#[tokio::test]
async fn bidirectional_links_are_added_on_request() -> Result {
    let server = Server::unlinked().await?;
    let wanted = json!({ "ExactMatch": { "bidirectional": true, "targetColumns": ["director"] } });
    let back = listed("people.name", "films.director", "ExactMatch", 3);
    let there = listed("films.director", "people.name", "ExactMatch", 3);
    assert_eq!(server.rebuild(wanted).await?.json()?, json!([there, back]));
    // The options are those of the column at which a link starts.
    let wanted =
        json!({ "ExactMatch": { "bidirectional": true, "targetColumns": ["director"], "minDistinct": 1 } });
    assert_eq!(server.rebuild(wanted).await?.json()?, json!([back]));
    Ok(())
}

#[tokio::test]
async fn connections_are_saved_and_removed() -> Result {
    let server = Server::unlinked().await?;
    let ontology = "/ontology/self/cinema/films";
    let save = async |status: u16, body: Value| -> Result<Answer> {
        expect(status, server.send_json("POST", ontology, body).await?)
    };
    server.rebuild(json!({ "GeoMatch": { "distance": 1.5, "distanceUnit": "mi" } })).await?;
    let shot = listed("films.shot", "halls.lat", "GeoMatch", 1);
    save(200, json!({ "add": [shot] })).await?;
    assert_eq!(server.links_of(ontology).await?, json!([shot]), "with the options it was found with");
    save(200, json!({ "remove": [shot] })).await?;
    assert_eq!(server.links_of(ontology).await?, json!([]));
    assert_eq!(server.links_of(FILMS).await?, json!([shot]), "it is a suggestion again");
    // New links are added. A link in both lists ends up active. Removing a missing link is not an error.
    let own = json!({ "origin": "ri.self.cinema.people.name", "destination": "ri.self.cinema.films.director",
        "matchType": "ExactMatch", "hits": 77 });
    let absent = listed("films.title", "halls.hall", "ExactMatch", 0);
    save(200, json!({ "add": [own, shot], "remove": [shot, own, absent] })).await?;
    let people = listed("people.name", "films.director", "ExactMatch", 3);
    assert_eq!(server.links_of(ontology).await?, json!([shot, people]));
    // An invalid request changes nothing.
    let nothing = listed("films.nothing", "people.name", "ExactMatch", 0);
    save(404, json!({ "remove": [shot], "add": [nothing] })).await?;
    save(400, json!({ "add": [listed("people.name", "halls.hall", "ExactMatch", 0)] })).await?;
    save(400, json!({ "add": [listed("films.title", "people.name", "Guess", 0)] })).await?;
    save(400, json!({ "add": [{ "hits": 0 }] })).await?;
    save(200, json!({})).await?;
    assert_eq!(server.links_of(ontology).await?, json!([shot, people]));
    expect(404, server.send_json("POST", "/ontology/self/cinema/none", json!({})).await?)?;
    Ok(())
}

#[tokio::test]
async fn dots_in_names_are_resolved_by_existing_columns() -> Result {
    let server = Server::start().await?;
    server.fill("a", "b.c", json!([{ "d": 1 }])).await?;
    server.fill("a", "x", json!([{ "y.z": 1 }])).await?;
    let link = |origin: &str| json!({ "add": [{ "origin": origin, "destination": "ri.ana.a.x.y.z", "matchType": "ExactMatch", "hits": 0 }] });
    let path = "/ontology/self/a/x";
    expect(200, server.send_json("POST", path, link("ri.ana.a.b.c.d")).await?)?;
    assert_eq!(server.links_of(path).await?[0]["hits"], 1);
    server.fill("a.b", "c", json!([{ "e": 1, "d": 1 }])).await?;
    expect(200, server.send_json("POST", path, link("ri.ana.a.b.c.e")).await?)?;
    server.fill("a", "b", json!([{ "c.e": 1 }])).await?;
    server.fill("a", "w", json!([{ "v": 1 }])).await?;
    let link = json!({ "add": [{ "origin": "ri.ana.a.b.c.e", "destination": "ri.ana.a.w.v", "matchType": "ExactMatch", "hits": 0 }] });
    let several = expect(400, server.send_json("POST", "/ontology/self/a/w", link).await?)?;
    assert!(several.problem()?.1.contains("matches several columns"), "{}", several.text);
    Ok(())
}

#[tokio::test]
async fn ingested_rows_are_compared_and_curated() -> Result {
    let server = Server::unlinked().await?;
    expect(201, server.send_json("POST", "/ingest/new/cinema/roles", json!({})).await?)?;
    let ingest = async |rows: Value, curate: bool| -> Result<Answer> {
        let body = json!({ "data": rows, "link": { "ExactMatch": {} }, "curate": curate });
        expect(200, server.send_json("POST", "/ingest/cinema/roles", body).await?)
    };
    let links = "/links/self/cinema/roles";
    assert_eq!(
        ingest(json!([{ "film": "Alien", "n": 1 }, { "film": "Heat" }]), false).await?.label,
        "computed"
    );
    let film = listed("roles.film", "films.title", "ExactMatch", 2);
    assert_eq!(server.links_of(links).await?, json!([film]));
    expect(204, server.send("GET", "/ontology/self/cinema/roles").await?)?;
    // The rows of this request are compared, and the suggestion of the first request stays.
    let rows = json!([{ "film": "Alien", "actor": "Scott" }, { "film": "x" }, { "film": "y" }]);
    assert_eq!(ingest(rows, true).await?.label, "partly-scripted");
    let actor = |column: &str, hits| listed("roles.actor", column, "ExactMatch", hits);
    let film = listed("roles.film", "films.title", "ExactMatch", 3);
    let all = json!([actor("films.director", 2), actor("people.name", 1), film]);
    assert_eq!(server.links_of(links).await?, all);
    assert_eq!(server.links_of("/ontology/self/cinema/roles").await?, all, "chosen");
    assert_eq!(server.found("Ontology(roles).filter(n == 1).searchAround().find(films)").await?, 1);
    Ok(())
}

#[tokio::test]
async fn uploaded_rows_are_compared() -> Result {
    let server = Server::unlinked().await?;
    expect(201, server.send_json("POST", "/ingest/new/cinema/roles", json!({})).await?)?;
    let content = "film,actor\nAlien,Weaver\n";
    let path = "/upload/multipart/self/cinema/roles";
    let prepare = json!({ "filename": "roles.csv", "size": content.len() });
    let prepared =
        expect(200, server.send_json("POST", &format!("{path}/prepare"), prepare).await?)?.json()?;
    let url = prepared["presignedUrls"][0]["url"].as_str().unwrap_or_default();
    let put = read(server.http.put(url).body(content).send().await?).await?;
    let etag = put.headers["etag"].to_str()?.trim_matches('"');
    let finish = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"],
        "parts": [{ "partNumber": 1, "etag": etag }], "link": { "ExactMatch": null } });
    expect(201, server.send_json("POST", &format!("{path}/finish"), finish).await?)?;
    loop {
        let page = server.send("GET", "/data/self/cinema/roles/ingest/attempts").await?.json()?;
        match page["data"][0]["status"].as_str() {
            Some("Completed") => break,
            Some("Failed") | None => return Err(format!("{page}").into()),
            Some(_) => {}
        }
    }
    let film = listed("roles.film", "films.title", "ExactMatch", 1);
    assert_eq!(server.links_of("/links/self/cinema/roles").await?, json!([film]));
    Ok(())
}

#[tokio::test]
async fn suggestions_are_curated_by_a_rule() -> Result {
    let server = Server::unlinked().await?;
    let rows = json!([{ "title": "Alien", "_source": "a" }, { "title": "x", "_source": "a" }, { "title": "y", "_source": "c" }]);
    server.fill("cinema", "reviews", rows).await?;
    server.rebuild(json!({ "ExactMatch": {} })).await?;
    let curate = async |body: Value| -> Result<Value> {
        let answer = expect(200, server.send_json("POST", "/ontology/curate-links", body).await?)?;
        assert_eq!(answer.label, "scripted");
        answer.json()
    };
    // Selected: the directors, all of whom are people with distinct names, and the source of the films, which
    // equals the source of the only person who has one. Not selected: the titles, which match in a third of the
    // rows.
    let chosen = json!([
        listed("films._source", "people._source", "ExactMatch", 2),
        listed("films._source", "reviews._source", "ExactMatch", 4),
        listed("films.director", "people.name", "ExactMatch", 3),
    ]);
    let suggested = server.links_of(FILMS).await?;
    assert_eq!(suggested.as_array().map(Vec::len), Some(4), "{suggested}");
    assert_eq!(
        curate(json!({ "namespace": "cinema" })).await?,
        json!({ "datasetsProcessed": 4, "totalSelected": 3, "curatedLinks": chosen })
    );
    assert_eq!(
        curate(json!({ "namespace": "cinema", "dataset": "halls", "activate": false })).await?,
        json!({ "datasetsProcessed": 1, "totalSelected": 0, "curatedLinks": [] })
    );
    let body = json!({ "namespace": "cinema", "dataset": "people", "activate": true, "model": "m", "provider": null });
    assert_eq!(curate(body).await?, json!({ "datasetsProcessed": 1, "totalSelected": 2 }));
    assert_eq!(server.links_of("/ontology/self/cinema/films").await?, json!([chosen[0], chosen[2]]));
    let again = curate(json!({ "namespace": "cinema", "activate": true })).await?;
    assert_eq!(again["totalSelected"], 1, "active ones are not chosen again");
    for (status, body) in [
        (404, json!({ "namespace": "none" })),
        (404, json!({ "namespace": "cinema", "dataset": "none" })),
        (400, json!({})),
    ] {
        expect(status, server.send_json("POST", "/ontology/curate-links", body).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn strict_emulator_does_not_curate() -> Result {
    let server = Server::with(Emulator::builder().strict()).await?;
    server.unlinked_cinema().await?;
    server.rebuild(json!({ "ExactMatch": {} })).await?;
    let body = json!({ "namespace": "cinema", "activate": true });
    let refused = expect(501, server.send_json("POST", "/ontology/curate-links", body).await?)?;
    assert_eq!(refused.label, "unsupported");
    let body = json!({ "data": [{ "title": "Alien" }], "curate": true });
    expect(501, server.send_json("POST", "/ingest/cinema/films", body).await?)?;
    assert_eq!(server.row_count("cinema", "films").await?, 3, "nothing was stored");
    expect(204, server.send("GET", "/ontology/self/cinema/films").await?)?;
    Ok(())
}

#[tokio::test]
async fn links_are_visible_to_readers_of_both_ends() -> Result {
    let server = Server::with(Emulator::builder().user("bo", "bos").user("cy", "cys")).await?;
    server.unlinked_cinema().await?;
    let share = |user: &str, role: &str| json!({ "username": user, "role": role });
    for (dataset, user, role) in
        [("films", "bo", "editor"), ("films", "cy", "viewer"), ("people", "cy", "viewer")]
    {
        let path = format!("/permissions/datasets/self/cinema/{dataset}/shares");
        expect(200, server.send_json("POST", &path, share(user, role)).await?)?;
    }
    let films = "/links/ana/cinema/films";
    server.rebuild(json!({ "ExactMatch": { "targetColumns": ["director"] } })).await?;
    let director = listed("films.director", "people.name", "ExactMatch", 3);
    assert_eq!(
        expect(200, server.send_as("cys", "GET", films, Value::Null).await?)?.json()?,
        json!([director])
    );
    expect(204, server.send_as("bos", "GET", films, Value::Null).await?)?;
    // A comparison neither reports datasets without read access nor changes their links.
    let rebuild = json!({ "data": [], "link": { "ExactMatch": {} } });
    assert_eq!(expect(200, server.send_as("bos", "POST", films, rebuild).await?)?.json()?, json!([]));
    assert_eq!(server.links_of(FILMS).await?, json!([director]));
    let ontology = "/ontology/ana/cinema/films";
    let add = json!({ "add": [director] });
    expect(403, server.send_as("cys", "POST", ontology, add.clone()).await?)?;
    expect(404, server.send_as("bos", "POST", ontology, add).await?)?;
    // An editor of one dataset may link it to an own dataset, but not in the other direction.
    let end = |user: &str, dataset: &str, column: &str| json!({ "username": user, "namespace": "cinema", "dataset": dataset, "columnName": column });
    expect(201, server.send_as("bos", "POST", "/ingest/new/cinema/own", json!({})).await?)?;
    let rows = json!({ "data": [{ "n": "Scott" }], "link": { "ExactMatch": { "bidirectional": true } } });
    expect(200, server.send_as("cys", "POST", "/ingest/new/cinema/own", json!({})).await?).err();
    expect(200, server.send_as("bos", "POST", "/ingest/cinema/own", rows.clone()).await?)?;
    let own =
        expect(200, server.send_as("bos", "GET", "/links/bo/cinema/own", Value::Null).await?)?.json()?;
    assert_eq!(own.as_array().map(Vec::len), Some(2), "there and back: {own}");
    expect(200, server.send_as("cys", "POST", "/ingest/cinema/own", rows).await?)?;
    let own =
        expect(200, server.send_as("cys", "GET", "/links/cy/cinema/own", Value::Null).await?)?.json()?;
    let origins: Vec<&Value> = own.as_array().into_iter().flatten().map(|link| &link["origin"]).collect();
    assert_eq!(origins, ["ri.cy.cinema.own.n"; 2], "a viewer leads none back");
    let link = json!({ "from": end("ana", "films", "title"), "to": end("self", "own", "n"), "matchType": "ExactMatch" });
    expect(403, server.send_as("cys", "POST", "/links/add", link.clone()).await?)?;
    expect(201, server.send_as("bos", "POST", "/links/add", link).await?)?;
    Ok(())
}
