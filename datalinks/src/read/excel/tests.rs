//! Tests of spreadsheets.

use super::fixture::{Workbook, cell, number, row, text, xlsx, zip};
use crate::read::{
    Reader,
    bad_row::{BadRow, OnBadRow},
    file,
    tests::{all, reader, rows},
};

fn report(reader: Reader) -> Reader {
    reader.on_bad_row(OnBadRow::Report)
}

fn error(reader: Reader) -> String {
    rows(reader).unwrap_err().to_string()
}

#[test]
fn cells_keep_their_types() {
    let sheet = [
        row(2, &[text("B2", "title"), text("C2", "value"), text("D2", "when")]),
        row(3, &[text("B3", "Alien &amp; \"x\""), number("C3", 0, "1979"), number("D3", 1, "29000")]),
        row(5, &[text("B5", "007"), number("C5", 0, "0.1"), number("D5", 2, "29000.75")]),
        row(6, &[number("C6", 0, "1e300"), number("D6", 3, "1.5")]),
        row(7, &[cell("C7", "t=\"b\"", "<v>1</v>"), number("D7", 2, "0.25")]),
    ];
    assert_eq!(
        all("x.xlsx", xlsx(&sheet), |reader| reader),
        [
            r#"{"title":"Alien & \"x\"","value":1979,"when":"1979-05-25"}"#,
            r#"{"title":"007","value":0.1,"when":"1979-05-25T18:00:00"}"#,
            r#"{"title":null,"value":1e+300,"when":"PT36H0M0S"}"#,
            r#"{"title":null,"value":true,"when":"06:00:00"}"#,
        ]
    );
}

#[test]
fn spreadsheet_strings_are_kept_exactly() {
    let strings = "<sst uniqueCount=\"3\"><si><t xml:space=\"preserve\"> two  spaces </t></si>\
                   <si><r><t xml:space=\"preserve\">rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh><t>phonetic</t></rPh></si><si><t/></si></sst>";
    let sheet = [
        row(1, &[text("A1", " a "), text("B1", "b"), text("C1", "c")]),
        row(
            2,
            &[
                cell("A2", "t=\"s\"", "<v>0</v>"),
                cell("B2", "t=\"s\"", "<v>1</v>"),
                cell("C2", "t=\"s\"", "<v>2</v>"),
            ],
        ),
        row(3, &[text("A3", "12345678901234567890"), text("B3", "0042"), text("C3", "line&#10;break")]),
        row(
            4,
            &[
                cell("A4", "t=\"str\"", "<f>\"x\"</f><v> x </v>"),
                cell("B4", "t=\"d\"", "<v>2024-02-29T10:00:00</v>"),
            ],
        ),
        row(5, &[cell("A5", "t=\"str\"", "<f>\"\"</f><v></v>"), number("B5", 0, "9007199254740993")]),
        row(6, &[text("A6", "")]),
    ];
    let book = Workbook::default().sheet("Films", sheet.concat()).strings(strings).bytes();
    assert_eq!(
        all("x.xlsx", book, |reader| reader),
        [
            r#"{" a ":" two  spaces ","b":"rich text","c":""}"#,
            r#"{" a ":"12345678901234567890","b":"0042","c":"line\nbreak"}"#,
            r#"{" a ":" x ","b":"2024-02-29T10:00:00","c":null}"#,
            r#"{" a ":"","b":9007199254740992,"c":null}"#,
        ]
    );
}

