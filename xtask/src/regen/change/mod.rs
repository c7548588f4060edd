//! Changes of the wire from one document to a later one, the sides that they concern, and whether they break
//! clients.
//!
//! 1. The reader and the model of [`against`](super::against) read both documents into operations and schemas.
//! 2. [`walk`] walks through both and collects [`found`] changes. A change of a schema that several operations
//!    use is one change with all of them.
//! 3. [`kind`] contains the kinds of change and the rules for breaking changes.
//! 4. [`report`] prints the changes, as text or as Markdown, with their [`effects`] on the workspace.
//!
//! [`contract`] writes the document without prose, which is the previous state at the next run of
//! `cargo xtask regen`. [`mod@history`] finds all changes in a file of revisions, and compares them with the
//! changes that the file lists.
//!
//! Some changes are not detected:
//!
//! - how a parameter is written (`style`, `explode`, `allowReserved`) and the headers of responses,
//! - the keywords `prefixItems`, `patternProperties` and `not`, and other keywords for which [`kind`] has no
//!   kind,
//! - the kinds of security schemes (only whether a request needs one is compared),
//! - media types that begin with `x-`, and the parameters of media types, such as `charset`,
//! - the server: `x-server` is an extension, so a move of an operation from `api` to `proxy` is not reported, although
//!   clients then send it to another host.
//!
//! The crate `drift` 0.2.0 is not used, although it compares OpenAPI documents. It reads OpenAPI 3.0 only, panics if a
//! response body or its media type appears or disappears, classifies by the direction of compatibility instead of by
//! the rules in [`kind`], and leaves unions, enums, bounds and `required` unclassified.

pub(super) mod contract;
mod effects;
mod found;
mod history;
mod kind;
mod report;
mod walk;

use std::{fs, io::Write, path::Path};

use serde::Deserialize;

pub(super) use effects::{Effects, Field, Sources, State, Target};
pub(super) use found::Change;
pub(super) use kind::Kind;
pub(super) use report::Report;

use super::against::{document::Document, read};

/// The side of an operation that a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::regen) enum Side {
    /// Clients send it.
    Request,
    /// Clients read it.
    Response,
}

/// Returns the changes from one document to a later one.
///
/// # Errors
///
/// Fails if a document cannot be read as a contract.
pub(super) fn between(old: &Document, new: &Document) -> Result<Vec<Change>, String> {
    Ok(walk::run(&read::contract(old)?, &read::contract(new)?))
}

/// `cargo xtask changes OLD [NEW]`: writes the report about the changes between two files to `out`, and as
/// Markdown to `markdown`. The later file defaults to the project's document.
///
/// # Errors
///
/// Fails if a file cannot be read as a contract, or if the report cannot be written.
pub(crate) fn run(
    root: &Path,
    old: &Path,
    new: Option<&Path>,
    markdown: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), String> {
    let ours = root.join(super::DOCUMENT);
    let (old, new) = (Document::read(old)?, Document::read(new.unwrap_or(&ours))?);
    let report = Report::new(&old, &new, between(&old, &new)?);
    let sources = (!report.is_empty()).then(|| Sources::read(root));
    write(&report, sources, markdown, out)
}

/// `cargo xtask changes --history FILE`: finds all changes of all revisions in a file and compares them with
/// those that the file lists.
///
/// # Errors
///
/// Fails if the file cannot be read, or if the found changes differ from the listed ones.
pub(crate) fn history(file: &Path, out: &mut dyn Write) -> Result<(), String> {
    history::run(file, out)
}

/// Writes a report as text, and as Markdown to a file. If sources cannot be parsed, for example while they are
/// being edited, the changes are reported without effects.
///
/// # Errors
///
/// Fails if the report cannot be written.
pub(super) fn write(
    report: &Report,
    sources: Option<Result<Sources<'_>, String>>,
    markdown: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), String> {
    let (sources, error) = match sources {
        Some(Ok(sources)) => (Some(sources), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let effects = sources.as_ref().map(|sources| sources as &dyn Effects);
    super::say(out, report.text(effects).trim_end())?;
    if let Some(error) = error {
        super::say(out, &format!("effects are not reported: {error}"))?;
    }
    if let Some(path) = markdown {
        fs::write(path, report.markdown(effects))
            .map_err(|error| format!("writing {} failed: {error}; check the path", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
