//! What happens on the page, scene by scene. Each goes on where the one before it ended.

use serde_json::{Value, json};

use super::{Stage, done, seen, shown};

type Scene = fn(&Stage<'_>) -> Result<(), String>;

pub(super) const SCENES: &[(&str, Scene)] = &[
    ("an empty emulator says so", shown::empty),
    ("what programs make appears by itself", shown::appears),
    ("text stays text", shown::text),
    ("a dataset opens, by mouse and by keyboard", shown::rows),
    ("links of every kind are told apart", shown::kinds),
    ("requests come, wait and are filtered", done::requests),
    ("faults are injected, act and are taken back", done::faults),
    ("every operation is covered", shown::coverage),
    ("the page can be looked at everywhere", seen::few),
    ("clock and state are set and brought back", done::state),
    ("a large picture can be read", seen::many),
    ("hundreds of links are bundled", seen::hundreds),
    ("nothing is loaded from elsewhere, nothing is complained of", seen::alone),
];

pub(super) const ENTER: &str = "\u{e007}";
pub(super) const ESCAPE: &str = "\u{e00c}";

pub(super) fn same(what: &str, seen: &Value, wanted: &Value) -> Result<(), String> {
    if seen == wanted { Ok(()) } else { Err(format!("{what}: want {wanted}, see {seen}")) }
}

/// The texts of all elements that a selector means.
pub(super) fn texts(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)";
    stage.browser.run(script, &json!([selector]))
}

pub(super) fn number(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    stage.browser.run("return document.querySelectorAll(arguments[0]).length", &json!([selector]))
}
