//! Sheets of spreadsheets.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
    sync::Arc,
};

use bytes::Bytes;
use calamine::{Data, ExcelDateTime, Range, Reader, open_workbook_auto_from_rs};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    RawRow,
    bad_row::{Fault, bad},
    input::unreadable,
    origin::Origin,
    place::Place,
    rows::Records,
};
use crate::Error;

/// Rows of a sheet; the first row that is not empty names the columns.
pub(super) struct Excel {
    name: String,
    sheet: Range<Data>,
    columns: Vec<Option<String>>,
    /// The columns of the sheet that have a name, from 1.
    named: Arc<[u64]>,
    /// The next row, counted in the range.
    next: usize,
}

impl Excel {
    pub(super) fn new(
        name: &str,
        mut reader: Box<dyn Read + Send>,
        sheet: Option<&str>,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|error| unreadable(name, Place::START, error))?;
        let broken = |error: calamine::Error| {
            Error::invalid(format!("{name} is no spreadsheet that can be read: {error}"))
                .advice("open it in a spreadsheet program, without a password, and save it anew")
                .caused_by(error)
        };
        let mut book = open_workbook_auto_from_rs(Cursor::new(Bytes::from(bytes))).map_err(broken)?;
        let sheets = book.sheet_names();
        let wanted = match sheet {
            Some(sheet) => sheets.iter().find(|name| *name == sheet),
            None => sheets.first(),
        };
        let Some(wanted) = wanted.cloned() else {
            return Err(Error::invalid(format!("{name} has no sheet {:?}", sheet.unwrap_or_default()))
                .advice(format!("take one of {}", sheets.join(", "))));
        };
        let sheet = book.worksheet_range(&wanted).map_err(broken)?;
        let named = Arc::from([]);
        let mut records = Self { name: name.to_owned(), sheet, columns: Vec::new(), named, next: 0 };
        // Without the names there can be no rows: a bad record here is the end.
        records.columns = records.header().map_err(|fault| match fault {
            Fault::Bad(error) | Fault::End(error) => error.advice("correct the names of the columns"),
        })?;
        let first = u64::from(records.sheet.start().unwrap_or_default().1) + 1;
        let numbered = (first..).zip(&records.columns).filter(|(_, name)| name.is_some());
        records.named = numbered.map(|(column, _)| column).collect();
        Ok(records)
    }

    /// The next row that is not empty, as its place in the range.
    fn next_row(&mut self) -> Option<usize> {
        while self.next < self.sheet.height() {
            let row = self.next;
            self.next += 1;
            if self.cells(row).any(|cell| !is_empty(cell)) {
                return Some(row);
            }
        }
        None
    }

    fn cells(&self, row: usize) -> impl Iterator<Item = &Data> {
        (0..self.sheet.width()).map(move |column| self.sheet.get((row, column)).unwrap_or(&Data::Empty))
    }

    fn header(&mut self) -> Result<Vec<Option<String>>, Fault> {
        let Some(row) = self.next_row() else { return Ok(Vec::new()) };
        let columns: Vec<_> =
            self.cells(row).map(|cell| Some(cell.to_string()).filter(|name| !name.is_empty())).collect();
        let mut seen = HashMap::new();
        for (place, name) in columns.iter().enumerate() {
            // An object would keep one of the two.
            if let Some(name) = name
                && let Some(first) = seen.insert(name, place)
            {
                let message = format!("the columns {} and {} are both named {name:?}", first + 1, place + 1);
                return Err(self.bad(row, place, message));
            }
        }
        Ok(columns)
    }

    /// A cell cannot be in a row.
    fn bad(&self, row: usize, column: usize, message: impl std::fmt::Display) -> Fault {
        let (first_row, first_column) = self.sheet.start().unwrap_or_default();
        let place = Place {
            line: u64::from(first_row) + row as u64 + 1,
            column: u64::from(first_column) + column as u64 + 1,
        };
        let record: Vec<String> = self.cells(row).map(ToString::to_string).collect();
        bad(&self.name, place, message, record.join("\t").as_bytes())
    }
}

impl Records for Excel {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        let Some(row) = self.next_row() else { return Ok(None) };
        for (column, (name, cell)) in self.columns.iter().zip(self.cells(row)).enumerate() {
            match cell {
                Data::Error(error) => return Err(self.bad(row, column, format_args!("the cell is {error}"))),
                cell if name.is_none() && !is_empty(cell) => {
                    return Err(self.bad(row, column, "the column of this cell has no name"));
                }
                _ => {}
            }
        }
        let named = self.columns.iter().zip(self.cells(row));
        let record: Vec<(&str, &Data)> =
            named.filter_map(|(name, cell)| Some((name.as_deref()?, cell))).collect();
        let raw = serde_json::value::to_raw_value(&Record(record));
        let raw = raw.map_err(|error| self.bad(row, 0, error))?;
        let found = RawRow::from_raw(raw).map_err(|no_row| self.bad(row, 0, no_row))?;
        let line = u64::from(self.sheet.start().unwrap_or_default().0) + row as u64 + 1;
        Ok(Some(found.at(Origin::of_cells(line, Arc::clone(&self.named)))))
    }
}

