//! The file. The types of its columns are known only after the last row, so the rows are kept as lines of JSON in a temporary
//! file, and are written in row groups afterwards. Memory is bounded by the size of a row group and by the largest row.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::super::record::Record;
use super::array;
use super::kind::Kind;
use crate::failure::{Exit, Failure, Result};
use crate::terminal::{self, Terminal};

/// Size of a row group in memory, in bytes.
const ROW_GROUP: usize = 16 * 1024 * 1024;
/// Most values of the rows that are converted at once.
const BATCH_VALUES: usize = 64 * 1024;
/// Most bytes of JSON that are converted at once, if there is more than one row.
const BATCH_BYTES: usize = 1024 * 1024;

/// Rejects a terminal, which cannot show the file.
pub(in super::super) fn check(terminal: Terminal) -> Result {
    if !terminal.stdout {
        return Ok(());
    }
    Err(Failure::usage("a Parquet file cannot be shown in a terminal; nothing was sent")
        .next("redirect the output to a file: --output parquet > rows.parquet")
        .next("choose another format: --output table, json, ndjson or csv"))
}

/// Rows that become a Parquet file.
#[derive(Default)]
pub(in super::super) struct Rows {
    /// The rows as lines of JSON, in a file without a name. Created with the first row.
    lines: Option<BufWriter<File>>,
    rows: usize,
    columns: Columns,
}

/// The columns of all rows, in the order in which they first appear.
#[derive(Default)]
struct Columns {
    fields: Vec<(String, Kind)>,
    index: HashMap<String, usize>,
}

impl Columns {
    fn add(&mut self, name: &str, kind: Kind) {
        if let Some((_, known)) = self.index.get(name).and_then(|index| self.fields.get_mut(*index)) {
            *known = known.and(kind);
        } else {
            self.index.insert(name.to_owned(), self.fields.len());
            self.fields.push((name.to_owned(), kind));
        }
    }

    fn schema(&self) -> Arc<Schema> {
        let fields = self.fields.iter().map(|(name, kind)| Field::new(name, array::data_type(*kind), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Returns rows as a batch.
    fn batch(&self, schema: &Arc<Schema>, rows: &[Record]) -> Result<RecordBatch> {
        let mut values: Vec<Vec<Option<&str>>> = vec![vec![None; rows.len()]; self.fields.len()];
        for (row, record) in rows.iter().enumerate() {
            for (name, json) in record.json_fields() {
                let column = self.index.get(name).and_then(|index| values.get_mut(*index));
                // The first of two fields of a name is the one that all formats show.
                if let Some(value) = column.and_then(|column| column.get_mut(row)) {
                    value.get_or_insert(json);
                }
            }
        }
        let kinds = self.fields.iter().map(|(_, kind)| *kind);
        let arrays: Vec<ArrayRef> =
            kinds.zip(&values).map(|(kind, values)| array::of(kind, values)).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
    }
}

impl Rows {
    /// Keeps a row.
    pub(in super::super) fn write(&mut self, record: &Record) -> Result {
        for (name, json) in record.json_fields() {
            self.columns.add(name, Kind::of(json));
        }
        let lines = match &mut self.lines {
            Some(lines) => lines,
            None => self.lines.insert(BufWriter::new(tempfile::tempfile().map_err(unkept)?)),
        };
        self.rows += 1;
        writeln!(lines, "{}", record.json()).map_err(unkept)
    }

    /// Writes the file. Without rows, it has these columns.
    pub(in super::super) fn finish(self, columns: &[String]) -> Result {
        self.write_file(columns, ROW_GROUP, |bytes| Ok(terminal::print(bytes)?))
    }

    /// Writes the file in pieces, with row groups of about `row_group` bytes.
    fn write_file(
        mut self,
        columns: &[String],
        row_group: usize,
        mut print: impl FnMut(&[u8]) -> Result,
    ) -> Result {
        if self.rows == 0 {
            columns.iter().for_each(|name| self.columns.add(name, Kind::Null));
        } else if self.columns.fields.is_empty() {
            return Err(Failure::new(Exit::Failure, "rows without columns cannot be written as Parquet")
                .next("choose another format: --output json"));
        }
        let schema = self.columns.schema();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("datalinks ", env!("CARGO_PKG_VERSION")).to_owned());
        let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties.build()))?;
        if let Some(lines) = self.lines.take() {
            let mut file = lines.into_inner().map_err(|error| unkept(error.into_error()))?;
            file.rewind().map_err(unkept)?;
            let mut lines = BufReader::new(file);
            loop {
                let rows = read(&mut lines, BATCH_VALUES / self.columns.fields.len().max(1))?;
                if rows.is_empty() {
                    break;
                }
                writer.write(&self.columns.batch(&schema, &rows)?)?;
                if writer.memory_size() >= row_group {
                    writer.flush()?;
                }
                print(writer.inner())?;
                // The writer counts the bytes itself.
                writer.inner_mut().clear();
            }
        }
        print(&writer.into_inner()?)
    }
}

