//! Uploading several files in one session.

use std::path::PathBuf;

use serde::Serialize;
use uuid::Uuid;

use super::{
    abandoned::{Abandoned, Left},
    cleanup::failed,
    file::note,
    journal::{Found, Journal, Line, Target},
    lifetime::Issued,
    local::LocalFile,
    prepared::{PreparedFile, PreparedSession},
    send::send_missing,
    session_files::{FinishedFile, SessionStatus, UploadFileStatus},
    settings::{UploadSettings, upload_setters},
    work::{Item, PartUrl, Work},
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    types::impl_into_future,
};

/// The uploaded files of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadedFiles {
    /// Id of the session. [`DataLinks::session`] returns a handle to it.
    pub session: Uuid,
    /// Status of the session after the last file.
    pub status: SessionStatus,
    /// The files, in input order.
    pub files: Vec<UploadedFile>,
}

/// An uploaded file of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadedFile {
    /// Id of the file in the session.
    pub id: Uuid,
    /// Absolute path of the local file.
    pub path: PathBuf,
    /// Status of the file.
    pub status: UploadFileStatus,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Number of parts.
    pub parts: usize,
}

impl UploadedFiles {
    /// Creates the result of an upload of these files.
    pub fn new(session: Uuid, status: SessionStatus, files: Vec<UploadedFile>) -> Self {
        Self { session, status, files }
    }
}

impl UploadedFile {
    /// Creates the result of one file of a session.
    pub fn new(
        id: Uuid,
        path: impl Into<PathBuf>,
        status: UploadFileStatus,
        bytes: u64,
        parts: usize,
    ) -> Self {
        Self { id, path: path.into(), status, bytes, parts }
    }
}

/// A builder for the upload of files in one session. Await it to upload the files.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UploadFiles {
    client: DataLinks,
    paths: Vec<PathBuf>,
    settings: UploadSettings,
}

impl DataLinks {
    /// Returns a builder that uploads files in one session; await it to get their ids and statuses.
    ///
    /// Parts of several files are sent concurrently, and each file is finished. Each file is sent with the file
    /// name of its path. The service does not document which component reads the files of a session afterwards. See
    /// [`Dataset::upload`](crate::Dataset::upload) for parts, URLs and time limits.
    ///
    /// # Errors
    ///
    /// Returns the kinds of errors of [`Dataset::upload`](crate::Dataset::upload).
    ///
    /// After a failure, the whole session is aborted, including files that were finished. With a
    /// [`journal`](UploadFiles::journal), a session that another run can continue is kept. If aborting fails, too,
    /// the error contains the id of the session for [`UploadSession::abort`](crate::uploads::UploadSession::abort).
    /// If the request that finishes a file has an ambiguous outcome, the next run of the journal sends it again.
    /// Files of a session are not ingested, so at worst the service rejects the request. See also [errors of every
    /// call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the session stays on the service. With a
    /// [`journal`](UploadFiles::journal), a later run can continue. A warning in the log (`tracing`) contains the
    /// id of the session.
    ///
    /// # Examples
    ///
    /// ```
    /// # use datalinks_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start().await?;
    /// # let dl = datalinks::DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    /// # let directory = tempfile::tempdir()?;
    /// # let [plan, sales] = ["plan.pdf", "sales.csv"].map(|name| directory.path().join(name));
    /// # std::fs::write(&plan, "a")?;
    /// # std::fs::write(&sales, "b")?;
    /// let uploaded = dl.upload_files([plan, sales]).await?;
    /// let session = dl.session(uploaded.session)?;
    /// assert_eq!(session.files().await?.files.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_files<P: Into<PathBuf>>(&self, paths: impl IntoIterator<Item = P>) -> UploadFiles {
        let paths = paths.into_iter().map(Into::into).collect();
        UploadFiles { client: self.clone(), paths, settings: UploadSettings::default() }
    }
}

upload_setters!(UploadFiles);

