//! Decoding of Parquet files into batches.

use std::{
    collections::HashSet,
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use bytes::Bytes;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
            ParquetRecordBatchReaderBuilder,
        },
        parquet_to_arrow_schema_by_columns,
    },
    errors::{ParquetError, Result},
    file::{
        metadata::{ParquetMetaData, RowGroupMetaData},
        reader::{ChunkReader, Length},
    },
    schema::types::SchemaDescriptor,
};

use super::{
    footer::is_nested_too_deeply,
    options::Options,
    schema::{View, is_read_twice, schema_of_view},
};
use crate::{error::Error, platform::files::File};

/// Maximum number of rows per batch.
const ROWS: usize = 256;
/// Intended size of a batch in bytes.
const BYTES: usize = 4 * 1024 * 1024;

/// The bytes of a file, shared by several readers.
#[derive(Clone)]
pub(super) enum Contents {
    File(Arc<File>),
    Bytes(Bytes),
}

/// A batch, and those of its columns that were also read in the coarse view, each with its index.
pub(super) type Batch = (RecordBatch, Vec<(usize, ArrayRef)>);

/// A decoder of a file, batch by batch.
pub(super) struct Batches {
    contents: Contents,
    fine: ArrowReaderMetadata,
    /// Indexes of the columns that are read.
    roots: Vec<usize>,
    size: usize,
    reader: ParquetRecordBatchReader,
    /// A second reader for the columns that need both views, and their indexes in a batch.
    coarse: Option<(ParquetRecordBatchReader, Vec<usize>)>,
}

impl Batches {
    pub(super) fn new(name: &str, contents: Contents, options: &Options) -> std::result::Result<Self, Error> {
        let broken = |error: ParquetError| {
            Error::invalid(format!("{name} is not a readable Parquet file: {error}"))
                .advice("check that the file is complete")
                .caused_by(error)
        };
        if guarded(|| is_nested_too_deeply(&contents)).map_err(broken)? {
            return Err(Error::invalid(format!("the schema of {name} is nested too deeply"))
                .advice("write the file with at most 64 levels of groups"));
        }
        let metadata = guarded(|| metadata(&contents)).map_err(broken)?;
        let columns = metadata.file_metadata().schema_descr_ptr();
        let names: Vec<_> = columns.root_schema().get_fields().iter().map(|field| field.name()).collect();
        let roots = options.select(name, &names)?;
        let mut seen = HashSet::new();
        for root in &roots {
            // A JSON object would keep only one of the two.
            if !seen.insert(names[*root]) {
                let message = format!("{name} has two columns that are named {:?}", names[*root]);
                return Err(Error::invalid(message)
                    .advice("correct the names of the columns, or skip them with Reader::without_columns"));
            }
        }
        let (fine, coarse) =
            guarded(|| views(&metadata)).map_err(|error| match unknown_type(&columns, &names) {
                Some((column, error)) => Error::invalid(format!(
                    "the column {column:?} of {name} has a type that cannot be read: {error}"
                ))
                .advice("write the file without this column")
                .caused_by(error),
                None => broken(error),
            })?;
        let size = batch_size(&metadata, &columns, &roots);
        let twice: Vec<_> =
            (0..roots.len()).filter(|index| needs_both_views(&columns, roots[*index])).collect();
        let again: Vec<_> = twice.iter().map(|index| roots[*index]).collect();
        let build =
            |metadata, roots| guarded(|| reader(&contents, metadata, roots, size).build()).map_err(broken);
        let reader = build(&fine, &roots)?;
        let coarse = match again.is_empty() {
            true => None,
            false => Some((build(&coarse, &again)?, twice)),
        };
        Ok(Self { contents, fine, roots, size, reader, coarse })
    }

    /// Returns a batch without rows, with the columns of the following batches.
    pub(super) fn empty(&self) -> Batch {
        let none = |reader: &ParquetRecordBatchReader| RecordBatch::new_empty(reader.schema());
        let batch = none(&self.reader);
        let coarse = self.coarse.as_ref().map(|(reader, indexes)| with(indexes, &none(reader)));
        (batch, coarse.unwrap_or_default())
    }

