//! `datalinks clean`: an agent that cleans a dataset.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use super::verbs;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::session::{Session, full_name, or_missing_dataset};
use crate::settings::DatasetName;

verbs! {
    /// Let an agent clean a dataset, and get the code that it wrote
    ///
    /// The service has no call for the progress of a task. When the task has ended, its code is there, and so is the new
    /// dataset.
    pub(crate) struct Arguments;

    Start(Start) => start,
    Code(Code) => code,
}

/// Start a task that cleans a dataset by instructions, and writes the result to a new dataset
///
/// The task costs model tokens.
#[derive(Args)]
#[command(after_help = "Example:\n  \
    datalinks clean start 'write years as numbers' 'remove rows without a title' --dataset cinema/films --into cinema/clean_films")]
struct Start {
    /// Instructions, 1 to 10, which are carried out in order
    #[arg(required = true, value_name = "INSTRUCTION")]
    instructions: Vec<String>,

    /// New dataset for the result, as NAMESPACE/DATASET
    #[arg(long, value_name = "DATASET")]
    into: DatasetName,
}

/// Get the code that the agent of a task wrote
#[derive(Args)]
#[command(after_help = "Examples:\n  datalinks clean code 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a\n  \
    datalinks clean code 0191d2f4-3c8e-7a60-9b1d-1f2e3d4c5b6a --dir code")]
struct Code {
    /// Id of the task
    task: Uuid,

    /// Write the files to this directory, which is created; files in it are not replaced
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// A task that was started.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Started<'a> {
    task: Uuid,
    dataset: &'a str,
    into: &'a str,
}

/// A file of code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    content: String,
}

/// A file that was written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    name: String,
    file: String,
    bytes: usize,
}

async fn start(arguments: Start, session: &Session) -> Result {
    let dataset = session.dataset(None).await?;
    let into = session.dataset(Some(&arguments.into)).await?;
    let task = or_missing_dataset(dataset.clean(arguments.instructions, &into).await, &dataset).await?;
    let (from, into) = (full_name(&dataset), full_name(&into));
    session.output.object(&Started { task, dataset: &from, into: &into })?;
    if let Some(command) = session.command(&format!("clean code {task}")) {
        session.diagnostics().note(&format!("when the task has ended: {command}"));
    }
    Ok(())
}

async fn code(arguments: Code, session: &Session) -> Result {
    let listing = session.client().await?.cleaning_code(arguments.task).await.map_err(|error| {
        Failure::from(error).next_if_missing(
            "the task may still be running: try again later, or look for its dataset in datalinks dataset list",
        )
    })?;
    session.warn_of_rejected(&listing.rejected);
    let files = listing.items.into_iter().map(|file| File { name: file.name, content: file.content });
    match &arguments.dir {
        None if session.output.format() == Format::Table => {
            let mut files = files;
            files.try_for_each(|file| session.output.text(&format!("-- {} --\n{}", file.name, file.content)))
        }
        None => session.output.list(&files.collect::<Vec<_>>(), &["name", "content"]),
        Some(directory) => {
            let mut written = Vec::new();
            for file in files {
                written.push(write(directory, file).await?);
            }
            session.output.list(&written, &["name", "file", "bytes"])
        }
    }
}

/// Writes a file of code. The service chose its name, which therefore must not leave the directory.
async fn write(directory: &Path, file: File) -> Result<Written> {
    let relative = Path::new(&file.name);
    let is_inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside || file.name.is_empty() {
        return Err(Failure::new(
            Exit::Failure,
            format!("the name {:?} does not stay in the directory", file.name),
        ));
    }
    let path = directory.join(relative);
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Failure, format!("cannot write {}", path.display())).caused_by(&error)
    };
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await.map_err(failed)?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    let mut new = options.write(true).create_new(true).open(&path).await.map_err(failed)?;
    tokio::io::AsyncWriteExt::write_all(&mut new, file.content.as_bytes()).await.map_err(failed)?;
    tokio::io::AsyncWriteExt::flush(&mut new).await.map_err(failed)?;
    Ok(Written { name: file.name, file: path.display().to_string(), bytes: file.content.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_stay_in_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| File { name: name.to_owned(), content: "x".to_owned() };
        let written = write(directory.path(), file("src/clean.py")).await.unwrap();
        assert_eq!(std::fs::read_to_string(&written.file).unwrap(), "x");
        assert!(write(directory.path(), file("src/clean.py")).await.is_err(), "not replaced");
        for name in ["../x", "/tmp/x", "", "a/../../x"] {
            assert!(write(directory.path(), file(name)).await.is_err(), "{name}");
        }
    }
}
