//! A connection with network faults: it can stop transferring bytes while it stays open, and it can be cut.

use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tonic::transport::server::Connected;

/// The faults of all connections of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// No bytes pass, and no connection closes.
    pub silent: bool,
    /// How often all connections were cut; a connection that is older than the last cut is closed.
    pub cuts: u64,
}

/// A connection under a [`Switch`].
pub struct Connection {
    inner: TcpStream,
    switch: watch::Receiver<Switch>,
    /// How often connections had been cut when this one was created.
    born: u64,
    /// Becomes ready when the switch changes; polled every time, so that a waiting task is woken.
    changed: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Connection {
    /// Puts a new connection under the switch.
    pub fn new(inner: TcpStream, switch: watch::Receiver<Switch>) -> Self {
        // Answers are small and awaited. A connection that is closed already fails at its first byte.
        let _sent_at_once = inner.set_nodelay(true);
        let born = switch.borrow().cuts;
        Self { inner, switch, born, changed: None }
    }

    /// Ready when bytes may pass.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let now = *self.switch.borrow_and_update();
            if now.cuts != self.born {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let changed = self.changed.get_or_insert_with(|| {
                let mut switch = self.switch.clone();
                Box::pin(async move {
                    if switch.changed().await.is_err() {
                        pending::<()>().await;
                    }
                })
            });
            match changed.as_mut().poll(cx) {
                Poll::Ready(()) => self.changed = None,
                Poll::Pending if now.silent => return Poll::Pending,
                Poll::Pending => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?;
        #[cfg(target_os = "linux")]
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        // A client that waits for the headers of a call to be confirmed before it sends the rest would otherwise wait
        // for the system's 40 ms at every call, and every test with it.
        #[cfg(target_os = "linux")]
        if buf.filled().len() > before {
            self.inner.set_quickack(true)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}
