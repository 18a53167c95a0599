//! Following a log: pages until the head, then waiting to be woken, then pages again.
//!
//! At most one page is held at a time, so a slow consumer costs no more than that. The wake-up is armed
//! before each page is read, so what is committed between the read and the wait is not missed.

use std::num::NonZeroU32;
use std::vec;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use crate::{Feed, LogPage, Position, ReadError, Recorded};

/// How many events a page of the feed has at most; a backend bounds its bytes.
pub(crate) const PAGE_EVENTS_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(255);

/// What a backend gives so that its log can be followed.
#[async_trait]
pub(crate) trait PageSource: Send + 'static {
    /// Arms the wake-up, then reads the next page.
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError>;

    /// Returns when there may be more than when the last page was asked for.
    async fn wait_for_more(&mut self) -> Result<(), ReadError>;
}

/// Everything after `after`, without an end.
pub(crate) fn follow(source: impl PageSource, after: Option<Position>) -> BoxStream<'static, Result<Feed, ReadError>> {
    let state = Following {
        source,
        after,
        waiting: Vec::new().into_iter(),
        scanned: None,
        at_head: false,
        said_caught_up: false,
    };
    stream::try_unfold(state, |mut state| async move {
        let item = state.next().await?;
        Ok(Some((item, state)))
    })
    .boxed()
}

struct Following<S> {
    source: S,
    after: Option<Position>,
    waiting: vec::IntoIter<Recorded>,
    /// The last position that the page covers, if that is after its last event.
    scanned: Option<Position>,
    at_head: bool,
    said_caught_up: bool,
}

impl<S: PageSource> Following<S> {
    async fn next(&mut self) -> Result<Feed, ReadError> {
        loop {
            if let Some(event) = self.waiting.next() {
                self.after = Some(event.position);
                self.said_caught_up = false;
                return Ok(Feed::Event(event));
            }
            if let Some(scanned) = self.scanned.take()
                && self.after < Some(scanned)
            {
                self.after = Some(scanned);
                if self.said_caught_up || !self.at_head {
                    return Ok(Feed::Scanned(scanned));
                }
            }
            if self.at_head {
                if !self.said_caught_up {
                    self.said_caught_up = true;
                    return Ok(Feed::CaughtUp(self.after));
                }
                self.source.wait_for_more().await?;
            }
            let page = self.source.page(self.after).await?;
            self.at_head = page.at_head;
            self.scanned = page.scanned;
            self.waiting = page.events.into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Pages as they come out of a store that others share; waits without an end after the last.
    struct Pages(VecDeque<LogPage>);

    #[async_trait]
    impl PageSource for Pages {
        async fn page(&mut self, _after: Option<Position>) -> Result<LogPage, ReadError> {
            self.0.pop_front().ok_or(ReadError::Unavailable { reason: "no more pages".into() })
        }

        async fn wait_for_more(&mut self) -> Result<(), ReadError> {
            Ok(())
        }
    }

    fn quiet(scanned: u64, at_head: bool) -> LogPage {
        LogPage { events: Vec::new(), scanned: Some(Position(scanned)), at_head }
    }

    #[tokio::test]
    async fn a_scan_without_events_is_reported_and_the_next_page_begins_after_it() {
        let pages = [quiet(5, false), quiet(8, true), quiet(8, true), quiet(9, true)];
        let mut feed = follow(Pages(pages.into()), None);
        for told in [Feed::Scanned(Position(5)), Feed::CaughtUp(Some(Position(8))), Feed::Scanned(Position(9))] {
            assert_eq!(feed.next().await, Some(Ok(told)));
        }
        assert!(feed.next().await.is_some_and(|end| end.is_err()));
    }
}
