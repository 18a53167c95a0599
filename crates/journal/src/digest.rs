//! The digest of an event: SHA-256 over everything that its writer supplied, computed here for every backend.
//!
//! A backend stores it beside the event and compares it at each read, so a byte that changed in the store is detected
//! when it is read. Position and storing time come from the store and are not covered; a store that does not protect
//! them also stores [`row_check`].
//!
//! The format never changes: every part is preceded by its length as eight bytes, big-endian, and numbers are eight
//! bytes, big-endian. So two different events never have the same hashed bytes.

use aws_lc_rs::digest::{Context, SHA256};

use crate::{Append, NewEvent, Position, Recorded, Revision, StreamName};

const ROW_CHECK_BYTES: usize = 8;

/// The length of a digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// A SHA-256 over (stream, revision, id, event type, data, meta).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; DIGEST_BYTES]);

impl Digest {
    /// The digest of an event that is to become `revision` of `stream`.
    pub fn of_new(stream: &StreamName, revision: Revision, event: &NewEvent) -> Self {
        over([
            stream.as_str().as_bytes(),
            &revision.0.to_be_bytes(),
            event.id.as_bytes(),
            event.event_type.as_str().as_bytes(),
            &event.data,
            &event.meta,
        ])
    }

    /// The digest that an event should have been stored with.
    pub fn of(event: &Recorded) -> Self {
        over([
            event.stream.as_str().as_bytes(),
            &event.revision.0.to_be_bytes(),
            event.id.as_bytes(),
            event.event_type.as_str().as_bytes(),
            &event.data,
            &event.meta,
        ])
    }

    /// Its bytes, as they are stored.
    pub fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }
}

/// An append with the digest of each event. The callers compute the digests in parallel; the one writer only writes.
pub(crate) struct Hashed {
    pub append: Append,
    pub digests: Vec<Digest>,
}

impl Hashed {
    pub(crate) fn of(append: Append) -> Self {
        let first = append.expected.first().0;
        // It saturates above the highest revision; such an append is refused, and its digests are not used.
        let digest = |(index, event)| Digest::of_new(&append.stream, Revision(first.saturating_add(index)), event);
        let digests = (0..).zip(&append.events).map(digest).collect();
        Self { append, digests }
    }
}

/// What else must be right about a stored event: its place in the log and its time, bound to its digest.
pub(crate) fn row_check(digest: &Digest, position: Position, stored_at_us: i64) -> [u8; ROW_CHECK_BYTES] {
    let mut context = Context::new(&SHA256);
    context.update(digest.as_bytes());
    context.update(&position.0.to_be_bytes());
    context.update(&stored_at_us.to_be_bytes());
    first(context)
}

fn over(parts: [&[u8]; 6]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    Digest(first(context))
}

/// The first bytes of what was hashed.
fn first<const BYTES: usize>(context: Context) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;
    use crate::EventType;

    fn event(event_type: &str, data: &'static [u8], meta: &'static [u8]) -> NewEvent {
        NewEvent {
            id: Uuid::from_u128(7),
            event_type: EventType::parse(event_type).expect("a type"),
            data: Bytes::from_static(data),
            meta: Bytes::from_static(meta),
        }
    }

    fn stream(name: &str) -> StreamName {
        StreamName::parse(name).expect("name")
    }

    /// Stored logs have these digests: with another format each of them would count as damaged.
    #[test]
    fn the_form_of_the_digest_does_not_change() {
        let found = Digest::of_new(&stream("a-1"), Revision(3), &event("a.b", b"data", b"{}"));
        let hex: String = found.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "77e6c5100198d95f93425770a8a0dd2e60759510f99755d18248c756efb4d8e7");
    }

    #[test]
    fn each_part_counts_and_none_runs_into_the_next() {
        let base = Digest::of_new(&stream("a-1"), Revision(3), &event("a.b", b"data", b"{}"));
        let other_id = NewEvent { id: Uuid::from_u128(8), ..event("a.b", b"data", b"{}") };
        for other in [
            Digest::of_new(&stream("a-2"), Revision(3), &event("a.b", b"data", b"{}")),
            Digest::of_new(&stream("a-1"), Revision(4), &event("a.b", b"data", b"{}")),
            Digest::of_new(&stream("a-1"), Revision(3), &other_id),
            Digest::of_new(&stream("a-1"), Revision(3), &event("a.c", b"data", b"{}")),
            Digest::of_new(&stream("a-1"), Revision(3), &event("a.b", b"datb", b"{}")),
            Digest::of_new(&stream("a-1"), Revision(3), &event("a.b", b"data{", b"}")),
        ] {
            assert_ne!(other, base);
        }
    }
}
