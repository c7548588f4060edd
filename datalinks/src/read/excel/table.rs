//! Conversion of cells to rows.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{address::Address, value::Value};
use crate::{
    error::Error,
    read::{
        bad_row::{RowError, bad, over_limit},
        origin::Origin,
        position::Position,
        raw_row::RawRow,
    },
};

/// The options of the table of a sheet.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Row of the column names, counted from 1. `None` means the first row with a value.
    pub(super) header_row: Option<u32>,
    /// Set if a formula without a stored result is `null`.
    pub(super) uncalculated_as_null: bool,
    /// Names of the columns whose numbers and booleans become strings.
    pub(super) string_columns: Vec<String>,
    /// Maximum number of bytes of the strings in one row.
    pub(super) record_limit: usize,
}

/// The table of a sheet. Memory holds the column names and the cells of one row, and missing cells take none.
pub(super) struct Table<'a> {
    file: &'a str,
    layout: Layout,
    columns: Option<Columns>,
    /// The row whose cells are being collected, counted from 0.
    row: u32,
    /// Sorted by column once the row is complete.
    cells: Vec<(u32, Value<'a>)>,
    bytes: usize,
    has_rows: bool,
    uncalculated: u64,
}

/// The columns in the order of the sheet, with their names.
struct Columns {
    row: u32,
    names: Vec<(u32, String)>,
    /// Numbers of the columns, from 1.
    numbers: Arc<[u64]>,
    /// Indexes of the columns whose values become strings.
    texts: HashSet<u32>,
}

impl<'a> Table<'a> {
    pub(super) fn new(file: &'a str, layout: Layout) -> Self {
        Self {
            file,
            layout,
            columns: None,
            row: 0,
            cells: Vec::new(),
            bytes: 0,
            has_rows: false,
            uncalculated: 0,
        }
    }

    /// Adds the next cell of the sheet. Returns the previous row if the cell begins a new one.
    ///
    /// # Errors
    ///
    /// - [`RowError::End`] if the cell belongs to a row that is already complete.
    pub(super) fn push(&mut self, at: Address, value: Value<'a>) -> Result<Option<RawRow>, RowError> {
        let complete = match at.row.cmp(&self.row) {
            std::cmp::Ordering::Equal => Ok(None),
            std::cmp::Ordering::Greater => self.complete(),
            std::cmp::Ordering::Less => {
                let message = format!("{}: cell {at} comes after row {}", self.file, u64::from(self.row) + 1);
                return Err(RowError::End(
                    Error::invalid(message)
                        .advice("the rows of the sheet are not in order: save it in a spreadsheet program"),
                ));
            }
        };
        self.row = at.row;
        self.bytes = self.bytes.saturating_add(value.size());
        // A row over the limit is bad, so no more of its text is collected.
        let value = if self.bytes > self.layout.record_limit { Value::Text("".into()) } else { value };
        self.cells.push((at.column, value));
        complete
    }

    /// Returns the last row.
    pub(super) fn finish(&mut self) -> Result<Option<RawRow>, RowError> {
        let last = self.complete()?;
        match self.layout.header_row {
            Some(row) if self.columns.is_none() => Err(RowError::End(self.no_header(row))),
            _ => Ok(last),
        }
    }

    /// Returns the address of the last cell.
    pub(super) fn last(&self) -> Option<Address> {
        let (column, _) = self.cells.last()?;
        Some(Address { row: self.row, column: *column })
    }

    /// Returns the number of formulas without a stored result in the rows that were returned since the last call.
    pub(super) fn take_uncalculated(&mut self) -> u64 {
        std::mem::take(&mut self.uncalculated)
    }

