//! The size of sheets in the format of Excel 97, measured before the library reads them.
//!
//! The library makes a rectangle of all sheets of such a workbook, reserves memory for as many cells as a sheet says it has,
//! and copies a shared text for each cell that has it.

mod compound;
mod numbers;
mod texts;

use self::{
    compound::Compound,
    numbers::{number, short},
    texts::Texts,
};
use super::book::too_large;
use crate::error::Error;

/// Maximum number of cells that a workbook may have beyond those that are written in it: this crate's choice.
const FREE_CELLS: u64 = 4 * 1024 * 1024;
/// Number of cells, per cell that is written, that a workbook may have.
const CELLS_PER_CELL: u64 = 16;
/// Maximum number of bytes of text in all cells: 512 MiB, this crate's choice.
const TEXT: u64 = 512 * 1024 * 1024;

/// What a compound file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Workbook,
    Encrypted,
}

/// Returns the kind of a compound file whose sheets fit into memory.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<Kind, Error> {
    let broken = |what: &str| {
        Error::invalid(format!("{name} is no spreadsheet that can be read: {what}"))
            .advice("open it in a spreadsheet program and save it as .xlsx")
    };
    let compound = Compound::new(bytes).ok_or_else(|| broken("the compound file is damaged"))?;
    if compound.entry("EncryptedPackage").is_some() {
        return Ok(Kind::Encrypted);
    }
    let Some(entry) = compound.entry("Workbook").or_else(|| compound.entry("Book")) else {
        return Err(broken("it holds no workbook"));
    };
    let stream = compound.stream(entry);
    let mut sheets = Vec::new();
    let mut texts = Texts::default();
    let mut is_texts = false;
    for (kind, data) in Records(&stream) {
        is_texts = kind == SHARED_TEXTS || is_texts && kind == CONTINUE;
        match kind {
            SHARED_TEXTS | CONTINUE if is_texts => texts.add(data),
            FILE_PASS => return Ok(Kind::Encrypted),
            BOUND_SHEET => sheets.extend(number(data, 0).map(|at| at as usize)),
            END => break,
            _ => {}
        }
    }
    let sizes = texts.sizes();
    let (mut written, mut cells, mut walked, mut text) = (0_u64, 0_u64, 0_usize, 0_u64);
    for at in sheets {
        let records = Records(stream.get(at..).unwrap_or_default());
        let size = sheet(records, &sizes);
        written += size.written;
        cells = cells.saturating_add(size.area());
        text = text.saturating_add(size.text);
        walked = walked.saturating_add(size.bytes);
        if walked > stream.len() {
            return Err(broken("its sheets overlap"));
        }
        if text > TEXT {
            return Err(too_large(name, format_args!("the texts of its cells have {text} bytes")));
        }
        if cells > FREE_CELLS + written.saturating_mul(CELLS_PER_CELL) {
            return Err(too_large(
                name,
                format_args!("its sheets have {cells} cells, and {written} with a value"),
            ));
        }
    }
    Ok(Kind::Workbook)
}

const FILE_PASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SHARED_TEXTS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const DIMENSIONS: u16 = 0x0200;
const SEVERAL_NUMBERS: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;
const SHARED_TEXT: u16 = 0x00FD;
/// Number, label, label with runs, boolean or error, short number.
const CELLS: [u16; 5] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E];

#[derive(Default)]
struct Size {
    written: u64,
    bytes: usize,
    /// Bytes of shared texts.
    text: u64,
    /// What the sheet says of itself.
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
            // A chart within the sheet.
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
            kind if kind == FORMULA || kind == SHARED_TEXT || CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) {
                    size.cell(row, column, column);
                }
                if kind == SHARED_TEXT
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

/// Cells that a sheet says it has. A sheet says nothing of use about sizes that no sheet has.
fn dimensions(data: &[u8]) -> u64 {
    let long = |at| number(data, at).map(u64::from);
    let brief = |at| short(data, at).map(u64::from);
    let bounds = match data.len() {
        10 => (brief(0), brief(2), brief(4), brief(6)),
        _ => (long(0), long(4), brief(8), brief(10)),
    };
    let (Some(top), Some(bottom), Some(left), Some(right)) = bounds else { return 0 };
    let left = if left > 0xFF || right < left { 0 } else { left };
    // Rows that end before they begin would be an overflow.
    let rows = if bottom < top { u64::from(u32::MAX) } else { (bottom - top).max(1) };
    rows.saturating_mul((right - left.min(right)).max(1))
}

/// Records of a stream: their kinds and what they hold.
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
