//! Time, ids and randomness are arguments: `care` never reads them, and elsewhere only a few files do.
//!
//! To add such a file: name it in [`EDGES`], with what it reads. First check whether the value can be an argument
//! instead.

use crate::sources::{Source, breaks, code, kept, lines_with, mentions, none, passes, sources};

/// What a pure decision cannot do.
const IMPURE: &[&str] = &[
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "rand",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "async fn",
    "async move",
    "tokio",
];

/// What is drawn from outside, as the text in which a file draws it.
const DRAWN: &[&str] =
    &["Utc::now", "Local::now", "SystemTime::now", "Uuid::new_v4", "Uuid::now_v7", "SystemRandom", "rand::fill"];

/// The edges: which file draws what.
const EDGES: &[(&str, &[&str])] = &[
    // The clock and the ids that the program hands to everything else.
    ("crates/carefold/src/clock.rs", &["Utc::now", "rand::fill"]),
    // The identity of a new log.
    ("crates/journal/src/open.rs", &["rand::fill"]),
    // Keys and nonces.
    ("crates/vault/src/material.rs", &["rand::fill"]),
    // The name of each answer, under which a fault is found in the logs.
    ("crates/server/src/trace.rs", &["rand::fill"]),
    // The names and secrets of browser sessions.
    ("crates/server/src/pages/session.rs", &["rand::fill"]),
    // The key that signs a demonstration's tokens.
    ("crates/server/src/sign_in.rs", &["rand::fill"]),
];

fn impure_care(source: &Source) -> Vec<String> {
    match source.path.starts_with("crates/care/src/") {
        true => lines_with(source, &code(&source.product()), IMPURE, "in care, where everything is an argument"),
        false => Vec::new(),
    }
}

fn drawn_inside(source: &Source) -> Vec<String> {
    let is_edge = |word: &str| EDGES.iter().any(|(path, drawn)| *path == source.path && drawn.contains(&word));
    let banned: Vec<&str> = DRAWN.iter().copied().filter(|word| !is_edge(word)).collect();
    match source.path.starts_with("crates/") {
        true => lines_with(source, &code(&source.product()), &banned, "outside the edges: take it as an argument"),
        false => Vec::new(),
    }
}

/// Edges that no longer draw what they are listed for.
fn stale_edges(sources: &[Source]) -> Vec<String> {
    let listed = EDGES.iter().flat_map(|(path, drawn)| drawn.iter().map(move |word| (*path, *word)));
    let still = |path: &str, word: &str| {
        sources.iter().any(|source| source.path == path && mentions(&code(&source.product()), word))
    };
    listed
        .filter(|(path, word)| !still(path, word))
        .map(|(path, word)| format!("{path} is listed as an edge for `{word}`, and does not draw it"))
        .collect()
}

#[test]
fn care_is_pure() {
    kept(impure_care);
}

#[test]
fn time_ids_and_randomness_are_made_at_the_edge_only() {
    kept(drawn_inside);
    none(&stale_edges(&sources()));
}

#[test]
fn a_clock_inside_is_found() {
    let inside = [
        "fn f() -> DateTime<Utc> { Utc::now() }",
        "fn f() { clock.unwrap_or_else(Utc::now) }",
        "fn f() { let id = Uuid::new_v4(); }",
        "fn f() { std::time::SystemTime::now(); }",
        "fn f() { aws_lc_rs::rand::fill(&mut bytes); }",
    ];
    breaks(drawn_inside, "crates/coordination/src/command_handler.rs", &inside);
    breaks(drawn_inside, "crates/vault/src/material.rs", &["fn f() { Utc::now(); }"]);
    passes(drawn_inside, "crates/vault/src/material.rs", &["fn f() { rand::fill(&mut bytes); }"]);
    let told = ["/// As `Utc::now` would say.\nfn f() {}", "#[cfg(test)]\nmod tests {\n    fn f() { Utc::now(); }\n}"];
    passes(drawn_inside, "crates/coordination/src/command_handler.rs", &told);
    breaks(impure_care, "crates/care/src/thread.rs", &inside);
    breaks(
        impure_care,
        "crates/care/src/thread.rs",
        &["pub async fn f() {}", "use std::fs;", "use std::env::var;", "use tokio::sync::Mutex;"],
    );
    passes(impure_care, "crates/care/src/thread.rs", &["fn f(now: DateTime<Utc>, operand: u8) {}"]);
}

#[test]
fn an_edge_that_nobody_needs_is_found() {
    let listed = EDGES.iter().map(|(_, drawn)| drawn.len()).sum::<usize>();
    assert_eq!(stale_edges(&[]).len(), listed);
    assert_eq!(
        stale_edges(&[Source::new("crates/vault/src/material.rs", "fn f() { rand::fill(b) }")]).len(),
        listed - 1
    );
}
