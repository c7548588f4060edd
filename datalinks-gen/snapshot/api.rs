#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///The card of an agent. The contract leaves the fields open; they are those of version 1.0 of the A2A protocol.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct A2aAgentCard(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for A2aAgentCard {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<A2aAgentCard>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: A2aAgentCard) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for A2aAgentCard {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///An agent in a list: `name`, `url` and `agentCard`. The contract leaves the fields open; they are those of version 1.0 of the A2A protocol.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct A2aAgentListItem(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for A2aAgentListItem {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<A2aAgentListItem>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: A2aAgentListItem) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for A2aAgentListItem {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///A JSON-RPC 2.0 request. The documented methods are `SendMessage`, `SendStreamingMessage`, `GetTask`, `CancelTask` and `GetExtendedAgentCard`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct A2aJsonRpcRequest(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for A2aJsonRpcRequest {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<A2aJsonRpcRequest>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: A2aJsonRpcRequest) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for A2aJsonRpcRequest {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///A JSON-RPC 2.0 response, with `result` or `error`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct A2aJsonRpcResponse(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for A2aJsonRpcResponse {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<A2aJsonRpcResponse>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: A2aJsonRpcResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for A2aJsonRpcResponse {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///How a session stands.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AbortFileUploadResponse {
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///How the session stands.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The upload to give up.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AbortMultipartRequest {
        ///The file's place in the storage.
        pub key: ::std::string::String,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///Someone who may use a dataset or a namespace.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AccessGrant {
        ///What the user may do.
        pub role: crate::enums::AccessRole,
        ///The user.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The two columns of a new link.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AddLinkRequest {
        ///The column that the link starts from.
        pub from: ApiStringColumnIdentifier,
        ///How the values match.
        #[serde(rename = "matchType")]
        pub match_type: crate::enums::LinkMatchType,
        ///Options of the link. Null stands for no options.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub options: ::std::option::Option<LinkOptions>,
        ///The column that it leads to.
        pub to: ApiStringColumnIdentifier,
    }
    ///A rating.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AgentRunFeedbackRequest {
        ///Why.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub comment: ::std::option::Option<::std::string::String>,
        ///Whether the answer was good.
        #[serde(rename = "thumbsUp")]
        pub thumbs_up: bool,
    }
    ///How a run stands.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AgentRunStatusResponse {
        ///The kind of agent.
        #[serde(rename = "agentKind")]
        pub agent_kind: ::std::string::String,
        ///Whether the run can be resumed: it is running, and has a checkpoint.
        #[serde(rename = "canResume")]
        pub can_resume: bool,
        ///Why it failed.
        #[serde(
            rename = "errorMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///The last step that was done.
        #[serde(
            rename = "lastNodeId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_node_id: ::std::option::Option<::std::string::String>,
        ///The question.
        pub question: ::std::string::String,
        ///The result, once there is one.
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///The run.
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        ///How the run stands.
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A dataset by its names.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiDatasetDescription {
        ///The dataset.
        pub name: ::std::string::String,
        ///Both names in one text. Older; use the two fields.
        #[serde(
            rename = "nameWithNamespace",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub name_with_namespace: ::std::option::Option<::std::string::String>,
        ///The namespace it is in.
        pub namespace: ::std::string::String,
        ///The user it belongs to.
        pub owner: ::std::string::String,
        ///Older name of `owner`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
        ///The older setting of who may read it.
        pub visibility: crate::enums::DatasetVisibility,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A dataset's columns, size and saved definition.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiDatasetMetadata {
        ///The names of the columns.
        #[serde(rename = "columnNames")]
        pub column_names: ::std::vec::Vec<::std::string::String>,
        ///What the dataset is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///Rows that the dataset holds.
        #[serde(rename = "rowCount")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub row_count: i64,
        ///What each field means, by its name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A link from one column to another. A column is written as dotted words: `ri`, user, namespace, dataset, column, as far as examples show; how dots within a name are written is not published.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiLink {
        ///The column it leads to.
        pub destination: ::std::string::String,
        ///Records that match.
        #[serde(deserialize_with = "crate::whole::required")]
        pub hits: i64,
        ///How values match, as free text; `ExactMatch` and `GeoMatch` are known.
        #[serde(rename = "matchType")]
        pub match_type: ::std::string::String,
        ///The column it starts from.
        pub origin: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A namespace.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiNamespace {
        ///The namespace.
        pub name: ::std::string::String,
        ///The user it belongs to: an id or a name, depending on the server's version.
        pub owner: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A column by its names.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ApiStringColumnIdentifier {
        ///The column.
        #[serde(rename = "columnName")]
        pub column_name: ::std::string::String,
        ///The dataset.
        pub dataset: ::std::string::String,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The owner, or `self`.
        pub username: ::std::string::String,
    }
    ///The answer, which ends the stream.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagAnswerEvent {
        ///The answer, in plain words.
        pub response: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Answering began.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct AutoRagAnswerStartedEvent(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for AutoRagAnswerStartedEvent {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<AutoRagAnswerStartedEvent>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: AutoRagAnswerStartedEvent) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for AutoRagAnswerStartedEvent {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///The run failed, which ends the stream.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagErrorEvent {
        ///What went wrong, for people.
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The plan.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagPlanEvent {
        ///Why this plan.
        pub reasoning: ::std::string::String,
        ///What is to be found out, in order.
        pub steps: ::std::vec::Vec<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Planning began.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct AutoRagPlanningStartedEvent(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for AutoRagPlanningStartedEvent {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<AutoRagPlanningStartedEvent>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: AutoRagPlanningStartedEvent) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for AutoRagPlanningStartedEvent {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///The query of a step runs.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagQueryExecutingEvent {
        ///The step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A question to an agent.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagRequest {
        ///Background from the caller. It never outranks the data or widens access, and counts for this turn only.
        #[serde(
            rename = "callerContext",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub caller_context: ::std::option::Option<CallerContext>,
        ///The conversation that the question belongs to.
        #[serde(
            rename = "conversationId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub conversation_id: ::std::option::Option<::std::string::String>,
        ///What the agent should know or look out for.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///Models for the stages of the run.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub models: ::std::option::Option<AutoRagStageModels>,
        ///The namespace to look in.
        pub namespace: ::std::string::String,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The question, in plain words.
        pub query: ::std::string::String,
        ///The owner of the namespace, or `self`.
        pub username: ::std::string::String,
        ///Whether the agent may search the web. False turns it off; true is the same as no value.
        #[serde(
            rename = "webSearch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub web_search: ::std::option::Option<bool>,
    }
    ///The answer to a question.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagResponseData {
        ///The answer, in plain words.
        pub response: ::std::string::String,
        ///The steps that led to it, in order.
        pub steps: ::std::vec::Vec<AutoRagResponseStep>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One step on the way to an answer.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagResponseStep {
        ///The rows it found.
        pub data: DataArray,
        ///What was to be found out.
        pub instruction: ::std::string::String,
        ///The query that was run.
        pub query: ::std::string::String,
        ///Why this query.
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The model of one stage.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagStageModel {
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///Models for the stages of a run. The pair of a stage replaces the pair of the run, which replaces the deployment's. A field that is missing in the pair that counts falls to the provider's default.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagStageModels {
        ///For answering.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub answer: ::std::option::Option<AutoRagStageModel>,
        ///For planning.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub plan: ::std::option::Option<AutoRagStageModel>,
        ///For writing queries.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<AutoRagStageModel>,
    }
    ///A step is done.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagStepEvent {
        ///The rows it found.
        pub data: DataArray,
        ///The step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        ///What was to be found out.
        pub instruction: ::std::string::String,
        ///The query that was run.
        pub query: ::std::string::String,
        ///Why this query.
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A step began.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagStepStartedEvent {
        ///The step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        ///What is to be found out.
        pub instruction: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The code of a build spec.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct BuildSpecCode {
        ///The code, as text that the API does not read. A proposed version 2.23.0 of the contract calls it Python in base64.
        pub payload: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Build specs.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct BuildSpecListResponse {
        ///The build specs.
        pub items: ::std::vec::Vec<BuildSpecResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///How a dataset is derived from others.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct BuildSpecRequest {
        ///The code.
        pub code: BuildSpecCode,
        ///The dataset that the code makes rows for.
        pub destination: DatasetCoordinate,
        ///The datasets that the code reads; at least one.
        pub sources: ::std::vec::Vec<DatasetCoordinate>,
    }
    ///A build spec. A proposed version 2.23.0 of the contract has `destinations` for `destination`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct BuildSpecResponse {
        ///The code.
        pub code: BuildSpecCode,
        ///When it was created, as text.
        #[serde(rename = "createdAt")]
        pub created_at: ::std::string::String,
        ///The dataset that the code makes rows for.
        pub destination: DatasetCoordinate,
        ///The build spec.
        pub id: ::uuid::Uuid,
        ///The name of the user it belongs to.
        pub owner: ::std::string::String,
        ///The datasets that the code reads.
        pub sources: ::std::vec::Vec<DatasetCoordinate>,
        ///When it was last changed, as text.
        #[serde(rename = "updatedAt")]
        pub updated_at: ::std::string::String,
        ///The version, counted up by each change.
        #[serde(deserialize_with = "crate::whole::required")]
        pub version: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What the caller knows and the agent should too.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CallerContext {
        ///Facts to take into account.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub facts: ::std::option::Option<::std::vec::Vec<CallerContextFact>>,
        ///What was said before, oldest first.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub turns: ::std::option::Option<::std::vec::Vec<CallerContextTurn>>,
    }
    ///A fact to take into account.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CallerContextFact {
        ///What it is about.
        pub label: ::std::string::String,
        ///Where it comes from.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///What it says.
        pub value: ::std::string::String,
    }
    ///Something that was said before.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CallerContextTurn {
        ///The agent that said it, if one did.
        #[serde(
            rename = "agentName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub agent_name: ::std::option::Option<::std::string::String>,
        ///Who said it.
        pub role: crate::enums::CallerTurnRole,
        ///What was said.
        pub text: ::std::string::String,
    }
    ///One file of code.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CleanerAgentCodeFile {
        ///What is in it.
        pub content: ::std::string::String,
        ///The file's name.
        pub name: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The code of a cleaning task.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CleanerAgentCodeFilesResponse {
        ///The files.
        pub files: ::std::vec::Vec<CleanerAgentCodeFile>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A conversation.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationDetailResponse {
        ///The conversation.
        pub id: ::uuid::Uuid,
        ///Its title.
        pub title: ::std::string::String,
        ///Its questions and answers, oldest first.
        pub turns: ::std::vec::Vec<ConversationTurnResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Conversations, newest first.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationListResponse {
        ///The conversations.
        pub conversations: ::std::vec::Vec<ConversationSummaryResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A conversation in short.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationSummaryResponse {
        ///When it began, in milliseconds since 1970-01-01 UTC.
        #[serde(rename = "createdAt")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub created_at: i64,
        ///The conversation.
        pub id: ::uuid::Uuid,
        ///Its title.
        pub title: ::std::string::String,
        ///When it last went on, in milliseconds since 1970-01-01 UTC.
        #[serde(rename = "updatedAt")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub updated_at: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One question of a conversation.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationTurnResponse {
        ///The question.
        pub question: ::std::string::String,
        ///The result, once there is one.
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///The run that answers it.
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        ///How the run stands.
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A new dataset's definition.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CreateDatasetRequest {
        ///What the dataset is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///What each field means, by its name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        ///The older setting of who may read it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub visibility: ::std::option::Option<crate::enums::DatasetVisibility>,
    }
    ///A new token.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CreateTokenRequest {
        ///What it may be used for; everything when absent.
        #[serde(
            rename = "accessRestrictedTo",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub access_restricted_to: ::std::option::Option<
            ::std::vec::Vec<TokenPermissionEntry>,
        >,
        ///When it shall end to work (RFC 3339, as far as is known).
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///Its name.
        pub name: ::std::string::String,
    }
    ///A new ingestion.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CreatedIngestionTrackingResponse {
        ///Its id, by which it is found in the list.
        pub id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where a model shall choose links.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct CurateLinkRequest {
        ///Makes the chosen links active. False when absent: they are only listed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub activate: ::std::option::Option<bool>,
        ///The dataset; the whole namespace when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///What the model chose.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CurateLinkResponse {
        ///The chosen links; only when they were not made active.
        #[serde(
            rename = "curatedLinks",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub curated_links: ::std::vec::Vec<ApiLink>,
        ///Datasets looked at.
        #[serde(rename = "datasetsProcessed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub datasets_processed: i64,
        ///Links chosen.
        #[serde(rename = "totalSelected")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub total_selected: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Who is calling.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CurrentUserResponse {
        ///The user's address for mail.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///The user's id.
        pub id: ::std::string::String,
        ///The user's full name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The user's name, as it stands in paths.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Rows.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct DataArray(pub ::std::vec::Vec<crate::Row>);
    impl ::std::ops::Deref for DataArray {
        type Target = ::std::vec::Vec<crate::Row>;
        fn deref(&self) -> &::std::vec::Vec<crate::Row> {
            &self.0
        }
    }
    impl ::std::convert::From<DataArray> for ::std::vec::Vec<crate::Row> {
        fn from(value: DataArray) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<crate::Row>> for DataArray {
        fn from(value: ::std::vec::Vec<crate::Row>) -> Self {
            Self(value)
        }
    }
    ///What a dataset is about, in plain words; at most 10,000 characters.
    #[derive(
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct DataDescription(::std::string::String);
    impl ::std::ops::Deref for DataDescription {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DataDescription> for ::std::string::String {
        fn from(value: DataDescription) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DataDescription {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 10000usize {
                return Err("longer than 10000 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DataDescription {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DataDescription {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DataDescription {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///A dataset by its names. The fields are called differently elsewhere in the API.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct DatasetCoordinate {
        ///The dataset.
        #[serde(rename = "datasetName")]
        pub dataset_name: ::std::string::String,
        ///The namespace it is in.
        pub namespace: ::std::string::String,
        ///The user it belongs to. The service does not document whether `self` is accepted here.
        pub owner: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What is known of a dataset. Older servers answer `inferDefinition` beside these fields.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct DatasetResponse {
        ///The dataset's names.
        pub dataset: ApiDatasetDescription,
        ///Its columns, size and definition.
        pub metadata: ApiDatasetMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Datasets by their names.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct DatasetsResponse(pub ::std::vec::Vec<ApiDatasetDescription>);
    impl ::std::ops::Deref for DatasetsResponse {
        type Target = ::std::vec::Vec<ApiDatasetDescription>;
        fn deref(&self) -> &::std::vec::Vec<ApiDatasetDescription> {
            &self.0
        }
    }
    impl ::std::convert::From<DatasetsResponse>
    for ::std::vec::Vec<ApiDatasetDescription> {
        fn from(value: DatasetsResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<ApiDatasetDescription>>
    for DatasetsResponse {
        fn from(value: ::std::vec::Vec<ApiDatasetDescription>) -> Self {
            Self(value)
        }
    }
    ///How the API refuses. Whether event streams and the ingest proxy refuse in this form is not known.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ErrorResponse {
        ///A word for programs, such as `UNAUTHORIZED`. The list is not published.
        pub error_code: ::std::string::String,
        ///A second text that some answers carry.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///What went wrong, for people.
        pub message: ::std::string::String,
        ///What went wrong in detail, field by field for instance.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub sub_errors: ::std::vec::Vec<ErrorSubError>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One detail of a refusal.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ErrorSubError {
        ///A word for programs.
        pub code: ::std::string::String,
        ///What went wrong, for people.
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Links values that are equal. The formulas behind the two thresholds are not published.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ExactMatchConfig {
        ///Links both ways.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///Leaves out columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///The least share of distinct values, 0 to 1; 0 when absent.
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///The least share of variation, 0 to 1; 0 when absent.
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///The columns to compare; all when absent.
        #[serde(
            rename = "targetColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_columns: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
    }
    ///The files of a session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FileUploadPrepareSessionRequest {
        ///The files.
        #[serde(rename = "filesToUpload")]
        pub files_to_upload: ::std::vec::Vec<
            FileUploadPrepareSessionRequestFileToUpload,
        >,
    }
    ///One file to upload.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FileUploadPrepareSessionRequestFileToUpload {
        ///Its name.
        pub filename: ::std::string::String,
        ///Its size in bytes; at most 10,000 parts of 8 MiB.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
    }
    ///A new session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponse {
        ///Where the parts of each file go.
        pub files: ::std::vec::Vec<FileUploadPrepareSessionResponseFileInfo>,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where the parts of one file go.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponseFileInfo {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///The file's name.
        pub filename: ::std::string::String,
        ///The file's place in the storage.
        pub key: ::std::string::String,
        ///The size of a part in bytes; the last one may be smaller.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///One URL for each part, in order.
        #[serde(rename = "presignedUrls")]
        pub presigned_urls: ::std::vec::Vec<
            FileUploadPrepareSessionResponsePresignedInfo,
        >,
        ///The upload in the storage.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where one part goes.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponsePresignedInfo {
        ///The exact size of this part in bytes.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///The URL to PUT the part to, without the bearer token. Whoever has it may write.
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The uploaded parts of a file.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FinishFileUploadRequest {
        ///The file's place in the storage.
        pub key: ::std::string::String,
        ///All parts, in order; 1 to 10,000.
        pub parts: ::std::vec::Vec<FinishFileUploadRequestParts>,
        ///The upload in the storage.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///One uploaded part.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FinishFileUploadRequestParts {
        ///The `ETag` that the storage answered, without quotes.
        pub etag: ::std::string::String,
        ///Its place, from 1.
        #[serde(rename = "partNumber")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_number: i64,
    }
    ///How a file and its session stand.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FinishFileUploadResponse {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///How the file stands.
        #[serde(rename = "fileStatus")]
        pub file_status: crate::enums::UploadFileStatus,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///How the session stands.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One uploaded part.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FinishedMultipartItem {
        ///The `ETag` that the storage answered, without quotes.
        pub etag: ::std::string::String,
        ///Its place, from 1.
        #[serde(rename = "partNumber")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_number: i64,
    }
    ///The uploaded parts, and how the file is to be ingested.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct FinishedMultipartRequest {
        ///What the dataset is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///The inference steps that rows go through first.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        ///Rows that go through the steps at a time; 1,000 when absent. Smaller is safer for large files, whose source times out when a model is slow.
        #[serde(
            rename = "inferBatchSize",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub infer_batch_size: ::std::option::Option<i64>,
        ///The file's place in the storage.
        pub key: ::std::string::String,
        ///How the rows are compared with other datasets for links; they are not when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        ///A name for the ingestion.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///All parts, in order; 1 to 10,000.
        pub parts: ::std::vec::Vec<FinishedMultipartItem>,
        ///What each field means, by its name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///Links places that are close to each other. Which columns count as places is not published.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct GeoMatchConfig {
        ///Links both ways.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///The greatest distance; 2 when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///The unit of the distance: kilometres or miles, by the vendor's client, and kilometres when absent. The service does not document their spelling.
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///Leaves out columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///The columns to compare; all when absent.
        #[serde(
            rename = "targetColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_columns: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
    }
    ///What is there already, to be improved.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct InferCurrentValue {
        ///The present description.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///The present meaning of each field.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schema: ::std::option::Option<
            ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        >,
    }
    ///Sample rows to describe.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct InferSchemaDescriptionRequest {
        ///What is there already.
        #[serde(
            rename = "currentValue",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub current_value: ::std::option::Option<InferCurrentValue>,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The sample rows.
        pub sample: DataArray,
    }
    ///A suggested description. The older answer had `dataDescription` and `fieldDefinition`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct InferredDescriptionResponse {
        ///The suggestion.
        pub description: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Suggested meanings of fields.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct InferredSchemaResponse {
        ///What each field means, by its name.
        pub schema: ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What was stored.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct IngestDataResponse {
        ///Rows indexed. It can differ from the rows sent when steps add or drop some.
        #[serde(deserialize_with = "crate::whole::required")]
        pub indexed: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///How rows are compared for links: each kind that is present is tried.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct IngestLink {
        ///Compare by equal values, with these options. Null stands for no options.
        #[serde(
            rename = "ExactMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub exact_match: ::std::option::Option<ExactMatchConfig>,
        ///Compare by distance, with these options. Null stands for no options.
        #[serde(
            rename = "GeoMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub geo_match: ::std::option::Option<GeoMatchConfig>,
    }
    ///Rows to compare for links.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct IngestLinksRequest {
        ///The rows to compare.
        pub data: DataArray,
        ///How to compare them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
    }
    ///Links.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct IngestLinksResponse(pub ::std::vec::Vec<ApiLink>);
    impl ::std::ops::Deref for IngestLinksResponse {
        type Target = ::std::vec::Vec<ApiLink>;
        fn deref(&self) -> &::std::vec::Vec<ApiLink> {
            &self.0
        }
    }
    impl ::std::convert::From<IngestLinksResponse> for ::std::vec::Vec<ApiLink> {
        fn from(value: IngestLinksResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<ApiLink>> for IngestLinksResponse {
        fn from(value: ::std::vec::Vec<ApiLink>) -> Self {
            Self(value)
        }
    }
    ///Rows after their inference steps; nothing is stored.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct IngestPreviewResponse(pub ::std::vec::Vec<crate::Row>);
    impl ::std::ops::Deref for IngestPreviewResponse {
        type Target = ::std::vec::Vec<crate::Row>;
        fn deref(&self) -> &::std::vec::Vec<crate::Row> {
            &self.0
        }
    }
    impl ::std::convert::From<IngestPreviewResponse> for ::std::vec::Vec<crate::Row> {
        fn from(value: IngestPreviewResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<crate::Row>> for IngestPreviewResponse {
        fn from(value: ::std::vec::Vec<crate::Row>) -> Self {
            Self(value)
        }
    }
    ///Rows, and what is to be done with them before they are stored.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct IngestRequest {
        ///What the inference steps should look out for, in plain words.
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///Lets a model choose among the new links afterwards.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub curate: ::std::option::Option<bool>,
        ///The rows to store.
        pub data: DataArray,
        ///What the dataset is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///The inference steps that rows go through first.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        ///How the rows are compared with other datasets for links; they are not when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        ///What each field means, by its name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///Work that models do on rows before they are stored.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct IngestRequestInfer {
        ///The steps, in order; each works on what the one before made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub steps: ::std::option::Option<::std::vec::Vec<crate::InferenceStep>>,
    }
    ///What else is noted of an ingestion.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct IngestionItemAttributes {
        ///When it was last retried.
        #[serde(
            rename = "lastRetryAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_retry_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        ///The name given when the upload was finished.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The ingestion of which this is a retry.
        #[serde(
            rename = "originalIngestionId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub original_ingestion_id: ::std::option::Option<::uuid::Uuid>,
        ///When the caller marked it as seen.
        #[serde(
            rename = "seenAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub seen_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Options of one link; which of them count depends on how values match.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct LinkOptions {
        ///Links both ways.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///The greatest distance, for places.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///The unit of the distance, for places.
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///Leaves out columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///The least share of distinct values, for equal values.
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///The least share of variation, for equal values.
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///The columns to compare; all when absent.
        #[serde(
            rename = "targetColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_columns: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One page of ingestions, newest first.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseData {
        ///The ingestions.
        pub data: ::std::vec::Vec<ListIngestionsResponseDataItem>,
        ///How to get the next page.
        pub metadata: ListIngestionsResponseMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One ingestion of an upload.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseDataItem {
        ///What else is noted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attributes: ::std::option::Option<IngestionItemAttributes>,
        ///Bytes of the whole upload. Null is read as well, although the contract has only a number.
        #[serde(default, rename = "expectedTotalBytes")]
        #[serde(deserialize_with = "crate::whole::optional")]
        pub expected_total_bytes: ::std::option::Option<i64>,
        ///Its id.
        pub id: ::uuid::Uuid,
        ///Bytes read so far.
        #[serde(
            rename = "processedBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub processed_bytes: ::std::option::Option<i64>,
        ///Rows stored so far.
        #[serde(
            rename = "processedRows",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub processed_rows: ::std::option::Option<i64>,
        ///How it stands, as free text. The vendor's client takes complete, completed, done, success, succeeded, failed and error for an end, whatever their case; the real list is not published.
        pub status: ::std::string::String,
        ///More about the status, for people.
        #[serde(
            rename = "statusMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub status_message: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///How to get the next page.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseMetadata {
        ///What to ask for next, a moment in RFC 3339 to be handed back as it came; absent on the last page.
        #[serde(
            rename = "beforeCreatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub before_created_at: ::std::option::Option<::std::string::String>,
        ///Ingestions on a page.
        #[serde(rename = "pageSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The files of a session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListSessionFilesResponse {
        ///The files.
        pub files: ::std::vec::Vec<ListSessionFilesResponseFileInfo>,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///How the session stands.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One file of a session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListSessionFilesResponseFileInfo {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///Its size in bytes.
        #[serde(rename = "fileSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub file_size: i64,
        ///Its name.
        pub filename: ::std::string::String,
        ///The bucket it is kept in.
        #[serde(rename = "s3Bucket")]
        pub s3_bucket: ::std::string::String,
        ///Its place in the bucket.
        #[serde(rename = "s3Key")]
        pub s3_key: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Links to make active, and links to stop.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ModifyOntologyRequest {
        ///Links to make active.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub add: ::std::option::Option<::std::vec::Vec<ApiLink>>,
        ///Links that shall not be active any more.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub remove: ::std::option::Option<::std::vec::Vec<ApiLink>>,
    }
    ///Finds the named entities in a row. The service does not document the output.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct NamedEntitiesStep {}
    ///Makes the target columns out of the columns of a row, and `__metadata_normalize`, a text about the changes.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct NormaliseStep {
        ///What the data is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///What to look out for, in plain words. Older; the published Python client still sends it.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///How the columns are brought to one form.
        pub mode: crate::enums::NormaliseMode,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The columns to make, and what each means.
        #[serde(
            rename = "targetCols",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_cols: ::std::option::Option<
            ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        >,
    }
    ///Active links.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct OntologyResponse(pub ::std::vec::Vec<ApiLink>);
    impl ::std::ops::Deref for OntologyResponse {
        type Target = ::std::vec::Vec<ApiLink>;
        fn deref(&self) -> &::std::vec::Vec<ApiLink> {
            &self.0
        }
    }
    impl ::std::convert::From<OntologyResponse> for ::std::vec::Vec<ApiLink> {
        fn from(value: OntologyResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<ApiLink>> for OntologyResponse {
        fn from(value: ::std::vec::Vec<ApiLink>) -> Self {
            Self(value)
        }
    }
    ///The kind of result, a word. The list is not published.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct OperationResult(pub ::std::string::String);
    impl ::std::ops::Deref for OperationResult {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OperationResult> for ::std::string::String {
        fn from(value: OperationResult) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::string::String> for OperationResult {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for OperationResult {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    impl ::std::str::FromStr for OperationResult {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
            Ok(Self(value.to_string()))
        }
    }
    ///The file to upload.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct PrepareMultipartRequest {
        ///Its name, with the ending that tells its format.
        pub filename: ::std::string::String,
        ///Its size in bytes; at most 10,000 parts of 8 MiB.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
    }
    ///Where the parts of a file go.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct PrepareMultipartResponse {
        ///The file's place in the storage.
        pub key: ::std::string::String,
        ///The size of a part in bytes, 8 MiB; the last one may be smaller.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///One URL for each part, in order; 1 to 10,000.
        #[serde(rename = "presignedUrls")]
        pub presigned_urls: ::std::vec::Vec<PresignedUrlItem>,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where one part goes.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct PresignedUrlItem {
        ///The exact size of this part in bytes.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
        ///The URL to PUT the part to, without the bearer token. Whoever has it may write.
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A query, or a question to make one of.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct QueryDataRequest {
        ///The dataset to start from.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///Asks for the tree of what was run.
        #[serde(
            rename = "explainRequested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_requested: ::std::option::Option<bool>,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The namespace to query in.
        pub namespace: ::std::string::String,
        ///A question in plain words, of which a model makes the query.
        #[serde(
            rename = "naturalLanguageQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub natural_language_query: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The query, in the query language. What an empty one means is not published.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<::std::string::String>,
        ///The owner of the namespace, or `self`.
        pub username: ::std::string::String,
    }
    ///One step of a query, and the steps below it.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryExplainResponse {
        ///The steps below it.
        pub children: ::std::vec::Vec<QueryExplainResponse>,
        ///What the step found, and where.
        #[serde(rename = "datasetQueriesStat")]
        pub dataset_queries_stat: QueryExplainResponseDatasetQueriesStat,
        ///How long it took, in ISO 8601 form such as `PT0.25S`.
        pub duration: crate::IsoDuration,
        ///The step.
        pub id: ::std::string::String,
        ///When it began.
        pub start: ::chrono::DateTime<::chrono::offset::Utc>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What a step of a query found.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryExplainResponseDatasetQueriesStat {
        ///The dataset.
        pub dataset: ::std::string::String,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///Rows found.
        #[serde(rename = "resultCount")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub result_count: i64,
        ///The owner of the dataset.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The result of a query.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryResponseData {
        ///The rows found.
        pub data: DataArray,
        ///The tree of what was run, if it was asked for.
        #[serde(
            rename = "explainResults",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_results: ::std::option::Option<QueryExplainResponse>,
        ///What was run, and how many rows it found.
        pub metadata: QueryResponseMetadata,
        ///The kind of result.
        #[serde(
            rename = "resultType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub result_type: ::std::option::Option<OperationResult>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What was run.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryResponseMetadata {
        ///Rows found.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub count: ::std::option::Option<i64>,
        ///The query as it was run.
        #[serde(
            rename = "executedQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub executed_query: ::std::option::Option<::std::string::String>,
        ///The dataset whose rows came out, after links were followed.
        #[serde(
            rename = "finalDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub final_dataset: ::std::option::Option<::std::string::String>,
        ///The query as it was sent.
        #[serde(
            rename = "originalQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub original_query: ::std::option::Option<::std::string::String>,
        ///The dataset that the query started from.
        #[serde(
            rename = "startingDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub starting_dataset: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What to clean, and where the result goes.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct RequestCleaningRequest {
        ///The dataset of the result, which must not exist yet.
        #[serde(rename = "outputDatasetName")]
        pub output_dataset_name: ::std::string::String,
        ///The namespace of the result.
        #[serde(rename = "outputNamespace")]
        pub output_namespace: ::std::string::String,
        ///Instructions in plain words, 1 to 10, carried out in order.
        pub prompts: ::std::vec::Vec<::std::string::String>,
    }
    ///A new cleaning task.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct RequestCleaningResponse {
        ///The task.
        #[serde(rename = "cleaningTaskId")]
        pub cleaning_task_id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Adds one column, `{column}_latlong`, with latitude and longitude as a string such as `48.1372,11.5756`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ReverseGeoStep {
        ///The column that holds the place. The service does not document which column is read when it is absent.
        #[serde(
            rename = "deriveFrom",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub derive_from: ::std::option::Option<::std::string::String>,
    }
    ///Makes rows of a JSON array held in one column.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct RowsStep {
        ///The column that holds the array.
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
    }
    ///A run has started. The contract mentions the event for new questions and declares none of its fields.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct RunStartedEvent {
        ///The conversation it belongs to.
        #[serde(
            rename = "conversationId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub conversation_id: ::std::option::Option<::std::string::String>,
        ///The run.
        #[serde(
            rename = "runId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What each field means, in plain words, by the field's name.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct SchemaDefinition(
        pub ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
    );
    impl ::std::ops::Deref for SchemaDefinition {
        type Target = ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >;
        fn deref(
            &self,
        ) -> &::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        > {
            &self.0
        }
    }
    impl ::std::convert::From<SchemaDefinition>
    for ::std::collections::BTreeMap<::std::string::String, ::std::string::String> {
        fn from(value: SchemaDefinition) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
    > for SchemaDefinition {
        fn from(
            value: ::std::collections::BTreeMap<
                ::std::string::String,
                ::std::string::String,
            >,
        ) -> Self {
            Self(value)
        }
    }
    ///Whom to give access to, or take it from.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ShareAccessRequest {
        ///What the user may do.
        pub role: crate::enums::AccessRole,
        ///The user. Names are compared in lower case.
        pub username: ::std::string::String,
    }
    ///Makes columns of the free text in one column, with names that the model chooses, and `__metadata_textToTable`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct TableStep {
        ///What to look out for, in plain words.
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///The column that holds the text.
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
        ///The older name of `additionalInstructions`. The published Python client still sends it.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///Drops the column that held the text. False when absent.
        #[serde(
            rename = "replaceOriginalColumn",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub replace_original_column: ::std::option::Option<bool>,
    }
    ///Something that a restricted token may be used for.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct TokenPermissionEntry {
        ///The dataset; the whole namespace when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The owner.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What a token may be used for.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct TokenPermissionsResponse {
        ///What it may be used for, if it is.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub permissions: ::std::vec::Vec<TokenPermissionEntry>,
        ///Whether it is restricted at all.
        pub restricted: bool,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A dataset's definition; what is absent stays as it is, as far as is known.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct UpdateInferDefinitionRequest {
        ///What the dataset is about; at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///The older form of `schemaDefinition`: one text with a line for each field; at most 10,000 characters.
        #[serde(
            rename = "fieldDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub field_definition: ::std::option::Option<::std::string::String>,
        ///What each field means, by its name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///The order of columns.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct UpdateSortOrderRequest {
        ///The columns' names, the first one first.
        pub order: ::std::vec::Vec<::std::string::String>,
    }
    ///A file within its session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct UploadFileId(pub ::uuid::Uuid);
    impl ::std::ops::Deref for UploadFileId {
        type Target = ::uuid::Uuid;
        fn deref(&self) -> &::uuid::Uuid {
            &self.0
        }
    }
    impl ::std::convert::From<UploadFileId> for ::uuid::Uuid {
        fn from(value: UploadFileId) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::uuid::Uuid> for UploadFileId {
        fn from(value: ::uuid::Uuid) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for UploadFileId {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    impl ::std::str::FromStr for UploadFileId {
        type Err = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
            Ok(Self(value.parse()?))
        }
    }
    impl ::std::convert::TryFrom<&str> for UploadFileId {
        type Error = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn try_from(value: &str) -> ::std::result::Result<Self, Self::Error> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<String> for UploadFileId {
        type Error = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn try_from(value: String) -> ::std::result::Result<Self, Self::Error> {
            value.parse()
        }
    }
    ///An upload session.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct UploadSessionId(pub ::uuid::Uuid);
    impl ::std::ops::Deref for UploadSessionId {
        type Target = ::uuid::Uuid;
        fn deref(&self) -> &::uuid::Uuid {
            &self.0
        }
    }
    impl ::std::convert::From<UploadSessionId> for ::uuid::Uuid {
        fn from(value: UploadSessionId) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::uuid::Uuid> for UploadSessionId {
        fn from(value: ::uuid::Uuid) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for UploadSessionId {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    impl ::std::str::FromStr for UploadSessionId {
        type Err = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
            Ok(Self(value.parse()?))
        }
    }
    impl ::std::convert::TryFrom<&str> for UploadSessionId {
        type Error = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn try_from(value: &str) -> ::std::result::Result<Self, Self::Error> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<String> for UploadSessionId {
        type Error = <::uuid::Uuid as ::std::str::FromStr>::Err;
        fn try_from(value: String) -> ::std::result::Result<Self, Self::Error> {
            value.parse()
        }
    }
    ///A token. Its times are in a form of their own that is not published.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserToken {
        ///When it was created.
        pub created_at: ::std::string::String,
        ///Moment at which the token stops working. The contract says a string and nothing of tokens without an end, so null is read as well.
        #[serde(default)]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///The token; not its secret.
        pub id: ::std::string::String,
        ///When it was last used.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///Its name.
        pub name: ::std::string::String,
        ///The secret, in the answer that creates the token; null otherwise, as far as is known.
        #[serde(default)]
        pub token: ::std::option::Option<crate::Secret>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Tokens.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct UserTokenResponse(pub ::std::vec::Vec<UserToken>);
    impl ::std::ops::Deref for UserTokenResponse {
        type Target = ::std::vec::Vec<UserToken>;
        fn deref(&self) -> &::std::vec::Vec<UserToken> {
            &self.0
        }
    }
    impl ::std::convert::From<UserTokenResponse> for ::std::vec::Vec<UserToken> {
        fn from(value: UserTokenResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<UserToken>> for UserTokenResponse {
        fn from(value: ::std::vec::Vec<UserToken>) -> Self {
            Self(value)
        }
    }
    ///The usage of a day.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayItem {
        ///What it cost, in US dollars.
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///The day.
        pub date: ::chrono::naive::NaiveDate,
        ///Tokens used.
        #[serde(rename = "tokensUsed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Which days are meant.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayMeta {
        ///The time zone of the days, by its IANA name.
        #[serde(rename = "timeZoneForAggregation")]
        pub time_zone_for_aggregation: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Usage by day.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayResponse {
        ///The days.
        pub data: ::std::vec::Vec<UserUsageByDayItem>,
        ///Which days are meant.
        pub meta: UserUsageByDayMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where the next page begins.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryCursor {
        ///The id of the last item.
        #[serde(rename = "lastObservationId")]
        pub last_observation_id: ::std::string::String,
        ///The time of the last item (RFC 3339), to be handed back as it came.
        #[serde(rename = "lastStartTime")]
        pub last_start_time: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One use of models. It is not tied to a run, an ingestion or a dataset.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryItem {
        ///What it cost, in US dollars.
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///When it was.
        pub timestamp: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Tokens used.
        #[serde(rename = "tokensUsed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///How to get the next page.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryMeta {
        ///What to ask for next; absent on the last page.
        #[serde(
            rename = "pageCursor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub page_cursor: ::std::option::Option<UserUsageHistoryCursor>,
        ///Items on a page.
        #[serde(rename = "pageSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One page of usage.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryResponse {
        ///The items.
        pub data: ::std::vec::Vec<UserUsageHistoryItem>,
        ///How to get the next page.
        pub meta: UserUsageHistoryMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Checks the values of columns. Every row is kept and gets a field `__valid` that says whether it passed.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(deny_unknown_fields)]
    pub struct ValidateStep {
        ///The columns to check.
        pub columns: ::std::vec::Vec<::std::string::String>,
        ///What is checked at a time.
        pub mode: crate::enums::ValidateMode,
        ///The model to use, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The provider of the model, by name; the service chooses when absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for DataLinks

Rows into namespaced datasets, inference over them, links between them, queries and questions answered from them; and the ingest proxy, which models and ingests data by itself. The version is that of the vendor's contract which this document follows.

Version: 2.22.1*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::Ctx,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::Ctx) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::Ctx,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::Ctx> for Client {
    fn api_version() -> &'static str {
        "2.22.1"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::Ctx {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::Ctx>,
    {}
};
#[allow(clippy::all)]
impl Client {
    /**List agents

Lists the agents that can be called over the agent-to-agent protocol (A2A). Needs no token.

Sends a `GET` request to `/a2a`

*/
    pub async fn list_a2a_agents<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::A2aAgentListItem>>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/a2a", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_a2a_agents",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Call an agent

Sends one JSON-RPC 2.0 request of the A2A protocol to an agent. The method decides the form of the response: `SendStreamingMessage` answers with server-sent events, every other method with one JSON object.

Sends a `POST` request to `/a2a/{agentName}`

Arguments:
- `agent_name`: The agent.
- `body`: The JSON-RPC request.
*/
    pub async fn a2a_json_rpc<'a>(
        &'a self,
        agent_name: &'a crate::PathSegment,
        body: &'a types::A2aJsonRpcRequest,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/a2a/{}", self.baseurl, encode_path(& agent_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.post(url).json(&body).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "a2a_json_rpc",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the card of an agent

Reads the card of an agent, by which A2A clients discover its skills. Needs no token.

Sends a `GET` request to `/a2a/{agentName}/.well-known/agent-card.json`

Arguments:
- `agent_name`: The agent.
*/
    pub async fn get_a2a_agent_card<'a>(
        &'a self,
        agent_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::A2aAgentCard>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/a2a/{}/.well-known/agent-card.json", self.baseurl, encode_path(&
            agent_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_a2a_agent_card",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the code of a cleaning task

Reads the code that the cleaning agent wrote.

Sends a `GET` request to `/agents/cleaning/{cleaningTaskId}/code`

Arguments:
- `cleaning_task_id`: The cleaning task.
*/
    pub async fn get_cleaning_task_code<'a>(
        &'a self,
        cleaning_task_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::CleanerAgentCodeFilesResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/agents/cleaning/{}/code", self.baseurl, encode_path(& cleaning_task_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_cleaning_task_code",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Ask for a dataset to be cleaned

Lets an agent clean a dataset by instructions; the result goes to a new dataset. There is no call that tells how far the task is.

Sends a `POST` request to `/agents/{username}/{namespace}/{datasetName}/requestCleaning`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The instructions, and where the result goes.
*/
    pub async fn request_cleaning<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::RequestCleaningRequest,
    ) -> Result<
        ResponseValue<types::RequestCleaningResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/agents/{}/{}/{}/requestCleaning", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "request_cleaning",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List build specs

Lists the caller's own build specs.

Sends a `GET` request to `/build-specs`

*/
    pub async fn list_build_specs<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<types::BuildSpecListResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/build-specs", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_build_specs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a build spec

Stores how a dataset is derived from others by code. The caller needs access to every source and to the destination. Nothing is run.

Sends a `POST` request to `/build-specs`

Arguments:
- `body`: The build spec.
*/
    pub async fn create_build_spec<'a>(
        &'a self,
        body: &'a types::BuildSpecRequest,
    ) -> Result<ResponseValue<types::BuildSpecResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/build-specs", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read a build spec

Reads one of the caller's own build specs.

Sends a `GET` request to `/build-specs/{buildSpecId}`

Arguments:
- `build_spec_id`: The build spec.
*/
    pub async fn get_build_spec<'a>(
        &'a self,
        build_spec_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<types::BuildSpecResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/build-specs/{}", self.baseurl, encode_path(& build_spec_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Replace a build spec

Replaces all of a build spec and counts its version up. The service does not document when it answers 409; the request names no version.

Sends a `PUT` request to `/build-specs/{buildSpecId}`

Arguments:
- `build_spec_id`: The build spec.
- `body`: The new build spec.
*/
    pub async fn edit_build_spec<'a>(
        &'a self,
        build_spec_id: &'a ::uuid::Uuid,
        body: &'a types::BuildSpecRequest,
    ) -> Result<ResponseValue<types::BuildSpecResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/build-specs/{}", self.baseurl, encode_path(& build_spec_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "edit_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a build spec

Deletes one of the caller's own build specs. Datasets are not touched.

Sends a `DELETE` request to `/build-specs/{buildSpecId}`

Arguments:
- `build_spec_id`: The build spec.
*/
    pub async fn delete_build_spec<'a>(
        &'a self,
        build_spec_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/build-specs/{}", self.baseurl, encode_path(& build_spec_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List datasets

Lists the datasets that the caller may read, in all namespaces. Use `listAllDatasets` instead.

Sends a `GET` request to `/data`

*/
    pub async fn get_datasets<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::DatasetsResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/data", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_datasets",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List datasets of an own namespace

Lists the datasets in one namespace of the caller. Use `listDatasetsWithinNamespace` instead, which also reads the namespaces of other users.

Sends a `GET` request to `/data/{namespace}`

Arguments:
- `namespace`: The namespace.
*/
    pub async fn get_datasets_in_namespace<'a>(
        &'a self,
        namespace: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::DatasetsResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}", self.baseurl, encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_datasets_in_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a namespace

Deletes a namespace. Without `deleteDatasets`, a namespace that still has datasets is not deleted (409). With it, the datasets are deleted first, with their rows, links and metadata. This cannot be undone.

Sends a `DELETE` request to `/data/{username}/{namespace}/balefire`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `delete_datasets`: Deletes the datasets of the namespace first. False when absent.
*/
    pub async fn balefire_namespace<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        delete_datasets: Option<bool>,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/balefire", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(
                &progenitor_client::QueryParam::new("deleteDatasets", &delete_datasets),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "balefire_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Rename a namespace

Gives a namespace of the caller another name. The service does not document whether links and queries follow the new name.

Sends a `POST` request to `/data/{username}/{namespace}/rename`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `body`: The new name, bare, without quotes.
*/
    pub async fn rename_namespace<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        body: String,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/rename", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("text/plain"),
            )
            .body(body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "rename_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Describe a dataset

Tells a dataset's owner, columns, number of rows and saved definition.

Sends a `GET` request to `/data/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn get_dataset_information<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::DatasetResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/{}", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_dataset_information",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a dataset

Deletes a dataset with its rows, links and metadata. This cannot be undone. The namespace goes with its last dataset.

Sends a `DELETE` request to `/data/{username}/{namespace}/{datasetName}/balefire`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn balefire_dataset<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/{}/balefire", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "balefire_dataset",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Remove all rows of a dataset

Removes the rows and the links of a dataset and keeps the dataset itself with its definition. This cannot be undone.

Sends a `POST` request to `/data/{username}/{namespace}/{datasetName}/clear`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn clear_dataset<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/{}/clear", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "clear_dataset",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Set the definition of a dataset

Saves what a dataset is about and what its fields mean. Later ingestions use the saved definition.

Sends a `PUT` request to `/data/{username}/{namespace}/{datasetName}/inferDefinition`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The new definition.
*/
    pub async fn update_infer_definition<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::UpdateInferDefinitionRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/{}/inferDefinition", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_infer_definition",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the ingestions of a dataset

Lists uploads that are or were being ingested into a dataset, newest first. There is no call that reads a single one.

Sends a `GET` request to `/data/{username}/{namespace}/{datasetName}/ingest/attempts`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `before_created_at`: Only ingestions that began at this moment or earlier (RFC 3339): the `beforeCreatedAt` of the page before. A page may therefore repeat the last ingestions of the page before it.
- `page_size`: Ingestions on a page, 1 to 100; 25 when absent.
*/
    pub async fn list_ingestions<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        before_created_at: Option<&'a str>,
        page_size: Option<i64>,
    ) -> Result<
        ResponseValue<types::ListIngestionsResponseData>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/data/{}/{}/{}/ingest/attempts", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "beforeCreatedAt",
                    &before_created_at,
                ),
            )
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_ingestions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Rename a dataset

Gives a dataset another name within its namespace. The service does not document whether links and queries follow the new name.

Sends a `POST` request to `/data/{username}/{namespace}/{datasetName}/rename`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The new name, bare, without quotes.
*/
    pub async fn rename_dataset<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: String,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/data/{}/{}/{}/rename", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("text/plain"),
            )
            .body(body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "rename_dataset",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Begin a session of file uploads

Begins a session that takes several files and answers presigned URLs for the parts of each. What reads the files of a session afterwards is not published.

Sends a `POST` request to `/file-upload/prepare`

Arguments:
- `body`: The files of the session.
*/
    pub async fn prepare_file_upload<'a>(
        &'a self,
        body: &'a types::FileUploadPrepareSessionRequest,
    ) -> Result<
        ResponseValue<types::FileUploadPrepareSessionResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/file-upload/prepare", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "prepare_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Give up a session

Gives up an upload session and discards its parts.

Sends a `POST` request to `/file-upload/{sessionId}/abort`

Arguments:
- `session_id`: The upload session.
*/
    pub async fn abort_file_upload<'a>(
        &'a self,
        session_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::AbortFileUploadResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/file-upload/{}/abort", self.baseurl, encode_path(& session_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "abort_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the files of a session

Lists the files of an upload session and where they are kept.

Sends a `GET` request to `/file-upload/{sessionId}/files`

Arguments:
- `session_id`: The upload session.
*/
    pub async fn list_session_files<'a>(
        &'a self,
        session_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::ListSessionFilesResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/file-upload/{}/files", self.baseurl, encode_path(& session_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_session_files",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Finish one file of a session

Joins the uploaded parts of one file. When it was the last, the session is complete.

Sends a `POST` request to `/file-upload/{sessionId}/files/{fileId}/finish`

Arguments:
- `session_id`: The upload session.
- `file_id`: The file within its session.
- `body`: The parts.
*/
    pub async fn finish_file_upload<'a>(
        &'a self,
        session_id: &'a ::uuid::Uuid,
        file_id: &'a ::uuid::Uuid,
        body: &'a types::FinishFileUploadRequest,
    ) -> Result<
        ResponseValue<types::FinishFileUploadResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/file-upload/{}/files/{}/finish", self.baseurl, encode_path(& session_id
            .to_string()), encode_path(& file_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "finish_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Suggest a description

Suggests a description of a dataset from sample rows.

Sends a `POST` request to `/infer/description`

Arguments:
- `body`: Sample rows, and what is there already.
*/
    pub async fn infer_description<'a>(
        &'a self,
        body: &'a types::InferSchemaDescriptionRequest,
    ) -> Result<
        ResponseValue<types::InferredDescriptionResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/infer/description", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "infer_description",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Try inference steps

Runs inference steps over a few rows and answers what they make of them. Nothing is stored.

Sends a `POST` request to `/infer/preview`

Arguments:
- `body`: The rows, and the steps to try.
*/
    pub async fn preview_infer<'a>(
        &'a self,
        body: &'a types::IngestRequest,
    ) -> Result<
        ResponseValue<types::IngestPreviewResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/infer/preview", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "preview_infer",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Suggest descriptions of fields

Suggests what each field means from sample rows.

Sends a `POST` request to `/infer/schema`

Arguments:
- `body`: Sample rows, and what is there already.
*/
    pub async fn infer_schema<'a>(
        &'a self,
        body: &'a types::InferSchemaDescriptionRequest,
    ) -> Result<
        ResponseValue<types::InferredSchemaResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/infer/schema", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "infer_schema",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a dataset

Creates an empty dataset in a namespace of the caller, and the namespace with it when it is new. That the name is taken (409) usually counts as success.

Sends a `POST` request to `/ingest/new/{namespace}/{datasetName}`

Arguments:
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The definition of the dataset; an empty object will do.
*/
    pub async fn create_dataset<'a>(
        &'a self,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::CreateDatasetRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ingest/new/{}/{}", self.baseurl, encode_path(& namespace.to_string()),
            encode_path(& dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_dataset",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Ingest rows

Adds rows to a dataset of the caller, which must exist. The call takes no key that would make a repetition harmless: rows sent twice are stored, and paid for, twice. A limit on rows or bytes in one request is not published.

Sends a `POST` request to `/ingest/{namespace}/{datasetName}`

Arguments:
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows, and what is to be done with them first.
*/
    pub async fn ingest_data<'a>(
        &'a self,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::IngestRequest,
    ) -> Result<ResponseValue<types::IngestDataResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ingest/{}/{}", self.baseurl, encode_path(& namespace.to_string()),
            encode_path(& dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "ingest_data",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Ingest an upload again

Starts a new ingestion of an upload whose ingestion failed.

Sends a `POST` request to `/ingestionTracking/{ingestionId}/retry`

Arguments:
- `ingestion_id`: The ingestion. Listings call it a UUID, the path takes any text.
*/
    pub async fn retry_ingestion<'a>(
        &'a self,
        ingestion_id: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<types::CreatedIngestionTrackingResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/ingestionTracking/{}/retry", self.baseurl, encode_path(& ingestion_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "retry_ingestion",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Mark an ingestion as seen

Notes that the caller has seen the end of an ingestion.

Sends a `POST` request to `/ingestionTracking/{ingestionId}/seen`

Arguments:
- `ingestion_id`: The ingestion. Listings call it a UUID, the path takes any text.
*/
    pub async fn mark_ingestion_seen<'a>(
        &'a self,
        ingestion_id: &'a crate::PathSegment,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ingestionTracking/{}/seen", self.baseurl, encode_path(& ingestion_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "mark_ingestion_seen",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Add one link

Links a column of one dataset with a column of another.

Sends a `POST` request to `/links/add`

Arguments:
- `body`: The two columns, and how their values match.
*/
    pub async fn add_link<'a>(
        &'a self,
        body: &'a types::AddLinkRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!("{}/links/add", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "add_link",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Try out links

Computes the links that rows would have, and keeps nothing.

Sends a `POST` request to `/links/preview/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows to compare, and how.
*/
    pub async fn preview_links<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::IngestLinksRequest,
    ) -> Result<ResponseValue<types::IngestLinksResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/links/preview/{}/{}/{}", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "preview_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the links of a dataset

Reads the active and the suggested links of a dataset.

Sends a `GET` request to `/links/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn get_links<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::IngestLinksResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/links/{}/{}/{}", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Compute the links of a dataset again

Computes the links of a dataset anew from rows that the caller sends, and keeps them.

Sends a `POST` request to `/links/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows to compare, and how.
*/
    pub async fn rebuild_links<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::IngestLinksRequest,
    ) -> Result<ResponseValue<types::IngestLinksResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/links/{}/{}/{}", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "rebuild_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Let a model choose links

Lets a model choose among the suggested links of a namespace, or of one dataset, and makes its choice active if asked to.

Sends a `POST` request to `/ontology/curate-links`

Arguments:
- `body`: Where to choose, and whether to act on it.
*/
    pub async fn curate_links<'a>(
        &'a self,
        body: &'a types::CurateLinkRequest,
    ) -> Result<ResponseValue<types::CurateLinkResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/ontology/curate-links", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "curate_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the active links of a dataset

Reads the links that queries on this dataset follow.

Sends a `GET` request to `/ontology/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn get_connected_links<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::OntologyResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ontology/{}/{}/{}", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_connected_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Change the active links of a dataset

Makes links active, or stops them from being so.

Sends a `POST` request to `/ontology/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The links to add and to remove.
*/
    pub async fn save_connections<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::ModifyOntologyRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ontology/{}/{}/{}", self.baseurl, encode_path(& username.to_string()),
            encode_path(& namespace.to_string()), encode_path(& dataset_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "save_connections",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List who may use a dataset

Lists the users that a dataset of the caller is shared with.

Sends a `GET` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
*/
    pub async fn list_dataset_shares<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::AccessGrant>>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/permissions/datasets/{}/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_dataset_shares",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Share a dataset

Gives a user access to a dataset of the caller. A second grant replaces the first. Only the owner may do this. It takes some seconds to have effect; until then, the user gets 404.

Sends a `POST` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The user and the role.
*/
    pub async fn share_dataset_access<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::ShareAccessRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/permissions/datasets/{}/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "share_dataset_access",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Stop sharing a dataset

Takes a user's access to a dataset away, whatever the role in the body. It takes some seconds to have effect. The request has a body, which some proxies drop from a DELETE.

Sends a `DELETE` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The user and the role.
*/
    pub async fn revoke_dataset_access<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::ShareAccessRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/permissions/datasets/{}/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "revoke_dataset_access",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List who may use a namespace

Lists the users that a namespace of the caller is shared with.

Sends a `GET` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
*/
    pub async fn list_namespace_shares<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::AccessGrant>>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/permissions/namespaces/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_namespace_shares",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Share a namespace

Gives a user access to all datasets of a namespace, later ones included. A second grant replaces the first. Only the owner may do this. It takes some seconds to have effect; until then, the user gets 404.

Sends a `POST` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `body`: The user and the role.
*/
    pub async fn share_namespace_access<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        body: &'a types::ShareAccessRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/permissions/namespaces/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "share_namespace_access",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Stop sharing a namespace

Takes a user's access to a namespace away, whatever the role in the body. It takes some seconds to have effect. The request has a body, which some proxies drop from a DELETE.

Sends a `DELETE` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `body`: The user and the role.
*/
    pub async fn revoke_namespace_access<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        body: &'a types::ShareAccessRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/permissions/namespaces/{}/{}/shares", self.baseurl, encode_path(&
            username.to_string()), encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "revoke_namespace_access",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Query

Runs a query in the query language, or lets a model write one from a question. The call knows no pages: the whole result comes at once. The default limit of rows, if there is one, is not published.

Sends a `POST` request to `/query`

Arguments:
- `body`: The query or the question.
*/
    pub async fn query_data<'a>(
        &'a self,
        body: &'a types::QueryDataRequest,
    ) -> Result<ResponseValue<types::QueryResponseData>, Error<types::ErrorResponse>> {
        let url = format!("{}/query", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "query_data",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Answer a question, as a stream

Lets an agent plan, query and answer, and tells of each step as a server-sent event. `answer` or `error` is the last event; other names may be added at any time.

Sends a `POST` request to `/query/ask`

Arguments:
- `body`: The question.
*/
    pub async fn autorag_stream<'a>(
        &'a self,
        body: &'a types::AutoRagRequest,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!("{}/query/ask", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.post(url).json(&body).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "autorag_stream",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Answer a question

Lets an agent plan, query and answer, and waits for the end, which may take minutes.

Sends a `POST` request to `/query/autorag`

Arguments:
- `body`: The question.
*/
    pub async fn autorag<'a>(
        &'a self,
        body: &'a types::AutoRagRequest,
    ) -> Result<ResponseValue<types::AutoRagResponseData>, Error<types::ErrorResponse>> {
        let url = format!("{}/query/autorag", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "autorag",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List conversations

Lists the conversations in a namespace, newest first.

Sends a `GET` request to `/query/conversations`

Arguments:
- `namespace`: The namespace.
- `username`: The owner of the namespace, or `self`.
*/
    pub async fn list_conversations<'a>(
        &'a self,
        namespace: &'a str,
        username: &'a str,
    ) -> Result<
        ResponseValue<types::ConversationListResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/query/conversations", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("namespace", &namespace))
            .query(&progenitor_client::QueryParam::new("username", &username))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_conversations",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read a conversation

Reads the questions and answers of a conversation, oldest first.

Sends a `GET` request to `/query/conversations/{conversationId}`

Arguments:
- `conversation_id`: The conversation.
*/
    pub async fn get_conversation<'a>(
        &'a self,
        conversation_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::ConversationDetailResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/query/conversations/{}", self.baseurl, encode_path(& conversation_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_conversation",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the state of a run

Tells how far the run of an agent is and whether it can be resumed.

Sends a `GET` request to `/query/runs/{runId}`

Arguments:
- `run_id`: The run.
*/
    pub async fn get_agent_run_status<'a>(
        &'a self,
        run_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::AgentRunStatusResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/query/runs/{}", self.baseurl, encode_path(& run_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_agent_run_status",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a run

Deletes a run with its checkpoint.

Sends a `DELETE` request to `/query/runs/{runId}`

Arguments:
- `run_id`: The run.
*/
    pub async fn delete_agent_run<'a>(
        &'a self,
        run_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/query/runs/{}", self.baseurl, encode_path(& run_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_agent_run",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Rate a run

Rates the answer of a run; a later rating replaces an earlier one.

Sends a `POST` request to `/query/runs/{runId}/feedback`

Arguments:
- `run_id`: The run.
- `body`: The rating.
*/
    pub async fn submit_agent_run_feedback<'a>(
        &'a self,
        run_id: &'a ::uuid::Uuid,
        body: &'a types::AgentRunFeedbackRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/query/runs/{}/feedback", self.baseurl, encode_path(& run_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "submit_agent_run_feedback",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Resume a run, as a stream

Resumes a run from its last checkpoint and streams the events that follow, beginning with `run-started`. AutoRAG writes no checkpoints today, so resuming one of its runs in progress always answers 409 and leaves the run alone; read its outcome with `getAgentRunStatus`. When two calls resume the same run, the later one takes over, and the earlier stream ends without a last event.

Sends a `POST` request to `/query/runs/{runId}/resume`

Arguments:
- `run_id`: The run.
*/
    pub async fn resume_agent_run<'a>(
        &'a self,
        run_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/query/runs/{}/resume", self.baseurl, encode_path(& run_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.post(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "resume_agent_run",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::stream(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the schema of all datasets

Lists every dataset that the caller may read, for a view of the whole schema.

Sends a `GET` request to `/schema/datasets/all`

*/
    pub async fn list_all_datasets<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::DatasetsResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/schema/datasets/all", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_all_datasets",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Set the order of columns

Sets the order in which a dataset shows its columns.

Sends a `PUT` request to `/schema/{username}/{namespace}/{datasetName}/sort-order`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The columns in their new order.
*/
    pub async fn update_sort_order<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::UpdateSortOrderRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/schema/{}/{}/{}/sort-order", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_sort_order",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the namespaces of a user

Lists the namespaces of a user that the caller may see. A namespace exists as long as it has a dataset.

Sends a `GET` request to `/schema/{user}/namespaces`

Arguments:
- `user`: The owner, or `self` for the owner of the token.
*/
    pub async fn list_user_namespaces<'a>(
        &'a self,
        user: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::ApiNamespace>>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/schema/{}/namespaces", self.baseurl, encode_path(& user.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_user_namespaces",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the schema of a namespace

Lists the datasets in one namespace of any user who shares it.

Sends a `GET` request to `/schema/{user}/{namespace}/datasets`

Arguments:
- `user`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
*/
    pub async fn list_datasets_within_namespace<'a>(
        &'a self,
        user: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::DatasetsResponse>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/schema/{}/{}/datasets", self.baseurl, encode_path(& user.to_string()),
            encode_path(& namespace.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_datasets_within_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Give up the upload of a file

Gives up an upload and discards its parts.

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/abort`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The upload.
*/
    pub async fn abort_multipart_upload<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::AbortMultipartRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/upload/multipart/{}/{}/{}/abort", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "abort_multipart_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Finish the upload of a file

Joins the uploaded parts and starts to ingest the file.

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/finish`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The parts, and how the file is to be ingested.
*/
    pub async fn finish_multipart_upload<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::FinishedMultipartRequest,
    ) -> Result<
        ResponseValue<types::CreatedIngestionTrackingResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/upload/multipart/{}/{}/{}/finish", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "finish_multipart_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Begin the upload of a file

Begins an upload and answers one presigned URL for each part. The parts go to those URLs directly, without the bearer token. No call lists uploaded parts or renews a URL. The URLs expire 15 minutes after this call, according to a draft of the vendor's documentation.

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/prepare`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The file's name and size.
*/
    pub async fn prepare_multipart_upload<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
        dataset_name: &'a crate::PathSegment,
        body: &'a types::PrepareMultipartRequest,
    ) -> Result<
        ResponseValue<types::PrepareMultipartResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/upload/multipart/{}/{}/{}/prepare", self.baseurl, encode_path(& username
            .to_string()), encode_path(& namespace.to_string()), encode_path(&
            dataset_name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "prepare_multipart_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Tell who is calling

Tells whose token the request carries.

Sends a `GET` request to `/user/me`

*/
    pub async fn get_current_user<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::CurrentUserResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/me", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_current_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a token

Creates a token. Its secret is in this one answer and never again. A restricted token may not do this.

Sends a `POST` request to `/user/token`

Arguments:
- `body`: The token's name and bounds.
*/
    pub async fn add_token<'a>(
        &'a self,
        body: &'a types::CreateTokenRequest,
    ) -> Result<ResponseValue<types::UserToken>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/token", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "add_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a token

Deletes a token. It stops working immediately. A restricted token may not do this.

Sends a `DELETE` request to `/user/token/{tokenId}`

Arguments:
- `token_id`: The token.
*/
    pub async fn delete_token<'a>(
        &'a self,
        token_id: &'a crate::PathSegment,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/user/token/{}", self.baseurl, encode_path(& token_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List tokens

Lists the caller's tokens, without their secrets. A restricted token may not do this.

Sends a `GET` request to `/user/tokens`

*/
    pub async fn list_tokens<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::UserTokenResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_tokens",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the bounds of a token

Tells which namespaces and datasets a token is restricted to.

Sends a `GET` request to `/user/tokens/{tokenId}/permissions`

Arguments:
- `token_id`: The token.
*/
    pub async fn list_token_permissions<'a>(
        &'a self,
        token_id: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<types::TokenPermissionsResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/user/tokens/{}/permissions", self.baseurl, encode_path(& token_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_token_permissions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List usage by day

Adds up what the caller's use of models cost, day by day.

Sends a `GET` request to `/user/usage/by-day`

Arguments:
- `before`: Nothing from this moment on (RFC 3339).
- `on_or_after`: Nothing before this moment (RFC 3339).
- `time_zone_for_aggregation`: The time zone whose days are meant, by its IANA name. UTC when absent.
*/
    pub async fn get_user_usage_by_day<'a>(
        &'a self,
        before: Option<&'a str>,
        on_or_after: Option<&'a str>,
        time_zone_for_aggregation: Option<&'a str>,
    ) -> Result<
        ResponseValue<types::UserUsageByDayResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/user/usage/by-day", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("before", &before))
            .query(&progenitor_client::QueryParam::new("onOrAfter", &on_or_after))
            .query(
                &progenitor_client::QueryParam::new(
                    "timeZoneForAggregation",
                    &time_zone_for_aggregation,
                ),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_user_usage_by_day",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List usage

Lists what the caller's use of models cost, one item after the other.

Sends a `GET` request to `/user/usage/history`

Arguments:
- `before`: Nothing from this moment on (RFC 3339).
- `on_or_after`: Nothing before this moment (RFC 3339).
- `page_cursor`: Where the page begins: the `pageCursor` of the page before, as JSON text (a `UserUsageHistoryCursor`).
- `page_size`: Items on a page, 1 to 100; 25 when absent.
*/
    pub async fn get_user_usage_history<'a>(
        &'a self,
        before: Option<&'a str>,
        on_or_after: Option<&'a str>,
        page_cursor: Option<&'a str>,
        page_size: Option<i64>,
    ) -> Result<
        ResponseValue<types::UserUsageHistoryResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/user/usage/history", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("before", &before))
            .query(&progenitor_client::QueryParam::new("onOrAfter", &on_or_after))
            .query(&progenitor_client::QueryParam::new("pageCursor", &page_cursor))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_user_usage_history",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
