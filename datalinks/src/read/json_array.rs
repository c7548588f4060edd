//! One JSON array of objects, an item at a time.

use memchr::memchr2;

use super::{
    bad_row::{Fault, bad, not_utf8, over_limit},
    input::Input,
    json_shape::is_certain,
    origin::Origin,
    position::{Position, offset},
    raw_row::{NoRow, RawRow, reason},
    records::Records,
};
use crate::error::{Error, ErrorKind};

/// Rows of a JSON array. Items are found by their brackets and quotes, and each is then read as JSON for
/// itself: only one is ever held.
pub(super) struct JsonArray {
    input: Input,
    limit: usize,
    /// Where the next byte is.
    position: Position,
    at: At,
    item: Vec<u8>,
}

/// What may come next.
#[derive(Clone, Copy)]
enum At {
    Start,
    FirstItem,
    Separator,
    End,
}

impl JsonArray {
    pub(super) fn new(input: Input, limit: usize) -> Self {
        Self { input, limit, position: Position::START, at: At::Start, item: Vec::new() }
    }

    /// Goes to the next item; false when there is none.
    fn find_item(&mut self) -> Result<bool, Fault> {
        if let At::Start = self.at {
            match self.next_byte()? {
                Some(b'[') => self.take_byte(),
                Some(b'{') => {
                    return Err(self.broken("an object instead of an array", OBJECT_ADVICE));
                }
                Some(_) => return Err(self.broken("no JSON array begins here", ADVICE)),
                None => return Err(self.broken("the file ends where a JSON array should begin", ADVICE)),
            }
            self.at = At::FirstItem;
        }
        let closed = match (self.at, self.next_byte()?) {
            (At::End, _) => return Ok(false),
            (At::FirstItem | At::Separator, Some(b']')) => true,
            (At::FirstItem, Some(_)) => false,
            (At::Separator, Some(b',')) => {
                self.take_byte();
                false
            }
            (_, Some(_)) => return Err(self.broken("a comma or the end of the array is missing", ADVICE)),
            (_, None) => return Err(self.ends_early()),
        };
        if closed {
            self.take_byte();
            self.at = At::End;
            if self.next_byte()?.is_some() {
                return Err(self.broken("something follows the array", ADVICE));
            }
        }
        Ok(!closed)
    }

    /// Reads an item into `item`; false when it is longer than the limit, and then only its start.
    fn read_item(&mut self) -> Result<bool, Fault> {
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

    /// The next byte that is no white space.
    fn next_byte(&mut self) -> Result<Option<u8>, Fault> {
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

    /// Marks the byte of [`next_byte`](Self::next_byte) as read. It is ASCII and no line end.
    fn take_byte(&mut self) {
        self.input.consume(1);
        self.position.column += 1;
    }

    fn ends_early(&self) -> Fault {
        self.broken(
            "the file ends before the array does",
            "the rows before are whole; get the rest of the file",
        )
    }

    fn broken(&self, message: &str, advice: &'static str) -> Fault {
        self.broken_at(self.position, message, advice)
    }

    /// The array is broken: where the next item would begin is not known.
    fn broken_at(&self, position: Position, message: &str, advice: &'static str) -> Fault {
        let message = format!("{}, {position}: {message}", self.input.name());
        Fault::End(Error::new(ErrorKind::Encode, message).advice(advice))
    }
}

const ADVICE: &str = "correct the file; after this position it cannot be read";
const OBJECT_ADVICE: &str =
    "name the format (ndjson) if the file has one object a line, or put it into an array";

impl Records for JsonArray {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        if !self.find_item()? {
            return Ok(None);
        }
        if self.next_byte()?.is_none() {
            return Err(self.ends_early());
        }
        let start = self.position;
        let fits = self.read_item()?;
        self.at = At::Separator;
        let name = self.input.name();
        if self.item.is_empty() {
            return Err(self.broken("a value is missing", ADVICE));
        }
        if !fits {
            return Err(bad(name, start, over_limit("the item", self.limit), &self.item));
        }
        // The brackets hold, so the next item can be found.
        let text = std::str::from_utf8(&self.item).map_err(|error| {
            let (valid, broken) = self.item.split_at(error.valid_up_to());
            bad(name, start.after(valid), not_utf8(broken), &self.item)
        })?;
        match RawRow::parse(text) {
            Ok(row) => Ok(Some(row.at(Origin::json(start)))),
            Err(no_row @ NoRow::Other(_)) => Err(bad(name, start, no_row, &self.item)),
            Err(NoRow::Broken(error)) => {
                let position = start.after(&self.item[..offset(text, &error)]);
                if is_certain(&self.item) {
                    return Err(bad(name, position, NoRow::Broken(error), &self.item));
                }
                Err(self.broken_at(position, &format!("broken JSON, {}", reason(&error)), ADVICE))
            }
        }
    }
}

/// Finds the end of an item, in as many chunks as it takes.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Where the item ends, if it ends in this chunk.
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
                    // With depth 1 it closes the item; with depth 0 it closes the array behind it.
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

/// White space as JSON has it.
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

    fn as_it_is(reader: Reader) -> Reader {
        reader
    }