fn is_empty(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The named cells of a row, as a JSON object.
struct Record<'a>(Vec<(&'a str, &'a Data)>);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, cell) in &self.0 {
            object.serialize_key(name)?;
            match cell {
                Data::Int(number) => object.serialize_value(number)?,
                Data::Float(number) => match whole(*number) {
                    Some(number) => object.serialize_value(&number)?,
                    None => object.serialize_value(number)?,
                },
                Data::Bool(value) => object.serialize_value(value)?,
                Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                    object.serialize_value(text)?;
                }
                Data::DateTime(time) => object.serialize_value(&iso(time))?,
                Data::Empty | Data::Error(_) => object.serialize_value(&())?,
            }
        }
        object.end()
    }
}

/// A spreadsheet knows only floats: one that is a whole number is written as such.
fn whole(number: f64) -> Option<i64> {
    // Up to 2^53 every whole number is a float of its own.
    let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    exact.then_some(number as i64)
}

/// ISO 8601: a date at midnight, a time of day without a date, both, or a duration.
fn iso(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        let milliseconds = (time.as_f64() * 86_400_000.0).round() as i64;
        let sign = if milliseconds < 0 { "-" } else { "" };
        let left = milliseconds.unsigned_abs();
        let (hours, minutes, seconds) = (left / 3_600_000, left / 60_000 % 60, left / 1000 % 60);
        return format!("{sign}PT{hours}H{minutes}M{seconds}{}S", fraction(left % 1000));
    }
    let (year, month, day, hour, minute, second, millisecond) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = format!("{hour:02}:{minute:02}:{second:02}{}", fraction(millisecond.into()));
    match time.as_f64() {
        days if (0.0..1.0).contains(&days) => clock,
        _ if clock == "00:00:00" => date,
        _ => format!("{date}T{clock}"),
    }
}

