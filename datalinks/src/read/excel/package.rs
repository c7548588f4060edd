//! The parts of a zipped workbook, measured before the library reads them.
//!
//! The library reads worksheets of `.xlsx` and `.xlsb` cell by cell, and the other parts as a whole. The zip library
//! fails if a part is larger than the archive declares, so the declared sizes are reliable.

use std::io::{BufReader, Read};

use zip::{ZipArchive, result::ZipError};

use super::{
    book::Book,
    errors::{io_error, too_large},
    markup::Markup,
    ods,
};
use crate::error::Error;

/// Maximum size of a part that is read as a whole, in bytes: 512 MiB, this crate's choice.
const MAX_PART: u64 = 512 * 1024 * 1024;
/// Maximum size of one tag or text of a worksheet, in bytes: 16 MiB, this crate's choice. A spreadsheet program allows
/// at most 32,767 characters in a cell.
const MAX_CHUNK: usize = 16 * 1024 * 1024;
/// Number of shared strings that every workbook may have: this crate's choice.
const FREE_STRINGS: u64 = 4 * 1024 * 1024;
/// Average size in bytes that a larger number of shared strings must have, as in `<si><t>a</t></si>`.
const SHORT_STRING: u64 = 18;
/// Size of the shortest shared string in bytes, `<si/>`.
const SHORTEST_STRING: u64 = 5;
/// Directories of parts that are not read.
const NOT_READ: [&str; 7] = [
    "/media/",
    "/embeddings/",
    "/drawings/",
    "/charts/",
    "/externallinks/",
    "/pivotcache/",
    "/printersettings/",
];

/// A kind of workbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Xlsx,
    Xlsb,
    Ods,
}

/// Returns the kind of a workbook, if its parts fit into memory.
pub(super) fn check(name: &str, book: &mut Book) -> Result<Kind, Error> {
    let broken = |error: ZipError| {
        Error::invalid(format!("{name} is not a readable spreadsheet: {error}"))
            .advice("check that the file is complete, or open it in a spreadsheet program and save it again")
            .caused_by(error)
    };
    let mut archive = ZipArchive::new(book).map_err(broken)?;
    let mut kind = Kind::Xlsx;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(broken)?;
        let (part, size) =
            (entry.name().map_err(broken)?.replace('\\', "/").to_ascii_lowercase(), entry.size());
        if size == 0 || NOT_READ.iter().any(|folder| part.contains(folder)) {
            continue;
        }
        let is_worksheet = part.contains("worksheets/");
        if size > MAX_PART && !is_worksheet {
            return Err(too_large(name, format_args!("its part {part} has {size} bytes")));
        }
        let check: fn(&str, BufReader<_>, u64) -> Result<(), Error> = match part.as_str() {
            "xl/workbook.bin" => {
                kind = Kind::Xlsb;
                continue;
            }
            "mimetype" => {
                kind = Kind::Ods;
                continue;
            }
            "content.xml" => ods::check,
            part if part.ends_with("sharedstrings.xml") => check_strings,
            part if is_worksheet && size > MAX_PART && part.ends_with(".xml") => check_chunks,
            _ => continue,
        };
        check(name, BufReader::new(archive.by_index(index).map_err(broken)?), size)?;
    }
    Ok(kind)
}

/// Limits the number of shared strings. The library reserves memory for the declared number, and each string takes
/// some.
fn check_strings(name: &str, part: BufReader<impl Read>, size: u64) -> Result<(), Error> {
    let allowed = FREE_STRINGS.max(size / SHORT_STRING);
    let mut markup = Markup::new(part, MAX_CHUNK);
    let mut count = 0_u64;
    while let Some(tag) = markup.next().map_err(|error| io_error(name, error))? {
        match tag.local_name() {
            b"sst" => {
                let declared = tag.number(b"uniqueCount").unwrap_or_default();
                if declared > allowed {
                    let what = format!("it declares {declared} shared strings in a part of {size} bytes");
                    return Err(too_large(name, what));
                }
                // A smaller part does not have space for more strings.
                if size / SHORTEST_STRING <= FREE_STRINGS {
                    break;
                }
            }
            b"si" => count += 1,
            _ => {}
        }
        if count > allowed {
            return Err(too_large(
                name,
                format_args!("it has more than {allowed} shared strings, most of them empty"),
            ));
        }
    }
    Ok(())
}

/// Limits the size of the cells of a worksheet, which itself may have any size.
fn check_chunks(name: &str, part: BufReader<impl Read>, _size: u64) -> Result<(), Error> {
    let mut markup = Markup::new(part, MAX_CHUNK);
    while markup.next().map_err(|error| io_error(name, error))?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{super::fixture::zip, *};

    fn check_part(part: &str, content: &[u8]) -> Result<Kind, String> {
        let mut book: Book = Box::new(Cursor::new(zip([(part, content)])));
        check("x.xlsx", &mut book).map_err(|error| error.to_string())
    }

    /// The text is not in UTF-8, which is an error once a part is searched for tags.
    #[test]
    fn worksheet_of_usual_size_is_left_to_the_library() {
        for part in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.bin"] {
            assert_eq!(check_part(part, b"\xFF\xFE<\0"), Ok(Kind::Xlsx), "{part}");
        }
        for part in ["xl/sharedStrings.xml", "content.xml"] {
            let error = check_part(part, b"\xFF\xFE<\0").unwrap_err();
            assert!(error.contains("a part of the file is not in UTF-8"), "{part}: {error}");
        }
    }

    #[test]
    fn shared_strings_that_are_empty_are_limited() {
        let strings = |declared: u64, size: u64, content: &str| {
            let part = format!("<sst uniqueCount=\"{declared}\">{content}");
            check_strings("x.xlsx", BufReader::new(part.as_bytes()), size).map_err(|error| error.to_string())
        };
        let more = FREE_STRINGS + 1;
        let error = strings(more, 100, "").unwrap_err();
        assert!(error.contains("it declares 4194305 shared strings in a part of 100 bytes"), "{error}");
        assert_eq!(strings(more, more * SHORT_STRING, ""), Ok(()));
        let empty = "<si/>".repeat(more.try_into().unwrap());
        let error = strings(1, more * SHORTEST_STRING, &empty).unwrap_err();
        assert!(error.contains("it has more than 4194304 shared strings, most of them empty"), "{error}");
    }
}
