//! Scenes about the data that the page shows.

use serde_json::{Value, json};

use super::story::{ENTER, ESCAPE, held, hold, number, same, texts};
use super::{Stage, look};

/// Markup that causes harm if the page inserts it as HTML.
const MARKUP: &str = "<img src=x onerror=window.harm=1>";
const FILMS: &str = r#"[
    {"title": "Alien", "year": 1979, "director": "Scott", "rating": 8.50},
    {"title": "Heat", "year": 1995, "director": "Mann", "rating": null},
    {"title": "Gladiator", "year": 2000, "director": "Scott", "cast": ["Crowe", {"as": "Commodus", "no": 1.0}]}
]"#;

pub(super) fn empty(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    browser.look(1440, 900, false)?;
    // Discard the log before the page is opened.
    browser.log("performance")?;
    browser.open(&format!("{}/", stage.api.origin))?;
    browser.wait("a connection", "document.querySelector('#pulse').textContent === 'live'")?;
    browser.wait("facts", "document.querySelectorAll('#facts div').length >= 6")?;
    let facts = texts(stage, "#facts dd")?;
    same("the address", &facts[0], &json!(format!("{}/api/v1", stage.api.origin)))?;
    same("the user", &facts[1], &json!("ana"))?;
    same("the seed", &facts[2], &json!("0"))?;
    for (selector, words) in [
        ("#dataset-list .none", "No dataset yet"),
        ("#picture .none", "appear here"),
        ("#requests-none", "No request yet"),
    ] {
        let found = texts(stage, selector)?;
        if !found[0].as_str().is_some_and(|found| found.contains(words)) {
            return Err(format!("{selector} says {found}, not {words:?}"));
        }
    }
    // A mark on the current document, which a reload would remove.
    browser.run("window.first = true", &json!([])).map(drop)
}

