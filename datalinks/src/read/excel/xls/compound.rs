//! The streams of a compound file.

use super::bytes::{number, short};

/// The first number of a sector without data.
const RESERVED: u32 = 0xFFFF_FFFA;

/// A compound file: a file system in a file, as far as a workbook needs it.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// Number of the next sector for each sector.
    table: Vec<u32>,
    /// Number of the next sector for each sector of small streams, which share one stream.
    small_table: Vec<u32>,
    small: Vec<u8>,
    entries: Vec<Entry>,
}

/// A stream, or the root.
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
        // The header lists 109 sectors of the table. A chain of sectors lists the others.
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
        // A table cannot have more sectors than the file, unless damage repeats one of them.
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

    /// Returns the bytes of a chain of sectors, up to its first invalid sector.
    fn chain(&self, start: u32, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut next = start;
        // A chain that is longer than the file is a cycle.
        while next < RESERVED && bytes.len() < length.min(self.bytes.len()) {
            let Some(sector) = self.sector(next) else { break };
            bytes.extend_from_slice(sector);
            let Some(following) = self.table.get(next as usize) else { break };
            next = *following;
        }
        bytes.truncate(length);
        bytes
    }

    /// Returns the bytes of a chain of small sectors.
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

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 0xFFFF_FFFE;

    /// Returns four sectors, each filled with its own number.
    fn sectors(length: usize) -> Vec<u8> {
        (0..4).flat_map(|number| vec![number; length]).collect()
    }

    /// Both kinds of chains: 0, 2, 1, and then a cycle of 3 alone.
    #[test]
    fn chains_end_at_their_length_and_cycles_at_that_of_the_file() {
        let file = [vec![9; 512], sectors(512)].concat();
        let table = vec![2, END, 1, 3];
        let compound = Compound {
            bytes: &file,
            sector: 512,
            table: table.clone(),
            small_table: table,
            small: sectors(64),
            entries: Vec::new(),
        };
        type Chain<'a> = &'a dyn Fn(u32, usize) -> Vec<u8>;
        let chains: [(usize, usize, Chain<'_>); 2] = [
            (512, file.len(), &|start, length| compound.chain(start, length)),
            (64, compound.small.len(), &|start, length| compound.small_chain(start, length)),
        ];
        for (sector, longest, chain) in chains {
            let whole = [0, 2, 1].map(|number| vec![number; sector]).concat();
            assert_eq!(chain(0, usize::MAX), whole);
            assert_eq!(chain(0, sector + 1), whole[..=sector]);
            assert_eq!(chain(3, sector + 1), vec![3; sector + 1]);
            assert_eq!(chain(3, usize::MAX), vec![3; longest]);
            assert_eq!(chain(4, usize::MAX), [0; 0]);
        }
        let stream = |length| compound.stream(&Entry { name: String::new(), start: 3, length }).len();
        assert_eq!((stream(4095), stream(4096)), (4 * 64, file.len()));
    }

    #[test]
    fn last_sector_of_a_file_that_was_cut_is_shorter() {
        let (file, small) = (vec![7; 512 + 100], vec![8; 64 + 10]);
        let table = vec![1, END];
        let compound = Compound {
            bytes: &file,
            sector: 512,
            table: vec![END],
            small_table: table,
            small,
            entries: Vec::new(),
        };
        assert_eq!(compound.chain(0, 512), [7; 100]);
        assert_eq!(compound.small_chain(0, 128), [8; 64 + 10]);
    }
}
