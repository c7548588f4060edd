#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
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
    ///An event of a run. Only the types `complete` and `error` are known, and each ends the run.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct PipelineEvent {
        ///The kind of event.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///An answer to a question of a run. The fields depend on the question.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(transparent)]
    pub struct PipelineHookRequest(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for PipelineHookRequest {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<PipelineHookRequest>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: PipelineHookRequest) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for PipelineHookRequest {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///The acknowledgment of an answer. The service does not document the fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(transparent)]
    pub struct PipelineHookResponse(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for PipelineHookResponse {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<PipelineHookResponse>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: PipelineHookResponse) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for PipelineHookResponse {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///The models of the inference that the pipeline starts.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct PipelineInferenceSettings {
        ///The model of the inference steps.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The model for the selection of links.
        #[serde(
            rename = "ontologyCurationModel",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ontology_curation_model: ::std::option::Option<::std::string::String>,
        ///The provider for the selection of links.
        #[serde(
            rename = "ontologyCurationProvider",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ontology_curation_provider: ::std::option::Option<::std::string::String>,
        ///The provider of the inference steps.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///The model of the pipeline.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct PipelineLlmSettings {
        ///The temperature for joining the data.
        #[serde(
            rename = "coalescenceTemperature",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub coalescence_temperature: ::std::option::Option<f64>,
        ///The temperature for evaluating proposals.
        #[serde(
            rename = "evaluationTemperature",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub evaluation_temperature: ::std::option::Option<f64>,
        ///The temperature for splitting the data.
        #[serde(
            rename = "explosionTemperature",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explosion_temperature: ::std::option::Option<f64>,
        ///The model, by name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub model: ::std::option::Option<::std::string::String>,
        ///The temperature for linking.
        #[serde(
            rename = "ontologyTemperature",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub ontology_temperature: ::std::option::Option<f64>,
        ///The provider, by name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub provider: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Data for a pipeline, given in exactly one of `data`, `dataUrl` and `dataBlobUrl`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct PipelineRunRequest {
        ///Instructions for joining the data.
        #[serde(
            rename = "coalescenceHelperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub coalescence_helper_prompt: ::std::option::Option<::std::string::String>,
        ///The data as rows.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<DataArray>,
        ///The URL of the data in a blob storage.
        #[serde(
            rename = "dataBlobUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_blob_url: ::std::option::Option<crate::Secret>,
        ///The URL from which the data is fetched.
        #[serde(
            rename = "dataUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_url: ::std::option::Option<crate::Secret>,
        ///The models of the inference that the pipeline starts.
        #[serde(
            rename = "datalinksInferenceSettings",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub datalinks_inference_settings: ::std::option::Option<
            PipelineInferenceSettings,
        >,
        ///The owner of the namespace.
        #[serde(rename = "datalinksUsername")]
        pub datalinks_username: ::std::string::String,
        ///Allows the run to stop and ask a person.
        #[serde(rename = "enableHumanInTheLoop")]
        pub enable_human_in_the_loop: bool,
        ///Instructions for splitting the data.
        #[serde(
            rename = "explosionHelperPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub explosion_helper_prompt: ::std::option::Option<::std::string::String>,
        ///Enables the ingestion of the data.
        pub ingest: bool,
        ///The model of the pipeline.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub llm: ::std::option::Option<PipelineLlmSettings>,
        ///Maximum number of times that a proposal of the model may be sent back. The vendor's client sends 3 by default.
        #[serde(rename = "maxEvalRetries")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub max_eval_retries: i64,
        ///Number of rows that the modeling reads. The vendor's client sends 20 by default.
        #[serde(rename = "maxRowsForModeling")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub max_rows_for_modeling: i64,
        ///Number of rows per request to a model. The vendor's client sends 10 by default.
        #[serde(rename = "maxSampleRows")]
        #[serde(deserialize_with = "crate::whole::required")]
        pub max_sample_rows: i64,
        ///Enables the modeling of the data. This `model` is a flag, whereas other schemas use `model` for a name.
        pub model: bool,
        ///The namespace that the data goes to.
        pub namespace: ::std::string::String,
        ///Enables the linking of the data.
        pub ontology: bool,
        ///The schema that the run must use. An object in the vendor's Python client, an array of dataset schemas in its documentation. Neither documents the fields.
        #[serde(
            rename = "predefinedSchema",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub predefined_schema: ::std::option::Option<::serde_json::Value>,
        ///Instructions and background for the run.
        #[serde(
            rename = "userPrompt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_prompt: ::std::option::Option<::std::string::String>,
    }
    ///The trace of a run. The service documents the field `runId` only.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(transparent)]
    pub struct PipelineTrace(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for PipelineTrace {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<PipelineTrace>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: PipelineTrace) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for PipelineTrace {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
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
    /**Start a pipeline

Starts a run that models, ingests and links data by itself. The header `x-workflow-run-id` contains the id of the run. The vendor's client reads nothing else of this response and follows the run through its stream.

Sends a `POST` request to `/api/pipeline`

Arguments:
- `body`: The data, and the options of the run.
*/
    pub async fn run_pipeline<'a>(
        &'a self,
        body: &'a types::PipelineRunRequest,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!("{}/api/pipeline", self.baseurl,);
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "run_pipeline",
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
    /**Answer a question of a pipeline

Answers a question for which a run waits, such as a clarification, the review of a schema, or a fresh token.

Sends a `POST` request to `/api/pipeline/{runId}/hook`

Arguments:
- `run_id`: The pipeline run, by the id in the header `x-workflow-run-id`.
- `body`: The answer. The fields depend on the question.
*/
    pub async fn resume_pipeline_hook<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
        body: &'a types::PipelineHookRequest,
    ) -> Result<
        ResponseValue<types::PipelineHookResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!(
            "{}/api/pipeline/{}/hook", self.baseurl, encode_path(& run_id.to_string()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::POST, url)
            .json(&body)
            .build()?;
        let info = OperationInfo {
            operation_id: "resume_pipeline_hook",
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
    /**Follow a pipeline

Streams the events of a run as NDJSON, one JSON object per line, from a given event on. Only an event of type `complete` or `error` ends the run. If the body ends earlier, call again with the number of events received so far.

Sends a `GET` request to `/api/pipeline/{runId}/stream`

Arguments:
- `run_id`: The pipeline run, by the id in the header `x-workflow-run-id`.
- `start_index`: Index of the first event to send, counted from 0. Use the number of events received so far.
*/
    pub async fn stream_pipeline<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
        start_index: Option<i64>,
    ) -> Result<ResponseValue<ByteStream>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/api/pipeline/{}/stream", self.baseurl, encode_path(& run_id.to_string()),
        );
        #[allow(unused_mut)]
        let mut request = self
            .begin_request(::reqwest::Method::GET, url)
            .query(&progenitor_client::QueryParam::new("startIndex", &start_index))
            .build()?;
        let info = OperationInfo {
            operation_id: "stream_pipeline",
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
    /**Read the trace of a pipeline

Returns the trace of a run: model calls, tokens, and the time of each step.

Sends a `GET` request to `/api/pipeline/{runId}/trace`

Arguments:
- `run_id`: The pipeline run, by the id in the header `x-workflow-run-id`.
*/
    pub async fn get_pipeline_trace<'a>(
        &'a self,
        run_id: &'a crate::PathSegment,
    ) -> Result<ResponseValue<types::PipelineTrace>, Error<types::ErrorResponse>> {
        let url = format!(
            "{}/api/pipeline/{}/trace", self.baseurl, encode_path(& run_id.to_string()),
        );
        #[allow(unused_mut)]
        let mut request = self.begin_request(::reqwest::Method::GET, url).build()?;
        let info = OperationInfo {
            operation_id: "get_pipeline_trace",
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
