//! GraphQL over WebSocket: each rule of the protocol, each bound, and each end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::connections::ConnectionTimes;
use server::listen::Bound;
use server::live::{Live, LiveLimits};
use server::websocket::{MESSAGES_A_SECOND_MAX, SUBSCRIPTIONS_MAX, SocketTimes};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::client::{BOUND, bearer, socket};
use crate::toy::{self, OTHER_TOKEN, SHORT_TOKEN, Seen, TOKEN};

pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    pub live: Arc<Live>,
}

/// Times that a test does not reach.
pub fn patient() -> SocketTimes {
    SocketTimes {
        init_max: BOUND * 2,
        ping: BOUND * 2,
        silence_max: BOUND * 2,
        write_max: BOUND * 2,
        close_max: Duration::from_millis(300),
    }
}

async fn bind() -> Bound {
    Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

pub async fn serve(times: SocketTimes, limits: LiveLimits) -> Server {
    serve_at(bind().await, times, limits).await
}

async fn serve_at(bound: Bound, times: SocketTimes, limits: LiveLimits) -> Server {
    let (seen, live) = (Arc::<Seen>::default(), Live::new(limits));
    let address = bound.address();
    let routes = toy::live_routes(Arc::clone(&seen), || true, Arc::clone(&live), times).await;
    tokio::spawn(bound.run(routes, std::future::pending()));
    Server { address, seen, live }
}

/// Waits for a condition, with a bound.
pub async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, wait).await.expect("it becomes true");
}

struct Client(WebSocketStream<TcpStream>);

async fn connect(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    socket(address, headers).await.map(Client)
}

impl Client {
    async fn open(server: &Server) -> Self {
        connect(server.address, &[]).await.unwrap()
    }

    /// A socket whose credential was accepted.
    async fn signed_in(server: &Server, token: &str) -> Self {
        let mut client = Self::open(server).await;
        client.say(init(token)).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    async fn message(&mut self) -> Option<Message> {
        tokio::time::timeout(BOUND, self.0.next()).await.expect("in time").transpose().ok().flatten()
    }

    async fn hear(&mut self) -> Value {
        match self.message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("a message of the protocol, not {other:?}"),
        }
    }

    /// The code and the reason with which the server closes.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.message().await {
                Some(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Message::Text(_) | Message::Ping(_)) => {}
                other => panic!("a close frame, not {other:?}"),
            }
        }
    }
}

fn init(token: &str) -> Value {
    json!({ "type": "connection_init", "payload": { "authorization": bearer(token) } })
}

#[tokio::test]
async fn a_subscription_is_told_and_completed() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client
        .say(json!({ "type": "subscribe", "id": "1", "payload": {
        "query": "subscription Count($to: Int!) { count(to: $to) } query Other { hello }",
        "operationName": "Count", "variables": { "to": 3 } } }))
        .await;
    for number in 1..=3 {
        let next = json!({ "type": "next", "id": "1", "payload": { "data": { "count": number } } });
        assert_eq!(client.hear().await, next);
    }
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));
    // The id is free again.
    client.subscribe("1", "subscription { count(to: 0) }").await;
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));
}

#[tokio::test]
async fn the_credential_is_in_the_upgrade_or_in_the_first_message() {
    let server = serve(patient(), LiveLimits::default()).await;
    let bearer = bearer(OTHER_TOKEN);
    let mut client = connect(server.address, &[("authorization", &bearer)]).await.unwrap();
    client.say(json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await["type"], "connection_ack");
    client.subscribe("1", "subscription { silent }").await;
    assert_eq!(client.hear().await["payload"]["data"]["silent"], "ben");
    for (headers, message) in [
        (vec![], init("wrong")),
        (vec![], json!({ "type": "connection_init" })),
        (vec![], json!({ "type": "connection_init", "payload": { "authorization": 7 } })),
        (vec![], json!({ "type": "connection_init", "payload": { "authorization": "Bearer a\nb" } })),
        // Two credentials are none.
        (vec![("authorization", bearer.as_str())], init(TOKEN)),
    ] {
        let mut client = connect(server.address, &headers).await.unwrap();
        client.say(message.clone()).await;
        assert_eq!(client.closed().await, (4403, "Forbidden".to_owned()), "{message}");
    }
}