#[test]
fn first_visible_worksheet_is_read_by_default() {
    let table = |value: &str| row(1, &[text("A1", "a")]) + &row(2, &[text("A2", value)]);
    let book = Workbook::default()
        .any_sheet("Chart", "visible", "chartsheet", "")
        .any_sheet("Lists", "hidden", "worksheet", table("hidden"))
        .any_sheet("Inner", "veryHidden", "worksheet", table("very hidden"))
        .sheet("Data", table("data"))
        .sheet("More", table("more"))
        .bytes();
    let read = |set: fn(Reader) -> Reader| rows(set(reader("x.xlsx", &book)));
    assert_eq!(read(|reader| reader).unwrap(), [r#"{"a":"data"}"#]);
    assert_eq!(read(|reader| reader.sheet("More")).unwrap(), [r#"{"a":"more"}"#]);
    assert_eq!(read(|reader| reader.sheet("Lists")).unwrap(), [r#"{"a":"hidden"}"#]);
    assert_eq!(read(|reader| reader.sheet_number(3)).unwrap(), [r#"{"a":"very hidden"}"#]);
    let sheets = "use one of Lists (hidden), Inner (hidden), Data, More";
    let message = error(reader("x.xlsx", &book).sheet("Less"));
    assert!(message.contains("x.xlsx has no sheet \"Less\"") && message.contains(sheets), "{message}");
    let error_of = |set: fn(Reader) -> Reader| error(set(reader("x.xlsx", &book)));
    let error = error_of(|reader| reader.sheet("Chart"));
    assert!(
        error.contains("the sheet \"Chart\" of x.xlsx has no cells: it is a chart") && error.contains(sheets),
        "{error}"
    );
    let error = error_of(|reader| reader.sheet_number(6));
    assert!(error.contains("x.xlsx has no sheet with number 6") && error.contains(sheets), "{error}");
    let error = error_of(|reader| reader.sheet_number(0));
    assert!(error.contains("no row or sheet with number 0"), "{error}");
}

#[test]
fn workbook_without_visible_worksheet_is_rejected() {
    let book = Workbook::default().any_sheet("Lists", "hidden", "worksheet", "").bytes();
    let message = error(reader("x.xlsx", book));
    assert!(message.contains("x.xlsx has no visible worksheet; use one of Lists (hidden)"), "{message}");
    let book = Workbook::default().any_sheet("Chart", "visible", "chartsheet", "").bytes();
    let message = error(reader("x.xlsx", book));
    assert!(message.contains("the workbook has no worksheet at all"), "{message}");
}

#[test]
fn sheet_without_cells_has_no_rows() {
    assert!(rows(reader("x.xlsx", xlsx(&[]))).unwrap().is_empty());
    assert!(rows(reader("x.xlsx", xlsx(&[row(1, &[text("A1", "a")])]))).unwrap().is_empty());
}

#[test]
fn cell_without_a_value_or_a_column_name_is_a_bad_record() {
    let sheet = [
        row(1, &[text("A1", "a"), text("C1", "c")]),
        row(2, &[number("A2", 0, "1"), cell("C2", "t=\"e\"", "<v>#DIV/0!</v>")]),
        row(3, &[number("A3", 0, "1"), number("B3", 0, "2")]),
        row(4, &[number("A4", 0, "nan")]),
        row(5, &[number("A5", 0, "1e999"), number("C5", 1, "inf")]),
        row(6, &[number("A6", 0, "1"), number("A6", 0, "2")]),
        row(7, &[number("A7", 0, "1")]),
    ];
    let book = xlsx(&sheet);
    assert_eq!(
        all("x.xlsx", &book, report),
        [
            "! x.xlsx, line 2, column 3: cell C2 is the error #DIV/0!",
            "! x.xlsx, line 3, column 2: cell B3 has a value, but row 1 has no name for its column",
            "! x.xlsx, line 4, column 1: cell A4 is not a finite number",
            "! x.xlsx, line 5, column 1: cell A5 is not a finite number",
            "! x.xlsx, line 6, column 1: the sheet has two values for cell A6",
            r#"{"a":1,"c":null}"#
        ]
    );
    let error = rows(reader("x.xlsx", book)).unwrap_err();
    assert_eq!(BadRow::of(&error).unwrap().text(), "1\t\t#DIV/0!");
}

#[test]
fn stray_cell_takes_no_memory() {
    let sheet = [
        row(1, &[text("A1", "id"), text("B1", "city")]),
        row(2, &[number("A2", 0, "1"), text("B2", "Lyon")]),
        row(1_048_576, &[text("XFD1048576", " ")]),
    ];
    let book = xlsx(&sheet);
    let read = || all("x.xlsx", &book, report);
    let found = read();
    assert_eq!(
        found,
        [
            r#"{"id":1,"city":"Lyon"}"#,
            "! x.xlsx, line 1048576, column 16384: cell XFD1048576 has a value, but row 1 has no name for its column",
        ]
    );
    let used = allocation_counter::measure(|| {
        assert_eq!(rows(reader("x.xlsx", &book).on_bad_row(OnBadRow::Skip)).unwrap().len(), 1);
    });
    assert!(used.bytes_max < 1024 * 1024, "{} bytes", used.bytes_max);
}

#[test]
fn memory_holds_one_row() {
    let sheet = |count: u32| {
        let rows = (2..count + 2)
            .map(|n| row(n, &[number(&format!("A{n}"), 0, "1"), text(&format!("C{n}"), "text")]));
        xlsx(&[row(1, &[text("A1", "a"), text("C1", "c")]), rows.collect()])
    };
    let directory = tempfile::tempdir().unwrap();
    let peak = |count: u32| {
        let path = directory.path().join(format!("{count}.xlsx"));
        std::fs::write(&path, sheet(count)).unwrap();
        let mut rows = file(path).rows();
        let used = allocation_counter::measure(|| {
            assert_eq!(rows.by_ref().map(Result::unwrap).count() as u32, count);
        });
        used.bytes_max
    };
    let (small, large) = (peak(100), peak(20_000));
    assert!(large < small + 64 * 1024, "{small} bytes for 100 rows, {large} for 20,000");
}

#[test]
fn dates_are_valid_column_names() {
    let header = row(
        1,
        &[
            number("A1", 1, "45292"),
            number("B1", 2, "45292.5"),
            number("C1", 0, "2024"),
            number("D1", 4, "0.5"),
            cell("E1", "t=\"b\"", "<v>1</v>"),
            number("F1", 1, "20240229"),
            number("G1", 0, "0.5"),
        ],
    );
    let book = xlsx(&[header, row(2, &[number("A2", 0, "1")])]);
    assert_eq!(
        rows(reader("x.xlsx", book)).unwrap(),
        [
            r#"{"2024-01-01":1,"2024-01-01T12:00:00":null,"2024":null,"12:00:00":null,"true":null,"20240229":null,"0.5":null}"#
        ]
    );
}

#[test]
fn dates_of_the_1904_system_are_converted() {
    let sheet = [
        row(1, &[text("A1", "a"), text("B1", "b")]),
        row(2, &[number("A2", 1, "0"), number("B2", 2, "43889.5")]),
        row(3, &[number("A3", 1, "2957004"), number("B3", 1, "-1")]),
    ];
    let book = Workbook::default().sheet("Films", sheet.concat()).since_1904().bytes();
    assert_eq!(
        rows(reader("x.xlsx", book)).unwrap(),
        [r#"{"a":"1904-01-01","b":"2024-02-29T12:00:00"}"#, r#"{"a":2957004,"b":-1}"#]
    );
}

#[test]
fn formula_without_a_result_is_a_bad_record_or_null() {
    let formula = |at: &str, rest: &str| cell(at, "", &format!("<f>A2*B2</f>{rest}"));
    let sheet = [
        row(1, &[text("A1", "a"), text("B1", "b"), text("C1", "c")]),
        row(2, &[number("A2", 0, "1"), formula("C2", "<v></v>")]),
        row(3, &[number("A3", 0, "1"), formula("C3", "")]),
        row(
            4,
            &[formula("A4", "<v/>"), cell("B4", "", "<f t=\"shared\" si=\"0\"/>"), formula("C4", "<v>3</v>")],
        ),
        // A blank cell with a format is not a formula.
        row(5, &[number("A5", 0, "1"), cell("B5", "s=\"1\"", "")]),
    ];
    let book = xlsx(&sheet);
    assert_eq!(
        all("x.xlsx", &book, report),
        [
            "! x.xlsx, line 2, column 3: cell C2 is a formula without a stored result",
            "! x.xlsx, line 3, column 3: cell C3 is a formula without a stored result",
            "! x.xlsx, line 4, column 1: cell A4 is a formula without a stored result",
            r#"{"a":1,"b":null,"c":null}"#
        ]
    );
    let message = error(reader("x.xlsx", &book));
    assert!(message.contains("set Reader::uncalculated_as_null"), "{message}");
    let mut rows = reader("x.xlsx", &book).uncalculated_as_null().rows();
    assert_eq!(
        rows.by_ref().map(|row| row.unwrap().to_string()).collect::<Vec<_>>(),
        [
            r#"{"a":1,"b":null,"c":null}"#,
            r#"{"a":1,"b":null,"c":null}"#,
            r#"{"a":null,"b":null,"c":3}"#,
            r#"{"a":1,"b":null,"c":null}"#,
        ]
    );
    assert_eq!(rows.uncalculated(), 4);
    let header = xlsx(&[row(1, &[formula("A1", "")])]);
    let message = error(reader("x.xlsx", &header).uncalculated_as_null());
    assert!(
        message.contains("cell A1 is a formula without a stored result instead of a column name"),
        "{message}"
    );
}

#[tokio::test]
async fn stream_counts_formulas_without_a_result() {
    use futures::StreamExt as _;
    let sheet = [row(1, &[text("A1", "a")]), row(2, &[cell("A2", "", "<f>1</f>")])];
    let mut stream = reader("x.xlsx", xlsx(&sheet)).uncalculated_as_null().into_stream();
    assert_eq!(stream.next().await.unwrap().unwrap().json(), r#"{"a":null}"#);
    assert!(stream.next().await.is_none());
    assert_eq!(stream.uncalculated(), 1);
}

/// A spreadsheet can store ZIP codes as numbers.
#[test]
fn columns_can_be_read_as_text() {
    let book = xlsx(&[
        row(1, &[text("A1", "zip"), text("B1", "area"), text("C1", "city")]),
        row(2, &[number("A2", 0, "10115"), number("B2", 0, "1.5")]),
        row(3, &[text("A3", "01067"), number("B3", 0, "2"), text("C3", "Dresden")]),
    ]);
    let rows = all("x.xlsx", &book, |reader| reader.string_columns(["zip", "city"]));
    assert_eq!(
        rows,
        [r#"{"zip":"10115","area":1.5,"city":null}"#, r#"{"zip":"01067","area":2,"city":"Dresden"}"#]
    );
    let message = error(reader("x.xlsx", &book).string_columns(["plz"]));
    assert!(
        message
            .contains(r#"has no column "plz" to read as strings; its columns are ["zip", "area", "city"]"#),
        "{message}"
    );
}

#[test]
fn header_row_can_be_below_a_title() {
    let sheet = [
        row(1, &[text("A1", "Exported 2024-03-01")]),
        row(3, &[text("A3", "id"), text("B3", "city")]),
        row(4, &[number("A4", 0, "1"), text("B4", "Lyon")]),
        row(5, &[number("A5", 0, "2"), text("B5", "Nice"), text("C5", "note")]),
    ];
    let book = xlsx(&sheet);
    let bad = "! x.xlsx, line 5, column 3: cell C5 has a value, but row 3 has no name for its column";
    assert_eq!(
        all("x.xlsx", &book, |reader| report(reader.header_row(3))),
        [r#"{"id":1,"city":"Lyon"}"#, bad]
    );
    // Without the option, the wrong header is an error with every choice for bad records.
    for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
        let message = error(reader("x.xlsx", &book).on_bad_row(choice));
        assert!(
            message
                .contains("row 1 has one cell, \"Exported 2024-03-01\", and cannot be the header of row 3")
                && message.contains("set Reader::header_row(3)"),
            "{message}"
        );
    }
    // If the caller selects the title row as the header, its columns are used.
    let found = all("x.xlsx", &book, |reader| report(reader.header_row(1)));
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|bad| bad.contains("but row 1 has no name for its column")), "{found:?}");
    for (row, message) in [
        (2, "row 2 of the sheet is empty, so it cannot be the header"),
        (9, "row 9 of the sheet is empty, so it cannot be the header"),
        (0, "no row or sheet with number 0"),
    ] {
        let found = error(reader("x.xlsx", &book).header_row(row));
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn single_column_keeps_its_rows_before_a_bad_record() {
    let sheet =
        [row(1, &[text("A1", "a")]), row(2, &[text("A2", "x")]), row(3, &[text("A3", "y"), text("B3", "z")])];
    let bad = "! x.xlsx, line 3, column 2: cell B3 has a value, but row 1 has no name for its column";
    assert_eq!(all("x.xlsx", xlsx(&sheet), report), [r#"{"a":"x"}"#, bad]);
}

#[test]
fn duplicate_column_names_of_a_sheet_are_an_error() {
    let message = error(reader("x.xlsx", xlsx(&[row(1, &[text("A1", "a"), text("C1", "a")])])));
    assert!(
        message.contains("line 1, column 3: the columns of the cells A1 and C1 are both named \"a\""),
        "{message}"
    );
    let message = error(reader("x.xlsx", xlsx(&[row(1, &[cell("A1", "t=\"e\"", "<v>#N/A</v>")])])));
    assert!(message.contains("cell A1 is the error #N/A instead of a column name"), "{message}");
}

#[test]
fn cells_without_addresses_and_in_any_order_of_columns_are_read() {
    let sheet = "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>b</t></is></c></row><row r=\"4\"><c r=\"B4\"><v>3</v></c>\
                 <c r=\"A4\"><v>2</v></c></row><row><c r=\"A5\"><v>4</v></c></row>";
    let book = xlsx(&[sheet.to_owned()]);
    assert_eq!(rows(reader("x.xlsx", book)).unwrap(), [r#"{"1":2,"b":3}"#, r#"{"1":4,"b":null}"#]);
    let sheet = [row(1, &[text("A1", "a")]), row(3, &[text("A3", "c")]), row(2, &[text("A2", "b")])];
    let message = error(reader("x.xlsx", xlsx(&sheet)));
    assert!(
        message.contains("x.xlsx: cell A2 comes after row 3; the rows of the sheet are not in order"),
        "{message}"
    );
}

#[test]
fn spreadsheet_row_over_the_limit_is_a_bad_record() {
    let sheet = [
        row(1, &[text("A1", "a"), text("B1", "b")]),
        row(2, &[text("A2", "1234567890"), text("B2", "1234567890")]),
        row(3, &[text("A3", "1234567890")]),
    ];
    assert_eq!(
        all("x.xlsx", xlsx(&sheet), |reader| report(reader.record_limit(15))),
        [
            "! x.xlsx, line 2, column 1: the text of row 2 is longer than the limit for a record, 15 bytes (Reader::record_limit)",
            r#"{"a":"1234567890","b":null}"#
        ]
    );
}

#[test]
fn invalid_spreadsheet_is_an_error_with_the_reason() {
    let damaged = &xlsx(&[])[..100];
    for (bytes, reason) in [
        (&b""[..], "it is empty"),
        (b"a,b\n", "it is text that begins with \"a,b\""),
        (b"\xEF\xBB\xBF<html>", "it is text that begins with"),
        (b"\x01\x02", "it does not begin as one"),
        (b"PK\x03\x04", "check that the file is complete"),
        (damaged, "check that the file is complete"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "the compound file is damaged"),
    ] {
        let message = error(reader("x.xlsx", bytes));
        assert!(
            message.contains("x.xlsx is not a readable spreadsheet") && message.contains(reason),
            "{message}"
        );
    }
}

#[test]
fn damage_after_the_first_rows_ends_the_rows() {
    let sheet = [
        row(1, &[text("A1", "a")]),
        row(2, &[number("A2", 0, "1")]),
        row(3, &[number("A3", 0, "2")]),
        row(4, &[cell("A4", "t=\"e\"", "<v>#WHAT?</v>")]),
    ];
    for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
        let found = all("x.xlsx", xlsx(&sheet), |reader| reader.on_bad_row(choice));
        assert_eq!(found[0], r#"{"a":1}"#);
        assert!(found[1].starts_with("! x.xlsx cannot be read past cell A3: "), "{found:?}");
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn impossible_string_count_reserves_no_memory() {
    let book = |count: &str| {
        let strings = format!("<sst uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
        let sheet = row(1, &[cell("A1", "t=\"s\"", "<v>0</v>")]) + &row(2, &[number("A2", 0, "1")]);
        Workbook::default().sheet("Films", sheet).strings(strings).bytes()
    };
    // Some programs count references instead of strings.
    for count in ["1", "1000", ""] {
        assert_eq!(rows(reader("x.xlsx", book(count))).unwrap(), [r#"{"a":1}"#]);
    }
    for count in ["1000000000000", "99999999999999999999"] {
        let message = error(reader("x.xlsx", book(count)));
        assert!(message.contains("x.xlsx would need too much memory: it declares"), "{message}");
    }
}

#[test]
fn panic_of_the_spreadsheet_library_is_an_error() {
    // The library overflows on so many column letters.
    let sheet = [row(1, &[text("A1", "a")]), row(2, &[text("AAAAAAAAAAAAAAAA2", "b")])];
    let found = all("x.xlsx", xlsx(&sheet), report);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("! x.xlsx"), "{found:?}");
}

/// Creates an OpenDocument workbook with one sheet.
fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Films\">{rows}\
         </table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip([
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &content),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
    ])
}

#[test]
fn open_document_is_read_by_the_same_rules() {
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let formula = |rest: &str| format!("<table:table-cell table:formula=\"of:=1\" {rest}/>");
    let failed = "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" \
                  calcext:value-type=\"error\"><text:p>#DIV/0!</text:p></table:table-cell>";
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let sheet = [
        row(&[text("a"), text("b")]),
        row(&[
            text("x"),
            "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-02-29\"/>".to_owned(),
        ]),
        row(&[text("x"), formula("office:value-type=\"float\" office:value=\"2\"")]),
        row(&[text("x"), formula("")]),
        row(&[text("x"), failed.to_owned()]),
        row(&[text("#DIV/0!")]),
        "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell \
         table:number-columns-repeated=\"16384\"/></table:table-row>"
            .to_owned(),
        row(&["<table:table-cell table:number-columns-repeated=\"2\"/>".to_owned(), text("far")]),
    ];
    assert_eq!(
        all("x.ods", ods(&sheet.concat()), report),
        [
            r#"{"a":"x","b":"2024-02-29"}"#,
            r#"{"a":"x","b":2}"#,
            "! x.ods, line 4, column 2: cell B4 is a formula without a stored result",
            "! x.ods, line 5, column 2: cell B5 is the error #DIV/0!",
            r##"{"a":"#DIV/0!","b":null}"##,
            "! x.ods, line 9, column 3: cell C9 has a value, but row 1 has no name for its column",
        ]
    );
    let far = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell/></table:table-row>";
    let wide = row(&["<table:table-cell table:number-columns-repeated=\"9000\"/>".to_owned(), text("far")]);
    let message = error(reader("x.ods", ods(&(sheet[0].clone() + far + &wide))));
    assert!(message.contains("x.ods would need too much memory"), "{message}");
}

#[test]
fn encrypted_open_document_is_an_error() {
    let manifest = "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry>\
                    </manifest:manifest>";
    let book = zip([
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", "?"),
        ("META-INF/manifest.xml", manifest),
    ]);
    let message = error(reader("x.ods", book));
    assert!(message.contains("x.ods is encrypted with a password; save it without"), "{message}");
}

/// Reads a file of `tests/data/sheets`.
fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/sheets/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn excel_97_is_read_by_the_same_rules() {
    assert_eq!(
        all("data.xls", sample("data.xls"), report),
        [
            r#"{"id":1,"city":" Lyon ","on":"2024-02-29","ok":true,"2024-01-01":0.5}"#,
            r#"{"id":2,"city":"0042","on":20240229,"ok":null,"2024-01-01":"06:00:00"}"#,
            r#"{"id":3,"city":"Nice","on":"2024-02-29T12:00:00","ok":null,"2024-01-01":12345678.5}"#,
            "! data.xls, line 6, column 7: cell G6 has a value, but row 1 has no name for its column",
        ]
    );
    let message = error(reader("data.xls", sample("data.xls")).sheet("Chart"));
    assert!(
        message.contains("data.xls has no sheet \"Chart\"; use one of Lists (hidden), Data"),
        "{message}"
    );
}

#[test]
fn excel_97_stray_cell_is_rejected_before_it_takes_memory() {
    let book = sample("far.xls");
    let mut message = String::new();
    let used = allocation_counter::measure(|| message = error(reader("far.xls", &book)));
    assert!(
        message.contains(
            "far.xls would need too much memory: its sheets have 16777216 cells, of which 3 have a value"
        ),
        "{message}"
    );
    assert!(used.bytes_max < 1024 * 1024, "{} bytes", used.bytes_max);
}

#[test]
fn excel_97_strings_are_rejected_before_they_are_copied() {
    let book = sample("long_texts.xls.gz");
    let mut message = String::new();
    let used = allocation_counter::measure(|| message = error(reader("long_texts.xls.gz", &book)));
    assert!(
        message.contains("would need too much memory: the strings of its cells have 647168914 bytes"),
        "{message}"
    );
    assert!(used.bytes_max < 4 * 1024 * 1024, "{} bytes", used.bytes_max);
}

#[test]
fn binary_workbooks_are_read_by_the_same_rules() {
    assert_eq!(
        all("date_1904.xlsb", sample("date_1904.xlsb"), report),
        [r#"{"2021-01-01":"2021-01-02","15":16}"#, r#"{"2021-01-01":"PT255H10M10S","15":17}"#]
    );
}

#[test]
fn encrypted_workbook_is_an_error() {
    let message = error(reader("password.xlsx", sample("password.xlsx")));
    assert!(message.contains("password.xlsx is encrypted with a password; save it without"), "{message}");
}

/// A file with changed bytes has rows or errors. It neither ends the process nor exhausts its memory.
#[test]
fn damaged_workbooks_neither_crash_nor_exhaust_memory() {
    const SEED: u64 = 0x5EED_0019;
    let sheet = [row(1, &[text("A1", "a")]), row(2, &[cell("A2", "t=\"s\"", "<v>0</v>")])];
    let strings = "<sst uniqueCount=\"1\"><si><t>a</t></si></sst>";
    let xlsx = Workbook::default().sheet("Films", sheet.concat()).strings(strings).bytes();
    for (name, book) in
        [("data.xls", sample("data.xls")), ("date.xlsb", sample("date_1904.xlsb")), ("x.xlsx", xlsx)]
    {
        for case in 0..200 {
            let mut rng = fastrand::Rng::with_seed(SEED + case);
            let mut book = book.clone();
            for _ in 0..rng.u32(1..20) {
                let at = rng.usize(..book.len());
                book[at] = rng.u8(..);
            }
            let used = allocation_counter::measure(|| {
                let _ = rows(reader(name, &book).on_bad_row(OnBadRow::Skip));
            });
            assert!(
                used.bytes_max < 512 * 1024 * 1024,
                "{name}, seed {:#x}: {} bytes",
                SEED + case,
                used.bytes_max
            );
        }
    }
}
