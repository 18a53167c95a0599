//! Forbidden leftovers in sources: `#[allow]`, ignored tests, tests that sleep, TODO notes, and prints.

use crate::sources::{Source, breaks, code, kept, lines_with, passes};

/// A network that is slow on request: its pause is the injected fault, not a way to wait.
const SLOW_ON_PURPOSE: &str = "tests/stores/relay.rs";

fn leftovers(source: &Source) -> Vec<String> {
    if source.is_rule() {
        return Vec::new();
    }
    let text = code(&source.text);
    let mut findings =
        lines_with(source, &text, &["#[allow(", "#![allow("], "never expires: use #[expect(…, reason = \"…\")]");
    findings.extend(lines_with(source, &text, &["#[ignore", "#![ignore"], "switches a test off"));
    findings.extend(lines_with(source, &text, &["todo!", "unimplemented!"], "is not done"));
    findings.extend(lines_with(source, &source.text, &["TODO", "FIXME", "XXX"], "is a note to oneself"));
    let sleeps = ["thread::sleep", "time::sleep", "sleep(", "time::sleep_until"];
    if source.path != SLOW_ON_PURPOSE {
        findings.extend(lines_with(
            source,
            &code(&source.tests()),
            &sleeps,
            "in a test: wait for a condition, bounded",
        ));
    }
    findings
}

fn prints(source: &Source) -> Vec<String> {
    let is_command_line = source.path.starts_with("crates/carefold/src/");
    // A build script speaks to Cargo by printing.
    let is_build_script = source.path.ends_with("/build.rs");
    match is_command_line || is_build_script || source.path.starts_with("examples/") {
        true => Vec::new(),
        false => lines_with(
            source,
            &code(&source.product()),
            &["println!", "print!", "eprintln!", "eprint!", "dbg!"],
            "outside the command line: trace it",
        ),
    }
}

#[test]
fn nothing_is_left_behind() {
    kept(leftovers);
}

#[test]
fn only_the_command_line_prints() {
    kept(prints);
}

#[test]
fn leftovers_are_found() {
    let path = "crates/care/src/thread.rs";
    breaks(
        leftovers,
        path,
        &[
            "#[allow(dead_code)]\nfn f() {}",
            "#![allow(missing_docs)]",
            "#[test]\n#[ignore]\nfn f() {}",
            "#[ignore = \"slow\"]\nfn f() {}",
            "fn f() { todo!() }",
            "fn f() { unimplemented!(\"later\") }",
            "// TODO: later",
            "fn f() {} // FIXME",
            "/// XXX",
            "#[cfg(test)]\nmod tests {\n    fn f() { std::thread::sleep(A) }\n}",
            "#[cfg(test)]\nmod tests {\n    use tokio::time::sleep;\n}",
        ],
    );
    passes(leftovers, path, &["#[expect(dead_code, reason = \"a\")]\nfn f() { tokio::time::sleep(poll) }"]);
    breaks(leftovers, "tests/story.rs", &["fn f() { tokio::time::sleep(A).await }"]);
    breaks(prints, path, &["fn f() { println!(\"{a}\") }", "fn f() { eprintln!() }", "fn f() { dbg!(a) }"]);
    passes(prints, "crates/carefold/src/main.rs", &["fn f() { println!(\"{a}\") }"]);
    passes(prints, "tests/story.rs", &["fn f() { println!(\"{a}\") }"]);
}
