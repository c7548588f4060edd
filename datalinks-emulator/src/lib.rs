//! A local server that implements the DataLinks API, for development and tests.
//!
//! [`Emulator`] serves the DataLinks API and its ingest proxy on a free port of the loopback interface. Datasets, rows,
//! links and pipeline runs are stored until the emulator stops, or permanently in [a data directory](#state-as-files).
//! The emulator needs no account and no network. The only server it contacts is the model server that
//! [`EmulatorBuilder::model_url`] configures.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use datalinks_emulator::{Emulator, Fault};
//!
//! let emulator = Emulator::start().await?;
//! // A proxy that the environment configures cannot reach the loopback interface.
//! let http = reqwest::Client::builder().no_proxy().build()?;
//! let url = |path: &str| format!("{}{path}", emulator.api_url());
//! let post = |path: &str, body: &'static str| http.post(url(path)).bearer_auth(emulator.api_key()).body(body);
//!
//! let created = post("/ingest/new/cinema/films", "{}").send().await?;
//! assert_eq!(created.status(), 201);
//!
//! // The first ingest call fails with status 503, the second one succeeds.
//! emulator.faults().inject(Fault::new("ingestData").status(503))?;
//! let rows = r#"{"data": [{"title": "Alien", "year": 1979}, {"title": "Heat", "year": 1995}]}"#;
//! assert_eq!(post("/ingest/cinema/films", rows).send().await?.status(), 503);
//! let stored = post("/ingest/cinema/films", rows).send().await?;
//! assert_eq!(stored.text().await?, r#"{"indexed":2}"#);
//!
//! let query = r#"{"username": "self", "namespace": "cinema", "query": "Ontology(films).filter(year > 1990)"}"#;
//! let found = post("/query", query).send().await?.text().await?;
//! assert!(found.starts_with(r#"{"data":[{"title":"Heat","year":1995}]"#));
//!
//! assert_eq!(emulator.requests().len(), 4);
//! # Ok(())
//! # }
//! ```
//!
//! # Computed, scripted, unsupported
//!
//! The header `x-datalinks-emulator` of every response contains a label that says how the response was produced.
//!
//! - `computed`: from the emulator's state, or by the configured model. Errors are computed as well.
//! - `recorded`: from a model completion that was recorded in a [cassette](EmulatorBuilder::cassettes).
//! - `partly-scripted`: computed, except for a part that is rule-based or made up. Without a model, the rule-based parts
//!   are rows after inference steps other than `rows` (`ingestData`, `previewInfer`, `finishMultipartUpload`), links after
//!   `curate`, rows that answer a question in `queryData`, and the status of a run or a conversation with rule-based
//!   results. Usage that is not empty is always partly scripted, because the service's prices are not public. Token
//!   counts are made up where a rule replaced a model.
//! - `scripted`: fixed in advance, or rule-based where the service would call a model. Without a model, `autorag` and
//!   `autoragStream` run real queries that a fixed rule chooses, and report their results. Every text in these responses
//!   states that no model wrote it. Pipeline runs store real rows. Where a model would take part and none is configured, a
//!   run emits an event with `"scripted": true`. A rule curates links and cleans datasets. Error responses of injected
//!   faults are scripted as well. The header `x-datalinks-emulator-fault` names the fault that acted on a response.
//! - `unsupported`: status 501 with the error code `NOT_IMPLEMENTED`. The emulator never invents a response. Files in an
//!   unsupported format get this response. With [`EmulatorBuilder::strict_responses`], so does every request whose
//!   response would be rule-based, as a whole or in part. The [query language](query) is supported completely.
//!
//! | resource | supported operations |
//! |---|---|
//! | datasets | `createDataset`, `getDatasetInformation`, `getDatasets`, `getDatasetsInNamespace`, `listAllDatasets`, `listDatasetsWithinNamespace`, `listUserNamespaces`, `updateInferDefinition`, `updateSortOrder`, `renameDataset`, `renameNamespace`, `clearDataset`, `balefireDataset`, `balefireNamespace`; partly scripted: `ingestData`, `previewInfer` |
//! | links | `addLink`, `getLinks`, `getConnectedLinks`, `previewLinks`, `rebuildLinks`, `saveConnections`; scripted: `curateLinks` |
//! | uploads | `prepareMultipartUpload`, `abortMultipartUpload`, `prepareFileUpload`, `finishFileUpload`, `abortFileUpload`, `listSessionFiles`; partly scripted: `finishMultipartUpload`; presigned URLs point to the emulator itself |
//! | ingestions | `listIngestions`, `retryIngestion`, `markIngestionSeen` |
//! | suggestions | scripted without a model: `inferDescription`, `inferSchema` |
//! | queries | partly scripted: `queryData`; scripted: `autorag`, `autoragStream` |
//! | ingest proxy | `getPipelineTrace`, `resumePipelineHook`; scripted: `runPipeline`, `streamPipeline` |
//! | runs and conversations | `deleteAgentRun`, `submitAgentRunFeedback`, `listConversations`; partly scripted: `getAgentRunStatus`, `getConversation`; scripted: `resumeAgentRun` |
//! | cleaning | scripted: `getCleaningTaskCode`, `requestCleaning` |
//! | agents | `listA2aAgents`, `getA2aAgentCard`; scripted: `a2aJsonRpc` |
//! | build specs | `listBuildSpecs`, `createBuildSpec`, `getBuildSpec`, `editBuildSpec`, `deleteBuildSpec`; stored but never run |
//! | shares | `shareDatasetAccess`, `revokeDatasetAccess`, `listDatasetShares`, `shareNamespaceAccess`, `revokeNamespaceAccess`, `listNamespaceShares` |
//! | tokens | `addToken`, `deleteToken`, `listTokens`, `listTokenPermissions` |
//! | user | `getCurrentUser`; partly scripted: `getUserUsageHistory`, `getUserUsageByDay` |
//!
//! # The page and the control API
//!
//! The root path, for example `http://127.0.0.1:7070/`, serves a web page about the emulator's state. The page shows
//!
//! - the datasets, their first rows sorted by any column, and the query that finds these rows,
//! - a diagram of the links between datasets,
//! - the requests as they arrive,
//! - the pending faults,
//! - the label of each operation's responses and the number of its calls.
//!
//! On the page, one can also inject and remove faults, set the clock, and save, restore or reset the state. The page
//! reads its data from the control API: `/_emulator/overview`, `/_emulator/rows`, `/_emulator/requests` (server-sent
//! events) and `/_emulator/coverage`, which also returns the method and path of each operation. `/_emulator/work` counts
//! the steps of work of all requests, so that two requests can be compared without measuring time. `/openapi.json`
//! returns the OpenAPI document with this emulator as its server. Requests to the page and the control API are not
//! logged, trigger no fault and consume no id, so they do not change later responses.
//!
//! # Network access
//!
//! By default, an emulator listens on the loopback interface, and responds only to requests whose `Host` header names the
//! loopback interface (`localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`, with any port). A request with any other host
//! gets status 403 on every path. This prevents DNS rebinding, where the host name of a website resolves to a loopback
//! address. [`EmulatorBuilder::allow_host`] adds names, such as that of a container. The published default key is
//! rejected together with such a name.
//!
//! The API requires a key. The page and the endpoints below `/_emulator/` require none on the loopback interface. They
//! reject all requests that a browser sends on behalf of another website.
//!
//! [`EmulatorBuilder::allow_other_hosts`] permits an address that other machines can reach. This has the following
//! consequences:
//!
//! - Traffic is not encrypted. Everybody who has a key, or can read the traffic, can use the API from other machines. The
//!   published default key is rejected for such an address.
//! - Other machines can also reach the page and the endpoints below `/_emulator/`, which can read and replace the whole
//!   state. These then require the key of the emulator ([`EmulatorBuilder::api_key`]) for every request, as a bearer
//!   token or as the password that a browser prompts for. The key is also required for requests that use a name from
//!   [`EmulatorBuilder::allow_host`].
//! - Presigned URLs of uploads require no key, as in every configuration.
//! - The `Host` header may contain any IP address.
//!
#![doc = include_str!("../docs/state.md")]
//!
#![doc = include_str!("../docs/limits.md")]
//!
#![doc = include_str!("../docs/decisions.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::disallowed_macros, reason = "values written out in a test"))]

mod a2a;
mod accounts;
mod admin;
mod api;
mod ask;
mod build_specs;
mod builder;
mod cleaning;
mod coding;
mod concurrency;
mod contract;
mod drivers;
mod emulator;
mod error;
mod faults;
mod ingestion;
mod linking;
mod models;
mod persistence;
mod pipeline;
pub mod query;
mod request;
mod resources;
mod response;
mod runtime;
mod server;
mod state;
mod steps;
mod store;
mod uploads;
mod usage;

pub use builder::EmulatorBuilder;
pub use emulator::Emulator;
pub use error::{EmulatorError, Stopped};
pub use faults::{Fault, FaultError, Faults};
pub use models::{Cassettes, ModelSetupError};
pub use persistence::{DataDirError, StateError};
pub use response::{Coverage, OperationCoverage, OperationPath};
pub use runtime::RequestRecord;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
