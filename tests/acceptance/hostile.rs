//! A thousand malformed requests: none causes a server error or has an effect, and other requests are still served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::clinic::{Clinic, run, token};
use crate::store::Home;

/// A small generator, so that a failing request can be made again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

fn request(dice: &mut Dice, token: &str) -> Vec<u8> {
    let method = dice.of(&["POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]);
    let path = dice.of(&[
        "/graphql",
        "/graphql?query=%7Bviewer%7Bid%7D%7D",
        "/graphql?query=mutation",
        "/",
        "/../etc/passwd",
        "/health/ready?x=%00",
    ]);
    let media = dice.of(&[
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "",
    ]);
    let credential = match dice.roll(4) {
        0 => String::new(),
        1 => "authorization: Bearer a.b.c\r\n".to_owned(),
        2 => format!("authorization: Bearer {}\r\n", &token[..token.len() - 2]),
        _ => format!("authorization: Bearer {token}\r\n"),
    };
    let body = match dice.roll(10) {
        0 => "{".repeat(20_000),
        1 => "[]".to_owned(),
        2 => json!([{ "query": "{viewer{id}}" }]).to_string(),
        3 => json!({ "query": 7 }).to_string(),
        4 => json!({ "query": format!("{{{}", "viewer{".repeat(10_000)) }).to_string(),
        5 => json!({ "query": "mutation($i: PostMessageInput!){postMessage(threadId:\"x\",input:$i){problems{code}}}", "variables": { "i": 3 } }).to_string(),
        6 => json!({ "query": "query($a: ID!){thread(id:$a){id}}", "variables": [1] }).to_string(),
        7 => json!({ "query": "{ thread(id: \"\\u0000\") { subject { text } } }" }).to_string(),
        8 => "\u{feff}{\"query\":\"{viewer{id}}\"}\u{0}".to_owned(),
        _ => json!({ "query": "{viewer{id}}", "operationName": "none", "variables": null }).to_string(),
    };
    let host = dice.of(&["localhost", "127.0.0.1", "evil.example", ""]);
    let length = match dice.roll(8) {
        0 => body.len().saturating_sub(3),
        _ => body.len(),
    };
    let media = if media.is_empty() { String::new() } else { format!("content-type: {media}\r\n") };
    format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{media}{credential}connection: close\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

crate::store::on_each_store!(a_thousand_malformed_requests_are_answered_and_write_nothing);

fn a_thousand_malformed_requests_are_answered_and_write_nothing(home: &Home) {
    let directory = home.place("clinic");
    let clinic = Clinic::start(&directory);
    let pcp = token("pcp", &directory);
    let before = clinic.inbox(&pcp);
    let events = || {
        let status = run(&["read-models", "status"], &directory);
        String::from_utf8(status.stdout).expect("text")
    };
    let log = events();
    let mut dice = Dice(11);
    for turn in 0..1_000 {
        let request = request(&mut dice, &pcp);
        let mut stream = TcpStream::connect(clinic.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        // The server may close before it has read all of what it refuses.
        let _sent = stream.write_all(&request);
        let mut answer = Vec::new();
        let _closed = stream.read_to_end(&mut answer);
        let head = String::from_utf8_lossy(&answer).into_owned();
        assert!(!head.starts_with("HTTP/1.1 5"), "turn {turn}: {head}");
    }
    assert_eq!(clinic.inbox(&pcp), before);
    assert_eq!(events(), log);
    assert_eq!(clinic.stop(), Some(0));
}
