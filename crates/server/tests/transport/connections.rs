//! The bounds of connections, on raw sockets: each is met by who sends nothing, too much or does not read, and by nobody else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use server::connections::{ConnectionLimits, ConnectionTimes};
use server::listen::{Bound, HEADERS_BYTES_MAX, REQUESTS_OF_CONNECTION_MAX};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::client::{BOUND, query, send};
use crate::toy::{self, TOKEN};

const SHORT: Duration = Duration::from_millis(200);

async fn serve(times: ConnectionTimes, limits: ConnectionLimits) -> SocketAddr {
    let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap().with_times(times).with_limits(limits);
    let address = bound.address();
    tokio::spawn(bound.run(toy::routes(Arc::default(), || true).await, std::future::pending()));
    address
}

/// Times that a test does not reach.
fn patient() -> ConnectionTimes {
    ConnectionTimes { request_max: BOUND * 2, write_max: BOUND * 2, exchange_max: BOUND * 2 }
}

fn many() -> ConnectionLimits {
    ConnectionLimits { all: 100, of_peer: 100 }
}

/// The first answer on a connection that stays open.
async fn answer(stream: &mut TcpStream) -> (String, String) {
    let read = async {
        let mut text = String::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if length.and_then(|length| length.parse().ok()).unwrap_or(0) <= body.len() {
                    return (head.to_owned(), body.to_owned());
                }
            }
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "it ended within an answer: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    timeout(BOUND, read).await.expect("an answer in time")
}

/// Sends these bytes again and again until the server ends the connection.
async fn is_ended_while_sending(mut stream: TcpStream, bytes: &[u8]) {
    let (mut reads, mut writes) = stream.split();
    let send = async {
        while writes.write_all(bytes).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let read = async {
        let mut buffer = [0; 4096];
        while reads.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    timeout(BOUND, async {
        tokio::select! { () = send => {}, () = read => {} }
    })
    .await
    .expect("it is ended in time");
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0carefold";

#[tokio::test]
async fn bytes_that_are_no_request_keep_no_connection() {
    let address = serve(ConnectionTimes { request_max: SHORT, ..patient() }, many()).await;
    let cases: [(&[u8], &[u8]); 5] = [
        (b"", b""),
        (b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-slow: ", b"x"),
        (b"P", b""),
        (&PREFACE[..20], b""),
        (PREFACE, PING),
    ];
    for (first, then) in cases {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(first).await.unwrap();
        if then.is_empty() {
            let end = timeout(BOUND, stream.read_to_end(&mut Vec::new())).await;
            end.expect("it is ended in time").unwrap();
        } else {
            is_ended_while_sending(stream, then).await;
        }
    }
    // The time begins again with each answer.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let began = Instant::now();
    while began.elapsed() < SHORT * 3 {
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.0.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(timeout(BOUND, stream.read_to_end(&mut Vec::new())).await.expect("in time").unwrap(), 0);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_of_its_answer_is_cut() {
    let address = serve(ConnectionTimes { write_max: SHORT, ..patient() }, many()).await;
    let fields: String = (0..41).map(|number| format!("f{number}: echo(text: $t) ")).collect();
    let document = format!("query($t: String!) {{ me {{ {fields} }} }}");
    let body = json!({ "query": document, "variables": { "t": "x".repeat(200_000) } }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let cut = async {
        while stream.take_error().unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, cut).await.expect("it is cut in time");
}

#[tokio::test]
async fn a_request_whose_body_or_answer_does_not_go_on_is_cut() {
    let address = serve(ConnectionTimes { exchange_max: SHORT, ..patient() }, many()).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{{"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let end = timeout(Duration::from_secs(5), stream.read_to_end(&mut Vec::new())).await;
    assert_eq!(end.expect("before the time for a body").unwrap_or(0), 0);
}

#[tokio::test]
async fn connections_that_send_nothing_keep_nobody_out() {
    let limits = ConnectionLimits { all: 8, of_peer: 4 };
    let address = serve(patient(), limits).await;
    let mut idle = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /health/live HTTP/1.1\r\n").await.unwrap();
        idle.push(stream);
        let answer = timeout(BOUND, query(address, "{ hello }")).await.expect("in time");
        assert_eq!(answer.status, 200);
    }
    let mut open = 0;
    for stream in &idle {
        open += usize::from(
            matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
        );
    }
    assert!(open <= limits.all, "{open} connections are open");
}

#[tokio::test]
async fn headers_are_bounded() {
    let address = serve(patient(), many()).await;
    let with = |bytes: usize| {
        format!(
            "GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-long: {}\r\n\r\n",
            "x".repeat(bytes)
        )
    };
    let max = usize::try_from(HEADERS_BYTES_MAX).unwrap();
    assert_eq!(send(address, with(max - 1_000).as_bytes()).await.status, 200);
    assert_eq!(send(address, with(max + 1_000).as_bytes()).await.status, 431);
}

#[tokio::test]
async fn the_requests_of_one_connection_are_bounded() {
    let address = serve(patient(), many()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    // The first frame is the settings: pairs of a number of two bytes and a value of four.
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "{head:?}");
    let mut settings = vec![0; usize::from(head[1]) * 256 + usize::from(head[2])];
    stream.read_exact(&mut settings).await.unwrap();
    let setting = |number: u8| {
        let found = settings.chunks(6).find(|pair| pair[..2] == [0, number])?;
        Some(u32::from_be_bytes(found[2..6].try_into().ok()?))
    };
    assert_eq!(setting(3), Some(REQUESTS_OF_CONNECTION_MAX));
    assert_eq!(setting(6), Some(HEADERS_BYTES_MAX));
}

#[tokio::test]
async fn a_refusal_before_the_body_was_read_leaves_the_connection_in_order() {
    let address = serve(patient(), many()).await;
    let credential = format!("authorization: Bearer {TOKEN}\r\n");
    let json = "content-type: application/json\r\n";
    let body = "x".repeat(100_000);
    let refused = [
        (401, "/graphql", json.to_owned()),
        (415, "/graphql", credential.clone()),
        (404, "/nowhere", credential.clone()),
        (421, "/graphql", format!("host: evil.example\r\n{credential}{json}")),
    ];
    for (status, path, headers) in refused {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let host = if headers.contains("host:") { "" } else { "host: localhost\r\n" };
        let request = format!("POST {path} HTTP/1.1\r\n{host}{headers}content-length: {}\r\n\r\n", body.len());
        for _ in 0..2 {
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.write_all(body.as_bytes()).await.unwrap();
            let (head, _) = answer(&mut stream).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && !head.contains("connection: close"), "{head}");
        }
        // The next request is read from its beginning.
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let (head, body) = answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200 ") && body == "{\"live\":true}", "{status}: {head} {body}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_body_that_is_too_long_ends_the_connection_and_arrives() {
    let address = serve(patient(), many()).await;
    let long = 4 * 1024 * 1024;
    for (status, headers, sent) in [
        (413, format!("authorization: Bearer {TOKEN}\r\n"), long),
        (401, String::new(), long),
        // Nothing more comes, and the client waits.
        (401, String::new(), 10),
        (401, "expect: 100-continue\r\n".to_owned(), 0),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}content-length: {long}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // A client that sends first and reads then; the server may end before it has sent all.
        let _ = stream.write_all("{".repeat(sent).as_bytes()).await;
        let (head, _) = answer(&mut stream).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && head.contains("connection: close"), "{head}");
        let end = timeout(BOUND, stream.read_to_end(&mut Vec::new())).await.expect("it ends in time");
        assert_eq!(end.unwrap_or(0), 0);
    }
}
