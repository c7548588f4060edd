//! Crash tests: an emulator with a data directory is killed repeatedly, at any moment. After each restart,
//! every change whose response was sent is there, complete and once.
//!
//! The child is this program itself, with environment variables that set its task. All choices follow from a
//! seed, except the progress of the child when it is killed.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use datalinks_emulator::Emulator;
use reqwest::{Client, Method};
use serde_json::{Value, json};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const FOLDER: &str = "CRASH_TEST_FOLDER";
const KILLS: usize = 54;
/// Number of kills during operations on the whole state.
const KILLS_OF_ALL: usize = 30;
/// Maximum length of an operation before the kill, in turns of the other tasks.
const TURNS: u64 = 3_000;
/// Number of rows of a batch, and of a file.
const ROWS: usize = 20;
/// The alternating names of the dataset.
const NAMES: [&str; 2] = ["Films", "films"];

/// The task of the child. Without the environment of a child, the test does nothing.
#[test]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let emulator = Emulator::builder().data_dir(folder).start_blocking().unwrap();
    println!("\nAT {}", emulator.proxy_url());
    // Until the child is killed, or until the process that should kill it has ended.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// A generator of seeded choices.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        // The finalizer of SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// The state that the emulator must have.
#[derive(Default)]
struct Expected {
    batches: Sent,
    files: Sent,
    /// The current name of the dataset among [`NAMES`], and `true` if a rename is ambiguous.
    name: usize,
    renaming: bool,
}

/// The rows that were sent.
#[derive(Default)]
struct Sent {
    sent: usize,
    /// Batches that may be stored, by number, with `true` if the response arrived, which means that they must
    /// be stored.
    answered: BTreeMap<usize, bool>,
    /// Number of ambiguous batches that were stored, and that were not stored.
    there: usize,
    lost: usize,
}

impl Sent {
    fn send(&mut self) -> usize {
        self.sent += 1;
        self.answered.insert(self.sent, false);
        self.sent
    }

    /// Checks the stored rows. Every batch is stored completely and once, or not at all. An acknowledged batch
    /// is stored. A batch that is not stored now must never appear later.
    fn check(&mut self, found: &[Value]) -> Result {
        let mut batches: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for row in found {
            let number = usize::try_from(row["batch"].as_u64().ok_or("a number")?)?;
            batches.entry(number).or_default().push(row["row"].as_u64().ok_or("a number")?);
        }
        let all: Vec<u64> = (0..ROWS as u64).collect();
        self.answered.retain(|number, answered| {
            let rows = batches.remove(number);
            assert!(rows.as_ref().is_none_or(|rows| *rows == all), "batch {number}: {rows:?}");
            assert!(!*answered || rows.is_some(), "batch {number} is lost");
            self.there += usize::from(!*answered && rows.is_some());
            self.lost += usize::from(rows.is_none());
            *answered = true;
            rows.is_some()
        });
        assert!(batches.is_empty(), "more than was sent: {batches:?}");
        Ok(())
    }
}

/// The next operation.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Ingest,
    Rename,
    Upload,
}

struct Running {
    child: Child,
    url: String,
    http: Client,
}

