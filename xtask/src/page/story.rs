//! The scenes of the page tests. Each continues in the state that the previous one left.

use serde_json::{Value, json};

use super::{Stage, done, seen, shown};

type Scene = fn(&Stage<'_>) -> Result<(), String>;

pub(super) const SCENES: &[(&str, Scene)] = &[
    ("an empty emulator is reported", shown::empty),
    ("changes by programs appear without a reload", shown::appears),
    ("markup in data is shown as text", shown::text),
    ("a dataset opens by mouse and by keyboard", shown::rows),
    ("links of every kind are distinguishable", shown::kinds),
    ("requests are listed, paused and filtered", done::requests),
    ("faults are injected, applied and removed", done::faults),
    ("every operation is covered", shown::coverage),
    ("the page fits every window", seen::few),
    ("clock and state are set and restored", done::state),
    ("a large picture is readable", seen::many),
    ("hundreds of links are bundled", seen::hundreds),
    ("nothing is loaded from other servers, and the console is empty", seen::alone),
];

pub(super) const ENTER: &str = "\u{e007}";
pub(super) const ESCAPE: &str = "\u{e00c}";

pub(super) fn same(what: &str, seen: &Value, wanted: &Value) -> Result<(), String> {
    if seen == wanted { Ok(()) } else { Err(format!("{what}: expected {wanted}, found {seen}")) }
}

/// Returns the texts of all elements that a selector matches.
pub(super) fn texts(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)";
    stage.browser.run(script, &json!([selector]))
}

/// Gives an element the focus, and remembers it.
pub(super) fn hold(stage: &Stage<'_>, selector: &str) -> Result<(), String> {
    let script = "window.held = document.querySelector(arguments[0]); held.focus(); return held === document.activeElement";
    same(&format!("the focus of {selector}"), &stage.browser.run(script, &json!([selector]))?, &json!(true))
}

/// Checks that the remembered element is still a part of the page and has the focus. A click ends where it began only then.
pub(super) fn held(stage: &Stage<'_>, when: &str) -> Result<(), String> {
    let script = "return [held.isConnected, held === document.activeElement]";
    let stays = stage.browser.run(script, &json!([]))?;
    same(&format!("the element in use and its focus {when}"), &stays, &json!([true, true]))
}

pub(super) fn number(stage: &Stage<'_>, selector: &str) -> Result<Value, String> {
    stage.browser.run("return document.querySelectorAll(arguments[0]).length", &json!([selector]))
}