pub(super) fn appears(stage: &Stage<'_>) -> Result<(), String> {
    stage.api.dataset("cinema", "films", "What was shown, and when", FILMS)?;
    stage.api.dataset("cinema", "people", "", r#"[{"name":"Scott","born":1937},{"name":"Mann"}]"#)?;
    stage.api.link("ExactMatch", ["cinema", "films", "director"], ["cinema", "people", "name"])?;
    let browser = &stage.browser;
    browser.wait("the link", "document.querySelectorAll('#picture .pill').length === 1")?;
    same("the list", &texts(stage, ".dataset .name")?, &json!(["films", "people"]))?;
    same("the namespace", &texts(stage, ".group h3 .name")?, &json!(["cinema"]))?;
    same("the description", &texts(stage, ".dataset .about")?, &json!(["What was shown, and when"]))?;
    same("the sizes", &texts(stage, ".dataset .size")?, &json!(["3 × 5", "2 × 2"]))?;
    same("the datasets drawn", &texts(stage, "#picture .card .name")?, &json!(["films", "people"]))?;
    same("the columns drawn", &texts(stage, "#picture .card .column")?, &json!(["director", "name"]))?;
    same("the lines drawn", &number(stage, "#picture .line.exact:not(.suggested) path")?, &json!(1))?;
    let expected = "cinema/films.director → cinema/people.name: ExactMatch, 3 hits, active";
    same("what the line is", &texts(stage, "#picture .pill title")?, &json!([expected]))?;
    stage.browser.click("#links-below summary")?;
    stage
        .browser
        .wait("the table of links", "document.querySelectorAll('#link-table tbody tr').length === 1")?;
    let row = json!(["cinema/films.director", "cinema/people.name", "ExactMatch", "3", "active"]);
    same("the table of links", &texts(stage, "#link-table tbody td")?, &row)?;
    stage.browser.click("#links-below summary")?;
    same("the page was not reloaded", &browser.run("return window.first", &json!([]))?, &json!(true))
}

pub(super) fn text(stage: &Stage<'_>) -> Result<(), String> {
    let rows = json!([{ MARKUP: MARKUP, "</td><script>window.harm=2</script>": "<b>bold</b>" }]);
    stage.api.dataset(MARKUP, MARKUP, MARKUP, &rows.to_string())?;
    let browser = &stage.browser;
    browser.wait("the dataset", "document.querySelectorAll('.dataset').length === 3")?;
    same("its name", &texts(stage, ".group:first-child .dataset .name")?, &json!([MARKUP]))?;
    same("its namespace", &texts(stage, ".group:first-child h3 .name")?, &json!([MARKUP]))?;
    browser.click(".group:first-child .dataset")?;
    browser.wait("its rows", "document.querySelectorAll('#rows-table td').length === 2")?;
    same("its cells", &texts(stage, "#rows-table td")?, &json!(["<b>bold</b>", MARKUP]))?;
    same("its columns", &texts(stage, "#rows-table th")?[1], &json!(MARKUP))?;
    browser.keys("#rows", ESCAPE)?;
    let words = "return [window.harm ?? null, document.querySelectorAll('img[src=x], #rows-table b, td script').length]";
    same("what it did", &browser.run(words, &json!([]))?, &json!([null, 0]))
}

pub(super) fn rows(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    let films = "#dataset-list .group:last-child li:first-child .dataset";
    browser.click(films)?;
    browser.wait("the rows", "document.querySelectorAll('#rows-table tbody tr').length === 3")?;
    same("their title", &texts(stage, "#rows-title")?, &json!(["cinema / films"]))?;
    same(
        "their columns",
        &texts(stage, "#rows-table th")?,
        &json!(["title", "year", "director", "rating", "cast"]),
    )?;
    let cells = json!(["Gladiator", "2000", "Scott", "", r#"["Crowe",{"as":"Commodus","no":1.0}]"#]);
    same("a row", &texts(stage, "#rows-table tr:last-child td")?, &cells)?;
    same(
        "the digits as they came",
        &texts(stage, "#rows-table tr:first-child td:nth-child(4)")?,
        &json!(["8.50"]),
    )?;
    look::photograph(stage, "rows-1440-light")?;
    let first = "#rows-table tbody tr:first-child td:first-child";
    for (title, call) in [("Gladiator", "sortDescending(year)"), ("Alien", "sortAscending(year)")] {
        // The first click sorts in ascending order, the second in descending order.
        let clicks = if call.starts_with("sortDescending") { 2 } else { 1 };
        for _ in 0..clicks {
            let before = texts(stage, "#rows-query")?;
            browser.click("#rows-table th:nth-child(2) .sort")?;
            let is_new = format!("document.querySelector('#rows-query').textContent !== {}", before[0]);
            browser.wait("another query", &format!("{is_new} && document.querySelector('{first}')"))?;
        }
        let query = format!("Ontology(\"cinema/films\").{call}.limit(50)");
        same("the query of the rows", &texts(stage, "#rows-query")?, &json!([query]))?;
        same("the first row", &texts(stage, first)?, &json!([title]))?;
    }
    browser.keys("#rows", ESCAPE)?;
    browser.wait("the rows to close", "!document.querySelector('#rows').open")?;
    browser.keys("#picture .card:last-child", ENTER)?;
    browser.wait("the rows to open by key", "document.querySelector('#rows').open")?;
    browser.click("#rows header button")?;
    browser.wait("the rows to close by their button", "!document.querySelector('#rows').open")
}

pub(super) fn kinds(stage: &Stage<'_>) -> Result<(), String> {
    let halls = r#"[{"hall":"Odeon","lat":51.51,"lon":-0.59},{"hall":"Rex","lat":0,"lon":0}]"#;
    hold(stage, "#dataset-list .group:last-child li:last-child .dataset")?;
    stage.api.dataset("cinema", "halls", "", halls)?;
    stage.api.dataset("cinema", "shots", "", r#"[{"film":"Alien","place":"51.5, -0.6"},{"film":"Heat"}]"#)?;
    // Two suggestions, by title and by location. One of them is then activated.
    stage.api.find_links("cinema", "shots")?;
    stage
        .browser
        .wait("two suggestions", "document.querySelectorAll('#picture .line.suggested').length === 2")?;
    held(stage, "after datasets appeared in the list")?;
    hold(stage, "#picture .card:last-of-type")?;
    stage.api.link("GeoMatch", ["cinema", "shots", "place"], ["cinema", "halls", "lat"])?;
    stage
        .browser
        .wait("the choice", "document.querySelectorAll('#picture .line.geo:not(.suggested)').length === 1")?;
    held(stage, "after a link appeared in the picture")?;
    same("the suggestion left", &number(stage, "#picture .line.exact.suggested")?, &json!(1))?;
    same("the count", &texts(stage, "#links-count")?, &json!(["3 · 1 suggested"]))?;
    let geo = "cinema/shots.place → cinema/halls.lat: GeoMatch, 1 hit, active";
    same("what the lines are", &texts(stage, "#picture .pill.geo title")?, &json!([geo]))?;
    same("their signs", &texts(stage, "#picture .pill text")?, &json!(["= 3", "= 2", "◎ 1"]))
}

pub(super) fn coverage(stage: &Stage<'_>) -> Result<(), String> {
    let coverage: Value =
        serde_json::from_str(&stage.api.control("coverage")?).map_err(|error| error.to_string())?;
    let coverage = coverage.as_array().ok_or("the coverage is a list")?;
    same("the operations", &number(stage, "#coverage-table tbody tr")?, &json!(coverage.len()))?;
    for label in ["computed", "partly-scripted", "scripted", "unsupported"] {
        let counted = coverage.iter().filter(|entry| entry["coverage"] == label).count();
        same(label, &number(stage, &format!("#coverage-table .badge.{label}"))?, &json!(counted))?;
    }
    let row = "return [...document.querySelectorAll('#coverage-table tbody tr')].find((row) => row.cells[0].textContent === arguments[0]).cells[2].textContent";
    same("the answers given", &stage.browser.run(row, &json!(["getCurrentUser"]))?, &json!("3"))
}
