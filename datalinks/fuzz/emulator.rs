//! What must hold of the emulator for every input. Shared by the fuzz targets and by a test that runs them over the
//! corpus.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use datalinks::query::QueryText;
use datalinks::{Filter, field};
use datalinks_emulator::Emulator;
use datalinks_emulator::query::{
    Clause, Comparison, Condition, Direction, Operator, Query, SearchAround, Sort, parse,
};
use datalinks_gen::{OPERATIONS, Operation, Server};
use serde_json::{Value, value::RawValue};

/// Maximum length of a query.
const QUERY_LENGTH: usize = 262_144;

/// The text of queries: what is printed is read back to the same tree, and an error names a position.
pub(crate) fn query(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match parse(text) {
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{}", error.offset());
            assert!(error.to_string().contains(error.expected()));
        }
        Ok(query) => {
            let printed = query.to_string();
            match parse(&printed) {
                Ok(again) => {
                    assert_eq!(again, query, "{printed}");
                    assert_eq!(again.to_string(), printed);
                }
                // Groups that were separated by commas may nest more deeply, and spaces may be added.
                Err(error) => assert!(
                    printed.len() > QUERY_LENGTH || error.expected().contains("nested parentheses"),
                    "{printed}: {error}"
                ),
            }
        }
    }
}

/// Takes names and numbers from an input.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes the text up to the next zero byte.
    fn word(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        String::from_utf8_lossy(word).into_owned()
    }
}

/// Queries that the client writes: the emulator reads what the calls of the client mean. The input is two names, then
/// for each call a byte that selects it, with its names.
pub(crate) fn written_query(input: &[u8]) {
    let mut words = Words(input);
    let (namespace, name) = (words.word(), words.word());
    let mut text = QueryText::dataset(&namespace, &name);
    let mut expected = Query::all(format!("{namespace}/{name}"));
    while let Some(call) = words.byte() {
        match call % 7 {
            0 => {
                let (filter, condition) = condition(&mut words, 0);
                text = text.filter(filter);
                expected.clauses.push(Clause::Filter(condition));
            }
            1 => {
                let column = words.word();
                text = text.sort_ascending(&column);
                expected.clauses.push(Clause::Sort(Sort { column, direction: Direction::Ascending }));
            }
            2 => {
                let column = words.word();
                text = text.sort_descending(&column);
                expected.clauses.push(Clause::Sort(Sort { column, direction: Direction::Descending }));
            }
            3 => {
                let rows = u64::from(words.byte().unwrap_or(1));
                text = text.limit(rows);
                expected.clauses.push(Clause::Limit(rows));
            }
            4 => {
                let dataset = words.word();
                text = text.search_around(&dataset);
                expected.clauses.push(Clause::SearchAround(SearchAround::find(dataset)));
            }
            5 => {
                let (depth, dataset) = (u32::from(words.byte().unwrap_or(1) % 17), words.word());
                text = text.search_around_within(&dataset, depth);
                expected
                    .clauses
                    .push(Clause::SearchAround(SearchAround { depth, ..SearchAround::find(dataset) }));
            }
            _ => {
                let columns = [words.word(), words.word()];
                text = text.follow(&columns);
                if let Some(Clause::SearchAround(step)) = expected.clauses.last_mut() {
                    step.follow = columns.to_vec();
                }
            }
        }
    }
    // The client rejects what it cannot write.
    let Ok(text) = text.build() else { return };
    match parse(&text) {
        Ok(query) => assert_eq!(query, expected, "{text}"),
        Err(error) => {
            let limits = ["at most", "bytes", "calls"];
            let limited = limits.iter().any(|limit| error.expected().contains(limit));
            assert!(limited || expected.clauses.len() > 50, "{text}: {error}");
        }
    }
}

/// Returns a condition of the client, and the tree that it means.
fn condition(words: &mut Words<'_>, depth: usize) -> (Filter, Condition) {
    let kind = words.byte().unwrap_or_default();
    if depth < 4 && kind % 9 > 5 {
        let (left, right) = (condition(words, depth + 1), condition(words, depth + 1));
        return if kind % 9 == 6 {
            (left.0.and(right.0), group(left.1, right.1, true))
        } else {
            (left.0.or(right.0), group(left.1, right.1, false))
        };
    }
    let (name, value) = (words.word(), words.word());
    let own = field(&name);
    let (filter, operator) = match kind % 6 {
        0 => (own.eq(value.as_str()), Operator::Eq),
        1 => (own.ne(value.as_str()), Operator::Ne),
        2 => (own.lt(value.as_str()), Operator::Lt),
        3 => (own.le(value.as_str()), Operator::Le),
        4 => (own.gt(value.as_str()), Operator::Gt),
        _ => (own.ge(value.as_str()), Operator::Ge),
    };
    (filter, Condition::Compare(Comparison { field: name, operator, value }))
}

