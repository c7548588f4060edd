//! Inspection of the footer before a file is decoded.
//!
//! The decoder recurses over the schema, so a schema that is nested too deeply would overflow the stack and end the
//! process. The schema is a list of elements in Thrift's compact protocol, each with its number of children, so it can
//! be measured without recursion.

use parquet::{
    errors::{ParquetError, Result},
    file::reader::ChunkReader,
};

/// Maximum number of nested groups. A list takes two of them. The decoder and the writer need about 15 KiB of stack for
/// each of them in an unoptimized build.
const LEVELS: usize = 64;
/// Maximum number of nested structs in fields of the footer that are skipped, equal to the decoder's limit.
const FIELDS: usize = 64;

/// Returns `true` if the schema of a file is nested too deeply to be decoded.
///
/// The decoder handles a file without a plain-text footer, and then reads no schema. A footer that cannot be parsed
/// here is an error, because the decoder might still find a schema in it.
pub(super) fn is_nested_too_deeply(contents: &impl ChunkReader) -> Result<bool> {
    let length = contents.len();
    let Some(end) = length.checked_sub(8) else { return Ok(false) };
    let tail = contents.get_bytes(end, 8)?;
    if !tail.ends_with(b"PAR1") {
        return Ok(false);
    }
    let footer = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    let Some(start) = end.checked_sub(u64::from(footer)) else { return Ok(false) };
    let footer = contents.get_bytes(start, footer as usize)?;
    let unreadable = || ParquetError::General("the schema in its footer cannot be read".to_owned());
    Thrift { rest: &footer }.schema().ok_or_else(unreadable)
}

/// The rest of a text in the compact protocol. Methods return `None` on a syntax error.
struct Thrift<'a> {
    rest: &'a [u8],
}

