//! An emulator with a folder is killed again and again, at any moment, and has kept what it answered: whole, and
//! nothing twice.
//!
//! The child is this very program, told by its environment what to do. What happens when follows from a seed, except
//! how far the child is when it dies.

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
/// How long a deed may go on at the most before the kill: this often others are let go on.
const TURNS: u64 = 3_000;
/// Rows of a batch, and of a file.
const ROWS: usize = 20;
/// The names that the dataset has in turn.
const NAMES: [&str; 2] = ["Films", "films"];

/// What the child does. As a test of its own it does nothing.
#[test]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let emulator = Emulator::builder().data_dir(folder).start_blocking().unwrap();
    println!("\nAT {}", emulator.proxy_url());
    // Until it is killed, or whoever should do that is gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// The seeded choices.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        // The finisher of SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// What the emulator must have.
#[derive(Default)]
struct Expected {
    batches: Sent,
    files: Sent,
    /// Which of [`NAMES`] the dataset has, and whether a new one was asked for and not answered.
    name: usize,
    renaming: bool,
}

/// Rows that were sent.
#[derive(Default)]
struct Sent {
    sent: usize,
    /// Those that may be there, by number: whether they were answered, and must.
    answered: BTreeMap<usize, bool>,
    /// How many were not answered, and there or not when that could be looked at.
    there: usize,
    lost: usize,
}

impl Sent {
    fn send(&mut self) -> usize {
        self.sent += 1;
        self.answered.insert(self.sent, false);
        self.sent
    }

    /// What was answered is there, what was not is there or not, and each as a whole and once. What is not there now
    /// must never be.
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

/// What is done next.
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

    /// SIGKILL: nothing is cleaned up.
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
            // Not a broken connection, which is what a kill looks like.
            panic!("{path} was answered {status}: {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    async fn rows(&self, dataset: &str) -> Result<Vec<Value>> {
        let query =
            json!({ "username": "self", "namespace": "cinema", "query": format!("Ontology(\"{dataset}\")") });
        let found = self.call(Method::POST, "/query", Some(query.to_string())).await?;
        Ok(found["data"].as_array().ok_or("rows")?.clone())
    }

    /// Does something. Noted is what must be there when this comes back, or may be there when it does not.
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

    /// Compares what is there with what must be there, and takes over what may be there and is.
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
async fn what_was_answered_survives_every_kill() -> Result {
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
    assert!(there + lost > KILLS / 4, "the kills hit nothing");
    Ok(())
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

/// Lets others go on so many times.
async fn turn(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
