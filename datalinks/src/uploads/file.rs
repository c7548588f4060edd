//! Uploading one file into a dataset.

use std::path::PathBuf;

use datalinks_gen::api::types::CreatedIngestionTrackingResponse;
use serde::Serialize;
use serde_json::Map;
use uuid::Uuid;

use super::{
    abandoned::{Abandoned, Left},
    cleanup::failed,
    journal::{Found, Journal, Line, Target},
    lifetime::Issued,
    local::LocalFile,
    options::{FinishOptions, finish_setters},
    send::send_missing,
    settings::{UploadSettings, upload_setters},
    work::{Item, PartUrl, Work},
};
use crate::{
    datasets::Dataset,
    error::{Error, ErrorKind},
    types::impl_into_future,
};

/// A file that was uploaded and is being ingested.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Uploaded {
    /// Id of the ingestion. [`Dataset::wait_for`] waits for its end.
    pub ingestion: Uuid,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Number of parts.
    pub parts: usize,
}

impl Uploaded {
    /// Creates the result of an upload.
    pub fn new(ingestion: Uuid, bytes: u64, parts: usize) -> Self {
        Self { ingestion, bytes, parts }
    }
}

/// A builder for the upload of one file into a dataset. Await it to upload the file.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UploadFile {
    dataset: Dataset,
    path: PathBuf,
    filename: Option<String>,
    force_finish: bool,
    options: FinishOptions,
    settings: UploadSettings,
}

impl Dataset {
    /// Returns a builder that uploads a file and starts its ingestion; await it to get the id of the ingestion.
    ///
    /// The service determines the sizes of the parts and accepts at most 10,000 parts of 8 MiB. Several parts are
    /// sent concurrently, and each is retried on its own. The samples of the service are `.csv` and `.json` files.
    /// The service does not document other formats.
    ///
    /// The route names the owner, so an editor can upload rows into a dataset of another user
    /// ([`Namespace::with_owner`](crate::Namespace::with_owner)). [`ingest`](Self::ingest) always writes to the
    /// caller's own namespaces.
    ///
    /// The presigned URLs of the parts are created at the beginning and are not renewed. If the connection is too
    /// slow for the file, the upload fails when they expire. See [`url_lifetime`](UploadFile::url_lifetime).
    ///
    /// Time limits of [`CallOptions`](crate::CallOptions) apply to each call of the API, but not to parts. A part
    /// fails if no data is transferred for the client's idle timeout. Parts carry neither the API key nor the
    /// client's headers, and redirects are not followed.
    ///
    /// # Errors
    ///
    /// - [`Expired`](ErrorKind::Expired) if the storage rejects a URL (403). If the URLs had probably expired, the
    ///   error contains their age and the measured rate.
    /// - [`Changed`](ErrorKind::Changed) if the size or modification time of the file changes before the end.
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the part sizes in the response do not add up to
    ///   the file. No part is sent then.
    /// - [`Io`](ErrorKind::Io) if the file cannot be read.
    ///
    /// A failed upload is aborted on the service, with two exceptions:
    ///
    /// - With a [`journal`](UploadFile::journal), an upload that another run can continue is kept.
    /// - If the request that finishes the upload has an ambiguous outcome ([`is_ambiguous`](Error::is_ambiguous)),
    ///   the ingestion may have started. Look for it in [`ingestions`](Self::ingestions). Errors of later runs of the
    ///   journal are ambiguous, too, because they do not show the outcome of that request.
    ///
    /// If aborting fails, too, the error contains the id and the key of the upload for
    /// [`abort_upload`](Self::abort_upload). See also [errors of every call](crate::error#errors-of-every-call).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe. If the future is dropped, the connections are closed immediately, and the
    /// upload is not aborted on the service, because a destructor cannot wait for a response. Parts that arrived
    /// stay until the service removes them. With a [`journal`](UploadFile::journal), a later run can continue. A
    /// warning in the log (`tracing`) contains the id and the key for [`abort_upload`](Self::abort_upload), or only
    /// the file name if the id was not received yet.
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
    /// # let path = directory.path().join("films.csv");
    /// # std::fs::write(&path, "title,year\nAlien,1979\n")?;
    /// use std::time::Duration;
    /// use datalinks::uploads::WaitOutcome;
    ///
    /// let films = dl.dataset("cinema", "films")?;
    /// films.create().await?;
    /// let uploaded = films
    ///     .upload(&path)
    ///     .name("films of today")
    ///     .on_progress(|now| println!("{} of {} bytes", now.stored, now.total))
    ///     .await?;
    /// let end = films.wait_for(uploaded.ingestion).every(Duration::from_millis(100)).await?;
    /// assert!(matches!(end, WaitOutcome::Completed(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload(&self, path: impl Into<PathBuf>) -> UploadFile {
        UploadFile {
            dataset: self.clone(),
            path: path.into(),
            filename: None,
            force_finish: false,
            options: FinishOptions::default(),
            settings: UploadSettings::default(),
        }
    }
}