const I32: u8 = 5;
const BYTES: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Thrift<'_> {
    /// Returns `true` if the schema, the second field of a FileMetaData struct, is nested too deeply.
    fn schema(&mut self) -> Option<bool> {
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            // The decoder identifies a field by its number. Fields with higher numbers do not come before the schema.
            match (field, kind) {
                (2, LIST) => return self.elements(),
                (1, I32) => self.skip(kind, FIELDS)?,
                (1..=9, _) => return None,
                _ => self.skip(kind, FIELDS)?,
            }
        }
        None
    }

    /// Returns `true` if the elements of a schema are nested too deeply. They are in depth-first order.
    fn elements(&mut self) -> Option<bool> {
        let (STRUCT, count) = self.list()? else { return None };
        // Number of missing children of each open group.
        let mut open: Vec<u64> = Vec::new();
        for _ in 0..count {
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            let children = self.element()?;
            if children > 0 {
                open.push(children);
            }
            if open.len() > LEVELS {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Returns the number of children of a SchemaElement struct, its fifth field.
    fn element(&mut self) -> Option<u64> {
        let (mut field, mut children) = (0, 0);
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (5, I32) => children = u64::try_from(i32::try_from(self.zigzag()?).ok()?).ok()?,
                (1..=3 | 6..=9, I32) | (4, BYTES) | (10, STRUCT) => self.skip(kind, FIELDS)?,
                (1..=10, _) => return None,
                _ => self.skip(kind, FIELDS)?,
            }
        }
        Some(children)
    }

    /// Returns the type of the next field, or `None` at the end of the struct.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let header = self.byte()?;
        if header & 15 == 0 {
            return Some(None);
        }
        *id = match header >> 4 {
            0 => i64::from(i16::try_from(self.zigzag()?).ok()?),
            more => id.checked_add(i64::from(more))?,
        };
        Some(Some(header & 15))
    }

    /// Returns the type and the number of a list's items.
    fn list(&mut self) -> Option<(u8, u64)> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.varint()?,
            count => u64::from(count),
        };
        Some((header & 15, count))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // The header of the field contains the value of a boolean.
            1 | 2 => Some(()),
            3 => self.bytes(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.bytes(8),
            BYTES => {
                let length = self.varint()?;
                self.bytes(length)
            }
            LIST | 10 => {
                let (kind, count) = self.list()?;
                for _ in 0..count {
                    self.item(kind, depth)?;
                }
                Some(())
            }
            11 => {
                let count = self.varint()?;
                let kinds = if count > 0 { self.byte()? } else { 0 };
                for _ in 0..count {
                    self.item(kinds >> 4, depth)?;
                    self.item(kinds & 15, depth)?;
                }
                Some(())
            }
            13 => self.bytes(16),
            STRUCT => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn item(&mut self, kind: u8, depth: usize) -> Option<()> {
        // A boolean in a list takes one byte.
        if matches!(kind, 1 | 2) { self.bytes(1) } else { self.skip(kind, depth) }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Returns a signed number.
    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a method returns for bytes, and the number of bytes that it takes.
    fn taken<T>(bytes: &[u8], read: impl FnOnce(&mut Thrift<'_>) -> Option<T>) -> Option<(T, usize)> {
        let mut thrift = Thrift { rest: bytes };
        let value = read(&mut thrift)?;
        Some((value, bytes.len() - thrift.rest.len()))
    }

    #[test]
    fn values_of_each_kind_are_skipped_exactly() {
        let many = [&[0xF3, 20][..], &[7; 20]].concat();
        let values: [(u8, &[u8]); 20] = [
            (1, b""),
            (2, b""),
            (3, b"\x07"),
            (4, b"\x80\x01"),
            (I32, b"\x7F"),
            (6, b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
            (7, b"12345678"),
            (BYTES, b"\x03abc"),
            (BYTES, b"\0"),
            (LIST, b"\x35\x01\x81\x01\x02"),
            (LIST, b"\x21\x01\x02"),
            (LIST, &many),
            (10, b"\x18\x02ab"),
            (11, b"\0"),
            (11, b"\x02\x58\x07\x01x\x81\x01\0"),
            (11, b"\x01\x1C\x01\0"),
            (STRUCT, b"\0"),
            (STRUCT, b"\x15\x02\x18\x01x\x1C\x11\0\0"),
            (STRUCT, b"\x05\x80\x02\x07\0"),
            (13, b"1234567890123456"),
        ];
        for (kind, value) in values {
            let padded = [value, &[0xFF; 30]].concat();
            let skip = |bytes: &[u8]| taken(bytes, |thrift| thrift.skip(kind, FIELDS));
            assert_eq!(skip(&padded), Some(((), value.len())), "kind {kind}, {value:?}");
            for length in 0..value.len() {
                assert_eq!(skip(&value[..length]), None, "kind {kind}, {length} bytes of {value:?}");
            }
        }
        for kind in [0, 14, 15] {
            assert_eq!(taken(&[0; 30], |thrift| thrift.skip(kind, FIELDS)), None, "kind {kind}");
        }
    }

    #[test]
    fn structs_are_skipped_to_a_depth() {
        let nested = |levels: usize| [vec![0x1C; levels - 1], vec![0; levels]].concat();
        let skip = |levels| taken(&nested(levels), |thrift| thrift.skip(STRUCT, 5)).is_some();
        assert!(skip(5) && !skip(6));
    }

    #[test]
    fn fields_have_numbers_and_kinds() {
        let field = |bytes: &[u8], before: i64| {
            let mut id = before;
            taken(bytes, |thrift| thrift.field(&mut id)).map(|(kind, length)| (kind, length, id))
        };
        assert_eq!(field(b"\x00", 3), Some((None, 1, 3)));
        assert_eq!(field(b"\xF5", 3), Some((Some(I32), 1, 18)));
        assert_eq!(field(b"\x0C\x08", 3), Some((Some(STRUCT), 2, 4)), "a number of its own");
        assert_eq!(field(b"\x0C\x07", 3), Some((Some(STRUCT), 2, -4)));
        assert_eq!(field(b"\x0C\x80\x80\x04", 3), None, "a number of more than 16 bits");
        assert_eq!(field(b"\x15", i64::MAX), None);
    }

    #[test]
    fn children_are_those_of_the_fifth_field() {
        let element = |bytes: &[u8]| taken(bytes, |thrift| thrift.element());
        let whole = b"\x15\x02\x38\x01a\x15\x06\x15\0\x4C\0\x13\x09\0";
        assert_eq!(element(whole), Some((3, whole.len())));
        assert_eq!(element(b"\0"), Some((0, 1)), "no field");
        assert_eq!(element(b"\x55\x01\0"), None, "a negative number");
        for field in 1..=10_u8 {
            let known = match field {
                4 => BYTES,
                10 => STRUCT,
                _ => I32,
            };
            for kind in [I32, BYTES, STRUCT] {
                // A number, an empty text, or a struct without fields.
                let is_read = element(&[field << 4 | kind, 0, 0]).is_some();
                assert_eq!(is_read, kind == known, "field {field}, kind {kind}");
            }
        }
        assert_eq!(element(b"\xB8\x01a\0"), Some((0, 4)), "an unknown field");
    }

    #[test]
    fn schema_is_the_second_field() {
        let schema = |bytes: &[u8]| taken(bytes, |thrift| thrift.schema()).map(|(nested, _)| nested);
        assert_eq!(schema(b"\x15\x02\x19\x1C\0"), Some(false));
        assert_eq!(schema(b"\x29\x1C\0"), Some(false), "without a version");
        assert_eq!(schema(b"\x29\x15\0"), None, "a list of numbers");
        assert_eq!(schema(b"\0"), None, "no schema");
        assert_eq!(schema(b"\x18\0\x19\x1C\0"), None, "a version that is a text");
        assert_eq!(schema(b"\x25\0\x19\x1C\0"), None, "a schema that is a number");
        assert_eq!(schema(b"\xA5\0\x09\x04\x1C\0"), Some(false), "an unknown field before it");
    }
}