#[tokio::test]
async fn what_the_protocol_forbids_closes_the_socket() {
    let server = serve(patient(), LiveLimits::default()).await;
    let silent = |id: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": "subscription { silent }" } });
    let table = [
        ("subscribe before init", vec![silent("1")], 4401),
        ("second init", vec![init(TOKEN), init(TOKEN)], 4429),
        ("duplicate id", vec![init(TOKEN), silent("1"), silent("1")], 4409),
        ("unknown type", vec![json!({ "type": "start", "id": "1" })], 4400),
        ("no type", vec![json!({ "id": "1" })], 4400),
        ("an array", vec![json!([])], 4400),
        ("no query", vec![init(TOKEN), json!({ "type": "subscribe", "id": "1", "payload": {} })], 4400),
        ("no id", vec![init(TOKEN), json!({ "type": "subscribe", "payload": { "query": "{ hello }" } })], 4400),
        ("an empty id", vec![init(TOKEN), silent("")], 4400),
        ("a long id", vec![init(TOKEN), silent(&"x".repeat(129))], 4400),
    ];
    for (name, messages, code) in table {
        let mut client = Client::open(&server).await;
        for message in messages {
            client.say(message).await;
        }
        let (closed, reason) = client.closed().await;
        assert_eq!(closed, code, "{name}: {reason}");
        assert!(!reason.is_empty() && reason.len() <= 123, "{name}: {reason}");
    }
    for frame in [Message::binary("{}"), Message::text("{"), Message::text("\u{1F3E5}"), Message::text("")] {
        let mut client = Client::open(&server).await;
        client.0.send(frame.clone()).await.unwrap();
        assert_eq!(client.closed().await.0, 4400, "{frame}");
    }
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_message_that_is_too_large_or_one_of_too_many_ends_the_socket() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    // The network may fail while it is sent, since the server stops to read.
    drop(client.0.send(Message::text("x".repeat(300 * 1024))).await);
    while let Some(message) = client.message().await {
        assert!(message.is_close(), "{message:?}");
    }
    let mut client = Client::signed_in(&server, TOKEN).await;
    for _ in 0..=MESSAGES_A_SECOND_MAX {
        client.say(json!({ "type": "pong" })).await;
    }
    assert_eq!(client.closed().await, (4429, "too many messages within a second".to_owned()));
}

#[tokio::test]
async fn a_refused_subscription_is_an_error_and_the_others_go_on() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client.subscribe("kept", "subscription { silent }").await;
    assert_eq!(client.hear().await["type"], "next");
    for (query, code) in [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: count(to: 1) b: count(to: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ...F } fragment F on Subscription { count(to: 1) silent }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($to: Int!) { count(to: $to) }", "BAD_USER_INPUT"),
        ("query { hello }", "BAD_USER_INPUT"),
        ("mutation { act }", "BAD_USER_INPUT"),
        ("subscription { fails }", "BAD_USER_INPUT"),
    ] {
        client.subscribe("x", query).await;
        let error = client.hear().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("x")), "{query}: {error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}: {error}");
    }
    assert_eq!(server.seen.mutations.load(Ordering::SeqCst), 0);
    // One that fails after its beginning ends with that, and tells nothing of the server.
    client.subscribe("x", "subscription { breaks }").await;
    assert_eq!(client.hear().await["payload"]["data"]["breaks"], 1);
    let failed = client.hear().await;
    assert_eq!(failed["payload"]["errors"][0]["extensions"]["code"], "INTERNAL");
    assert!(!failed.to_string().contains("secret"), "{failed}");
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "x" }));
    for number in 1..SUBSCRIPTIONS_MAX {
        client.subscribe(&number.to_string(), "subscription { silent }").await;
        assert_eq!(client.hear().await["type"], "next");
    }
    client.subscribe("one more", "subscription { silent }").await;
    let error = client.hear().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{error}");
    assert_eq!(server.seen.stuck.load(Ordering::SeqCst), SUBSCRIPTIONS_MAX);
    // What the client completes is dropped, and leaves its place.
    client.say(json!({ "type": "complete", "id": "kept" })).await;
    client.subscribe("one more", "subscription { silent }").await;
    assert_eq!(client.hear().await["id"], "one more");
    assert_eq!(server.seen.stuck.load(Ordering::SeqCst), SUBSCRIPTIONS_MAX);
    drop(client);
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_subscription_that_panics_ends_with_an_error() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client.subscribe("1", "subscription { panics(atOnce: true) }").await;
    let error = client.hear().await;
    assert_eq!((&error["type"], &error["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("INTERNAL")));
    client.subscribe("1", "subscription { panics(atOnce: false) }").await;
    assert_eq!(client.hear().await["payload"]["data"]["panics"], 1);
    let failed = client.hear().await;
    assert_eq!(failed["payload"]["errors"][0]["extensions"]["code"], "INTERNAL", "{failed}");
    assert!(!failed.to_string().contains("test"), "{failed}");
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));
}

