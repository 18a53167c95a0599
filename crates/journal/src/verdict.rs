//! What an append amounts to, given where its stream is: to be written, there already, or refused.
//!
//! This is the one place where a repeat is told from a conflict. A backend asks while it holds whatever keeps
//! others from writing, and acts on the answer under the same hold.

use uuid::Uuid;

use crate::{Append, AppendError, Appended, Position, Revision, StreamName};

/// What is to be done with an append.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The stream is where it is expected and every id is new: write it.
    Write,
    /// All of it was written before: this is the answer of then.
    Duplicate(Appended),
    /// Write nothing, and say this.
    Refuse(AppendError),
}

/// Where an event id is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub stream: StreamName,
    pub revision: Revision,
    pub position: Position,
}

/// Judges an append, with `tail` the last revision of its stream and `find` the place of an event id.
pub(crate) fn judge<E>(
    append: &Append,
    tail: Option<Revision>,
    mut find: impl FnMut(Uuid) -> Result<Option<Place>, E>,
) -> Result<Verdict, E> {
    let first = append.expected.first();
    let next = tail.map_or(0, |last| last.0.saturating_add(1));
    let conflict = || {
        Verdict::Refuse(AppendError::Conflict {
            stream: append.stream.clone(),
            expected: append.expected,
            actual: tail,
        })
    };
    if next < first.0 {
        return Ok(conflict());
    }
    if next == first.0 {
        for event in &append.events {
            if find(event.id)?.is_some() {
                return Ok(Verdict::Refuse(AppendError::IdReused { id: event.id }));
            }
        }
        return Ok(Verdict::Write);
    }
    // The stream is past the expectation: either this very append was written before, or something else was.
    let mut last = None;
    for (revision, event) in (first.0..).zip(&append.events) {
        match find(event.id)? {
            Some(place) if place.stream == append.stream && place.revision.0 == revision => last = Some(place),
            Some(place) if place.stream != append.stream => {
                return Ok(Verdict::Refuse(AppendError::IdReused { id: event.id }));
            }
            Some(_) | None => return Ok(conflict()),
        }
    }
    Ok(last.map_or_else(conflict, |last| {
        Verdict::Duplicate(Appended { first, last: last.revision, position: last.position })
    }))
}
