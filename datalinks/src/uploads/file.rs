//! Uploading one file into a dataset.

use std::path::PathBuf;

use datalinks_gen::api::types::CreatedIngestionTrackingResponse;
use serde::Serialize;
use serde_json::Map;
use uuid::Uuid;

use super::{
    abandoned::{Abandoned, Left},
    end::failed,
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
    /// The ingestion; [`Dataset::wait_for`] waits for its end.
    pub ingestion: Uuid,
    /// Bytes of the file.
    pub bytes: u64,
    /// Parts it was sent in.
    pub parts: usize,
}

impl Uploaded {
    /// Creates the result of an upload.
    pub fn new(ingestion: Uuid, bytes: u64, parts: usize) -> Self {
        Self { ingestion, bytes, parts }
    }
}

/// A file about to be uploaded into a dataset; await it.
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
    /// Uploads a file and starts its ingestion: the file is cut as the service says, several parts are sent at a
    /// time, each is repeated by itself, and the upload is finished. Await what this answers. The service takes
    /// at most 10,000 parts of 8 MiB. Its samples are `.csv` and `.json` files; it does not document other formats.
    ///
    /// The route names the owner, so an editor of another user's dataset uploads rows this way
    /// ([`Namespace::with_owner`](crate::Namespace::with_owner)); [`ingest`](Self::ingest) always writes to the caller's
    /// own namespaces.
    ///
    /// The presigned URLs of the parts are made at the beginning, and none is renewed: a line that is too slow for
    /// the file fails when they expire. See [`url_lifetime`](UploadFile::url_lifetime).
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
    ///
    /// # Errors
    ///
    /// [`Expired`](ErrorKind::Expired) when the storage refuses a URL (403), and then the error says if the URLs had
    /// probably expired, and which rate was measured. [`Changed`](ErrorKind::Changed) when
    /// the file's length or time of change differs before the end. [`UnexpectedResponse`](ErrorKind::UnexpectedResponse)
    /// when the answered sizes do not make the file; nothing of it is sent then. [`Io`](ErrorKind::Io) when it
    /// cannot be read. See also the errors of every call, in [`Error`].
    ///
    /// Whatever fails, the upload is given up on the service, so that no parts are left (with a
    /// [`journal`](UploadFile::journal) only where no other run could go on). If that fails too, the error names
    /// the upload and its key, for [`abort_upload`](Self::abort_upload). One failure leaves it alone: when it is
    /// not known whether the finish was carried out ([`is_ambiguous`](Error::is_ambiguous)), the ingestion
    /// may have begun; look for it in [`ingestions`](Self::ingestions).
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes its connections at once. It gives nothing up on the service, because a
    /// destructor cannot wait for an answer: the parts that arrived stay until the service clears them away. With a
    /// [`journal`](UploadFile::journal) a later run can go on with them. A warning in the log (`tracing`) has the
    /// upload's id and key, which [`abort_upload`](Self::abort_upload) takes. Dropped before the response with the id
    /// came, the warning names the file only.
    ///
    /// Time limits of [`CallOptions`](crate::CallOptions) hold for each call of the API, not for the parts: those
    /// end when no byte moves for the client's idle limit. The parts carry no key, none of the client's headers,
    /// and follow no redirect.
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
    /// What the service calls the file; its ending tells the format. Default: as the path ends.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Sends the finish again when the journal says that an earlier run sent it and never learned what became of
    /// it. The file may be ingested twice: look for it in [`Dataset::ingestions`] first. Default: such a journal
    /// is an error, and nothing is sent.
    pub fn force_finish(mut self) -> Self {
        self.force_finish = true;
        self
    }

    async fn send(self) -> Result<Uploaded, Error> {
        self.settings.check()?;
        self.options.check()?;
        let file = LocalFile::look(self.path.clone(), self.filename.clone()).await?;
        let mut abandoned = Abandoned::default();
        let result = self.run(file, &mut abandoned).await;
        // The caller learns of what is left, if anything is.
        abandoned.ended();
        result
    }

    async fn run(&self, file: LocalFile, abandoned: &mut Abandoned) -> Result<Uploaded, Error> {
        let (mut work, mut journal) = self.start(file, abandoned).await?;
        match self.carry_out(&mut work, &mut journal).await {
            Ok(ingestion) => {
                // What follows concerns the journal only.
                abandoned.ended();
                if let Some(journal) = journal {
                    journal.remove().await;
                }
                let (bytes, parts) = sums(&work);
                Ok(Uploaded { ingestion, bytes, parts })
            }
            Err(error) if error.is_ambiguous() => Err(error.and_advice(&format!(
                "look for it in the ingestions; it was upload {:?} with key {:?}",
                upload_id(&work),
                key(&work)
            ))),
            Err(error) => Err(self.failed(error, &work, journal).await),
        }
    }

    /// What an earlier run left, or a new upload.
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
                abandoned.leaves(left(&work));
                return Ok((work, Some(journal)));
            }
            // That file is ingested; this is a new one.
            Found::Changed(journal, work, _) if work.items.iter().all(|item| item.finished.is_some()) => {
                journal.clear().await?
            }
            // It may be ingested, and then there is nothing to give up.
            Found::Changed(_, work, _) if work.items.iter().any(|item| item.finishing) => return Err(doubt()),
            Found::Changed(journal, work, error) => {
                abandoned.leaves(left(&work));
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

    /// Begins the upload, and checks that its parts make the file.
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
        let part_urls: Vec<PartUrl> =
            upload.presigned_urls.into_iter().map(|part| (part.url, part.size)).collect();
        match Item::new(0, None, file, keys.clone(), &part_urls, plain_http) {
            Ok(item) => Ok(Work { session: None, issued, items: vec![item] }),
            Err(error) => {
                let abort = self.dataset.abort_upload(keys.0.as_str(), keys.1.as_str());
                Err(failed(error, None, abort, &which(&keys.0, &keys.1)).await)
            }
        }
    }

    async fn carry_out(&self, work: &mut Work, journal: &mut Option<Journal>) -> Result<Uuid, Error> {
        if let Some(answer) = work.items.first().and_then(|item| item.finished.clone()) {
            // An earlier run got this far, and could not remove its journal any more.
            return serde_json::from_value::<CreatedIngestionTrackingResponse>(answer)
                .map(|answer| answer.id)
                .map_err(|error| {
                    Error::new(ErrorKind::Io, "the journal holds no ingestion").caused_by(error)
                });
        }
        if work.items.iter().any(|item| item.finishing) && !self.force_finish {
            let what = "an earlier run sent the finish of this upload, and never learned what became of it";
            let advice =
                "nothing was sent; if it is not ingested, allow force_finish, else delete the journal";
            return Err(Error::new(ErrorKind::Interrupted, what).with_ambiguous(true).advice(advice));
        }
        send_missing(self.dataset.client(), work, &self.settings, journal).await?;
        let Some(item) = work.items.first() else { return Err(Error::invalid("there is no file")) };
        item.file.check().await?;
        note(journal, &Line::Finishing { file: 0 }).await?;
        let mut finish =
            self.dataset.finish_upload(item.upload_id.as_str(), item.key.as_str(), item.uploaded());
        finish.options = self.options.clone();
        match finish.send().await {
            Ok(ingestion) => {
                let answer = Map::from_iter([("id".to_owned(), ingestion.to_string().into())]).into();
                // The file is ingested, whatever becomes of the journal.
                let _ = note(journal, &Line::Finished { file: 0, answer }).await;
                Ok(ingestion)
            }
            Err(error) => {
                if !error.is_ambiguous() {
                    let _ = note(journal, &Line::Refused { file: 0 }).await;
                }
                Err(error)
            }
        }
    }

    async fn failed(&self, error: Error, work: &Work, journal: Option<Journal>) -> Error {
        let abort = self.dataset.abort_upload(upload_id(work), key(work));
        failed(error, journal, abort, &which(upload_id(work), key(work))).await
    }
}