impl UploadFiles {
    async fn send(self) -> Result<UploadedFiles, Error> {
        self.settings.check()?;
        if self.paths.is_empty() {
            return Err(Error::invalid("there are no files to upload"));
        }
        let mut files = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            files.push(LocalFile::inspect(path.clone(), None).await?);
        }
        let mut abandoned = Abandoned::default();
        let result = self.run(files, &mut abandoned).await;
        // The result reports a session that is left on the service.
        abandoned.ended();
        result
    }

    async fn run(&self, files: Vec<LocalFile>, abandoned: &mut Abandoned) -> Result<UploadedFiles, Error> {
        let (mut work, mut journal) = self.start(files, abandoned).await?;
        match self.complete(&mut work, &mut journal).await {
            Ok(uploaded) => {
                // The remaining work concerns only the journal.
                abandoned.ended();
                if let Some(journal) = journal {
                    journal.remove().await;
                }
                Ok(uploaded)
            }
            Err(error) => Err(self.failed(error, work.session, journal).await),
        }
    }

    /// Returns the state of an earlier run, or prepares a new session.
    async fn start(
        &self,
        files: Vec<LocalFile>,
        abandoned: &mut Abandoned,
    ) -> Result<(Work, Option<Journal>), Error> {
        let target = Target::session(&self.client);
        let plain_http = self.client.connection().plain_http;
        let Some(path) = &self.settings.journal else {
            return Ok((self.prepare(files, plain_http, abandoned).await?, None));
        };
        let mut journal = match Journal::find(path, &target, &files, plain_http).await? {
            Found::Work(journal, work) => {
                abandoned.leaves_session(work.session);
                return Ok((work, Some(journal)));
            }
            // Those files are uploaded, and these are new files.
            Found::Changed(journal, work, _) if work.items.iter().all(|item| item.finished.is_some()) => {
                journal.clear().await?
            }
            Found::Changed(journal, work, error) => {
                abandoned.leaves_session(work.session);
                return Err(self.failed(error, work.session, Some(journal)).await);
            }
            Found::Nothing(locked) => Journal::create(locked).await?,
        };
        let work = match self.prepare(files, plain_http, abandoned).await {
            Ok(work) => work,
            Err(error) => {
                journal.remove().await;
                return Err(error);
            }
        };
        match journal.begin(target, &work).await {
            Ok(()) => Ok((work, Some(journal))),
            Err(error) => Err(self.failed(error, work.session, Some(journal)).await),
        }
    }

    /// Starts the session, and checks that its parts add up to the files.
    async fn prepare(
        &self,
        files: Vec<LocalFile>,
        plain_http: bool,
        abandoned: &mut Abandoned,
    ) -> Result<Work, Error> {
        let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
        abandoned.leaves(Left::Unnamed { files: names.join(", ") });
        let names_and_sizes = files.iter().map(|file| (file.name.as_str(), file.stamp.length));
        let prepared = self.client.prepare_session(names_and_sizes).await?;
        let issued = Issued::now();
        let session = prepared.session_id;
        abandoned.leaves_session(Some(session));
        match items(prepared, files, plain_http) {
            Ok(items) => Ok(Work { session: Some(session), issued, items }),
            Err(error) => Err(self.failed(error, Some(session), None).await),
        }
    }

    async fn complete(&self, work: &mut Work, journal: &mut Option<Journal>) -> Result<UploadedFiles, Error> {
        send_missing(&self.client, work, &self.settings, journal).await?;
        let id = work.session.ok_or_else(|| Error::invalid("the journal contains no session id"))?;
        let session = self.client.session(id)?;
        let (mut status, mut files) = (SessionStatus::Preparing, Vec::with_capacity(work.items.len()));
        for (at, item) in work.items.iter().enumerate() {
            let file = item.id.ok_or_else(|| Error::invalid("the journal contains no id of a file"))?;
            let earlier = item.finished.clone().map(serde_json::from_value::<FinishedFile>);
            let finished = match earlier {
                Some(Ok(finished)) => finished,
                _ => {
                    item.file.check().await?;
                    let (upload_id, key) = (item.upload_id.as_str(), item.key.as_str());
                    let finished = session.finish_file(file, upload_id, key, item.uploaded()).await?;
                    let response = serde_json::to_value(&finished).unwrap_or_default();
                    note(journal, &Line::Finished { file: at, answer: response }).await?;
                    finished
                }
            };
            status = finished.session_status;
            files.push(UploadedFile {
                id: file,
                path: item.file.path.clone(),
                status: finished.file_status,
                bytes: item.file.stamp.length,
                parts: item.parts.len(),
            });
        }
        Ok(UploadedFiles { session: id, status, files })
    }

    async fn failed(&self, error: Error, session: Option<Uuid>, journal: Option<Journal>) -> Error {
        let id = session.map(|id| id.to_string()).unwrap_or_default();
        let abort = async { self.client.session(&id)?.abort().await.map(|_| ()) };
        failed(error, journal, abort, &format!("session {id}")).await
    }
}

impl_into_future!(UploadFiles => UploadedFiles);

/// Assigns the URLs of the response to the files, by name and size. The service does not document that the order is
/// kept.
fn items(prepared: PreparedSession, files: Vec<LocalFile>, plain_http: bool) -> Result<Vec<Item>, Error> {
    let mut remaining = prepared.files;
    let mut items = Vec::with_capacity(files.len());
    for (at, file) in files.into_iter().enumerate() {
        let size = i64::try_from(file.stamp.length).ok();
        let named = |own: &PreparedFile| own.filename == file.name;
        let fits = |own: &PreparedFile| {
            let sizes = own.parts.iter().map(|part| part.size);
            named(own) && sizes.into_iter().try_fold(0_i64, i64::checked_add) == size
        };
        let found = remaining.iter().position(fits).or_else(|| remaining.iter().position(named));
        let Some(found) = found else {
            let what = format!("the response has no URLs for the parts of {}", file.name);
            return Err(Error::new(ErrorKind::UnexpectedResponse, what)
                .advice("no part was sent; report this to the operator of the service"));
        };
        let own = remaining.remove(found);
        let part_urls: Vec<PartUrl> = own.parts.into_iter().map(|part| (part.url, part.size)).collect();
        items.push(Item::new(at, Some(own.file_id), file, (own.upload_id, own.key), &part_urls, plain_http)?);
    }
    Ok(items)
}

crate::client::builder_options!(UploadFiles, client);
