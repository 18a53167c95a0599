//! Reads an export line by line and verifies it.
//!
//! Every byte is covered: an event by its digest and by the digest over all events, everything else by the digest over
//! all lines. The last line has these digests, and can be written in one way only. So any change and any truncation of
//! the file is detected, at the latest at its end.

use std::io::{BufRead, Read};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;

use super::problem::{Flaw, ImportProblem};
use crate::export::{FORMAT, Line, Running, Trailer, Written};
use crate::{Digest, EventType, Namespace, Position, Recorded, Revision, StreamName};

/// The longest line: the largest event in base64, its names and numbers.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// A file of exports, read from its beginning.
pub struct Lines {
    text: Box<dyn BufRead + Send>,
    line: u64,
    buffer: Vec<u8>,
}

impl Lines {
    /// Reads from here.
    pub fn new(text: impl BufRead + Send + 'static) -> Self {
        Self { text: Box::new(text), line: 0, buffer: Vec::new() }
    }

    /// Checks that nothing follows the last export.
    ///
    /// # Errors
    /// [`Flaw::Trailing`], or what reading said.
    pub fn end(&mut self) -> Result<(), ImportProblem> {
        if self.text.fill_buf()?.is_empty() {
            return Ok(());
        }
        self.line += 1;
        Err(self.flaw(Flaw::Trailing))
    }

    /// The next line, parsed; its bytes stay in the buffer.
    fn next(&mut self) -> Result<Line, ImportProblem> {
        self.buffer.clear();
        (&mut self.text).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.last() != Some(&b'\n') {
            if self.buffer.len() as u64 == LINE_BYTES_MAX {
                self.line += 1;
                return Err(self.flaw(Flaw::TooLong));
            }
            return Err(ImportProblem::Cut { line: self.line });
        }
        self.line += 1;
        serde_json::from_slice(&self.buffer).map_err(|_| {
            // A later format may have a first line of another shape, but it says its number in the same place.
            let header: Option<AnyHeader> = serde_json::from_slice(&self.buffer).ok();
            match header.map(|header| header.log.format).filter(|found| *found != FORMAT) {
                Some(found) => self.flaw(Flaw::Format { found, known: FORMAT }),
                None => self.flaw(Flaw::Shape),
            }
        })
    }

    fn flaw(&self, flaw: Flaw) -> ImportProblem {
        ImportProblem::Line { line: self.line, flaw }
    }
}

/// What the first line of an export says in every format.
#[derive(Deserialize)]
struct AnyHeader {
    log: AnyFormat,
}

#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

/// One export of a file, from its first line to its last.
pub(super) struct Section<'a> {
    lines: &'a mut Lines,
    sum: Context,
    head: Option<Position>,
    last: Option<Position>,
    ended: bool,
}

impl<'a> Section<'a> {
    /// Reads the first line, which must begin the export of this log.
    pub(super) fn begin(lines: &'a mut Lines, wanted: &Namespace) -> Result<Self, ImportProblem> {
        let header = match lines.next()? {
            Line::Log(header) => header,
            Line::Event(_) | Line::End(_) => return Err(lines.flaw(Flaw::Misplaced)),
        };
        if header.format != FORMAT {
            return Err(lines.flaw(Flaw::Format { found: header.format, known: FORMAT }));
        }
        let found = Namespace::parse(&header.namespace).map_err(|_| lines.flaw(Flaw::Shape))?;
        if found != *wanted {
            return Err(ImportProblem::OtherLog { line: lines.line, found, wanted: wanted.clone() });
        }
        let mut sum = Context::new(&SHA256);
        sum.update(&lines.buffer);
        Ok(Self { lines, sum, head: header.head.map(Position), last: None, ended: false })
    }

    /// The next event; `None` after the last line, which must fit all that came before it.
    pub(super) fn next(&mut self, so_far: &Running) -> Result<Option<Recorded>, ImportProblem> {
        if self.ended {
            return Ok(None);
        }
        match self.lines.next()? {
            Line::Event(written) => {
                let event = parsed(*written).map_err(|flaw| self.lines.flaw(flaw))?;
                if Some(event.position) <= self.last {
                    return Err(self.lines.flaw(Flaw::Misplaced));
                }
                self.last = Some(event.position);
                self.sum.update(&self.lines.buffer);
                Ok(Some(event))
            }
            Line::End(said) => {
                let lines = HEXLOWER.encode(self.sum.clone().finish().as_ref());
                let found = Trailer { events: so_far.events, digests: HEXLOWER.encode(&so_far.sum()), lines };
                if said != found {
                    return Err(self.lines.flaw(Flaw::Sums));
                }
                // No sum covers this line, so it must be written as it always is.
                if Line::End(found).written().ok().as_ref() != Some(&self.lines.buffer) {
                    return Err(self.lines.flaw(Flaw::Shape));
                }
                self.ended = true;
                Ok(None)
            }
            Line::Log(_) => Err(self.lines.flaw(Flaw::Misplaced)),
        }
    }

    /// The line that was just read.
    pub(super) fn line(&self) -> u64 {
        self.lines.line
    }

    /// The head that the log had.
    pub(super) fn head(&self) -> Option<Position> {
        self.head
    }
}

fn parsed(written: Written) -> Result<Recorded, Flaw> {
    let Written { position, stream, revision, id, event_type, data, meta, digest, stored_at } = written;
    let bytes = |text: String| BASE64.decode(text.as_bytes()).map(Bytes::from).map_err(|_| Flaw::Shape);
    let event = Recorded {
        position: Position(position),
        stream: StreamName::parse(&stream).map_err(|_| Flaw::Shape)?,
        revision: Revision(revision),
        id,
        event_type: EventType::parse(&event_type).map_err(|_| Flaw::Shape)?,
        data: bytes(data)?,
        meta: bytes(meta)?,
        stored_at,
    };
    match digest == HEXLOWER.encode(Digest::of(&event).as_bytes()) {
        true => Ok(event),
        false => Err(Flaw::Digest),
    }
}
