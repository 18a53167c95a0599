//! Imports a log into another: from an export, or directly from a log.
//!
//! Streams, revisions, ids, event types, contents and digests stay as they were, and so does the order of the log; positions and
//! storing times are those of the target. The target must be empty or hold the beginning of the same log. The existing
//! events are compared with the source before the first write, so an import that was interrupted can be repeated and
//! continues. At the end, the target is read from its beginning and compared with the source.
//!
//! At most a chunk of events, and one sum for every few hundred events, is held at a time. `import/lines.rs` reads an
//! export. An error names the line of the export or the position in the source log.

mod lines;
mod problem;

use crate::export::{PROGRESS_EVENTS, Running};
use crate::log_scan::LogScan;
use crate::{
    Append, AppendError, Digest, Expected, Journal, Limits, Namespace, NewEvent, Position, Recorded, Revision, Stopped,
};
pub use lines::Lines;
use lines::Section;
use problem::shown;
pub use problem::{At, Flaw, ImportProblem};

/// About how many events are appended in one call.
const CHUNK_EVENTS_MAX: usize = 1_000;
/// About how many bytes are appended in one call.
const CHUNK_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Events between two digests that are kept to locate a difference.
const MARK_EVENTS: u64 = 256;

/// The source of an import.
pub enum Source<'a> {
    /// Another log, up to the head that it has at the beginning.
    Log(&'a dyn Journal),
    /// The next export in a file.
    Export(&'a mut Lines),
}

/// What was imported, and verified in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// How many events the target holds.
    pub events: u64,
    /// How many of them were there before.
    pub before: u64,
    /// The position of the last in the target.
    pub head: Option<Position>,
}

/// The step of an import, for progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The existing events of the target are compared.
    Compare,
    /// Events are written.
    Write,
    /// The target is read again.
    Prove,
}

/// Imports a log into `target`. `progress` is called with the step, its current position and its last position.
///
/// No other writer may use the target. Reading a file blocks the calling thread.
pub async fn import(
    target: &dyn Journal,
    namespace: &Namespace,
    source: Source<'_>,
    progress: &mut (dyn FnMut(Step, u64, u64) + Send),
) -> Result<Imported, ImportProblem> {
    let incoming = match source {
        Source::Log(journal) => Incoming::Log(LogScan::start(journal).await.map_err(ImportProblem::Source)?),
        Source::Export(lines) => Incoming::Export(Section::begin(lines, namespace)?),
    };
    let mut moving = Moving { incoming, running: Running::default(), marks: Vec::new(), step: Step::Compare, progress };
    let before = moving.compare(target).await?;
    moving.write(target).await?;
    let (events, head) = moving.prove(target).await?;
    Ok(Imported { events, before, head })
}

enum Incoming<'a> {
    Log(LogScan<'a>),
    Export(Section<'a>),
}

impl Incoming<'_> {
    async fn next(&mut self, so_far: &Running) -> Result<Option<Recorded>, ImportProblem> {
        match self {
            Self::Log(scan) => scan.next().await.map_err(ImportProblem::Source),
            Self::Export(section) => section.next(so_far),
        }
    }

    /// The place of the event that `next` returned last.
    fn at(&self, event: &Recorded) -> At {
        match self {
            Self::Log(_) => At::Position(event.position),
            Self::Export(section) => At::Line(section.line()),
        }
    }

    fn head(&self) -> u64 {
        shown(&match self {
            Self::Log(scan) => scan.until(),
            Self::Export(section) => section.head(),
        })
    }
}

struct Moving<'a, 'b> {
    incoming: Incoming<'a>,
    running: Running,
    /// The digest over all events so far, after every [`MARK_EVENTS`] events.
    marks: Vec<Vec<u8>>,
    step: Step,
    progress: &'b mut (dyn FnMut(Step, u64, u64) + Send),
}

impl Moving<'_, '_> {
    /// The next event of the source, added to the sums.
    async fn next(&mut self) -> Result<Option<(Recorded, Digest)>, ImportProblem> {
        let Some(event) = self.incoming.next(&self.running).await? else { return Ok(None) };
        let digest = Digest::of(&event);
        self.running.add(&digest);
        if self.running.events.is_multiple_of(MARK_EVENTS) {
            self.marks.push(self.running.sum());
        }
        if self.running.events.is_multiple_of(PROGRESS_EVENTS) {
            (self.progress)(self.step, event.position.0, self.incoming.head());
        }
        Ok(Some((event, digest)))
    }

