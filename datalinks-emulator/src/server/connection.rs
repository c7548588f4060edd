//! Connections that can be closed in the middle, to play an answer that got lost.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::faults::ConnectionControl;

/// Accepts connections and puts a cord on each.
pub(crate) struct ControlledListener(pub(crate) TcpListener);

impl Listener for ControlledListener {
    type Io = Connection;
    type Addr = ConnectionControl;

    async fn accept(&mut self) -> (Connection, ConnectionControl) {
        loop {
            match self.0.accept().await {
                Ok((stream, _)) => {
                    // Events are small and wanted at once.
                    let _ = stream.set_nodelay(true);
                    let control = ConnectionControl::default();
                    return (Connection { stream, control: control.clone() }, control);
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection");
                    // Out of file descriptors, for instance: give others the time to close some.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<ConnectionControl> {
        Ok(ConnectionControl::default())
    }
}

impl Connected<IncomingStream<'_, ControlledListener>> for ConnectionControl {
    fn connect_info(stream: IncomingStream<'_, ControlledListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// The address of a listener of the standard library, made ready for tokio.
pub(crate) fn bind(address: SocketAddr) -> io::Result<(std::net::TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A TCP connection on a cord.
pub(crate) struct Connection {
    stream: TcpStream,
    control: ConnectionControl,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.control.check()?;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.control.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.control.check()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.control.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.control.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
