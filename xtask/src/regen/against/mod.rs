//! `cargo xtask regen --against FILE`: compares the project's document with another one in both directions.
//!
//! 1. [`document`] reads a file, and [`read`] brings either form of it to the [`model`].
//! 2. [`compare`] walks through both models and collects each [`difference`]. [`schemas`] normalizes schemas for it.
//! 3. [`allowed`] sets aside the differences that the project's list accepts, and [`report`] prints the others.
//!
//! [`change`](super::change) uses the same reader, model and schemas for the changes from one document to the next.
//!
//! Not compared: servers, tags, prose, examples, links, headers of responses, read-only and deprecated fields, and
//! extensions except `x-events`.

mod allowed;
mod compare;
mod difference;
pub(super) mod document;
pub(super) mod model;
pub(super) mod read;
pub(super) mod references;
mod report;
pub(super) mod schemas;

use std::{io::Write, path::Path};

use allowed::Allowed;
use document::Document;

/// The list of accepted differences, below the root of the workspace.
const ALLOWED: &str = "openapi/allowed-differences.yaml";

/// Compares the project's document with `file` and writes the result to `out`.
///
/// # Errors
///
/// Fails if a document or the list of accepted differences cannot be used, or if differences are left that the
/// list does not accept.
pub(crate) fn run(root: &Path, file: &Path, with_allowed: bool, out: &mut dyn Write) -> Result<(), String> {
    let (ours, theirs) = (Document::read(&root.join(super::DOCUMENT))?, Document::read(file)?);
    let allowed = Allowed::read(&root.join(ALLOWED))?;
    let compared = compare::run(&read::contract(&ours)?, &read::contract(&theirs)?);
    let sorted = allowed.sort(compared.differences);
    report::write(out, compared.operations, &sorted, with_allowed)
        .map_err(|error| format!("writing the report failed: {error}"))?;
    match sorted.left.len() {
        0 => Ok(()),
        left => Err(format!(
            "{} and {} differ ({left} times); change the document, or add the difference with its reason to {ALLOWED}",
            super::DOCUMENT,
            file.display()
        )),
    }
}

#[cfg(test)]
mod tests;
