//! Scenes in which a person uses the page.

use serde_json::json;

use super::story::{ESCAPE, held, hold, number, same, texts};
use super::{Stage, look};

pub(super) fn requests(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    let newest = "#request-table tbody tr:first-child";
    let is =
        |operation: &str| format!("document.querySelector('{newest} .name')?.textContent === '{operation}'");
    stage.api.get("/user/me")?;
    browser.wait("a request", &is("getCurrentUser"))?;
    same("its status", &texts(stage, &format!("{newest} .status"))?, &json!(["200"]))?;
    same("its label", &texts(stage, &format!("{newest} .badge"))?, &json!(["computed"]))?;
    stage.api.get("/data/self/no/such")?;
    browser.wait("a rejected request", &is("getDatasetInformation"))?;
    same("its path", &texts(stage, &format!("{newest} .path"))?, &json!(["GET /api/v1/data/self/no/such"]))?;

    browser.click("#pause")?;
    stage.api.get("/user/me")?;
    browser
        .wait("a request that waits", "document.querySelector('#pause').textContent === 'Resume (1 new)'")?;
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
    browser.set("#filter-kind", "failed")?;
    browser.wait("the rejected requests", &format!("{} === 1", rows_of("request-table")))?;
    browser.set("#filter-kind", "")?;
    browser.wait("all", &is("getCurrentUser"))
}

fn rows_of(table: &str) -> String {
    format!("document.querySelector('#{table}').tBodies[0].rows.length")
}

pub(super) fn faults(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    let pending = |number: usize| format!("document.querySelectorAll('#fault-list li').length === {number}");
    let field = |name: &str| format!("#fault-form [name={name}]");
    let inject = |operation: &str, effect: &str| {
        browser.set(&field("operation"), operation)?;
        browser.set(&field("effect"), effect)
    };
    inject("listAllDatasets", "status")?;
    browser.set(&field("retryAfter"), "2")?;
    browser.set(&field("after"), "1")?;
    browser.click("#fault-form .primary")?;
    browser.wait("the fault", &pending(1))?;
    let words = "listAllDatasets failsstatus 503, retry after 2, 1 call skipped, once";
    same("what it says", &texts(stage, "#fault-list .words")?, &json!([words]))?;
    look::photograph(stage, "fault-1440-light")?;
    let statuses = [stage.api.get("/schema/datasets/all")?, stage.api.get("/schema/datasets/all")?];
    same("the statuses of the calls", &json!(statuses), &json!([200, 503]))?;
    let badge = "#request-table tbody tr:first-child .badge.fault";
    browser.wait(
        "the fault among the requests",
        &format!("document.querySelector('{badge}')?.textContent === 'fault: status'"),
    )?;
    browser.wait("the fault to be gone", &pending(0))?;

    inject("queryData", "cut-after")?;
    browser.click("#fault-form .primary")?;
    browser
        .wait("a reason", "document.querySelector('#fault-error').textContent.includes('does not stream')")?;
    inject("queryData", "garbage")?;
    browser.set(&field("after"), "")?;
    browser.set(&field("times"), "")?;
    browser.click("#fault-form .primary")?;
    browser.wait("the second fault", &pending(1))?;
    hold(stage, "#fault-list li button")?;
    stage.api.fault(r#"{"operation":"ingestData","garbage":true}"#)?;
    browser.wait("a fault of a program", &pending(2))?;
    held(stage, "after a fault of a program appeared")?;
    inject("addLink", "delay")?;
    browser.set(&field("delay"), "5")?;
    browser.set(&field("times"), "3")?;
    browser.click("#fault-form .primary")?;
    browser.wait("the third fault of the form", &pending(3))?;
    let expected = json!([
        "queryData returns garbageevery time",
        "ingestData returns garbageonce",
        "addLink is delayeddelay 5ms, 3 times"
    ]);
    same("what they say", &texts(stage, "#fault-list .words")?, &expected)?;
    browser.click("#fault-list li:first-child button")?;
    browser.wait("one to be removed", &pending(2))?;
    browser.click("#faults-clear")?;
    browser.wait("all to be cleared", &pending(0))
}

pub(super) fn state(stage: &Stage<'_>) -> Result<(), String> {
    let browser = &stage.browser;
    let clock = |words: &str| {
        format!("[...document.querySelectorAll('#facts dd')].some((one) => one.textContent === '{words}')")
    };
    let datasets = |number: usize| format!("document.querySelectorAll('.dataset').length === {number}");
    let snapshots = |number: usize| {
        format!("document.querySelectorAll('#snapshot-list button').length === {}", 2 * number)
    };
    browser.click("#state-open")?;
    browser.set("#clock-set input", "2026-01-31T12:00:00Z")?;
    browser.click("#clock-set button")?;
    browser.wait("the clock to stand", &clock("stopped at 2026-01-31 12:00:00 UTC"))?;
    browser.set("#clock-advance input", "1h 30m")?;
    browser.click("#clock-advance button")?;
    browser.wait("the clock to move on", &clock("stopped at 2026-01-31 13:30:00 UTC"))?;
    browser.click("#clock-release")?;
    browser.wait("the clock to go", &clock("system clock"))?;

    browser.set("#snapshot-keep input", "before")?;
    browser.click("#snapshot-keep button")?;
    browser.wait("the snapshot", &snapshots(1))?;
    hold(stage, "#snapshot-list button")?;
    browser.set("#snapshot-keep input", "after")?;
    browser.run("document.querySelector('#snapshot-keep').requestSubmit()", &json!([]))?;
    browser.wait("the second snapshot", &snapshots(2))?;
    held(stage, "after a snapshot appeared")?;
    browser.click("#snapshot-list li:first-child button:last-of-type")?;
    browser.wait("one snapshot", &snapshots(1))?;
    look::photograph(stage, "state-1440-light")?;
    let export = stage.folder.join("export.ndjson");
    std::fs::write(&export, stage.api.control("export")?)
        .map_err(|error| format!("{}: {error}", export.display()))?;
    browser.click("#reset")?;
    same("nothing yet", &number(stage, ".dataset")?, &json!(5))?;
    browser.click("#reset")?;
    browser.wait("all to be forgotten", &datasets(0))?;
    browser.click("#snapshot-list button:first-of-type")?;
    browser.wait("all to be back", &datasets(5))?;
    browser.click("#snapshot-list button:last-of-type")?;
    browser.wait("the snapshot to be gone", &snapshots(0))?;
    browser.click("#reset")?;
    browser.click("#reset")?;
    browser.wait("all to be forgotten again", &datasets(0))?;
    browser.keys("#import", &export.display().to_string())?;
    browser.wait("what was exported", &datasets(5))?;
    browser.keys("#state", ESCAPE)?;
    browser.wait("the state to close", "!document.querySelector('#state').open")
}
