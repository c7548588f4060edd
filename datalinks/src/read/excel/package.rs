//! What a zipped workbook holds, measured before the library reads it.
//!
//! The library reads worksheets of `.xlsx` and `.xlsb` cell by cell, and the other parts it needs as a whole. The zip
//! library fails if a part is larger than the archive says, so what the archive says can be relied on.

use std::io::{BufReader, Read};

use zip::{ZipArchive, result::ZipError};

use super::{book::Book, book::io_error, book::too_large, markup::Markup, ods};
use crate::error::Error;

/// Maximum size of a part that is read as a whole: 512 MiB, this crate's choice.
const PART: u64 = 512 * 1024 * 1024;
/// Maximum size of one tag or text of a worksheet: 16 MiB, this crate's choice. A spreadsheet program has 32,767
/// characters in a cell at most.
const PIECE: usize = 16 * 1024 * 1024;
/// Number of shared strings that a workbook may have in any case: this crate's choice.
const FREE_STRINGS: u64 = 4 * 1024 * 1024;
/// Number of bytes that more of them have on average at least, as in `<si><t>a</t></si>`.
const SHORT_STRING: u64 = 18;
/// Number of bytes of the shortest one, `<si/>`.
const SHORTEST_STRING: u64 = 5;
/// Folders of parts that are not read.
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

/// Returns the kind of a workbook whose parts fit into memory.
pub(super) fn check(name: &str, book: &mut Book) -> Result<Kind, Error> {
    let broken = |error: ZipError| {
        Error::invalid(format!("{name} is no spreadsheet that can be read: {error}"))
            .advice("see that the file is whole, or open it in a spreadsheet program and save it anew")
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
        if size > PART && !is_worksheet {
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
            part if part.ends_with("sharedstrings.xml") => strings,
            part if is_worksheet && size > PART && part.ends_with(".xml") => pieces,
            _ => continue,
        };
        check(name, BufReader::new(archive.by_index(index).map_err(broken)?), size)?;
    }
    Ok(kind)
}

/// The library reserves memory for as many strings as the part says it has, and each of them takes some.
fn strings(name: &str, part: BufReader<impl Read>, size: u64) -> Result<(), Error> {
    let allowed = FREE_STRINGS.max(size / SHORT_STRING);
    let mut markup = Markup::new(part, PIECE);
    let mut count = 0_u64;
    while let Some(tag) = markup.next().map_err(|error| io_error(name, error))? {
        match tag.local_name() {
            b"sst" => {
                let declared = tag.number(b"uniqueCount").unwrap_or_default();
                if declared > allowed {
                    let what = format!("it says that it has {declared} texts, in a part of {size} bytes");
                    return Err(too_large(name, what));
                }
                // A smaller part has not the room for more.
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
                format_args!("it has more than {allowed} texts, most of them empty"),
            ));
        }
    }
    Ok(())
}

/// A worksheet may be of any size, its cells may not.
fn pieces(name: &str, part: BufReader<impl Read>, _size: u64) -> Result<(), Error> {
    let mut markup = Markup::new(part, PIECE);
    while markup.next().map_err(|error| io_error(name, error))?.is_some() {}
    Ok(())
}
