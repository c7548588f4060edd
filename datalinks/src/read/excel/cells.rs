//! The cells of one sheet, read one after the other.

use std::sync::Arc;

use calamine::{Data, Range, Reader as _, Sheets};

use super::{
    address::Address,
    book::Book,
    book::broken,
    open::open,
    out::Out,
    sheets::{WantedSheet, choose},
    table::{Layout, Table},
    value::Value,
};
use crate::{error::Error, read::bad_row::Fault};

/// Errors that OpenDocument stores as the text of a formula's result.
const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// One cell with a value.
type Cell<'a> = (Address, Value<'a>);

/// Makes rows of a sheet, each when the future is polled.
pub(super) async fn rows(
    name: Arc<str>,
    book: Book,
    wanted: WantedSheet,
    layout: Layout,
    out: Arc<Out>,
) -> Result<(), Fault> {
    let mut book = open(&name, book)?;
    let sheet = choose(&name, book.sheets_metadata(), &wanted)?;
    let mut table = Table::new(&name, layout);
    match &mut book {
        Sheets::Xlsx(book) => {
            let mut reader = book.worksheet_cells_reader(&sheet).map_err(|error| broken(&name, error))?;
            let next = || {
                while let Some(cell) = reader.next_cell_with_formula_metadata()? {
                    let (row, column) = cell.pos;
                    // Blank cells with a format are not read as cells.
                    let value = Value::new(cell.value).or(cell.formula.map(|_| Value::Uncalculated));
                    if let Some(value) = value {
                        return Ok(Some((Address { row, column }, value)));
                    }
                }
                Ok::<_, calamine::XlsxError>(None)
            };
            drive(&name, &mut table, next, &out).await
        }
        Sheets::Xlsb(book) => {
            let mut reader = book.worksheet_cells_reader(&sheet).map_err(|error| broken(&name, error))?;
            let next = || {
                while let Some(cell) = reader.next_cell()? {
                    let (row, column) = cell.get_position();
                    if let Some(value) = Value::new(cell.get_value().clone()) {
                        return Ok(Some((Address { row, column }, value)));
                    }
                }
                Ok::<_, calamine::XlsbError>(None)
            };
            drive(&name, &mut table, next, &out).await
        }
        // The library reads all sheets of these at once.
        book @ (Sheets::Xls(_) | Sheets::Ods(_)) => {
            let is_ods = matches!(book, Sheets::Ods(_));
            let values = book.worksheet_range(&sheet).map_err(|error| broken(&name, error))?;
            let formulas = book.worksheet_formula(&sheet).map_err(|error| broken(&name, error))?;
            let mut cells = merged(&values, &formulas, is_ods);
            drive(&name, &mut table, || Ok::<_, calamine::Error>(cells.next()), &out).await
        }
    }
}

/// Takes cells to the end.
async fn drive<'a, E: Into<calamine::Error>>(
    name: &str,
    table: &mut Table<'a>,
    mut next: impl FnMut() -> Result<Option<Cell<'a>>, E>,
    out: &Out,
) -> Result<(), Fault> {
    loop {
        let cell = next().map_err(|error| unreadable(name, table.last(), error.into()))?;
        let is_final = cell.is_none();
        let row = match cell {
            Some((at, value)) => table.push(at, value),
            None => table.finish(),
        };
        match row {
            Ok(None) => {}
            Ok(Some(row)) => out.put(Ok(row), table.take_uncalculated()).await,
            Err(Fault::Bad(error)) => out.put(Err(Fault::Bad(error)), 0).await,
            Err(end) => return Err(end),
        }
        if is_final {
            return Ok(());
        }
    }
}

/// The cells of two ranges, row by row: those with a value, and formulas without one.
fn merged<'a>(
    values: &'a Range<Data>,
    formulas: &'a Range<String>,
    errors_are_text: bool,
) -> impl Iterator<Item = Cell<'a>> + Send {
    let has_formula =
        move |at: Address| formulas.get_value((at.row, at.column)).is_some_and(|formula| !formula.is_empty());
    let with_value = used(values).filter_map(move |(at, data)| {
        let value = Value::of(data)?;
        let error = match &value {
            Value::Text(text) if errors_are_text && is_error(text) && has_formula(at) => {
                Some(text.to_string())
            }
            _ => None,
        };
        Some((at, error.map_or(value, |error| Value::Error(error.into()))))
    });
    let without_value = used(formulas).filter_map(move |(at, formula)| {
        let is_missing = values.get_value((at.row, at.column)).is_none_or(|value| *value == Data::Empty);
        (is_missing && !formula.is_empty()).then_some((at, Value::Uncalculated))
    });
    let (mut with_value, mut without_value) = (with_value.peekable(), without_value.peekable());
    std::iter::from_fn(move || {
        let order = |cell: &Cell<'_>| (cell.0.row, cell.0.column);
        match (with_value.peek().map(order), without_value.peek().map(order)) {
            (Some(value), Some(formula)) if formula < value => without_value.next(),
            (None, Some(_)) => without_value.next(),
            _ => with_value.next(),
        }
    })
}

/// The cells of a range by their addresses.
fn used<T: calamine::CellType>(range: &Range<T>) -> impl Iterator<Item = (Address, &T)> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    range.used_cells().map(move |(row, column, value)| {
        let at = |first: u32, offset: usize| first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        (Address { row: at(first_row, row), column: at(first_column, column) }, value)
    })
}

/// Whether a formula's result is the name of an error, as LibreOffice writes it.
fn is_error(text: &str) -> bool {
    let number = text.strip_prefix("Err:");
    ERRORS.contains(&text) || number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The sheet cannot be read to its end.
fn unreadable(name: &str, last: Option<Address>, error: calamine::Error) -> Fault {
    let position = last.map_or("from its first cell on".to_owned(), |last| format!("past cell {last}"));
    Fault::End(
        Error::invalid(format!("{name} cannot be read {position}: {error}"))
            .advice("the rows before are whole; save the file anew in a spreadsheet program")
            .caused_by(error),
    )
}
