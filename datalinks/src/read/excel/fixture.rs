//! Small workbooks for tests.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Creates a ZIP file of these parts.
pub(super) fn zip<N: AsRef<str>, B: AsRef<[u8]>>(parts: impl IntoIterator<Item = (N, B)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(name.as_ref(), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes.as_ref()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A builder for an `.xlsx` workbook. Style 1 is a date, 2 a date with time, 3 a duration, 4 a time of day.
#[derive(Default)]
pub(super) struct Workbook {
    /// Name, state, kind and rows of each sheet.
    sheets: Vec<(String, &'static str, &'static str, String)>,
    strings: Option<String>,
    is_1904: bool,
}

impl Workbook {
    pub(super) fn sheet(self, name: &str, rows: impl Into<String>) -> Self {
        self.any_sheet(name, "visible", "worksheet", rows)
    }

    pub(super) fn any_sheet(
        mut self,
        name: &str,
        state: &'static str,
        kind: &'static str,
        rows: impl Into<String>,
    ) -> Self {
        self.sheets.push((name.to_owned(), state, kind, rows.into()));
        self
    }

    /// Sets the part with shared strings, as XML.
    pub(super) fn strings(mut self, part: impl Into<String>) -> Self {
        self.strings = Some(part.into());
        self
    }

    pub(super) fn since_1904(mut self) -> Self {
        self.is_1904 = true;
        self
    }

    pub(super) fn parts(&self) -> Vec<(String, String)> {
        let relation = |id: usize, kind: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
        };
        let (mut sheets, mut relations) = (String::new(), relation(0, "styles", "styles.xml"));
        let mut parts = Vec::new();
        for (index, (name, state, kind, rows)) in self.sheets.iter().enumerate() {
            let id = index + 1;
            sheets += &format!("<sheet name=\"{name}\" sheetId=\"{id}\" state=\"{state}\" r:id=\"r{id}\"/>");
            relations += &relation(id, kind, &format!("{kind}s/sheet{id}.xml"));
            let part = match *kind {
                "worksheet" => {
                    format!("<worksheet xmlns=\"{SPREADSHEET}\"><sheetData>{rows}</sheetData></worksheet>")
                }
                kind => format!("<{kind} xmlns=\"{SPREADSHEET}\"><sheetPr/></{kind}>"),
            };
            parts.push((format!("xl/{kind}s/sheet{id}.xml"), part));
        }
        let properties = if self.is_1904 { "<workbookPr date1904=\"1\"/>" } else { "<workbookPr/>" };
        let styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"46\"/>\
                      <xf numFmtId=\"20\"/></cellXfs>";
        let root = relation(1, "officeDocument", "xl/workbook.xml");
        parts.extend([
            ("_rels/.rels".to_owned(), format!("<Relationships>{root}</Relationships>")),
            (
                "xl/workbook.xml".to_owned(),
                format!(
                    "<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{RELATIONS}\">{properties}<sheets>{sheets}</sheets>\
                     </workbook>"
                ),
            ),
            ("xl/_rels/workbook.xml.rels".to_owned(), format!("<Relationships>{relations}</Relationships>")),
            ("xl/styles.xml".to_owned(), format!("<styleSheet xmlns=\"{SPREADSHEET}\">{styles}</styleSheet>")),
        ]);
        parts.extend(self.strings.iter().map(|part| ("xl/sharedStrings.xml".to_owned(), part.clone())));
        parts
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        zip(self.parts())
    }
}

/// Creates a workbook with one sheet.
pub(super) fn xlsx(rows: &[String]) -> Vec<u8> {
    Workbook::default().sheet("Films", rows.concat()).bytes()
}

pub(super) fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
}

pub(super) fn number(cell: &str, style: u8, value: &str) -> String {
    format!("<c r=\"{cell}\" s=\"{style}\"><v>{value}</v></c>")
}

/// Formats a cell with attributes and content.
pub(super) fn cell(cell: &str, attributes: &str, content: &str) -> String {
    format!("<c r=\"{cell}\" {attributes}>{content}</c>")
}

pub(super) fn row(number: u32, cells: &[String]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}
