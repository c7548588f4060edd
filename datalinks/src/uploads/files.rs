//! Uploading several files in one session.

use std::path::PathBuf;

use datalinks_gen::api::types;
/// The status of a file of an upload session.
pub use datalinks_gen::enums::UploadFileStatus;
use serde::Serialize;
use uuid::Uuid;

use super::{
    abandoned::{Abandoned, Left},
    end::failed,
    file::note,
    journal::{Found, Journal, Line, Target},
    lifetime::Issued,
    local::LocalFile,
    send::send_missing,
    sessions::{FinishedFile, PreparedSession, SessionStatus},
    settings::{UploadSettings, upload_setters},
    work::{Item, PartUrl, Work},
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    types::impl_into_future,
};

/// The files of a session that were uploaded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadedFiles {
    /// The session; [`DataLinks::session`] leads to it.
    pub session: Uuid,
    /// How the session stands after the last file.
    pub status: SessionStatus,
    /// The files, in the order given.
    pub files: Vec<UploadedFile>,
}

/// One file of a session that was uploaded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UploadedFile {
    /// Its id in the session.
    pub id: Uuid,
    /// Its path on this machine, absolute.
    pub path: PathBuf,
    /// How it stands.
    pub status: UploadFileStatus,
    /// Its size in bytes.
    pub bytes: u64,
    /// Parts it was sent in.
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

/// Files about to be uploaded in one session; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UploadFiles {
    client: DataLinks,
    paths: Vec<PathBuf>,
    settings: UploadSettings,
}

impl DataLinks {
    /// Uploads files in one session, as [`Dataset::upload`](crate::Dataset::upload) does one: parts of several
    /// files are on their way at a time, and each file is finished. Each is called as its path ends. Await what
    /// this answers. The service does not document what reads the files of a session afterwards.
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
    ///
    /// # Errors
    ///
    /// As [`Dataset::upload`](crate::Dataset::upload). Whatever fails, the whole session is given up, files that
    /// were finished included (with a [`journal`](UploadFiles::journal) only where no other run could go on). If
    /// that fails too, the error names the session, for [`UploadSession::abort`](crate::uploads::UploadSession::abort).
    /// With a journal, a finish whose end was not learned is sent again by the next run: nothing is ingested
    /// here, and at worst the service refuses it.
    ///
    /// # Cancellation
    ///
    /// As [`Dataset::upload`](crate::Dataset::upload).
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
            files.push(LocalFile::look(path.clone(), None).await?);
        }
        let mut abandoned = Abandoned::default();
        let result = self.run(files, &mut abandoned).await;
        // The caller learns of what is left, if anything is.
        abandoned.ended();
        result
    }

    async fn run(&self, files: Vec<LocalFile>, abandoned: &mut Abandoned) -> Result<UploadedFiles, Error> {
        let (mut work, mut journal) = self.start(files, abandoned).await?;
        match self.carry_out(&mut work, &mut journal).await {
            Ok(uploaded) => {
                // What follows concerns the journal only.
                abandoned.ended();
                if let Some(journal) = journal {
                    journal.remove().await;
                }
                Ok(uploaded)
            }
            Err(error) => Err(self.failed(error, work.session, journal).await),
        }
    }

    /// What an earlier run left, or a new session.
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
            // Those files are uploaded; these are new ones.
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

    /// Begins the session, and checks that its parts make the files.
    async fn prepare(
        &self,
        files: Vec<LocalFile>,
        plain_http: bool,
        abandoned: &mut Abandoned,
    ) -> Result<Work, Error> {
        let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
        abandoned.leaves(Left::Unnamed { files: names.join(", ") });
        let wanted = files.iter().map(|file| (file.name.as_str(), file.stamp.length));
        let prepared = self.client.prepare_session(wanted).await?;
        let issued = Issued::now();
        let session = prepared.session_id.0;
        abandoned.leaves_session(Some(session));
        match items(prepared, files, plain_http) {
            Ok(items) => Ok(Work { session: Some(session), issued, items }),
            Err(error) => Err(self.failed(error, Some(session), None).await),
        }
    }

    async fn carry_out(
        &self,
        work: &mut Work,
        journal: &mut Option<Journal>,
    ) -> Result<UploadedFiles, Error> {
        send_missing(&self.client, work, &self.settings, journal).await?;
        let id = work.session.ok_or_else(|| Error::invalid("the journal names no session"))?;
        let session = self.client.session(id)?;
        let (mut status, mut files) = (SessionStatus::Preparing, Vec::with_capacity(work.items.len()));
        for (at, item) in work.items.iter().enumerate() {
            let file = item.id.ok_or_else(|| Error::invalid("the journal names no id of a file"))?;
            let earlier = item.finished.clone().map(serde_json::from_value::<FinishedFile>);
            let finished = match earlier {
                Some(Ok(finished)) => finished,
                _ => {
                    item.file.check().await?;
                    let (upload_id, key) = (item.upload_id.as_str(), item.key.as_str());
                    let finished = session.finish_file(file, upload_id, key, item.uploaded()).await?;
                    let answer = serde_json::to_value(&finished).unwrap_or_default();
                    note(journal, &Line::Finished { file: at, answer }).await?;
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

/// The files with their places. They are found by name and size: nothing says that they come in order.
fn items(prepared: PreparedSession, files: Vec<LocalFile>, plain_http: bool) -> Result<Vec<Item>, Error> {
    let mut answered = prepared.files;
    let mut items = Vec::with_capacity(files.len());
    for (at, file) in files.into_iter().enumerate() {
        let size = i64::try_from(file.stamp.length).ok();
        let named = |own: &types::FileUploadPrepareSessionResponseFileInfo| own.filename == file.name;
        let fits = |own: &types::FileUploadPrepareSessionResponseFileInfo| {
            let sizes = own.presigned_urls.iter().map(|part| part.part_size);
            named(own) && sizes.into_iter().try_fold(0_i64, i64::checked_add) == size
        };
        let found = answered.iter().position(fits).or_else(|| answered.iter().position(named));
        let Some(found) = found else {
            let what = format!("the answer has no URLs for the parts of {}", file.name);
            return Err(
                Error::new(ErrorKind::UnexpectedResponse, what).advice("nothing was sent; ask the service")
            );
        };
        let own = answered.remove(found);
        let part_urls: Vec<PartUrl> =
            own.presigned_urls.into_iter().map(|part| (part.url, part.part_size)).collect();
        items.push(Item::new(
            at,
            Some(own.file_id.0),
            file,
            (own.upload_id, own.key),
            &part_urls,
            plain_http,
        )?);
    }
    Ok(items)
}

crate::client::builder_options!(UploadFiles, client);
