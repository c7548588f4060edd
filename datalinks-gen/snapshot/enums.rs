/// The role of a user. A viewer reads, an editor reads and writes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AccessRole {
    /// `viewer` on the wire.
    Viewer,
    /// `editor` on the wire.
    Editor,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(AccessRole { Viewer => "viewer", Editor => "editor", });
/// The status of a run.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AgentRunStatus {
    /// `running` on the wire.
    Running,
    /// `completed` on the wire.
    Completed,
    /// `failed` on the wire.
    Failed,
    /// `expired` on the wire.
    Expired,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(
    AgentRunStatus { Running => "running", Completed => "completed", Failed => "failed",
    Expired => "expired", }
);
/// The speaker of a turn.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum CallerTurnRole {
    /// `user` on the wire.
    User,
    /// `agent` on the wire.
    Agent,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(CallerTurnRole { User => "user", Agent => "agent", });
/// Visibility of a dataset, an older setting. The vendor says that every dataset is private now and that access is granted per user. Responses still contain the field.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DatasetVisibility {
    /// `Public` on the wire.
    Public,
    /// `Private` on the wire.
    Private,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(DatasetVisibility { Public => "Public", Private => "Private", });
/// The kind of match.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LinkMatchType {
    /// `ExactMatch` on the wire.
    ExactMatch,
    /// `GeoMatch` on the wire.
    GeoMatch,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(LinkMatchType { ExactMatch => "ExactMatch", GeoMatch => "GeoMatch", });
/// The method of normalization: all columns in one call, one column after the other, or by comparing embeddings.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum NormaliseMode {
    /// `all-in-one` on the wire.
    AllInOne,
    /// `field-by-field` on the wire.
    FieldByField,
    /// `embeddings` on the wire.
    Embeddings,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(
    NormaliseMode { AllInOne => "all-in-one", FieldByField => "field-by-field",
    Embeddings => "embeddings", }
);
/// The status of a file of a session.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum UploadFileStatus {
    /// `preparing` on the wire.
    Preparing,
    /// `completed` on the wire.
    Completed,
    /// `aborted` on the wire.
    Aborted,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(
    UploadFileStatus { Preparing => "preparing", Completed => "completed", Aborted =>
    "aborted", }
);
/// The status of an upload session.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum UploadSessionStatus {
    /// `preparing` on the wire.
    Preparing,
    /// `completed` on the wire.
    Completed,
    /// `aborted` on the wire.
    Aborted,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(
    UploadSessionStatus { Preparing => "preparing", Completed => "completed", Aborted =>
    "aborted", }
);
/// The unit of validation: values by a pattern, whole rows, or single fields.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ValidateMode {
    /// `regex` on the wire.
    Regex,
    /// `rows` on the wire.
    Rows,
    /// `fields` on the wire.
    Fields,
    /// A value that the document does not list, as it was received.
    Other(String),
}
crate::open_enum!(
    ValidateMode { Regex => "regex", Rows => "rows", Fields => "fields", }
);
