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
//! let http = reqwest::Client::new();
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
//! Every answer says in its header `x-datalinks-emulator` how it came about.
//!
//! - `computed`: worked out from what the emulator holds, or by a model that it was given. Refusals are
//!   computed, too.
//! - `recorded`: a model said it once, and [cassettes](EmulatorBuilder::cassettes) kept it.
//! - `scripted`: written beforehand, or by a rule in the place of a model. Without a model, `autorag` and
//!   `autoragStream` run real queries, chosen by a fixed rule, and report what these found; no text in them comes
//!   from a model, and each says so. So it is with inference steps but `rows`, and with questions in `queryData`.
//!   Pipeline runs store rows for real; where a model would work and there is none, an event with
//!   `"scripted": true` stands in its place. Links are curated by a rule, and datasets cleaned by one. Injected faults are scripted as well, and named in the header
//!   `x-datalinks-emulator-fault`.
//! - `unsupported`: status 501 and the error code `NOT_IMPLEMENTED`. The emulator never invents an
//!   answer, so this is what every other operation says, and every option that needs a model.
//!
//! | resource | operations carried out |
//! |---|---|
//! | datasets | `createDataset`, `ingestData`, `previewInfer`, `getDatasetInformation`, `getDatasets`, `getDatasetsInNamespace`, `listAllDatasets`, `listDatasetsWithinNamespace`, `listUserNamespaces`, `updateInferDefinition`, `updateSortOrder`, `renameDataset`, `renameNamespace`, `clearDataset`, `balefireDataset`, `balefireNamespace` |
//! | links | `addLink`, `getLinks`, `getConnectedLinks`, `previewLinks`, `rebuildLinks`, `saveConnections`; scripted: `curateLinks` |
//! | uploads | `prepareMultipartUpload`, `finishMultipartUpload`, `abortMultipartUpload`, `prepareFileUpload`, `finishFileUpload`, `abortFileUpload`, `listSessionFiles`; presigned URLs lead to the emulator itself |
//! | ingestions | `listIngestions`, `retryIngestion`, `markIngestionSeen` |
//! | suggestions | scripted without a model: `inferDescription`, `inferSchema` |
//! | queries | `queryData`; scripted: `autorag`, `autoragStream` |
//! | ingest proxy | `getPipelineTrace`, `resumePipelineHook`; scripted: `runPipeline`, `streamPipeline` |
//! | runs and conversations | `getAgentRunStatus`, `deleteAgentRun`, `submitAgentRunFeedback`, `listConversations`, `getConversation`; scripted: `resumeAgentRun` |
//! | cleaning | `getCleaningTaskCode`; scripted: `requestCleaning` |
//! | agents | `listA2aAgents`, `getA2aAgentCard`; scripted: `a2aJsonRpc` |
//! | user | `getCurrentUser`, `getUserUsageHistory`, `getUserUsageByDay` |
//!
//! # To look at
//!
//! At its root, e.g. `http://127.0.0.1:7070/`, an emulator serves a page that shows what it holds: datasets with
//! their first rows, the links between them as a picture, requests as they come, faults that have still to act, how
//! each operation is answered, and how often it was. Faults are injected and taken back there, the clock is set, and
//! the state is kept, brought back or forgotten. What it shows is at `/_emulator/overview`, `/_emulator/rows`,
//! `/_emulator/requests` (server-sent events) and `/_emulator/coverage`. No key is asked for there, and none is told:
//! these places answer only to names of this machine (any name after [`EmulatorBuilder::allow_other_hosts`]), and
//! never to what another website asks for in a browser. Looking leaves no trace: it is not logged, counts for no
//! fault and takes no id.
//!
//! # State as files
//!
//! The state is in memory, unless a [folder](EmulatorBuilder::data_dir) is named: then it is kept there as files
//! that people can read, compare and commit, and the next emulator on the folder goes on with it. The same files
//! make the document that [`Emulator::export`] gives and [`Emulator::import`] takes (`GET /_emulator/export`,
//! `PUT /_emulator/import`), and the snapshots that are gone back to (`POST /_emulator/snapshots/{name}` and
//! `.../{name}/restore`, listed by `GET /_emulator/snapshots`). `POST /_emulator/reset` forgets everything.
//!
//! | file | what is in it |
//! |---|---|
//! | `emulator.json` | the format of the folder |
//! | `ids.json`, `clock.json` | the seed and what was counted; where the clock stands |
//! | `users.ndjson`, `tokens.ndjson` | users by name; tokens, oldest first |
//! | `datasets/OWNER/NAMESPACE/DATASET/dataset.json` | definition and sort order |
//! | `datasets/OWNER/NAMESPACE/DATASET/rows.ndjson` | one row on each line, in the order of storing |
//! | `links.json`, `shares.ndjson` | links, by their columns; shares by place and user |
//! | `uploads.ndjson`, `uploads/ID/NUMBER.part` | uploads by id, and each part that came |
//! | `sessions.ndjson`, `sessions/ID/FILE.file` | upload sessions by id, and their finished files |
//! | `ingestions.ndjson`, `ingestions/FILE.file` | ingestions, oldest first, and the files that they still need |
//! | `agent/runs/ID.json`, `agent/conversations.ndjson` | runs of the agent; conversations, the latest last |
//! | `pipeline/ID.json`, `cleaning.ndjson`, `usage.ndjson` | pipeline runs, cleaning tasks by id, uses as they were |
//! | `snapshots/NAME.ndjson` | exported documents; no part of the state |
//! | `lock`, `journal` | who has the folder; a commit that is being written; a `.gitignore` leaves them out |
//!
//! Rows keep their order, their keys in order and their digits: all of that is data. So is the order in which
//! things came, where an answer shows it; everything else is sorted by name or id, and the same state gives the
//! same bytes. In file names everything but lower-case letters, digits, `-`, `_` and dots inside is percent-encoded,
//! so that names are safe and apart on Linux, macOS and Windows; long ones end with `~` and a hash. Hidden files and
//! `*.md` at the top are left alone, and files may be edited while no emulator has the folder.
//!
//! No secret is written: the values of tokens follow from their ids and the seed, and still work; keys that the
//! emulator is started with are given again the next time. The folder keeps its seed, whatever the emulator is
//! started with. Faults, the log of requests and their ids are not kept.
//!
//! **Commits.** What a request changed is in the folder before it is answered, all of it: its files are written to
//! a journal first, with a checksum, then to their places, and a start finishes or drops what the journal holds. So
//! the end of the process, at any moment, costs at most the request in flight, and that as a whole. A stream is kept
//! event by event. What was answered is then with the operating system, which a power failure does not survive;
//! [`EmulatorBuilder::sync_data`] waits for the disk. What cannot be kept is answered 500, or 507 when the disk is
//! full, and did not happen. When a token was last used is written with the next change of tokens and at the end.
//!
//! An ingestion that was queued or worked on when the process ended begins anew with the next one; its rows are
//! stored together with its end, never in part and never twice. A run of the agent that was open can be resumed.
//!
//! # What the emulator decides
//!
//! Nothing here was compared with the live service. Where its public description is silent, the
//! emulator had to choose; programs should not rely on these choices.
//!
//! **Queries.** `&&` binds closer than `||`. In quotes, `\\`, `\"` and `\'` stand for the character
//! after the backslash, and no other escape exists. Names of datasets are case-insensitive, but
//! where two differ in case only, the one spelt alike is meant; a bare name is looked for in the
//! namespace of the request (after a hop: of the dataset left), then everywhere. Names of columns
//! and values are case-sensitive. If both sides of a comparison are numbers, be they quoted or not,
//! they compare as numbers, else as text; `true` and `false` are text. A value that is null or
//! missing fits `!=` and nothing else. An empty query means all rows of the request's `dataset`. A
//! hop follows all active links between the two datasets, in either direction; each row comes once,
//! in the order of its dataset. `resultType` is left out.
//!
//! **Datasets.** Columns are listed as first seen, those named in a sort order before the rest; a
//! sort order naming an unknown column is refused with 422. Rows come back with their keys in the
//! order sent and their numbers digit by digit. Lists are sorted by name. Renaming does not merge.
//! The older `fieldDefinition` text is kept and shown under its own name.
//!
//! **Inference.** The `rows` step replaces a row by one row per item of the array in its column
//! (an array, or a text holding one) and keeps the other columns, an item's own value winning.
//! Rows without an array stay. Behind the other steps stands a model, or where there is none a rule. They work on
//! what the step before left, keep the columns and rows that they have nothing to do with, and write what they did
//! into a column of their own, such as `__metadata_textToTable`, as an object whose `by` is `model` or `rule`.
//! The saved definition of the dataset holds where the request says nothing else.
//!
//! - `table` appends columns to the row: a value that is there stays. The rule reads pairs like `name: value`, and
//!   of a text without pairs the first number, as `number`. A model is given 20 texts at a time.
//! - `normalise` renames columns to those of `targetCols`, or of the schema definition, and adds the ones that are
//!   missing as null; the rule goes by how alike the names are spelt (pairs of neighbouring letters), and takes stray
//!   space out of texts, in all modes alike. A model tells which column is which, and then writes whole rows
//!   (`all-in-one`), one column after the other (`field-by-field`) or no value at all (`embeddings`, for which the
//!   chat API has nothing better).
//! - `validate` keeps all rows, and tells the faults of each. By rule `rows` wants a value in each of the `columns`,
//!   `fields` also the kind of value that most rows have there, `regex` also the shape. With a model, `regex` tests
//!   the expressions that the model writes; in the other modes it names the faults.
//! - `reverseGeo` adds `latitude` and `longitude`. Texts like `48.1, 11.6` are read; other places the model must
//!   know, and no rule does. Without `deriveFrom`, the first column with such a text counts.
//! - `namedEntities` lists the names in a row's texts, by rule those words that are written with a capital letter.
//!
//! **Questions.** A `naturalLanguageQuery` counts when no `query` is written; `executedQuery` tells what was run for
//! it, and `originalQuery` is the question. By rule it is the first query that `autorag` would run. A model is shown
//! the datasets of the namespace that the caller may read, with their columns, first rows and links; its query must
//! be one that can be run, and runs with the caller's rights. It is also told what was said in the conversation
//! before.
//!
//! **Models.** Without a model, `inferDescription` and `inferSchema` say how many rows a sample has, and the kinds
//! of value and an example of each column; what was said before is kept. With a
//! [model](EmulatorBuilder::model_url), it is shown the sample instead. Whatever a model is asked, it is to answer
//! one JSON value; an answer that cannot be used is objected to once. A model that fails is answered 502 with the
//! code `MODEL_FAILED`, and nothing is stored; a question without a cassette 500 and `CASSETTE_MISSING`. The name of
//! the model in a request is passed on unless the emulator was given [another](EmulatorBuilder::model_name);
//! `provider` means nothing here. A rule that no model replaces stays a script.
//!
//! **Links.** A link leads from one column to another and has options; the same one the other way round
//! is another link, as is one of the other kind between the same columns. Active links are those that
//! were added, saved or curated; links that were found by comparing rows are suggestions until then.
//! `getLinks` lists both, `getConnectedLinks` the active ones, queries follow these. Adding an active link
//! again changes nothing, not even its options; adding a suggested one makes it active with the new options
//! and is answered 201. `saveConnections` removes before it adds: a removed link is a suggestion again, one
//! that is added keeps the options it was found with, and the defaults where it is new. `hits` counts the
//! pairs of rows that a link connects in the rows of now. Lists of links are sorted. Who writes a link must
//! be allowed to write to the dataset it begins at and to read the other; a link with an end that one may not
//! read is not shown. Identifiers are written as the names are; where names hold dots, an identifier means
//! the column that fits it, and is refused when several do.
//!
//! *ExactMatch* connects two rows whose values are equal as text, without the space around them; blank
//! values connect nothing. Both thresholds are about the column that the link begins at, and its rows with
//! a value: `minDistinct` wants that many different values for each of them (1.0: no two are alike),
//! `minVariation` that share of them to have another value than the commonest (the variation ratio). A link
//! whose column is below them connects nothing. *GeoMatch* connects two rows whose places are at most
//! `distance` apart, over a globe with the mean radius of the earth, 6371.0088 km (haversine). Units are
//! km, m, mi, nmi and ft, short or in full. A place is a text like `48.1, 11.6` (latitude, longitude) or a
//! pair of columns whose names differ only in how they end: `lat` or `latitude`, and `lon`, `lng`, `long` or
//! `longitude`. Such a pair goes by the name of its latitudes.
//!
//! When rows are compared, each of their columns is a candidate with each column of all other datasets that
//! the caller may read; links begin at the dataset of the rows, and those that connect no pair are not
//! found. `targetColumns` chooses among the columns of the rows, `ignorePrivateColumns` leaves out columns
//! of both sides that begin with an underscore, `bidirectional` finds the links that lead back as well,
//! from datasets that the caller may write to. Columns count as places when at least half of their values
//! are. `previewLinks` and `rebuildLinks` look for both kinds when none is named, ingests for none; a kind
//! given as `null` is wanted. A rebuild compares the dataset's own rows when none is sent, and replaces the
//! suggestions that begin at it, as far as the caller sees them. An ingest compares its own rows, with
//! thresholds about all rows of the dataset, and an uploaded file the whole dataset once it is stored. In `addLink`, `targetColumns`,
//! `ignorePrivateColumns` and `bidirectional` change nothing.
//!
//! **Curation.** A model is shown the suggestions, with the first values at both ends, and chooses; without one, a
//! rule does. Of the suggestions with an end in the dataset, or in the
//! caller's namespace, it chooses those that connect at least half of the rows with a value at one end, if the
//! values at one end are different in at least half of the rows; of places, the latter is not asked.
//! `curate` in an ingest does the same for the dataset, by the rule even where there is a model, because rows that
//! are stored are not taken back when a model fails; what it chooses is made active.
//!
//! **Uploads.** Presigned URLs name the host that the request named, and live until their upload is
//! finished or given up; what is put there must have a `Content-Length`, the exact size and no
//! `Authorization`, and is answered with an `ETag`, refused in XML. An empty file has one empty part. A
//! finished file is read in the background, one after the other, by the ending of its name: `.csv` (the
//! first line names the columns, every value is a text), `.json` (an array), `.ndjson` and `.jsonl`. Its
//! rows are stored when the whole file could be read, else none is, so that `retryIngestion`, which
//! takes failed ingestions only, stores no row twice. An ingestion is `Queued`, `Processing`, `Completed`
//! or `Failed`, and stays with the name that its dataset had. Files of sessions are kept for
//! [`Emulator::session_file`] and for pipeline runs.
//!
//! **Faults.** Nothing goes wrong by itself. What shall go wrong is a [`Fault`] of one operation, or of one of two
//! things more: `putPart`, a part on its way to the storage, and `ingestFile`, an ingestion in the background. An
//! answer that it acted on names it in `x-datalinks-emulator-fault`. Faults are injected by [`Emulator::faults`], by
//! the command line's `--fault`, and by `POST /_emulator/faults`; `GET` tells what is left of them, and `DELETE`
//! takes back all, or with an id behind the path that one.
//!
//! **Time.** The clock goes with the machine's until it is set by [`Emulator::set_clock`], the command line's
//! `--clock`, or `PUT /_emulator/clock` with `{"now": "2026-01-31T12:00:00Z"}` or `{"advance": "1h"}`; then it stands
//! still, until `DELETE` lets it go.
//!
//! **Errors.** Bodies and query strings are checked against the document. What is missing, of the wrong type or
//! beyond a limit is answered 400, each fault under `sub_errors` by its place in the body; a body of another type
//! than the document wants, 415. Unknown fields are ignored, and `null` in an optional field counts as absent: the
//! published clients send both, so they are accepted with a warning in the header `x-datalinks-emulator-warning`,
//! or refused if [fields are strict](EmulatorBuilder::strict_fields). Another owner than the user
//! is answered 404. `x-request-id` is a header of the emulator.
//!
//! **Questions.** Every question is a run, and goes on only as its events are read (or, with `autorag`, until its
//! answer). It has a checkpoint after its plan and after each step. When its stream breaks, it stays where it is,
//! and goes on from there when it is resumed, with the rights of who resumes it. Of what is done, only the last
//! part is told again, the plan or a step: it may have been under way when the stream broke. It expires 24 hours after it last went on; what is completed or failed stays until it is
//! deleted. 409, 410 and 422 have a body with the error shape and `runId`, `question`, `status` and, if there is
//! one, `result` or `errorMessage`. A conversation is the user's who asked, stays in its namespace, is named after
//! its first question, is listed by when it last went on, and goes with its last run; an unknown `conversationId`
//! is answered 404. Who owns an empty namespace may ask it: that run fails. A restricted token reaches runs that
//! were begun with the same restriction, and those in namespaces that it reaches as a whole.
//!
//! **Usage.** Planning, each query and answering count one use each, and so do suggestions, steps, choices of
//! links, cleanings and the phases of pipeline runs. Without a model, a token is counted for
//! every four bytes, begun ones included, of what was asked and said. A token costs 2⁻²⁰ dollars (about a dollar
//! a million), so that sums are exact. The history is listed oldest first; each page that has items has a cursor,
//! and an empty one ends it. Time zones come with the emulator, not from the machine.
//!
//! **Cleaning.** Whatever is asked, one rule cleans: texts lose the space around them, empty ones become null. It is
//! done when the request is answered. The rows go, with the definition, to a new dataset of the caller's; the code
//! is the rule in Python, what was asked stands in it as a comment.
//!
//! **Agents.** There is one, `auto_rag`. Its card and its JSON-RPC follow the public agent-to-agent protocol,
//! version 0.3.0; what the service's agents say and take is not public. `message/send` asks the text of a message
//! and answers the run as a task, its conversation as context; `tasks/get` reads it again; any other method is
//! answered -32601. The namespace comes from the metadata (`namespace` and, if it is another user's, `username`),
//! else from the context, else it is the only one that the caller sees; where that or a text is missing, a
//! message says so.
//!
//! **Pipeline runs.** Events but `complete` and `error` have types that begin with `emulator.`; an `error` ends a run
//! that failed, with nothing stored unless its rows were. The answer to the start of a run streams its events up to
//! the first question to a person, or to its end; the run goes on whether it is read or not. Without a model, rows
//! stay as they are, and no link is added. A model is shown `maxRowsForModeling` rows and what the request says, and
//! tells which arrays become rows of their own (*explosion*), and then which columns become one, under which name,
//! and what they hold (*coalescence*): the emulator does it, and objects up to `maxEvalRetries` times to what cannot
//! be done or would lose values. Rows go into a new dataset `pipeline_1`, `pipeline_2`, and so on, whose schema
//! definition is what the model said. For the *ontology* the model names links to other datasets of the namespace;
//! those that connect no rows are objected to. A phase that is switched off is told as skipped.
//!
//! With `enableHumanInTheLoop` a run asks, by an event `emulator.question`, and waits for a JSON object sent to its
//! hook. Its `kind` is `schemaReview`, once before rows are stored (`approve: false` ends the run, `columns` renames
//! columns: `{"old": "new"}`), `clarification`, when the model wants to know something (it is told the object), or
//! `tokenRefresh`, when the token of the run is not valid any more (the run goes on with that of the answer; without
//! a person it fails). A hook that nobody waits for is answered 409.
//!
//! `dataUrl` and `dataBlobUrl` may be `s3://` followed by `s3Bucket`, a slash and `s3Key` of a finished file of one's
//! own upload sessions. Anything else is answered 422: nothing is fetched from elsewhere.
//!
//! **Ids** are made from the [seed](EmulatorBuilder::seed) and a counter. With the same seed, a clock that was set, and
//! the same calls one after the other, answers are the same byte by byte, headers included, except for the port in
//! URLs. `Date`, durations of queries and times in traces go by the clock, so these are 0 while it stands; a file is
//! still read in the background, so how far it is depends on when one asks.

mod a2a;
mod access;
mod accounts;
mod answer;
mod ask;
mod body;
mod cleaning;
mod clock;
mod connection;
mod contract;
mod control;
mod coverage;
mod dispatch;
mod emulator;
mod fault;
mod files;
mod geo;
mod handlers;
mod ids;
mod ingestion;
mod intake;
mod label;
mod linking;
mod lock;
mod log;
mod models;
mod near;
mod page;
mod pipeline;
mod problem;
mod provenance;
mod query;
mod query_string;
mod route;
mod seen;
mod server;
mod sessions;
mod state;
mod steps;
mod storage;
mod store;
mod suggest;
mod usage;

pub use coverage::{Coverage, OperationCoverage};
pub use emulator::{Emulator, EmulatorBuilder, EmulatorError};
pub use fault::{Fault, FaultError, Faults};
pub use files::{DataDirError, StateError};
pub use log::RequestRecord;
pub use models::{Cassettes, ModelSetupError};
