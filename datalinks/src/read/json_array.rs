//! JSON: one array of objects, read item by item.

use memchr::memchr2;

use super::{
    bad_row::{RowError, bad, not_utf8, over_limit},
    input::Input,
    json_shape::is_certain,
    origin::Origin,
    position::Position,
    raw_row::{NotARow, RawRow},
    records::Records,
};
use crate::{
    error::{Error, ErrorKind},
    json::misfit::{offset, reason},
};

/// A reader of a JSON array. It finds the end of an item by brackets and quotes, and then parses the item by itself.
/// Only one item is held in memory.
pub(super) struct JsonArray {
    input: Input,
    limit: usize,
    /// Position of the next byte.
    position: Position,
    expected: Expected,
    item: Vec<u8>,
}

/// The syntax that may come next.
#[derive(Clone, Copy)]
enum Expected {
    Start,
    FirstItem,
    Separator,
    End,
}

impl JsonArray {
    pub(super) fn new(input: Input, limit: usize) -> Self {
        Self { input, limit, position: Position::START, expected: Expected::Start, item: Vec::new() }
    }

    /// Moves to the next item. Returns `false` if the array has ended.
    fn find_item(&mut self) -> Result<bool, RowError> {
        if let Expected::Start = self.expected {
            match self.next_byte()? {
                Some(b'[') => self.take_byte(),
                Some(b'{') => {
                    return Err(self.broken("an object instead of an array", OBJECT_ADVICE));
                }
                Some(_) => return Err(self.broken("expected a JSON array", ADVICE)),
                None => return Err(self.broken("the file ends before a JSON array begins", ADVICE)),
            }
            self.expected = Expected::FirstItem;
        }
        let closed = match (self.expected, self.next_byte()?) {
            (Expected::End, _) => return Ok(false),
            (Expected::FirstItem | Expected::Separator, Some(b']')) => true,
            (Expected::FirstItem, Some(_)) => false,
            (Expected::Separator, Some(b',')) => {
                self.take_byte();
                false
            }
            (_, Some(_)) => return Err(self.broken("a comma or the end of the array is missing", ADVICE)),
            (_, None) => return Err(self.ends_early()),
        };
        if closed {
            self.take_byte();
            self.expected = Expected::End;
            if self.next_byte()?.is_some() {
                return Err(self.broken("unexpected data after the array", ADVICE));
            }
        }
        Ok(!closed)
    }

    /// Reads an item into `item`. Returns `false` if it is longer than the limit; `item` then holds only its start.
    fn read_item(&mut self) -> Result<bool, RowError> {
        self.item.clear();
        let mut scan = Scan::default();
        let mut fits = true;
        loop {
            let chunk = self.input.fill(self.position)?;
            if chunk.is_empty() {
                return Err(self.ends_early());
            }
            let end = scan.end(chunk);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = self.limit - self.item.len();
            fits &= part.len() <= room;
            self.item.extend_from_slice(&part[..part.len().min(room)]);
            self.position = self.position.after(part);
            let length = part.len();
            self.input.consume(length);
            if end.is_some() {
                return Ok(fits);
            }
        }
    }

    /// Returns the next byte that is not white space, without consuming it.
    fn next_byte(&mut self) -> Result<Option<u8>, RowError> {
        loop {
            let chunk = self.input.fill(self.position)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let found = chunk.iter().position(|byte| !is_space(*byte));
            let space = found.unwrap_or(chunk.len());
            let byte = chunk.get(space).copied();
            self.position = self.position.after(&chunk[..space]);
            self.input.consume(space);
            if byte.is_some() {
                return Ok(byte);
            }
        }
    }

    /// Consumes the byte of [`next_byte`](Self::next_byte), which is ASCII and not a line end.
    fn take_byte(&mut self) {
        self.input.consume(1);
        self.position.column += 1;
    }

    fn ends_early(&self) -> RowError {
        self.broken(
            "the file ends before the array does",
            "the rows before are complete; get the rest of the file",
        )
    }

    fn broken(&self, message: &str, advice: &'static str) -> RowError {
        self.broken_at(self.position, message, advice)
    }

    /// Creates the error for an array that is invalid between its items. Reading cannot continue, because the start of
    /// the next item is unknown.
    fn broken_at(&self, position: Position, message: &str, advice: &'static str) -> RowError {
        let message = format!("{}, {position}: {message}", self.input.name());
        RowError::End(Error::new(ErrorKind::Encode, message).advice(advice))
    }
}

