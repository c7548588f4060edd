//! The kinds of change, and the rules that decide which of them break clients.

use std::fmt;

use super::Side;

/// A kind of change. The names are those of the history format, which other tools read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::regen) enum Kind {
    OperationAdded,
    OperationRemoved,
    OperationIdChanged,
    MethodOrPathChanged,
    AuthRequired,
    AuthDropped,
    Deprecated,
    DeprecationWithdrawn,
    ParameterAdded,
    ParameterRemoved,
    /// A parameter in the path was renamed. Requests do not carry the name.
    ParameterRenamed,
    ParameterMadeRequired,
    ParameterMadeOptional,
    /// The value is plain in one document and serialized in the other.
    ParameterFormChanged,
    RequestBodyAdded,
    RequestBodyRemoved,
    RequestBodyMadeRequired,
    RequestBodyMadeOptional,
    StatusAdded,
    StatusRemoved,
    ResponseGainedBody,
    ResponseLostBody,
    MediaTypeAdded,
    MediaTypeRemoved,
    FieldAdded,
    FieldRemoved,
    FieldMadeRequired,
    FieldMadeOptional,
    /// The schema of unlisted fields, or whether such fields are permitted.
    AdditionalFields,
    TypeChanged,
    TypeBecameChoice,
    ChoiceBecameType,
    ChoiceAdded,
    ChoiceRemoved,
    OneOfAndAnyOfExchanged,
    NullableGained,
    NullableLost,
    FormatAdded,
    FormatChanged,
    FormatDropped,
    EnumAppeared,
    EnumWent,
    EnumValueAdded,
    EnumValueRemoved,
    BoundChanged,
    DefaultChanged,
}

/// The rule that decides whether a kind of change breaks clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// In every case, or never.
    Always(bool),
    /// Depending on the case, which has a name.
    Cases(&'static [(Case, bool)]),
}

/// The cases that rules distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Sent by clients, and nothing more specific applies.
    Request,
    /// Clients read the value.
    Response,
    /// The added item is required in requests.
    Required,
    Optional,
    /// A status of success.
    Success,
    Error,
    /// The schema accepts fewer values than before.
    Tighter,
    Looser,
}

impl Case {
    pub(super) fn of(side: Side) -> Self {
        match side {
            Side::Request => Self::Request,
            Side::Response => Self::Response,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Success => "success",
            Self::Error => "error",
            Self::Tighter => "tighter",
            Self::Looser => "looser",
        }
    }
}

/// Sent by clients. A change breaks if clients may send less.
const SENT: Rule = Rule::Cases(&[(Case::Request, true), (Case::Response, false)]);
/// Read by clients. A change breaks if clients may read more.
const READ: Rule = Rule::Cases(&[(Case::Request, false), (Case::Response, true)]);
const IF_REQUIRED: Rule = Rule::Cases(&[(Case::Optional, false), (Case::Required, true)]);
const IF_SUCCESS: Rule = Rule::Cases(&[(Case::Error, false), (Case::Success, true)]);
const FIELD: Rule = Rule::Cases(&[(Case::Request, false), (Case::Required, true), (Case::Response, false)]);
const BOUND: Rule = Rule::Cases(&[(Case::Looser, false), (Case::Response, false), (Case::Tighter, true)]);
const BREAKS: Rule = Rule::Always(true);
const HARMLESS: Rule = Rule::Always(false);

