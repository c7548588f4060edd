//! The resources in the emulator: names that always exist, and ids from its responses.

use std::collections::{BTreeMap, VecDeque};

use fastrand::Rng;
use serde_json::Value;

use super::extreme::one;
use super::wire::Response;

/// Namespaces that the setup fills, all with the same datasets.
pub(super) const NAMESPACES: [&str; 3] = ["p0", "p1", "p2"];

/// Datasets that the setup fills.
pub(super) const DATASETS: [&str; 2] = ["trees", "parks"];

/// Columns of these datasets.
pub(super) const COLUMNS: [&str; 5] = ["id", "genus", "height", "text", "place"];

/// Maximum number of remembered resources per kind.
const MAX_PER_KIND: usize = 24;

/// Values that belong together by name, such as the ids of a session and of its file.
pub(super) type Facts = BTreeMap<String, String>;

/// Existing resources by kind, the newest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    things: BTreeMap<&'static str, VecDeque<Facts>>,
    /// An exported state.
    pub(super) export: String,
}

/// Returns the kind of resource that the path or the body of an operation names.
pub(super) fn kind(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "finishMultipartUpload" | "abortMultipartUpload" | "putPart" => "upload",
        "finishFileUpload" | "listSessionFiles" | "abortFileUpload" => "session",
        "retryIngestion" | "markIngestionSeen" => "ingestion",
        "getAgentRunStatus"
        | "deleteAgentRun"
        | "resumeAgentRun"
        | "submitAgentRunFeedback"
        | "getConversation"
        | "autorag"
        | "autoragStream" => "run",
        "getBuildSpec" | "editBuildSpec" | "deleteBuildSpec" => "build spec",
        "deleteToken" | "listTokenPermissions" => "token",
        "getCleaningTaskCode" => "cleaning",
        "streamPipeline" | "getPipelineTrace" | "resumePipelineHook" => "pipeline",
        _ => return None,
    })
}

impl Known {
    /// Returns a random resource that an operation can name.
    pub(super) fn facts(&self, operation: &str, rng: &mut Rng) -> Facts {
        let things: Vec<&Facts> =
            kind(operation).and_then(|kind| self.things.get(kind)).into_iter().flatten().collect();
        one(rng, &things).copied().cloned().unwrap_or_default()
    }

    pub(super) fn add(&mut self, kind: &'static str, facts: &[(&str, &str)]) {
        let things = self.things.entry(kind).or_default();
        if things.len() == MAX_PER_KIND {
            // The first resources come from the setup and have more history.
            things.remove(MAX_PER_KIND / 2);
        }
        things
            .push_back(facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    }

    /// Adds an upload: id, key, and the URL, the size and the list of its parts.
    fn add_upload(&mut self, [upload, key, url, size, parts]: [&str; 5]) {
        let facts = [("uploadId", upload), ("key", key), ("url", url), ("size", size), ("parts", parts)];
        self.add("upload", &facts);
    }

    /// Remembers the resources in the response to an operation.
    pub(super) fn learn(&mut self, operation: &str, response: &Response) {
        if !(200..300).contains(&response.status) {
            return;
        }
        let json = || serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match operation {
            "prepareMultipartUpload" => {
                let json = json();
                let (upload, key) = (text(&json["uploadId"]), text(&json["key"]));
                let (url, parts) = (text(&json["presignedUrls"][0]["url"]), made_up(&json["presignedUrls"]));
                let size = json["presignedUrls"][0]["size"].to_string();
                self.add_upload([&upload, &key, &url, &size, &parts]);
            }
            "prepareFileUpload" => {
                let json = json();
                let session = text(&json["sessionId"]);
                for file in json["files"].as_array().into_iter().flatten().take(2) {
                    let (id, upload, key) =
                        (text(&file["fileId"]), text(&file["uploadId"]), text(&file["key"]));
                    let (url, parts) =
                        (text(&file["presignedUrls"][0]["url"]), made_up(&file["presignedUrls"]));
                    let size = file["presignedUrls"][0]["partSize"].to_string();
                    self.add(
                        "session",
                        &[
                            ("sessionId", &session),
                            ("fileId", &id),
                            ("uploadId", &upload),
                            ("key", &key),
                            ("parts", &parts),
                        ],
                    );
                    self.add_upload([&upload, &key, &url, &size, &parts]);
                }
            }
            "finishMultipartUpload" => self.add("ingestion", &[("ingestionId", &text(&json()["id"]))]),
            "createBuildSpec" => self.add("build spec", &[("buildSpecId", &text(&json()["id"]))]),
            "addToken" => self.add("token", &[("tokenId", &text(&json()["id"]))]),
            "requestCleaning" => {
                self.add("cleaning", &[("cleaningTaskId", &text(&json()["cleaningTaskId"]))])
            }
            "runPipeline" => self.add("pipeline", &[("runId", response.header("x-workflow-run-id"))]),
            "autoragStream" => {
                let body = String::from_utf8_lossy(&response.body);
                let data = body
                    .lines()
                    .find_map(|line| line.strip_prefix("data: ").filter(|data| data.contains("\"runId\"")));
                let started: Value =
                    data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
                let (run, conversation) = (text(&started["runId"]), text(&started["conversationId"]));
                self.add("run", &[("runId", &run), ("conversationId", &conversation)]);
            }
            _ => {}
        }
    }
}

/// Returns parts with invented tags, one per URL.
fn made_up(urls: &Value) -> String {
    let count = urls.as_array().map_or(0, Vec::len).clamp(1, 20);
    let part = |number| format!(r#"{{"partNumber":{number},"etag":"d41d8cd98f00b204e9800998ecf8427e"}}"#);
    format!("[{}]", (1..=count).map(part).collect::<Vec<_>>().join(","))
}
