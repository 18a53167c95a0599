//! The transport on a real socket: its answers, its refusals, and that it still answers after a failure.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

mod client;
mod connections;
mod events;
mod fuzz;
mod hostile;
mod sockets;
mod toy;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use client::{GRAPHQL, JSON, post, query, request, send};
use serde_json::{Value, json};
use server::answer_limits::ANSWER_BYTES_MAX;
use server::listen::Bound;
use server::quotas::{COMMANDS_A_MINUTE_MAX, WRITTEN_BYTES_EACH};
use tokio::sync::oneshot;
use toy::{Seen, TOKEN};

/// Starts a server; it stops with the runtime of its test.
async fn serve(seen: &Arc<Seen>) -> SocketAddr {
    let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    tokio::spawn(bound.run(toy::routes(Arc::clone(seen), || true).await, std::future::pending()));
    address
}

async fn server() -> SocketAddr {
    serve(&Arc::default()).await
}

#[tokio::test]
async fn a_query_is_answered_within_its_session() {
    let seen = Arc::default();
    let address = serve(&seen).await;
    let answer = query(address, "{ hello caller people(first: 2) { name } }").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({
            "data": { "hello": "world", "caller": "ada", "people": [{ "name": "0" }, { "name": "1" }] },
            "extensions": { "cost": { "requested": 5, "max": 20000 }, "position": 5 },
        })
    );
    assert_eq!(seen.finished.load(Ordering::SeqCst), 1);
    assert_eq!(answer.header("content-type"), Some("application/graphql-response+json; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-carefold-mode"), Some("demo"));
    let id = answer.header("x-request-id").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_ne!(query(address, "{ hello }").await.header("x-request-id"), Some(id));
}

#[tokio::test]
async fn fields_keep_their_order_and_a_failed_non_null_field_makes_its_parent_null() {
    let address = server().await;
    // Compares the text, because a parsed object does not keep the order.
    let answer = query(address, "{ slow hello z: slow a: hello }").await;
    assert!(answer.body.contains(r#""data":{"slow":7,"hello":"world","z":7,"a":"world"}"#), "{answer:?}");
    // A cached document gives the same order.
    let again = query(address, "{ slow hello z: slow a: hello }").await;
    assert_eq!(answer.body, again.body);

    let failed = query(address, "{ hello maybe { fine required } }").await;
    assert_eq!(failed.status, 200, "part of it was answered");
    let body = failed.json();
    assert_eq!(body["data"], json!({ "hello": "world", "maybe": null }));
    assert_eq!(body["errors"][0]["path"], json!(["maybe", "required"]));
    assert_eq!(failed.code(), "INTERNAL");
    assert_eq!(body["errors"][0]["extensions"]["errorId"], json!(failed.header("x-request-id").unwrap()));
    assert!(!failed.body.contains("secret"), "{failed:?}");

    let raised = query(address, "{ hello notNow }").await;
    assert_eq!(raised.json()["data"], json!({ "hello": "world", "notNow": null }));
    assert_eq!(raised.code(), "UNAVAILABLE");
}

/// The introspection query of GraphQL tools: nine levels of `ofType` below the arguments of the fields of
/// all types.
#[tokio::test]
async fn tools_can_read_the_schema() {
    let address = server().await;
    let reference = format!("kind name {}{}", "ofType { kind name ".repeat(9), "}".repeat(9));
    let document = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }}
            types {{ ...FullType }} directives {{ name locations args {{ ...InputValue }} }} }} }}
        fragment FullType on __Type {{ kind name
            fields(includeDeprecated: true) {{ name args {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated }}
            inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }} enumValues {{ name }} possibleTypes {{ ...TypeRef }} }}
        fragment InputValue on __InputValue {{ name type {{ ...TypeRef }} defaultValue }}
        fragment TypeRef on __Type {{ {reference} }}"
    );
    let answer = query(address, &document).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["data"]["__schema"]["types"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn without_a_credential_nothing_is_read() {
    let address = server().await;
    for authorization in ["authorization: Bearer wrong", "authorization: Basic x", "authorization:"] {
        for accept in [GRAPHQL, "accept: application/json"] {
            for body in ["{\"query\":\"{ hello }\"}", "{\"query\":\"{ __schema { types { name } } }\"}", "not json"] {
                let answer = request(address, "POST /graphql", &[JSON, accept, authorization], body).await;
                assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"), "{answer:?}");
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
                assert!(answer.json().get("data").is_none());
            }
        }
    }
}

#[tokio::test]
async fn mutations_are_accepted_only_by_post_and_as_json() {
    let seen: Arc<Seen> = Arc::default();
    let address = serve(&seen).await;
    let document = json!({ "query": "mutation { act }" }).to_string();
    for kind in [
        "content-type: text/plain",
        "content-type: application/x-www-form-urlencoded",
        "content-type: multipart/form-data; boundary=x",
        "content-type: application/json; charset=latin1",
        "x-no-content-type: at all",
    ] {
        let answer = request(address, "POST /graphql", &[kind], &document).await;
        assert_eq!(answer.status, 415, "{kind}");
    }
    let form = "query=mutation+%7B+act+%7D";
    let answer = request(address, "POST /graphql", &["content-type: application/x-www-form-urlencoded"], form).await;
    assert_eq!(answer.status, 415);
    let answer = request(address, &format!("GET /graphql?{form}"), &[], "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")));
    let two = "GET /graphql?query=query+A%7Bhello%7D+mutation+B%7Bact%7D&operationName=B";
    assert_eq!(request(address, two, &[], "").await.status, 405);
    for method in ["PUT", "DELETE", "HEAD", "PATCH"] {
        assert_eq!(request(address, &format!("{method} /graphql"), &[JSON], &document).await.status, 405);
    }
    assert_eq!(seen.mutations.load(Ordering::SeqCst), 0);
    let answer = request(address, "POST /graphql", &[JSON], &document).await;
    assert_eq!(answer.json()["data"], json!({ "act": 1 }));
    let get = request(
        address,
        "GET /graphql?query=query(%24t%3AString!)%7Becho(text%3A%24t)%7D&variables=%7B%22t%22%3A%22x%22%7D",
        &[],
        "",
    )
    .await;
    assert_eq!(get.json()["data"], json!({ "echo": "x" }));
}

