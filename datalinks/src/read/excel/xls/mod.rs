//! The size of sheets in the format of Excel 97, measured before the library reads them.
//!
//! The library converts every sheet of such a workbook to a rectangle, reserves memory for the declared number of
//! cells, and copies a shared string for each cell that has it.

mod bytes;
mod compound;
mod strings;

use self::{
    bytes::{number, short},
    compound::Compound,
    strings::SharedStrings,
};
use super::errors::too_large;
use crate::error::Error;

/// Maximum number of cells in addition to those that are written in the workbook: this crate's choice.
const FREE_CELLS: u64 = 4 * 1024 * 1024;
/// Number of additional cells that each written cell allows.
const CELLS_PER_CELL: u64 = 16;
/// Maximum size of the strings in all cells, in bytes: 512 MiB, this crate's choice.
const MAX_TEXT: u64 = 512 * 1024 * 1024;

/// The kind of a compound file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Workbook,
    Encrypted,
}

fn broken(name: &str, what: &str) -> Error {
    Error::invalid(format!("{name} is not a readable spreadsheet: {what}"))
        .advice("open it in a spreadsheet program and save it as .xlsx")
}

/// Returns the kind of a compound file, if its sheets fit into memory.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<Kind, Error> {
    let compound = Compound::new(bytes).ok_or_else(|| broken(name, "the compound file is damaged"))?;
    if compound.entry("EncryptedPackage").is_some() {
        return Ok(Kind::Encrypted);
    }
    let Some(entry) = compound.entry("Workbook").or_else(|| compound.entry("Book")) else {
        return Err(broken(name, "it holds no workbook"));
    };
    check_workbook(name, &compound.stream(entry))
}

/// Returns the kind of a workbook, if its sheets fit into memory.
fn check_workbook(name: &str, stream: &[u8]) -> Result<Kind, Error> {
    let mut sheets = Vec::new();
    let mut strings = SharedStrings::default();
    let mut is_strings = false;
    for (kind, data) in Records(stream) {
        is_strings = kind == SHARED_STRINGS || is_strings && kind == CONTINUE;
        match kind {
            SHARED_STRINGS | CONTINUE if is_strings => strings.add(data),
            FILE_PASS => return Ok(Kind::Encrypted),
            BOUND_SHEET => sheets.extend(number(data, 0).map(|at| at as usize)),
            END => break,
            _ => {}
        }
    }
    let sizes = strings.sizes();
    let (mut written, mut cells, mut walked, mut text) = (0_u64, 0_u64, 0_usize, 0_u64);
    for at in sheets {
        let records = Records(stream.get(at..).unwrap_or_default());
        let size = sheet(records, &sizes);
        written += size.written;
        cells = cells.saturating_add(size.area());
        text = text.saturating_add(size.text);
        walked = walked.saturating_add(size.bytes);
        if walked > stream.len() {
            return Err(broken(name, "its sheets overlap"));
        }
        if text > MAX_TEXT {
            return Err(too_large(name, format_args!("the strings of its cells have {text} bytes")));
        }
        if cells > FREE_CELLS + written.saturating_mul(CELLS_PER_CELL) {
            return Err(too_large(
                name,
                format_args!("its sheets have {cells} cells, of which {written} have a value"),
            ));
        }
    }
    Ok(Kind::Workbook)
}

const FILE_PASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SHARED_STRINGS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const DIMENSIONS: u16 = 0x0200;
const SEVERAL_NUMBERS: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;
const SHARED_STRING: u16 = 0x00FD;
/// Number, label, label with runs, boolean or error, short number.
const CELLS: [u16; 5] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E];

#[derive(Default)]
struct Size {
    written: u64,
    bytes: usize,
    /// Number of bytes of shared strings.
    text: u64,
    /// Number of cells that the sheet declares.
    declared: u64,
    /// First row, last row, first column, last column.
    bounds: Option<[u16; 4]>,
}

impl Size {
    fn cell(&mut self, row: u16, first: u16, last: u16) {
        self.written += u64::from(last.saturating_sub(first)) + 1;
        let [top, bottom, left, right] = self.bounds.unwrap_or([row, row, first, last]);
        self.bounds = Some([top.min(row), bottom.max(row), left.min(first), right.max(last)]);
    }

    fn area(&self) -> u64 {
        let count = |first: u16, last: u16| u64::from(last.saturating_sub(first)) + 1;
        let area =
            self.bounds.map_or(0, |[top, bottom, left, right]| count(top, bottom) * count(left, right));
        area.max(self.declared)
    }
}

/// Measures one sheet as the library reads it.
fn sheet(records: Records<'_>, texts: &[u32]) -> Size {
    let mut size = Size::default();
    let (mut begun, mut depth) = (false, 0_usize);
    for (kind, data) in records {
        size.bytes += data.len() + 4;
        match kind {
            // A chart in the sheet.
            BEGIN if begun => depth += 1,
            BEGIN => begun = true,
            END if depth == 0 => break,
            END => depth -= 1,
            _ if depth > 0 => {}
            DIMENSIONS => size.declared = size.declared.max(dimensions(data)),
            SEVERAL_NUMBERS => {
                let last = data.len().checked_sub(2).and_then(|at| short(data, at));
                if let (Some(row), Some(first), Some(last)) = (short(data, 0), short(data, 2), last) {
                    size.cell(row, first, last);
                }
            }
            kind if kind == FORMULA || kind == SHARED_STRING || CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) {
                    size.cell(row, column, column);
                }
                if kind == SHARED_STRING
                    && let Some(text) = number(data, 6).and_then(|index| texts.get(index as usize))
                {
                    size.text += u64::from(*text);
                }
            }
            _ => {}
        }
    }
    size
}