const ADVICE: &str = "correct the file; it cannot be read after this position";
const OBJECT_ADVICE: &str =
    "set the format to NDJSON if the file has one object per line, or put the object into an array";

impl Records for JsonArray {
    fn next(&mut self) -> Result<Option<RawRow>, RowError> {
        if !self.find_item()? {
            return Ok(None);
        }
        if self.next_byte()?.is_none() {
            return Err(self.ends_early());
        }
        let start = self.position;
        let fits = self.read_item()?;
        self.expected = Expected::Separator;
        let name = self.input.name();
        if self.item.is_empty() {
            return Err(self.broken("a value is missing", ADVICE));
        }
        if !fits {
            return Err(bad(name, start, over_limit("the item", self.limit), &self.item));
        }
        // The brackets match, so the next item can be found.
        let text = std::str::from_utf8(&self.item).map_err(|error| {
            let (valid, broken) = self.item.split_at(error.valid_up_to());
            bad(name, start.after(valid), not_utf8(broken), &self.item)
        })?;
        match RawRow::parse(text) {
            Ok(row) => Ok(Some(row.at(Origin::json(start)))),
            Err(not_a_row @ NotARow::Other(_)) => Err(bad(name, start, not_a_row, &self.item)),
            Err(NotARow::Broken(error)) => {
                let position = start.after(&self.item[..offset(text, &error)]);
                if is_certain(&self.item) {
                    return Err(bad(name, position, NotARow::Broken(error), &self.item));
                }
                Err(self.broken_at(position, &format!("invalid JSON, {}", reason(&error)), ADVICE))
            }
        }
    }
}

/// Finds the end of an item across any number of chunks.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Returns the end of the item, if it ends in this chunk.
    fn end(&mut self, chunk: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = chunk.get(at) {
            if self.escaped {
                self.escaped = false;
                at += 1;
            } else if self.in_string {
                at += memchr2(b'"', b'\\', &chunk[at..])?;
                self.escaped = chunk[at] == b'\\';
                self.in_string = self.escaped;
                at += 1;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth > 1 => self.depth -= 1,
                    // At depth 1 the bracket closes the item. At depth 0 it closes the array after the item.
                    b'}' | b']' => return Some(at + self.depth),
                    b',' if self.depth == 0 => return Some(at),
                    _ if self.depth == 0 && is_space(byte) => return Some(at),
                    _ => {}
                }
                at += 1;
            }
        }
        None
    }
}

