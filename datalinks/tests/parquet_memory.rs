//! Reading a Parquet file needs bounded memory, however long the file is.
//!
//! The test is a separate program, because its counter replaces the global allocator.
#![cfg(feature = "parquet")]

use std::{path::Path, sync::Arc};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datalinks::read;
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

const MIB: u64 = 1024 * 1024;

type Columns = Vec<(&'static str, ArrayRef)>;
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Writes one row group of batches.
fn write(path: &Path, dictionary: bool, batches: impl Iterator<Item = Columns>) -> Outcome {
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(dictionary)
        .set_data_page_size_limit(64 * 1024)
        .set_write_batch_size(64)
        .set_max_row_group_row_count(Some(usize::MAX))
        .build();
    let mut batches = batches.map(RecordBatch::try_from_iter).peekable();
    let Some(Ok(first)) = batches.peek() else { return Err("no batch".into()) };
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path)?, first.schema(), Some(properties))?;
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
}

/// Returns the number of bytes of all rows, and the peak of allocated bytes.
fn read(path: &Path) -> Outcome<(u64, u64)> {
    let mut read = Ok(0);
    let info = allocation_counter::measure(|| {
        read = read::file(path).rows().try_fold(0, |bytes, row| Ok(bytes + row?.json().len() as u64));
    });
    read.map(|bytes| (bytes, info.bytes_max)).map_err(|error: datalinks::Error| error.into())
}

#[test]
fn memory_does_not_grow_with_the_number_of_rows() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("long.parquet");
    let mut most = Vec::new();
    for batches in [40, 160] {
        let rows = |batch: i64| -> Columns {
            let ids = batch * 256..(batch + 1) * 256;
            let texts: Vec<_> = ids.clone().map(|id| format!("{id:0>200}")).collect();
            vec![
                ("id", Arc::new(Int64Array::from_iter_values(ids))),
                ("text", Arc::new(StringArray::from(texts))),
            ]
        };
        write(&path, false, (0..batches).map(rows))?;
        let (bytes, held) = read(&path)?;
        assert!(bytes > batches as u64 * 256 * 200);
        most.push(held);
    }
    assert!(most[1] < 2 * MIB && most[1] < most[0] + MIB / 4, "{most:?}");
    Ok(())
}

#[test]
fn few_large_values_are_decoded_at_a_time() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("wide.parquet");
    // 72 rows of about 1 MiB.
    let rows = |batch: usize| -> Columns {
        let text = |row| format!("{batch} {row} ").repeat(MIB as usize / 6);
        vec![("text", Arc::new(StringArray::from((0..6).map(text).collect::<Vec<_>>())))]
    };
    write(&path, false, (0..12).map(rows))?;
    let (bytes, held) = read(&path)?;
    assert!(bytes > 50 * MIB, "{bytes}");
    assert!(held < 24 * MIB, "{held}");
    Ok(())
}

#[test]
fn value_of_many_rows_is_stored_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("same.parquet");
    // 75 MiB as rows, and 256 KiB in the file.
    let text = "x".repeat(MIB as usize / 4);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); 300]));
    write(&path, true, std::iter::once(vec![("text", texts)]))?;
    assert!(std::fs::metadata(&path)?.len() < MIB);
    let (bytes, held) = read(&path)?;
    assert!(bytes > 74 * MIB, "{bytes}");
    assert!(held < 8 * MIB, "{held}");
    Ok(())
}