/// Returns two conditions as one group. The client writes groups of the same kind as one.
fn group(left: Condition, right: Condition, all: bool) -> Condition {
    let parts = |condition| match condition {
        Condition::All(parts) if all => parts,
        Condition::Any(parts) if !all => parts,
        other => vec![other],
    };
    let parts = [parts(left), parts(right)].concat();
    if all { Condition::All(parts) } else { Condition::Any(parts) }
}

/// The emulator of this process, used by one input at a time.
struct Shared {
    emulator: Emulator,
    /// `true` if nothing has changed since the state was imported.
    clean: bool,
}

impl Shared {
    fn lock() -> MutexGuard<'static, Self> {
        static SHARED: OnceLock<Mutex<Shared>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| {
            let emulator = Emulator::builder().username("ana").user("bo", "bo-key").seed(1);
            let emulator = emulator.start_blocking().expect("an emulator");
            Mutex::new(Self { emulator, clean: false })
        });
        shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the emulator with the state of [`STATE`], which the input may change.
    fn fresh(&mut self) -> &Emulator {
        if !self.clean {
            self.emulator.import(STATE).expect("a valid state");
        }
        self.clean = false;
        &self.emulator
    }
}

/// A state with a few resources, as a document.
const STATE: &[u8] = include_bytes!("corpus/import/films");

/// The statuses that the document declares for each operation.
fn declared() -> &'static BTreeMap<String, Vec<String>> {
    static DECLARED: OnceLock<BTreeMap<String, Vec<String>>> = OnceLock::new();
    DECLARED.get_or_init(|| {
        let document = include_str!("../../datalinks-gen/spec/requests.json");
        let document: Value = serde_json::from_str(document).expect("JSON");
        let operations = document["operations"].as_object().expect("operations").iter();
        operations
            .map(|(id, own)| (id.clone(), serde_json::from_value(own["statuses"].clone()).expect("statuses")))
            .collect()
    })
}

/// Statuses of requests that the emulator rejects whatever the operation: bad syntax, no valid key, no permission,
/// unknown resources, another method, a conflict, a large body, another media type, invalid content, and no support.
const REJECTIONS: [u16; 10] = [400, 401, 403, 404, 405, 409, 413, 415, 422, 501];

