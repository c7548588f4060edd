//! The tests and the recorded exchanges of an operation.
//!
//! A test belongs to an operation if it contains the id, sends the method to the path, or calls a method of the
//! façade with an unambiguous name. Tests that cover all operations or all recordings are omitted, because they
//! belong to every operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use super::{
    Place,
    facade::Facade,
    low_level::Route,
    source::{self, Function},
};

const FOLDERS: [&str; 5] =
    ["datalinks/tests", "datalinks-cli/tests", "datalinks-emulator/tests", "tests/src", "tests/tests"];
const RECORDINGS: &str = "tests/data/recordings.json";
pub(super) const COMPOSED: &str = "tests/data/composed.json";
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/// The tests of the workspace.
pub(super) struct Tests {
    functions: Vec<Function>,
    /// Names of recordings by operation, with their file.
    recordings: BTreeMap<String, Vec<Place>>,
}

impl Tests {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut functions = Vec::new();
        for folder in FOLDERS {
            for source in source::below(root, folder)? {
                functions.extend(source.functions());
            }
        }
        let mut recordings: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for file in [RECORDINGS, COMPOSED] {
            for (operation, name) in recorded(root, file)? {
                recordings.entry(operation).or_default().push(Place {
                    name,
                    file: file.to_owned(),
                    line: None,
                });
            }
        }
        Ok(Self { functions, recordings })
    }

    /// Returns the names of the recordings in which an operation occurs.
    pub(super) fn recordings(&self, operation: &str) -> &[Place] {
        self.recordings.get(operation).map_or(&[], Vec::as_slice)
    }

    /// Returns `true` if a function in a file contains this string.
    pub(super) fn names(&self, file: &str, function: &str, text: &str) -> bool {
        let mut own = self.functions.iter().filter(|own| own.file == file && own.name == function);
        own.any(|own| own.texts.iter().any(|named| named == text))
    }

    /// Returns the recordings, then the functions that contain the id of an operation, send it, or call its
    /// method.
    pub(super) fn of(
        &self,
        operation: &str,
        route: Option<&Route>,
        methods: &[Place],
        facade: &Facade,
    ) -> Vec<Place> {
        let names = methods.iter().filter_map(|method| method.name.rsplit("::").next());
        let names: BTreeSet<&str> = names.filter(|name| facade.is_unmistakable(name)).collect();
        let belongs = |function: &&Function| {
            function.texts.iter().any(|text| text == operation)
                || route.is_some_and(|route| sends(function, route))
                || names.iter().any(|name| function.calls.contains(*name))
        };
        let place = |function: &Function| Place {
            name: function.full_name(),
            file: function.file.clone(),
            line: Some(function.line),
        };
        let mut places = self.recordings(operation).to_vec();
        places.extend(self.functions.iter().filter(belongs).map(place));
        places
    }
}

/// Returns `true` if a function contains the method of an operation, followed by a path that fits it.
fn sends(function: &Function, route: &Route) -> bool {
    let mut method = None;
    for text in &function.texts {
        if METHODS.contains(&text.as_str()) {
            method = Some(text);
        } else if text.starts_with('/') {
            // A helper that takes only a path has no method.
            let fits = fits(text, &route.path);
            match method.take() {
                Some(method) if fits && *method == route.method => return true,
                _ => {}
            }
        }
    }
    false
}

/// Returns `true` if a path, possibly with placeholders of `format!`, fits the path of an operation.
fn fits(path: &str, template: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let (path, template): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), template.split('/').collect());
    path.len() == template.len()
        && path.iter().zip(&template).all(|(part, wanted)| {
            let free = wanted.starts_with('{') && !part.is_empty();
            free || part == wanted
        })
}

/// Returns the operation of each exchange in a file of recordings, with the name of its recording.
fn recorded(root: &Path, file: &str) -> Result<BTreeSet<(String, String)>, String> {
    let text = fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
    let recordings: Vec<Value> = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let mut found = BTreeSet::new();
    for recording in &recordings {
        let name = recording["id"].as_str().unwrap_or_default();
        for exchange in recording["exchanges"].as_array().into_iter().flatten() {
            if let Some(operation) = exchange["operationId"].as_str() {
                found.insert((operation.to_owned(), name.to_owned()));
            }
        }
    }
    Ok(found)
}
