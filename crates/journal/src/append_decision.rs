//! Decides an append by the revision of its stream: it is written, was written before, or is refused.
//!
//! Only this module distinguishes a repeat from a conflict. A backend calls it while it holds the lock that excludes
//! other writers, and acts on the decision under the same lock.

use uuid::Uuid;

use crate::{Append, AppendError, Appended, Position, Revision, StreamName};

/// The decision about an append.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AppendDecision {
    /// The stream is where it is expected and every id is new: write it.
    Write,
    /// All of it was written before: this was the first answer.
    Duplicate(Appended),
    /// Write nothing, and return this error.
    Refuse(AppendError),
}

/// Where an event id is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventLocation {
    pub stream: StreamName,
    pub revision: Revision,
    pub position: Position,
}

/// Decides an append. `tail` is the last revision of its stream, `find` returns the place of an event id.
pub(crate) fn decide_append<E>(
    append: &Append,
    tail: Option<Revision>,
    mut find: impl FnMut(Uuid) -> Result<Option<EventLocation>, E>,
) -> Result<AppendDecision, E> {
    let first = append.expected.first();
    let next = tail.map_or(0, |last| last.0.saturating_add(1));
    let conflict = || {
        AppendDecision::Refuse(AppendError::Conflict {
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
                return Ok(AppendDecision::Refuse(AppendError::IdReused { id: event.id }));
            }
        }
        return Ok(AppendDecision::Write);
    }
    // The stream is past the expectation: either this very append was written before, or something else was.
    let mut last = None;
    for (revision, event) in (first.0..).zip(&append.events) {
        match find(event.id)? {
            Some(location) if location.stream == append.stream && location.revision.0 == revision => {
                last = Some(location)
            }
            Some(location) if location.stream != append.stream => {
                return Ok(AppendDecision::Refuse(AppendError::IdReused { id: event.id }));
            }
            Some(_) | None => return Ok(conflict()),
        }
    }
    Ok(last.map_or_else(conflict, |last| {
        AppendDecision::Duplicate(Appended { first, last: last.revision, position: last.position })
    }))
}
