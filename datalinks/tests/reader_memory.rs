//! Reading needs little memory, however long the file is.
//!
//! The test is a separate program, because its counter replaces the global allocator.
#![cfg(feature = "read")]

use std::io::{self, Read};

use datalinks::read::{OnBadRow, Reader};

const MIB: u64 = 1024 * 1024;

/// A file that is generated while it is read.
struct Lines {
    line: Vec<u8>,
    at: usize,
    next: u64,
    count: u64,
    padding: usize,
}

impl Lines {
    fn new(count: u64, padding: usize) -> Self {
        Self { line: b"id,amount,city,note\n".to_vec(), at: 0, next: 0, count, padding }
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            if self.next == self.count {
                return Ok(0);
            }
            use io::Write as _;
            self.line.clear();
            self.at = 0;
            writeln!(
                self.line,
                "{},{}.50,Lyon,{:padding$}",
                self.next,
                self.next % 977,
                "",
                padding = self.padding
            )?;
            self.next += 1;
        }
        let count = buffer.len().min(self.line.len() - self.at);
        buffer[..count].copy_from_slice(&self.line[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Returns the peak of allocated bytes while all rows are read.
fn peak(rows: u64, padding: usize, set: impl Fn(Reader) -> Reader) -> u64 {
    let counted = allocation_counter::measure(|| {
        let reader = set(Reader::from_reader(Lines::new(rows, padding), "rows.csv"));
        let mut found = 0;
        for row in reader.rows() {
            found += u64::from(row.is_ok());
        }
        assert_eq!(found, rows);
    });
    println!("{rows} rows of {} bytes: at most {} KiB", padding + 20, counted.bytes_max / 1024);
    counted.bytes_max
}

fn as_it_is(reader: Reader) -> Reader {
    reader
}

#[test]
fn text_cells_need_only_their_buffers() {
    let peak = peak(50_000, 40, as_it_is);
    assert!(peak < MIB, "{peak} bytes");
}

#[test]
fn type_inference_holds_only_its_sample() {
    // 20,480 rows of 60 bytes are 1.2 MiB.
    let peak = peak(50_000, 40, Reader::infer_types);
    assert!(peak < 4 * MIB, "{peak} bytes");
}

#[test]
fn type_inference_respects_its_limit() {
    // 20,480 rows of 4 KiB would be 80 MiB.
    let peak = peak(12_000, 4_096, Reader::infer_types);
    assert!(peak > 16 * MIB && peak < 50 * MIB, "{peak} bytes");
}

#[test]
fn bad_rows_respect_the_limit_of_type_inference() {
    // The header has more columns than any row.
    let text = ["a,b\n", &["x".repeat(1_023), "\n".to_owned()].concat().repeat(40_000)].concat();
    let text = io::Cursor::new(text.into_bytes());
    let counted = allocation_counter::measure(|| {
        let reader = Reader::from_reader(text, "rows.csv").infer_types().on_bad_row(OnBadRow::Skip);
        assert_eq!(reader.rows().count(), 0);
    });
    assert!(counted.bytes_max > 16 * MIB && counted.bytes_max < 50 * MIB, "{} bytes", counted.bytes_max);
}

#[test]
fn blank_lines_respect_the_limit_of_type_inference() {
    // Carriage returns have no effect.
    let line = ["\r".repeat(1_023), "\n".to_owned()].concat();
    let text = ["a,b\n1,2\n", &line.repeat(40_000)].concat();
    let text = io::Cursor::new(text.into_bytes());
    let counted = allocation_counter::measure(|| {
        let reader = Reader::from_reader(text, "rows.csv").infer_types();
        assert_eq!(reader.rows().count(), 1);
    });
    assert!(counted.bytes_max < 50 * MIB, "{} bytes", counted.bytes_max);
}

#[test]
#[ignore = "takes minutes: five million rows, for the figures"]
fn five_million_rows_need_constant_memory() {
    assert!(peak(5_000_000, 40, as_it_is) < MIB);
    assert!(peak(5_000_000, 40, Reader::infer_types) < 4 * MIB);
}
