//! Where a row comes from.

use std::sync::Arc;

use super::position::Position;
use crate::json::misfit::Field;

/// The place of a row, and where in its file the values of the row stand.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Set when the row leaves its reader.
    file: Option<Arc<str>>,
    /// Where the record begins.
    start: Position,
    layout: Layout,
}

/// How the values of a row stand in its file.
#[derive(Clone, Debug)]
enum Layout {
    /// The JSON of the row stands in the file.
    Json,
    /// Cells of text, in the order of the columns.
    Text(TextCells),
    /// Cells with types of their own, all in one line. Their columns are the same in every row, and counted from 1 if they
    /// are not listed.
    #[cfg(any(feature = "excel", feature = "parquet"))]
    Typed(Option<Arc<[u64]>>),
}

/// Cells that are text in the file.
#[derive(Clone, Debug)]
pub(super) struct TextCells {
    /// Where each cell begins.
    pub(super) starts: Box<[CellStart]>,
    /// Cells were turned into numbers, booleans and null. A cell that stayed text is text.
    pub(super) inferred: bool,
}

/// Where a cell begins. Small, because every row has as many as there are columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellStart {
    /// Lines below the first line of the record.
    pub(super) lines: u32,
    pub(super) column: u32,
}

impl Origin {
    /// A row whose JSON begins at `start`.
    pub(super) fn json(start: Position) -> Self {
        Self { file: None, start, layout: Layout::Json }
    }

    /// A record of cells of text.
    pub(super) fn text(start: Position, cells: TextCells) -> Self {
        Self { file: None, start, layout: Layout::Text(cells) }
    }

    /// A row of a table, whose members are its columns.
    #[cfg(feature = "parquet")]
    pub(super) fn of_row(line: u64) -> Self {
        Self { file: None, start: Position::of_line(line), layout: Layout::Typed(None) }
    }

    /// A row of a sheet. The members of the row are in these columns, counted from 1.
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

    /// The cells of the row, if they are text.
    pub(super) fn text_cells(&self) -> Option<&TextCells> {
        match &self.layout {
            Layout::Text(cells) => Some(cells),
            _ => None,
        }
    }

    /// Where a field of the row stands. `json` is the row.
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

    /// Where a cell of text stands.
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
    fn places_of_tables_are_rows_and_columns() {
        let json = r#"{"a":1,"b":{"c":2}}"#;
        let field = field_at(json, json.find('2').unwrap()).unwrap();
        assert_eq!((field.path.as_str(), field.member), ("b.c", 1));
        #[cfg(feature = "parquet")]
        assert_eq!(Origin::of_row(7).position_of(json, &field), Position { line: 7, column: 2 });
        #[cfg(feature = "excel")]
        {
            // The columns B and D, because C has no name.
            let origin = Origin::of_cells(7, [2, 4].into());
            assert_eq!(origin.start(), Position { line: 7, column: 2 });
            assert_eq!(origin.position_of(json, &field), Position { line: 7, column: 4 });
        }
        let start = Position { line: 7, column: 3 };
        assert_eq!(Origin::json(start).position_of(json, &field), Position { line: 7, column: 3 + 16 });
        // A cell that is not known stands somewhere in its record.
        let cells = TextCells { starts: [CellStart { lines: 1, column: 5 }].into(), inferred: false };
        let origin = Origin::text(start, cells);
        assert_eq!(origin.position_of_cell(0), Position { line: 8, column: 5 });
        assert_eq!(origin.position_of(json, &field), start);
    }
}
