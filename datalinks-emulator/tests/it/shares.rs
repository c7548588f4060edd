//! Sharing: the users, the rejected requests, and the time at which a change takes effect.

use std::time::{Duration, SystemTime};

use datalinks_emulator::{Emulator, EmulatorError, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

const DATASET: &str = "/permissions/datasets/self/cinema/films/shares";
const NAMESPACE: &str = "/permissions/namespaces/self/cinema/shares";

/// The namespace `cinema` of `ana`, and the user `bo` with the key `bos`. The clock stands.
async fn server() -> Result<Server> {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_738_627_200);
    let server = Server::with(Emulator::builder().user("bo", "bos").clock(start)).await?;
    server.fill_cinema().await?;
    Ok(server)
}

fn share(user: &str, role: &str) -> Value {
    json!({ "username": user, "role": role })
}

async fn as_bo(server: &Server, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
    let mut request =
        server.http.request(method, format!("{}{path}", server.emulator.api_url())).bearer_auth("bos");
    if let Some(body) = body {
        request = request.json(&body);
    }
    read(request.send().await?).await
}

/// Returns the status when `bo` reads the films of `ana`.
async fn read_by_bo(server: &Server) -> Result<u16> {
    Ok(as_bo(server, Method::GET, "/data/ana/cinema/films", None).await?.status)
}

async fn clear_by_bo(server: &Server) -> Result<u16> {
    Ok(as_bo(server, Method::POST, "/data/ana/cinema/films/clear", None).await?.status)
}

async fn shares(server: &Server, path: &str) -> Result<Value> {
    expect(200, server.send("GET", path).await?)?.json()
}

