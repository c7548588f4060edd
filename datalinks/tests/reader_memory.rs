//! Reading holds little memory, however long the file is.
//!
//! Alone in its binary, for what counts takes the place of the global allocator.
#![cfg(feature = "read")]

use std::io::{self, Read};

use datalinks::read::{OnBadRow, Reader};

const MIB: u64 = 1024 * 1024;

/// A file that exists while it is read only.
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

/// The bytes that were held at most while all rows were read.
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
fn cells_of_text_need_their_buffers_only() {
    let peak = peak(50_000, 40, as_it_is);
    assert!(peak < MIB, "{peak} bytes");
}

#[test]
fn types_need_the_rows_that_decide_on_them() {
    // 20,480 rows of 60 bytes are 1.2 MiB.
    let peak = peak(50_000, 40, Reader::infer_types);
    assert!(peak < 4 * MIB, "{peak} bytes");
}

#[test]
fn types_need_no_more_than_their_limit() {
    // 20,480 rows of 4 KiB would be 80 MiB.
    let peak = peak(12_000, 4_096, Reader::infer_types);
    assert!(peak > 16 * MIB && peak < 50 * MIB, "{peak} bytes");
}

#[test]
fn bad_rows_do_not_decide_and_need_no_more_than_the_limit_either() {
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
fn blank_lines_need_no_more_than_the_limit_either() {
    // Carriage returns make no difference.
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
fn five_million_rows() {
    assert!(peak(5_000_000, 40, as_it_is) < MIB);
    assert!(peak(5_000_000, 40, Reader::infer_types) < 4 * MIB);
}
