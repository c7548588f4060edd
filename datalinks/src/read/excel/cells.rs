//! Reading the cells of one sheet, in order.

use std::sync::Arc;

use calamine::{Data, Range, Reader as _, Sheets};

use super::{
    address::Address,
    book::Book,
    errors::broken,
    open::open,
    output::Output,
    sheets::{WantedSheet, choose},
    table::{Layout, Table},
    value::Value,
};
use crate::{error::Error, read::bad_row::RowError};

/// Errors that OpenDocument stores as the string result of a formula.
const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// A cell with a value.
type Cell<'a> = (Address, Value<'a>);

/// Converts a sheet to rows. Each poll of the future produces one row.
pub(super) async fn rows(
    name: Arc<str>,
    book: Book,
    wanted: WantedSheet,
    layout: Layout,
    out: Arc<Output>,
) -> Result<(), RowError> {
    let mut book = open(&name, book)?;
    let sheet = choose(&name, book.sheets_metadata(), &wanted)?;
    let mut table = Table::new(&name, layout);
    match &mut book {
        Sheets::Xlsx(book) => {
            let mut reader = book.worksheet_cells_reader(&sheet).map_err(|error| broken(&name, error))?;
            let next = || {
                while let Some(cell) = reader.next_cell_with_formula_metadata()? {
                    let (row, column) = cell.pos;
                    // Blank cells that have only a format are skipped.
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
        // The library reads all sheets of these formats into memory.
        book @ (Sheets::Xls(_) | Sheets::Ods(_)) => {
            let is_ods = matches!(book, Sheets::Ods(_));
            let values = book.worksheet_range(&sheet).map_err(|error| broken(&name, error))?;
            let formulas = book.worksheet_formula(&sheet).map_err(|error| broken(&name, error))?;
            let mut cells = merged(&values, &formulas, is_ods);
            drive(&name, &mut table, || Ok::<_, calamine::Error>(cells.next()), &out).await
        }
    }
}

/// Passes all cells to the table, and its rows to `out`.
async fn drive<'a, E: Into<calamine::Error>>(
    name: &str,
    table: &mut Table<'a>,
    mut next: impl FnMut() -> Result<Option<Cell<'a>>, E>,
    out: &Output,
) -> Result<(), RowError> {
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
            Err(RowError::Bad(error)) => out.put(Err(RowError::Bad(error)), 0).await,
            Err(end) => return Err(end),
        }
        if is_final {
            return Ok(());
        }
    }
}

/// Returns the cells of two ranges, row by row: cells with a value, and formulas without one.
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

/// Returns the cells of a range with their addresses.
fn used<T: calamine::CellType>(range: &Range<T>) -> impl Iterator<Item = (Address, &T)> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    range.used_cells().map(move |(row, column, value)| {
        let at = |first: u32, offset: usize| first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        (Address { row: at(first_row, row), column: at(first_column, column) }, value)
    })
}

/// Returns `true` if the result of a formula is the name of an error, as LibreOffice writes it.
fn is_error(text: &str) -> bool {
    let number = text.strip_prefix("Err:");
    ERRORS.contains(&text) || number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Creates the error for a sheet that cannot be read to its end.
fn unreadable(name: &str, last: Option<Address>, error: calamine::Error) -> RowError {
    let position = last.map_or("from its first cell on".to_owned(), |last| format!("past cell {last}"));
    RowError::End(
        Error::invalid(format!("{name} cannot be read {position}: {error}"))
            .advice("the rows before are complete; save the file again in a spreadsheet program")
            .caused_by(error),
    )
}