    /// Decodes the next batch. Returns `None` at the end, and after an error.
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        guarded(|| self.decode())
    }

    fn decode(&mut self) -> Result<Option<Batch>> {
        let Some(batch) = self.reader.next().transpose()? else { return Ok(None) };
        let Some((reader, indexes)) = &mut self.coarse else { return Ok(Some((batch, Vec::new()))) };
        match reader.next().transpose()? {
            Some(coarse) if coarse.num_rows() == batch.num_rows() => {
                let coarse = with(indexes, &coarse);
                Ok(Some((batch, coarse)))
            }
            _ => Err(ParquetError::General("its columns have different numbers of rows".to_owned())),
        }
    }

    /// Returns the name of the column that cannot be decoded in the batch after `row`. Finds it by reading this batch
    /// again, one column at a time.
    pub(super) fn undecodable_column(&self, row: u64) -> Option<&str> {
        let offset = usize::try_from(row).ok()?;
        let is_broken = |root: &&usize| {
            let reader = reader(&self.contents, &self.fine, &[**root], self.size);
            let first = guarded(|| {
                Ok(reader.with_offset(offset).with_limit(self.size).build()?.next().transpose()?)
            });
            first.is_err()
        };
        let root = self.roots.iter().find(is_broken)?;
        Some(self.fine.parquet_schema().root_schema().get_fields().get(*root)?.name())
    }
}

fn with(indexes: &[usize], batch: &RecordBatch) -> Vec<(usize, ArrayRef)> {
    indexes.iter().copied().zip(batch.columns().iter().cloned()).collect()
}

/// Runs the decoder and converts a panic to an error, because the decoder panics on some damaged files. Its state is
/// not used again after a panic.
fn guarded<T>(decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(ParquetError::General(format!("the decoder failed: {message}")))
    })
}

fn metadata(contents: &Contents) -> Result<Arc<ParquetMetaData>> {
    // The types are derived later, so that an error can name the column.
    let reader = parquet::file::metadata::ParquetMetaDataReader::new();
    Ok(Arc::new(reader.parse_and_finish(contents)?))
}

/// Returns the metadata for both readers. The Arrow schema that a writer may store in a file is a hint. If it does not
/// match the columns, the file is read without it.
fn views(metadata: &Arc<ParquetMetaData>) -> Result<(ArrowReaderMetadata, ArrowReaderMetadata)> {
    let with = |options| ArrowReaderMetadata::try_new(metadata.clone(), options);
    let both = |hint: bool| {
        let base = with(ArrowReaderOptions::new().with_skip_arrow_metadata(!hint))?;
        let view = |view| {
            let schema = schema_of_view(base.schema(), metadata.file_metadata().schema_descr(), view);
            with(ArrowReaderOptions::new().with_schema(schema))
        };
        Ok((view(View::Fine)?, view(View::Coarse)?))
    };
    both(true).or_else(|_: ParquetError| both(false))
}

/// Returns the first column whose type Arrow does not support.
fn unknown_type<'a>(columns: &SchemaDescriptor, names: &[&'a str]) -> Option<(&'a str, ParquetError)> {
    names.iter().enumerate().find_map(|(root, name)| {
        let mask = ProjectionMask::roots(columns, [root]);
        Some((*name, parquet_to_arrow_schema_by_columns(columns, mask, None).err()?))
    })
}

fn needs_both_views(columns: &SchemaDescriptor, root: usize) -> bool {
    let mut leaves = columns.columns().iter().enumerate();
    leaves.any(|(leaf, column)| columns.get_column_root_idx(leaf) == root && is_read_twice(column))
}

fn reader(
    contents: &Contents,
    metadata: &ArrowReaderMetadata,
    roots: &[usize],
    size: usize,
) -> ParquetRecordBatchReaderBuilder<Contents> {
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
    ParquetRecordBatchReaderBuilder::new_with_metadata(contents.clone(), metadata.clone())
        .with_projection(mask)
        .with_batch_size(size)
}

/// Returns the number of rows per batch, which is smaller if the average row of some row group is large.
fn batch_size(metadata: &ParquetMetaData, columns: &SchemaDescriptor, roots: &[usize]) -> usize {
    let of_row = |group: &RowGroupMetaData| {
        let read = |(leaf, _): &(usize, _)| roots.contains(&columns.get_column_root_idx(*leaf));
        let sizes = group.columns().iter().enumerate().filter(read);
        let bytes = sizes.map(|(_, chunk)| usize::try_from(chunk.uncompressed_size()).unwrap_or(0));
        let bytes = bytes.fold(0, usize::saturating_add);
        bytes / usize::try_from(group.num_rows()).unwrap_or(0).max(1)
    };
    let largest = metadata.row_groups().iter().map(of_row).max().unwrap_or(0);
    (BYTES / largest.max(1)).clamp(1, ROWS)
}

impl Length for Contents {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => Length::len(file.as_ref()),
            Self::Bytes(bytes) => Length::len(bytes),
        }
    }
}

impl ChunkReader for Contents {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match self {
            Self::File(file) => Box::new(file.get_read(start)?),
            Self::Bytes(bytes) => Box::new(bytes.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Self::File(file) => file.get_bytes(start, length),
            Self::Bytes(bytes) => ChunkReader::get_bytes(bytes, start, length),
        }
    }
}
