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