/// Returns the number of cells that a sheet declares. An invalid declaration is read as the library reads it.
fn dimensions(data: &[u8]) -> u64 {
    let long = |at| number(data, at).map(u64::from);
    let brief = |at| short(data, at).map(u64::from);
    let bounds = match data.len() {
        10 => (brief(0), brief(2), brief(4), brief(6)),
        _ => (long(0), long(4), brief(8), brief(10)),
    };
    let (Some(top), Some(bottom), Some(left), Some(right)) = bounds else { return 0 };
    let left = if left > 0xFF || right < left { 0 } else { left };
    // If the last row is before the first one, the library's subtraction would overflow.
    let rows = if bottom < top { u64::from(u32::MAX) } else { (bottom - top).max(1) };
    rows.saturating_mul((right - left.min(right)).max(1))
}

/// The records of a stream, each with its kind and data.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (short(self.0, 0)?, usize::from(short(self.0, 2)?));
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some((kind, data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
    }

    fn shorts(numbers: &[u16]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// A record of dimensions: first and last row, first and last column.
    fn declared(top: u32, bottom: u32, left: u16, right: u16) -> Vec<u8> {
        let rows = [top, bottom].map(u32::to_le_bytes).concat();
        record(DIMENSIONS, &[rows, shorts(&[left, right, 0])].concat())
    }

    fn cell(kind: u16, row: u16, column: u16) -> Vec<u8> {
        record(kind, &shorts(&[row, column, 0, 1, 0]))
    }

    #[test]
    fn sheet_is_measured_to_its_end() {
        // The row, the first column, the format and value of four cells, and the last column.
        let several = [shorts(&[9, 3]), vec![0; 4 * 6], shorts(&[6])].concat();
        let counted = [
            record(BEGIN, &[0; 16]),
            declared(2, 5, 1, 3),
            cell(CELLS[0], 4, 2),
            record(SEVERAL_NUMBERS, &several),
            // A chart with a cell of its own.
            record(BEGIN, &[0; 16]),
            cell(CELLS[0], 500, 200),
            record(END, &[]),
            cell(SHARED_STRING, 5, 8),
            cell(FORMULA, 3, 2),
            record(END, &[]),
        ]
        .concat();
        let size = sheet(Records(&[counted.clone(), cell(CELLS[0], 600, 9)].concat()), &[7, 70]);
        assert_eq!(size.written, 7, "one cell, four of one record, a string, and a formula");
        assert_eq!(size.bytes, counted.len());
        assert_eq!(size.text, 70);
        assert_eq!(size.bounds, Some([3, 9, 2, 8]));
        assert_eq!(size.declared, 6);
        assert_eq!(size.area(), 7 * 7);
        assert_eq!(sheet(Records(&declared(0, 8, 0, 9)), &[]).area(), 72);
    }

    #[test]
    fn declared_cells_are_counted_as_the_library_counts_them() {
        let count = |bytes: &[u8]| dimensions(&bytes[4..]);
        assert_eq!(count(&declared(2, 5, 1, 3)), 3 * 2);
        assert_eq!(count(&declared(2, 2, 1, 1)), 1, "nothing counts as one cell");
        assert_eq!(count(&declared(0, 1, 0xFF, 0x101)), 2);
        assert_eq!(count(&declared(0, 1, 0x100, 0x102)), 0x102, "no sheet begins there");
        assert_eq!(count(&declared(0, 1, 3, 2)), 2, "a last column before the first one");
        assert_eq!(count(&declared(3, 2, 0, 1)), u64::from(u32::MAX));
        assert_eq!(dimensions(&shorts(&[1, 4, 2, 4, 0])), 3 * 2, "the shorter record");
        assert_eq!(dimensions(&[0; 9]), 0);
    }

    /// A workbook of `count` sheets, all of which are the same part of the file.
    fn workbook(count: usize, sheet: &[u8]) -> Vec<u8> {
        let at = u32::try_from(count * 8 + 4).unwrap().to_le_bytes();
        let bound = record(BOUND_SHEET, &at).repeat(count);
        [&bound, &*record(END, &[]), sheet].concat()
    }

    #[test]
    fn sheets_that_overlap_are_rejected() {
        // The records before the sheet have 12 bytes for one sheet, and 20 for two.
        let part = |length: usize| [record(BEGIN, &vec![0; length - 8]), record(END, &[])].concat();
        assert_eq!(check_workbook("a.xls", &workbook(1, &part(100))).unwrap(), Kind::Workbook);
        assert_eq!(check_workbook("a.xls", &workbook(2, &part(20))).unwrap(), Kind::Workbook);
        let error = check_workbook("a.xls", &workbook(2, &part(21))).unwrap_err();
        assert!(
            error.to_string().contains("a.xls is not a readable spreadsheet: its sheets overlap"),
            "{error}"
        );
    }

    #[test]
    fn empty_cells_are_limited_by_those_with_a_value() {
        // Columns 0..2, so that there are twice as many cells as rows.
        let sheet = |rows: u32, cells: usize| {
            [
                record(BEGIN, &[]),
                declared(0, rows, 0, 2),
                cell(CELLS[0], 0, 0).repeat(cells),
                record(END, &[]),
            ]
            .concat()
        };
        let free = u32::try_from(FREE_CELLS / 2).unwrap();
        let allowed = free + u32::try_from(CELLS_PER_CELL).unwrap();
        assert_eq!(check_workbook("a.xls", &workbook(1, &sheet(allowed, 2))).unwrap(), Kind::Workbook);
        let error = check_workbook("a.xls", &workbook(1, &sheet(allowed + 1, 2))).unwrap_err().to_string();
        assert!(error.contains("its sheets have 4194338 cells, of which 2 have a value"), "{error}");
    }
}