    /// Compares the events of the target with the beginning of the source; returns how many there are.
    async fn compare(&mut self, target: &dyn Journal) -> Result<u64, ImportProblem> {
        let mut scan = LogScan::start(target).await.map_err(ImportProblem::Target)?;
        while let Some(there) = scan.next().await.map_err(ImportProblem::Target)? {
            let position = there.position;
            match self.next().await? {
                Some((_, digest)) if digest == Digest::of(&there) => {}
                Some((event, _)) => return Err(ImportProblem::Foreign { position, at: self.incoming.at(&event) }),
                None => return Err(ImportProblem::Longer { position }),
            }
        }
        Ok(self.running.events)
    }

    async fn write(&mut self, target: &dyn Journal) -> Result<(), ImportProblem> {
        self.step = Step::Write;
        let mut chunk = Chunk::default();
        while let Some((event, _)) = self.next().await? {
            let at = self.incoming.at(&event);
            chunk.add(event, at, target.limits());
            if chunk.is_full() {
                std::mem::take(&mut chunk).written(target).await?;
            }
        }
        chunk.written(target).await?;
        (self.progress)(self.step, self.incoming.head(), self.incoming.head());
        Ok(())
    }

    /// Reads the target from its beginning and compares it with all events of the source.
    async fn prove(&mut self, target: &dyn Journal) -> Result<(u64, Option<Position>), ImportProblem> {
        let mut scan = LogScan::start(target).await.map_err(ImportProblem::Target)?;
        let (mut there, mut marks) = (Running::default(), self.marks.iter());
        let (mut same, mut last) = (None, None);
        while let Some(event) = scan.next().await.map_err(ImportProblem::Target)? {
            if there.events == self.running.events && there.sum() == self.running.sum() {
                return Err(ImportProblem::Longer { position: event.position });
            }
            there.add(&Digest::of(&event));
            last = Some(event.position);
            if there.events.is_multiple_of(MARK_EVENTS) {
                if marks.next() != Some(&there.sum()) {
                    return Err(ImportProblem::Differs { after: same, until: last });
                }
                same = last;
            }
            if there.events.is_multiple_of(PROGRESS_EVENTS) {
                (self.progress)(Step::Prove, event.position.0, shown(&scan.until()));
            }
        }
        if (there.events, there.sum()) != (self.running.events, self.running.sum()) {
            return Err(ImportProblem::Differs { after: same, until: last });
        }
        (self.progress)(Step::Prove, shown(&last), shown(&last));
        Ok((there.events, last))
    }
}

/// Events that are appended in one call: consecutive events of one stream become one append.
#[derive(Default)]
struct Chunk {
    appends: Vec<Append>,
    /// Where the first event of each append comes from.
    places: Vec<At>,
    events: usize,
    bytes: usize,
    /// The bytes of the last append, and the revision that would continue it.
    open: Option<(usize, Revision)>,
}

impl Chunk {
    fn add(&mut self, event: Recorded, at: At, limits: Limits) {
        let Recorded { stream, revision, id, event_type, data, meta, .. } = event;
        let bytes = data.len() + meta.len();
        let next = Revision(revision.0.saturating_add(1));
        let event = NewEvent { id, event_type, data, meta };
        self.events += 1;
        self.bytes += bytes;
        match (self.appends.last_mut(), self.open) {
            (Some(append), Some((size, continues)))
                if append.stream == stream
                    && continues == revision
                    && size + bytes <= limits.append_bytes_max
                    && append.events.len() < limits.append_events_max =>
            {
                append.events.push(event);
                self.open = Some((size + bytes, next));
            }
            _ => {
                let expected =
                    revision.0.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
                self.appends.push(Append { stream, expected, events: vec![event] });
                self.places.push(at);
                self.open = Some((bytes, next));
            }
        }
    }

    fn is_full(&self) -> bool {
        self.events >= CHUNK_EVENTS_MAX || self.bytes >= CHUNK_BYTES_MAX
    }

    /// Appends the chunk. Appends with unknown outcome are repeated as long as there is progress.
    async fn written(mut self, target: &dyn Journal) -> Result<(), ImportProblem> {
        let mut repeated = false;
        loop {
            let Err(Stopped { done, error }) = target.append_in_order(self.appends.clone()).await else {
                return Ok(());
            };
            repeated &= done == 0;
            if !matches!(error, AppendError::Indeterminate { .. }) || repeated {
                // The target names a place among those that it was given.
                let at = self.places.get(done).copied();
                return Err(ImportProblem::Refused { at: at.unwrap_or(At::Line(0)), error });
            }
            self.appends.drain(..done);
            self.places.drain(..done);
            repeated = true;
        }
    }
}
