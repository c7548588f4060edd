//! The size of sheets in the format of Excel 97, measured before the library reads them.
//!
//! The library makes a rectangle of all sheets of such a workbook, and reserves memory for as many cells as a sheet says
//! it has.

use super::too_large;
use crate::Error;

/// Maximum number of cells that a workbook may have beyond those that are written in it: this crate's choice.
const FREE_CELLS: u64 = 4 * 1024 * 1024;
/// Number of cells, per cell that is written, that a workbook may have.
const CELLS_PER_CELL: u64 = 16;

/// Marks of sectors that hold no data.
const RESERVED: u32 = 0xFFFF_FFFA;

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
    for (kind, data) in Records(&stream) {
        match kind {
            FILE_PASS => return Ok(Kind::Encrypted),
            BOUND_SHEET => sheets.extend(number(data, 0).map(|at| at as usize)),
            END => break,
            _ => {}
        }
    }
    let (mut written, mut cells, mut walked) = (0_u64, 0_u64, 0_usize);
    for at in sheets {
        let records = Records(stream.get(at..).unwrap_or_default());
        let size = sheet(records);
        written += size.written;
        cells = cells.saturating_add(size.area());
        walked = walked.saturating_add(size.bytes);
        if walked > stream.len() {
            return Err(broken("its sheets overlap"));
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
const DIMENSIONS: u16 = 0x0200;
const SEVERAL_NUMBERS: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;
/// Number, label, label with runs, boolean or error, short number, shared label.
const CELLS: [u16; 6] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD];

#[derive(Default)]
struct Size {
    written: u64,
    bytes: usize,
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
fn sheet(records: Records<'_>) -> Size {
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
            kind if kind == FORMULA || CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) {
                    size.cell(row, column, column);
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

/// A file system in a file, as far as a workbook needs it.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The next sector of each.
    table: Vec<u32>,
    /// The same for small streams, which share one stream.
    small_table: Vec<u32>,
    small: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    length: usize,
}

impl<'a> Compound<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let sector = match short(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut compound = Self {
            bytes,
            sector,
            table: Vec::new(),
            small_table: Vec::new(),
            small: Vec::new(),
            entries: Vec::new(),
        };
        // Sectors of the table: 109 in the header, the others in a chain of sectors.
        let mut tables: Vec<u32> = (0..109).filter_map(|index| number(bytes, 76 + 4 * index)).collect();
        let mut next = number(bytes, 68)?;
        let per_sector = sector / 4;
        for _ in 0..=bytes.len() / sector {
            if next >= RESERVED {
                break;
            }
            let more = compound.sector(next)?;
            tables.extend((0..per_sector - 1).filter_map(|index| number(more, 4 * index)));
            next = number(more, 4 * (per_sector - 1))?;
        }
        tables.retain(|sector| *sector < RESERVED);
        // No more tables than sectors: a table that is named twice is damage.
        if tables.len() > bytes.len() / sector {
            return None;
        }
        for table in tables {
            let numbers = compound.sector(table)?;
            let numbers: Vec<_> = (0..per_sector).map_while(|index| number(numbers, 4 * index)).collect();
            compound.table.extend(numbers);
        }
        let directory = compound.chain(number(bytes, 48)?, usize::MAX);
        compound.entries = directory.chunks_exact(128).filter_map(Entry::new).collect();
        let (start, length) = compound.entries.first().map(|root| (root.start, root.length))?;
        compound.small = compound.chain(start, length);
        let small_table = compound.chain(number(bytes, 60)?, usize::MAX);
        compound.small_table =
            (0..small_table.len() / 4).filter_map(|index| number(&small_table, 4 * index)).collect();
        Some(compound)
    }

    fn sector(&self, index: u32) -> Option<&'a [u8]> {
        let start = (index as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The bytes of a chain of sectors, as far as it goes.
    fn chain(&self, start: u32, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut next = start;
        // A chain that is longer than the file goes in circles.
        while next < RESERVED && bytes.len() < length.min(self.bytes.len()) {
            let Some(sector) = self.sector(next) else { break };
            bytes.extend_from_slice(sector);
            let Some(following) = self.table.get(next as usize) else { break };
            next = *following;
        }
        bytes.truncate(length);
        bytes
    }

    /// The same for a stream that is kept among the small ones.
    fn small_chain(&self, start: u32, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut next = start;
        while next < RESERVED && bytes.len() < length.min(self.small.len()) {
            let start = next as usize * 64;
            let Some(sector) = self.small.get(start..(start + 64).min(self.small.len())) else { break };
            bytes.extend_from_slice(sector);
            let Some(following) = self.small_table.get(next as usize) else { break };
            next = *following;
        }
        bytes.truncate(length);
        bytes
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn stream(&self, entry: &Entry) -> Vec<u8> {
        match entry.length < 4096 {
            true => self.small_chain(entry.start, entry.length),
            false => self.chain(entry.start, entry.length),
        }
    }
}

impl Entry {
    fn new(bytes: &[u8]) -> Option<Self> {
        let units = (0..32).map_while(|index| short(bytes, 2 * index)).take_while(|unit| *unit != 0);
        let name =
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Some(Self { name, start: number(bytes, 116)?, length: number(bytes, 120)? as usize })
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
