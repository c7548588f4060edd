//! The body of a part, read in chunks as the network accepts them.

use std::{io::SeekFrom, sync::Arc};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{Stream, stream};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{local::unreadable, meter::Flight, work::Part};
use crate::{error::Error, platform::files::AsyncFile as File};

/// Number of bytes per chunk.
const CHUNK_SIZE: usize = 64 * 1024;

/// Returns the bytes of `part` as a stream, and counts them in `flight`. A file that ends too early has changed.
pub(super) fn chunks(
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
                Ok((file, chunk)) => {
                    let size = chunk.len() as u64;
                    flight.send(size);
                    Ok(Some((chunk, (Some(file), left - size))))
                }
                Err(error) => {
                    flight.fail(error.clone());
                    Err(error)
                }
            }
        }
    })
}

/// Reads the next chunk of at most `left` bytes. Opens the file for the first chunk.
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
    let size = usize::try_from(left).map_or(CHUNK_SIZE, |left| left.min(CHUNK_SIZE));
    let mut chunk = BytesMut::with_capacity(size);
    let read = file.read_buf(&mut (&mut chunk).limit(size)).await.map_err(|error| unreadable(path, error))?;
    if read == 0 {
        return Err(part.file.changed());
    }
    Ok((file, chunk.freeze()))
}
