//! The streams of a compound file.

use super::numbers::{number, short};

/// Marks of sectors that hold no data.
const RESERVED: u32 = 0xFFFF_FFFA;

/// A file system in a file, as far as a workbook needs it.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The next sector of each.
    table: Vec<u32>,
    /// The same for small streams, which share one stream.
    small_table: Vec<u32>,
    small: Vec<u8>,
    entries: Vec<Entry>,
}

/// A stream, or the root of all.
pub(super) struct Entry {
    name: String,
    start: u32,
    length: usize,
}

impl<'a> Compound<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
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

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn stream(&self, entry: &Entry) -> Vec<u8> {
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
