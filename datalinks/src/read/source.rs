//! Opening the sources of rows.

use std::{
    collections::VecDeque,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[cfg(any(feature = "excel", feature = "parquet"))]
use super::compression::Compression;
#[cfg(feature = "excel")]
use super::excel::Excel;
#[cfg(feature = "parquet")]
use super::parquet::Parquet;
use super::{
    compression::decompress,
    csv::Csv,
    files::Search,
    format::Format,
    input::Input,
    json_array::JsonArray,
    lines::{LineEnds, Lines},
    ndjson::Ndjson,
    progress::Counted,
    records::Records,
    settings::Settings,
};
use crate::{
    error::{Error, ErrorKind},
    platform::files::{self, File},
};

/// A source of bytes.
pub(super) enum Source {
    File(PathBuf),
    /// A file, a directory or a pattern.
    Several(PathBuf),
    Reader {
        name: String,
        reader: Box<dyn Read + Send>,
    },
}

/// Replaces directories and patterns by their files.
pub(super) fn resolve(sources: Vec<Source>, format: Option<Format>) -> Result<VecDeque<Source>, Error> {
    let several = sources.iter().filter_map(|source| match source {
        Source::Several(path) => Some(path.as_path()),
        _ => None,
    });
    let mut search = Search::new(several, format)?;
    let mut files = VecDeque::new();
    for source in sources {
        match source {
            Source::Several(path) => files.extend(search.files(path)?.into_iter().map(Source::File)),
            source => files.push_back(source),
        }
    }
    Ok(files)
}

/// Opens the records of a source.
pub(super) fn open(source: Source, settings: &Settings) -> Result<Box<dyn Records>, Error> {
    let name = source.name();
    let format = match settings.format.or_else(|| Format::of_name(&name)) {
        Some(format) => format,
        None => {
            return Err(unknown_format(&source));
        }
    };
    #[cfg(feature = "parquet")]
    if format != Format::Parquet && settings.parquet.selects() {
        return Err(Error::invalid(format!("columns are selected, but {name} is not a Parquet file"))
            .advice("read it without Reader::columns or Reader::without_columns"));
    }
    #[cfg(feature = "parquet")]
    if let (Format::Parquet, Source::File(path)) = (format, &source)
        && Compression::of_name(path).is_none()
    {
        return Ok(Box::new(Parquet::of_file(&name, file(path, &name)?, &settings.parquet)?));
    }
    #[cfg(feature = "excel")]
    if let (Format::Excel, Source::File(path)) = (format, &source)
        && matches!(settings.compression, None | Some(Compression::None))
    {
        let mut file = file(path, &name)?;
        if Excel::is_at_start_of(&mut file) {
            return Ok(Box::new(Excel::of_file(&name, file, settings)));
        }
    }
    let reader: Box<dyn Read + Send> = match source {
        Source::File(path) | Source::Several(path) => Box::new(file(&path, &name)?),
        Source::Reader { reader, .. } => reader,
    };
    let reader = Box::new(Counted::new(reader, &settings.progress));
    let reader = decompress(reader, &name, settings.compression)?;
    let limit = settings.record_limit;
    let text = |reader| {
        let stopped = Arc::clone(&settings.stopped);
        Input::new(Arc::from(name.as_str()), Box::new(Stoppable { reader, stopped }))
    };
    Ok(match format {
        Format::Csv => Box::new(Csv::new(text(reader)?, None, settings)?),
        Format::Tsv => Box::new(Csv::new(text(reader)?, Some(b'\t'), settings)?),
        Format::Json => Box::new(JsonArray::new(text(reader)?, limit)),
        Format::Ndjson => Box::new(Ndjson::new(Lines::new(text(reader)?, LineEnds::Lf, limit))),
        #[cfg(feature = "excel")]
        Format::Excel => Box::new(Excel::of_reader(&name, reader, settings)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(Parquet::of_reader(&name, reader, &settings.parquet)?),
    })
}

/// Returns the size of all sources, if they are regular files that are read from the beginning to the end.
pub(super) fn total(sources: &VecDeque<Source>, format: Option<Format>) -> Option<u64> {
    sources.iter().try_fold(0_u64, |total, source| {
        let (Source::File(path) | Source::Several(path)) = source else { return None };
        let is_sequential = match format.or_else(|| Format::of_name(path))? {
            Format::Csv | Format::Tsv | Format::Json | Format::Ndjson => true,
            #[cfg(any(feature = "excel", feature = "parquet"))]
            _ => false,
        };
        let found = files::metadata(path).ok().filter(|found| is_sequential && found.is_file())?;
        total.checked_add(found.len())
    })
}

/// Creates the error for a source whose format is neither set nor indicated by its name.
fn unknown_format(source: &Source) -> Error {
    let name = source.name();
    if matches!(source, Source::File(path) if path.is_dir()) {
        return Error::invalid(format!("{name} is a directory"))
            .advice("read the files in it with read::files");
    }
    Error::invalid(format!("the name {name} does not indicate a format")).advice(
        "set Reader::format; spreadsheets and Parquet are read with the features excel and parquet of this crate",
    )
}

/// A source that fails once the consumer of the rows was dropped. Many bytes may be read before the first row, and
/// between two rows.
struct Stoppable<R> {
    reader: R,
    stopped: Arc<AtomicBool>,
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("the consumer of the rows was dropped"));
        }
        self.reader.read(buffer)
    }
}

fn file(path: &Path, name: &str) -> Result<File, Error> {
    File::open(path).map_err(|error| {
        Error::new(ErrorKind::Io, format!("{name} cannot be opened: {error}")).caused_by(error)
    })
}

impl Source {
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Several(path) => path.display().to_string(),
            Self::Reader { name, .. } => name.clone(),
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}
