//! Hostile documents and requests: each is refused with a client error, and the server still answers.

use std::fmt::Write;
use std::net::SocketAddr;

use serde_json::json;
use test_fuzz::{Changes, Dice};

use crate::client::{JSON, post, query, request, send};
use crate::server;

async fn still_answers(address: SocketAddr) {
    assert_eq!(query(address, "{ hello }").await.json()["data"]["hello"], "world");
}

#[tokio::test]
async fn hostile_documents_are_refused() {
    let address = server().await;
    let mut bomb = "{...a0}".to_owned();
    for level in 0..28 {
        write!(bomb, "fragment a{level} on Query{{...a{0} ...a{0}}}", level + 1).unwrap();
    }
    bomb.push_str("fragment a28 on Query{hello}");
    let mut wide = "{ me {...b0} }".to_owned();
    for level in 0..11 {
        write!(wide, "fragment b{level} on Query{{{}}}", format!("...b{} ", level + 1).repeat(6)).unwrap();
    }
    wide.push_str("fragment b11 on Query{hello}");
    assert!(wide.len() < 1_024, "{}", wide.len());
    let nest = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000));
    let documents = [
        ("fragment bomb", bomb),
        ("fragment bomb under a kilobyte", wide),
        ("cycle", "{...a} fragment a on Query{me{...b}} fragment b on Query{me{...a}}".to_owned()),
        ("self", "{...a} fragment a on Query{...a}".to_owned()),
        ("unreached cycle", "{hello} fragment a on Query{...a}".to_owned()),
        ("200 aliases", format!("{{ me {{ {} }} }}", (0..200).map(|n| format!("a{n}:hello ")).collect::<String>())),
        ("2000 duplicates", format!("{{ me {{ {} }} }}", "hello ".repeat(2_000))),
        ("2000 at the root", format!("{{ {} }}", "hello ".repeat(2_000))),
        ("2000 operations", (0..2_000).map(|n| format!("query q{n}{{hello}} ")).collect()),
        ("50 directives", format!("{{ hello {} }}", "@skip(if:false) ".repeat(50))),
        ("50 unknown directives", format!("{{ hello {} }}", (0..50).map(|n| format!("@d{n} ")).collect::<String>())),
        ("selections nested", nest("{me", "", "}")),
        ("selections unclosed", "{me".repeat(10_000)),
        ("lists nested", format!("{{echo(text:{})}}", nest("[", "", "]"))),
        ("objects nested", format!("{{echo(text:{})}}", nest("{a:", "1", "}"))),
        ("parentheses", format!("{{hello{}}}", nest("(", "", ")"))),
        ("inline fragments nested", nest("{...", "{hello}", "}")),
        ("type nested", format!("query($v:{}) {{hello}}", nest("[", "Int", "]"))),
        ("default nested", format!("query($v:Int={}) {{hello}}", nest("[", "1", "]"))),
        ("depth 30", format!("{{{}hello{}}}", "me{".repeat(30), "}".repeat(30))),
        ("introspection cycle", format!("{{__schema{{types{{{}name{}}}}}}}", "fields{type{".repeat(5), "}}".repeat(5))),
        ("list below list", "{ people(first: 2000000000) { name } }".to_owned()),
        ("5000 arguments", format!("{{ a: echo({0}) a: echo({0}) }}", "text:\"\" ".repeat(3_000))),
        ("long", format!("{{ hello }} #{}", "x".repeat(70_000))),
        ("subscription", "subscription { hello }".to_owned()),
        ("empty", String::new()),
        ("schema text", "type Query { hello: Int }".to_owned()),
    ];
    for (what, document) in documents {
        let answer = query(address, &document).await;
        assert_eq!(answer.status, 400, "{what}: {answer:?}");
        assert!(answer.json().get("data").is_none(), "{what}");
        assert!(answer.body.len() < 20_000, "{what} answers {} bytes", answer.body.len());
    }
    still_answers(address).await;
}

#[tokio::test]
async fn hostile_bodies_are_refused() {
    let address = server().await;
    let deep =
        format!("{{\"query\":\"{{hello}}\",\"variables\":{{\"a\":{}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(request(address, "POST /graphql", &[JSON], &deep).await.status, 400);
    let long = format!("{{\"query\":\"{{hello}}\",\"variables\":{{\"a\":\"{}\"}}}}", "x".repeat(256 * 1024));
    assert_eq!(request(address, "POST /graphql", &[JSON], &long).await.status, 413);

    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{JSON}\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n",
        crate::toy::TOKEN
    );
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let chunked = format!("{head}{}{}0\r\n\r\n", chunk("{\"query\":"), chunk("\"{hello}\"}"));
    assert_eq!(send(address, chunked.as_bytes()).await.status, 200);
    let endless = format!("{head}{}", chunk(&"x".repeat(16 * 1024)).repeat(20));
    assert_eq!(send(address, endless.as_bytes()).await.status, 413);

    let batch = json!([{ "query": "{ hello }" }, { "query": "mutation { act }" }]);
    assert_eq!(post(address, &batch).await.status, 400);
    still_answers(address).await;
}

#[tokio::test]
async fn a_thousand_malformed_requests_do_no_harm() {
    let address = server().await;
    let good = "query A($t: String! = \"x\") { hello echo(text: $t) me { ...F @include(if: true) } } fragment F on Query { people(first: 3) { name } }";
    let bits = [
        "{", "}", "(", ")", "[", "\"", "\"\"\"", "...", "$", ":", "@", "!", "#", "\\", "\n", "\u{0}", "é", "fragment",
        "on", "mutation", "-1", "1e999", "null",
    ];
    let mut changes = Changes::new(1, vec![good.as_bytes().to_vec()], &bits, 2_000);
    let mut dice = Dice::new(1);
    let mut refused = 0;
    for round in 0..1_000 {
        let document = changes.another();
        let mut body = json!({ "query": String::from_utf8_lossy(&document) }).to_string().into_bytes();
        // Every third is broken as JSON, every tenth as HTTP, too.
        if round % 3 == 0 {
            let at = dice.below(body.len());
            body[at] = u8::try_from(dice.below(256)).unwrap();
        }
        let length = if round % 10 == 0 { dice.below(body.len()) } else { body.len() };
        let kind = if round % 7 == 0 { "text/plain" } else { "application/json" };
        let mut bytes = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {kind}\r\nauthorization: Bearer {}\r\ncontent-length: {length}\r\n\r\n",
            crate::toy::TOKEN
        )
        .into_bytes();
        bytes.extend(body);
        let answer = send(address, &bytes).await;
        assert!((200..500).contains(&answer.status), "round {round}: {answer:?}");
        refused += usize::from(answer.status != 200 || answer.body.starts_with("{\"errors\""));
    }
    assert!(refused > 800, "{refused} of 1000 were malformed");
    still_answers(address).await;
}