finish_setters!(UploadFile);
upload_setters!(UploadFile);

impl UploadFile {
    /// Sets the file name that is sent to the service. The extension determines the format. Defaults to the file
    /// name of the path.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Finishes the upload even if an earlier run sent the finish request with an ambiguous outcome.
    ///
    /// The file may be ingested twice, so look for the ingestion in [`Dataset::ingestions`] first. By default, such
    /// a journal causes an error, and no request is sent.
    pub fn force_finish(mut self) -> Self {
        self.force_finish = true;
        self
    }

    async fn send(self) -> Result<Uploaded, Error> {
        self.settings.check()?;
        self.options.check()?;
        let file = LocalFile::inspect(self.path.clone(), self.filename.clone()).await?;
        let mut abandoned = Abandoned::default();
        let result = self.run(file, &mut abandoned).await;
        // The result reports an upload that is leftover on the service.
        abandoned.ended();
        result
    }

    async fn run(&self, file: LocalFile, abandoned: &mut Abandoned) -> Result<Uploaded, Error> {
        let (mut work, mut journal) = self.start(file, abandoned).await?;
        // Nothing that happens now shows the outcome of the finish request of an earlier run.
        let finishing = is_finishing(&work);
        match self.complete(&mut work, &mut journal).await {
            Ok(ingestion) => {
                // The remaining work concerns only the journal.
                abandoned.ended();
                if let Some(journal) = journal {
                    journal.remove().await;
                }
                let (bytes, parts) = totals(&work);
                Ok(Uploaded { ingestion, bytes, parts })
            }
            Err(error) if finishing || error.is_ambiguous() => {
                Err(error.with_ambiguous(true).and_advice(&format!(
                    "look for the ingestion of upload {:?} with key {:?} in Dataset::ingestions",
                    upload_id(&work),
                    key(&work)
                )))
            }
            Err(error) => Err(self.failed(error, &work, journal).await),
        }
    }

    /// Returns the state of an earlier run, or prepares a new upload.
    async fn start(
        &self,
        file: LocalFile,
        abandoned: &mut Abandoned,
    ) -> Result<(Work, Option<Journal>), Error> {
        let target = Target::dataset(&self.dataset);
        let plain_http = self.dataset.client().connection().plain_http;
        let Some(path) = &self.settings.journal else {
            return Ok((self.prepare(file, plain_http, abandoned).await?, None));
        };
        let found = Journal::find(path, &target, std::slice::from_ref(&file), plain_http).await?;
        let mut journal = match found {
            Found::Work(journal, work) => {
                abandoned.leaves(leftover(&work));
                return Ok((work, Some(journal)));
            }
            // That file is ingested, and this is a new file.
            Found::Changed(journal, work, _) if work.items.iter().all(|item| item.finished.is_some()) => {
                journal.clear().await?
            }
            // The file may be ingested, and then the upload must not be aborted.
            Found::Changed(_, work, _) if is_finishing(&work) => {
                return Err(ambiguous_finish());
            }
            Found::Changed(journal, work, error) => {
                abandoned.leaves(leftover(&work));
                return Err(self.failed(error, &work, Some(journal)).await);
            }
            Found::Nothing(locked) => Journal::create(locked).await?,
        };
        let work = match self.prepare(file, plain_http, abandoned).await {
            Ok(work) => work,
            Err(error) => {
                journal.remove().await;
                return Err(error);
            }
        };
        match journal.begin(target, &work).await {
            Ok(()) => Ok((work, Some(journal))),
            Err(error) => Err(self.failed(error, &work, Some(journal)).await),
        }
    }

