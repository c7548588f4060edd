//! `cargo xtask regen`: derives all generated files from the hand-written document.

pub(crate) mod against;
pub(crate) mod change;
#[path = "../../../datalinks-gen/codegen/mod.rs"]
mod codegen;
mod derive;
pub(crate) mod effect;
pub(crate) mod files;
mod lint;
mod references;
mod requests;
mod responses;
mod served;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::Value;

use against::document::Document;

/// The hand-written document, below the root of the workspace.
const DOCUMENT: &str = "openapi/datalinks.yaml";

/// The previous state of the document without prose. Changes of the wire are found by comparison with it.
const EARLIER: &str = "openapi/structure.json";

/// The options of `cargo xtask regen`.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Write no derived file, and fail if one is stale.
    pub(crate) check: bool,
    /// Print the diff of stale files.
    pub(crate) diff: bool,
    /// Write the report as Markdown to this file.
    pub(crate) report: Option<PathBuf>,
}

/// Returns the hand-written document of a checkout.
pub(crate) fn document(root: &Path) -> Result<Value, String> {
    load(&root.join(DOCUMENT))
}

/// Returns the requirements of the document on requests, in JSON Schema.
pub(crate) fn requests(document: &Value) -> Result<Value, String> {
    requests::derive(document)
}

/// Returns all operations of the document: path, method, operation.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    references::operations(document).map(|(path, method, _, operation)| (path, method, operation))
}

/// Validates the document and writes the derived files, or compares them if `check` is set. Reports the changes
/// of the wire since the last run to `out`.
///
/// # Errors
///
/// Fails if the document is invalid, if a file cannot be read or written, or if `check` finds a stale file.
pub(crate) fn run(root: &Path, options: &Options, out: &mut dyn Write) -> Result<(), String> {
    let document = document(root)?;
    lint::run(&document)?;

    let api = pretty(&derive::slice(&document, "api")?)?;
    let proxy = pretty(&derive::slice(&document, "proxy")?)?;
    let modules = codegen::generate(&api, &proxy)?;
    let requests = pretty(&requests::derive(&document)?)?;
    let responses = pretty(&responses::derive(&document)?)?;
    let served = pretty(&served::derive(&document))?;
    let new = Document::new(DOCUMENT.to_owned(), document)?;
    let mut derived = vec![
        files::Derived::new(EARLIER, pretty(&change::contract::structural(&new)?)?),
        files::Derived::new("datalinks-emulator/src/admin/control/openapi.json", served),
        files::Derived::new("datalinks-gen/spec/api.json", api),
        files::Derived::new("datalinks-gen/spec/proxy.json", proxy),
        files::Derived::new("datalinks-gen/spec/requests.json", requests),
        files::Derived::new("datalinks-gen/spec/responses.json", responses),
    ];
    for module in modules {
        derived.push(files::Derived::new(format!("datalinks-gen/snapshot/{}", module.file), module.text));
    }

    // The previous state must be read before it is overwritten.
    let report = report(&root.join(EARLIER), &new);
    let is_reported = report.as_ref().is_ok_and(|report| !report.is_empty());
    let mut sources = is_reported.then(|| change::Sources::read(root));
    let stale = if options.check {
        files::check(root, &derived, options.diff, out)?
    } else {
        files::write(root, &derived, options.diff, out)?;
        sources = sources.map(|sources| sources.and_then(change::Sources::again));
        Vec::new()
    };
    match report {
        Ok(report) => change::write(&report, sources, options.report.as_deref(), out)?,
        Err(error) => say(out, &format!("changes of the wire are not reported: {error}"))?,
    }
    match stale.len() {
        0 => Ok(()),
        count => Err(format!(
            "{count} derived files are stale ({}); run `cargo xtask regen` and review what it writes, or add --diff \
             to see it",
            stale.join(", ")
        )),
    }
}

/// Returns the changes since the previous state. If the previous state cannot be read, for example because it
/// has merge conflicts, the files are derived nevertheless.
fn report(earlier: &Path, new: &Document) -> Result<change::Report, String> {
    let old = Document::read(earlier)?;
    Ok(change::Report::new(&old, new, change::between(&old, new)?))
}

/// Writes a line of progress.
fn say(out: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| format!("writing the output failed: {error}"))
}

fn load(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn pretty(value: &Value) -> Result<String, String> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok(text)
}
