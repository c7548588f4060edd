//! Reading from standard input.

use std::io::{self, BufRead, Read};

use tokio::sync::oneshot;

/// Reads a line of standard input with its end. `None` is the end of the input.
pub(crate) async fn read_line() -> io::Result<Option<String>> {
    on_thread(|| {
        let mut text = String::new();
        let length = io::stdin().lock().read_line(&mut text)?;
        Ok((length > 0).then_some(text))
    })
    .await
}

/// Reads standard input to its end. Fails if it is longer than `limit` bytes.
pub(crate) async fn read_to_end(limit: u64) -> io::Result<Vec<u8>> {
    on_thread(move || {
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            let what = format!("standard input is longer than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(bytes)
    })
    .await
}

/// Runs a function on a thread of its own. A thread of the runtime would keep the process alive until the user types.
///
/// Cancel safe, but what the function reads later is lost.
async fn on_thread<T: Send + 'static>(
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, done) = oneshot::channel();
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        // The command may have ended.
        let _ = sender.send(read());
    })?;
    done.await.map_err(io::Error::other)?
}