    /// Converts the collected cells to a row, or to the header.
    fn complete(&mut self) -> Result<Option<RawRow>, RowError> {
        let mut cells = std::mem::take(&mut self.cells);
        let bytes = std::mem::take(&mut self.bytes);
        let row = self.row;
        if bytes > self.layout.record_limit {
            let text = format!("the text of row {}", u64::from(row) + 1);
            let message = over_limit(text, self.layout.record_limit);
            return Err(self.bad(row, &cells, 0, message));
        }
        if cells.iter().all(|(_, value)| value.is_blank()) {
            return Ok(None);
        }
        cells.sort_by_key(|(column, _)| *column);
        let twice = cells.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let Some(pair) = twice {
            let at = Address { row, column: pair[0].0 };
            return Err(self.bad(
                row,
                &cells,
                at.column,
                format_args!("the sheet has two values for cell {at}"),
            ));
        }
        if self.columns.is_some() {
            return self.record(row, &cells).map(Some);
        }
        match self.layout.header_row.map(|row| row.saturating_sub(1)) {
            // Rows above the header are not read.
            Some(header) if row < header => Ok(None),
            Some(header) if row > header => Err(RowError::End(self.no_header(header.saturating_add(1)))),
            _ => {
                // Without column names there are no rows, so a bad header ends the file.
                let names = self.header(row, &cells).map_err(|fault| match fault {
                    RowError::Bad(error) | RowError::End(error) => RowError::End(
                        error.advice("correct the names of the columns, or set Reader::header_row"),
                    ),
                })?;
                let texts = self.string_columns(&names).map_err(RowError::End)?;
                let numbers = names.iter().map(|(column, _)| u64::from(*column) + 1).collect();
                self.columns = Some(Columns { row, names, numbers, texts });
                Ok(None)
            }
        }
    }

