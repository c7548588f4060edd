//! A scenario: the requests of one number, usually one.

mod call;
mod control;

use std::collections::BTreeSet;

use fastrand::Rng;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::contract::Contract;
use super::extreme::{self, Extreme, log_uniform, one, word};
use super::json::Json;
use super::known::{Facts, Known};
use super::make::Maker;
use super::request::{Framing, Request};
use super::setup::{self, KEY};
use super::texts;

/// The characters that are encoded within a path segment and within a query string.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'&')
    .add(b'=')
    .add(b'\\')
    .add(b'^')
    .add(b'|');

/// Maximum length of a path or a query string in bytes. Servers reject longer request lines before they parse
/// them.
const LONGEST_TARGET: usize = 60_000;

/// A step of a scenario.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Send(Request),
    /// Begins an upload, sends the parts of the content, and finishes it with the returned ids.
    Upload {
        prepare: Request,
        content: Vec<u8>,
        finish: Request,
    },
}

/// The requests of one number.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    /// The operation, or the path of the control API.
    pub(super) operation: String,
    pub(super) steps: Vec<Step>,
    /// The kinds of extreme values in the scenario. Empty for a valid request.
    pub(super) extremes: BTreeSet<Extreme>,
    /// The scenario changes the responses to all requests, so it is sent alone.
    pub(super) alone: bool,
    /// The scenario may replace the state.
    pub(super) replaces: bool,
}

/// Placeholders in the finish request for values of the response to the prepare request.
pub(super) const UPLOAD_ID: &str = "\"@uploadId\"";
pub(super) const UPLOAD_KEY: &str = "\"@key\"";
pub(super) const UPLOAD_PARTS: &str = "\"@parts\"";

/// Returns the scenario of a number. It is a function of the seed, the number and the known resources.
pub(super) fn scenario(contract: &Contract, known: &Known, seed: u64, number: u64) -> Scenario {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
    // The first outputs of the generator are similar for similar seeds.
    let seed = rng.u64(..) ^ number.wrapping_mul(0xd134_2543_de82_ef95);
    let mut rng = Rng::with_seed(seed);
    let mut maker = Scenes { contract, known, rng: &mut rng, extremes: BTreeSet::new() };
    maker.any()
}

struct Scenes<'a> {
    contract: &'a Contract,
    known: &'a Known,
    rng: &'a mut Rng,
    extremes: BTreeSet<Extreme>,
}

