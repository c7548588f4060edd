//! One difference between two contracts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A difference: its kind, its location, and the two sides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) location: Location,
    /// The thing that is missing or added, for kinds that have one: a status, a field, the keyword of a bound.
    pub(super) subject: String,
    /// The project's document, in words.
    pub(super) ours: String,
    /// The other document, in words.
    pub(super) theirs: String,
}

/// The location of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Location {
    /// The path from the operation, as it is printed.
    pub(super) shown: String,
    /// The path from the nearest schema that has a name in the other document, or from the operation.
    pub(super) at: String,
    /// The side of the operation, or `None` for a property of the whole operation.
    pub(super) side: Option<Side>,
    /// The operation needs a token.
    pub(super) secured: bool,
}

impl Location {
    pub(super) fn operation(label: String, secured: bool) -> Self {
        Self { at: label.clone(), shown: label, side: None, secured }
    }

    /// A part of the operation.
    pub(super) fn part(&self, name: &str, side: Side) -> Self {
        Self { side: Some(side), ..self.step(&format!(" {name}")) }
    }

    /// The location that follows this one.
    pub(super) fn step(&self, text: &str) -> Self {
        Self { shown: format!("{}{text}", self.shown), at: format!("{}{text}", self.at), ..self.clone() }
    }
}

/// The part of an operation that a schema belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Side {
    /// Parameters in the path.
    Path,
    /// Other parameters and the request body.
    Request,
    Response,
}

/// The kind of a difference. `Missing…` is in the other document only, `Extra…` in the project's only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    MissingOperation,
    ExtraOperation,
    OperationId,
    /// The operation needs a token in the project's document only.
    ExtraToken,
    MissingToken,
    ExtraDeprecation,
    MissingDeprecation,
    MissingParameter,
    ExtraParameter,
    /// The value is plain in one document and a serialized one in the other.
    ParameterForm,
    MissingRequestBody,
    ExtraRequestBody,
    /// A parameter, a field or a body is required in the project's document only.
    Required,
    Optional,
    MissingResponse,
    ExtraResponse,
    MissingBody,
    ExtraBody,
    MissingMediaType,
    ExtraMediaType,
    MissingEvent,
    ExtraEvent,
    /// The schemas of a stream's events are in the project's document under `x-events`.
    EventsDescribed,
    MissingNull,
    ExtraNull,
    Type,
    MissingChoice,
    ExtraChoice,
    Format,
    /// The format of a number, which limits its size and does not change its notation.
    NumberFormat,
    Enum,
    MissingBound,
    ExtraBound,
    Bound,
    MissingDefault,
    /// The project's document states a default, and the other states none or another one.
    Default,
    MissingField,
    ExtraField,
    ExtraRequiredField,
    /// The other document has any object, and the project's says more about it.
    FreeObjectDescribed,
    /// The other document has a union of objects, and the project's one object.
    UnionMerged,
    /// Fields that are not listed have a schema in the project's document only.
    OtherFieldsTyped,
    OtherFieldsNotTyped,
    /// Fields that are not listed are rejected by the project's document only.
    OtherFieldsRejected,
    OtherFieldsPermitted,
    /// The other document does not state whether other fields are allowed, and the project's document states
    /// something harmless: a request has none, or a response may have some.
    OtherFieldsStated,
}

/// The name of the kind in the list of allowed differences.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, location, subject, ours, theirs } = self;
        write!(f, "{}: ", location.shown)?;
        match kind {
            Kind::MissingOperation => write!(f, "{subject} is missing"),
            Kind::ExtraOperation => write!(f, "{subject} is not in the other document"),
            Kind::OperationId => write!(f, "operationId is {ours}, the other document has {theirs}"),
            Kind::ExtraToken => write!(f, "needs a token, the other document makes it public"),
            Kind::MissingToken => write!(f, "needs no token, the other document requires one"),
            Kind::ExtraDeprecation => write!(f, "is deprecated, in the other document it is not"),
            Kind::MissingDeprecation => write!(f, "is not deprecated, in the other document it is"),
            Kind::MissingParameter => write!(f, "{subject} parameter is missing"),
            Kind::ExtraParameter => write!(f, "{subject} parameter is not in the other document"),
            Kind::ParameterForm => write!(f, "the value is {ours}, the other document has {theirs}"),
            Kind::MissingRequestBody => write!(f, "request body is missing"),
            Kind::ExtraRequestBody => write!(f, "request body is not in the other document"),
            Kind::Required => write!(f, "is required, in the other document it is optional"),
            Kind::Optional => write!(f, "is optional, the other document requires it"),
            Kind::MissingResponse => write!(f, "response {subject} is missing"),
            Kind::ExtraResponse => write!(f, "response {subject} is not in the other document"),
            Kind::MissingBody => write!(f, "has no body, the other document has {theirs}"),
            Kind::ExtraBody => write!(f, "has a body ({ours}), the other document has none"),
            Kind::MissingMediaType => write!(f, "media type {subject} is missing"),
            Kind::ExtraMediaType => write!(f, "media type {subject} is not in the other document"),
            Kind::MissingEvent => write!(f, "event {subject} is missing"),
            Kind::ExtraEvent => write!(f, "event {subject} is not in the other document"),
            Kind::EventsDescribed => {
                write!(f, "events are described by name, the other document has {theirs}")
            }
            Kind::MissingNull => write!(f, "null is not permitted, the other document permits it"),
            Kind::ExtraNull => write!(f, "null is permitted, the other document does not permit it"),
            Kind::Type => write!(f, "type is {ours}, the other document has {theirs}"),
            Kind::MissingChoice => write!(f, "choice {subject} is missing"),
            Kind::ExtraChoice => write!(f, "choice {subject} is not in the other document"),
            Kind::Format | Kind::NumberFormat => {
                write!(f, "format is {ours}, the other document has {theirs}")
            }
            Kind::Enum => write!(f, "enum is {ours}, the other document has {theirs}"),
            Kind::MissingBound | Kind::ExtraBound | Kind::Bound => {
                write!(f, "{subject} is {ours}, the other document has {theirs}")
            }
            Kind::MissingDefault | Kind::Default => {
                write!(f, "default is {ours}, the other document has {theirs}")
            }
            Kind::MissingField => write!(f, "field {subject} is missing"),
            Kind::ExtraField => write!(f, "field {subject} is not in the other document"),
            Kind::ExtraRequiredField => {
                write!(f, "field {subject} is required, and is not in the other document")
            }
            Kind::FreeObjectDescribed => write!(f, "is described, the other document permits any object"),
            Kind::UnionMerged => write!(f, "is one object, the other document has a union of objects"),
            Kind::OtherFieldsTyped => {
                write!(f, "other fields have a schema, in the other document they do not")
            }
            Kind::OtherFieldsNotTyped => {
                write!(f, "other fields have no schema, in the other document they do")
            }
            Kind::OtherFieldsRejected => {
                write!(f, "other fields are rejected, the other document permits them")
            }
            Kind::OtherFieldsPermitted => {
                write!(f, "other fields are permitted, the other document rejects them")
            }
            Kind::OtherFieldsStated => {
                write!(f, "other fields are {ours}, the other document does not mention them")
            }
        }
    }
}
