//! Finding out a delimiter.

use std::{io::Cursor, sync::Arc};

use super::records::CsvRecords;
use crate::{
    Error,
    read::{
        input::Input,
        lines::{Ends, Lines},
    },
};

/// Bytes that are looked at.
const SAMPLE: usize = 64 * 1024;
/// Records that are looked at.
const RECORDS: usize = 100;
/// What may stand between cells; the first one when all are as likely.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter that gives the most cells, in records that have as many as the first one.
pub(super) fn delimiter(input: &mut Input) -> Result<u8, Error> {
    let sample = input.look_ahead(SAMPLE)?;
    // The last line may go on behind the sample.
    let whole = match sample.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) if sample.len() >= SAMPLE => end,
        _ => sample.len(),
    };
    let sample = &sample[..whole];
    let mut best = (0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let score = score(sample, delimiter)?;
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    Ok(best.1)
}

/// How many delimiters stand where they should.
fn score(sample: &[u8], delimiter: u8) -> Result<usize, Error> {
    let input = Input::new(Arc::from("sample"), Box::new(Cursor::new(sample.to_vec())))?;
    let mut records = CsvRecords::new(Lines::new(input, Ends::Any, SAMPLE), delimiter, SAMPLE);
    let mut columns = None;
    let mut score = 0;
    for _ in 0..RECORDS {
        match records.next() {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => continue,
        }
        let cells = records.len();
        if *columns.get_or_insert(cells) == cells {
            score += cells - 1;
        }
    }
    Ok(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(text: impl Into<Vec<u8>>) -> char {
        let mut input = Input::new(Arc::from("x"), Box::new(Cursor::new(text.into()))).unwrap();
        char::from(delimiter(&mut input).unwrap())
    }

    #[test]
    fn finds_what_stands_between_cells() {
        assert_eq!(sniffed(""), ',');
        assert_eq!(sniffed("a\n1\n"), ',');
        assert_eq!(sniffed("a,b\n1;2,3\n"), ',');
        assert_eq!(sniffed("a;b;c\n1,5;2,5;x\n1,5;2,5;y"), ';');
        assert_eq!(sniffed("name\tnote\nx\ta, b, c\n"), '\t');
        assert_eq!(sniffed("a|b\r\n1,2|3\r\n"), '|');
        assert_eq!(sniffed("\"a,b,c\";d\n\"1,2,3\";4\n"), ';');
        assert_eq!(sniffed("a;b\r1;2\r"), ';');
    }

    #[test]
    fn looks_at_no_more_than_the_sample() {
        let line = "1;2,3,4\n";
        let text = ["a;b\n", &line.repeat(SAMPLE / line.len()), &"x,y,z,".repeat(100_000)].concat();
        assert_eq!(sniffed(text), ';');
        assert_eq!(sniffed("a;b;".repeat(SAMPLE)), ';');
        assert_eq!(sniffed(["a|b\n\"", &"x,y;".repeat(SAMPLE)].concat()), '|');
    }
}