impl Scenes<'_> {
    fn any(&mut self) -> Scenario {
        match self.rng.u8(..100) {
            0..2 => self.imported(),
            2..4 => self.timed(),
            4..8 => self.control(),
            8..12 => self.put_part(),
            12..18 => self.upload(),
            18..20 => self.wire(),
            _ => {
                // Operations with a body allow more kinds of extreme values.
                let all = &self.contract.operations;
                let chosen = one(self.rng, all).and_then(|first| {
                    if first.body.is_some() || self.rng.bool() { Some(first) } else { one(self.rng, all) }
                });
                let Some(operation) = chosen else { return self.wire() };
                let request = self.call(operation);
                self.done(&operation.id, vec![Step::Send(request)])
            }
        }
    }

    fn done(&mut self, operation: &str, steps: Vec<Step>) -> Scenario {
        let extremes = std::mem::take(&mut self.extremes);
        Scenario { operation: operation.to_owned(), steps, extremes, alone: false, replaces: false }
    }

    /// Uploads a file that is hard to parse and starts its ingestion.
    fn upload(&mut self) -> Scenario {
        self.extremes.insert(Extreme::File);
        let (ending, content) = texts::file(self.rng);
        let (namespace, dataset) =
            (word(self.rng, &super::known::NAMESPACES), word(self.rng, &super::known::DATASETS));
        let path = format!("/api/v1/upload/multipart/self/{namespace}/{dataset}");
        let prepare = Request::new("prepareMultipartUpload", "POST", format!("{path}/prepare"))
            .key(KEY)
            .json(format!(r#"{{"filename":"f.{ending}","size":{}}}"#, content.len()));
        let mut facts = Facts::new();
        for (name, value) in [("uploadId", UPLOAD_ID), ("key", UPLOAD_KEY)] {
            facts.insert(name.to_owned(), value.trim_matches('"').to_owned());
        }
        facts.insert("parts".to_owned(), UPLOAD_PARTS.to_owned());
        let finish =
            self.contract.operation("finishMultipartUpload").and_then(|operation| operation.body.as_ref());
        let mut body = match finish {
            Some(about) if self.rng.bool() => {
                let maker =
                    Maker { contract: self.contract, operation: "finishMultipartUpload", facts: &facts };
                maker.value(&about.schema, "", 0, self.rng)
            }
            _ => Json::Object(vec![
                ("uploadId".to_owned(), Json::Raw(UPLOAD_ID.to_owned())),
                ("key".to_owned(), Json::Raw(UPLOAD_KEY.to_owned())),
                ("parts".to_owned(), Json::Raw(UPLOAD_PARTS.to_owned())),
            ]),
        };
        if self.rng.u8(..4) == 0 {
            self.extremes.extend(texts::put_any(&mut body, self.rng));
        }
        let finish = Request::new("finishMultipartUpload", "POST", format!("{path}/finish"))
            .key(KEY)
            .json(body.written());
        self.done("finishMultipartUpload", vec![Step::Upload { prepare, content, finish }])
    }

    /// Sends a part to a presigned URL, or to a similar URL.
    fn put_part(&mut self) -> Scenario {
        let facts = self.known.facts("putPart", self.rng);
        let url = facts.get("url").map(String::as_str).unwrap_or("/_storage/none/1");
        let mut request = Request::new("putPart", "PUT", setup::path(url));
        let size = facts.get("size").and_then(|size| size.parse().ok()).unwrap_or(10_usize).min(1 << 20);
        request.body = vec![b'x'; size];
        if self.rng.bool() {
            self.extremes.insert(Extreme::Path);
            let base = request.path.rsplit_once('/').map_or("/_storage", |(base, _)| base).to_owned();
            request.path = match self.rng.u8(..6) {
                0 => format!("{base}/{}", extreme::number(self.rng).chars().take(10_000).collect::<String>()),
                1 => format!("{base}/1/2"),
                2 => format!("/_storage/{}/1", "\u{e9}".repeat(64)).replace('\u{e9}', "%C3%A9"),
                3 => format!("/_storage/{}/1", "f".repeat(log_uniform(self.rng, 1, 10_000))),
                4 => base,
                _ => format!("{base}/{}", encoded(&extreme::controls(self.rng))),
            };
        } else if self.rng.bool() {
            self.extremes.insert(Extreme::File);
            request.body = vec![0; log_uniform(self.rng, 1, 1 << 20)];
        }
        if self.rng.u8(..6) == 0 {
            self.extremes.insert(Extreme::Headers);
            request = request.key(KEY);
        }
        if self.rng.u8(..8) == 0 {
            request.framing = Framing::Chunks(1_000);
        }
        if self.rng.u8(..8) == 0 {
            word(self.rng, &["GET", "HEAD", "POST", "OPTIONS", "DELETE"]).clone_into(&mut request.method);
        }
        self.done("putPart", vec![Step::Send(request)])
    }

    /// Sends bytes that are not HTTP, or barely HTTP.
    fn wire(&mut self) -> Scenario {
        self.extremes.insert(Extreme::Wire);
        let long = "x".repeat(log_uniform(self.rng, 10, 300_000));
        let text = match self.rng.u8(..12) {
            0 => format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
            1 => format!("GET / HTTP/1.1\r\n{long}: y\r\n\r\n"),
            2 => format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(long.len().min(5_000))),
            3 => "POST /api/v1/query HTTP/1.1\r\nhost: x\r\ncontent-length: 18446744073709551616\r\n\r\n{}".to_owned(),
            4 => "POST /api/v1/query HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}".to_owned(),
            5 => "POST /api/v1/query HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_owned(),
            6 => "POST /api/v1/query HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
            7 => "\x16\x03\x01\x02\0\x01\0\x01".to_owned(),
            8 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            9 => "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
            10 => format!("CONNECT 127.0.0.1:1 HTTP/1.1\r\nhost: x\r\n\r\nGET http://x{}/ HTTP/1.0\r\n\r\n", long.chars().take(9).collect::<String>()),
            _ => "GET //..//../%2e%2e/_emulator/../etc/passwd HTTP/1.1\r\n\r\n".to_owned(),
        };
        let mut request = Request::new("wire", "GET", "");
        request.framing = Framing::Raw;
        request.body = text.into_bytes();
        self.done("wire", vec![Step::Send(request)])
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

fn truncate(text: &mut String) {
    text.truncate(LONGEST_TARGET);
}