/// Returns `true` for white space as JSON defines it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::read::{
        Reader,
        bad_row::{BadRow, OnBadRow},
        tests::{all, reader},
    };

    fn unchanged(reader: Reader) -> Reader {
        reader
    }

    #[test]
    fn json_items_keep_their_text() {
        let text = "\u{FEFF} \r\n [ {\"a\": [1, {\"b\":\"]}\\\"\\\\\"}]}\n,{},{\"c\":\n null} ] \n";
        assert_eq!(
            all("x.json", text, unchanged),
            [r#"{"a": [1, {"b":"]}\"\\"}]}"#, "{}", "{\"c\":\n null}"]
        );
        assert!(all("x.json", "[]", unchanged).is_empty());
        assert!(all("x.json", " [\n] ", unchanged).is_empty());
    }

    #[test]
    fn numbers_keep_their_digits() {
        let row = r#"{"n":123456789012345678901234567890,"d":-0.123456789012345678901234567890E-7}"#;
        assert_eq!(all("x.json", format!("[{row}]"), unchanged), [row]);
    }

    #[test]
    fn json_bad_item_follows_the_choice_for_bad_rows() {
        let text = b"[{\"a\":1},\n 7, \"x,]\",\n[{}],null\n,{\"\xC3\xA9\":\"\xFF\"},{\"b\":2}]";
        let bad = [
            "! x.json, line 2, column 2: a number instead of an object",
            "! x.json, line 2, column 5: a string instead of an object",
            "! x.json, line 3, column 1: an array instead of an object",
            "! x.json, line 3, column 6: null instead of an object",
            "! x.json, line 4, column 8: the bytes are not UTF-8",
        ];
        let (first, last) = (r#"{"a":1}"#, r#"{"b":2}"#);
        let with = |choice| all("x.json", text, |reader| reader.on_bad_row(choice));
        assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
        assert_eq!(with(OnBadRow::Skip), [first, last]);
        assert_eq!(with(OnBadRow::Report), [&[first], &bad[..], &[last]].concat());
    }

    #[test]
    fn invalid_json_array_ends_the_rows_with_every_choice() {
        for (text, said) in [
            ("", "line 1, column 1: the file ends before a JSON array"),
            ("\n {\"a\":1}", "line 2, column 2: an object instead of an array"),
            ("a", "line 1, column 1: expected a JSON array"),
            ("[", "line 1, column 2: the file ends before"),
            ("[{}", "line 1, column 4: the file ends before"),
            ("[{},\n", "line 2, column 1: the file ends before"),
            ("[{\"a\":\"]", "line 1, column 9: the file ends before"),
            ("[{} {}]", "line 1, column 5: a comma"),
            ("[{}:{}]", "line 1, column 4: a comma"),
            ("[{},]", "line 1, column 5: a value is missing"),
            ("[,{}]", "line 1, column 2: a value is missing"),
            ("[{},,{}]", "line 1, column 5: a value is missing"),
            ("[}]", "line 1, column 2: a value is missing"),
            ("[{}]\n]", "line 2, column 1: unexpected data"),
            ("[{\"a\":1],{}]", "line 1, column 8: invalid JSON, expected"),
            ("[{\"a\":\"x\"y\"z\"},{}]", "line 1, column 10: invalid JSON, expected"),
            ("[{\"a\":'},{'},{}]", "line 1, column 7: invalid JSON, expected value"),
        ] {
            let found = all("x.json", text, |reader| reader.on_bad_row(OnBadRow::Skip));
            let last = found.last().unwrap();
            assert!(last.starts_with(&format!("! x.json, {said}")), "{text:?}: {last}");
            assert!(found[..found.len() - 1].iter().all(|row| row == "{}"), "{text:?}");
            let error = reader("x.json", text).rows().find_map(Result::err).unwrap();
            assert!(BadRow::of(&error).is_none());
        }
    }

    #[test]
    fn json_item_with_an_invalid_word_is_a_bad_record() {
        let text = "[{\"id\":1,\"v\":1.5},\n {\"id\":2, \"v\": NaN},{\"a\":\n tru},{\"a\":01},nul,\
                    {\"a\":1,},{\"a\":\"a\tb\"},{a:1},-Infinity,{\"id\":3}]";
        let bad = [
            "! x.json, line 2, column 16: invalid JSON, expected value",
            "! x.json, line 3, column 5: invalid JSON, expected ident",
            "! x.json, line 3, column 13: invalid JSON, invalid number",
            "! x.json, line 3, column 18: invalid JSON, EOF while parsing a value",
            "! x.json, line 3, column 27: invalid JSON, key must be a string",
            "! x.json, line 3, column 35: invalid JSON, control character (\\u0000-\\u001F) found while parsing a string",
            "! x.json, line 3, column 42: invalid JSON, key must be a string",
            "! x.json, line 3, column 48: invalid JSON, invalid number",
        ];
        let (first, last) = (r#"{"id":1,"v":1.5}"#, r#"{"id":3}"#);
        let with = |choice| all("x.json", text, |reader| reader.on_bad_row(choice));
        assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
        assert_eq!(with(OnBadRow::Skip), [first, last]);
        assert_eq!(with(OnBadRow::Report), [&[first], &bad[..], &[last]].concat());
    }

    #[test]
    fn nan_of_python_is_a_bad_record() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/inputs/nan_array.json");
        let mut rows = crate::read::file(path).on_bad_row(OnBadRow::Report).rows();
        let mut next = || rows.next().unwrap();
        assert_eq!(next().unwrap().json(), r#"{"id":1,"v":1.5}"#);
        let error = next().unwrap_err();
        let bad = BadRow::of(&error).unwrap();
        assert_eq!((bad.line(), bad.column(), bad.text()), (1, 31, r#"{"id":2,"v":NaN}"#));
        assert_eq!(next().unwrap().json(), r#"{"id":3,"v":2.5}"#);
        assert!(rows.next().is_none());
    }

    #[test]
    fn json_item_over_the_limit_is_a_bad_record() {
        let text = "[{\"a\":1},\n{\"a\":\"12]345678901234\"},{\"a\":2}]";
        let rows = all("x.json", text, |reader| reader.record_limit(7).on_bad_row(OnBadRow::Report));
        let bad = "! x.json, line 2, column 1: the item is longer than the limit for a record, 7 bytes (Reader::record_limit)";
        assert_eq!(rows, [r#"{"a":1}"#, bad, r#"{"a":2}"#]);
    }

    #[test]
    fn deeply_nested_items_are_read() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let mut rows = reader("x.json", format!("[{deep},{{}}]")).rows();
        assert_eq!(rows.next().unwrap().unwrap().json(), deep);
        assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "[a-z\"\\\\{}\\[\\],:é\n]{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"{}]{0,3}", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn output_of_serde_json_is_read_back(
            rows in prop::collection::vec(prop::collection::btree_map("[a-z\"]{1,3}", value(), 0..4), 0..5),
            pretty in any::<bool>(),
        ) {
            let written: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
            let text = if pretty { serde_json::to_string_pretty(&rows) } else { serde_json::to_string(&rows) };
            let read = all("x.json", text.unwrap(), unchanged);
            if pretty {
                let values = |texts: &[String]| -> Vec<serde_json::Value> {
                    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
                };
                prop_assert_eq!(values(&read), values(&written));
            } else {
                prop_assert_eq!(read, written);
            }
        }

        /// An invalid word invalidates its own item, and no other.
        #[test]
        fn invalid_word_invalidates_one_item(
            rows in prop::collection::vec(prop::collection::btree_map("[a-z\"]{1,3}", value(), 0..4), 1..5),
            at in any::<prop::sample::Index>(),
            word in "(NaN|-?Infinity|None|True|undefined|01|\\.5|1\\.|\\+1|[a-z]{1,5}_|)",
        ) {
            let mut written: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
            let at = at.index(written.len());
            written[at] = format!("{{\"w\":{word},\"rest\":{}}}", written[at]);
            let text = format!("[{}]", written.join(","));
            let mut rows = reader("x.json", text).on_bad_row(OnBadRow::Skip).rows();
            let read: Vec<_> = rows.by_ref().map(|row| row.unwrap().json().to_owned()).collect();
            written.remove(at);
            prop_assert_eq!(read, written);
            prop_assert_eq!(rows.skipped(), 1);
        }

        /// Punctuation that is lost or inserted never creates rows, and never loses one without an error.
        #[test]
        fn invalid_punctuation_never_creates_rows(
            rows in prop::collection::vec(prop::collection::btree_map("[a-z\"]{1,3}", value(), 0..4), 1..6),
            at in any::<prop::sample::Index>(),
            inserted in prop::option::of(prop::sample::select(&b"\"{}[]"[..])),
        ) {
            let written: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
            let mut text = format!("[{}]", written.join(",")).into_bytes();
            let punctuation: Vec<_> = (0..text.len()).filter(|at| b"\"{}[]".contains(&text[*at])).collect();
            let at = punctuation[at.index(punctuation.len())];
            match inserted {
                Some(byte) => text.insert(at, byte),
                None => {
                    text.remove(at);
                }
            }
            let mut read = reader("x.json", text).on_bad_row(OnBadRow::Skip).rows();
            let found: Vec<_> = read.by_ref().collect();
            let ended = found.last().is_some_and(Result::is_err);
            let good: Vec<_> = found.iter().flatten().map(|row| row.json().to_owned()).collect();
            // Inside a string, a bracket changes a value, so one row may differ.
            let others = good.iter().filter(|row| !written.contains(row)).count();
            prop_assert!(others <= 1, "{:?}", good);
            if !ended {
                prop_assert_eq!(good.len() as u64 + read.skipped(), written.len() as u64);
            }
        }

        /// Reading fails exactly if serde_json does not find an array of objects.
        #[test]
        fn json_reader_is_as_strict_as_serde_json(text in "[\\[\\]{},:\" \\\\a10]{0,12}") {
            let ours = reader("x.json", &text).rows().collect::<Result<Vec<_>, _>>();
            let theirs = serde_json::from_str::<Vec<datalinks_gen::Row>>(&text);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok());
        }

        #[test]
        fn chunk_sizes_do_not_change_the_result(bytes in prop::collection::vec(
            prop::sample::select(&b"[]{},:\"\\ \n1\xC3\xA9"[..]), 0..40,
        )) {
            let bytes = [b"[", &bytes[..]].concat();
            for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
                all("x.json", &bytes, |reader| reader.on_bad_row(choice).record_limit(16));
            }
        }
    }
}
