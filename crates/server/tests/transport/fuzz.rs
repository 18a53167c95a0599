//! Bodies that are made from a small corpus by random changes: each is answered in time, and never by an error of the server.
//!
//! It takes two seconds; with `CAREFOLD_SOAK=1` five minutes. A body that fails is printed and belongs into the corpus then.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use poem::Endpoint;
use poem::http::Method;

use crate::hostile::Dice;
use crate::toy;

/// Bodies of requests, one a line, with documents, variables and what once was found.
const CORPUS: &str = include_str!("corpus/bodies.jsonl");
/// No body takes longer, of those that are refused and of those that are executed.
const ANSWERED_MAX: Duration = Duration::from_secs(5);

/// Another body: some bytes of one are changed, left out, repeated or replaced by a part of another.
fn changed(dice: &mut Dice, corpus: &[&str]) -> Vec<u8> {
    let mut body = corpus[dice.below(corpus.len())].as_bytes().to_vec();
    for _ in 0..=dice.below(6) {
        let (from, to) = (dice.below(body.len().max(1)), dice.below(body.len().max(1)));
        let (from, to) = (from.min(to).min(body.len()), from.max(to).min(body.len()));
        match dice.below(5) {
            0 if from < body.len() => body[from] = u8::try_from(dice.below(256)).unwrap(),
            1 => drop(body.drain(from..to)),
            2 if body.len() < 64 * 1024 => {
                let part = body[from..to].to_vec();
                let times = 1 + dice.below(40);
                body.splice(to..to, part.repeat(times.min(64 * 1024 / part.len().max(1))));
            }
            3 => {
                let other = corpus[dice.below(corpus.len())].as_bytes();
                let at = dice.below(other.len());
                body.splice(from..to, other[at..].iter().copied());
            }
            _ => drop(body.splice(from..from, b"{\"\\u005c$...[(".iter().copied())),
        }
    }
    body
}

#[tokio::test]
async fn changed_bodies_are_answered_and_never_by_an_error_of_the_server() {
    let is_soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    let lasts = Duration::from_secs(if is_soak { 300 } else { 2 });
    let routes = toy::routes(Arc::default(), || true).await;
    let corpus: Vec<&str> = CORPUS.lines().collect();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (began, mut tried, mut executed) = (Instant::now(), 0_u64, 0_u64);
    while began.elapsed() < lasts {
        let body = if tried < corpus.len() as u64 {
            corpus[usize::try_from(tried).unwrap()].as_bytes().to_vec()
        } else {
            changed(&mut dice, &corpus)
        };
        let request = poem::Request::builder()
            .method(Method::POST)
            .uri_str("/graphql")
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", toy::TOKEN))
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
            .body(body.clone());
        let asked = Instant::now();
        let answer = AssertUnwindSafe(routes.get_response(request)).catch_unwind().await;
        let shown = String::from_utf8_lossy(&body);
        let status = answer.map(|answer| answer.status().as_u16());
        assert!(matches!(status, Ok(200 | 400 | 413 | 429)), "{status:?}: {shown}");
        assert!(asked.elapsed() < ANSWERED_MAX, "{shown}");
        (tried, executed) = (tried + 1, executed + u64::from(status.is_ok_and(|status| status == 200)));
    }
    assert!(tried > 100 && executed > 5, "{tried} bodies, {executed} executed");
}
