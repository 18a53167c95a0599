//! One request and its answer on a connection: what of the request's body stays unread, and until when the answer is
//! being taken.
//!
//! An answer that is given before the whole body was read, such as a refusal, would leave the rest of the body where the next
//! request is expected. So the rest is read within a bound and dropped; if it is longer, the connection ends with the answer.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::timeout;

use crate::connections::InProgress;
use crate::graphql_request::BODY_BYTES_MAX;
use crate::lock::locked;

/// How much of a body that nobody wants is read for the sake of the next request.
const DROPPED_BYTES_MAX: usize = BODY_BYTES_MAX;
/// For how long.
const DROPPED_TIME_MAX: Duration = Duration::from_secs(1);

/// Where a body that was not read to its end is left.
#[derive(Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Option<Incoming>>>);

/// The body of a request. If it is dropped before its end, the rest is left to be dropped in order.
pub(crate) struct RequestBody {
    incoming: Option<Incoming>,
    unread: Unread,
    request: Arc<InProgress>,
}

impl RequestBody {
    pub const fn new(incoming: Incoming, unread: Unread, request: Arc<InProgress>) -> Self {
        Self { incoming: Some(incoming), unread, request }
    }
}

impl Stream for RequestBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
            let read = ready!(Pin::new(incoming).poll_frame(context));
            self.request.goes_on();
            match read {
                Some(Ok(frame)) => {
                    // Trailers say nothing that is asked for.
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Err(error)) => {
                    self.incoming = None;
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                None => {
                    self.incoming = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let rest = self.incoming.take().filter(|incoming| !incoming.is_end_stream());
        *locked(&self.unread.0) = rest;
    }
}

impl Unread {
    /// Whether nothing is left unread, after the rest was dropped as far as its bounds allow. `is_awaited` says that the
    /// client sends the body only when it is told to.
    pub async fn is_dropped(&self, is_awaited: bool) -> bool {
        let rest = locked(&self.0).take();
        let Some(mut rest) = rest else { return true };
        let is_long = usize::try_from(rest.size_hint().lower()).is_ok_and(|bytes| bytes > DROPPED_BYTES_MAX);
        if is_awaited || is_long {
            return false;
        }
        let drop_rest = async {
            let mut dropped = 0_usize;
            while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
                let Ok(frame) = frame else { return false };
                dropped = dropped.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                if dropped > DROPPED_BYTES_MAX {
                    return false;
                }
            }
            true
        };
        timeout(DROPPED_TIME_MAX, drop_rest).await.unwrap_or(false)
    }
}

/// The body of an answer, which keeps its request in progress until the network has taken its last byte.
pub(crate) struct AnswerBody<B> {
    body: B,
    request: Arc<InProgress>,
}

impl<B> AnswerBody<B> {
    pub const fn new(body: B, request: Arc<InProgress>) -> Self {
        Self { body, request }
    }
}

/// Bytes of an answer that the network has not taken yet.
struct Taken {
    bytes: Bytes,
    _request: Arc<InProgress>,
}

impl AsRef<[u8]> for Taken {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.request.goes_on();
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let request = &self.request;
        let kept = |bytes| Bytes::from_owner(Taken { bytes, _request: Arc::clone(request) });
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(kept))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
