#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///The card of an agent. The contract does not declare the fields, which are those of version 1.0 of the A2A protocol.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///An agent in a list: `name`, `url` and `agentCard`. The contract does not declare the fields, which are those of version 1.0 of the A2A protocol.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The status of a session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AbortFileUploadResponse {
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///The status of the session.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The upload to abort.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AbortMultipartRequest {
        ///The key of the file in the storage.
        pub key: ::std::string::String,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///The access of a user to a dataset or a namespace.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AccessGrant {
        ///The role of the user.
        pub role: crate::enums::AccessRole,
        ///The user.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A new link between two columns.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AddLinkRequest {
        ///The column at which the link starts.
        pub from: ApiStringColumnIdentifier,
        ///The kind of match.
        #[serde(rename = "matchType")]
        pub match_type: crate::enums::LinkMatchType,
        ///Options of the link. Null means no options.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub options: ::std::option::Option<LinkOptions>,
        ///The column at which the link ends.
        pub to: ApiStringColumnIdentifier,
    }
    ///The rating of a run.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AgentRunFeedbackRequest {
        ///The reason for the rating.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub comment: ::std::option::Option<::std::string::String>,
        ///True if the answer was good.
        #[serde(rename = "thumbsUp")]
        pub thumbs_up: bool,
    }
    ///The status of a run.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AgentRunStatusResponse {
        ///The kind of agent.
        #[serde(rename = "agentKind")]
        pub agent_kind: ::std::string::String,
        ///True if the run can be resumed, which means that it is running and has a checkpoint.
        #[serde(rename = "canResume")]
        pub can_resume: bool,
        ///The reason of a failure.
        #[serde(
            rename = "errorMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///The last step that was completed.
        #[serde(
            rename = "lastNodeId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_node_id: ::std::option::Option<::std::string::String>,
        ///The question.
        pub question: ::std::string::String,
        ///The result, if the run has one.
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///The run.
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        ///The status of the run.
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A dataset, identified by its names.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ApiDatasetDescription {
        ///The name of the dataset.
        pub name: ::std::string::String,
        ///Both names in one string. Deprecated in favor of the two fields.
        #[serde(
            rename = "nameWithNamespace",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub name_with_namespace: ::std::option::Option<::std::string::String>,
        ///The namespace of the dataset.
        pub namespace: ::std::string::String,
        ///The user who owns the dataset.
        pub owner: ::std::string::String,
        ///Earlier name of `owner`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
        ///The visibility of the dataset, an older setting.
        pub visibility: crate::enums::DatasetVisibility,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The columns, size and saved definition of a dataset.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ApiDatasetMetadata {
        ///The names of the columns.
        #[serde(rename = "columnNames")]
        pub column_names: ::std::vec::Vec<::std::string::String>,
        ///Description of the dataset, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///Number of rows in the dataset.
        #[serde(rename = "rowCount")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub row_count: i64,
        ///Description of each field, by field name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A link from one column to another. In examples, a column is written as `ri`, user, namespace, dataset and column, separated by dots. The service does not document how dots within a name are escaped.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ApiLink {
        ///The column at which the link ends.
        pub destination: ::std::string::String,
        ///Number of matching records.
        #[serde(deserialize_with = "crate::whole::required")]
        pub hits: i64,
        ///The kind of match, a string. `ExactMatch` and `GeoMatch` are known.
        #[serde(rename = "matchType")]
        pub match_type: ::std::string::String,
        ///The column at which the link starts.
        pub origin: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A namespace.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ApiNamespace {
        ///The name of the namespace.
        pub name: ::std::string::String,
        ///The user who owns the namespace, as an id or a name depending on the version of the server.
        pub owner: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A column, identified by its names.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ApiStringColumnIdentifier {
        ///The name of the column.
        #[serde(rename = "columnName")]
        pub column_name: ::std::string::String,
        ///The dataset.
        pub dataset: ::std::string::String,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The owner of the namespace, or `self`.
        pub username: ::std::string::String,
    }
    ///The answer. This is the last event of the stream.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagAnswerEvent {
        ///The answer in natural language.
        pub response: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The agent has started to answer.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The run has failed. This is the last event of the stream.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagErrorEvent {
        ///Human-readable message.
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The plan of the run.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagPlanEvent {
        ///The reason for the plan.
        pub reasoning: ::std::string::String,
        ///The instructions of the steps, in order.
        pub steps: ::std::vec::Vec<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Planning has started.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The query of a step is running.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagQueryExecutingEvent {
        ///The index of the step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A question to an agent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagRequest {
        ///Background from the caller. It does not outrank the data or widen access, and applies to this question only.
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
        ///Instructions and background for the agent.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///Models for the stages of the run.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub models: ::std::option::Option<AutoRagStageModels>,
        ///The namespace to search.
        pub namespace: ::std::string::String,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The question in natural language.
        pub query: ::std::string::String,
        ///The owner of the namespace, or `self`.
        pub username: ::std::string::String,
        ///Allows the agent to search the web. False disables it, and true is equivalent to no value.
        #[serde(
            rename = "webSearch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub web_search: ::std::option::Option<bool>,
    }
    ///The answer to a question.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagResponseData {
        ///The answer in natural language.
        pub response: ::std::string::String,
        ///The steps that led to the answer, in order.
        pub steps: ::std::vec::Vec<AutoRagResponseStep>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A step of an answer.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagResponseStep {
        ///The rows that the query found.
        pub data: DataArray,
        ///The instruction of the step.
        pub instruction: ::std::string::String,
        ///The query that was run.
        pub query: ::std::string::String,
        ///The reason for the query.
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The model of one stage.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagStageModel {
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///Models for the stages of a run. The pair of a stage replaces the pair of the run, which replaces the pair of the deployment. A field that is absent from the effective pair gets the default of the provider.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct AutoRagStageModels {
        ///The model for answering.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub answer: ::std::option::Option<AutoRagStageModel>,
        ///The model for planning.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub plan: ::std::option::Option<AutoRagStageModel>,
        ///The model for writing queries.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<AutoRagStageModel>,
    }
    ///A step is complete.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagStepEvent {
        ///The rows that the query found.
        pub data: DataArray,
        ///The index of the step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        ///The instruction of the step.
        pub instruction: ::std::string::String,
        ///The query that was run.
        pub query: ::std::string::String,
        ///The reason for the query.
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A step has started.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct AutoRagStepStartedEvent {
        ///The index of the step, from 0.
        #[serde(deserialize_with = "crate::whole::required")]
        pub index: i64,
        ///The instruction of the step.
        pub instruction: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The code of a build spec.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct BuildSpecCode {
        ///The code, a string that the API does not parse. A proposed version 2.23.0 of the contract calls it Python in base64.
        pub payload: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Build specs.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct BuildSpecListResponse {
        ///The build specs.
        pub items: ::std::vec::Vec<BuildSpecResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A build spec, which derives a dataset from others by code.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct BuildSpecRequest {
        ///The code.
        pub code: BuildSpecCode,
        ///The dataset that the code writes.
        pub destination: DatasetCoordinate,
        ///The datasets that the code reads, at least one.
        pub sources: ::std::vec::Vec<DatasetCoordinate>,
    }
    ///A build spec. A proposed version 2.23.0 of the contract has `destinations` for `destination`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct BuildSpecResponse {
        ///The code.
        pub code: BuildSpecCode,
        ///Creation time, a string.
        #[serde(rename = "createdAt")]
        pub created_at: ::std::string::String,
        ///The dataset that the code writes.
        pub destination: DatasetCoordinate,
        ///The build spec.
        pub id: ::uuid::Uuid,
        ///The name of the user who owns the build spec.
        pub owner: ::std::string::String,
        ///The datasets that the code reads.
        pub sources: ::std::vec::Vec<DatasetCoordinate>,
        ///Time of the last change, a string.
        #[serde(rename = "updatedAt")]
        pub updated_at: ::std::string::String,
        ///The version, incremented by each change.
        #[serde(deserialize_with = "crate::whole::required")]
        pub version: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Background that the caller gives to the agent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CallerContext {
        ///Facts to take into account.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub facts: ::std::option::Option<::std::vec::Vec<CallerContextFact>>,
        ///Earlier turns of the conversation, oldest first.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub turns: ::std::option::Option<::std::vec::Vec<CallerContextTurn>>,
    }
    ///A fact to take into account.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CallerContextFact {
        ///The label of the fact.
        pub label: ::std::string::String,
        ///The source of the fact.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///The content of the fact.
        pub value: ::std::string::String,
    }
    ///An earlier turn of the conversation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CallerContextTurn {
        ///The name of the agent, if an agent spoke.
        #[serde(
            rename = "agentName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub agent_name: ::std::option::Option<::std::string::String>,
        ///The speaker.
        pub role: crate::enums::CallerTurnRole,
        ///The text of the turn.
        pub text: ::std::string::String,
    }
    ///A file of code.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct CleanerAgentCodeFile {
        ///The content of the file.
        pub content: ::std::string::String,
        ///The name of the file.
        pub name: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The code of a cleaning task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct CleanerAgentCodeFilesResponse {
        ///The files.
        pub files: ::std::vec::Vec<CleanerAgentCodeFile>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A conversation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ConversationDetailResponse {
        ///The conversation.
        pub id: ::uuid::Uuid,
        ///The title of the conversation.
        pub title: ::std::string::String,
        ///The questions and answers of the conversation, oldest first.
        pub turns: ::std::vec::Vec<ConversationTurnResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Conversations, newest first.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ConversationListResponse {
        ///The conversations.
        pub conversations: ::std::vec::Vec<ConversationSummaryResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The summary of a conversation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ConversationSummaryResponse {
        ///Creation time in milliseconds since 1970-01-01 UTC.
        #[serde(rename = "createdAt")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub created_at: i64,
        ///The conversation.
        pub id: ::uuid::Uuid,
        ///The title of the conversation.
        pub title: ::std::string::String,
        ///Time of the last change in milliseconds since 1970-01-01 UTC.
        #[serde(rename = "updatedAt")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub updated_at: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A question of a conversation, with its result.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ConversationTurnResponse {
        ///The question.
        pub question: ::std::string::String,
        ///The result, if the run has one.
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///The run that answers the question.
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        ///The status of the run.
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The definition of a new dataset.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CreateDatasetRequest {
        ///Description of the dataset, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///Description of each field, by field name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        ///The visibility of the dataset, an older setting.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub visibility: ::std::option::Option<crate::enums::DatasetVisibility>,
    }
    ///A new token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CreateTokenRequest {
        ///The permissions of the token. Defaults to everything.
        #[serde(
            rename = "accessRestrictedTo",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub access_restricted_to: ::std::option::Option<
            ::std::vec::Vec<TokenPermissionEntry>,
        >,
        ///Expiry time. As far as is known, in RFC 3339.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///The name of the token.
        pub name: ::std::string::String,
    }
    ///A new ingestion.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct CreatedIngestionTrackingResponse {
        ///The id of the ingestion, by which lists identify it.
        pub id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A selection of links by a model.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CurateLinkRequest {
        ///Activates the selected links. Defaults to false, which only returns them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub activate: ::std::option::Option<bool>,
        ///The dataset. Defaults to the whole namespace.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///The result of a selection.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct CurateLinkResponse {
        ///The selected links. Absent if they were activated.
        #[serde(
            rename = "curatedLinks",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub curated_links: ::std::vec::Vec<ApiLink>,
        ///Number of datasets processed.
        #[serde(rename = "datasetsProcessed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub datasets_processed: i64,
        ///Number of links selected.
        #[serde(rename = "totalSelected")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub total_selected: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The caller.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct CurrentUserResponse {
        ///The email address of the user.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///The user's id.
        pub id: ::std::string::String,
        ///The user's full name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The name of the user in paths.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Rows.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///Description of the dataset in natural language, at most 10,000 characters.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///A dataset, identified by its names. Elsewhere in the API, the fields have other names.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DatasetCoordinate {
        ///The name of the dataset.
        #[serde(rename = "datasetName")]
        pub dataset_name: ::std::string::String,
        ///The namespace of the dataset.
        pub namespace: ::std::string::String,
        ///The user who owns the dataset. The service does not document whether `self` is accepted here.
        pub owner: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A dataset. Older servers send `inferDefinition` in addition to these fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DatasetResponse {
        ///The names of the dataset.
        pub dataset: ApiDatasetDescription,
        ///The columns, size and definition of the dataset.
        pub metadata: ApiDatasetMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Datasets, identified by their names.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The error of the API. The service does not document whether event streams and the ingest proxy use this schema.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ErrorResponse {
        ///Error code for programs, such as `UNAUTHORIZED`. The service does not document the list of codes.
        pub error_code: ::std::string::String,
        ///A second message that some responses contain.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///Human-readable message.
        pub message: ::std::string::String,
        ///Details of the error, for example one per field.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub sub_errors: ::std::vec::Vec<ErrorSubError>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A detail of an error.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ErrorSubError {
        ///Error code for programs.
        pub code: ::std::string::String,
        ///Human-readable message.
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Options of links by equal values. The service does not document the formulas of the two thresholds.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ExactMatchConfig {
        ///Adds links in both directions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///Ignores columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///Minimum share of distinct values, 0 to 1. Defaults to 0.
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///Minimum share of variation, 0 to 1. Defaults to 0.
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///The columns to compare. Defaults to all columns.
        #[serde(
            rename = "targetColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_columns: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
    }
    ///The files of a session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FileUploadPrepareSessionRequest {
        ///The files.
        #[serde(rename = "filesToUpload")]
        pub files_to_upload: ::std::vec::Vec<
            FileUploadPrepareSessionRequestFileToUpload,
        >,
    }
    ///A file to upload.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FileUploadPrepareSessionRequestFileToUpload {
        ///The name of the file.
        pub filename: ::std::string::String,
        ///Size of the file in bytes. At most 10,000 parts of 8 MiB.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
    }
    ///A new session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct FileUploadPrepareSessionResponse {
        ///The uploads of the files.
        pub files: ::std::vec::Vec<FileUploadPrepareSessionResponseFileInfo>,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The upload of one file.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct FileUploadPrepareSessionResponseFileInfo {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///The name of the file.
        pub filename: ::std::string::String,
        ///The key of the file in the storage.
        pub key: ::std::string::String,
        ///Size of a part in bytes. The last part may be smaller.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///One URL per part in order.
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
    ///The URL of one part.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct FileUploadPrepareSessionResponsePresignedInfo {
        ///The exact size of this part in bytes.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///The URL for the PUT of the part, without the bearer token. Everyone who has the URL may write.
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The uploaded parts of a file.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FinishFileUploadRequest {
        ///The key of the file in the storage.
        pub key: ::std::string::String,
        ///All parts in order, 1 to 10,000.
        pub parts: ::std::vec::Vec<FinishFileUploadRequestParts>,
        ///The upload in the storage.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///An uploaded part.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FinishFileUploadRequestParts {
        ///The `ETag` of the storage's response, without quotes.
        pub etag: ::std::string::String,
        ///Number of the part, from 1.
        #[serde(rename = "partNumber")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_number: i64,
    }
    ///The status of a file and of its session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct FinishFileUploadResponse {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///The status of the file.
        #[serde(rename = "fileStatus")]
        pub file_status: crate::enums::UploadFileStatus,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///The status of the session.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One uploaded part.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FinishedMultipartItem {
        ///The `ETag` of the storage's response, without quotes.
        pub etag: ::std::string::String,
        ///Number of the part, from 1.
        #[serde(rename = "partNumber")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_number: i64,
    }
    ///The uploaded parts, and the options of the ingestion.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct FinishedMultipartRequest {
        ///Description of the dataset, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///The inference steps to apply before rows are stored.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        ///Number of rows per batch of the inference steps. Defaults to 1,000. Use a smaller batch for large files: reading the source times out while a model is slow.
        #[serde(
            rename = "inferBatchSize",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub infer_batch_size: ::std::option::Option<i64>,
        ///The key of the file in the storage.
        pub key: ::std::string::String,
        ///The matches by which the rows are linked with other datasets. Absent means that no links are computed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        ///The name of the ingestion.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///All parts in order, 1 to 10,000.
        pub parts: ::std::vec::Vec<FinishedMultipartItem>,
        ///Description of each field, by field name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///Options of links by distance. The service does not document which columns count as locations.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct GeoMatchConfig {
        ///Adds links in both directions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///Maximum distance. Defaults to 2.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///Unit of the distance. The vendor's client offers kilometers and miles. Defaults to kilometers. The service does not document the spelling.
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///Ignores columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///The columns to compare. Defaults to all columns.
        #[serde(
            rename = "targetColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_columns: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
    }
    ///The current description, which the suggestion improves.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct InferCurrentValue {
        ///The current description of the dataset.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///The current description of each field.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub schema: ::std::option::Option<
            ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        >,
    }
    ///Sample rows to describe.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct InferSchemaDescriptionRequest {
        ///The current description.
        #[serde(
            rename = "currentValue",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub current_value: ::std::option::Option<InferCurrentValue>,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The sample rows.
        pub sample: DataArray,
    }
    ///A suggested description. Earlier responses had `dataDescription` and `fieldDefinition`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct InferredDescriptionResponse {
        ///The suggestion.
        pub description: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Suggested descriptions of fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct InferredSchemaResponse {
        ///Description of each field, by field name.
        pub schema: ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The result of an ingestion.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct IngestDataResponse {
        ///Number of rows indexed. Differs from the number of rows sent if steps add or remove rows.
        #[serde(deserialize_with = "crate::whole::required")]
        pub indexed: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The matches by which rows are compared for links. Each kind that is present is applied.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct IngestLink {
        ///Links by equal values, with these options. Null means no options.
        #[serde(
            rename = "ExactMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub exact_match: ::std::option::Option<ExactMatchConfig>,
        ///Links by distance, with these options. Null means no options.
        #[serde(
            rename = "GeoMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub geo_match: ::std::option::Option<GeoMatchConfig>,
    }
    ///Rows to compare for links.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct IngestLinksRequest {
        ///The rows to compare.
        pub data: DataArray,
        ///The matches to apply.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
    }
    ///The links of a dataset.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///Rows after the inference steps. Nothing is stored.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///Rows, and the processing before they are stored.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct IngestRequest {
        ///Instructions for the inference steps in natural language.
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///Lets a model select among the new links afterwards.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub curate: ::std::option::Option<bool>,
        ///The rows to store.
        pub data: DataArray,
        ///Description of the dataset, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///The inference steps to apply before rows are stored.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        ///The matches by which the rows are linked with other datasets. Absent means that no links are computed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        ///Description of each field, by field name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///Inference on rows before they are stored.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct IngestRequestInfer {
        ///The steps in order. Each step reads the output of the previous one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub steps: ::std::option::Option<::std::vec::Vec<crate::InferenceStep>>,
    }
    ///Further attributes of an ingestion.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct IngestionItemAttributes {
        ///Time of the last retry.
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
        ///Time at which the caller marked the ingestion as seen.
        #[serde(
            rename = "seenAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub seen_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Options of a link. The kind of match determines which of them apply.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct LinkOptions {
        ///Adds links in both directions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///Maximum distance. Applies to locations.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///Unit of the distance. Applies to locations.
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///Ignores columns whose names begin with an underscore.
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///Minimum share of distinct values. Applies to equal values.
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///Minimum share of variation. Applies to equal values.
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///The columns to compare. Defaults to all columns.
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ListIngestionsResponseData {
        ///The ingestions.
        pub data: ::std::vec::Vec<ListIngestionsResponseDataItem>,
        ///The cursor of the next page.
        pub metadata: ListIngestionsResponseMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///An ingestion of an upload.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ListIngestionsResponseDataItem {
        ///Further attributes.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attributes: ::std::option::Option<IngestionItemAttributes>,
        ///Size of the whole upload in bytes. Null is accepted, although the contract declares a number.
        #[serde(default, rename = "expectedTotalBytes")]
        #[serde(deserialize_with = "crate::whole::optional")]
        pub expected_total_bytes: ::std::option::Option<i64>,
        ///The id of the ingestion.
        pub id: ::uuid::Uuid,
        ///Number of bytes read so far.
        #[serde(
            rename = "processedBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub processed_bytes: ::std::option::Option<i64>,
        ///Number of rows stored so far.
        #[serde(
            rename = "processedRows",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub processed_rows: ::std::option::Option<i64>,
        ///Status of the ingestion, a string. The vendor's client treats complete, completed, done, success, succeeded, failed and error as final, ignoring case. The service does not document the list.
        pub status: ::std::string::String,
        ///Human-readable detail of the status.
        #[serde(
            rename = "statusMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub status_message: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The cursor of the next page.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ListIngestionsResponseMetadata {
        ///The cursor of the next page: a time in RFC 3339 to send back unchanged. Absent on the last page.
        #[serde(
            rename = "beforeCreatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub before_created_at: ::std::option::Option<::std::string::String>,
        ///Number of ingestions per page.
        #[serde(rename = "pageSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The files of a session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ListSessionFilesResponse {
        ///The files.
        pub files: ::std::vec::Vec<ListSessionFilesResponseFileInfo>,
        ///The session.
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        ///The status of the session.
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A file of a session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ListSessionFilesResponseFileInfo {
        ///The file.
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///Size of the file in bytes.
        #[serde(rename = "fileSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub file_size: i64,
        ///The name of the file.
        pub filename: ::std::string::String,
        ///The bucket of the file.
        #[serde(rename = "s3Bucket")]
        pub s3_bucket: ::std::string::String,
        ///The key of the file in the bucket.
        #[serde(rename = "s3Key")]
        pub s3_key: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Links to activate and to deactivate.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ModifyOntologyRequest {
        ///Links to activate.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub add: ::std::option::Option<::std::vec::Vec<ApiLink>>,
        ///Links to deactivate.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub remove: ::std::option::Option<::std::vec::Vec<ApiLink>>,
    }
    ///Extracts the named entities of a row. The service does not document the output.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct NamedEntitiesStep {}
    ///Derives the target columns from the columns of a row. Also adds `__metadata_normalize`, a description of the changes.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct NormaliseStep {
        ///Description of the data, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///Instructions in natural language. An older field, which the published Python client still sends.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///The method of normalization.
        pub mode: crate::enums::NormaliseMode,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The columns to create, with a description of each.
        #[serde(
            rename = "targetCols",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_cols: ::std::option::Option<
            ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        >,
    }
    ///The active links of a dataset.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The kind of result. The service does not document the list.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct PrepareMultipartRequest {
        ///The name of the file. The extension determines the format.
        pub filename: ::std::string::String,
        ///Size of the file in bytes. At most 10,000 parts of 8 MiB.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
    }
    ///An upload, with the URLs of its parts.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct PrepareMultipartResponse {
        ///The key of the file in the storage.
        pub key: ::std::string::String,
        ///Size of a part in bytes, 8 MiB. The last part may be smaller.
        #[serde(rename = "partSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub part_size: i64,
        ///One URL per part in order, 1 to 10,000.
        #[serde(rename = "presignedUrls")]
        pub presigned_urls: ::std::vec::Vec<PresignedUrlItem>,
        ///The upload.
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The URL of one part.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct PresignedUrlItem {
        ///The exact size of this part in bytes.
        #[serde(deserialize_with = "crate::whole::required")]
        pub size: i64,
        ///The URL for the PUT of the part, without the bearer token. Everyone who has the URL may write.
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A query, or a question from which a model writes one.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct QueryDataRequest {
        ///The dataset from which the query starts.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///Requests the execution tree.
        #[serde(
            rename = "explainRequested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_requested: ::std::option::Option<bool>,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The namespace of the query.
        pub namespace: ::std::string::String,
        ///A question in natural language, from which a model writes the query.
        #[serde(
            rename = "naturalLanguageQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub natural_language_query: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///The query in the query language. The service does not document the meaning of an empty query.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<::std::string::String>,
        ///The owner of the namespace, or `self`.
        pub username: ::std::string::String,
    }
    ///A node of the execution tree.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct QueryExplainResponse {
        ///The child nodes.
        pub children: ::std::vec::Vec<QueryExplainResponse>,
        ///The dataset and the number of rows of the node.
        #[serde(rename = "datasetQueriesStat")]
        pub dataset_queries_stat: QueryExplainResponseDatasetQueriesStat,
        ///Duration in ISO 8601, such as `PT0.25S`.
        pub duration: crate::IsoDuration,
        ///The id of the node.
        pub id: ::std::string::String,
        ///Start time.
        pub start: ::chrono::DateTime<::chrono::offset::Utc>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The dataset and the number of rows of a node.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct QueryExplainResponseDatasetQueriesStat {
        ///The dataset.
        pub dataset: ::std::string::String,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///Number of rows found.
        #[serde(rename = "resultCount")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub result_count: i64,
        ///The owner of the dataset.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The result of a query.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct QueryResponseData {
        ///The rows found.
        pub data: DataArray,
        ///The execution tree, if it was requested.
        #[serde(
            rename = "explainResults",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_results: ::std::option::Option<QueryExplainResponse>,
        ///Details of the query that ran.
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
    ///Details of the query that ran.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct QueryResponseMetadata {
        ///Number of rows found.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[serde(deserialize_with = "crate::whole::optional")]
        #[serde(default)]
        pub count: ::std::option::Option<i64>,
        ///The query that ran.
        #[serde(
            rename = "executedQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub executed_query: ::std::option::Option<::std::string::String>,
        ///The dataset of the rows in the result, after links were followed.
        #[serde(
            rename = "finalDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub final_dataset: ::std::option::Option<::std::string::String>,
        ///The query that was sent.
        #[serde(
            rename = "originalQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub original_query: ::std::option::Option<::std::string::String>,
        ///The dataset from which the query started.
        #[serde(
            rename = "startingDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub starting_dataset: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The instructions of a cleaning task, and the dataset for the result.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct RequestCleaningRequest {
        ///The dataset of the result. It must not exist.
        #[serde(rename = "outputDatasetName")]
        pub output_dataset_name: ::std::string::String,
        ///The namespace of the result.
        #[serde(rename = "outputNamespace")]
        pub output_namespace: ::std::string::String,
        ///Instructions in natural language, 1 to 10, executed in order.
        pub prompts: ::std::vec::Vec<::std::string::String>,
    }
    ///A new cleaning task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct RequestCleaningResponse {
        ///The task.
        #[serde(rename = "cleaningTaskId")]
        pub cleaning_task_id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Adds one column, `{column}_latlong`, with latitude and longitude as a string such as `48.1372,11.5756`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ReverseGeoStep {
        ///The column that contains the location. The service does not document which column is read if it is absent.
        #[serde(
            rename = "deriveFrom",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub derive_from: ::std::option::Option<::std::string::String>,
    }
    ///Expands a JSON array in one column into rows.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct RowsStep {
        ///The column that contains the array.
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
    }
    ///A run has started. The contract mentions the event for new questions and declares none of its fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct RunStartedEvent {
        ///The conversation of the run.
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
    ///Description of each field in natural language, by field name.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///Access to grant or to revoke.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ShareAccessRequest {
        ///The role of the user.
        pub role: crate::enums::AccessRole,
        ///The user. The comparison of names ignores case.
        pub username: ::std::string::String,
    }
    ///Extracts columns from the free text in one column. The model chooses their names. Also adds the column `__metadata_textToTable`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct TableStep {
        ///Instructions in natural language.
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///The column that contains the text.
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
        ///Earlier name of `additionalInstructions`. The published Python client still sends it.
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///Removes the column that contained the text. Defaults to false.
        #[serde(
            rename = "replaceOriginalColumn",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub replace_original_column: ::std::option::Option<bool>,
    }
    ///A permission of a restricted token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct TokenPermissionEntry {
        ///The dataset. Defaults to the whole namespace.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///The namespace.
        pub namespace: ::std::string::String,
        ///The owner.
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The permissions of a token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct TokenPermissionsResponse {
        ///The permissions, if the token is restricted.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub permissions: ::std::vec::Vec<TokenPermissionEntry>,
        ///True if the token is restricted.
        pub restricted: bool,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The definition of a dataset. As far as is known, absent fields do not change.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct UpdateInferDefinitionRequest {
        ///Description of the dataset, at most 10,000 characters.
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///Earlier form of `schemaDefinition`: one string with a line per field, at most 10,000 characters.
        #[serde(
            rename = "fieldDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub field_definition: ::std::option::Option<::std::string::String>,
        ///Description of each field, by field name.
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///The order of columns.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct UpdateSortOrderRequest {
        ///The names of the columns in order.
        pub order: ::std::vec::Vec<::std::string::String>,
    }
    ///The id of a file within its session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///The id of an upload session.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    ///A token. The service does not document the format of the times.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserToken {
        ///Creation time.
        pub created_at: ::std::string::String,
        ///Expiry time. The contract declares a string and does not mention tokens without an expiry, so null is accepted.
        #[serde(default)]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///The id of the token. This is not the secret.
        pub id: ::std::string::String,
        ///Time of the last use.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///The name of the token.
        pub name: ::std::string::String,
        ///The secret in the response that creates the token. As far as is known, null otherwise.
        #[serde(default)]
        pub token: ::std::option::Option<crate::Secret>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Tokens.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageByDayItem {
        ///Cost in US dollars.
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///The day.
        pub date: ::chrono::naive::NaiveDate,
        ///Number of tokens used.
        #[serde(rename = "tokensUsed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The time zone of the days.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageByDayMeta {
        ///The time zone of the days, by IANA name.
        #[serde(rename = "timeZoneForAggregation")]
        pub time_zone_for_aggregation: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Usage by day.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageByDayResponse {
        ///The days.
        pub data: ::std::vec::Vec<UserUsageByDayItem>,
        ///The time zone of the days.
        pub meta: UserUsageByDayMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The cursor of a page.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageHistoryCursor {
        ///The id of the last item.
        #[serde(rename = "lastObservationId")]
        pub last_observation_id: ::std::string::String,
        ///The time of the last item (RFC 3339), to send back unchanged.
        #[serde(rename = "lastStartTime")]
        pub last_start_time: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A model call. The item does not name a run, an ingestion or a dataset.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageHistoryItem {
        ///Cost in US dollars.
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///Time of the call.
        pub timestamp: ::chrono::DateTime<::chrono::offset::Utc>,
        ///Number of tokens used.
        #[serde(rename = "tokensUsed")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The cursor of the next page.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageHistoryMeta {
        ///The cursor of the next page. Absent on the last page.
        #[serde(
            rename = "pageCursor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub page_cursor: ::std::option::Option<UserUsageHistoryCursor>,
        ///Number of items per page.
        #[serde(rename = "pageSize")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One page of usage.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct UserUsageHistoryResponse {
        ///The items.
        pub data: ::std::vec::Vec<UserUsageHistoryItem>,
        ///The cursor of the next page.
        pub meta: UserUsageHistoryMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Validates the values of columns. Every row is kept and gets a field `__valid` with the result.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct ValidateStep {
        ///The columns to validate.
        pub columns: ::std::vec::Vec<::std::string::String>,
        ///The unit of validation.
        pub mode: crate::enums::ValidateMode,
        ///The name of the model. Defaults to the choice of the service.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The name of the provider of the model. Defaults to the choice of the service.
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

Datasets of rows in namespaces: ingestion with inference, links between datasets, queries, and questions answered by an agent. Includes the ingest proxy, which models and ingests data by itself. The version is that of the vendor's contract that this document follows.

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

Lists the agents that can be called over the agent-to-agent protocol (A2A). Requires no token.

Sends a `GET` request to `/a2a`

*/
    pub async fn list_a2a_agents<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::A2aAgentListItem>>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/a2a", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_a2a_agents",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Call an agent

Sends one JSON-RPC 2.0 request of the A2A protocol to an agent. The method decides the form of the response: `SendStreamingMessage` returns server-sent events, every other method returns one JSON object.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
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

Reads the card of an agent, by which A2A clients discover its skills. Requires no token.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_a2a_agent_card",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_cleaning_task_code",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Clean a dataset

Lets an agent clean a dataset by instructions. The result goes to a new dataset. No call returns the progress of the task.

Sends a `POST` request to `/agents/{username}/{namespace}/{datasetName}/requestCleaning`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The instructions, and the dataset for the result.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "request_cleaning",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List build specs

Lists the build specs of the caller.

Sends a `GET` request to `/build-specs`

*/
    pub async fn list_build_specs<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<types::BuildSpecListResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/build-specs", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_build_specs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a build spec

Stores a build spec, which derives a dataset from others by code. The caller needs access to all sources and to the destination. The code is not run.

Sends a `POST` request to `/build-specs`

Arguments:
- `body`: The build spec.
*/
    pub async fn create_build_spec<'a>(
        &'a self,
        body: &'a types::BuildSpecRequest,
    ) -> Result<ResponseValue<types::BuildSpecResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/build-specs", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read a build spec

Reads a build spec of the caller.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Replace a build spec

Replaces a whole build spec and increments its version. The request does not contain a version. The service does not document when it returns 409.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::PUT, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "edit_build_spec",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a build spec

Deletes a build spec of the caller. Datasets do not change.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::DELETE, url).build()?;
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_datasets",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_datasets_in_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a namespace

Deletes a namespace. If the namespace still has datasets, it is deleted only with `deleteDatasets`, and the call fails with 409 otherwise. The datasets are deleted first, with their rows, links and metadata. This cannot be undone.

Sends a `DELETE` request to `/data/{username}/{namespace}/balefire`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `delete_datasets`: Deletes the datasets of the namespace first. Defaults to false.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::DELETE, url)
            .query(
                &progenitor_client::QueryParam::new("deleteDatasets", &delete_datasets),
            )
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
    /**Renames a namespace of the caller. The service does not document whether links and queries follow the new name

Gives a namespace of the caller another name. The service does not document whether links and queries follow the new name.

Sends a `POST` request to `/data/{username}/{namespace}/rename`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `body`: The new name as plain text, without quotes.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("text/plain"),
            )
            .body(body)
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

Returns the owner, columns, number of rows and saved definition of a dataset.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_dataset_information",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a dataset

Deletes a dataset with its rows, links and metadata. This cannot be undone. Deleting the last dataset of a namespace deletes the namespace.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::DELETE, url).build()?;
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

Removes the rows and the links of a dataset. The dataset and its definition remain. This cannot be undone.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::POST, url).build()?;
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

Saves the description of a dataset and of its fields. Later ingestions use the saved definition.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::PUT, url)
            .json(&body)
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

Lists current and past ingestions of uploads into a dataset, newest first. No call reads a single ingestion.

Sends a `GET` request to `/data/{username}/{namespace}/{datasetName}/ingest/attempts`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `before_created_at`: Returns only ingestions created at this time or earlier (RFC 3339). Use the `beforeCreatedAt` of the previous page. A page may therefore repeat the last ingestions of the previous page.
- `page_size`: Number of ingestions per page, 1 to 100. Defaults to 25.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::GET, url)
            .query(
                &progenitor_client::QueryParam::new(
                    "beforeCreatedAt",
                    &before_created_at,
                ),
            )
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .build()?;
        let info = OperationInfo {
            operation_id: "list_ingestions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Rename a dataset

Renames a dataset within its namespace. The service does not document whether links and queries follow the new name.

Sends a `POST` request to `/data/{username}/{namespace}/{datasetName}/rename`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The new name as plain text, without quotes.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("text/plain"),
            )
            .body(body)
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

Begins a session for several files and returns presigned URLs for the parts of each file. The service does not document what reads the files of a session afterwards.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "prepare_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Abort a session

Aborts an upload session and discards its parts.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::POST, url).build()?;
        let info = OperationInfo {
            operation_id: "abort_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the files of a session

Lists the files of an upload session and their locations in the storage.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_session_files",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Finish one file of a session

Joins the uploaded parts of one file. The session is complete after its last file.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "finish_file_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
- `body`: Sample rows, and the current description.
*/
    pub async fn infer_description<'a>(
        &'a self,
        body: &'a types::InferSchemaDescriptionRequest,
    ) -> Result<
        ResponseValue<types::InferredDescriptionResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/infer/description", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "infer_description",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Try inference steps

Runs inference steps over a few rows and returns the results. Nothing is stored.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "preview_infer",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Suggest descriptions of fields

Suggests a description of each field from sample rows.

Sends a `POST` request to `/infer/schema`

Arguments:
- `body`: Sample rows, and the current description.
*/
    pub async fn infer_schema<'a>(
        &'a self,
        body: &'a types::InferSchemaDescriptionRequest,
    ) -> Result<
        ResponseValue<types::InferredSchemaResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/infer/schema", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "infer_schema",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a dataset

Creates an empty dataset in a namespace of the caller. Creates the namespace if it does not exist. Callers usually treat 409, which means that the name is taken, as success.

Sends a `POST` request to `/ingest/new/{namespace}/{datasetName}`

Arguments:
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The definition of the dataset. An empty object is valid.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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

Adds rows to an existing dataset of the caller. The call takes no idempotency key, so rows that are sent twice are stored and charged twice. The service does not document a limit on rows or bytes per request.

Sends a `POST` request to `/ingest/{namespace}/{datasetName}`

Arguments:
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows, and the processing before they are stored.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "ingest_data",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
- `ingestion_id`: The ingestion. Lists return a UUID, and the path accepts any string.
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::POST, url).build()?;
        let info = OperationInfo {
            operation_id: "retry_ingestion",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Mark an ingestion as seen

Marks a finished ingestion as seen by the caller.

Sends a `POST` request to `/ingestionTracking/{ingestionId}/seen`

Arguments:
- `ingestion_id`: The ingestion. Lists return a UUID, and the path accepts any string.
*/
    pub async fn mark_ingestion_seen<'a>(
        &'a self,
        ingestion_id: &'a crate::PathSegment,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/ingestionTracking/{}/seen", self.baseurl, encode_path(& ingestion_id
            .to_string()),
        );
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::POST, url).build()?;
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

Adds a link from a column of one dataset to a column of another.

Sends a `POST` request to `/links/add`

Arguments:
- `body`: The two columns, and the match of their values.
*/
    pub async fn add_link<'a>(
        &'a self,
        body: &'a types::AddLinkRequest,
    ) -> Result<ResponseValue<()>, Error<types::ErrorResponse>> {
        let url = format!("{}/links/add", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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
    /**Preview links

Computes the links of rows that the caller sends. Nothing is stored.

Sends a `POST` request to `/links/preview/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows to compare, and the kinds of matches.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "preview_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Recompute the links of a dataset

Computes the links of a dataset from rows that the caller sends, and stores them.

Sends a `POST` request to `/links/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The rows to compare, and the kinds of matches.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "rebuild_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Let a model choose links

Lets a model select among the suggested links of a namespace or of one dataset. Activates the selected links on request.

Sends a `POST` request to `/ontology/curate-links`

Arguments:
- `body`: The scope of the selection, and whether to activate the selected links.
*/
    pub async fn curate_links<'a>(
        &'a self,
        body: &'a types::CurateLinkRequest,
    ) -> Result<ResponseValue<types::CurateLinkResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/ontology/curate-links", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "curate_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_connected_links",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Change the active links of a dataset

Activates and deactivates links.

Sends a `POST` request to `/ontology/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The links to activate and to deactivate.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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
    /**List the users of a dataset

Lists the users with whom the caller shares a dataset.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_dataset_shares",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Share a dataset

Gives a user access to a dataset of the caller. A second grant replaces the first. Only the owner may call this. A grant takes effect after some seconds, and the user gets 404 until then.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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

Revokes the access of a user to a dataset, whatever the role in the body. The change takes effect after some seconds. The request has a body, which some proxies drop from a DELETE.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::DELETE, url)
            .json(&body)
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
    /**List the users of a namespace

Lists the users with whom the caller shares a namespace.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_namespace_shares",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Share a namespace

Gives a user access to all current and later datasets of a namespace. A second grant replaces the first. Only the owner may call this. A grant takes effect after some seconds, and the user gets 404 until then.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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

Revokes the access of a user to a namespace, whatever the role in the body. The change takes effect after some seconds. The request has a body, which some proxies drop from a DELETE.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::DELETE, url)
            .json(&body)
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

Runs a query in the query language, or lets a model write one from a question. The call does not support pages and returns the whole result. The service does not document a default limit of rows.

Sends a `POST` request to `/query`

Arguments:
- `body`: The query or the question.
*/
    pub async fn query_data<'a>(
        &'a self,
        body: &'a types::QueryDataRequest,
    ) -> Result<ResponseValue<types::QueryResponseData>, Error<types::ErrorResponse>> {
        let url = format!("{}/query", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "query_data",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Answer a question, as a stream

Lets an agent plan, query and answer, and streams each step as a server-sent event. The last event is `answer` or `error`. The service may add events with other names at any time.

Sends a `POST` request to `/query/ask`

Arguments:
- `body`: The question.
*/
    pub async fn autorag_stream<'a>(
        &'a self,
        body: &'a types::AutoRagRequest,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!("{}/query/ask", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
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

Lets an agent plan, query and answer, and returns the answer at the end. This may take minutes.

Sends a `POST` request to `/query/autorag`

Arguments:
- `body`: The question.
*/
    pub async fn autorag<'a>(
        &'a self,
        body: &'a types::AutoRagRequest,
    ) -> Result<ResponseValue<types::AutoRagResponseData>, Error<types::ErrorResponse>> {
        let url = format!("{}/query/autorag", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "autorag",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::GET, url)
            .query(&progenitor_client::QueryParam::new("namespace", &namespace))
            .query(&progenitor_client::QueryParam::new("username", &username))
            .build()?;
        let info = OperationInfo {
            operation_id: "list_conversations",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_conversation",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the state of a run

Returns the progress of an agent's run, and whether the run can be resumed.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_agent_run_status",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a run

Deletes a run and its checkpoint.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::DELETE, url).build()?;
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

Rates the answer of a run. A later rating replaces an earlier one.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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

Resumes a run from its last checkpoint and streams the following events, beginning with `run-started`. AutoRAG writes no checkpoints today, so resuming one of its runs in progress always fails with 409 and leaves the run unchanged. Read its outcome with `getAgentRunStatus`. If two calls resume the same run, the later call takes over, and the earlier stream ends without a last event.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::POST, url).build()?;
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_all_datasets",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::PUT, url)
            .json(&body)
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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_user_namespaces",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the schema of a namespace

Lists the datasets in one namespace of any user who shares it with the caller.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_datasets_within_namespace",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Abort the upload of a file

Aborts an upload and discards its parts.

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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
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

Joins the uploaded parts and starts the ingestion of the file.

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/finish`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The parts, and the options of the ingestion.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "finish_multipart_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Begin the upload of a file

Begins an upload and returns one presigned URL per part. Parts are sent directly to these URLs, without the bearer token. No call lists uploaded parts or renews a URL. According to a draft of the vendor's documentation, the URLs expire 15 minutes after this call.

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/prepare`

Arguments:
- `username`: The owner, or `self` for the owner of the token.
- `namespace`: The namespace.
- `dataset_name`: The dataset.
- `body`: The name and size of the file.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "prepare_multipart_upload",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Get the caller

Returns the user of the token.

Sends a `GET` request to `/user/me`

*/
    pub async fn get_current_user<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::CurrentUserResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/me", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_current_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Create a token

Creates a token. The secret is only in this response. Restricted tokens may not call this.

Sends a `POST` request to `/user/token`

Arguments:
- `body`: The name and the restrictions of the token.
*/
    pub async fn add_token<'a>(
        &'a self,
        body: &'a types::CreateTokenRequest,
    ) -> Result<ResponseValue<types::UserToken>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/token", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "add_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete a token

Deletes a token. The token stops working immediately. Restricted tokens may not call this.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::DELETE, url).build()?;
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

Lists the tokens of the caller without their secrets. Restricted tokens may not call this.

Sends a `GET` request to `/user/tokens`

*/
    pub async fn list_tokens<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::UserTokenResponse>, Error<types::ErrorResponse>> {
        let url = format!("{}/user/tokens", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_tokens",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Read the permissions of a token

Lists the namespaces and datasets to which a token is restricted.

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
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "list_token_permissions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List usage by day

Returns the cost of the caller's model calls, summed per day.

Sends a `GET` request to `/user/usage/by-day`

Arguments:
- `before`: End of the period, exclusive (RFC 3339).
- `on_or_after`: Start of the period, inclusive (RFC 3339).
- `time_zone_for_aggregation`: The time zone of the days, by IANA name. Defaults to UTC.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::GET, url)
            .query(&progenitor_client::QueryParam::new("before", &before))
            .query(&progenitor_client::QueryParam::new("onOrAfter", &on_or_after))
            .query(
                &progenitor_client::QueryParam::new(
                    "timeZoneForAggregation",
                    &time_zone_for_aggregation,
                ),
            )
            .build()?;
        let info = OperationInfo {
            operation_id: "get_user_usage_by_day",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List usage

Lists the cost of the caller's model calls, one item per call.

Sends a `GET` request to `/user/usage/history`

Arguments:
- `before`: End of the period, exclusive (RFC 3339).
- `on_or_after`: Start of the period, inclusive (RFC 3339).
- `page_cursor`: Start of the page: the `pageCursor` of the previous page as a JSON string (a `UserUsageHistoryCursor`).
- `page_size`: Number of items per page, 1 to 100. Defaults to 25.
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
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::GET, url)
            .query(&progenitor_client::QueryParam::new("before", &before))
            .query(&progenitor_client::QueryParam::new("onOrAfter", &on_or_after))
            .query(&progenitor_client::QueryParam::new("pageCursor", &page_cursor))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .build()?;
        let info = OperationInfo {
            operation_id: "get_user_usage_history",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => self.decode(response).await,
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