#[tokio::test]
async fn share_is_revoked_by_user_whatever_the_role() -> Result {
    let server = server().await?;
    for path in [DATASET, NAMESPACE] {
        expect(200, server.send_json("POST", path, share("bo", "editor")).await?)?;
        assert_eq!(read_by_bo(&server).await?, 200);
        expect(200, server.send_json("DELETE", path, share("bo", "viewer")).await?)?;
        assert_eq!(shares(&server, path).await?, json!([]));
        assert_eq!(read_by_bo(&server).await?, 404);
        // The service does not document this case. In the emulator, nothing is revoked.
        let again = expect(422, server.send_json("DELETE", path, share("bo", "editor")).await?)?;
        assert!(again.problem()?.1.contains("\"bo\" has no share here"), "{again:?}");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_role_is_422_on_grant_and_revoke() -> Result {
    let server = server().await?;
    for path in [DATASET, NAMESPACE] {
        expect(200, server.send_json("POST", path, share("bo", "viewer")).await?)?;
        for method in ["POST", "DELETE"] {
            for role in ["owner", "Viewer", ""] {
                let refused = expect(422, server.send_json(method, path, share("bo", role)).await?)?;
                let (code, message) = refused.problem()?;
                assert_eq!(code, "UNPROCESSABLE_ENTITY");
                assert!(message.contains("role: must be one of viewer, editor"), "{message}");
            }
        }
        assert_eq!(shares(&server, path).await?, json!([share("bo", "viewer")]), "nothing has changed");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_user_is_422_on_grant_and_revoke() -> Result {
    let server = server().await?;
    for method in ["POST", "DELETE"] {
        for (user, says) in
            [("nobody", "no such user \"nobody\""), ("ANA", "is yourself"), ("self", "is yourself")]
        {
            let refused = expect(422, server.send_json(method, DATASET, share(user, "viewer")).await?)?;
            assert!(refused.problem()?.1.contains(says), "{refused:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn user_names_are_matched_in_lower_case() -> Result {
    let server = server().await?;
    expect(200, server.send_json("POST", DATASET, share("Bo", "viewer")).await?)?;
    expect(200, server.send_json("POST", DATASET, share("bo", "editor")).await?)?;
    assert_eq!(shares(&server, DATASET).await?, json!([share("bo", "editor")]), "one user, one share");
    let read = |path: &'static str| as_bo(&server, Method::GET, path, None);
    expect(200, read("/data/Ana/cinema/films").await?)?;
    let listed = expect(200, read("/schema/ANA/namespaces").await?)?.json()?;
    assert_eq!(listed, json!([{ "name": "cinema", "owner": "ana" }]));
    let query = json!({ "username": "Ana", "namespace": "cinema", "query": "Ontology(films)" });
    expect(200, as_bo(&server, Method::POST, "/query", Some(query)).await?)?;
    expect(404, read("/data/ana/Cinema/films").await?)?;

    // A restricted token names its resources by user, and an ontology names its columns by user.
    let token = json!({ "name": "t", "accessRestrictedTo": [{ "username": "ANA", "namespace": "cinema" }] });
    let token = expect(200, server.send_json("POST", "/user/token", token).await?)?.json()?;
    let films = server.http.get(format!("{}/data/self/cinema/films", server.emulator.api_url()));
    let films = films.bearer_auth(token["token"].as_str().ok_or("a token")?);
    expect(200, crate::support::read(films.send().await?).await?)?;
    let link = json!({
        "origin": "ri.Ana.cinema.films.title", "destination": "ri.ANA.cinema.people.name", "hits": 0,
        "matchType": "ExactMatch",
    });
    let ontology = json!({ "add": [link], "remove": [] });
    expect(200, server.send_json("POST", "/ontology/self/cinema/films", ontology).await?)?;

    expect(200, server.send_json("DELETE", DATASET, share("BO", "editor")).await?)?;
    assert_eq!(read_by_bo(&server).await?, 404);
    Ok(())
}

#[tokio::test]
async fn configured_user_names_are_stored_in_lower_case() -> Result {
    let server = Server::with(Emulator::builder().username("Ada").user("Bob", "bobs")).await?;
    assert_eq!(server.emulator.username(), "ada");
    assert_eq!(expect(200, server.send("GET", "/user/me").await?)?.json()?["username"], "ada");
    server.fill_cinema().await?;
    expect(200, server.send("GET", "/data/Ada/cinema/films").await?)?;
    expect(200, server.send_json("POST", DATASET, share("bob", "viewer")).await?)?;
    let twice = Emulator::builder().username("ada").user("Ada", "another key").start().await;
    assert!(matches!(twice, Err(EmulatorError::DuplicateUser(name)) if name == "Ada"));
    let itself = Emulator::builder().username("Self").start().await;
    assert!(matches!(itself, Err(EmulatorError::InvalidUsername(_))));
    Ok(())
}

#[tokio::test]
async fn stored_user_name_in_upper_case_is_rejected() -> Result {
    let server = Server::start().await?;
    let state = String::from_utf8(server.emulator.export()?)?;
    assert!(state.contains("\"ana\""), "{state}");
    let refused = server.emulator.import(state.replace("\"ana\"", "\"Ana\"").as_bytes());
    let message = format!("{:?}", refused.err().ok_or("it was loaded")?);
    assert!(message.contains("in lower case"), "{message}");
    Ok(())
}

#[tokio::test]
async fn delayed_grant_is_404_until_it_takes_effect() -> Result {
    let server = server().await?;
    for (path, operation) in [(DATASET, "shareDatasetAccess"), (NAMESPACE, "shareNamespaceAccess")] {
        let delay = Duration::from_secs(5);
        server.emulator.faults().inject(Fault::new(operation).effective_after(delay))?;
        let granted = expect(200, server.send_json("POST", path, share("bo", "viewer")).await?)?;
        assert_eq!(granted.headers["x-datalinks-emulator-fault"], "effective-after");
        assert_eq!(shares(&server, path).await?, json!([share("bo", "viewer")]), "it is listed at once");
        let hidden = as_bo(&server, Method::GET, "/data/ana/cinema/films", None).await?;
        assert_eq!(expect(404, hidden)?.problem()?.0, "NOT_FOUND");
        server.emulator.advance_clock(Duration::from_millis(4_999));
        assert_eq!(read_by_bo(&server).await?, 404);
        server.emulator.advance_clock(Duration::from_millis(1));
        assert_eq!(read_by_bo(&server).await?, 200);
        // The fault has already been applied once.
        expect(200, server.send_json("DELETE", path, share("bo", "viewer")).await?)?;
        assert_eq!(read_by_bo(&server).await?, 404);
    }
    Ok(())
}

#[tokio::test]
async fn delayed_revocation_keeps_access_until_it_takes_effect() -> Result {
    let server = server().await?;
    for (path, operation) in [(DATASET, "revokeDatasetAccess"), (NAMESPACE, "revokeNamespaceAccess")] {
        expect(200, server.send_json("POST", path, share("bo", "viewer")).await?)?;
        server.emulator.faults().inject(format!("{operation}:effective-after=5s").parse()?)?;
        expect(200, server.send_json("DELETE", path, share("bo", "viewer")).await?)?;
        assert_eq!(shares(&server, path).await?, json!([]));
        assert_eq!(read_by_bo(&server).await?, 200);
        server.emulator.advance_clock(Duration::from_secs(5));
        assert_eq!(read_by_bo(&server).await?, 404);
    }
    Ok(())
}

#[tokio::test]
async fn delayed_second_grant_keeps_the_first_until_it_takes_effect() -> Result {
    let server = server().await?;
    expect(200, server.send_json("POST", DATASET, share("bo", "viewer")).await?)?;
    let fault = json!({ "operation": "shareDatasetAccess", "effective-after": "5s" });
    expect(201, server.control("POST", "faults", Some(fault)).await?)?;
    expect(200, server.send_json("POST", DATASET, share("bo", "editor")).await?)?;
    assert_eq!(clear_by_bo(&server).await?, 403, "still a viewer");
    server.emulator.advance_clock(Duration::from_secs(5));
    assert_eq!(clear_by_bo(&server).await?, 200);
    Ok(())
}

#[tokio::test]
async fn delayed_grant_is_persisted() -> Result {
    let server = server().await?;
    let delayed = Fault::new("shareDatasetAccess").effective_after(Duration::from_secs(5));
    server.emulator.faults().inject(delayed)?;
    expect(200, server.send_json("POST", DATASET, share("bo", "viewer")).await?)?;
    let state = server.emulator.export()?;
    let other = Server::with(Emulator::builder().user("bo", "bos")).await?;
    other.emulator.import(&state)?;
    assert_eq!(other.emulator.export()?, state);
    assert_eq!(read_by_bo(&other).await?, 404);
    other.emulator.advance_clock(Duration::from_secs(5));
    assert_eq!(read_by_bo(&other).await?, 200);
    Ok(())
}