#[tokio::test]
async fn no_other_origin_gets_in() {
    let address = server().await;
    let preflight = [
        "origin: https://evil.example",
        "access-control-request-method: POST",
        "access-control-request-headers: authorization",
    ];
    let answer = request(address, "OPTIONS /graphql", &preflight, "").await;
    assert_eq!(answer.status, 405);
    assert!(!answer.head.to_ascii_lowercase().contains("access-control"), "{answer:?}");
    let answer =
        request(address, "POST /graphql", &[JSON, "origin: https://evil.example"], "{\"query\":\"{hello}\"}").await;
    assert!(!answer.head.to_ascii_lowercase().contains("access-control"), "{answer:?}");

    for host in ["evil.example", "localhost.evil.example", "192.168.0.1", ""] {
        let answer = request(address, "GET /health/live", &[&format!("host: {host}")], "").await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(answer.header("x-request-id").is_some());
    }
    assert_eq!(send(address, b"GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n").await.status, 421);
    assert_eq!(request(address, "GET /health/live", &["host: localhost:1"], "").await.status, 200);
}

#[tokio::test]
async fn only_a_listed_origin_and_a_listed_host_get_in() {
    let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    let routes = toy::routes(Arc::default(), || true).await;
    let routes = routes.with_hosts(vec!["10.0.2.2".parse().unwrap()]);
    let routes = routes.with_origins(vec!["http://localhost:5173".parse().unwrap()]);
    tokio::spawn(bound.run(routes, std::future::pending()));
    let ours = "origin: http://localhost:5173";
    let asks = ["access-control-request-method: POST", "access-control-request-headers: authorization"];
    let preflight = request(address, "OPTIONS /graphql", &[&[ours], &asks[..]].concat(), "").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, Some("GET, POST")));
    assert_eq!(preflight.header("access-control-allow-origin"), Some("http://localhost:5173"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    let document = "{\"query\":\"{hello}\"}";
    let answer = request(address, "POST /graphql", &[JSON, ours], document).await;
    assert_eq!((answer.status, answer.header("vary")), (200, Some("origin")));
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:5173"));
    for other in ["origin: http://localhost:5174", "origin: https://localhost:5173", "origin: null", "origin: *"] {
        let answer = request(address, "POST /graphql", &[JSON, other], document).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{other}");
        let preflight = request(address, "OPTIONS /graphql", &[&[other], &asks[..]].concat(), "").await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (405, None), "{other}");
    }
    assert_eq!(request(address, "GET /health/live", &["host: 10.0.2.2:8080"], "").await.status, 200);
    assert_eq!(request(address, "GET /health/live", &["host: 10.0.2.3"], "").await.status, 421);
}

