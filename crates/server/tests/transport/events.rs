//! GraphQL over server-sent events: what is answered, and each end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use server::live::LiveLimits;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use crate::client::{Events, bearer, send};
use crate::sockets::{Server, patient, serve, until};
use crate::toy::{OTHER_TOKEN, SHORT_TOKEN, TOKEN};

async fn server() -> Server {
    serve(patient(), LiveLimits::default()).await
}

#[tokio::test]
async fn a_subscription_is_told_as_events_and_completed() {
    let server = server().await;
    let mut events = Events::open(server.address, &bearer(TOKEN), "subscription { count(to: 2) }").await;
    // The last chunk of the body ends the answer, and not the connection.
    events.until_text("\r\n0\r\n").await;
    assert!(events.read.starts_with("HTTP/1.1 200"), "{}", events.read);
    for header in ["content-type: text/event-stream; charset=utf-8", "cache-control: no-store", "x-accel-buffering: no"]
    {
        assert!(events.read.contains(header), "{header}: {}", events.read);
    }
    let (_, body) = events.read.split_once("\r\n\r\n").unwrap();
    let lines: Vec<_> = body.lines().filter(|line| line.starts_with("event: ") || line.starts_with("data: ")).collect();
    let expected = [
        "event: next",
        r#"data: {"data":{"count":1}}"#,
        "event: next",
        r#"data: {"data":{"count":2}}"#,
        "event: complete",
        "data: ",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn what_is_refused_is_no_stream() {
    let server = server().await;
    for (token, query, status, code) in [
        ("wrong", "subscription { count(to: 1) }", 401, "UNAUTHENTICATED"),
        (TOKEN, "subscription { nothing }", 400, "GRAPHQL_VALIDATION_FAILED"),
        (TOKEN, "subscription {", 400, "GRAPHQL_PARSE_FAILED"),
        (TOKEN, "query { hello }", 406, "BAD_USER_INPUT"),
        (TOKEN, "mutation { act }", 406, "BAD_USER_INPUT"),
    ] {
        let body = json!({ "query": query }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = send(server.address, request.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (status, code.to_owned()), "{query}: {answer:?}");
    }
    assert_eq!(server.seen.mutations.load(Ordering::SeqCst), 0);
    // Some clients accept everything with every request.
    let both = "accept: application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    let answer =
        crate::request(server.address, "POST /graphql", &[crate::JSON, both], r#"{"query":"{ hello }"}"#).await;
    assert_eq!((answer.status, &answer.json()["data"]["hello"]), (200, &json!("world")));
    // One without the media type is told how.
    let answer = crate::query(server.address, "subscription { count(to: 1) }").await;
    assert!(answer.code() == "BAD_USER_INPUT" && answer.body.contains("text/event-stream"), "{answer:?}");
}

#[tokio::test]
async fn a_client_that_accepts_both_gets_what_fits_its_operation() {
    let server = server().await;
    // As urql sends it for every query.
    let accept = "accept: application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    for (query, content_type) in [
        ("query { hello }", "content-type: application/graphql-response+json"),
        ("mutation { act }", "content-type: application/graphql-response+json"),
        ("subscription { count(to: 1) }", "content-type: text/event-stream"),
    ] {
        let body = json!({ "query": query }).to_string();
        let headers = ["content-type: application/json", accept];
        let answer = crate::client::request(server.address, "POST /graphql", &headers, &body).await;
        assert!(answer.status == 200 && answer.head.contains(content_type), "{query}: {answer:?}");
    }
    assert_eq!(server.seen.mutations.load(Ordering::SeqCst), 1);
    let line = "GET /graphql?query=subscription%20%7B%20count(to%3A%201)%20%7D";
    let answer = crate::client::request(server.address, line, &["accept: text/event-stream"], "").await;
    assert!(answer.status == 200 && answer.body.contains("event: complete"), "{answer:?}");
}

/// The server closes a connection on which nothing is sent for 30 seconds.
#[tokio::test(start_paused = true)]
async fn an_event_stream_is_not_idle() {
    let server = server().await;
    let mut events = Events::open(server.address, &bearer(TOKEN), "subscription { silent }").await;
    let begun = Instant::now();
    let mut buffer = [0; 4096];
    while events.read.matches(":\n\n").count() < 12 {
        let count = events.stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "it ended: {}", events.read);
        events.read.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    assert!(begun.elapsed() > Duration::from_secs(120), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stream_ends_with_its_credential_and_with_the_server() {
    let server = server().await;
    let mut events = Events::open(server.address, &bearer(SHORT_TOKEN), "subscription { silent }").await;
    events.until_text("event: complete").await;
    assert!(events.read.contains("UNAUTHENTICATED"), "{}", events.read);
    let mut events = Events::open(server.address, &bearer(TOKEN), "subscription { silent }").await;
    events.until_text(r#"{"silent":"ada"}"#).await;
    server.live.stop();
    events.until_text("\r\n0\r\n").await;
    assert!(!events.read.contains("complete"), "the client comes back to what was not completed: {}", events.read);
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_stream_whose_client_has_gone_is_dropped_and_leaves_its_place() {
    let limits = LiveLimits { streams_max: 1, streams_of_person_max: 1 };
    let server = serve(patient(), limits).await;
    let mut events = Events::open(server.address, &bearer(TOKEN), "subscription { silent }").await;
    events.until_text(r#"{"silent":"ada"}"#).await;
    let mut refused = Events::open(server.address, &bearer(OTHER_TOKEN), "subscription { silent }").await;
    refused.until_text("UNAVAILABLE").await;
    drop(events);
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
    let mut events = Events::open(server.address, &bearer(OTHER_TOKEN), "subscription { silent }").await;
    events.until_text(r#"{"silent":"ben"}"#).await;
}