impl_into_future!(UploadFile => Uploaded);

/// The error of a finish that an earlier run left in doubt.
fn doubt() -> Error {
    let what = "an earlier run sent the finish of this upload, and never learned what became of it";
    let advice = "nothing was sent; if it is not ingested, allow force_finish, else delete the journal";
    Error::new(ErrorKind::Interrupted, what).with_ambiguous(true).advice(advice)
}

/// Writes a line, where there is a journal.
pub(super) async fn note(journal: &mut Option<Journal>, line: &Line) -> Result<(), Error> {
    match journal {
        Some(journal) => journal.note(line).await,
        None => Ok(()),
    }
}

fn left(work: &Work) -> Left {
    Left::Upload { upload_id: upload_id(work).to_owned(), key: key(work).to_owned() }
}

fn upload_id(work: &Work) -> &str {
    work.items.first().map_or("", |item| &item.upload_id)
}

fn key(work: &Work) -> &str {
    work.items.first().map_or("", |item| &item.key)
}

/// Bytes and parts in all.
fn sums(work: &Work) -> (u64, usize) {
    (
        work.items.iter().map(|item| item.file.stamp.length).sum(),
        work.items.iter().map(|item| item.parts.len()).sum(),
    )
}

fn which(upload_id: &str, key: &str) -> String {
    format!("upload {upload_id:?} with key {key:?}")
}

crate::client::builder_options!(UploadFile, dataset);
