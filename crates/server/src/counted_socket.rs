//! The bytes of a connection that has a place: it notes whether the network takes what is sent, and leaves a client the time to
//! read a last answer while it still sends.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::connections::Place;

/// How long a client that has been answered may go on to send what is not read.
const LINGER_MAX: Duration = Duration::from_secs(2);

/// The socket of a connection, with its place.
pub(crate) struct CountedSocket {
    // Dropped before the place, so that a free place is a free descriptor.
    socket: Arc<TcpStream>,
    place: Place,
    lingers: Option<Pin<Box<Sleep>>>,
}

impl CountedSocket {
    pub const fn new(socket: Arc<TcpStream>, place: Place) -> Self {
        Self { socket, place, lingers: None }
    }

    pub const fn place(&self) -> &Place {
        &self.place
    }

    #[cfg(test)]
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    fn poll_sent(
        &self,
        context: &mut Context<'_>,
        send: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.socket.poll_write_ready(context) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => {
                    self.place.connection().sent(false);
                    return Poll::Pending;
                }
            }
            match send(&self.socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => {
                    self.place.connection().sent(true);
                    return Poll::Ready(sent);
                }
            }
        }
    }
}

impl AsyncRead for CountedSocket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.socket.poll_read_ready(context))?;
            match self.socket.try_read(into.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    into.advance(read?);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for CountedSocket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_sent(context, |socket| socket.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_sent(context, |socket| socket.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the sending. If the client still sends, its bytes are dropped for a while: a socket that is closed with unread
    /// bytes tells the client so at once, which then loses the answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingers.is_none() {
            // It fails if the client was faster.
            _ = shutdown(&*this.socket, Shutdown::Write);
            if !this.place.connection().leaves_unread() {
                return Poll::Ready(Ok(()));
            }
        }
        let lingers = this.lingers.get_or_insert_with(|| Box::pin(sleep(LINGER_MAX)));
        let mut dropped = [0; 4096];
        loop {
            if lingers.as_mut().poll(context).is_ready() || ready!(this.socket.poll_read_ready(context)).is_err() {
                return Poll::Ready(Ok(()));
            }
            match this.socket.try_read(&mut dropped) {
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
