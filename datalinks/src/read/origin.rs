//! Positions of rows and values in files.

use std::sync::Arc;

use super::position::Position;
use crate::json::misfit::Field;

/// The position of a row in its file, and the positions of its values.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Name of the file. The row receives it when it is yielded.
    file: Option<Arc<str>>,
    /// Position at which the record begins.
    start: Position,
    layout: Layout,
}

/// The representation of a row's values in its file.
#[derive(Clone, Debug)]
enum Layout {
    /// The file contains the JSON of the row.
    Json,
    /// Cells that are text, in the order of the columns.
    Text(TextCells),
    /// Cells with their own types, all in one line. The columns are the same in every row. `None` means that they are
    /// numbered from 1.
    #[cfg(any(feature = "excel", feature = "parquet"))]
    Typed(Option<Arc<[u64]>>),
}

/// Cells that are text in the file.
#[derive(Clone, Debug)]
pub(super) struct TextCells {
    /// Position at which each cell begins.
    pub(super) starts: Box<[CellStart]>,
    /// Set if cells were converted to numbers, booleans and null. The other cells are strings.
    pub(super) inferred: bool,
}

/// Position at which a cell begins. It is small because every row has one for each column.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellStart {
    /// Number of lines after the first line of the record.
    pub(super) lines: u32,
    pub(super) column: u32,
}

impl Origin {
    /// Creates the origin of a row whose JSON begins at `start`.
    pub(super) fn json(start: Position) -> Self {
        Self { file: None, start, layout: Layout::Json }
    }

    /// Creates the origin of a record with cells of text.
    pub(super) fn text(start: Position, cells: TextCells) -> Self {
        Self { file: None, start, layout: Layout::Text(cells) }
    }

    /// Creates the origin of a table row, whose members are its columns.
    #[cfg(feature = "parquet")]
    pub(super) fn of_row(line: u64) -> Self {
        Self { file: None, start: Position::of_line(line), layout: Layout::Typed(None) }
    }

    /// Creates the origin of a spreadsheet row. The members of the row are in these columns, numbered from 1.
    #[cfg(feature = "excel")]
    pub(super) fn of_cells(line: u64, columns: Arc<[u64]>) -> Self {
        let column = columns.first().copied().unwrap_or(1);
        Self { file: None, start: Position { line, column }, layout: Layout::Typed(Some(columns)) }
    }

    pub(super) fn in_file(self, file: Arc<str>) -> Self {
        Self { file: Some(file), ..self }
    }

    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    pub(super) fn start(&self) -> Position {
        self.start
    }

    /// Returns the cells of the row if they are text.
    pub(super) fn text_cells(&self) -> Option<&TextCells> {
        match &self.layout {
            Layout::Text(cells) => Some(cells),
            _ => None,
        }
    }

    /// Returns the position of a field of the row. `json` is the row.
    pub(super) fn position_of(&self, json: &str, field: &Field) -> Position {
        match &self.layout {
            Layout::Json => {
                let before = json.as_bytes().get(..field.start).unwrap_or_default();
                self.start.after(before)
            }
            Layout::Text(_) => self.position_of_cell(field.member),
            #[cfg(any(feature = "excel", feature = "parquet"))]
            Layout::Typed(columns) => {
                let counted = field.member as u64 + 1;
                let listed = columns.as_ref().and_then(|columns| columns.get(field.member));
                Position { column: listed.copied().unwrap_or(counted), ..self.start }
            }
        }
    }

    /// Returns the position of a text cell.
    pub(super) fn position_of_cell(&self, index: usize) -> Position {
        let Some(cell) = self.text_cells().and_then(|cells| cells.starts.get(index)) else {
            return self.start;
        };
        Position { line: self.start.line + u64::from(cell.lines), column: cell.column.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::misfit::field_at;

    #[test]
    fn positions_in_tables_are_rows_and_columns() {
        let json = r#"{"a":1,"b":{"c":2}}"#;
        let field = field_at(json, json.find('2').unwrap()).unwrap();
        assert_eq!((field.path.as_str(), field.member), ("b.c", 1));
        #[cfg(feature = "parquet")]
        assert_eq!(Origin::of_row(7).position_of(json, &field), Position { line: 7, column: 2 });
        #[cfg(feature = "excel")]
        {
            // The columns B and D, because C does not have a name.
            let origin = Origin::of_cells(7, [2, 4].into());
            assert_eq!(origin.start(), Position { line: 7, column: 2 });
            assert_eq!(origin.position_of(json, &field), Position { line: 7, column: 4 });
        }
        let start = Position { line: 7, column: 3 };
        assert_eq!(Origin::json(start).position_of(json, &field), Position { line: 7, column: 3 + 16 });
        // An unknown cell has the position of its record.
        let cells = TextCells { starts: [CellStart { lines: 1, column: 5 }].into(), inferred: false };
        let origin = Origin::text(start, cells);
        assert_eq!(origin.position_of_cell(0), Position { line: 8, column: 5 });
        assert_eq!(origin.position_of(json, &field), start);
    }
}
