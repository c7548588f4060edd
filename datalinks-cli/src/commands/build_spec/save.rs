//! `datalinks build-spec create` and `edit`.

use std::path::PathBuf;

use clap::Args;
use datalinks::datasets::{BuildSpecDraft, DatasetCoordinate};

use super::show::explain_missing;
use super::spec::Spec;
use crate::failure::{Exit, Failure, Result};
use crate::session::Session;
use crate::settings::DatasetName;
use crate::terminal::read_to_end;

/// Save a new build spec
///
/// The service does not read the code. A proposed version of its contract calls it Python in base64. Nothing is encoded
/// here.
#[derive(Args)]
#[command(
    after_help = "Example:\n  datalinks build-spec create --source cinema/films --destination cinema/totals --code totals.py"
)]
pub(super) struct Create {
    /// Dataset that the code reads, as NAMESPACE/DATASET (repeatable)
    #[arg(long = "source", value_name = "DATASET", required = true)]
    sources: Vec<DatasetName>,

    /// Dataset that the code makes rows for
    #[arg(long, value_name = "DATASET")]
    destination: DatasetName,

    /// File with the code, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    code: PathBuf,
}

/// Change a build spec, which gets the next version
///
/// What is not given stays as it is.
#[derive(Args)]
#[command(
    after_help = "Example:\n  datalinks build-spec edit 6f1c1f0e-8d3b-4c53-9a61-0d1f4f6f2a10 --code totals.py"
)]
pub(super) struct Edit {
    /// Id of the build spec
    id: String,

    /// Dataset that the code reads, in place of the present ones (repeatable)
    #[arg(long = "source", value_name = "DATASET")]
    sources: Vec<DatasetName>,

    /// Dataset that the code makes rows for
    #[arg(long, value_name = "DATASET")]
    destination: Option<DatasetName>,

    /// File with the code, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    code: Option<PathBuf>,
}

/// Longest code that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

pub(super) async fn create(arguments: Create, session: &Session) -> Result {
    let code = code(&arguments.code).await?;
    let mut draft = BuildSpecDraft::new(coordinate(&arguments.destination, session).await?, code);
    for source in &arguments.sources {
        draft = draft.source(coordinate(source, session).await?);
    }
    let spec = session.client().await?.create_build_spec(draft).await?;
    session.output.object(&Spec::of(spec))
}

pub(super) async fn edit(arguments: Edit, session: &Session) -> Result {
    if arguments.sources.is_empty() && arguments.destination.is_none() && arguments.code.is_none() {
        return Err(Failure::usage("nothing to change: give --source, --destination or --code"));
    }
    let code = match &arguments.code {
        Some(file) => Some(code(file).await?),
        None => None,
    };
    let client = session.client().await?;
    let present = client.build_spec(&arguments.id).await.map_err(explain_missing)?;
    let destination = match (&arguments.destination, &present.destinations[..]) {
        (Some(name), _) => coordinate(name, session).await?,
        (None, [one]) => one.clone(),
        (None, all) => {
            let what = format!("the build spec has {} destinations, and an edit keeps one", all.len());
            return Err(Failure::new(Exit::Failure, what).next("choose it by --destination"));
        }
    };
    let mut draft = BuildSpecDraft::new(destination, code.unwrap_or(present.code));
    if arguments.sources.is_empty() {
        draft = present.sources.into_iter().fold(draft, BuildSpecDraft::source);
    }
    for source in &arguments.sources {
        draft = draft.source(coordinate(source, session).await?);
    }
    let spec = client.edit_build_spec(&arguments.id, draft).await.map_err(explain_missing)?;
    session.output.object(&Spec::of(spec))
}

/// Returns the coordinates of a dataset. The service does not document `self` here, so the user name is read.
async fn coordinate(name: &DatasetName, session: &Session) -> Result<DatasetCoordinate> {
    let dataset = session.dataset(Some(name)).await?;
    let mut coordinate = DatasetCoordinate::from(&dataset);
    if coordinate.owner == "self" {
        coordinate.owner = session.client().await?.current_user().await?.username;
    }
    Ok(coordinate)
}

async fn code(file: &PathBuf) -> Result<String> {
    let shown = file.display();
    let bytes = if file.as_os_str() == "-" {
        read_to_end(LONGEST).await?
    } else {
        tokio::fs::read(file)
            .await
            .map_err(|error| Failure::usage(format!("cannot read the code from {shown}")).caused_by(&error))?
    };
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("the code in {shown} is not UTF-8")))
}
