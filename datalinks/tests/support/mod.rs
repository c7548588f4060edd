//! Reading of the test vectors.

use serde_json::Value;

/// Longer inputs are split at a few positions only.
const SHORT: usize = 600;

pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) chunks: Vec<Vec<u8>>,
    pub(crate) fields: Value,
}

impl Vector {
    /// Returns the expected items with repeated items expanded.
    pub(crate) fn expected(&self) -> Vec<&Value> {
        let mut all = Vec::new();
        for item in self.fields["expected"].as_array().into_iter().flatten() {
            let times = item["repeat"].as_u64().unwrap_or(1);
            all.extend((0..times).map(|_| item));
        }
        all
    }
}

pub(crate) fn load(text: &str) -> Vec<Vector> {
    let file: Value = serde_json::from_str(text).unwrap_or_default();
    let vectors = file["vectors"].as_array().cloned().unwrap_or_default();
    vectors
        .into_iter()
        .map(|fields| {
            let mut chunks = Vec::new();
            for chunk in fields["chunks"].as_array().into_iter().flatten() {
                match chunk {
                    Value::String(text) => chunks.push(base64(text)),
                    Value::Object(object) if object.contains_key("parts") => {
                        let parts = chunk["parts"].as_array().into_iter().flatten();
                        let bytes = parts.flat_map(|part| {
                            base64(part[0].as_str().unwrap_or_default())
                                .repeat(part[1].as_u64().unwrap_or(1) as usize)
                        });
                        chunks.push(bytes.collect());
                    }
                    _ => {
                        let bytes = base64(chunk["b64"].as_str().unwrap_or_default());
                        let times = chunk["repeat"].as_u64().unwrap_or(1);
                        chunks.extend((0..times).map(|_| bytes.clone()));
                    }
                }
            }
            Vector { name: fields["name"].as_str().unwrap_or_default().to_owned(), chunks, fields }
        })
        .collect()
}

/// Returns other splits of the same bytes: unsplit, byte by byte, and in two at every position (at some
/// positions of long inputs).
pub(crate) fn cuts(chunks: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
    let whole: Vec<u8> = chunks.concat();
    let mut cuts = vec![vec![whole.clone()]];
    if whole.len() <= 100_000 {
        cuts.push(whole.iter().map(|byte| vec![*byte]).collect());
    }
    let step = if whole.len() <= SHORT { 1 } else { whole.len() / 7 };
    for place in (1..whole.len()).step_by(step) {
        let (left, right) = whole.split_at(place);
        cuts.push(vec![left.to_vec(), right.to_vec()]);
    }
    cuts
}

/// Returns `true` if a value equals the expected one, or has the expected length.
pub(crate) fn value_matches(found: &Value, expected: &Value) -> bool {
    match expected.get("$len").and_then(Value::as_u64) {
        Some(length) => found.to_string().len() as u64 == length,
        None => found == expected,
    }
}

/// Decodes standard base64 of valid data.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).unwrap_or_default() as u32;
        bits = (bits << 6) | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}
