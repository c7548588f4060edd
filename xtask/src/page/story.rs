//! What happens on the page, scene by scene. Each goes on where the one before it ended.

use serde_json::{Value, json};

use super::{Stage, look};

type Scene = fn(&Stage<'_>) -> Result<(), String>;

pub(super) const SCENES: &[(&str, Scene)] = &[
    ("an empty emulator says so", empty),
    ("what programs make appears by itself", appears),
    ("text stays text", text),
    ("a dataset opens, by mouse and by keyboard", rows),
    ("requests come, wait and are filtered", requests),
    ("every operation is covered", coverage),
    ("the page can be looked at everywhere", few),
    ("a large picture can be read", many),
    ("nothing is loaded from elsewhere, nothing is complained of", alone),
];

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
/// Markup where it would do harm if it were taken for markup.
const MARKUP: &str = "<img src=x onerror=window.harm=1>";

const FILMS: &str = r#"[
    {"title": "Alien", "year": 1979, "director": "Scott", "rating": 8.50},
    {"title": "Heat", "year": 1995, "director": "Mann", "rating": null},
    {"title": "Gladiator", "year": 2000, "director": "Scott", "cast": ["Crowe", {"as": "Commodus", "no": 1.0}]}
]"#;

fn same(what: &str, seen: &Value, wanted: &Value) -> Result<(), String> {
    if seen == wanted { Ok(()) } else { Err(format!("{what}: want {wanted}, see {seen}")) }
}

/// The texts of all elements that a selector means.
fn texts(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)";
    stage.browser.run(script, &json!([selector]))
}

fn number(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    stage.browser.run("return document.querySelectorAll(arguments[0]).length", &json!([selector]))
}

fn empty(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    browser.look(1440, 900, false)?;
    // Only what happens from here on is the page's.
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
        let told = texts(stage, selector)?;
        if !told[0].as_str().is_some_and(|told| told.contains(words)) {
            return Err(format!("{selector} says {told}, not {words:?}"));
        }
    }
    // Whatever happens from here on happens to this very document.
    browser.run("window.first = true", &json!([])).map(drop)
}

