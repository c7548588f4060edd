//! The model of a contract: operations, with schemas as nodes of the file.
//!
//! Schemas stay nodes of the file because they may refer to themselves. [`schemas`](super::schemas) normalizes
//! them one at a time.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{document::Document, schemas::Schemas};

/// The contract in one file.
pub(in crate::regen) struct Contract<'a> {
    /// All operations, sorted by [`Operation::label`].
    pub(in crate::regen) operations: Vec<Operation<'a>>,
    pub(in crate::regen) schemas: Schemas<'a>,
}

impl<'a> Contract<'a> {
    pub(in crate::regen) fn new(document: &'a Document, mut operations: Vec<Operation<'a>>) -> Self {
        operations.sort_by_key(Operation::label);
        Self { operations, schemas: Schemas::new(&document.root, document.reference_has_siblings) }
    }
}

/// A method of a path.
pub(in crate::regen) struct Operation<'a> {
    /// The `operationId`, if the file gives one.
    pub(in crate::regen) id: Option<&'a str>,
    /// The HTTP method in upper case.
    pub(in crate::regen) method: String,
    pub(in crate::regen) path: &'a str,
    /// Requests need a token.
    pub(in crate::regen) secured: bool,
    pub(in crate::regen) deprecated: bool,
    /// Parameters by location (`path`, `query`, `header` or `cookie`) and name.
    pub(in crate::regen) parameters: BTreeMap<(&'a str, String), Parameter<'a>>,
    pub(in crate::regen) request: Option<RequestBody<'a>>,
    /// Responses by status code, range of codes, or `default`.
    pub(in crate::regen) responses: BTreeMap<&'a str, Content<'a>>,
}

impl Operation<'_> {
    /// The method and the path, which identify an operation.
    pub(in crate::regen) fn endpoint(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The id, or the endpoint of an operation without one.
    pub(in crate::regen) fn label(&self) -> String {
        self.id.map_or_else(|| self.endpoint(), str::to_owned)
    }
}

pub(in crate::regen) struct Parameter<'a> {
    pub(in crate::regen) required: bool,
    pub(in crate::regen) value: ParameterValue<'a>,
}

/// The two ways to declare the value of a parameter.
pub(in crate::regen) enum ParameterValue<'a> {
    Schema(&'a Value),
    /// A serialized document, usually JSON.
    Content(Content<'a>),
}

pub(in crate::regen) struct RequestBody<'a> {
    pub(in crate::regen) required: bool,
    pub(in crate::regen) content: Content<'a>,
}

/// A body by media type, in lower case and without parameters. Empty for no body.
pub(in crate::regen) type Content<'a> = BTreeMap<String, Media<'a>>;

pub(in crate::regen) struct Media<'a> {
    pub(in crate::regen) schema: &'a Value,
    /// Schemas of the events of a stream by event name, from `x-events`.
    pub(in crate::regen) events: Option<BTreeMap<&'a str, &'a Value>>,
}
