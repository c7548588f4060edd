//! Snapshots in the folder of a state: documents beside it.

use std::io;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::disk::{Disk, SNAPSHOTS};
use super::error::StateError;
use super::names::encode;

const ENDING: &str = ".ndjson";
const LONGEST: usize = 50;

/// Refuses a name that would not fit into a path.
pub(super) fn check(name: &str) -> Result<(), StateError> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain && (1..=LONGEST).contains(&name.len()) { Ok(()) } else { Err(StateError::InvalidName) }
}

fn path(name: &str) -> String {
    format!("{SNAPSHOTS}/{}{ENDING}", encode(name))
}

pub(super) fn write(disk: &Disk, name: &str, document: &[u8]) -> Result<(), StateError> {
    Ok(disk.folder.replace(&path(name), document)?)
}

pub(super) fn read(disk: &Disk, name: &str) -> Result<Option<Bytes>, StateError> {
    match std::fs::read(disk.folder.place(&path(name))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        document => Ok(Some(document?.into())),
    }
}

pub(super) fn list(disk: &Disk) -> Result<Vec<String>, StateError> {
    let mut names = Vec::new();
    match std::fs::read_dir(disk.folder.place(SNAPSHOTS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        entries => {
            for entry in entries? {
                let file = entry?.file_name();
                let name = file.to_str().and_then(|file| file.strip_suffix(ENDING));
                let name = name.and_then(|name| percent_decode_str(name).decode_utf8().ok());
                names.extend(name.map(std::borrow::Cow::into_owned));
            }
        }
    }
    names.sort();
    Ok(names)
}

/// False: there is none of this name.
pub(super) fn delete(disk: &Disk, name: &str) -> Result<bool, StateError> {
    let there = check(name).is_ok() && disk.folder.place(&path(name)).exists();
    if there {
        disk.folder.forget(&path(name))?;
    }
    Ok(there)
}
