//! Scenes about the layout of the page, and about its requests.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::story::{number, same};
use super::{Stage, look};

pub(super) fn few(stage: &Stage<'_>) -> Result<(), String> {
    look::everywhere(stage, "few")
}

fn space(n: usize) -> &'static str {
    ["shop", "warehouse", "people", "finance"][n % 4]
}

fn table(n: usize) -> String {
    format!("table_{n:02}{}", if n.is_multiple_of(7) { "_with_a_rather_long_name" } else { "" })
}

/// Thirty datasets: a chain, a star, a ring, a dataset linked to itself, a column linked to itself, some
/// without links.
pub(super) fn many(stage: &Stage<'_>) -> Result<(), String> {
    let rows = |shift: usize| -> Value {
        (0..12)
            .map(|n| json!({ "id": n, "parent": n / 2, "owner_id": (n + shift) % 5, "note": "x" }))
            .collect()
    };
    for n in 0..25 {
        stage.api.dataset(space(n), &table(n), "", &rows(n).to_string())?;
    }
    let mut links = vec![(0, "parent", 0, "id"), (24, "parent", 24, "parent")];
    links.extend((1..9).map(|n| (0, "id", n, "parent")));
    links.extend((9..13).map(|n| (n - 8, "id", n, "owner_id")));
    links.extend((13..17).map(|n| (n, "id", n + 1, "parent")));
    links.extend([
        (18, "id", 19, "parent"),
        (19, "id", 20, "parent"),
        (20, "id", 18, "owner_id"),
        (18, "owner_id", 19, "owner_id"),
    ]);
    for (from, from_column, to, to_column) in &links {
        stage.api.link(
            "ExactMatch",
            [space(*from), &table(*from), from_column],
            [space(*to), &table(*to), to_column],
        )?;
    }
    let lines = links.len() + 3;
    stage
        .browser
        .wait("all links", &format!("document.querySelectorAll('#picture .pill').length === {lines}"))?;
    same("the datasets drawn", &number(stage, "#picture .card")?, &json!(30))?;
    let twice = "const one = document.querySelector('#picture svg').outerHTML; dispatchEvent(new Event('resize')); return one";
    let drawn = stage.browser.run(twice, &json!([]))?;
    look::everywhere(stage, "many")?;
    stage.browser.wait("the old size", "innerWidth === 1440")?;
    let again = format!("document.querySelector('#picture svg').outerHTML === {drawn}");
    stage.browser.wait("the same picture for the same data and place", &again)?;
    stage.browser.click("#picture-large")?;
    stage.browser.wait("the large picture", "document.querySelector('#picture').clientWidth > 1300")?;
    look::photograph(stage, "many-large-1440-light")?;
    stage.browser.click("#picture-large")
}

/// Hundreds of suggestions, which are drawn as one line per pair of datasets.
pub(super) fn hundreds(stage: &Stage<'_>) -> Result<(), String> {
    for n in [0, 5, 10] {
        stage.api.find_links(space(n), &table(n))?;
    }
    let bundled = "[...document.querySelectorAll('#picture .pill text')].some((one) => one.textContent.endsWith(' links'))";
    stage.browser.wait("lines for many links", bundled)?;
    let links = "return Number(document.querySelector('#links-count').textContent.replace(/ .*|,/g, ''))";
    let links = stage.browser.run(links, &json!([]))?;
    let lines = number(stage, "#picture .pill")?;
    match (links.as_u64(), lines.as_u64()) {
        (Some(links), Some(lines)) if links > 300 && lines < 120 => {}
        _ => return Err(format!("{links} links are drawn as {lines} lines")),
    }
    let start = Instant::now();
    stage.browser.click("#picture-large")?;
    stage.browser.wait("the large picture", "document.querySelector('#picture').clientWidth > 1300")?;
    if start.elapsed() > Duration::from_secs(5) {
        return Err(format!("drawing took {:?}", start.elapsed()));
    }
    look::photograph(stage, "hundreds-1440-light")?;
    // The few links that remain without the suggestions are drawn one by one.
    let active = "return [...document.querySelectorAll('#picture .pill:not(.suggested)')].length";
    stage.browser.click("#show-suggested")?;
    stage.browser.wait("the active links", "document.querySelectorAll('#picture .pill').length === 24")?;
    same("those that are active", &stage.browser.run(active, &json!([]))?, &json!(24))?;
    stage.browser.click("#show-suggested")?;
    stage.browser.click("#picture-large")
}

/// Checks the requests and the console messages of the browser since the start.
pub(super) fn alone(stage: &Stage<'_>) -> Result<(), String> {
    let mut loaded = 0;
    for entry in stage.browser.log("performance")? {
        let message: Value =
            entry["message"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let message = &message["message"];
        if message["method"] != "Network.requestWillBeSent" {
            continue;
        }
        let url = message["params"]["request"]["url"].as_str().unwrap_or_default();
        if !url.starts_with(&format!("{}/", stage.api.origin)) {
            return Err(format!("the page requested {url} from another server"));
        }
        loaded += 1;
    }
    if loaded < 10 {
        return Err(format!("the browser logged only {loaded} requests, so its log is incomplete"));
    }
    let everything = stage.browser.run("return document.documentElement.outerHTML", &json!([]))?;
    if everything.as_str().is_none_or(|everything| everything.contains(super::KEY)) {
        return Err("the page shows the key".to_owned());
    }
    let mut complaints = stage.browser.log("browser")?;
    // The fault that was rejected on purpose.
    let refused = format!("{}/_emulator/faults - Failed to load resource", stage.api.origin);
    complaints
        .retain(|entry| !entry["message"].as_str().is_some_and(|message| message.starts_with(&refused)));
    same("what the console says", &json!(complaints), &json!([]))
}

/// Checks the page after the emulator has stopped.
pub(super) fn gone(stage: &Stage<'_>) -> Result<(), String> {
    stage.browser.wait("the alarm", "!document.querySelector('#alarm').hidden")?;
    stage.browser.wait("the pulse", "document.querySelector('#pulse').textContent === 'no connection'")?;
    look::photograph(stage, "gone-1440-light")
}

/// Checks the page after another emulator has started at the same address.
pub(super) fn back(stage: &Stage<'_>) -> Result<(), String> {
    stage.browser.wait("a connection", "document.querySelector('#pulse').textContent === 'live'")?;
    stage.browser.wait(
        "nothing of the old one",
        "document.querySelectorAll('.dataset, #request-table tbody tr').length === 0",
    )?;
    stage.browser.wait("the end of the alarm", "document.querySelector('#alarm').hidden")?;
    stage.api.get("/user/me")?;
    stage.browser.wait("a request", "document.querySelectorAll('#request-table tbody tr').length === 1")
}
