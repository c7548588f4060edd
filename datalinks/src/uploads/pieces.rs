//! A part of a file, read piece by piece as the network takes it.

use std::{io::SeekFrom, sync::Arc};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{Stream, stream};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

use super::{local::unreadable, meter::Flight, work::Part};
use crate::error::Error;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// The bytes of `part`, counted by `flight`. A file that ends too early is one that has changed.
pub(super) fn pieces(
    part: Arc<Part>,
    flight: Arc<Flight>,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let left = part.size;
    stream::try_unfold((None, left), move |(file, left)| {
        let (part, flight) = (Arc::clone(&part), Arc::clone(&flight));
        async move {
            if left == 0 {
                return Ok(None);
            }
            match next(file, &part, left).await {
                Ok((file, piece)) => {
                    let size = piece.len() as u64;
                    flight.send(size);
                    Ok(Some((piece, (Some(file), left - size))))
                }
                Err(error) => {
                    flight.fail(error.clone());
                    Err(error)
                }
            }
        }
    })
}

/// The next piece, at most `left` bytes. The file is opened for the first.
async fn next(file: Option<File>, part: &Part, left: u64) -> Result<(File, Bytes), Error> {
    let path = &part.file.path;
    let mut file = match file {
        Some(file) => file,
        None => {
            let mut file = File::open(path).await.map_err(|error| unreadable(path, error))?;
            file.seek(SeekFrom::Start(part.offset)).await.map_err(|error| unreadable(path, error))?;
            file
        }
    };
    let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
    let mut piece = BytesMut::with_capacity(size);
    let read = file.read_buf(&mut (&mut piece).limit(size)).await.map_err(|error| unreadable(path, error))?;
    if read == 0 {
        return Err(part.file.changed());
    }
    Ok((file, piece.freeze()))
}