#[tokio::test]
async fn a_malformed_request_is_refused() {
    let address = server().await;
    for body in [
        "",
        "{",
        "null",
        "7",
        "\"query\"",
        "[]",
        "[{\"query\":\"{hello}\"}]",
        " [\"{hello}\",null,null,null]",
        "{\"query\":7}",
        "{\"variables\":{}}",
        "{\"query\":\"{hello}\",\"variables\":[]}",
        "{\"query\":\"{hello}\",\"variables\":\"{}\"}",
        "{\"query\":\"{hello}\",\"extensions\":1}",
        "{\"query\":\"{hello}\",\"operationName\":1}",
        "{\"query\":\"{hello}\",\"query\":\"{hello}\"}",
        "\u{feff}{\"query\":\"{hello}\"}",
        "{\"query\":\"{hello}\"} {}",
    ] {
        let answer = request(address, "POST /graphql", &[JSON], body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"), "{body}: {answer:?}");
    }
    for (body, what) in [
        (json!({ "query": "{ hello }", "operationName": "X" }), "an operation that is not there"),
        (json!({ "query": "query A { hello } query B { hello }" }), "no choice made"),
        (json!({ "query": "query($t: String!) { echo(text: $t) }" }), "a missing variable"),
        (json!({ "query": "query($t: String!) { echo(text: $t) }", "variables": { "t": 1 } }), "a wrong one"),
        (
            json!({ "query": "mutation($n: Note!) { write(note: $n) }", "variables": { "n": { "text": "a", "author": "b" } } }),
            "an unknown member",
        ),
        (
            json!({ "query": "query($n: Int!) { people(first: $n) { name } }", "variables": { "n": 99_999_999_999_u64 } }),
            "a page beyond cost",
        ),
    ] {
        let answer = post(address, &body).await;
        assert_eq!(answer.status, 400, "{what}: {answer:?}");
        assert!(answer.json().get("data").is_none(), "{what}");
    }
    let literal = query(address, "mutation { write(note: { text: \"a\", author: \"b\" }) }").await;
    assert_eq!(literal.code(), "GRAPHQL_VALIDATION_FAILED");
    // A refused request executes none of its fields.
    let seen: Arc<Seen> = Arc::default();
    let address = serve(&seen).await;
    let half = json!({ "query": "mutation($n: Note!) { act write(note: $n) }", "variables": { "n": {} } });
    assert_eq!(post(address, &half).await.code(), "BAD_USER_INPUT");
    assert_eq!(seen.mutations.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_media_type_decides_the_status() {
    let address = server().await;
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { a:act b:act c:act d:act e:act f:act g:act h:act i:act j:act k:act }", "QUERY_TOO_COMPLEX"),
    ] {
        let body = json!({ "query": document }).to_string();
        let strict = request(address, "POST /graphql", &[JSON, GRAPHQL], &body).await;
        assert_eq!((strict.status, strict.code().as_str()), (400, code));
        let lenient = request(address, "POST /graphql", &[JSON], &body).await;
        assert_eq!((lenient.status, lenient.code().as_str()), (200, code));
        assert_eq!(lenient.header("content-type"), Some("application/json; charset=utf-8"));
        assert!(strict.json().get("data").is_none() && lenient.json().get("data").is_none());
    }
    let none = request(address, "POST /graphql", &[JSON, "accept: text/html"], "{\"query\":\"{hello}\"}").await;
    assert_eq!(none.status, 406);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_server_still_answers() {
    let address = server().await;
    for _ in 0..3 {
        let answer = query(address, "{ hello panics }").await;
        assert_eq!((answer.status, answer.code().as_str()), (500, "INTERNAL"));
        assert!(!answer.body.contains("wants"), "{answer:?}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["errorId"], json!(answer.header("x-request-id").unwrap()));
        assert_eq!(query(address, "{ hello }").await.status, 200);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_recorded_does_not_leave() {
    let address = server().await;
    let answer = query(address, "{ unrecordable }").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "INTERNAL"));
    assert!(!answer.body.contains("record") && !answer.body.contains("/var"), "{answer:?}");
    let behind = request(address, "POST /graphql", &[JSON, "x-behind: 1"], "{\"query\":\"{hello}\"}").await;
    assert_eq!((behind.status, behind.code().as_str()), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout_and_its_resolver_is_dropped() {
    // In process and with a paused clock, so that the test does not take ten seconds.
    let seen: Arc<Seen> = Arc::default();
    let routes = toy::routes(Arc::clone(&seen), || true).await;
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let (status, body) = in_process(&routes, json!({ "query": "{ hangs }" })).await;
    assert_eq!((status, began.elapsed().as_secs()), (504, 10));
    assert!(body.to_string().contains("TIMEOUT"), "{body}");
    assert_eq!(seen.stuck.load(Ordering::SeqCst), 0, "the resolver was dropped");
    assert_eq!(seen.finished.load(Ordering::SeqCst), 0);
}

/// Answers a query in process, where the clock can be paused.
async fn in_process(routes: &impl poem::Endpoint, body: Value) -> (u16, Value) {
    let request = poem::Request::builder()
        .method(poem::http::Method::POST)
        .uri_str("/graphql")
        .header("host", "localhost")
        .header("authorization", client::bearer(toy::TOKEN))
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json")
        .body(body.to_string());
    let answer = routes.get_response(request).await;
    let status = answer.status().as_u16();
    let body = answer.into_body().into_string().await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_resolver_of_many_rows_stops_when_the_time_is_over_and_no_part_is_sent() {
    let seen: Arc<Seen> = Arc::default();
    let routes = toy::routes(Arc::clone(&seen), || true).await;
    tokio::time::pause();
    let (status, answer) =
        in_process(&routes, json!({ "query": "{ hello a: rows(count: 50) b: rows(count: 50) c: rows(count: 50) }" }))
            .await;
    assert_eq!((status, answer["errors"][0]["extensions"]["code"].as_str()), (504, Some("TIMEOUT")), "{answer}");
    assert!(answer.get("data").is_none() && answer["errors"][0].get("path").is_none(), "{answer}");
    assert_eq!(seen.finished.load(Ordering::SeqCst), 1, "the resolver stopped by itself");
    let (status, answer) = in_process(&routes, json!({ "query": "{ rows(count: 50) }" })).await;
    assert_eq!((status, &answer["data"]), (200, &json!({ "rows": 50 })), "{answer}");
}

#[tokio::test]
async fn an_answer_of_too_many_rows_is_refused_as_a_whole_and_says_how_many_there_may_be() {
    let routes = toy::routes(Arc::default(), || true).await;
    tokio::time::pause();
    let (status, answer) = in_process(&routes, json!({ "query": "{ hello rows(count: 51) }" })).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer.get("data").is_none(), "{answer}");
    let expected = json!([{
        "message": "the answer takes 51 rows or more; one answer may take 50",
        "locations": [{ "line": 1, "column": 9 }],
        "extensions": { "code": "ANSWER_TOO_LARGE", "limit": { "of": "rows", "asked": 51, "max": 50 } },
    }]);
    assert_eq!(answer["errors"], expected);
}

#[tokio::test]
async fn an_answer_of_too_many_bytes_is_refused_and_says_how_many_there_are() {
    let (routes, text) = (toy::routes(Arc::default(), || true).await, "x".repeat(200_000));
    let asked = async |times: usize| {
        let fields: String = (0..times).map(|number| format!("f{number}: echo(text: $t) ")).collect();
        let query = format!("query($t: String!) {{ me {{ {fields} }} }}");
        in_process(&routes, json!({ "query": query, "variables": { "t": text } })).await
    };
    let (status, answer) = asked(42).await;
    assert_eq!(status, 400);
    assert!(answer.get("data").is_none());
    let error = &answer["errors"][0]["extensions"];
    assert_eq!(error["code"], "ANSWER_TOO_LARGE");
    assert_eq!((&error["limit"]["of"], &error["limit"]["max"]), (&json!("bytes"), &json!(ANSWER_BYTES_MAX)));
    let size = error["limit"]["asked"].as_u64().unwrap();
    assert!((42 * 200_000..42 * 200_000 + 2_000).contains(&size), "{size}");
    let (status, answer) = asked(41).await;
    assert_eq!((status, answer["data"]["me"]["f40"].as_str().map(str::len)), (200, Some(200_000)));
}

#[tokio::test]
async fn who_gives_too_many_commands_is_told_when_to_go_on_and_nobody_else_is() {
    let address = server().await;
    let ten: String = (0..10).map(|number| format!("a{number}: act ")).collect();
    let ten = format!("mutation {{ {ten} }}");
    let mut given = 0;
    let refused = loop {
        let answer = query(address, &ten).await;
        if answer.status != 200 {
            break answer;
        }
        given += 10;
        assert!(given < COMMANDS_A_MINUTE_MAX * 2, "it is refused some time");
    };
    assert!(given >= COMMANDS_A_MINUTE_MAX, "{given}");
    assert_eq!((refused.status, refused.code().as_str()), (429, "RATE_LIMITED"), "{refused:?}");
    let seconds = refused.json()["errors"][0]["extensions"]["retryAfter"].as_u64().unwrap();
    assert_eq!(refused.header("retry-after"), Some(seconds.to_string().as_str()));
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(query(address, "{ hello }").await.status, 200, "queries go on");
    let other = format!("authorization: Bearer {}", toy::OTHER_TOKEN);
    let answer =
        request(address, "POST /graphql", &[JSON, GRAPHQL, &other], &json!({ "query": ten }).to_string()).await;
    assert_eq!(answer.status, 200, "another person");
}

#[tokio::test]
async fn who_sends_too_much_text_is_told_when_to_go_on_wherever_the_text_stands() {
    let each = 12_000;
    let text = "x".repeat(each);
    let written = "mutation { write(note: { text: \"TEXT\" }) }".replace("TEXT", &text);
    let declared = "mutation($t: String!) { write(note: { text: $t }) }";
    for body in [json!({ "query": written }), json!({ "query": declared, "variables": { "t": text } })] {
        let address = server().await;
        let mut given = 0;
        let refused = loop {
            let answer = post(address, &body).await;
            if answer.status != 200 {
                break answer;
            }
            given += 1;
            assert!(given < COMMANDS_A_MINUTE_MAX, "it is refused before the commands are too many");
        };
        assert_eq!((refused.status, refused.code().as_str()), (429, "RATE_LIMITED"), "{refused:?}");
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
        assert!(given * each as u64 >= COMMANDS_A_MINUTE_MAX * WRITTEN_BYTES_EACH * 9 / 10, "{given}");
    }
}

#[tokio::test]
async fn health_needs_no_credential() {
    let address = server().await;
    let anyone = ["authorization:"];
    assert_eq!(request(address, "GET /health/live", &anyone, "").await.json(), json!({ "live": true }));
    let ready = request(address, "GET /health/ready", &anyone, "").await;
    assert_eq!(ready.json(), json!({ "ready": true, "parts": { "journal": true, "read-models": true } }));
    assert!(request(address, "GET /version", &anyone, "").await.json()["version"].is_string());
    let refused = request(address, "POST /version", &anyone, "").await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD")));
    let head = request(address, "HEAD /health/ready", &anyone, "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""), "as GET, without a body: {head:?}");
    assert_eq!(request(address, "GET /health/live", &["authorization:", "host: localhost."], "").await.status, 200);
    assert_eq!(request(address, "GET /metrics", &anyone, "").await.status, 404);

    let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    tokio::spawn(bound.run(toy::routes(Arc::default(), || false).await, std::future::pending()));
    let ready = request(address, "GET /health/ready", &anyone, "").await;
    assert_eq!((ready.status, ready.json()["parts"]["read-models"].clone()), (503, json!(false)));
}

#[tokio::test]
async fn a_stop_lets_the_running_request_end() {
    let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(bound.run(toy::routes(Arc::default(), || true).await, async move {
        let _ = stopped.await;
    }));
    assert_eq!(query(address, "{ hello }").await.status, 200);
    stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), running).await.unwrap();
    ended.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