#[tokio::test]
async fn a_close_of_the_client_is_answered() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client.subscribe("1", "subscription { silent }").await;
    assert_eq!(client.hear().await["type"], "next");
    let frame = CloseFrame { code: CloseCode::Normal, reason: "done".into() };
    client.0.send(Message::Close(Some(frame))).await.unwrap();
    assert_eq!(client.closed().await, (1000, "done".to_owned()));
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_ping_is_answered_and_the_server_pings() {
    let short = Duration::from_millis(50);
    let server = serve(SocketTimes { ping: short, ..patient() }, LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client.say(json!({ "type": "ping", "payload": { "a": 1 } })).await;
    let mut heard = [client.hear().await, client.hear().await];
    heard.sort_by_key(|message| message["type"].to_string());
    assert_eq!(heard[0], json!({ "type": "ping" }));
    assert!(heard[1] == json!({ "type": "pong", "payload": { "a": 1 } }) || heard[1] == heard[0], "{heard:?}");
}

#[tokio::test]
async fn a_socket_that_does_not_begin_or_falls_silent_is_closed() {
    let short = Duration::from_millis(100);
    let server = serve(SocketTimes { init_max: short, ..patient() }, LiveLimits::default()).await;
    let mut client = Client::open(&server).await;
    assert_eq!(client.closed().await, (4408, "Connection initialisation timeout".to_owned()));
    // Pings are no beginning.
    let mut client = Client::open(&server).await;
    client.say(json!({ "type": "ping" })).await;
    assert_eq!(client.closed().await.0, 4408);
    let server = serve(SocketTimes { silence_max: short, ..patient() }, LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    client.subscribe("1", "subscription { silent }").await;
    assert_eq!(client.closed().await, (4408, "no message for too long".to_owned()));
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_socket_may_be_silent_for_longer_than_an_idle_connection() {
    let request_max = Duration::from_millis(50);
    let bound = bind().await.with_times(ConnectionTimes { request_max, ..ConnectionTimes::default() });
    let server =
        serve_at(bound, SocketTimes { ping: Duration::from_millis(200), ..patient() }, LiveLimits::default()).await;
    // A connection that asks for nothing is closed.
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(tokio::time::timeout(BOUND, idle.read(&mut [0; 64])).await.expect("in time").unwrap_or(0), 0);
    let mut client = Client::signed_in(&server, TOKEN).await;
    for _ in 0..4 {
        assert_eq!(client.hear().await, json!({ "type": "ping" }));
    }
    client.subscribe("1", "subscription { count(to: 0) }").await;
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));
}

#[tokio::test]
async fn a_socket_ends_when_its_credential_expires() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, SHORT_TOKEN).await;
    client.subscribe("1", "subscription { silent }").await;
    assert_eq!(client.closed().await, (4403, "the credential has expired".to_owned()));
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_completes_nothing() {
    let server = serve(patient(), LiveLimits::default()).await;
    let mut client = Client::signed_in(&server, TOKEN).await;
    for id in ["1", "2"] {
        client.subscribe(id, "subscription { silent }").await;
        assert_eq!(client.hear().await["type"], "next");
    }
    server.live.stop();
    // The clients of the protocol do not come back to what was completed.
    let close = client.message().await;
    assert!(matches!(&close, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 1001), "{close:?}");
    tokio::time::timeout(BOUND, server.live.sockets_closed()).await.expect("all sockets are closed");
    assert_eq!(server.seen.stuck.load(Ordering::SeqCst), 0);
    let refused = connect(server.address, &[]).await;
    assert!(matches!(&refused, Err(Error::Http(answer)) if answer.status() == 503), "{:?}", refused.err());
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_left_and_costs_nobody_else() {
    let short = Duration::from_millis(300);
    let server = serve(SocketTimes { write_max: short, ..patient() }, LiveLimits::default()).await;
    let mut slow = Client::signed_in(&server, TOKEN).await;
    for id in ["1", "2", "3"] {
        slow.subscribe(id, "subscription { endless }").await;
    }
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 3).await;
    let mut other = Client::signed_in(&server, OTHER_TOKEN).await;
    other.subscribe("1", "subscription { count(to: 100) }").await;
    for number in 1..=100 {
        assert_eq!(other.hear().await["payload"]["data"]["count"], number);
    }
    until(|| server.seen.stuck.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn one_person_does_not_take_all_places() {
    let limits = LiveLimits { streams_max: 3, streams_of_person_max: 2 };
    let server = serve(patient(), limits).await;
    let _kept = [Client::signed_in(&server, TOKEN).await, Client::signed_in(&server, TOKEN).await];
    let mut third = Client::open(&server).await;
    third.say(init(TOKEN)).await;
    assert_eq!(third.closed().await, (4429, "too many streams of one person; close some".to_owned()));
    let last = Client::signed_in(&server, OTHER_TOKEN).await;
    // Nobody can help that, so the client comes back by itself.
    let mut fourth = Client::open(&server).await;
    fourth.say(init(OTHER_TOKEN)).await;
    assert_eq!(fourth.closed().await.0, 1013);
    drop(last);
}

#[tokio::test]
async fn only_the_protocol_and_pages_of_allowed_origins_are_taken() {
    let server = serve(patient(), LiveLimits::default()).await;
    let own = format!("http://{}", server.address);
    for (headers, status) in [
        (vec![("sec-websocket-protocol", "graphql-ws")], 400),
        (vec![("sec-websocket-protocol", "soap, graphql-ws")], 400),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "http://127.0.0.1:1")], 403),
        (vec![("origin", own.as_str())], 101),
    ] {
        match connect(server.address, &headers).await {
            Ok(mut client) => {
                client.say(init(TOKEN)).await;
                assert_eq!(
                    (client.hear().await["type"].as_str(), status),
                    (Some("connection_ack"), 101),
                    "{headers:?}"
                );
            }
            Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), status, "{headers:?}"),
            Err(other) => panic!("{headers:?}: {other}"),
        }
    }
}
