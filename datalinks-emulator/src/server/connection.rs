//! TCP connections that an injected fault can close in the middle of a response.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::activity::{Activity, Open};
use crate::faults::ConnectionControl;

/// A listener that gives each connection a [`ConnectionControl`], and counts the open ones.
pub(super) struct ControlledListener {
    pub(super) listener: TcpListener,
    pub(super) activity: Activity,
}

impl Listener for ControlledListener {
    type Io = Connection;
    type Addr = ConnectionControl;

    async fn accept(&mut self) -> (Connection, ConnectionControl) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // Events are small and must be sent immediately.
                    let _ = stream.set_nodelay(true);
                    let control = ConnectionControl::default();
                    let open = self.activity.open();
                    return (Connection { stream, control: control.clone(), _open: open }, control);
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection");
                    // For example out of file descriptors: other connections may close soon.
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

/// Binds a listener of the standard library that tokio can use, and returns it with its address.
pub(crate) fn bind(address: SocketAddr) -> io::Result<(std::net::TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A TCP connection with a [`ConnectionControl`].
pub(super) struct Connection {
    stream: TcpStream,
    control: ConnectionControl,
    /// Counts this connection as open until it is dropped.
    _open: Open,
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
        self.control.record_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.control.check()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.control.record_write(written)
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