fn fraction(milliseconds: u64) -> String {
    if milliseconds == 0 { String::new() } else { format!(".{milliseconds:03}") }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::read::{
        BadRow, OnBadRow,
        tests::{all, reader, rows},
    };

    /// A zip file without compression.
    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let (mut body, mut directory) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let mut checksum = flate2::Crc::new();
            checksum.update(text.as_bytes());
            let (size, name_size) = (text.len() as u32, name.len() as u16);
            let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
            about.extend(checksum.sum().to_le_bytes());
            about.extend(size.to_le_bytes());
            about.extend(size.to_le_bytes());
            about.extend(name_size.to_le_bytes());
            about.extend([0, 0]);
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(&about);
            directory.extend([0; 10]);
            directory.extend((body.len() as u32).to_le_bytes());
            directory.extend(name.as_bytes());
            body.extend(b"PK\x03\x04");
            body.extend(&about);
            write!(body, "{name}{text}").unwrap();
        }
        let (at, size, count) = (body.len() as u32, directory.len() as u32, files.len() as u16);
        body.extend(directory);
        body.extend(b"PK\x05\x06\0\0\0\0");
        body.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        body.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
        body.extend([0, 0]);
        body
    }

    const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// A workbook of two sheets; cells as XML. Style 1 is a date, 2 a date with time, 3 a duration.
    fn xlsx(first: &str, second: &str) -> Vec<u8> {
        let sheet = |cells: &str| {
            format!("<worksheet xmlns=\"{SPREADSHEET}\"><sheetData>{cells}</sheetData></worksheet>")
        };
        let kind = |name: &str| format!("{RELATIONS}/{name}");
        zip(&[
            (
                "[Content_Types].xml",
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
            ),
            (
                "_rels/.rels",
                &format!(
                    "<Relationships><Relationship Id=\"r1\" Type=\"{}\" Target=\"xl/workbook.xml\"/></Relationships>",
                    kind("officeDocument")
                ),
            ),
            (
                "xl/workbook.xml",
                &format!(
                    "<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{RELATIONS}\"><sheets>\
                     <sheet name=\"Films\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"More\" sheetId=\"2\" r:id=\"r2\"/>\
                     </sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                &format!(
                    "<Relationships><Relationship Id=\"r1\" Type=\"{0}\" Target=\"worksheets/sheet1.xml\"/>\
                     <Relationship Id=\"r2\" Type=\"{0}\" Target=\"worksheets/sheet2.xml\"/>\
                     <Relationship Id=\"r3\" Type=\"{1}\" Target=\"styles.xml\"/></Relationships>",
                    kind("worksheet"),
                    kind("styles")
                ),
            ),
            (
                "xl/styles.xml",
                &format!(
                    "<styleSheet xmlns=\"{SPREADSHEET}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                     <xf numFmtId=\"22\"/><xf numFmtId=\"46\"/></cellXfs></styleSheet>"
                ),
            ),
            ("xl/worksheets/sheet1.xml", &sheet(first)),
            ("xl/worksheets/sheet2.xml", &sheet(second)),
        ])
    }

    fn text(cell: &str, text: &str) -> String {
        format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn number(cell: &str, style: u8, value: &str) -> String {
        format!("<c r=\"{cell}\" s=\"{style}\"><v>{value}</v></c>")
    }

    fn row(number: u8, cells: &[String]) -> String {
        format!("<row r=\"{number}\">{}</row>", cells.concat())
    }

    #[test]
    fn cells_keep_their_types() {
        let first = [
            row(2, &[text("B2", "title"), text("C2", "value"), text("D2", "when")]),
            row(3, &[text("B3", "Alien &amp; \"x\""), number("C3", 0, "1979"), number("D3", 1, "29000")]),
            row(5, &[text("B5", "007"), number("C5", 0, "0.1"), number("D5", 2, "29000.75")]),
            row(6, &[number("C6", 0, "1e300"), number("D6", 3, "1.5")]),
            row(7, &["<c r=\"C7\" t=\"b\"><v>1</v></c>".to_owned(), number("D7", 2, "0.25")]),
        ];
        assert_eq!(
            all("x.xlsx", xlsx(&first.concat(), ""), |reader| reader),
            [
                r#"{"title":"Alien & \"x\"","value":1979,"when":"1979-05-25"}"#,
                r#"{"title":"007","value":0.1,"when":"1979-05-25T18:00:00"}"#,
                r#"{"title":null,"value":1e+300,"when":"PT36H0M0S"}"#,
                r#"{"title":null,"value":true,"when":"06:00:00"}"#,
            ]
        );
    }

    #[test]
    fn a_sheet_is_found_by_its_name() {
        let book = xlsx("", &[row(1, &[text("A1", "a")]), row(2, &[number("A2", 0, "1")])].concat());
        assert!(rows(reader("x.xlsx", &book)).unwrap().is_empty());
        assert_eq!(rows(reader("x.xlsx", &book).sheet("More")).unwrap(), [r#"{"a":1}"#]);
        let error = rows(reader("x.xlsx", &book).sheet("Less")).unwrap_err();
        assert!(
            error.to_string().contains("x.xlsx has no sheet \"Less\"; take one of Films, More"),
            "{error}"
        );
    }

    #[test]
    fn a_cell_that_has_no_value_or_no_name_is_a_bad_record() {
        let first = [
            row(1, &[text("A1", "a"), text("C1", "c")]),
            row(2, &[number("A2", 0, "1"), "<c r=\"C2\" t=\"e\"><v>#DIV/0!</v></c>".to_owned()]),
            row(3, &[number("A3", 0, "1"), number("B3", 0, "2")]),
            row(4, &[number("A4", 0, "1")]),
        ];
        let book = xlsx(&first.concat(), "");
        assert_eq!(
            all("x.xlsx", &book, |reader| reader.on_bad_row(OnBadRow::Report)),
            [
                "! x.xlsx, line 2, column 3: the cell is #DIV/0!",
                "! x.xlsx, line 3, column 2: the column of this cell has no name",
                r#"{"a":1,"c":null}"#
            ]
        );
        let error = rows(reader("x.xlsx", &book)).unwrap_err();
        assert_eq!(BadRow::of(&error).unwrap().text(), "1\t\t#DIV/0!");
    }

    #[test]
    fn columns_need_names_of_their_own() {
        let first = row(1, &[text("A1", "a"), text("B1", "a")]);
        let error = rows(reader("x.xlsx", xlsx(&first, ""))).unwrap_err();
        assert!(
            error.to_string().contains("line 1, column 2: the columns 1 and 2 are both named"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_spreadsheet_is_named() {
        for bytes in [&b""[..], b"a,b\n", &xlsx("", "")[..100]] {
            let error = rows(reader("x.xlsx", bytes)).unwrap_err();
            assert!(error.to_string().contains("x.xlsx is no spreadsheet"), "{error}");
        }
    }
}
