//! Snapshots in a data directory: documents beside the state.

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

/// Validates the name of a snapshot.
pub(super) fn check(name: &str) -> Result<(), StateError> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain && (1..=LONGEST).contains(&name.len()) { Ok(()) } else { Err(StateError::InvalidName) }
}

/// Returns the file of a snapshot. A name that passes [`check`] always has one.
fn path(name: &str) -> Result<RelativePath, StateError> {
    check(name)?;
    RelativePath::new(format!("{SNAPSHOTS}/{}{ENDING}", encode(name))).map_err(|_| StateError::InvalidName)
}

pub(super) fn write(dir: &DirWriter, name: &str, document: &[u8]) -> Result<(), StateError> {
    let path = path(name)?;
    Ok(dir.replace(&path, document).map_err(|error| about(error, path.as_str()))?)
}

pub(super) fn read(dir: &DirWriter, name: &str) -> Result<Option<Bytes>, StateError> {
    // A snapshot with an invalid name cannot exist.
    match path(name) {
        Ok(path) => Ok(dir.read(&path)?),
        Err(_) => Ok(None),
    }
}

pub(super) fn list(data_dir: &DataDir) -> Result<Vec<String>, StateError> {
    let files = data_dir.dir.list(&SNAPSHOTS)?;
    let names = files.iter().filter_map(|file| file.strip_suffix(ENDING));
    let names = names.filter_map(|name| percent_decode_str(name).decode_utf8().ok());
    let mut names: Vec<String> = names.map(std::borrow::Cow::into_owned).collect();
    names.retain(|name| check(name).is_ok());
    names.sort();
    Ok(names)
}

/// Deletes a snapshot. Returns `false` if it does not exist.
pub(super) fn delete(data_dir: &DataDir, name: &str) -> Result<bool, StateError> {
    let Ok(path) = path(name) else { return Ok(false) };
    let exists = data_dir.dir.exists(&path)?;
    if exists {
        data_dir.dir.delete(&path)?;
    }
    Ok(exists)
}
