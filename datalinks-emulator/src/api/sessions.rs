//! Handlers for upload sessions, which take several files.

use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::uploads::{begin, parts, urls};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::runtime::Kind;
use crate::uploads::sessions::{File, Session, Status};
use crate::uploads::storage::{self, Purpose, StartedUpload};

/// Maximum number of parts of all files of a session. The response contains a URL for each part.
pub(crate) const MAX_PARTS: u64 = 10 * storage::MAX_PARTS;

/// The bucket name in responses. No such bucket exists.
pub(super) const BUCKET: &str = "emulator";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prepared<'a> {
    session_id: Uuid,
    files: Vec<PreparedFile<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PreparedFile<'a> {
    file_id: Uuid,
    upload_id: &'a str,
    key: &'a str,
    filename: &'a str,
    part_size: u64,
    presigned_urls: Vec<Presigned>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Presigned {
    url: String,
    part_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FinishedFile {
    session_id: Uuid,
    session_status: Status,
    file_id: Uuid,
    file_status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Files<'a> {
    session_id: Uuid,
    session_status: Status,
    files: Vec<ListedFile<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedFile<'a> {
    file_id: Uuid,
    filename: &'a str,
    s3_bucket: &'static str,
    s3_key: &'a str,
    file_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Aborted {
    session_id: Uuid,
    session_status: Status,
}

pub(super) fn prepare(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let mut requested: Vec<(String, u64)> = Vec::new();
    for mut file in fields.objects("filesToUpload") {
        requested.push((file.required("filename"), file.required("size")));
        fields.close(file);
    }
    fields.finish()?;
    if requested.is_empty() {
        return Err(Problem::bad_request("filesToUpload is empty; name at least one file"));
    }
    let part_size = call.state.settings.part_size;
    let parts =
        requested.iter().map(|(_, size)| size.div_ceil(part_size).max(1)).fold(0, u64::saturating_add);
    if parts > MAX_PARTS {
        return Err(Problem::bad_request(format!(
            "filesToUpload: these files have {parts} parts of {part_size} bytes, and a session takes at most {MAX_PARTS}; start \
             several sessions"
        )));
    }
    let session = call.state.ids.next(Kind::Session);
    let mut started: Vec<(Uuid, StartedUpload)> = Vec::with_capacity(requested.len());
    for (name, size) in &requested {
        let file = call.state.ids.next(Kind::File);
        match begin(call, Purpose::File { session, file }, name, *size) {
            Ok(upload) => started.push((file, upload)),
            Err(problem) => {
                // The client never learns of the files before this one and could not abort their uploads.
                started.iter().for_each(|(_, upload)| call.state.storage.discard(&upload.upload_id));
                return Err(problem);
            }
        }
    }
    let files_with_uploads = || started.iter().zip(&requested);
    let files = files_with_uploads().map(|((id, upload), (name, size))| File {
        id: *id,
        name: name.clone(),
        size: *size,
        upload_id: upload.upload_id.clone(),
        key: upload.key.clone(),
        content: None,
    });
    call.state.sessions.begin(session, call.caller.user.clone(), files.collect());
    let files = files_with_uploads().map(|((id, upload), (name, _))| PreparedFile {
        file_id: *id,
        upload_id: &upload.upload_id,
        key: &upload.key,
        filename: name,
        part_size: call.state.settings.part_size,
        presigned_urls: urls(call, upload).map(|(url, part_size)| Presigned { url, part_size }).collect(),
    });
    Ok(ApiResponse::json(&Prepared { session_id: session, files: files.collect() }))
}

pub(super) fn finish_file(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let (session_id, session) = find(call)?;
    let file =
        id(call, "fileId").filter(|id| session.files.iter().any(|file| file.id == *id)).ok_or_else(|| {
            Problem::not_found("the session has no such file; use a file id from the response to its start")
        })?;
    let mut fields = Fields::read(&call.body)?;
    let (upload_id, key): (String, String) = (fields.required("uploadId"), fields.required("key"));
    let parts = parts(&mut fields);
    fields.finish()?;
    let purpose = Purpose::File { session: session_id, file };
    let content = call
        .state
        .storage
        .finish(&upload_id, &key, &purpose, &parts)
        .map_err(|error| Problem::unprocessable(error.to_string()))?;
    let session_status = call.state.sessions.finish_file(session_id, file, content).unwrap_or(session.status);
    Ok(ApiResponse::json(&FinishedFile {
        session_id,
        session_status,
        file_id: file,
        file_status: Status::Completed,
    }))
}

pub(super) fn files(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let (session_id, session) = find(call)?;
    let files = session.files.iter().map(|file| ListedFile {
        file_id: file.id,
        filename: &file.name,
        s3_bucket: BUCKET,
        s3_key: &file.key,
        file_size: file.size,
    });
    Ok(ApiResponse::json(&Files { session_id, session_status: session.status, files: files.collect() }))
}

pub(super) fn abort(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let (session_id, _) = find(call)?;
    match call.state.sessions.abort(session_id).ok_or_else(session_not_found)? {
        Err(status) => {
            let how = if status == Status::Completed { "completed" } else { "already aborted" };
            Err(Problem::unprocessable(format!("the session is {how} and cannot be aborted")))
        }
        Ok(files) => {
            files.iter().for_each(|file| call.state.storage.discard(&file.upload_id));
            Ok(ApiResponse::json(&Aborted { session_id, session_status: Status::Aborted }))
        }
    }
}

fn find(call: &OperationCall<'_>) -> Result<(Uuid, Session), Problem> {
    let id = id(call, "sessionId").ok_or_else(session_not_found)?;
    let session = call.state.sessions.find(id).filter(|session| session.owner == call.caller.user);
    session.map(|session| (id, session)).ok_or_else(session_not_found)
}

fn id(call: &OperationCall<'_>, name: &str) -> Option<Uuid> {
    call.param(name).parse().ok()
}

fn session_not_found() -> Problem {
    Problem::not_found("no such session; use the session id from the response to its start")
}
