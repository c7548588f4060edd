//! Snapshots in the folder of a state: documents beside it.

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::data_dir::DataDir;
use super::dir_writer::DirWriter;
use super::error::{StateError, about};
use super::layout::SNAPSHOTS;
use super::names::encode;
use super::path::RelativePath;

const ENDING: &str = ".ndjson";
pub(crate) const LONGEST: usize = 50;

/// Refuses a name that would not fit into a path.
pub(super) fn check(name: &str) -> Result<(), StateError> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain && (1..=LONGEST).contains(&name.len()) { Ok(()) } else { Err(StateError::InvalidName) }
}

/// The file of a snapshot. A name that has passed [`check`] always has one.
fn path(name: &str) -> Result<RelativePath, StateError> {
    check(name)?;
    RelativePath::new(format!("{SNAPSHOTS}/{}{ENDING}", encode(name))).map_err(|_| StateError::InvalidName)
}

pub(super) fn write(folder: &DirWriter, name: &str, document: &[u8]) -> Result<(), StateError> {
    let path = path(name)?;
    Ok(folder.replace(&path, document).map_err(|error| about(error, path.as_str()))?)
}

pub(super) fn read(folder: &DirWriter, name: &str) -> Result<Option<Bytes>, StateError> {
    // No snapshot has a name that is not one.
    match path(name) {
        Ok(path) => Ok(folder.read(&path)?),
        Err(_) => Ok(None),
    }
}

pub(super) fn list(disk: &DataDir) -> Result<Vec<String>, StateError> {
    let files = disk.folder.list(&SNAPSHOTS)?;
    let names = files.iter().filter_map(|file| file.strip_suffix(ENDING));
    let names = names.filter_map(|name| percent_decode_str(name).decode_utf8().ok());
    let mut names: Vec<String> = names.map(std::borrow::Cow::into_owned).collect();
    names.retain(|name| check(name).is_ok());
    names.sort();
    Ok(names)
}

/// False: there is none of this name.
pub(super) fn delete(disk: &DataDir, name: &str) -> Result<bool, StateError> {
    let Ok(path) = path(name) else { return Ok(false) };
    let there = disk.folder.exists(&path)?;
    if there {
        disk.folder.delete(&path)?;
    }
    Ok(there)
}
