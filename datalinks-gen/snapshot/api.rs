#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///A2aAgentCard
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
    ///A2aAgentListItem
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
    ///A2aJsonRpcRequest
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
    ///A2aJsonRpcResponse
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
    ///AbortFileUploadResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AbortFileUploadResponse {
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AbortMultipartRequest
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
        ///key
        pub key: ::std::string::String,
        ///uploadId
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///AccessGrant
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AccessGrant {
        pub role: crate::enums::AccessRole,
        ///username
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AddLinkRequest
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
        pub from: ApiStringColumnIdentifier,
        #[serde(rename = "matchType")]
        pub match_type: crate::enums::LinkMatchType,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub options: ::std::option::Option<LinkOptions>,
        pub to: ApiStringColumnIdentifier,
    }
    ///AgentRunFeedbackRequest
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
        ///comment
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub comment: ::std::option::Option<::std::string::String>,
        ///thumbsUp
        #[serde(rename = "thumbsUp")]
        pub thumbs_up: bool,
    }
    ///AgentRunStatusResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AgentRunStatusResponse {
        ///agentKind
        #[serde(rename = "agentKind")]
        pub agent_kind: ::std::string::String,
        ///canResume
        #[serde(rename = "canResume")]
        pub can_resume: bool,
        ///errorMessage
        #[serde(
            rename = "errorMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///lastNodeId
        #[serde(
            rename = "lastNodeId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_node_id: ::std::option::Option<::std::string::String>,
        ///question
        pub question: ::std::string::String,
        ///result
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///runId
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ApiDatasetDescription
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiDatasetDescription {
        ///name
        pub name: ::std::string::String,
        ///nameWithNamespace
        #[serde(
            rename = "nameWithNamespace",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub name_with_namespace: ::std::option::Option<::std::string::String>,
        ///namespace
        pub namespace: ::std::string::String,
        ///owner
        pub owner: ::std::string::String,
        ///user
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
        pub visibility: crate::enums::DatasetVisibility,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ApiDatasetMetadata
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiDatasetMetadata {
        ///columnNames
        #[serde(rename = "columnNames")]
        pub column_names: ::std::vec::Vec<::std::string::String>,
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///rowCount
        #[serde(rename = "rowCount")]
        pub row_count: i64,
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ApiLink
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiLink {
        ///destination
        pub destination: ::std::string::String,
        ///hits
        pub hits: i64,
        ///matchType
        #[serde(rename = "matchType")]
        pub match_type: ::std::string::String,
        ///origin
        pub origin: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ApiNamespace
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ApiNamespace {
        ///name
        pub name: ::std::string::String,
        ///owner
        pub owner: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ApiStringColumnIdentifier
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
        ///columnName
        #[serde(rename = "columnName")]
        pub column_name: ::std::string::String,
        ///dataset
        pub dataset: ::std::string::String,
        ///namespace
        pub namespace: ::std::string::String,
        ///username
        pub username: ::std::string::String,
    }
    ///AutoRagAnswerEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagAnswerEvent {
        ///response
        pub response: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagAnswerStartedEvent
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
    ///AutoRagErrorEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagErrorEvent {
        ///message
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagPlanEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagPlanEvent {
        ///reasoning
        pub reasoning: ::std::string::String,
        ///steps
        pub steps: ::std::vec::Vec<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagPlanningStartedEvent
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
    ///AutoRagQueryExecutingEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagQueryExecutingEvent {
        ///index
        pub index: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagRequest
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
        #[serde(
            rename = "callerContext",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub caller_context: ::std::option::Option<CallerContext>,
        ///conversationId
        #[serde(
            rename = "conversationId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub conversation_id: ::std::option::Option<::std::string::String>,
        ///helperPrompt
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub models: ::std::option::Option<AutoRagStageModels>,
        ///namespace
        pub namespace: ::std::string::String,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///query
        pub query: ::std::string::String,
        ///username
        pub username: ::std::string::String,
        ///webSearch
        #[serde(
            rename = "webSearch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub web_search: ::std::option::Option<bool>,
    }
    ///AutoRagResponseData
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagResponseData {
        ///response
        pub response: ::std::string::String,
        ///steps
        pub steps: ::std::vec::Vec<AutoRagResponseStep>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagResponseStep
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagResponseStep {
        pub data: DataArray,
        ///instruction
        pub instruction: ::std::string::String,
        ///query
        pub query: ::std::string::String,
        ///reasoning
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagStageModel
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
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///AutoRagStageModels
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
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub answer: ::std::option::Option<AutoRagStageModel>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub plan: ::std::option::Option<AutoRagStageModel>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<AutoRagStageModel>,
    }
    ///AutoRagStepEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagStepEvent {
        pub data: DataArray,
        ///index
        pub index: i64,
        ///instruction
        pub instruction: ::std::string::String,
        ///query
        pub query: ::std::string::String,
        ///reasoning
        pub reasoning: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///AutoRagStepStartedEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct AutoRagStepStartedEvent {
        ///index
        pub index: i64,
        ///instruction
        pub instruction: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///CallerContext
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
        ///facts
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub facts: ::std::vec::Vec<CallerContextFact>,
        ///turns
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub turns: ::std::vec::Vec<CallerContextTurn>,
    }
    ///CallerContextFact
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
        ///label
        pub label: ::std::string::String,
        ///source
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///value
        pub value: ::std::string::String,
    }
    ///CallerContextTurn
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
        ///agentName
        #[serde(
            rename = "agentName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub agent_name: ::std::option::Option<::std::string::String>,
        pub role: crate::enums::CallerTurnRole,
        ///text
        pub text: ::std::string::String,
    }
    ///CleanerAgentCodeFile
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CleanerAgentCodeFile {
        ///content
        pub content: ::std::string::String,
        ///name
        pub name: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ConversationDetailResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationDetailResponse {
        ///id
        pub id: ::uuid::Uuid,
        ///title
        pub title: ::std::string::String,
        ///turns
        pub turns: ::std::vec::Vec<ConversationTurnResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ConversationListResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationListResponse {
        ///conversations
        pub conversations: ::std::vec::Vec<ConversationSummaryResponse>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ConversationSummaryResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationSummaryResponse {
        ///createdAt
        #[serde(rename = "createdAt")]
        pub created_at: i64,
        ///id
        pub id: ::uuid::Uuid,
        ///title
        pub title: ::std::string::String,
        ///updatedAt
        #[serde(rename = "updatedAt")]
        pub updated_at: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ConversationTurnResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ConversationTurnResponse {
        ///question
        pub question: ::std::string::String,
        ///result
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub result: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ///runId
        #[serde(rename = "runId")]
        pub run_id: ::uuid::Uuid,
        pub status: crate::enums::AgentRunStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///CreateDatasetRequest
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
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub visibility: ::std::option::Option<crate::enums::DatasetVisibility>,
    }
    ///CreateTokenRequest
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
        ///accessRestrictedTo
        #[serde(
            rename = "accessRestrictedTo",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub access_restricted_to: ::std::vec::Vec<TokenPermissionEntry>,
        ///expires_at
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///name
        pub name: ::std::string::String,
    }
    ///CreatedIngestionTrackingResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CreatedIngestionTrackingResponse {
        ///id
        pub id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///CurateLinkRequest
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
        ///activate
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub activate: ::std::option::Option<bool>,
        ///dataset
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///namespace
        pub namespace: ::std::string::String,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
    }
    ///CurateLinkResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CurateLinkResponse {
        ///curatedLinks
        #[serde(
            rename = "curatedLinks",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub curated_links: ::std::vec::Vec<ApiLink>,
        ///datasetsProcessed
        #[serde(rename = "datasetsProcessed")]
        pub datasets_processed: i64,
        ///totalSelected
        #[serde(rename = "totalSelected")]
        pub total_selected: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///CurrentUserResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct CurrentUserResponse {
        ///email
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///id
        pub id: ::std::string::String,
        ///name
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///username
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///DataArray
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
    ///DataDescription
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
    ///DatasetResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct DatasetResponse {
        pub dataset: ApiDatasetDescription,
        pub metadata: ApiDatasetMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///DatasetsResponse
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
    ///ErrorResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ErrorResponse {
        ///error_code
        pub error_code: ::std::string::String,
        ///error_message
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error_message: ::std::option::Option<::std::string::String>,
        ///message
        pub message: ::std::string::String,
        ///sub_errors
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub sub_errors: ::std::vec::Vec<ErrorSubError>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ErrorSubError
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ErrorSubError {
        ///code
        pub code: ::std::string::String,
        ///message
        pub message: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ExactMatchConfig
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
        ///bidirectional
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///ignorePrivateColumns
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///minDistinct
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///minVariation
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///targetColumns
        #[serde(
            rename = "targetColumns",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub target_columns: ::std::vec::Vec<::std::string::String>,
    }
    ///FileUploadPrepareSessionRequest
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
        ///filesToUpload
        #[serde(rename = "filesToUpload")]
        pub files_to_upload: ::std::vec::Vec<
            FileUploadPrepareSessionRequestFileToUpload,
        >,
    }
    ///FileUploadPrepareSessionRequestFileToUpload
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
        ///filename
        pub filename: ::std::string::String,
        ///size
        pub size: i64,
    }
    ///FileUploadPrepareSessionResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponse {
        ///files
        pub files: ::std::vec::Vec<FileUploadPrepareSessionResponseFileInfo>,
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///FileUploadPrepareSessionResponseFileInfo
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponseFileInfo {
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///filename
        pub filename: ::std::string::String,
        ///key
        pub key: ::std::string::String,
        ///partSize
        #[serde(rename = "partSize")]
        pub part_size: i64,
        ///presignedUrls
        #[serde(rename = "presignedUrls")]
        pub presigned_urls: ::std::vec::Vec<
            FileUploadPrepareSessionResponsePresignedInfo,
        >,
        ///uploadId
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///FileUploadPrepareSessionResponsePresignedInfo
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FileUploadPrepareSessionResponsePresignedInfo {
        ///partSize
        #[serde(rename = "partSize")]
        pub part_size: i64,
        ///url
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///FinishFileUploadRequest
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
        ///key
        pub key: ::std::string::String,
        ///parts
        pub parts: ::std::vec::Vec<FinishFileUploadRequestParts>,
        ///uploadId
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///FinishFileUploadRequestParts
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
        ///etag
        pub etag: ::std::string::String,
        ///partNumber
        #[serde(rename = "partNumber")]
        pub part_number: i64,
    }
    ///FinishFileUploadResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct FinishFileUploadResponse {
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        #[serde(rename = "fileStatus")]
        pub file_status: crate::enums::UploadFileStatus,
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///FinishedMultipartItem
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
        ///etag
        pub etag: ::std::string::String,
        ///partNumber
        #[serde(rename = "partNumber")]
        pub part_number: i64,
    }
    ///FinishedMultipartRequest
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
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        ///inferBatchSize
        #[serde(
            rename = "inferBatchSize",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub infer_batch_size: ::std::option::Option<i64>,
        ///key
        pub key: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        ///name
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///parts
        pub parts: ::std::vec::Vec<FinishedMultipartItem>,
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
        ///uploadId
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
    }
    ///GeoMatchConfig
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
        ///bidirectional
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///distance
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///distanceUnit
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///ignorePrivateColumns
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///targetColumns
        #[serde(
            rename = "targetColumns",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub target_columns: ::std::vec::Vec<::std::string::String>,
    }
    ///InferCurrentValue
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
        ///description
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///schema
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: BTreeMap::is_empty"
        )]
        pub schema: ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >,
    }
    ///InferSchemaDescriptionRequest
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
        #[serde(
            rename = "currentValue",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub current_value: ::std::option::Option<InferCurrentValue>,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        pub sample: DataArray,
    }
    ///InferredDescriptionResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct InferredDescriptionResponse {
        ///description
        pub description: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///InferredSchemaResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct InferredSchemaResponse {
        ///schema
        pub schema: ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///IngestDataResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct IngestDataResponse {
        ///indexed
        pub indexed: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///IngestLink
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
        #[serde(
            rename = "ExactMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub exact_match: ::std::option::Option<ExactMatchConfig>,
        #[serde(
            rename = "GeoMatch",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub geo_match: ::std::option::Option<GeoMatchConfig>,
    }
    ///IngestLinksRequest
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
        pub data: DataArray,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
    }
    ///IngestLinksResponse
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
    ///IngestPreviewResponse
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
    ///IngestRequest
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
        ///additionalInstructions
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///curate
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub curate: ::std::option::Option<bool>,
        pub data: DataArray,
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub infer: ::std::option::Option<IngestRequestInfer>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub link: ::std::option::Option<IngestLink>,
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///IngestRequestInfer
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
        ///steps
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub steps: ::std::vec::Vec<crate::InferenceStep>,
    }
    ///IngestionItemAttributes
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct IngestionItemAttributes(
        pub ::std::option::Option<IngestionItemAttributesInner>,
    );
    impl ::std::ops::Deref for IngestionItemAttributes {
        type Target = ::std::option::Option<IngestionItemAttributesInner>;
        fn deref(&self) -> &::std::option::Option<IngestionItemAttributesInner> {
            &self.0
        }
    }
    impl ::std::convert::From<IngestionItemAttributes>
    for ::std::option::Option<IngestionItemAttributesInner> {
        fn from(value: IngestionItemAttributes) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::option::Option<IngestionItemAttributesInner>>
    for IngestionItemAttributes {
        fn from(value: ::std::option::Option<IngestionItemAttributesInner>) -> Self {
            Self(value)
        }
    }
    ///IngestionItemAttributes
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct IngestionItemAttributesInner {
        ///lastRetryAt
        #[serde(
            rename = "lastRetryAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_retry_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        ///name
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///originalIngestionId
        #[serde(
            rename = "originalIngestionId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub original_ingestion_id: ::std::option::Option<::uuid::Uuid>,
        ///seenAt
        #[serde(
            rename = "seenAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub seen_at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///o
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct LinkOptions {
        ///bidirectional
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bidirectional: ::std::option::Option<bool>,
        ///distance
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub distance: ::std::option::Option<f64>,
        ///distanceUnit
        #[serde(
            rename = "distanceUnit",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub distance_unit: ::std::option::Option<::std::string::String>,
        ///ignorePrivateColumns
        #[serde(
            rename = "ignorePrivateColumns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ignore_private_columns: ::std::option::Option<bool>,
        ///minDistinct
        #[serde(
            rename = "minDistinct",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_distinct: ::std::option::Option<f64>,
        ///minVariation
        #[serde(
            rename = "minVariation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub min_variation: ::std::option::Option<f64>,
        ///targetColumns
        #[serde(
            rename = "targetColumns",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub target_columns: ::std::vec::Vec<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ListIngestionsResponseData
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseData {
        ///data
        pub data: ::std::vec::Vec<ListIngestionsResponseDataItem>,
        pub metadata: ListIngestionsResponseMetadata,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ListIngestionsResponseDataItem
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseDataItem {
        ///attributes
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attributes: ::std::option::Option<IngestionItemAttributes>,
        ///expectedTotalBytes
        #[serde(rename = "expectedTotalBytes")]
        pub expected_total_bytes: i64,
        ///id
        pub id: ::uuid::Uuid,
        ///processedBytes
        #[serde(
            rename = "processedBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub processed_bytes: ::std::option::Option<i64>,
        ///processedRows
        #[serde(
            rename = "processedRows",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub processed_rows: ::std::option::Option<i64>,
        ///status
        pub status: ::std::string::String,
        ///statusMessage
        #[serde(
            rename = "statusMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub status_message: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ListIngestionsResponseMetadata
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListIngestionsResponseMetadata {
        ///beforeCreatedAt
        #[serde(
            rename = "beforeCreatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub before_created_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        ///pageSize
        #[serde(rename = "pageSize")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ListSessionFilesResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListSessionFilesResponse {
        ///files
        pub files: ::std::vec::Vec<ListSessionFilesResponseFileInfo>,
        #[serde(rename = "sessionId")]
        pub session_id: UploadSessionId,
        #[serde(rename = "sessionStatus")]
        pub session_status: crate::enums::UploadSessionStatus,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ListSessionFilesResponseFileInfo
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct ListSessionFilesResponseFileInfo {
        #[serde(rename = "fileId")]
        pub file_id: UploadFileId,
        ///fileSize
        #[serde(rename = "fileSize")]
        pub file_size: i64,
        ///filename
        pub filename: ::std::string::String,
        ///s3Bucket
        #[serde(rename = "s3Bucket")]
        pub s3_bucket: ::std::string::String,
        ///s3Key
        #[serde(rename = "s3Key")]
        pub s3_key: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ModifyOntologyRequest
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
        ///add
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub add: ::std::vec::Vec<ApiLink>,
        ///remove
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub remove: ::std::vec::Vec<ApiLink>,
    }
    ///NamedEntitiesStep
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
    ///NormaliseStep
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
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///h
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        pub mode: crate::enums::NormaliseMode,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///targetCols
        #[serde(
            rename = "targetCols",
            default,
            skip_serializing_if = ":: std :: collections :: BTreeMap::is_empty"
        )]
        pub target_cols: ::std::collections::BTreeMap<
            ::std::string::String,
            ::std::string::String,
        >,
    }
    ///OntologyResponse
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
    ///OperationResult
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
    ///PrepareMultipartRequest
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
        ///filename
        pub filename: ::std::string::String,
        ///size
        pub size: i64,
    }
    ///PrepareMultipartResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct PrepareMultipartResponse {
        ///key
        pub key: ::std::string::String,
        ///partSize
        #[serde(rename = "partSize")]
        pub part_size: i64,
        ///presignedUrls
        #[serde(rename = "presignedUrls")]
        pub presigned_urls: ::std::vec::Vec<PresignedUrlItem>,
        ///uploadId
        #[serde(rename = "uploadId")]
        pub upload_id: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///PresignedUrlItem
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct PresignedUrlItem {
        ///size
        pub size: i64,
        ///url
        pub url: crate::Secret,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///QueryDataRequest
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
        ///dataset
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///explainRequested
        #[serde(
            rename = "explainRequested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_requested: ::std::option::Option<bool>,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///namespace
        pub namespace: ::std::string::String,
        ///naturalLanguageQuery
        #[serde(
            rename = "naturalLanguageQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub natural_language_query: ::std::option::Option<::std::string::String>,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///query
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub query: ::std::option::Option<::std::string::String>,
        ///username
        pub username: ::std::string::String,
    }
    ///QueryExplainResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryExplainResponse {
        ///children
        pub children: ::std::vec::Vec<QueryExplainResponse>,
        #[serde(rename = "datasetQueriesStat")]
        pub dataset_queries_stat: QueryExplainResponseDatasetQueriesStat,
        ///duration
        pub duration: crate::IsoDuration,
        ///id
        pub id: ::std::string::String,
        ///start
        pub start: ::chrono::DateTime<::chrono::offset::Utc>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///QueryExplainResponseDatasetQueriesStat
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryExplainResponseDatasetQueriesStat {
        ///dataset
        pub dataset: ::std::string::String,
        ///namespace
        pub namespace: ::std::string::String,
        ///resultCount
        #[serde(rename = "resultCount")]
        pub result_count: i64,
        ///username
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///QueryResponseData
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryResponseData {
        pub data: DataArray,
        #[serde(
            rename = "explainResults",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explain_results: ::std::option::Option<QueryExplainResponse>,
        pub metadata: QueryResponseMetadata,
        #[serde(
            rename = "resultType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub result_type: ::std::option::Option<OperationResult>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///QueryResponseMetadata
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct QueryResponseMetadata {
        ///count
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///executedQuery
        #[serde(
            rename = "executedQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub executed_query: ::std::option::Option<::std::string::String>,
        ///finalDataset
        #[serde(
            rename = "finalDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub final_dataset: ::std::option::Option<::std::string::String>,
        ///originalQuery
        #[serde(
            rename = "originalQuery",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub original_query: ::std::option::Option<::std::string::String>,
        ///startingDataset
        #[serde(
            rename = "startingDataset",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub starting_dataset: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///RequestCleaningRequest
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
        ///outputDatasetName
        #[serde(rename = "outputDatasetName")]
        pub output_dataset_name: ::std::string::String,
        ///outputNamespace
        #[serde(rename = "outputNamespace")]
        pub output_namespace: ::std::string::String,
        ///prompts
        pub prompts: ::std::vec::Vec<::std::string::String>,
    }
    ///RequestCleaningResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct RequestCleaningResponse {
        ///cleaningTaskId
        #[serde(rename = "cleaningTaskId")]
        pub cleaning_task_id: ::uuid::Uuid,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ReverseGeoStep
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
        ///deriveFrom
        #[serde(
            rename = "deriveFrom",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub derive_from: ::std::option::Option<::std::string::String>,
    }
    ///RowsStep
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
        ///deriveFrom
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
    }
    ///RunStartedEvent
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct RunStartedEvent {
        ///conversationId
        #[serde(
            rename = "conversationId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub conversation_id: ::std::option::Option<::std::string::String>,
        ///runId
        #[serde(
            rename = "runId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///SchemaDefinition
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
    ///ShareAccessRequest
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
        pub role: crate::enums::AccessRole,
        ///username
        pub username: ::std::string::String,
    }
    ///TableStep
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
        ///additionalInstructions
        #[serde(
            rename = "additionalInstructions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_instructions: ::std::option::Option<::std::string::String>,
        ///deriveFrom
        #[serde(rename = "deriveFrom")]
        pub derive_from: ::std::string::String,
        ///h
        #[serde(
            rename = "helperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub helper_prompt: ::std::option::Option<::std::string::String>,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///provider
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        ///replaceOriginalColumn
        #[serde(
            rename = "replaceOriginalColumn",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub replace_original_column: ::std::option::Option<bool>,
    }
    ///TokenPermissionEntry
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct TokenPermissionEntry {
        ///dataset
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dataset: ::std::option::Option<::std::string::String>,
        ///namespace
        pub namespace: ::std::string::String,
        ///username
        pub username: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///TokenPermissionsResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct TokenPermissionsResponse {
        ///permissions
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub permissions: ::std::vec::Vec<TokenPermissionEntry>,
        ///restricted
        pub restricted: bool,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UpdateInferDefinitionRequest
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
        #[serde(
            rename = "dataDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_description: ::std::option::Option<DataDescription>,
        ///f
        #[serde(
            rename = "fieldDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub field_definition: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "schemaDefinition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub schema_definition: ::std::option::Option<SchemaDefinition>,
    }
    ///UpdateSortOrderRequest
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
        ///order
        pub order: ::std::vec::Vec<::std::string::String>,
    }
    ///UploadFileId
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
    ///UploadSessionId
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
    ///UserToken
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserToken {
        ///created_at
        pub created_at: ::std::string::String,
        ///expires_at
        pub expires_at: ::std::string::String,
        ///id
        pub id: ::std::string::String,
        ///last_used_at
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///name
        pub name: ::std::string::String,
        ///token
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub token: ::std::option::Option<crate::Secret>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserTokenResponse
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
    ///UserUsageByDayItem
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayItem {
        ///costUSD
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///date
        pub date: ::chrono::naive::NaiveDate,
        ///tokensUsed
        #[serde(rename = "tokensUsed")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageByDayMeta
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayMeta {
        ///timeZoneForAggregation
        #[serde(rename = "timeZoneForAggregation")]
        pub time_zone_for_aggregation: ::std::string::String,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageByDayResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageByDayResponse {
        ///data
        pub data: ::std::vec::Vec<UserUsageByDayItem>,
        pub meta: UserUsageByDayMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageHistoryCursor
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryCursor {
        ///lastObservationId
        #[serde(rename = "lastObservationId")]
        pub last_observation_id: ::std::string::String,
        ///lastStartTime
        #[serde(rename = "lastStartTime")]
        pub last_start_time: ::chrono::DateTime<::chrono::offset::Utc>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageHistoryItem
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryItem {
        ///costUSD
        #[serde(rename = "costUSD")]
        pub cost_usd: f64,
        ///timestamp
        pub timestamp: ::chrono::DateTime<::chrono::offset::Utc>,
        ///tokensUsed
        #[serde(rename = "tokensUsed")]
        pub tokens_used: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageHistoryMeta
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryMeta {
        #[serde(
            rename = "pageCursor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub page_cursor: ::std::option::Option<UserUsageHistoryCursor>,
        ///pageSize
        #[serde(rename = "pageSize")]
        pub page_size: i64,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///UserUsageHistoryResponse
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        PartialEq,
        schemars::JsonSchema
    )]
    pub struct UserUsageHistoryResponse {
        ///data
        pub data: ::std::vec::Vec<UserUsageHistoryItem>,
        pub meta: UserUsageHistoryMeta,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///ValidateStep
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
        ///columns
        pub columns: ::std::vec::Vec<::std::string::String>,
        pub mode: crate::enums::ValidateMode,
        ///model
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///provider
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

d

Version: 2.2.0*/
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
        "2.2.0"
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
    /**listA2aAgents

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
    /**a2aJsonRpc

Sends a `POST` request to `/a2a/{agentName}`

Arguments:
- `agent_name`: p
- `body`: b
*/
    pub async fn a2a_json_rpc<'a>(
        &'a self,
        agent_name: &'a crate::PathSegment,
        body: &'a types::A2aJsonRpcRequest,
    ) -> Result<ResponseValue<types::A2aJsonRpcResponse>, Error<types::ErrorResponse>> {
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
            operation_id: "a2a_json_rpc",
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
    /**getA2aAgentCard

Sends a `GET` request to `/a2a/{agentName}/.well-known/agent-card.json`

Arguments:
- `agent_name`: p
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
    /**getCleaningTaskCode

Sends a `GET` request to `/agents/cleaning/{cleaningTaskId}/code`

Arguments:
- `cleaning_task_id`: p
*/
    pub async fn get_cleaning_task_code<'a>(
        &'a self,
        cleaning_task_id: &'a crate::PathSegment,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::CleanerAgentCodeFile>>,
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
    /**requestCleaning

Sends a `POST` request to `/agents/{username}/{namespace}/{datasetName}/requestCleaning`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**getDatasets

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
    /**getDatasetsInNamespace

Sends a `GET` request to `/data/{namespace}`

Arguments:
- `namespace`: p
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
    /**balefireNamespace

Sends a `DELETE` request to `/data/{username}/{namespace}/balefire`

Arguments:
- `username`: p
- `namespace`: p
*/
    pub async fn balefire_namespace<'a>(
        &'a self,
        username: &'a crate::PathSegment,
        namespace: &'a crate::PathSegment,
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
    /**renameNamespace

Sends a `POST` request to `/data/{username}/{namespace}/rename`

Arguments:
- `username`: p
- `namespace`: p
- `body`: b
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
    /**getDatasetInformation

Sends a `GET` request to `/data/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**balefireDataset

Sends a `DELETE` request to `/data/{username}/{namespace}/{datasetName}/balefire`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**clearDataset

Sends a `POST` request to `/data/{username}/{namespace}/{datasetName}/clear`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**updateInferDefinition

Sends a `PUT` request to `/data/{username}/{namespace}/{datasetName}/inferDefinition`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**listIngestions

Sends a `GET` request to `/data/{username}/{namespace}/{datasetName}/ingest/attempts`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `before_created_at`: q
- `page_size`: q
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
    /**renameDataset

Sends a `POST` request to `/data/{username}/{namespace}/{datasetName}/rename`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**prepareFileUpload

Sends a `POST` request to `/file-upload/prepare`

Arguments:
- `body`: b
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
    /**abortFileUpload

Sends a `POST` request to `/file-upload/{sessionId}/abort`

Arguments:
- `session_id`: p
*/
    pub async fn abort_file_upload<'a>(
        &'a self,
        session_id: &'a crate::PathSegment,
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
    /**listSessionFiles

Sends a `GET` request to `/file-upload/{sessionId}/files`

Arguments:
- `session_id`: p
*/
    pub async fn list_session_files<'a>(
        &'a self,
        session_id: &'a crate::PathSegment,
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
    /**finishFileUpload

Sends a `POST` request to `/file-upload/{sessionId}/files/{fileId}/finish`

Arguments:
- `session_id`: p
- `file_id`: p
- `body`: b
*/
    pub async fn finish_file_upload<'a>(
        &'a self,
        session_id: &'a crate::PathSegment,
        file_id: &'a crate::PathSegment,
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
    /**inferDescription

Sends a `POST` request to `/infer/description`

Arguments:
- `body`: b
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
    /**previewInfer

Sends a `POST` request to `/infer/preview`

Arguments:
- `body`: b
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
    /**inferSchema

Sends a `POST` request to `/infer/schema`

Arguments:
- `body`: b
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
    /**createDataset

Sends a `POST` request to `/ingest/new/{namespace}/{datasetName}`

Arguments:
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**ingestData

Sends a `POST` request to `/ingest/{namespace}/{datasetName}`

Arguments:
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**retryIngestion

Sends a `POST` request to `/ingestionTracking/{ingestionId}/retry`

Arguments:
- `ingestion_id`: p
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
    /**markIngestionSeen

Sends a `POST` request to `/ingestionTracking/{ingestionId}/seen`

Arguments:
- `ingestion_id`: p
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
    /**addLink

Sends a `POST` request to `/links/add`

Arguments:
- `body`: b
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
    /**previewLinks

Sends a `POST` request to `/links/preview/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**getLinks

Sends a `GET` request to `/links/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**rebuildLinks

Sends a `POST` request to `/links/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**curateLinks

Sends a `POST` request to `/ontology/curate-links`

Arguments:
- `body`: b
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
    /**getConnectedLinks

Sends a `GET` request to `/ontology/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**saveConnections

Sends a `POST` request to `/ontology/{username}/{namespace}/{datasetName}`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**listDatasetShares

Sends a `GET` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
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
    /**shareDatasetAccess

Sends a `POST` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**revokeDatasetAccess

Sends a `DELETE` request to `/permissions/datasets/{username}/{namespace}/{datasetName}/shares`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**listNamespaceShares

Sends a `GET` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: p
- `namespace`: p
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
    /**shareNamespaceAccess

Sends a `POST` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: p
- `namespace`: p
- `body`: b
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
    /**revokeNamespaceAccess

Sends a `DELETE` request to `/permissions/namespaces/{username}/{namespace}/shares`

Arguments:
- `username`: p
- `namespace`: p
- `body`: b
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
    /**queryData

Sends a `POST` request to `/query`

Arguments:
- `body`: b
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
    /**autoragStream

Sends a `POST` request to `/query/ask`

Arguments:
- `body`: b
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
    /**autorag

Sends a `POST` request to `/query/autorag`

Arguments:
- `body`: b
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
    /**listConversations

Sends a `GET` request to `/query/conversations`

Arguments:
- `namespace`: q
- `username`: q
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
    /**getConversation

Sends a `GET` request to `/query/conversations/{conversationId}`

Arguments:
- `conversation_id`: p
*/
    pub async fn get_conversation<'a>(
        &'a self,
        conversation_id: &'a crate::PathSegment,
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
    /**getAgentRunStatus

Sends a `GET` request to `/query/runs/{runId}`

Arguments:
- `run_id`: p
*/
    pub async fn get_agent_run_status<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
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
    /**deleteAgentRun

Sends a `DELETE` request to `/query/runs/{runId}`

Arguments:
- `run_id`: p
*/
    pub async fn delete_agent_run<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
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
    /**submitAgentRunFeedback

Sends a `POST` request to `/query/runs/{runId}/feedback`

Arguments:
- `run_id`: p
- `body`: b
*/
    pub async fn submit_agent_run_feedback<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
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
    /**resumeAgentRun

Sends a `POST` request to `/query/runs/{runId}/resume`

Arguments:
- `run_id`: p
*/
    pub async fn resume_agent_run<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
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
    /**listAllDatasets

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
    /**updateSortOrder

Sends a `PUT` request to `/schema/{username}/{namespace}/{datasetName}/sort-order`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**listUserNamespaces

Sends a `GET` request to `/schema/{user}/namespaces`

Arguments:
- `user`: p
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
    /**listDatasetsWithinNamespace

Sends a `GET` request to `/schema/{user}/{namespace}/datasets`

Arguments:
- `user`: p
- `namespace`: p
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
    /**abortMultipartUpload

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/abort`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**finishMultipartUpload

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/finish`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**prepareMultipartUpload

Sends a `POST` request to `/upload/multipart/{username}/{namespace}/{datasetName}/prepare`

Arguments:
- `username`: p
- `namespace`: p
- `dataset_name`: p
- `body`: b
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
    /**getCurrentUser

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
    /**addToken

Sends a `POST` request to `/user/token`

Arguments:
- `body`: b
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
    /**deleteToken

Sends a `DELETE` request to `/user/token/{tokenId}`

Arguments:
- `token_id`: p
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
    /**listTokens

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
    /**listTokenPermissions

Sends a `GET` request to `/user/tokens/{tokenId}/permissions`

Arguments:
- `token_id`: p
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
    /**getUserUsageByDay

Sends a `GET` request to `/user/usage/by-day`

Arguments:
- `before`: q
- `on_or_after`: q
- `time_zone_for_aggregation`: q
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
    /**getUserUsageHistory

Sends a `GET` request to `/user/usage/history`

Arguments:
- `before`: q
- `on_or_after`: q
- `page_cursor`: q
- `page_size`: q
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
