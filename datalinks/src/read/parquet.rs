//! Parquet files.

use std::{fs::File, io::Read};

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Float16Type, Float32Type, Float64Type},
};
use arrow_json::{WriterBuilder, writer::LineDelimited};
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    file::reader::ChunkReader,
};

use super::{
    RawRow,
    bad_row::{Fault, bad},
    input::unreadable,
    ndjson::object,
    origin::Origin,
    place::Place,
    rows::Records,
};
use crate::Error;

/// Rows that are decoded at once.
const BATCH: usize = 256;

/// Rows of a Parquet file.
pub(super) struct Parquet {
    name: String,
    batches: ParquetRecordBatchReader,
    /// The rows decoded last, and their numbers that are not finite, row and column.
    lines: std::vec::IntoIter<Vec<u8>>,
    not_finite: Vec<(usize, usize)>,
    /// The row handed out last, counted in the batch and in the file.
    in_batch: usize,
    row: u64,
}

impl Parquet {
    /// Reads a file in place.
    pub(super) fn of_file(name: &str, file: File) -> Result<Self, Error> {
        Self::new(name, file)
    }

    /// Reads all bytes first: the format begins at the end.
    pub(super) fn of_reader(name: &str, mut reader: Box<dyn Read + Send>) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|error| unreadable(name, Place::START, error))?;
        Self::new(name, Bytes::from(bytes))
    }

    fn new(name: &str, bytes: impl ChunkReader + 'static) -> Result<Self, Error> {
        let broken = |error: parquet::errors::ParquetError| {
            Error::invalid(format!("{name} is no Parquet file that can be read: {error}"))
                .advice("see that the file is whole and no column has a type JSON does not know")
                .caused_by(error)
        };
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(broken)?;
        let mut names = std::collections::HashSet::new();
        for column in builder.schema().fields() {
            // An object would keep one of the two.
            if !names.insert(column.name()) {
                let message = format!("{name} has two columns that are named {:?}", column.name());
                return Err(Error::invalid(message).advice("correct the names of the columns"));
            }
        }
        let batches = builder.with_batch_size(BATCH).build().map_err(broken)?;
        let (lines, not_finite) = (Vec::new().into_iter(), Vec::new());
        Ok(Self { name: name.to_owned(), batches, lines, not_finite, in_batch: 0, row: 0 })
    }

    /// Decodes more rows; false at the end.
    fn decode(&mut self) -> Result<bool, Error> {
        let Some(batch) = self.batches.next() else { return Ok(false) };
        let unreadable = |error: &dyn std::fmt::Display| {
            let message = format!("{} cannot be read past row {}: {error}", self.name, self.row);
            Error::invalid(message).advice("see that the file is whole and that the build can decompress it")
        };
        let batch = batch.map_err(|error| unreadable(&error).caused_by(error))?;
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
        let written = writer.write(&batch).and_then(|()| writer.finish());
        written.map_err(|error| unreadable(&error).caused_by(error))?;
        let text = writer.into_inner();
        // Line breaks within values are escaped.
        let lines = text.split(|byte| *byte == b'\n').take(batch.num_rows());
        self.lines = lines.map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter();
        self.not_finite = not_finite(&batch);
        self.in_batch = 0;
        Ok(true)
    }
}

impl Records for Parquet {
    fn next(&mut self) -> Result<Option<RawRow>, Fault> {
        let line = loop {
            match self.lines.next() {
                Some(line) => break line,
                None if self.decode()? => {}
                None => return Ok(None),
            }
        };
        let row = self.in_batch;
        self.in_batch += 1;
        self.row += 1;
        if let Some((_, column)) = self.not_finite.iter().find(|(at, _)| *at == row) {
            let place = Place { line: self.row, column: *column as u64 + 1 };
            return Err(bad(&self.name, place, "the number is not finite", &line));
        }
        let row = object(&self.name, Place::of_line(self.row), &line)?;
        Ok(Some(row.at(Origin::of_row(self.row))))
    }
}

