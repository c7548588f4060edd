//! Opening what rows are read from.

use std::{
    collections::VecDeque,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

#[cfg(feature = "excel")]
use super::excel::{Excel, ExcelSettings};
#[cfg(feature = "parquet")]
use super::parquet::Parquet;
use super::{
    Compression, Format, OnBadRow,
    compression::decompress,
    csv::Csv,
    files::expand,
    input::{Input, unreadable},
    json_array::JsonArray,
    lines::{Ends, Lines},
    ndjson::Ndjson,
    place::Place,
    rows::Records,
};
use crate::{Error, ErrorKind};

/// Bytes of one record, unless set otherwise: 16 MiB, this crate's choice.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;

/// How files are read.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) format: Option<Format>,
    pub(super) compression: Option<Compression>,
    /// Between cells; found out unless given.
    pub(super) delimiter: Option<u8>,
    /// Whether cells become numbers, booleans and null.
    pub(super) infer: bool,
    #[cfg(feature = "excel")]
    pub(super) excel: ExcelSettings,
    pub(super) on_bad_row: OnBadRow,
    pub(super) record_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            format: None,
            compression: None,
            delimiter: None,
            infer: false,
            #[cfg(feature = "excel")]
            excel: ExcelSettings::default(),
            on_bad_row: OnBadRow::default(),
            record_limit: RECORD_LIMIT,
        }
    }
}

impl Settings {
    /// Whether files can be read so.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.delimiter {
            Some(delimiter @ (b'"' | b'\r' | b'\n' | 0x80..)) => {
                Err(Error::invalid(format!("the byte {delimiter:#04x} cannot stand between cells"))
                    .advice("take an ASCII character that is neither a quote nor a line break"))
            }
            _ => Ok(()),
        }?;
        #[cfg(feature = "excel")]
        self.excel.check()?;
        Ok(())
    }
}

/// Where bytes come from.
pub(super) enum Source {
    File(PathBuf),
    /// A file, a folder or a pattern.
    Several(PathBuf),
    Reader {
        name: String,
        reader: Box<dyn Read + Send>,
    },
}

/// The sources with files in the place of folders and patterns.
pub(super) fn resolve(sources: Vec<Source>, format: Option<Format>) -> Result<VecDeque<Source>, Error> {
    let mut files = VecDeque::new();
    for source in sources {
        match source {
            Source::Several(path) => files.extend(expand(path, format)?.into_iter().map(Source::File)),
            source => files.push_back(source),
        }
    }
    Ok(files)
}

/// The records of a source.
pub(super) fn open(source: Source, settings: &Settings) -> Result<Box<dyn Records>, Error> {
    let name = source.name();
    let format = match settings.format.or_else(|| Format::of_name(&name)) {
        Some(format) => format,
        None => {
            return Err(Error::invalid(format!("the format of {name} is not known by its name"))
                .advice("name the format, and see that the build can read it (features excel, parquet)"));
        }
    };
    #[cfg(feature = "parquet")]
    if let (Format::Parquet, Source::File(path)) = (format, &source)
        && Compression::of_name(path).is_none()
    {
        return Ok(Box::new(Parquet::of_file(&name, file(path, &name)?)?));
    }
    #[cfg(feature = "excel")]
    if let (Format::Excel, Source::File(path)) = (format, &source)
        && matches!(settings.compression, None | Some(Compression::None))
    {
        let mut file = file(path, &name)?;
        if Excel::is_at_start_of(&mut file) {
            return Ok(Box::new(Excel::of_file(&name, file, &settings.excel, settings.record_limit)));
        }
    }
    let reader: Box<dyn Read + Send> = match source {
        Source::File(path) | Source::Several(path) => Box::new(file(&path, &name)?),
        Source::Reader { reader, .. } => reader,
    };
    let reader = decompress(reader, &name, settings.compression)
        .map_err(|error| unreadable(&name, Place::START, error))?;
    let limit = settings.record_limit;
    let text = |reader| Input::new(Arc::from(name.as_str()), reader);
    let csv = |reader, delimiter| Csv::new(text(reader)?, delimiter, settings.infer, limit);
    Ok(match format {
        Format::Csv => Box::new(csv(reader, settings.delimiter)?),
        Format::Tsv => Box::new(csv(reader, settings.delimiter.or(Some(b'\t')))?),
        Format::Json => Box::new(JsonArray::new(text(reader)?, limit)),
        Format::Ndjson => Box::new(Ndjson::new(Lines::new(text(reader)?, Ends::Lf, limit))),
        #[cfg(feature = "excel")]
        Format::Excel => Box::new(Excel::of_reader(&name, reader, &settings.excel, limit)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(Parquet::of_reader(&name, reader)?),
    })
}

fn file(path: &Path, name: &str) -> Result<File, Error> {
    File::open(path).map_err(|error| {
        Error::new(ErrorKind::Io, format!("{name} cannot be opened: {error}")).caused_by(error)
    })
}

impl Source {
    fn name(&self) -> String {
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
