//! Reading of both forms of files into the model.

mod openapi;
mod structural;
mod verify;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    document::{Document, Form},
    model::{Content, Contract, Media},
    references::{self, ANYTHING},
};

/// Reads the operations of a file, and checks that all schemas they use can be compared.
///
/// # Errors
///
/// Fails if an operation lacks a required key, if a reference is dangling, or if a schema is composed of
/// itself.
pub(in crate::regen) fn contract(document: &Document) -> Result<Contract<'_>, String> {
    let read = match document.form {
        Form::OpenApi => openapi::operations(&document.root),
        Form::Structural => structural::operations(&document.root),
    };
    let operations = read.map_err(|error| format!("{}: {error}", document.name))?;
    verify::run(&document.root, &operations).map_err(|error| format!("{}: {error}", document.name))?;
    Ok(Contract::new(document, operations))
}

/// Returns the members of an object without extensions. Returns none for any other node.
fn members(node: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = node.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| !name.starts_with("x-"))
}

/// Returns bodies by media type. `schema` finds the schema in the value of the media type.
fn content<'a>(node: &'a Value, schema: impl Fn(&'a Value) -> &'a Value) -> Content<'a> {
    let media = |value: &'a Value| Media {
        schema: schema(value),
        events: value["x-events"].as_object().map(|events| by_name(events)),
    };
    members(node).map(|(name, value)| (media_type(name), media(value))).collect()
}

fn by_name(events: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    events.iter().map(|(name, schema)| (name.as_str(), schema)).collect()
}

/// Returns a media type without its parameters, such as `charset`.
fn media_type(name: &str) -> String {
    name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Returns a field, or the schema that permits everything.
fn field<'a>(node: &'a Value, name: &str) -> &'a Value {
    node.get(name).unwrap_or(&ANYTHING)
}

fn string<'a>(node: &'a Value, name: &str) -> Result<&'a str, String> {
    node[name].as_str().ok_or_else(|| format!("`{name}` is missing; correct the document"))
}

/// Returns the part of the request that carries a parameter, and its name. Names of headers ignore case.
fn key(parameter: &Value) -> Result<(&str, String), String> {
    let (sent_in, name) = (string(parameter, "in")?, string(parameter, "name")?);
    let name = if sent_in == "header" { name.to_ascii_lowercase() } else { name.to_owned() };
    Ok((sent_in, name))
}

fn resolved<'a>(root: &'a Value, node: &'a Value, location: &str) -> Result<&'a Value, String> {
    references::follow(root, node).map_err(|error| format!("{location}: {error}"))
}