    /// Starts the upload, and checks that its parts add up to the file.
    async fn prepare(
        &self,
        file: LocalFile,
        plain_http: bool,
        abandoned: &mut Abandoned,
    ) -> Result<Work, Error> {
        abandoned.leaves(Left::Unnamed { files: file.path.display().to_string() });
        let upload = self.dataset.prepare_upload(file.name.as_str(), file.stamp.length).await?;
        let issued = Issued::now();
        let keys = (upload.upload_id, upload.key);
        abandoned.leaves(Left::Upload { upload_id: keys.0.clone(), key: keys.1.clone() });
        let part_urls: Vec<PartUrl> = upload.parts.into_iter().map(|part| (part.url, part.size)).collect();
        match Item::new(0, None, file, keys.clone(), &part_urls, plain_http) {
            Ok(item) => Ok(Work { session: None, issued, items: vec![item] }),
            Err(error) => {
                let abort = self.dataset.abort_upload(keys.0.as_str(), keys.1.as_str());
                Err(failed(error, None, abort, &upload_name(&keys.0, &keys.1)).await)
            }
        }
    }

    /// Sends the missing parts and finishes the upload.
    async fn complete(&self, work: &mut Work, journal: &mut Option<Journal>) -> Result<Uuid, Error> {
        if let Some(response) = work.items.first().and_then(|item| item.finished.clone()) {
            // An earlier run finished the upload, but did not remove its journal.
            return serde_json::from_value::<CreatedIngestionTrackingResponse>(response)
                .map(|response| response.id)
                .map_err(|error| {
                    Error::new(ErrorKind::Io, "the journal contains no ingestion").caused_by(error)
                });
        }
        if is_finishing(work) && !self.force_finish {
            return Err(ambiguous_finish());
        }
        send_missing(self.dataset.client(), work, &self.settings, journal).await?;
        let Some(item) = work.items.first() else {
            return Err(Error::invalid("the journal contains no file"));
        };
        item.file.check().await?;
        note(journal, &Line::Finishing { file: 0 }).await?;
        let mut finish =
            self.dataset.finish_upload(item.upload_id.as_str(), item.key.as_str(), item.uploaded());
        finish.options = self.options.clone();
        match finish.send().await {
            Ok(ingestion) => {
                let response = Map::from_iter([("id".to_owned(), ingestion.to_string().into())]).into();
                // The file is ingested even if the journal cannot be written.
                let _ = note(journal, &Line::Finished { file: 0, answer: response }).await;
                Ok(ingestion)
            }
            Err(error) if error.is_ambiguous() => Err(error),
            // The rejection is that of this request only.
            Err(error) if item.finishing => Err(error.and_advice(
                "an earlier run sent the finish of this upload, too, and the service may have carried it out; delete the journal \
                 once you know, and upload the file again only if it is not ingested",
            )),
            Err(error) => {
                let _ = note(journal, &Line::Rejected { file: 0 }).await;
                Err(error)
            }
        }
    }

    async fn failed(&self, error: Error, work: &Work, journal: Option<Journal>) -> Error {
        let abort = self.dataset.abort_upload(upload_id(work), key(work));
        failed(error, journal, abort, &upload_name(upload_id(work), key(work))).await
    }
}

impl_into_future!(UploadFile => Uploaded);

/// Returns `true` if an earlier run sent the finish request, and its outcome is not known.
fn is_finishing(work: &Work) -> bool {
    work.items.iter().any(|item| item.finishing)
}

/// Returns the error of a finish that an earlier run sent with an ambiguous outcome.
fn ambiguous_finish() -> Error {
    let what = "an earlier run sent the finish of this upload, and its outcome is not known";
    let advice = "no request was sent; if the file is not ingested, set UploadFile::force_finish, else delete the journal";
    Error::new(ErrorKind::Interrupted, what).with_ambiguous(true).advice(advice)
}

/// Appends a line if there is a journal.
pub(super) async fn note(journal: &mut Option<Journal>, line: &Line) -> Result<(), Error> {
    match journal {
        Some(journal) => journal.note(line).await,
        None => Ok(()),
    }
}

fn leftover(work: &Work) -> Left {
    Left::Upload { upload_id: upload_id(work).to_owned(), key: key(work).to_owned() }
}

fn upload_id(work: &Work) -> &str {
    work.items.first().map_or("", |item| &item.upload_id)
}

fn key(work: &Work) -> &str {
    work.items.first().map_or("", |item| &item.key)
}

/// Returns the total number of bytes and parts.
fn totals(work: &Work) -> (u64, usize) {
    (
        work.items.iter().map(|item| item.file.stamp.length).sum(),
        work.items.iter().map(|item| item.parts.len()).sum(),
    )
}

fn upload_name(upload_id: &str, key: &str) -> String {
    format!("upload {upload_id:?} with key {key:?}")
}

crate::client::builder_options!(UploadFile, dataset);
