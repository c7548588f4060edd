//! A contract as both forms of file are brought to it: operations, with schemas left as they stand.
//!
//! Schemas stay nodes of the file, because they may lead to themselves. [`schemas`](super::schemas) normalizes one at
//! a time.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{document::Document, schemas::Schemas};

/// The contract in one file.
pub(super) struct Contract<'a> {
    /// Sorted by [`Operation::label`].
    pub(super) operations: Vec<Operation<'a>>,
    pub(super) schemas: Schemas<'a>,
}

impl<'a> Contract<'a> {
    pub(super) fn new(document: &'a Document, mut operations: Vec<Operation<'a>>) -> Self {
        operations.sort_by_key(Operation::label);
        Self { operations, schemas: Schemas::new(&document.root, document.reference_has_siblings) }
    }
}

/// One method of one path.
pub(super) struct Operation<'a> {
    /// The `operationId`, if the file gives one.
    pub(super) id: Option<&'a str>,
    /// In capitals.
    pub(super) method: String,
    pub(super) path: &'a str,
    /// Requests need a token.
    pub(super) secured: bool,
    pub(super) deprecated: bool,
    /// By where it is sent (`path`, `query`, `header` or `cookie`) and name.
    pub(super) parameters: BTreeMap<(&'a str, String), Parameter<'a>>,
    pub(super) request: Option<RequestBody<'a>>,
    /// By status code, range of codes, or `default`.
    pub(super) responses: BTreeMap<&'a str, Content<'a>>,
}

impl Operation<'_> {
    /// The method and the path, which identify an operation.
    pub(super) fn endpoint(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The id, or the endpoint of an operation without one.
    pub(super) fn label(&self) -> String {
        self.id.map_or_else(|| self.endpoint(), str::to_owned)
    }
}

pub(super) struct Parameter<'a> {
    pub(super) required: bool,
    pub(super) value: ParameterValue<'a>,
}

/// The two ways to declare the value of a parameter.
pub(super) enum ParameterValue<'a> {
    Schema(&'a Value),
    /// A serialized document, usually JSON.
    Content(Content<'a>),
}

pub(super) struct RequestBody<'a> {
    pub(super) required: bool,
    pub(super) content: Content<'a>,
}

/// A body by media type, in lower case and without parameters. Empty if there is no body.
pub(super) type Content<'a> = BTreeMap<String, Media<'a>>;

pub(super) struct Media<'a> {
    pub(super) schema: &'a Value,
    /// Schemas of the events of a stream by event name, from `x-events`.
    pub(super) events: Option<BTreeMap<&'a str, &'a Value>>,
}
