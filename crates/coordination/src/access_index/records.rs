//! Reading the records of a list from the access log: those that lie near each other are read together.
//!
//! The index says where each record is. The port reads a stream from a revision on, and the log after the position of an
//! event. So the first record of a run is read in its stream, and the others of the run in the log after it, with what lies
//! between them. The port bounds a page in bytes, and only the records that are asked for are kept.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use journal::{Direction, Position, Recorded, StreamName};

use super::{AccessIndex, Place};
use crate::access::StoredRecord;
use crate::fault::Fault;

/// The greatest distance of two neighbours in a run: to read what lies between costs less than another read.
const GAP_MAX: u64 = 64;
/// Events of one read.
const READ_MAX: u32 = 500;

/// Records by their positions.
type Records = BTreeMap<Position, StoredRecord>;

impl AccessIndex {
    /// The records at some places.
    ///
    /// # Errors
    /// [`Fault`] if the log cannot be read, or has no record at one of them.
    pub async fn records(&self, places: &[&Place]) -> Result<Records, Fault> {
        let mut places = places.to_vec();
        places.sort_unstable_by_key(|place| place.position);
        let mut records = Records::new();
        for run in places.chunk_by(|one, next| next.position.0.saturating_sub(one.position.0) <= GAP_MAX) {
            self.read_run(run, &mut records).await?;
        }
        if records.len() == places.len() { Ok(records) } else { Err(not_there()) }
    }

    async fn read_run(&self, run: &[&Place], records: &mut Records) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let stream = StreamName::parse(&first.stream).map_err(|_| Fault::Row("a stream's name"))?;
        let (from, one) = (Some(first.revision), NonZeroU32::MIN);
        let page = self.journal.read_stream(&stream, from, Direction::Forward, one).await?;
        take(&page.events, run, records)?;
        let mut after = first.position;
        while after < last.position {
            let span = u32::try_from(last.position.0.saturating_sub(after.0)).unwrap_or(READ_MAX);
            let max = NonZeroU32::new(span.min(READ_MAX)).unwrap_or(one);
            let page = self.journal.read_log(Some(after), max).await?;
            take(&page.events, run, records)?;
            // A log that ends before is not read for ever.
            after = page.scanned.filter(|scanned| *scanned > after).ok_or_else(not_there)?;
        }
        Ok(())
    }
}

/// Keeps those that are asked for.
fn take(events: &[Recorded], run: &[&Place], records: &mut Records) -> Result<(), Fault> {
    for event in events {
        let Ok(at) = run.binary_search_by_key(&event.position, |place| place.position) else { continue };
        let is_meant = |place: &&Place| place.stream == event.stream.as_str() && place.revision == event.revision;
        if !run.get(at).is_some_and(is_meant) {
            return Err(not_there());
        }
        records.insert(event.position, StoredRecord::read(event)?.ok_or_else(not_there)?);
    }
    Ok(())
}

fn not_there() -> Fault {
    Fault::Row("an access record is not where the index says")
}