/// Reads the next rows, at most `most`, but at least one. There are none at the end.
fn read(lines: &mut impl BufRead, most: usize) -> Result<Vec<Record>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let mut line = String::new();
    while rows.is_empty() || (rows.len() < most && bytes < BATCH_BYTES) {
        line.clear();
        if lines.read_line(&mut line).map_err(unkept)? == 0 {
            break;
        }
        bytes += line.len();
        rows.push(serde_json::from_str(&line)?);
    }
    Ok(rows)
}

fn unkept(error: std::io::Error) -> Failure {
    Failure::new(Exit::Failure, "the temporary file for the rows of the Parquet file cannot be used")
        .caused_by(&error)
        .next("set TMPDIR to a directory with more space")
}

#[cfg(test)]
mod tests {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn first_of_two_fields_of_a_name_is_written() {
        let record: Record = serde_json::from_str(r#"{"a":"x","b":1,"a":"y"}"#).unwrap();
        let mut columns = Columns::default();
        record.json_fields().for_each(|(name, json)| columns.add(name, Kind::of(json)));
        let batch = columns.batch(&columns.schema(), &[record]).unwrap();
        assert_eq!((batch.num_columns(), batch.num_rows()), (2, 1));
        let text = batch.column(0).as_any().downcast_ref::<arrow_array::StringArray>().unwrap();
        assert_eq!(text.value(0), "x");
    }

    #[test]
    fn large_lists_are_written_in_row_groups() {
        let mut rows = Rows::default();
        for n in 0..6 {
            // Each text is different, and none can be compressed.
            let text: String = (0..BATCH_BYTES / 32)
                .map(|part: usize| {
                    let part = part * 7 + n + 1;
                    let halves =
                        [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f].map(|by| part.wrapping_mul(by));
                    format!("{:016x}{:016x}", halves[0], halves[1])
                })
                .collect();
            rows.write(&serde_json::from_str(&format!("{{\"n\":{n},\"text\":\"{text}\"}}")).unwrap())
                .unwrap();
        }
        let (mut file, mut pieces) = (Vec::new(), Vec::new());
        let keep = |bytes: &[u8]| {
            pieces.push(bytes.len());
            file.extend_from_slice(bytes);
            Ok(())
        };
        rows.write_file(&[], 2 * BATCH_BYTES, keep).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).unwrap();
        assert_eq!(
            (reader.metadata().num_row_groups(), reader.metadata().file_metadata().num_rows()),
            (3, 6)
        );
        assert!(pieces.iter().all(|length| *length < 3 * BATCH_BYTES), "{pieces:?}");
        let written: usize = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(written, 6);
    }

    #[test]
    fn rows_without_columns_are_rejected() {
        let mut rows = Rows::default();
        rows.write(&Record::default()).unwrap();
        assert!(rows.write_file(&[], ROW_GROUP, |_| Ok(())).is_err());
    }

    #[test]
    fn batches_are_bounded_by_rows_and_bytes() {
        let lines = "{\"a\":1}\n".repeat(5);
        let mut reader = lines.as_bytes();
        assert_eq!(read(&mut reader, 0).unwrap().len(), 1);
        assert_eq!(read(&mut reader, 3).unwrap().len(), 3);
        assert_eq!(read(&mut reader, 3).unwrap().len(), 1);
        assert!(read(&mut reader, 3).unwrap().is_empty());
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(BATCH_BYTES)).repeat(2);
        assert_eq!(read(&mut long.as_bytes(), 9).unwrap().len(), 1);
    }
}
