//! Rows of a database cursor into a dataset: `cargo run -p datalinks --example database_cursor`.
//!
//! The module `driver` stands for any driver that blocks: its cursor borrows the connection, so it is neither `'static`
//! nor a stream, and it has an error type of its own. The function `rows` shows the bridge. A thread for blocking work owns
//! the connection and sends rows through a bounded channel. Nothing is read ahead of the requests but the rows of the
//! channel, and the cursor ends when the ingestion does not take its rows any more.

use datalinks::{DataLinks, Dataset};
use datalinks_emulator::Emulator;
use driver::{Connection, DriverError};
use futures::Stream;
use serde::Serialize;
use tokio::{sync::mpsc, task::JoinHandle};

/// Rows that are read before the ingestion asks for them.
const READ_AHEAD: usize = 100;

#[derive(Debug, Serialize)]
struct Film {
    id: u64,
    title: String,
}

/// Reads the rows from `offset` on. The handle returns the connection when its cursor is closed: at the end, at an error,
/// and after the stream was dropped.
fn rows(
    mut connection: Connection,
    offset: u64,
) -> (impl Stream<Item = Result<Film, DriverError>> + Send + 'static, JoinHandle<Connection>) {
    let (sender, mut receiver) = mpsc::channel(READ_AHEAD);
    let thread = tokio::task::spawn_blocking(move || {
        let query = "SELECT id, title FROM films ORDER BY id OFFSET ?";
        match connection.query(query, offset) {
            Ok(cursor) => {
                for row in cursor {
                    let film = row.map(|(id, title)| Film { id, title });
                    // An error means that the stream was dropped.
                    if sender.blocking_send(film).is_err() {
                        break;
                    }
                }
            }
            Err(error) => {
                let _ = sender.blocking_send(Err(error));
            }
        }
        connection
    });
    (futures::stream::poll_fn(move |cx| receiver.poll_recv(cx)), thread)
}

/// Ingests all rows. If the connection is lost, continues after the last row that was read.
async fn copy(films: &Dataset, mut connection: Connection) -> Result<(), Box<dyn std::error::Error>> {
    let mut offset = 0;
    loop {
        let (rows, thread) = rows(connection, offset);
        // The summary keeps no rows, so memory does not grow with the table.
        let summary = films.ingest_try_stream(rows).batch_size(500).batches()?.finish().await?;
        connection = thread.await?;
        println!("{summary}");
        offset += summary.counts.decided() as u64;
        let Some(error) = &summary.source_error else {
            summary.check()?;
            return Ok(());
        };
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<DriverError>());
        match cause {
            Some(DriverError::ConnectionLost) => {
                connection.reconnect();
                println!("connected again, going on behind row {offset}");
            }
            // Another error of the driver, or of the client.
            _ => return Err(error.clone().into()),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;

    let films = dl.dataset("cinema", "films")?;
    films.create().await?;
    copy(&films, Connection::open(2_500).lost_at(1_234)).await?;
    println!("{} rows in the dataset", films.info().await?.metadata.row_count);

    // The cursor has no end, and the application wants the first batch only.
    let some = dl.dataset("cinema", "some")?;
    some.create().await?;
    let (rows, thread) = rows(Connection::open(u64::MAX), 0);
    let mut batches = some.ingest_try_stream(rows).batch_size(200).batches()?;
    let first = batches.next().await.ok_or("no batch")?;
    drop(batches);
    let connection = thread.await?;
    println!("canceled after {} rows, {} cursors open", first.counts.stored, connection.open_cursors());
    Ok(())
}

/// A driver in the shape of many: connections, cursors that borrow them, and errors.
mod driver {
    use std::{error::Error, fmt};

    /// An error of the driver.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) enum DriverError {
        /// The server closed the connection.
        ConnectionLost,
        /// The server rejected a statement.
        Statement(String),
    }

    impl fmt::Display for DriverError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::ConnectionLost => f.write_str("server closed the connection unexpectedly"),
                Self::Statement(what) => write!(f, "syntax error: {what}"),
            }
        }
    }

    impl Error for DriverError {}

    /// A connection. It can be sent to another thread.
    pub(super) struct Connection {
        rows: u64,
        lost_at: Option<u64>,
        connected: bool,
        cursors: usize,
    }

    impl Connection {
        /// Connects to a database with this many films.
        pub(super) fn open(rows: u64) -> Self {
            Self { rows, lost_at: None, connected: true, cursors: 0 }
        }

        /// Loses the connection at this row, once.
        pub(super) fn lost_at(mut self, row: u64) -> Self {
            self.lost_at = Some(row);
            self
        }

        /// Connects again.
        pub(super) fn reconnect(&mut self) {
            self.connected = true;
        }

        /// The number of cursors that are not closed.
        pub(super) fn open_cursors(&self) -> usize {
            self.cursors
        }

        /// Runs a query. Blocks the thread.
        pub(super) fn query(&mut self, statement: &str, offset: u64) -> Result<Cursor<'_>, DriverError> {
            if !self.connected {
                return Err(DriverError::ConnectionLost);
            }
            if !statement.starts_with("SELECT ") {
                return Err(DriverError::Statement(statement.to_owned()));
            }
            self.cursors += 1;
            Ok(Cursor { connection: self, next: offset })
        }
    }

    /// A cursor, closed when it is dropped.
    pub(super) struct Cursor<'c> {
        connection: &'c mut Connection,
        next: u64,
    }

    impl Iterator for Cursor<'_> {
        type Item = Result<(u64, String), DriverError>;

        fn next(&mut self) -> Option<Self::Item> {
            let connection = &mut *self.connection;
            if !connection.connected || self.next >= connection.rows {
                return None;
            }
            if connection.lost_at == Some(self.next) {
                (connection.lost_at, connection.connected) = (None, false);
                return Some(Err(DriverError::ConnectionLost));
            }
            self.next += 1;
            Some(Ok((self.next, format!("Film {}", self.next))))
        }
    }

    impl Drop for Cursor<'_> {
        fn drop(&mut self) {
            self.connection.cursors -= 1;
        }
    }
}