    #[test]
    fn items_are_rows_as_they_are_written() {
        let text = "\u{FEFF} \r\n [ {\"a\": [1, {\"b\":\"]}\\\"\\\\\"}]}\n,{},{\"c\":\n null} ] \n";
        assert_eq!(all("x.json", text, as_it_is), [r#"{"a": [1, {"b":"]}\"\\"}]}"#, "{}", "{\"c\":\n null}"]);
        assert!(all("x.json", "[]", as_it_is).is_empty());
        assert!(all("x.json", " [\n] ", as_it_is).is_empty());
    }

    #[test]
    fn numbers_keep_their_digits() {
        let row = r#"{"n":123456789012345678901234567890,"d":-0.123456789012345678901234567890E-7}"#;
        assert_eq!(all("x.json", format!("[{row}]"), as_it_is), [row]);
    }

    #[test]
    fn an_item_that_is_no_row_is_named_and_the_caller_chooses() {
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
    fn a_broken_array_is_the_end_whatever_the_choice() {
        for (text, said) in [
            ("", "line 1, column 1: the file ends where"),
            ("\n {\"a\":1}", "line 2, column 2: an object instead of an array"),
            ("a", "line 1, column 1: no JSON array"),
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
            ("[{}]\n]", "line 2, column 1: something follows"),
            ("[{\"a\":1],{}]", "line 1, column 8: broken JSON, expected"),
            ("[{\"a\":\"x\"y\"z\"},{}]", "line 1, column 10: broken JSON, expected"),
            ("[{\"a\":'},{'},{}]", "line 1, column 7: broken JSON, expected value"),
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
    fn an_item_with_a_wrong_word_is_a_bad_record() {
        let text = "[{\"id\":1,\"v\":1.5},\n {\"id\":2, \"v\": NaN},{\"a\":\n tru},{\"a\":01},nul,\
                    {\"a\":1,},{\"a\":\"a\tb\"},{a:1},-Infinity,{\"id\":3}]";
        let bad = [
            "! x.json, line 2, column 16: broken JSON, expected value",
            "! x.json, line 3, column 5: broken JSON, expected ident",
            "! x.json, line 3, column 13: broken JSON, invalid number",
            "! x.json, line 3, column 18: broken JSON, EOF while parsing a value",
            "! x.json, line 3, column 27: broken JSON, key must be a string",
            "! x.json, line 3, column 35: broken JSON, control character (\\u0000-\\u001F) found while parsing a string",
            "! x.json, line 3, column 42: broken JSON, key must be a string",
            "! x.json, line 3, column 48: broken JSON, invalid number",
        ];
        let (first, last) = (r#"{"id":1,"v":1.5}"#, r#"{"id":3}"#);
        let with = |choice| all("x.json", text, |reader| reader.on_bad_row(choice));
        assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
        assert_eq!(with(OnBadRow::Skip), [first, last]);
        assert_eq!(with(OnBadRow::Report), [&[first], &bad[..], &[last]].concat());
    }

    #[test]
    fn python_writes_nan_into_an_array() {
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
    fn an_item_over_the_limit_is_a_bad_record() {
        let text = "[{\"a\":1},\n{\"a\":\"12]345678901234\"},{\"a\":2}]";
        let rows = all("x.json", text, |reader| reader.record_limit(7).on_bad_row(OnBadRow::Report));
        let bad = "! x.json, line 2, column 1: the item is longer than the limit for a record, 7 bytes (Reader::record_limit)";
        assert_eq!(rows, [r#"{"a":1}"#, bad, r#"{"a":2}"#]);
    }

    #[test]
    fn depth_is_no_danger() {
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
        fn what_serde_json_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::btree_map("[a-z\"]{1,3}", value(), 0..4), 0..5),
            pretty in any::<bool>(),
        ) {
            let written: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
            let text = if pretty { serde_json::to_string_pretty(&rows) } else { serde_json::to_string(&rows) };
            let read = all("x.json", text.unwrap(), as_it_is);
            if pretty {
                let values = |texts: &[String]| -> Vec<serde_json::Value> {
                    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
                };
                prop_assert_eq!(values(&read), values(&written));
            } else {
                prop_assert_eq!(read, written);
            }
        }

        /// A wrong word costs its own item, and no other.
        #[test]
        fn a_wrong_word_costs_one_item(
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

        /// Punctuation that is lost or inserted never makes rows of what is none, and loses none unseen.
        #[test]
        fn wrong_punctuation_invents_no_row(
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
            // Within a string a bracket changes a value, so one row may be another.
            let others = good.iter().filter(|row| !written.contains(row)).count();
            prop_assert!(others <= 1, "{:?}", good);
            if !ended {
                prop_assert_eq!(good.len() as u64 + read.skipped(), written.len() as u64);
            }
        }

        /// No error exactly when serde_json finds an array of objects.
        #[test]
        fn is_as_strict_as_serde_json(text in "[\\[\\]{},:\" \\\\a10]{0,12}") {
            let ours = reader("x.json", &text).rows().collect::<Result<Vec<_>, _>>();
            let theirs = serde_json::from_str::<Vec<datalinks_gen::Row>>(&text);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok());
        }

        #[test]
        fn any_bytes_in_any_pieces_give_the_same(bytes in prop::collection::vec(
            prop::sample::select(&b"[]{},:\"\\ \n1\xC3\xA9"[..]), 0..40,
        )) {
            let bytes = [b"[", &bytes[..]].concat();
            for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
                all("x.json", &bytes, |reader| reader.on_bad_row(choice).record_limit(16));
            }
        }
    }
}