    fn header(&self, row: u32, cells: &[(u32, Value<'_>)]) -> Result<Vec<(u32, String)>, RowError> {
        let mut names = Vec::with_capacity(cells.len());
        let mut seen: HashMap<String, Address> = HashMap::new();
        for (column, value) in cells.iter().filter(|(_, value)| !value.is_blank()) {
            let at = Address { row, column: *column };
            if let Some(reason) = self.reason(at, value) {
                return Err(self.bad(row, cells, *column, format_args!("{reason} instead of a column name")));
            }
            let name = value.to_string();
            // A JSON object would keep only one of the two.
            if let Some(first) = seen.insert(name.clone(), at) {
                let message = format!("the columns of the cells {first} and {at} are both named {name:?}");
                return Err(self.bad(row, cells, *column, message));
            }
            names.push((*column, name));
        }
        Ok(names)
    }

    /// Finds the columns whose values become strings.
    fn string_columns(&self, names: &[(u32, String)]) -> Result<HashSet<u32>, Error> {
        let find = |wanted: &String| {
            let column = names.iter().find(|(_, name)| name == wanted).map(|(column, _)| *column);
            column.ok_or_else(|| {
                let columns: Vec<&String> = names.iter().map(|(_, name)| name).collect();
                Error::invalid(format!(
                    "{} has no column {wanted:?} to read as strings; its columns are {columns:?}",
                    self.file
                ))
                .advice("correct Reader::string_columns")
            })
        };
        self.layout.string_columns.iter().map(find).collect()
    }

    /// Returns the reason why a value cannot be in a row.
    fn reason(&self, at: Address, value: &Value<'_>) -> Option<String> {
        match value {
            Value::Error(error) => Some(format!("cell {at} is the error {error}")),
            Value::Number(number) if !number.is_finite() => Some(format!("cell {at} is not a finite number")),
            Value::Uncalculated => Some(format!("cell {at} is a formula without a stored result")),
            _ => None,
        }
    }

    fn record(&mut self, row: u32, cells: &[(u32, Value<'a>)]) -> Result<RawRow, RowError> {
        let Some(columns) = &self.columns else {
            return Err(self.bad(row, cells, 0, "the sheet has no header"));
        };
        let first = !std::mem::replace(&mut self.has_rows, true);
        let mut uncalculated = 0;
        for (column, value) in cells {
            let at = Address { row, column: *column };
            let is_named = columns.names.binary_search_by_key(column, |(column, _)| *column).is_ok();
            match value {
                Value::Uncalculated if !self.layout.uncalculated_as_null => {
                    let message = format!("cell {at} is a formula without a stored result");
                    return Err(advised(
                        self.bad(row, cells, *column, message),
                        "save the file in a spreadsheet program, which stores results, or set \
                         Reader::uncalculated_as_null",
                    ));
                }
                Value::Uncalculated if is_named => uncalculated += 1,
                Value::Uncalculated => {}
                value if is_named => {
                    if let Some(reason) = self.reason(at, value) {
                        return Err(self.bad(row, cells, *column, reason));
                    }
                }
                value if value.is_blank() => {}
                _ => return Err(self.nameless(columns, first, at, cells)),
            }
        }
        let raw = serde_json::value::to_raw_value(&Record { columns, cells });
        let raw = raw.map_err(|error| self.bad(row, cells, 0, error))?;
        let origin = Origin::of_cells(u64::from(row) + 1, Arc::clone(&columns.numbers));
        let row = RawRow::from_raw(raw).map_err(|not_a_row| self.bad(row, cells, 0, not_a_row))?;
        self.uncalculated += uncalculated;
        Ok(row.at(origin))
    }

    /// Creates the error for a value in a column without a name. Either it was entered by mistake, or the row used as
    /// the header is not the header.
    fn nameless(&self, columns: &Columns, first: bool, at: Address, cells: &[(u32, Value<'_>)]) -> RowError {
        let (row, header) = (u64::from(at.row) + 1, u64::from(columns.row) + 1);
        let is_title =
            columns.names.len() == 1 && cells.iter().filter(|(_, value)| !value.is_blank()).count() > 1;
        if first && is_title && self.layout.header_row.is_none() {
            let title = columns.names.first().map_or("", |(_, name)| name.as_str());
            let message = format!(
                "{}: row {header} has one cell, {title:?}, and cannot be the header of row {row}, which has more",
                self.file
            );
            return RowError::End(Error::invalid(message).advice(format!(
                "if the names of the columns are in row {row}, set Reader::header_row({row}); if they are in row \
                 {header}, set Reader::header_row({header})"
            )));
        }
        let message = format!("cell {at} has a value, but row {header} has no name for its column");
        advised(
            self.bad(at.row, cells, at.column, message),
            "correct the row, set Reader::header_row if the header is another row, or skip bad records with \
             Reader::on_bad_row",
        )
    }

    fn no_header(&self, row: u32) -> Error {
        Error::invalid(format!("{}: row {row} of the sheet is empty, so it cannot be the header", self.file))
            .advice("set Reader::header_row to the row with the names of the columns, counted from 1")
    }

    /// Creates the error for a record that is not a row. Its text is the cells, separated by tabs.
    fn bad(&self, row: u32, cells: &[(u32, Value<'_>)], column: u32, message: impl fmt::Display) -> RowError {
        let position = Position { line: u64::from(row) + 1, column: u64::from(column) + 1 };
        let first_name = self.columns.as_ref().and_then(|columns| columns.names.first());
        let mut text = String::new();
        let mut next =
            cells.iter().map(|(column, _)| *column).chain(first_name.map(|(column, _)| *column)).min();
        for (column, value) in cells {
            // A sheet has at most 16,384 columns, but a damaged file may contain a larger number.
            let gap = column.saturating_sub(next.unwrap_or_default()).min(16_384);
            text.extend(std::iter::repeat_n('\t', gap as usize));
            text.push_str(&value.to_string());
            next = Some(*column);
        }
        bad(self.file, position, message, text.as_bytes())
    }
}

fn advised(fault: RowError, advice: &'static str) -> RowError {
    match fault {
        RowError::Bad(error) => RowError::Bad(error.advice(advice)),
        RowError::End(error) => RowError::End(error.advice(advice)),
    }
}

/// The cells of a row with the names of their columns, serialized as a JSON object. Both are in the order of the sheet.
struct Record<'a> {
    columns: &'a Columns,
    cells: &'a [(u32, Value<'a>)],
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Columns { names, texts, .. } = self.columns;
        let mut object = serializer.serialize_map(Some(names.len()))?;
        let mut cells = self.cells.iter().peekable();
        for (column, name) in names {
            while cells.next_if(|(at, _)| at < column).is_some() {}
            let value = cells.next_if(|(at, _)| at == column).map(|(_, value)| value);
            match value {
                Some(Value::Number(_) | Value::Whole(_) | Value::Bool(_)) if texts.contains(column) => {
                    object.serialize_entry(name, &value.map(Value::to_string))?;
                }
                value => object.serialize_entry(name, &value)?,
            }
        }
        object.end()
    }
}
