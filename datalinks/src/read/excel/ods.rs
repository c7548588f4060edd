//! The size of OpenDocument sheets, measured before the library reads them.
//!
//! Such a sheet repeats cells and rows by a number, and the library makes a rectangle of all that. A few bytes can so
//! stand for gigabytes.

use std::io::{BufReader, Read};

use memchr::memmem;

use super::{
    book::io_error,
    book::too_large,
    markup::{Markup, Tag},
};
use crate::error::Error;

/// Maximum number of cells that a workbook may have beyond those that are written in it: this crate's choice.
const FREE_CELLS: u64 = 4 * 1024 * 1024;
/// Number of cells, per cell that is written, that a workbook may have.
const CELLS_PER_CELL: u64 = 16;
/// Maximum number of bytes of text that cells have when they are repeated: 256 MiB, this crate's choice.
const TEXT: u64 = 256 * 1024 * 1024;
/// Maximum size of one tag or text.
const PIECE: usize = 16 * 1024 * 1024;
/// The library stops repeating there.
const MAX_COLUMNS: u64 = 16_384;
const MAX_ROWS: u64 = 1_048_576;

/// Refuses a document that would need too much memory.
pub(super) fn check(name: &str, content: BufReader<impl Read>, _size: u64) -> Result<(), Error> {
    let mut size = Size::default();
    let mut markup = Markup::new(content, PIECE);
    while let Some(tag) = markup.next().map_err(|error| io_error(name, error))? {
        size.add(&tag);
        let cells = size.cells.saturating_add(size.table.cells());
        if cells > FREE_CELLS.saturating_add(size.written.saturating_mul(CELLS_PER_CELL)) {
            return Err(too_large(
                name,
                format_args!("its sheets have {cells} cells, most of them empty or repeated"),
            ));
        }
        if size.text > TEXT {
            return Err(too_large(
                name,
                format_args!("its texts have {} bytes when they are repeated", size.text),
            ));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Size {
    /// Cells that are written in the document.
    written: u64,
    /// Cells of the tables that are complete.
    cells: u64,
    text: u64,
    table: Table,
}

#[derive(Default)]
struct Table {
    /// Number of rows before the current one, and how often that is repeated.
    rows: u64,
    repeat: u64,
    /// Width of the current row: up to its last cell that has a value, and with the empty cells after it.
    used: u64,
    width: u64,
    /// How often the current cell is repeated.
    repeat_cell: u64,
    /// Cells of all rows, each counted once.
    in_rows: u64,
    /// The rectangle around all cells with a value: first and last row, last column.
    area: Option<(u64, u64, u64)>,
}

impl Size {
    fn add(&mut self, tag: &Tag<'_>) {
        let repeated = |name: &[u8]| tag.number(name).unwrap_or(1);
        let table = &mut self.table;
        let cell = table.repeat_cell.saturating_mul(table.repeat);
        self.text = self.text.saturating_add(cell.saturating_mul(tag.text as u64));
        match tag.name() {
            b"table:table-row" => {
                *table = Table {
                    rows: table.rows,
                    repeat: repeated(b"table:number-rows-repeated").min(MAX_ROWS),
                    in_rows: table.in_rows,
                    area: table.area,
                    ..Table::default()
                };
                if tag.is_empty() {
                    table.end_row();
                }
            }
            b"/table:table-row" => table.end_row(),
            b"table:table-cell" | b"table:covered-table-cell" => {
                self.written += 1;
                table.repeat_cell = repeated(b"table:number-columns-repeated").min(MAX_COLUMNS);
                table.width = (table.width + table.repeat_cell).min(MAX_COLUMNS);
                let has_value = memmem::find(tag.bytes, b" office:").is_some()
                    || memmem::find(tag.bytes, b" table:formula").is_some();
                if has_value {
                    table.used = table.width;
                    let cell = table.repeat_cell.saturating_mul(table.repeat);
                    self.text = self.text.saturating_add(cell.saturating_mul(tag.bytes.len() as u64));
                }
                if tag.is_empty() {
                    table.repeat_cell = 0;
                }
            }
            b"/table:table-cell" | b"/table:covered-table-cell" => table.repeat_cell = 0,
            b"text:s" => {
                // A number of spaces.
                let spaces = repeated(b"text:c");
                self.text = self.text.saturating_add(spaces.saturating_mul(cell.max(1)));
            }
            b"/table:table" => {
                self.cells = self.cells.saturating_add(table.cells());
                *table = Table::default();
            }
            _ => {}
        }
    }
}

impl Table {
    fn end_row(&mut self) {
        let first = self.rows;
        self.rows = (self.rows + self.repeat).min(MAX_ROWS);
        self.in_rows = self.in_rows.saturating_add(self.used);
        if self.used > 0 {
            let (top, _, right) = self.area.unwrap_or((first, first, 0));
            self.area = Some((top, self.rows, right.max(self.used)));
        }
        (self.repeat, self.used, self.width, self.repeat_cell) = (0, 0, 0, 0);
    }

    fn cells(&self) -> u64 {
        let area = self.area.map_or(0, |(top, bottom, right)| (bottom - top).saturating_mul(right));
        area.max(self.in_rows.saturating_add(self.used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &str) -> Result<(), String> {
        let text = format!(
            "<office:spreadsheet><table:table table:name=\"a\">{rows}</table:table></office:spreadsheet>"
        );
        check("x.ods", BufReader::new(text.as_bytes()), 0).map_err(|error| error.to_string())
    }

    fn cell(repeated: u64) -> String {
        format!(
            "<table:table-cell table:number-columns-repeated=\"{repeated}\" office:value-type=\"string\"><text:p>a\
             </text:p></table:table-cell>"
        )
    }

    #[test]
    fn a_usual_sheet_is_read() {
        let empty = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
        let row = format!("<table:table-row>{}{empty}</table:table-row>", cell(1));
        let rest =
            format!("<table:table-row table:number-rows-repeated=\"1048574\">{empty}</table:table-row>");
        assert_eq!(sheet(&(row.clone() + &row + &rest)), Ok(()));
    }

    #[test]
    fn repetition_is_bounded() {
        let gap =
            "<table:table-row table:number-rows-repeated=\"40000\"><table:table-cell/></table:table-row>";
        let stray = format!(
            "<table:table-row><table:table-cell table:number-columns-repeated=\"8000\"/>{}</table:table-row>",
            cell(1)
        );
        let first = format!("<table:table-row>{}</table:table-row>", cell(1));
        for rows in [
            first + gap + &stray,
            format!(
                "<table:table-row table:number-rows-repeated=\"1000000\">{}</table:table-row>",
                cell(1000)
            ),
            stray.repeat(1000),
        ] {
            let error = sheet(&rows).unwrap_err();
            assert!(error.contains("x.ods would need too much memory: its "), "{error}");
        }
        let spaces = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p><text:s \
                      text:c=\"99999999999\"/></text:p></table:table-cell></table:table-row>";
        let error = sheet(spaces).unwrap_err();
        assert!(error.contains("its texts have 1000000000"), "{error}");
    }
}