/// Where numbers are that JSON does not have, which the writer would make null.
fn not_finite(batch: &RecordBatch) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (column, array) in batch.columns().iter().enumerate() {
        let finite: Box<dyn Fn(usize) -> bool> = if let Some(array) = array.as_primitive_opt::<Float64Type>()
        {
            Box::new(|row| array.value(row).is_finite())
        } else if let Some(array) = array.as_primitive_opt::<Float32Type>() {
            Box::new(|row| array.value(row).is_finite())
        } else if let Some(array) = array.as_primitive_opt::<Float16Type>() {
            Box::new(|row| array.value(row).is_finite())
        } else {
            continue;
        };
        found.extend(
            (0..array.len()).filter(|row| array.is_valid(*row) && !finite(*row)).map(|row| (row, column)),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
        ListArray, StringArray, TimestampMicrosecondArray, UInt64Array, types::Int32Type,
    };
    use parquet::{
        arrow::ArrowWriter,
        basic::{BrotliLevel, Compression, GzipLevel},
        file::properties::WriterProperties,
    };

    use super::*;
    use crate::read::{
        self, OnBadRow,
        tests::{all, reader, rows},
    };

    fn parquet(compression: Compression, columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_max_row_group_row_count(Some(1000))
            .build();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn values_keep_their_digits_and_types() {
        let digits = 123456789012345678901234567890_i128;
        let decimals =
            Decimal128Array::from(vec![Some(digits), None]).with_precision_and_scale(38, 20).unwrap();
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
        let bytes = parquet(
            Compression::SNAPPY,
            vec![
                ("int", Arc::new(Int64Array::from(vec![i64::MIN, 9007199254740993]))),
                ("uint", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
                ("decimal", Arc::new(decimals)),
                ("text", Arc::new(StringArray::from(vec!["a\n\"é", ""]))),
                ("float", Arc::new(Float64Array::from(vec![Some(0.1), None]))),
                ("bool", Arc::new(BooleanArray::from(vec![true, false]))),
                ("date", Arc::new(Date32Array::from(vec![0, -1]))),
                ("time", Arc::new(TimestampMicrosecondArray::from(vec![1, 1_000_000]))),
                ("bytes", Arc::new(BinaryArray::from(vec![&b"\x00\xFF"[..], b""]))),
                ("list", Arc::new(lists)),
            ],
        );
        assert_eq!(
            all("x.parquet", bytes, |reader| reader),
            [
                "{\"int\":-9223372036854775808,\"uint\":18446744073709551615,\
                 \"decimal\":1234567890.12345678901234567890,\"text\":\"a\\n\\\"é\",\"float\":0.1,\"bool\":true,\
                 \"date\":\"1970-01-01\",\"time\":\"1970-01-01T00:00:00.000001\",\"bytes\":\"00ff\",\
                 \"list\":[1,null]}",
                "{\"int\":9007199254740993,\"uint\":0,\"decimal\":null,\"text\":\"\",\"float\":null,\
                 \"bool\":false,\"date\":\"1969-12-31\",\"time\":\"1970-01-01T00:00:01\",\"bytes\":\"\",\
                 \"list\":null}",
            ]
        );
    }

    #[test]
    fn a_number_that_is_not_finite_is_a_bad_record() {
        let floats = Float64Array::from(vec![Some(1.5), Some(f64::NAN), None, Some(f64::INFINITY)]);
        let ints = Int64Array::from(vec![1, 2, 3, 4]);
        let bytes = parquet(Compression::UNCOMPRESSED, vec![("a", Arc::new(ints)), ("b", Arc::new(floats))]);
        assert_eq!(
            all("x.parquet", bytes, |reader| reader.on_bad_row(OnBadRow::Report)),
            [
                r#"{"a":1,"b":1.5}"#,
                "! x.parquet, line 2, column 2: the number is not finite",
                r#"{"a":3,"b":null}"#,
                "! x.parquet, line 4, column 2: the number is not finite"
            ]
        );
    }

    #[test]
    fn a_long_file_is_read_in_place_however_it_is_compressed() {
        let numbers: Vec<i64> = (0..5000).collect();
        let rows_written: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":{n}}}")).collect();
        let folder = tempfile::tempdir().unwrap();
        for compression in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::GZIP(GzipLevel::default()),
            Compression::BROTLI(BrotliLevel::default()),
            Compression::LZ4_RAW,
            #[cfg(feature = "parquet-zstd")]
            Compression::ZSTD(Default::default()),
        ] {
            let bytes = parquet(compression, vec![("n", Arc::new(Int64Array::from(numbers.clone())))]);
            let path = folder.path().join("x.parquet");
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(rows(read::file(path)).unwrap(), rows_written);
            assert_eq!(rows(reader("x", bytes).format(read::Format::Parquet)).unwrap(), rows_written);
        }
    }

    #[test]
    fn what_is_no_parquet_is_named() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1; 5000]));
        let whole = parquet(Compression::SNAPPY, vec![("n", column)]);
        for bytes in [&b""[..], b"PAR1", b"a,b\n1,2\n", &whole[..whole.len() - 1], &whole[whole.len() / 2..]]
        {
            let error = rows(reader("x.parquet", bytes)).unwrap_err();
            assert!(error.to_string().contains("x.parquet"), "{error}");
        }
    }
}
