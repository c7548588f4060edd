//! `cargo xtask regen`: from the hand-written document to everything derived from it.

pub(crate) mod against;
#[path = "../../../datalinks-gen/codegen/mod.rs"]
mod codegen;
mod derive;
#[cfg_attr(not(test), expect(dead_code, reason = "called by the report, which is written beside it"))]
pub(crate) mod effect;
mod files;
mod lint;
mod references;
mod requests;
mod surface;

use std::{fs, path::Path};

use serde_json::Value;

/// Where the truth stands, below the top of the workspace.
const DOCUMENT: &str = "openapi/datalinks.yaml";

/// Lints the document, derives from it, and writes (or, to `check`, compares) what is derived.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    let document = load(&root.join(DOCUMENT))?;
    lint::run(&document)?;

    let api = derive::slice(&document, "api")?;
    let proxy = derive::slice(&document, "proxy")?;
    let (api_text, proxy_text) = (pretty(&api)?, pretty(&proxy)?);

    let mut derived = vec![
        files::Derived::new("datalinks-gen/spec/api.json", api_text.clone()),
        files::Derived::new("datalinks-gen/spec/proxy.json", proxy_text.clone()),
        files::Derived::new("datalinks-gen/spec/requests.json", pretty(&requests::derive(&document)?)?),
    ];
    for module in codegen::generate(&api_text, &proxy_text)? {
        derived.push(files::Derived::new(format!("datalinks-gen/snapshot/{}", module.file), module.text));
    }

    let before = [
        read_json(&root.join("datalinks-gen/spec/api.json")),
        read_json(&root.join("datalinks-gen/spec/proxy.json")),
    ];
    let changes = surface::compare(&before, &[api, proxy]);
    match changes.as_slice() {
        [] => println!("public surface: no change"),
        changes => println!("public surface:\n  {}", changes.join("\n  ")),
    }

    if check { files::check(root, &derived) } else { files::write(root, &derived) }
}

fn load(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The derived document as it was, or nothing on the first run.
fn read_json(path: &Path) -> Value {
    fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn pretty(value: &Value) -> Result<String, String> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok(text)
}
