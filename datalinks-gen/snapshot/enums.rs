/// What someone may do: a viewer reads, an editor reads and writes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AccessRole {
    /// `viewer` on the wire.
    Viewer,
    /// `editor` on the wire.
    Editor,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(AccessRole { Viewer => "viewer", Editor => "editor", });
/// How a run stands.
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
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(
    AgentRunStatus { Running => "running", Completed => "completed", Failed => "failed",
    Expired => "expired", }
);
/// Who said it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum CallerTurnRole {
    /// `user` on the wire.
    User,
    /// `agent` on the wire.
    Agent,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(CallerTurnRole { User => "user", Agent => "agent", });
/// Who may read a dataset, by an older setting. The vendor says that every dataset is private now and that access is given user by user; answers still carry the word.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DatasetVisibility {
    /// `Public` on the wire.
    Public,
    /// `Private` on the wire.
    Private,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(DatasetVisibility { Public => "Public", Private => "Private", });
/// How values match.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum LinkMatchType {
    /// `ExactMatch` on the wire.
    ExactMatch,
    /// `GeoMatch` on the wire.
    GeoMatch,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(LinkMatchType { ExactMatch => "ExactMatch", GeoMatch => "GeoMatch", });
/// How columns are brought to one form: all in one go, one after the other, or by comparing embeddings.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum NormaliseMode {
    /// `all-in-one` on the wire.
    AllInOne,
    /// `field-by-field` on the wire.
    FieldByField,
    /// `embeddings` on the wire.
    Embeddings,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(
    NormaliseMode { AllInOne => "all-in-one", FieldByField => "field-by-field",
    Embeddings => "embeddings", }
);
/// How a file of a session stands.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum UploadFileStatus {
    /// `preparing` on the wire.
    Preparing,
    /// `completed` on the wire.
    Completed,
    /// `aborted` on the wire.
    Aborted,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(
    UploadFileStatus { Preparing => "preparing", Completed => "completed", Aborted =>
    "aborted", }
);
/// How an upload session stands.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum UploadSessionStatus {
    /// `preparing` on the wire.
    Preparing,
    /// `completed` on the wire.
    Completed,
    /// `aborted` on the wire.
    Aborted,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(
    UploadSessionStatus { Preparing => "preparing", Completed => "completed", Aborted =>
    "aborted", }
);
/// What is checked at a time: values by a pattern, whole rows, or single fields.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ValidateMode {
    /// `regex` on the wire.
    Regex,
    /// `rows` on the wire.
    Rows,
    /// `fields` on the wire.
    Fields,
    /// A value that the document does not know, as it came.
    Other(String),
}
crate::open_enum!(
    ValidateMode { Regex => "regex", Rows => "rows", Fields => "fields", }
);