/// All kinds with their names and rules. The position of a kind is its index.
const TABLE: [(Kind, &str, Rule); 46] = [
    (Kind::OperationAdded, "operation added", HARMLESS),
    (Kind::OperationRemoved, "operation removed", BREAKS),
    (Kind::OperationIdChanged, "operationId changed", HARMLESS),
    (Kind::MethodOrPathChanged, "method or path changed", BREAKS),
    (Kind::AuthRequired, "auth required", BREAKS),
    (Kind::AuthDropped, "auth dropped", HARMLESS),
    (Kind::Deprecated, "deprecated", HARMLESS),
    (Kind::DeprecationWithdrawn, "deprecation withdrawn", HARMLESS),
    (Kind::ParameterAdded, "parameter added", IF_REQUIRED),
    (Kind::ParameterRemoved, "parameter removed", BREAKS),
    (Kind::ParameterRenamed, "parameter renamed", HARMLESS),
    (Kind::ParameterMadeRequired, "parameter made required", BREAKS),
    (Kind::ParameterMadeOptional, "parameter made optional", HARMLESS),
    (Kind::ParameterFormChanged, "parameter form changed", BREAKS),
    (Kind::RequestBodyAdded, "request body added", IF_REQUIRED),
    (Kind::RequestBodyRemoved, "request body removed", BREAKS),
    (Kind::RequestBodyMadeRequired, "request body made required", BREAKS),
    (Kind::RequestBodyMadeOptional, "request body made optional", HARMLESS),
    (Kind::StatusAdded, "status added", IF_SUCCESS),
    (Kind::StatusRemoved, "status removed", IF_SUCCESS),
    (Kind::ResponseGainedBody, "answer gained a body", HARMLESS),
    (Kind::ResponseLostBody, "answer lost its body", BREAKS),
    (Kind::MediaTypeAdded, "media type added", READ),
    (Kind::MediaTypeRemoved, "media type removed", BREAKS),
    (Kind::FieldAdded, "field added", FIELD),
    (Kind::FieldRemoved, "field removed", BREAKS),
    (Kind::FieldMadeRequired, "field made required", SENT),
    (Kind::FieldMadeOptional, "field made optional", READ),
    (Kind::AdditionalFields, "additional fields", HARMLESS),
    (Kind::TypeChanged, "type changed", BREAKS),
    (Kind::TypeBecameChoice, "type became a choice", READ),
    (Kind::ChoiceBecameType, "choice became a type", SENT),
    (Kind::ChoiceAdded, "choice added", READ),
    (Kind::ChoiceRemoved, "choice removed", SENT),
    (Kind::OneOfAndAnyOfExchanged, "oneOf and anyOf exchanged", HARMLESS),
    (Kind::NullableGained, "nullable gained", READ),
    (Kind::NullableLost, "nullable lost", SENT),
    (Kind::FormatAdded, "format added", SENT),
    (Kind::FormatChanged, "format changed", BREAKS),
    (Kind::FormatDropped, "format dropped", READ),
    (Kind::EnumAppeared, "enum appeared", SENT),
    (Kind::EnumWent, "enum went", READ),
    (Kind::EnumValueAdded, "enum value added", READ),
    (Kind::EnumValueRemoved, "enum value removed", SENT),
    (Kind::BoundChanged, "bound changed", BOUND),
    (Kind::DefaultChanged, "default changed", SENT),
];

impl Kind {
    /// Returns all kinds.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(kind, ..)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    pub(super) fn rule(self) -> Rule {
        TABLE[self as usize].2
    }

    /// Returns `true` if a change of this kind breaks clients. The first of `cases` that the rule knows
    /// decides. Without any, the change does not break.
    pub(super) fn breaks(self, cases: &[Case]) -> bool {
        match self.rule() {
            Rule::Always(breaks) => breaks,
            Rule::Cases(known) => cases
                .iter()
                .find_map(|case| known.iter().find(|(one, _)| one == case))
                .is_some_and(|(_, breaks)| *breaks),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_are_at_their_index_and_have_unique_names() {
        for (position, (kind, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*kind as usize, position, "{kind}");
        }
        assert_eq!(Kind::all().map(Kind::name).collect::<BTreeSet<_>>().len(), TABLE.len());
    }

    #[test]
    fn first_known_case_decides() {
        assert!(Kind::FieldAdded.breaks(&[Case::Required, Case::Request]));
        assert!(!Kind::FieldAdded.breaks(&[Case::Optional, Case::Request]));
        assert!(!Kind::FieldAdded.breaks(&[Case::Response, Case::Required]));
        assert!(Kind::OperationRemoved.breaks(&[]));
        assert!(!Kind::StatusAdded.breaks(&[]));
    }
}
