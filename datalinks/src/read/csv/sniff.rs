//! Detection of the delimiter.

use std::{io::Cursor, sync::Arc};

use super::records::CsvRecords;
use crate::read::{
    input::Input,
    lines::{LineEnds, Lines},
};

/// Maximum number of bytes in the sample.
pub(super) const SAMPLE: usize = 64 * 1024;
/// Maximum number of records in the sample.
const RECORDS: usize = 100;
/// The possible delimiters. The first one is the default if all scores are equal.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Returns the delimiter that splits the first bytes of a file into the most regular table.
pub(super) fn delimiter(sample: &[u8], ends: LineEnds) -> u8 {
    // The last line may continue after the sample.
    let whole = match sample.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) if sample.len() >= SAMPLE => end,
        _ => sample.len(),
    };
    let sample = &sample[..whole];
    let mut best = (0.0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let score = score(sample, ends, delimiter);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// Returns the score of a delimiter, from 0 to 1.
///
/// The score is the product of three shares, as van den Burg, Nazábal and Sutton (2019) found to work for messy files:
/// the share of records with as many cells as the header, the share of cells that look like one value, and `(n - 1) /
/// n` for `n` columns. The second share distinguishes a delimiter from a comma that occurs in the names or numbers of
/// every record.
fn score(sample: &[u8], ends: LineEnds, delimiter: u8) -> f64 {
    let input = Input::of_utf8(Arc::from("sample"), Box::new(Cursor::new(sample.to_vec())));
    let mut records = CsvRecords::new(Lines::new(input, ends, SAMPLE), delimiter, SAMPLE);
    let mut columns = None;
    let mut of_records = Share::default();
    let mut of_cells = Share::default();
    for _ in 0..RECORDS {
        match records.next() {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) if columns.is_none() => return 0.0,
            Err(_) => {
                of_records.count(false);
                continue;
            }
        }
        let fits = *columns.get_or_insert(records.len()) == records.len();
        of_records.count(fits);
        // Bytes that are not UTF-8 make a bad row with every delimiter.
        if let (true, Ok(cells)) = (fits, records.cells()) {
            for (position, cell) in cells.enumerate() {
                of_cells.count(records.is_quoted(position) || is_value(cell));
            }
        }
    }
    let columns = columns.unwrap_or(1) as f64;
    of_records.value() * of_cells.value() * (columns - 1.0) / columns
}

/// Returns `true` if a cell looks like one value: a number in any notation, or text with balanced brackets and without
/// another delimiter. Delimiters are allowed inside brackets and before a space, as in a sentence.
fn is_value(cell: &str) -> bool {
    let number =
        |character| matches!(character, '0'..='9' | '.' | ',' | '\'' | '+' | '-' | '%' | ' ' | '\u{A0}');
    if cell.chars().all(number) {
        return true;
    }
    let mut depth = 0u32;
    for (byte, next) in cell.bytes().zip(cell.bytes().skip(1).chain([0])) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 0 => return false,
            b')' | b']' => depth -= 1,
            _ if depth == 0 && next != b' ' && DELIMITERS.contains(&byte) => return false,
            _ => {}
        }
    }
    depth == 0
}

#[derive(Default)]
struct Share {
    of: u32,
    all: u32,
}

impl Share {
    fn count(&mut self, one: bool) {
        self.of += u32::from(one);
        self.all += 1;
    }

    /// Returns the share, which is 1 if nothing was counted.
    fn value(&self) -> f64 {
        if self.all == 0 { 1.0 } else { f64::from(self.of) / f64::from(self.all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(text: impl AsRef<[u8]>) -> char {
        let text = text.as_ref();
        char::from(delimiter(&text[..text.len().min(SAMPLE)], LineEnds::Any))
    }

    #[test]
    fn delimiter_of_regular_tables_is_detected() {
        assert_eq!(sniffed(""), ',');
        assert_eq!(sniffed("a\n1\n"), ',');
        assert_eq!(sniffed("a,b\n1;2,3\n"), ',');
        assert_eq!(sniffed("a;b;c\n1,5;2,5;x\n1,5;2,5;y"), ';');
        assert_eq!(sniffed("name\tnote\nx\ta, b, c\n"), '\t');
        assert_eq!(sniffed("a|b\r\n1,2|3\r\n"), '|');
        assert_eq!(sniffed("\"a,b,c\";d\n\"1,2,3\";4\n"), ';');
        assert_eq!(sniffed("a;b\r1;2\r"), ';');
        assert_eq!(sniffed(b"a;\xE9\n1;\xE9\n"), ';');
    }

    #[test]
    fn comma_in_column_names_is_not_the_delimiter() {
        let header = "Wertstellung;Betrag (EUR, netto);Saldo (EUR, netto)\n";
        assert_eq!(sniffed(header), ';');
        // The numbers contain as many commas as the names.
        assert_eq!(sniffed([header, "2024-01-08;-21,50;1203,06\n"].concat()), ';');
        assert_eq!(sniffed([header, "2024-01-08;-21.50;1203.06\n"].concat()), ';');
        assert_eq!(sniffed("size (w,h)\tcolor (r,g)\n3,4\t1,2\n5,6\t7,8\n"), '\t');
        assert_eq!(sniffed("a, b, c;d\nx;y\nz;w\n"), ';');
        assert_eq!(sniffed("a, b, c\n1, 2, 3\n"), ',');
    }

    #[test]
    fn character_in_some_records_is_not_the_delimiter() {
        assert_eq!(sniffed("id,x;y;z\n1,a\n2,b;c;d\n3,e\n"), ',');
        // One record in ten is invalid, but the comma still produces the more regular table.
        let rows = ["a,b,c;d\n", &"1,2,3\n".repeat(9), "1,2\n"].concat();
        assert_eq!(sniffed(rows), ',');
    }

    #[test]
    fn detection_reads_only_the_sample() {
        let line = "1;2,3,4\n";
        let text = ["a;b\n", &line.repeat(SAMPLE / line.len()), &"x,y,z,".repeat(100_000)].concat();
        assert_eq!(sniffed(text), ';');
        assert_eq!(sniffed("a;b;".repeat(SAMPLE)), ';');
        assert_eq!(sniffed(["a|b\n\"", &"x,y;".repeat(SAMPLE)].concat()), '|');
    }
}
