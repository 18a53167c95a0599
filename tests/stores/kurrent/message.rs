//! The common parts of several calls' messages: names, ids, events, and errors for invalid ones.

use std::collections::HashMap;
use std::fmt::Display;
use std::pin::Pin;

use futures_util::Stream;
use tonic::{Code, Status};
use uuid::Uuid;

use super::access::{internal_error, refused};
use super::log::Proposed;
use super::wire::event_store::client::{StreamIdentifier, Uuid as WireUuid, uuid as wire_uuid};

/// A stream of answers.
pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The name in an identifier.
pub fn name(identifier: Option<StreamIdentifier>) -> Result<String, Status> {
    let name = identifier.map(|identifier| identifier.stream_name).unwrap_or_default();
    String::from_utf8(name).ok().filter(|name| !name.is_empty()).ok_or_else(internal_error)
}

/// An id in either of its forms.
pub fn id(wire: Option<WireUuid>) -> Result<Uuid, Status> {
    match wire.and_then(|wire| wire.value) {
        Some(wire_uuid::Value::Structured(halves)) => Ok(Uuid::from_u64_pair(
            halves.most_significant_bits.cast_unsigned(),
            halves.least_significant_bits.cast_unsigned(),
        )),
        Some(wire_uuid::Value::String(text)) => Uuid::parse_str(&text).map_err(|_| internal_error()),
        None => Err(internal_error()),
    }
}

/// An event from the common parts of every proposal; its metadata contain its type and content type.
pub fn event(
    id: Uuid,
    mut said: HashMap<String, String>,
    data: Vec<u8>,
    metadata: Vec<u8>,
) -> Result<Proposed, Status> {
    let mut required = |key: &str| said.remove(key).ok_or_else(|| missing(key));
    let (event_type, content_type) = (required("type")?, required("content-type")?);
    if event_type.is_empty() {
        return Err(internal_error());
    }
    Ok(Proposed { id, event_type, content_type, data, metadata })
}

/// The size of an event in the limit of an append.
pub fn size(event: &Proposed) -> usize {
    event.data.len() + event.metadata.len() + 2 * event.event_type.len()
}

/// An argument that no client sends.
pub fn invalid(argument: &str) -> Status {
    Status::invalid_argument(format!("'None' is not a valid {argument}"))
}

fn missing(key: &str) -> Status {
    let words = format!("Required Metadata Property '{key}' is missing");
    let trailers: [(&'static str, &dyn Display); 2] =
        [("exception", &"missing-required-metadata-property"), ("required-metadata-properties", &"type,content-type")];
    refused(Code::InvalidArgument, &words, &trailers)
}
