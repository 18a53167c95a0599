//! How an event is written to the care log: the name of its stream, and the event with its envelope. `recorded_event.rs` reads
//! it back.

use bytes::Bytes;
use care::envelope::Metadata;
use care::event::{Event, EventSet, Stream};
use care::ids::{EventId, Id};
use journal::{EventType, NewEvent, StreamName};

use crate::fault::Fault;

/// The name of a stream in the log.
pub(crate) fn stream_name(stream: &Stream) -> Result<StreamName, Fault> {
    StreamName::parse(&stream.to_string()).map_err(|_| Fault::Row("a stream's name"))
}

/// An event with its envelope. Its texts are sealed.
pub(crate) fn written(event: &Event, id: EventId, metadata: &Metadata) -> Result<NewEvent, Fault> {
    Ok(NewEvent {
        id: id.uuid(),
        event_type: EventType::parse(event.kind()).map_err(|_| Fault::Row("an event type"))?,
        data: Bytes::from(event.encode()?),
        meta: Bytes::from(metadata.encode(event.version())),
    })
}