fn appears(stage: &Stage<'_>) -> Result<(), String> {
    stage.api.dataset("cinema", "films", "What was shown, and when", FILMS)?;
    stage.api.dataset("cinema", "people", "", r#"[{"name":"Scott","born":1937},{"name":"Mann"}]"#)?;
    stage.api.link(["cinema", "films", "director"], ["cinema", "people", "name"])?;
    let browser = &stage.browser;
    browser.wait("the link", "document.querySelectorAll('#picture .pill').length === 1")?;
    same("the list", &texts(stage, ".dataset .name")?, &json!(["films", "people"]))?;
    same("the namespace", &texts(stage, ".group h3 .name")?, &json!(["cinema"]))?;
    same("the description", &texts(stage, ".dataset .about")?, &json!(["What was shown, and when"]))?;
    same("the sizes", &texts(stage, ".dataset .size")?, &json!(["3 × 5", "2 × 2"]))?;
    same("the datasets drawn", &texts(stage, "#picture .card .name")?, &json!(["films", "people"]))?;
    same("the columns drawn", &texts(stage, "#picture .card .column")?, &json!(["director", "name"]))?;
    same("the lines drawn", &number(stage, "#picture .line.exact:not(.suggested) path")?, &json!(1))?;
    let told = "cinema/films.director → cinema/people.name: ExactMatch, 3 hits, active";
    same("what the line is", &texts(stage, "#picture .pill title")?, &json!([told]))?;
    let row = json!(["cinema/films.director", "cinema/people.name", "ExactMatch", "3", "active"]);
    same("the table of links", &texts(stage, "#link-table tbody td")?, &row)?;
    same("without being loaded anew", &browser.run("return window.first", &json!([]))?, &json!(true))
}

fn text(stage: &Stage<'_>) -> Result<(), String> {
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

fn rows(stage: &Stage<'_>) -> Result<(), String> {
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
    browser.keys("#rows", ESCAPE)?;
    browser.wait("the rows to close", "!document.querySelector('#rows').open")?;
    browser.keys("#picture .card:last-child", ENTER)?;
    browser.wait("the rows to open by key", "document.querySelector('#rows').open")?;
    browser.click("#rows header button")?;
    browser.wait("the rows to close by their button", "!document.querySelector('#rows').open")
}

fn requests(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    let newest = "#request-table tbody tr:first-child";
    let is =
        |operation: &str| format!("document.querySelector('{newest} .name')?.textContent === '{operation}'");
    stage.api.get("/user/me")?;
    browser.wait("a request", &is("getCurrentUser"))?;
    same("its status", &texts(stage, &format!("{newest} .status"))?, &json!(["200"]))?;
    same("its label", &texts(stage, &format!("{newest} .badge"))?, &json!(["computed"]))?;
    stage.api.get("/data/self/no/such")?;
    browser.wait("a refusal", &is("getDatasetInformation"))?;
    same("its path", &texts(stage, &format!("{newest} .path"))?, &json!(["GET /api/v1/data/self/no/such"]))?;

    browser.click("#pause")?;
    stage.api.get("/user/me")?;
    browser
        .wait("a request that waits", "document.querySelector('#pause').textContent === 'Go on (1 new)'")?;
    browser.wait("the same as before", &is("getDatasetInformation"))?;
    browser.click("#pause")?;
    browser.wait("what waited", &is("getCurrentUser"))?;

    browser.keys("#filter-text", "NO/such 404")?;
    browser.wait(
        "the one that fits",
        &format!("{} && {} === 1", is("getDatasetInformation"), rows_of("request-table")),
    )?;
    stage.api.get("/user/me")?;
    browser.wait(
        "the others to be counted only",
        "document.querySelector('#requests-count').textContent.startsWith('1 of ')",
    )?;
    browser.set("#filter-text", "")?;
    browser.set("#filter-kind", "refused")?;
    browser.wait("the refused ones", &format!("{} === 1", rows_of("request-table")))?;
    browser.set("#filter-kind", "")?;
    browser.wait("all", &is("getCurrentUser"))
}

fn rows_of(table: &str) -> String {
    format!("document.querySelector('#{table}').tBodies[0].rows.length")
}

fn coverage(stage: &Stage<'_>) -> Result<(), String> {
    let told = stage.api.told("coverage")?;
    let told = told.as_array().ok_or("the coverage is a list")?;
    same("the operations", &number(stage, "#coverage-table tbody tr")?, &json!(told.len()))?;
    for label in ["computed", "scripted", "unsupported"] {
        let counted = told.iter().filter(|entry| entry["coverage"] == label).count();
        same(label, &number(stage, &format!("#coverage-table .badge.{label}"))?, &json!(counted))?;
    }
    let row = "return [...document.querySelectorAll('#coverage-table tbody tr')].find((row) => row.cells[0].textContent === arguments[0]).cells[2].textContent";
    same("the answers given", &stage.browser.run(row, &json!(["getCurrentUser"]))?, &json!("3"))
}

fn few(stage: &Stage<'_>) -> Result<(), String> {
    look::everywhere(stage, "few")
}

/// Thirty datasets: a chain, a star, a ring, a dataset linked to itself, some alone.
fn many(stage: &Stage<'_>) -> Result<(), String> {
    let rows = |shift: usize| -> Value {
        (0..12)
            .map(|n| json!({ "id": n, "parent": n / 2, "owner_id": (n + shift) % 5, "note": "x" }))
            .collect()
    };
    let spaces = ["shop", "warehouse", "people", "finance"];
    let name = |n: usize| {
        format!("table_{n:02}{}", if n.is_multiple_of(7) { "_with_a_rather_long_name" } else { "" })
    };
    let space = |n: usize| spaces[n % 4];
    for n in 0..27 {
        stage.api.dataset(space(n), &name(n), "", &rows(n).to_string())?;
    }
    let mut links = vec![(0, "parent", 0, "id")];
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
        stage.api.link([space(*from), &name(*from), from_column], [space(*to), &name(*to), to_column])?;
    }
    let lines = links.len() + 1;
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

/// Looks at all that the browser loaded and said since the start.
fn alone(stage: &Stage<'_>) -> Result<(), String> {
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
            return Err(format!("the page asked for {url}, which is elsewhere"));
        }
        loaded += 1;
    }
    if loaded < 10 {
        return Err(format!("the browser tells of {loaded} requests only; its log is no proof"));
    }
    let everything = stage.browser.run("return document.documentElement.outerHTML", &json!([]))?;
    if everything.as_str().is_none_or(|everything| everything.contains(super::KEY)) {
        return Err("the page shows the key".to_owned());
    }
    let complaints = stage.browser.log("browser")?;
    same("what the console says", &json!(complaints), &json!([]))
}

/// After the emulator has ended.
pub(super) fn gone(stage: &Stage<'_>) -> Result<(), String> {
    stage.browser.wait("the alarm", "!document.querySelector('#alarm').hidden")?;
    stage.browser.wait("the pulse", "document.querySelector('#pulse').textContent === 'no connection'")?;
    look::photograph(stage, "gone-1440-light")
}
