//! The upgrade of a request to a WebSocket (RFC 6455): the handshake, and the types of an open socket.

use std::future::Future;

pub(crate) use poem::web::websocket::{CloseCode, Message, WebSocketStream};
use poem::web::websocket::{WebSocket, WebSocketConfig};
use poem::{FromRequest, IntoResponse, Request};

use crate::response::Response;

/// The protocol and the sizes of a socket, in bytes.
pub(crate) struct SocketShape {
    pub protocol: &'static str,
    /// Of what is read and written at once.
    pub buffer_bytes: usize,
    /// The longest message of the client.
    pub message_bytes_max: usize,
}

/// The response that opens a socket, which `run` serves; none if the request is no handshake.
pub(crate) async fn upgrade<F>(
    request: &Request,
    SocketShape { protocol, buffer_bytes, message_bytes_max }: SocketShape,
    run: impl FnOnce(WebSocketStream) -> F + Send + Sync + 'static,
) -> Option<Response>
where
    F: Future<Output = ()> + Send + 'static,
{
    let socket = WebSocket::from_request_without_body(request).await.ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(buffer_bytes)
        .write_buffer_size(buffer_bytes)
        .max_write_buffer_size(message_bytes_max)
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max));
    let upgraded = socket.config(config).protocols([protocol]).on_upgrade(run);
    Some(Response::of_notices(upgraded.into_response()))
}