/// Requests to any operation: never a panic or a closed connection, and always a status that is documented, with a body
/// of its media type. The input selects the operation, the key and the framing by bytes, and has the values of the path
/// and the query string, each up to a zero byte. The rest is the body.
pub(crate) fn contract(input: &[u8]) {
    let mut words = Words(input);
    let (Some(operation), Some(flags)) = (words.byte(), words.byte()) else { return };
    let operation = &OPERATIONS[usize::from(operation) % OPERATIONS.len()];
    let path = path(operation, &mut words);
    let query = encoded(&words.word(), "=&%");
    let mut shared = Shared::lock();
    let emulator = shared.fresh();
    let prefix = if operation.server == Server::Api { "/api/v1" } else { "" };
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let mut head = format!(
        "{} {prefix}{path}{query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n",
        operation.method
    );
    if flags & 7 != 0 {
        let key = if flags & 7 == 1 { "bo-key" } else { emulator.api_key() };
        head.push_str(&format!("authorization: Bearer {key}\r\n"));
    }
    match flags >> 3 & 3 {
        0 => {}
        1 => head.push_str("content-type: text/plain\r\n"),
        _ => head.push_str("content-type: application/json\r\n"),
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", words.0.len()));
    let (status, media_type, body) = exchange(emulator, head.as_bytes(), words.0);
    let what =
        format!("{head}{}\n{status} {}", String::from_utf8_lossy(words.0), String::from_utf8_lossy(&body));
    let documented = declared()[operation.id].iter().any(|own| {
        own.parse() == Ok(status)
            || own.strip_suffix("XX").is_some_and(|class| class.parse() == Ok(status / 100))
    });
    assert!(documented || REJECTIONS.contains(&status), "{what}");
    if media_type.starts_with("application/json") && !body.is_empty() {
        let body: Result<Value, _> = serde_json::from_slice(&body);
        let body = body.unwrap_or_else(|error| panic!("{error}: {what}"));
        if status >= 400 && operation.server == Server::Api {
            assert!(body["error_code"].is_string() && body["message"].is_string(), "{what}");
        }
    }
    // A request that is rejected, or that reads, leaves the state as it was.
    shared.clean = status >= 400 || operation.method == "GET";
}

/// Returns the path of an operation with the values of an input.
fn path(operation: &Operation, words: &mut Words<'_>) -> String {
    let mut path = String::new();
    for part in operation.path.split_inclusive('/') {
        match part.trim_end_matches('/') {
            name if name.starts_with('{') => {
                path.push_str(&encoded(&words.word(), ""));
                path.push_str(&part[name.len()..]);
            }
            _ => path.push_str(part),
        }
    }
    path
}

/// Returns the text with percent escapes of everything except letters, digits, a few marks and `kept`.
fn encoded(text: &str, kept: &str) -> String {
    text.bytes()
        .map(|byte| match char::from(byte) {
            own if own.is_ascii_alphanumeric() || "-._~".contains(own) || kept.contains(own) => {
                own.to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Sends a request. Returns the status, the media type and the body.
fn exchange(emulator: &Emulator, head: &[u8], body: &[u8]) -> (u16, String, Vec<u8>) {
    exchange_for(emulator, head, body, "content-type")
}

/// Sends a request. Returns the status, the value of a header and the body.
fn exchange_for(emulator: &Emulator, head: &[u8], body: &[u8], wanted: &str) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(emulator.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    // A large body may be rejected before it is sent completely.
    let _ = stream.write_all(head).and_then(|()| stream.write_all(body));
    let mut response = Vec::new();
    let read = stream.read_to_end(&mut response);
    let end = response.windows(4).position(|window| window == b"\r\n\r\n");
    let Some(end) = end else { panic!("no response: {read:?}: {}", String::from_utf8_lossy(head)) };
    let text = String::from_utf8_lossy(&response[..end]).into_owned();
    let status = text.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let mut body = response.split_off(end + 4);
    if header("transfer-encoding").is_some() {
        body = chunks(&body);
    }
    (status, header(wanted).unwrap_or_default(), body)
}

/// Returns the content of a body in chunks.
fn chunks(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&body[..end]);
        let size = usize::from_str_radix(size.trim(), 16).expect("the size of a chunk");
        let Some(chunk) = body.get(end + 2..end + 2 + size).filter(|_| size > 0) else { break };
        content.extend_from_slice(chunk);
        body = body.get(end + 4 + size..).unwrap_or_default();
    }
    content
}

/// Imports of any document: one that is rejected changes nothing. One that is accepted is exported with all its rows, in a form
/// that is accepted and exported again as it is.
pub(crate) fn import(input: &[u8]) {
    let mut shared = Shared::lock();
    let emulator = shared.fresh();
    let before = emulator.export().expect("an export");
    match emulator.import(input) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(emulator.export().expect("an export") == before, "a rejected document changed the state");
        }
        Ok(()) => {
            let first = emulator.export().expect("an export");
            let exported = rows_of_datasets(&first);
            for (path, rows) in rows_of_datasets(input) {
                let own = exported.get(&path).map(Vec::as_slice).unwrap_or_default();
                // An ingestion that the document has in progress adds rows.
                assert!(own.starts_with(&rows), "{path}: {rows:?} is exported as {own:?}");
            }
            emulator
                .import(&first)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&first)));
            let second = emulator.export().expect("an export");
            assert!(
                first == second,
                "{}\nis exported again as\n{}",
                String::from_utf8_lossy(&first),
                String::from_utf8_lossy(&second)
            );
        }
    }
}

/// Returns the rows of each file of rows in a document: a line is the name of a file, or an item of the file before.
fn rows_of_datasets(document: &[u8]) -> BTreeMap<String, Vec<Option<Value>>> {
    let mut files: BTreeMap<String, Vec<Option<Value>>> = BTreeMap::new();
    let mut file = String::new();
    for line in document.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
    {
        // Numbers may be larger than those of a value.
        match serde_json::from_slice::<Value>(line).ok() {
            Some(Value::String(name)) => file = name,
            item if file.ends_with("/rows.ndjson") => files.entry(file.clone()).or_default().push(item),
            _ => {}
        }
    }
    files
}

