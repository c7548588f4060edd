//! A DataLinks server for one machine.
//!
//! [`Emulator`] serves the DataLinks API and its ingest proxy on a free port of the loopback
//! interface. It really keeps what it is given: datasets, rows, links and pipeline runs
//! live until the emulator stops, or longer, [as files](#state-as-files). It needs no account and no
//! network, and contacts nothing but the model that it may be [given](EmulatorBuilder::model_url).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use datalinks_emulator::{Emulator, Fault};
//!
//! let emulator = Emulator::start().await?;
//! // A proxy of the environment does not reach this machine.
//! let http = reqwest::Client::builder().no_proxy().build()?;
//! let url = |path: &str| format!("{}{path}", emulator.api_url());
//! let post = |path: &str, body: &'static str| http.post(url(path)).bearer_auth(emulator.api_key()).body(body);
//!
//! let created = post("/ingest/new/cinema/films", "{}").send().await?;
//! assert_eq!(created.status(), 201);
//!
//! // The first ingest call is turned away, the second is carried out.
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
//! Every response says in its header `x-datalinks-emulator` how it came about.
//!
//! - `computed`: worked out from what the emulator holds, or by a model that it was given. Refusals are
//!   computed, too.
//! - `recorded`: a model said it once, and [cassettes](EmulatorBuilder::cassettes) kept it.
//! - `partly-scripted`: computed, except for a part that a rule made in the place of a model, or that the emulator made
//!   up. Without a model these are rows after inference steps other than `rows` (`ingestData`, `previewInfer`,
//!   `finishMultipartUpload`), links after `curate`, rows that answer a question in `queryData`, and the status of a run
//!   or a conversation with results of a rule. Usage with any item in it is partly scripted in every case: the price
//!   is the emulator's own, and so are the tokens where a rule took the place of a model.
//! - `scripted`: written beforehand, or by a rule in the place of a model. Without a model, `autorag` and
//!   `autoragStream` run real queries, chosen by a fixed rule, and report what these found; no text in them comes
//!   from a model, and each says so. Pipeline runs store rows for real; where a model would work and there is none, an event with
//!   `"scripted": true` stands in its place. Links are curated by a rule, and datasets cleaned by one. Injected faults are scripted as well, and named in the header
//!   `x-datalinks-emulator-fault`.
//! - `unsupported`: status 501 and the error code `NOT_IMPLEMENTED`. The emulator never invents an
//!   answer. This is the response to files that it cannot read and, [if it is strict](EmulatorBuilder::strict_responses),
//!   to everything that a rule would answer, whole or in part, in the place of a model.
//!   The [query language](query) is computed as a whole.
//!
//! | resource | operations carried out |
//! |---|---|
//! | datasets | `createDataset`, `getDatasetInformation`, `getDatasets`, `getDatasetsInNamespace`, `listAllDatasets`, `listDatasetsWithinNamespace`, `listUserNamespaces`, `updateInferDefinition`, `updateSortOrder`, `renameDataset`, `renameNamespace`, `clearDataset`, `balefireDataset`, `balefireNamespace`; partly scripted: `ingestData`, `previewInfer` |
//! | links | `addLink`, `getLinks`, `getConnectedLinks`, `previewLinks`, `rebuildLinks`, `saveConnections`; scripted: `curateLinks` |
//! | uploads | `prepareMultipartUpload`, `abortMultipartUpload`, `prepareFileUpload`, `finishFileUpload`, `abortFileUpload`, `listSessionFiles`; partly scripted: `finishMultipartUpload`; presigned URLs lead to the emulator itself |
//! | ingestions | `listIngestions`, `retryIngestion`, `markIngestionSeen` |
//! | suggestions | scripted without a model: `inferDescription`, `inferSchema` |
//! | queries | partly scripted: `queryData`; scripted: `autorag`, `autoragStream` |
//! | ingest proxy | `getPipelineTrace`, `resumePipelineHook`; scripted: `runPipeline`, `streamPipeline` |
//! | runs and conversations | `deleteAgentRun`, `submitAgentRunFeedback`, `listConversations`; partly scripted: `getAgentRunStatus`, `getConversation`; scripted: `resumeAgentRun` |
//! | cleaning | scripted: `getCleaningTaskCode`, `requestCleaning` |
//! | agents | `listA2aAgents`, `getA2aAgentCard`; scripted: `a2aJsonRpc` |
//! | build specs | `listBuildSpecs`, `createBuildSpec`, `getBuildSpec`, `editBuildSpec`, `deleteBuildSpec`; stored and never run |
//! | shares | `shareDatasetAccess`, `revokeDatasetAccess`, `listDatasetShares`, `shareNamespaceAccess`, `revokeNamespaceAccess`, `listNamespaceShares` |
//! | tokens | `addToken`, `deleteToken`, `listTokens`, `listTokenPermissions` |
//! | user | `getCurrentUser`; partly scripted: `getUserUsageHistory`, `getUserUsageByDay` |
//!
//! # To look at
//!
//! At its root, e.g. `http://127.0.0.1:7070/`, an emulator serves a page that shows what it holds: datasets with
//! their first rows, sorted by any column, and the query that finds these, the links between them as a picture, requests as they come, faults that have still to act, how
//! each operation is answered, and how often it was. Faults are injected and taken back there, the clock is set, and
//! the state is kept, brought back or forgotten. What it shows is at `/_emulator/overview`, `/_emulator/rows`,
//! `/_emulator/requests` (server-sent events) and `/_emulator/coverage`, which also has the method and the path of each
//! operation. `/_emulator/work` counts the steps of work that all requests took, so that two requests can be compared
//! without a clock. The document of the API is at `/openapi.json`, with this emulator as its server. Looking leaves no
//! trace: it is not logged, counts for no fault and takes no id.
//!
//! # Who can reach it
//!
//! An emulator listens on the loopback interface, and answers only requests that name the loopback interface in their
//! `Host` header (`localhost`, `*.localhost`, 127.0.0.0/8 and `[::1]`, with any port). All other names are answered 403
//! on every path, because a website can make its own name mean this machine. [`EmulatorBuilder::allow_host`] adds
//! names, such as that of a container. The published default key is rejected together with such a name.
//!
//! The API needs a key. The page and the places below `/_emulator/` need none on the loopback interface, and never
//! answer what another website asks for in a browser.
//!
//! [`EmulatorBuilder::allow_other_hosts`] permits an address that other machines can reach. What that opens:
//!
//! - Whoever has a key can use the API from other machines, and so can whoever reads the network traffic: nothing is
//!   encrypted. The published default key is rejected for such an address.
//! - The page and the places below `/_emulator/`, with which the whole state can be read and replaced, answer other
//!   machines as well. They then need the key of the emulator ([`EmulatorBuilder::api_key`]) from everybody, as a bearer
//!   token or as the password that a browser asks for. So do requests that come by a name from
//!   [`EmulatorBuilder::allow_host`].
//! - Presigned URLs of uploads need no key, as everywhere.
//! - Requests may name the emulator by any IP address.
//!
#![doc = include_str!("../docs/state.md")]
//!
#![doc = include_str!("../docs/limits.md")]
//!
#![doc = include_str!("../docs/decisions.md")]
#![cfg_attr(test, allow(clippy::disallowed_macros, reason = "values written out in a test"))]

mod a2a;
mod accounts;
mod admin;
mod api;
mod ask;
mod build_specs;
mod builder;
mod cleaning;
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
