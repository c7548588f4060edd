//! The clock, set and read, and what shows its time.

use std::time::{Duration, SystemTime};

use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Result, Server, expect, run_body};

#[tokio::test]
async fn whatever_shows_a_time_shows_that_of_the_clock() -> Result {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_738_627_200);
    let server = Server::with(Emulator::builder().clock(moment)).await?;
    server.fill_cinema().await?;
    let query = json!({
        "username": "self", "namespace": "cinema", "query": "Ontology(films).filter(year > 1990).searchAround().find(people)",
        "explainRequested": true,
    });
    let found = expect(200, server.send_json("POST", "/query", query).await?)?;
    assert_eq!(found.headers["date"], "Tue, 04 Feb 2025 00:00:00 GMT");
    let explained = &found.json()?["explainResults"];
    for stage in [explained, &explained["children"][0]] {
        assert_eq!(
            (&stage["start"], &stage["duration"]),
            (&json!("2025-02-04T00:00:00.000000Z"), &json!("PT0.000000S"))
        );
    }

    let run = server.send_json("POST", "/api/pipeline", run_body(json!([{ "a": 1 }]))).await?;
    let run = run.headers["x-workflow-run-id"].to_str()?;
    let trace = server.send("GET", &format!("/api/pipeline/{run}/trace")).await?.json()?;
    let took: Vec<&Value> =
        trace["steps"].as_array().ok_or("steps")?.iter().map(|step| &step["ms"]).collect();
    assert!(!took.is_empty() && took.iter().all(|ms| **ms == 0.0), "{took:?}");
    Ok(())
}

#[tokio::test]
async fn the_clock_is_set_over_http() -> Result {
    let server = Server::start().await?;
    let going = expect(200, server.control("GET", "clock", None).await?)?.json()?;
    assert_eq!(going["stopped"], false);
    let set = |body| server.control("PUT", "clock", Some(body));
    let now = |text: &str| json!({ "now": text, "stopped": true });
    let day = expect(200, set(json!({ "now": "2026-01-31T12:00:00Z" })).await?)?.json()?;
    assert_eq!(day, now("2026-01-31T12:00:00+00:00"));
    let later = expect(200, set(json!({ "advance": "1h 30m" })).await?)?.json()?;
    assert_eq!(later, now("2026-01-31T13:30:00+00:00"));
    assert_eq!(expect(200, server.control("GET", "clock", None).await?)?.json()?, later);
    for wrong in [
        json!({}),
        json!({ "now": "2026-01-31T12:00:00Z", "advance": "1h" }),
        json!({ "advance": "-1h" }),
        json!({ "advance": 5 }),
        json!({ "now": "noon" }),
        json!({ "later": "1h" }),
        json!([]),
    ] {
        let refused = expect(400, set(wrong.clone()).await?)?;
        assert!(refused.problem()?.1.contains("{\"advance\": \"1h 30m\"}"), "{wrong}: {refused:?}");
    }
    let going = expect(200, server.control("DELETE", "clock", None).await?)?.json()?;
    assert_eq!(going["stopped"], false);
    Ok(())
}
