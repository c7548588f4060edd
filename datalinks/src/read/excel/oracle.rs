//! Comparison of rows with the cells that calamine reads.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{Data, Reader as _, Xlsx};
use serde_json::Value as Json;

use super::fixture::{Workbook, cell, number, row, text};
use crate::read::{
    bad_row::OnBadRow,
    tests::{reader, rows},
};

const CASES: u64 = 2_000;
/// Seed of the first case. The following cases use the following seeds.
const SEED: u64 = 0x5EED_0017;

/// Generates a sheet as XML, with a header in its first row and gaps of any kind.
fn sheet(rng: &mut fastrand::Rng) -> Workbook {
    let columns: Vec<u32> = (0..rng.u32(1..6))
        .scan(rng.u32(0..30), |column, _| {
            *column += rng_gap(rng);
            Some(*column)
        })
        .collect();
    let at = |column: u32, row: u32| super::address::Address { row, column }.to_string();
    let mut line = rng.u32(0..4);
    let header: Vec<_> =
        columns.iter().map(|column| text(&at(*column, line), &format!("c{column}"))).collect();
    let mut sheet = row(line + 1, &header);
    let words = ["", "a", " b ", "007", "1e5", "true", "&lt;&amp;&gt;", "é\u{1F600}", "x\ty", "2024-01-01"];
    let shared: String =
        words.iter().map(|word| format!("<si><t xml:space=\"preserve\">{word}</t></si>")).collect();
    for _ in 0..rng.u32(0..8) {
        line += if rng.u8(..8) == 0 { rng.u32(1..300) } else { 1 };
        let mut cells = Vec::new();
        for column in &columns {
            let at = at(*column, line);
            let float = |rng: &mut fastrand::Rng| match rng.u8(..4) {
                0 => f64::from(rng.i32(-100_000..3_000_000)),
                1 => rng.f64() * 3_000_000.0,
                2 => rng.f64(),
                _ => (rng.f64() - 0.5) * 10_f64.powi(rng.i32(-300..300)),
            };
            cells.push(match rng.u8(..9) {
                0 => continue,
                1 => cell(&at, "s=\"1\"", ""),
                2 => text(&at, rng.choice(words).unwrap()),
                3 => cell(&at, "t=\"s\"", &format!("<v>{}</v>", rng.usize(..words.len()))),
                4 => cell(&at, "t=\"b\"", &format!("<v>{}</v>", rng.u8(..2))),
                5 => cell(&at, "t=\"str\"", &format!("<f>A1</f><v>{}</v>", rng.choice(words).unwrap())),
                6 => cell(&at, "", &format!("<f>A1</f><v>{}</v>", float(rng))),
                _ => number(&at, rng.u8(..5), &float(rng).to_string()),
            });
        }
        sheet += &row(line + 1, &cells);
    }
    let book = Workbook::default().sheet("Data", sheet).strings(format!("<sst>{shared}</sst>"));
    if rng.bool() { book.since_1904() } else { book }
}

fn rng_gap(rng: &mut fastrand::Rng) -> u32 {
    if rng.u8(..5) == 0 { rng.u32(1..9) } else { 1 }
}

/// Returns the rows that calamine's cells represent.
fn expected(book: &[u8]) -> Vec<BTreeMap<String, Option<Data>>> {
    let mut book = Xlsx::new(Cursor::new(book.to_vec())).unwrap();
    let range = book.worksheet_range("Data").unwrap();
    let mut rows = range.rows().map(<[Data]>::to_vec);
    let header = rows.next().unwrap_or_default();
    let is_blank = |cell: &Data| matches!(cell, Data::Empty) || *cell == Data::String(String::new());
    rows.filter(|cells| !cells.iter().all(is_blank))
        .map(|cells| {
            let named = header.iter().zip(cells).filter(|(name, _)| !is_blank(name));
            named
                .map(|(name, cell)| (name.to_string(), Some(cell).filter(|cell| *cell != Data::Empty)))
                .collect()
        })
        .collect()
}

/// Returns `true` if the JSON value represents the cell.
fn agrees(json: &Json, cell: Option<&Data>) -> bool {
    match cell {
        None => json.is_null(),
        Some(Data::String(text)) => json == text,
        Some(Data::Bool(value)) => json == value,
        Some(Data::Int(number)) => json == number,
        Some(Data::Float(number)) => json.as_f64() == Some(*number) && json.is_number(),
        Some(Data::DateTime(time)) => match json.as_str() {
            None => json.as_f64() == Some(time.as_f64()) && (time.as_f64() <= 0.0 || time.as_f64() >= 60.0),
            Some(text) if time.is_duration() => {
                let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
                let parts: Vec<f64> = text
                    .strip_prefix("PT")
                    .unwrap()
                    .split_terminator(['H', 'M', 'S'])
                    .map(|part| part.parse().unwrap())
                    .collect();
                let seconds = sign * (parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]);
                (seconds - time.as_f64() * 86_400.0).abs() < 0.001
            }
            Some(text) => {
                let (year, month, day, hour, minute, second, millisecond) = time.to_ymd_hms_milli();
                let date = format!("{year:04}-{month:02}-{day:02}");
                let fraction = if millisecond == 0 { String::new() } else { format!(".{millisecond:03}") };
                let clock = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
                let is_clock = text == clock && time.as_f64() < 1.0;
                is_clock || text == format!("{date}T{clock}") || (text == date && clock == "00:00:00")
            }
        },
        Some(_) => false,
    }
}

#[test]
fn sheets_are_read_as_calamine_reads_their_cells() {
    let (mut cells, mut dates) = (0, 0);
    for case in 0..CASES {
        let seed = SEED + case;
        let book = sheet(&mut fastrand::Rng::with_seed(seed)).bytes();
        let expected = expected(&book);
        let found = rows(reader("x.xlsx", &book).on_bad_row(OnBadRow::Stop));
        let found = found.unwrap_or_else(|error| panic!("seed {seed:#x}: {error}"));
        assert_eq!(found.len(), expected.len(), "seed {seed:#x}: {found:?} instead of {expected:?}");
        for (found, expected) in found.iter().zip(&expected) {
            let row: serde_json::Map<String, Json> = serde_json::from_str(found).unwrap();
            assert!(row.keys().all(|name| expected.contains_key(name)), "seed {seed:#x}: {found}");
            for (name, cell) in expected {
                let json = row.get(name).unwrap_or_else(|| panic!("seed {seed:#x}: no {name} in {found}"));
                assert!(agrees(json, cell.as_ref()), "seed {seed:#x}: {json} of {found} instead of {cell:?}");
                cells += usize::from(cell.is_some());
                dates += usize::from(matches!(cell, Some(Data::DateTime(_))) && json.is_string());
            }
        }
    }
    println!("{CASES} sheets from seed {SEED:#x}: {cells} cells, {dates} of them dates, times and durations");
    assert!(cells > 10_000 && dates > 1_000);
}
