//! Scans a log from its beginning to the head that it had at the start, a page at a time: for verifying, exporting and importing.

use std::num::NonZeroU32;
use std::vec;

use crate::{Fatal, Journal, Position, ReadError, Recorded};

/// How many events a page has at most; a backend bounds its bytes.
const PAGE_EVENTS_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

/// A scan over the events of a log up to a position. It does not include events that are appended during the scan.
pub(crate) struct LogScan<'a> {
    journal: &'a dyn Journal,
    until: Option<Position>,
    after: Option<Position>,
    page: vec::IntoIter<Recorded>,
    page_max: NonZeroU32,
    /// No page comes after this one.
    ended: bool,
}

impl<'a> LogScan<'a> {
    /// Begins at the first event and ends with the head of this moment.
    pub(crate) async fn start(journal: &'a dyn Journal) -> Result<Self, ReadError> {
        let until = journal.head().await?;
        let page = Vec::new().into_iter();
        Ok(Self { journal, until, after: None, page, page_max: PAGE_EVENTS_MAX, ended: until.is_none() })
    }

    /// The position of the last event of the scan; `None` when it has none.
    pub(crate) fn until(&self) -> Option<Position> {
        self.until
    }

    /// The next event. An event that cannot be read is met after all that come before it.
    pub(crate) async fn next(&mut self) -> Result<Option<Recorded>, ReadError> {
        loop {
            let next = self.page.next().filter(|event| Some(event.position) <= self.until);
            if let Some(event) = next {
                self.ended |= Some(event.position) == self.until;
                return Ok(Some(event));
            }
            if self.ended {
                return Ok(None);
            }
            self.next_page().await?;
        }
    }

    async fn next_page(&mut self) -> Result<(), ReadError> {
        let page = match self.journal.read_log(self.after, self.page_max).await {
            Ok(page) => page,
            // From here on one at a time, so that what is whole before the damage is still given.
            Err(ReadError::Fatal(Fatal::Corrupt { .. })) if self.page_max > NonZeroU32::MIN => {
                self.page_max = NonZeroU32::MIN;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // The last of the scan is in this page, or it is gone: the head was there when the scan began.
        let holds_last = page.events.iter().any(|event| Some(event.position) == self.until);
        let beyond = page.at_head || page.events.iter().any(|event| Some(event.position) > self.until);
        if let Some(position) = self.until
            && beyond
            && !holds_last
        {
            return Err(Fatal::LostTail { position }.into());
        }
        self.after = page.scanned;
        self.page = page.events.into_iter();
        Ok(())
    }
}
