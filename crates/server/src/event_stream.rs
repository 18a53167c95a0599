//! Server-sent events (WHATWG HTML, section 9.2): the body of a response that goes on. It carries notices and no content, so
//! it needs no access record.

use std::pin::pin;
use std::time::Duration;

use async_graphql::Response as Executed;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt, unfold};
use poem::Body;
use poem::http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use crate::fault::{ErrorCode, Refused};
use crate::live::StreamPlace;
use crate::response::Response;
use crate::trace::TraceId;

/// The time between two heartbeats. It is always the same, so it says nothing about what happens.
const HEARTBEAT: Duration = Duration::from_secs(12);

/// For the network to take one event.
const TAKEN_MAX: Duration = Duration::from_secs(30);

/// One event.
pub(crate) struct ServerSent {
    pub event: &'static str,
    /// What a browser sends back as `Last-Event-ID` when it connects again.
    pub id: Option<String>,
    /// One line.
    pub data: String,
}

impl ServerSent {
    fn written(&self) -> String {
        let id = self.id.as_ref().map(|id| format!("id: {id}\n")).unwrap_or_default();
        format!("event: {}\n{id}data: {}\n\n", self.event, self.data)
    }
}

impl Response {
    /// A response that goes on until the events end.
    pub(crate) fn events(events: impl Stream<Item = ServerSent> + Send + 'static) -> Self {
        let body = Body::from_bytes_stream(taken_in_time(with_heartbeat(events)).map(Ok::<_, std::io::Error>));
        // A proxy that collects an answer before it passes it on would hold the events back.
        Self::of_notices(poem::Response::builder().body(body))
            .with_content_type("text/event-stream; charset=utf-8")
            .with_header(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))
    }
}

/// Whether a client asks for events.
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = values.flat_map(|value| value.split(',')).map(|range| range.split(';').next().unwrap_or_default());
    ranges.any(|range| range.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// The notices of a subscription as events, until they end, the credential expires or the server stops.
pub(crate) fn of_subscription(
    notices: BoxStream<'static, Executed>,
    time_left: Duration,
    stopped: impl Future<Output = ()> + Send + 'static,
    place: StreamPlace,
    trace: TraceId,
) -> impl Stream<Item = ServerSent> + Send + 'static {
    let next = move |executed: &Executed| match serde_json::to_string(executed) {
        Ok(data) => Some(ServerSent { event: "next", id: None, data }),
        Err(error) => {
            tracing::error!(error_id = %trace, %error, "a notice could not be written");
            None
        }
    };
    let expired = async move {
        tokio::time::sleep(time_left).await;
        let refused = Refused::new(ErrorCode::Unauthenticated, "the credential has expired");
        let mut executed = Executed::default();
        executed.errors = refused.into_errors(trace);
        Some(executed)
    };
    let ended = async move {
        tokio::select! {
            expired = expired => expired,
            () = stopped => None,
        }
    };
    let complete = || ServerSent { event: "complete", id: None, data: String::new() };
    // It takes its place until it is dropped.
    let state = Some((notices, Box::pin(ended), place));
    unfold(state, move |state| async move {
        let (mut notices, mut ended, place) = state?;
        tokio::select! {
            biased;
            last = &mut ended => {
                // A stream that ends with the server is not completed: the client comes back by itself.
                let last = last.map(|last| next(&last).into_iter().chain([complete()]).collect());
                Some((last.unwrap_or_default(), None))
            }
            notice = notices.next() => match notice {
                Some(notice) => match next(&notice) {
                    Some(next) => Some((vec![next], Some((notices, ended, place)))),
                    None => Some((vec![complete()], None)),
                },
                None => Some((vec![complete()], None)),
            },
        }
    })
    .flat_map(stream::iter)
}

/// The same bytes, until the network takes none of them for too long: a client that stops to read gives back its place,
/// and does not keep a credential for longer than it is valid. It comes back with the last position that it has.
fn taken_in_time(bytes: impl Stream<Item = Bytes> + Send + 'static) -> impl Stream<Item = Bytes> + Send {
    // The body is polled only when the network takes more, so a task of its own watches the time.
    let (queue, waiting) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut bytes = pin!(bytes);
        loop {
            let next = tokio::select! {
                biased;
                () = queue.closed() => None,
                next = bytes.next() => next,
            };
            let Some(next) = next else { return };
            if !matches!(timeout(TAKEN_MAX, queue.send(next)).await, Ok(Ok(()))) {
                return;
            }
        }
    });
    unfold(waiting, |mut waiting| async move { Some((waiting.recv().await?, waiting)) })
}

/// The events with a comment whenever it is time for a heartbeat. A heartbeat comes first, so that the client and every
/// proxy see at once that the stream is open.
fn with_heartbeat(events: impl Stream<Item = ServerSent> + Send + 'static) -> impl Stream<Item = Bytes> + Send {
    let mut beat = interval_at(Instant::now(), HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    unfold(Some((events.boxed(), beat)), |state| async move {
        let (mut events, mut beat): (_, Interval) = state?;
        tokio::select! {
            biased;
            _ = beat.tick() => Some((Bytes::from_static(b":\n\n"), Some((events, beat)))),
            event = events.next() => {
                let event = event?;
                Some((Bytes::from(event.written()), Some((events, beat))))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Lets time pass, and every task see it.
    async fn pass(time: Duration) {
        for passed in [Duration::ZERO, time, Duration::ZERO] {
            tokio::time::advance(passed).await;
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_comes_at_its_time_and_the_end_ends_the_body() {
        let sent = || ServerSent { event: "next", id: Some("7".to_owned()), data: "{}".to_owned() };
        let started = Instant::now();
        let mut late = interval_at(started + HEARTBEAT * 2 + Duration::from_secs(1), HEARTBEAT);
        let late = stream::once(async move {
            late.tick().await;
            sent()
        });
        let written: Vec<_> = with_heartbeat(late).map(|bytes| (bytes, started.elapsed().as_secs())).collect().await;
        let expected = [(":\n\n", 0), (":\n\n", 12), (":\n\n", 24), ("event: next\nid: 7\ndata: {}\n\n", 25)];
        assert_eq!(written, expected.map(|(text, at)| (Bytes::from_static(text.as_bytes()), at)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_takes_or_nobody_has_is_dropped() {
        let count = Arc::new(());
        let held = Arc::clone(&count);
        let endless = stream::repeat_with(move || {
            let _held = &held;
            Bytes::from_static(b":\n\n")
        });
        let mut slow = Box::pin(taken_in_time(endless));
        assert_eq!(slow.next().await, Some(Bytes::from_static(b":\n\n")));
        pass(TAKEN_MAX - Duration::from_secs(1)).await;
        assert_eq!(Arc::strong_count(&count), 2);
        pass(Duration::from_secs(2)).await;
        assert_eq!(Arc::strong_count(&count), 1);
        // What waited is there, and then the end.
        assert_eq!((slow.next().await.is_some(), slow.next().await), (true, None));
        let held = Arc::clone(&count);
        let silent = taken_in_time(stream::pending().inspect(move |_| drop(Arc::clone(&held))));
        tokio::task::yield_now().await;
        assert_eq!(Arc::strong_count(&count), 2);
        drop(silent);
        pass(Duration::from_secs(1)).await;
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
