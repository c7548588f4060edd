//! The rows of a dataset.

use std::sync::Arc;

use super::row::Row;

/// Number of rows in a block.
const BLOCK: usize = 1_024;

/// Rows in storage order.
///
/// Rows are stored in blocks, so that a clone shares all rows and costs one pointer per block. A block is copied only if
/// rows are appended to it while a clone shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Blocks, all of which except the last are full.
    blocks: Vec<Arc<Vec<Row>>>,
    len: usize,
}

impl Rows {
    pub(super) fn push(&mut self, row: Row) {
        if self.len.is_multiple_of(BLOCK) {
            self.blocks.push(Arc::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            Arc::make_mut(block).push(row);
            self.len += 1;
        }
    }

    /// Removes all rows beyond a number.
    pub(super) fn truncate(&mut self, rows: usize) {
        if rows < self.len {
            self.blocks.truncate(rows.div_ceil(BLOCK));
            if let Some(block) = self.blocks.last_mut().filter(|_| !rows.is_multiple_of(BLOCK)) {
                Arc::make_mut(block).truncate(rows % BLOCK);
            }
            self.len = rows;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn get(&self, row: usize) -> Option<&Row> {
        self.blocks.get(row / BLOCK)?.get(row % BLOCK)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.after(0)
    }

    /// Returns the rows from an index on.
    pub(crate) fn after(&self, from: usize) -> impl Iterator<Item = &Row> {
        let blocks = self.blocks.get(from / BLOCK..).unwrap_or_default();
        blocks.iter().flat_map(|block| block.iter()).skip(from % BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::super::row::InputRow;
    use super::*;

    #[test]
    fn clone_keeps_its_rows_and_shares_full_blocks() {
        let (mut rows, mut columns) = (Rows::default(), Columns::default());
        let mut add = |rows: &mut Rows, number: usize| {
            let text = format!(r#"{{"n":{number}}}"#);
            let row: InputRow<'_> = serde_json::from_str(&text).unwrap();
            rows.push(Row::new(row, &mut columns));
        };
        let text = |row: &Row| row.get(0).unwrap().as_text().unwrap().to_owned();
        (0..BLOCK + 1).for_each(|number| add(&mut rows, number));
        let clone = rows.clone();
        (BLOCK + 1..2 * BLOCK + 1).for_each(|number| add(&mut rows, number));
        assert_eq!((clone.len(), rows.len()), (BLOCK + 1, 2 * BLOCK + 1));
        assert_eq!((clone.iter().count(), clone.get(BLOCK + 1).is_some()), (BLOCK + 1, false));
        assert!(Arc::ptr_eq(&clone.blocks[0], &rows.blocks[0]));
        for from in [0, 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1, 9 * BLOCK] {
            let expected: Vec<String> = (from..rows.len()).map(|number| number.to_string()).collect();
            assert_eq!(rows.after(from).map(text).collect::<Vec<_>>(), expected);
            assert_eq!(rows.get(from).map(text), expected.first().cloned());
        }
    }

    #[test]
    fn truncate_removes_rows_at_the_end() {
        let mut columns = Columns::default();
        for (rows, left) in [(3 * BLOCK, BLOCK), (BLOCK + 2, BLOCK), (BLOCK + 2, 3), (2, 0), (2, 5)] {
            let mut own = Rows::default();
            (0..rows).for_each(|_| own.push(Row::new(InputRow::default(), &mut columns)));
            own.truncate(left);
            assert_eq!((own.len(), own.iter().count()), (left.min(rows), left.min(rows)));
            own.push(Row::new(InputRow::default(), &mut columns));
            assert_eq!(own.iter().count(), left.min(rows) + 1);
        }
    }
}