impl Running {
    fn start(folder: &Path) -> Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("stdout")?).lines();
        let url = lines.find_map(|line| Some(line.ok()?.strip_prefix("AT ")?.to_owned()));
        let url = url.ok_or("the child did not start")?;
        Ok(Self { child, url, http: Client::builder().no_proxy().build()? })
    }

    /// Sends SIGKILL, so that the child cannot clean up.
    fn kill(mut self) -> Result {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    async fn call(&self, method: Method, path: &str, body: Option<String>) -> Result<Value> {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        let request = request.bearer_auth("emulator-key");
        let request = if let Some(body) = body { request.body(body) } else { request };
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            // This is not a broken connection, which would be the sign of a kill.
            panic!("{path} returned {status}: {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Sends a request to the control API.
    async fn control(&self, method: Method, place: &str, body: String) -> Result<String> {
        let answer = self.http.request(method, format!("{}/_emulator/{place}", self.url)).body(body);
        let answer = answer.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        assert!(status.is_success(), "{place} returned {status}: {text}");
        Ok(text)
    }

    async fn export(&self) -> Result<String> {
        Ok(untimed(&self.control(Method::GET, "export", String::new()).await?))
    }

    async fn rows(&self, dataset: &str) -> Result<Vec<Value>> {
        let query =
            json!({ "username": "self", "namespace": "cinema", "query": format!("Ontology(\"{dataset}\")") });
        let found = self.call(Method::POST, "/query", Some(query.to_string())).await?;
        Ok(found["data"].as_array().ok_or("rows")?.clone())
    }

    /// Runs an operation. Records what must be there if the response arrives, and what may be there if it does
    /// not.
    async fn act(&self, deed: Deed, expected: &mut Expected) -> Result {
        match deed {
            Deed::Ingest => {
                let number = expected.batches.send();
                let body = json!({ "data": rows(number) }).to_string();
                let path = format!("/ingest/cinema/{}", NAMES[expected.name]);
                self.call(Method::POST, &path, Some(body)).await?;
                expected.batches.answered.insert(number, true);
            }
            Deed::Rename => {
                expected.renaming = true;
                let (old, new) = (NAMES[expected.name], NAMES[1 - expected.name]);
                let path = format!("/data/self/cinema/{old}/rename");
                self.call(Method::POST, &path, Some(new.to_owned())).await?;
                (expected.name, expected.renaming) = (1 - expected.name, false);
            }
            Deed::Upload => {
                let number = expected.files.send();
                let content: String = rows(number).iter().map(|row| format!("{row}\n")).collect();
                let path = "/upload/multipart/self/cinema/files";
                let body = json!({ "filename": "rows.ndjson", "size": content.len() }).to_string();
                let upload = self.call(Method::POST, &format!("{path}/prepare"), Some(body)).await?;
                let place = upload["presignedUrls"][0]["url"].as_str().ok_or("a URL")?;
                let put = self.http.put(place).body(content).send().await?.error_for_status()?;
                let etag = put.headers()["etag"].to_str()?.trim_matches('"').to_owned();
                let body = json!({
                    "uploadId": upload["uploadId"], "key": upload["key"],
                    "parts": [{ "partNumber": 1, "etag": etag }],
                });
                self.call(Method::POST, &format!("{path}/finish"), Some(body.to_string())).await?;
                expected.files.answered.insert(number, true);
            }
        }
        Ok(())
    }

    /// Compares the state with the expectations, and resolves ambiguous changes.
    async fn check(&self, expected: &mut Expected) -> Result {
        let list = self.call(Method::GET, "/data/cinema", None).await?;
        let names = list.as_array().ok_or("datasets")?.iter().filter_map(|own| own["name"].as_str());
        let names: Vec<&str> = names.filter(|name| *name != "files").collect();
        if names != [NAMES[expected.name]] {
            assert!(expected.renaming, "{names:?} instead of {:?}", NAMES[expected.name]);
            assert_eq!(names, [NAMES[1 - expected.name]]);
            expected.name = 1 - expected.name;
        }
        expected.renaming = false;
        expected.batches.check(&self.rows(NAMES[expected.name]).await?)?;

        let path = "/data/self/cinema/files/ingest/attempts?pageSize=100";
        loop {
            let page = self.call(Method::GET, path, None).await?;
            let states = page["data"].as_array().ok_or("ingestions")?.iter().map(|own| &own["status"]);
            let (done, open): (Vec<&Value>, Vec<&Value>) = states.partition(|state| *state == "Completed");
            if open.is_empty() {
                assert!(done.len() >= expected.files.answered.values().filter(|answered| **answered).count());
                break;
            }
            assert!(open.iter().all(|state| *state == "Queued" || *state == "Processing"), "{open:?}");
        }
        expected.files.check(&self.rows("files").await?)?;
        Ok(())
    }
}

fn rows(number: usize) -> Vec<Value> {
    (0..ROWS).map(|row| json!({ "batch": number, "row": row, "text": "x".repeat(40) })).collect()
}

#[tokio::test]
async fn acknowledged_changes_survive_every_kill() -> Result {
    let folder = tempfile::tempdir()?;
    let (mut dice, mut expected) = (Dice(6), Expected::default());
    let first = Running::start(folder.path())?;
    for name in [NAMES[0], "files"] {
        first.call(Method::POST, &format!("/ingest/new/cinema/{name}"), Some("{}".to_owned())).await?;
    }
    first.kill()?;
    for _ in 0..KILLS {
        let running = Running::start(folder.path())?;
        running.check(&mut expected).await?;
        for _ in 0..dice.below(3) {
            let deed = deed(&mut dice);
            running.act(deed, &mut expected).await?;
        }
        let (deed, turns, at_commit) = (deed(&mut dice), dice.below(TURNS), dice.below(2) == 0);
        let journal = folder.path().join("journal");
        tokio::select! {
            biased;
            () = turn(turns), if !at_commit => {}
            () = commit(&journal), if at_commit => {}
            acted = running.act(deed, &mut expected) => acted?,
        }
        running.kill()?;
    }
    let last = Running::start(folder.path())?;
    last.check(&mut expected).await?;
    last.kill()?;
    let Expected { batches, files, .. } = &expected;
    let (there, lost) = (batches.there + files.there, batches.lost + files.lost);
    println!("{there} unanswered ones were there, {lost} were not");
    assert!(there + lost > KILLS / 4, "no operation was interrupted by a kill");
    Ok(())
}

/// Returns a state without the last use of tokens, which is not persisted immediately, and without the creation
/// time of the first token, which a reset changes.
fn untimed(state: &str) -> String {
    let line = |line: &str| match serde_json::from_str(line) {
        Ok(Value::Object(mut object)) => {
            object.retain(|key, _| key != "lastUsedAt" && key != "createdAt");
            Value::Object(object).to_string()
        }
        _ => line.to_owned(),
    };
    state.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// An operation on the whole state.
#[derive(Clone, Copy, Debug)]
enum Whole {
    Snapshot(&'static str),
    Restore(&'static str),
    Import(usize),
    Reset,
}

const SNAPSHOTS: [&str; 3] = ["a", "b", "c"];

/// The possible states: one, or two if it is ambiguous whether an operation was executed. `None` stands for the
/// empty state.
type Possible = Vec<Option<String>>;

/// Runs an operation. Returns the possible states during and after it.
async fn act_on_all(
    running: &Running,
    deed: Whole,
    documents: &[String],
    state: &mut Possible,
    snapshots: &mut BTreeMap<&'static str, Possible>,
) -> Result {
    let (method, place, body) = match deed {
        Whole::Snapshot(name) => (Method::POST, format!("snapshots/{name}"), String::new()),
        Whole::Restore(name) => (Method::POST, format!("snapshots/{name}/restore"), String::new()),
        Whole::Import(number) => (Method::PUT, "import".to_owned(), documents[number].clone()),
        Whole::Reset => (Method::POST, "reset".to_owned(), String::new()),
    };
    let (changed, after) = match deed {
        Whole::Snapshot(name) => {
            let after = state[0].clone();
            (snapshots.get_mut(name).ok_or("a snapshot")?, after)
        }
        Whole::Restore(name) => (state, snapshots[name][0].clone()),
        Whole::Import(number) => (state, Some(untimed(&documents[number]))),
        Whole::Reset => (state, Some(untimed(&documents[0]))),
    };
    changed.push(after.clone());
    running.control(method, &place, body).await?;
    *changed = vec![after];
    Ok(())
}

#[tokio::test]
async fn operations_on_the_whole_state_survive_every_kill() -> Result {
    let folder = tempfile::tempdir()?;
    let mut dice = Dice(8);
    let first = Running::start(folder.path())?;
    let export = || first.control(Method::GET, "export", String::new());
    // Empty, then with more and more rows, so that operations take longer.
    let mut documents = vec![export().await?];
    first.call(Method::POST, "/ingest/new/cinema/films", Some("{}".to_owned())).await?;
    for _ in 0..3 {
        let body = json!({ "data": (0..60).flat_map(rows).collect::<Vec<_>>() }).to_string();
        first.call(Method::POST, "/ingest/cinema/films", Some(body)).await?;
        documents.push(export().await?);
    }
    first.kill()?;
    let mut state: Possible = vec![documents.last().map(|last| untimed(last))];
    let mut snapshots: BTreeMap<&'static str, Possible> =
        SNAPSHOTS.into_iter().map(|name| (name, vec![None])).collect();
    let mut unanswered = 0;
    for _ in 0..KILLS_OF_ALL {
        let running = Running::start(folder.path())?;
        let found = Some(running.export().await?);
        assert!(state.contains(&found), "not one of {} states", state.len());
        state = vec![found];
        for (name, possible) in &mut snapshots {
            let file = folder.path().join(format!("snapshots/{name}.ndjson"));
            let found = file.exists().then(|| std::fs::read_to_string(&file)).transpose()?;
            let found = found.map(|found| untimed(&found));
            assert!(possible.contains(&found), "{name} is not one of {} states", possible.len());
            *possible = vec![found];
        }
        let there: Vec<&str> =
            snapshots.iter().filter(|(_, own)| own[0].is_some()).map(|(name, _)| *name).collect();
        let at = |dice: &mut Dice, length: usize| dice.below(length as u64) as usize;
        let deed = match dice.below(8) {
            0..3 => Whole::Snapshot(SNAPSHOTS[at(&mut dice, SNAPSHOTS.len())]),
            3..5 if !there.is_empty() => Whole::Restore(there[at(&mut dice, there.len())]),
            5 => Whole::Reset,
            _ => Whole::Import(at(&mut dice, documents.len())),
        };
        let (turns, at_commit) = (dice.below(TURNS), dice.below(3) > 0);
        let writes = folder.path().to_owned();
        let answered = tokio::select! {
            biased;
            () = turn(turns), if !at_commit => false,
            () = write_begins(&writes), if at_commit => false,
            acted = act_on_all(&running, deed, &documents, &mut state, &mut snapshots) => {
                acted?;
                true
            }
        };
        unanswered += usize::from(!answered);
        running.kill()?;
    }
    println!("{unanswered} of {KILLS_OF_ALL} had an ambiguous outcome");
    assert!(unanswered > KILLS_OF_ALL / 8, "no operation was interrupted by a kill");
    let last = Running::start(folder.path())?;
    assert!(state.contains(&Some(last.export().await?)));
    last.kill()?;
    let left = std::fs::read_dir(folder.path())?.map(|entry| entry.map(|entry| entry.file_name()));
    let left: Vec<_> = left.collect::<std::io::Result<_>>()?;
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
    Ok(())
}

/// Waits until a file is written: a commit, or a file that will replace another one.
async fn write_begins(folder: &Path) {
    let unfinished = |dir: &Path| {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".tmp"))
    };
    while !folder.join("journal").exists() && !unfinished(folder) && !unfinished(&folder.join("snapshots")) {
        tokio::task::yield_now().await;
    }
}

fn deed(dice: &mut Dice) -> Deed {
    [Deed::Ingest, Deed::Ingest, Deed::Rename, Deed::Upload][dice.below(4) as usize]
}

/// Waits until a commit begins.
async fn commit(journal: &Path) {
    while !journal.exists() {
        tokio::task::yield_now().await;
    }
}

/// Yields to the other tasks this many times.
async fn turn(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