/// Sends a request with the key and JSON. Returns the status and the JSON of the response.
fn call(emulator: &Emulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    let (status, body) = send(emulator, method, path, body);
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// Sends a request with the key and JSON. Returns the status and the body of the response.
fn send(emulator: &Emulator, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
    let head = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        emulator.api_key(),
        body.len()
    );
    let (status, _, body) = exchange(emulator, head.as_bytes(), body.as_bytes());
    (status, body)
}

/// Uploaded files of any content: the ingestion ends, and all rows of the file are stored or none. The first byte selects
/// the format. The stored rows are those that serde_json and the `csv` crate read.
pub(crate) fn uploaded(input: &[u8]) {
    let Some((format, content)) = input.split_first() else { return };
    let name = ["a.csv", "a.json", "a.ndjson", "a.jsonl"][usize::from(format & 3)];
    let mut shared = Shared::lock();
    let emulator = shared.fresh();
    let path = "/upload/multipart/self/cinema/films";
    let body = format!(r#"{{"filename":"{name}","size":{}}}"#, content.len());
    let (status, prepared) = call(emulator, "POST", &format!("{path}/prepare"), &body);
    assert_eq!(status, 200, "{prepared}");
    let url = prepared["presignedUrls"][0]["url"].as_str().expect("a URL");
    let (_, place) = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a path");
    let head = format!(
        "PUT /{place} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        content.len()
    );
    let (status, etag, _) = exchange_for(emulator, head.as_bytes(), content, "etag");
    assert_eq!(status, 200, "the part");
    let body = serde_json::json!({
        "uploadId": prepared["uploadId"], "key": prepared["key"],
        "parts": [{ "partNumber": 1, "etag": etag.trim_matches('"') }],
    });
    let (status, finished) = call(emulator, "POST", &format!("{path}/finish"), &body.to_string());
    assert!(status < 300, "{status}: {finished}");
    let attempts = "/data/self/cinema/films/ingest/attempts?pageSize=1";
    let ended = (0..100_000).find_map(|_| {
        let (_, list) = call(emulator, "GET", attempts, "");
        let own = list["data"][0].clone();
        matches!(own["status"].as_str(), Some("Completed" | "Failed")).then_some(own)
    });
    let ended = ended.expect("the ingestion ends");
    let query = r#"{"username":"self","namespace":"cinema","query":"Ontology(films)"}"#;
    let (_, found) = send(emulator, "POST", "/query", query);
    // A value could not hold all numbers and all texts.
    let found: BTreeMap<&str, &RawValue> = serde_json::from_slice(&found).expect("JSON");
    let rows: Vec<&RawValue> = serde_json::from_str(found["data"].get()).expect("rows");
    let before = 2;
    if ended["status"] == "Failed" {
        assert_eq!(rows.len(), before, "a failed file left rows: {ended}");
        assert!(ended["statusMessage"].as_str().is_some_and(|message| !message.is_empty()), "{ended}");
    } else {
        assert_eq!(ended["processedRows"], rows.len() - before, "{ended}");
        let expected = rows_of(name, content);
        assert_eq!(rows.len() - before, expected.len(), "{ended}: {expected:?}");
        for (own, expected) in rows[before..].iter().zip(expected) {
            let value = |raw: &str| serde_json::from_str::<Value>(raw).ok();
            assert_eq!(value(own.get()), value(&expected), "{own} and {expected}");
        }
    }
}

/// Returns the rows of a valid file as JSON.
fn rows_of(name: &str, content: &[u8]) -> Vec<String> {
    match name.rsplit('.').next() {
        Some("json") => {
            let rows: Vec<&RawValue> = serde_json::from_slice(content).expect("valid JSON");
            rows.into_iter().map(|row| row.get().to_owned()).collect()
        }
        Some("csv") => {
            let mut reader = csv::Reader::from_reader(content);
            let columns = reader.headers().expect("a header").clone();
            let row = |record: Result<csv::StringRecord, csv::Error>| {
                let record = record.expect("a record");
                let cells = columns.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.into()));
                Value::Object(cells.collect()).to_string()
            };
            reader.records().map(row).collect()
        }
        _ => {
            let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let lines = lines.filter(|line| !line.is_empty());
            lines.map(|line| String::from_utf8(line.to_vec()).expect("UTF-8")).collect()
        }
    }
}
