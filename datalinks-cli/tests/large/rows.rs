//! Rows that follow from a seed, so that a server can compare what it receives without keeping it.

use std::io::{BufWriter, Write};
use std::path::Path;

use crate::random::mix;

/// The text that the rows quote.
const TEXT_BYTES: usize = 64 * 1024;

/// Rows of a file, by index.
pub(crate) struct Rows {
    seed: u64,
    /// Mean size of a row in bytes, about.
    width: usize,
    text: Vec<u8>,
    pub(crate) count: usize,
    pub(crate) bytes: u64,
}

impl Rows {
    /// Writes a file of at least this size. Rows have half to three halves of the width.
    pub(crate) fn write(file: &Path, bytes: u64, width: usize, seed: u64) -> Self {
        assert!((64..TEXT_BYTES / 2).contains(&width), "{width}");
        let letters = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ {}[]:,0123";
        let text = (0..TEXT_BYTES as u64).map(|n| letters[(mix(seed ^ n) % 64) as usize]).collect();
        let mut rows = Self { seed, width, text, count: 0, bytes: 0 };
        let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(file).unwrap());
        let mut line = Vec::new();
        while rows.bytes < bytes {
            line.clear();
            rows.append(rows.count, &mut line);
            line.push(b'\n');
            out.write_all(&line).unwrap();
            rows.count += 1;
            rows.bytes += line.len() as u64;
        }
        out.flush().unwrap();
        rows
    }

    /// Appends the JSON of a row. Its number has more digits than a `f64`, and its strings have escapes.
    pub(crate) fn append(&self, id: usize, line: &mut Vec<u8>) {
        let random = mix(self.seed.wrapping_add(id as u64));
        write!(line, r#"{{"id":{id},"score":0.{random:020}{random:020},"note":"caf\u00e9 \"é\"\n","text":""#)
            .unwrap();
        let from = random as usize % (TEXT_BYTES / 4);
        let fixed = 100.min(self.width / 2);
        let length = self.width / 2 + (random >> 32) as usize % self.width - fixed / 2;
        line.extend_from_slice(&self.text[from..from + length]);
        line.extend_from_slice(b"\"}");
    }

    /// Returns the ids of the rows of a request body, or what is wrong with it.
    pub(crate) fn ids(&self, body: &[u8]) -> Result<Vec<usize>, String> {
        let mut rest = body.strip_prefix(br#"{"data":["#).ok_or("the body does not begin with rows")?;
        let (mut ids, mut expected) = (Vec::new(), Vec::new());
        loop {
            let id = rest.strip_prefix(br#"{"id":"#).ok_or("a row does not begin with its id")?;
            let digits = id.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let id = std::str::from_utf8(&id[..digits]).ok().and_then(|id| id.parse().ok());
            let id: usize = id.ok_or("an id is no number")?;
            expected.clear();
            self.append(id, &mut expected);
            rest = rest.strip_prefix(&expected[..]).ok_or(format!("row {id} is not that of the file"))?;
            ids.push(id);
            match rest.split_first() {
                Some((b',', more)) => rest = more,
                Some((b']', _)) => return Ok(ids),
                _ => return Err(format!("row {id} is followed by {:?}", rest.first())),
            }
        }
    }
}
