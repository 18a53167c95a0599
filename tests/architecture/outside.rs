//! Committed files contain no path of a developer's machine and no host of a package registry.

use std::fs;
use std::process::Command;

use crate::sources::{Source, breaks, lines_with, none, passes, root};

const MACHINES: &[&str] = &["/root/", "/home/", "/tmp/", "/Users/"];

/// How the address of somebody's registry begins: packages are named, and where they come from is the machine's matter.
const HOSTS: &[&str] = &["://registry.", "://index.", "://packages."];

fn machine_paths(source: &Source) -> Vec<String> {
    if source.is_test() {
        return Vec::new();
    }
    let text = if source.path.ends_with(".rs") { source.product() } else { source.text.clone() };
    // A path of the project that merely contains such a folder begins with a name, not a slash.
    let begins = |line: &str, folder: &str| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || "_-.}*".contains(c))
        })
    };
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| MACHINES.iter().map(move |folder| (number, line, *folder)))
        .filter(|(_, line, folder)| begins(line, folder))
        .map(|(number, _, folder)| source.at(number, &format!("`{folder}` is a path of a machine")))
        .collect()
}

fn registry_hosts(source: &Source) -> Vec<String> {
    if source.is_rule() {
        return Vec::new();
    }
    let mut findings = lines_with(source, &source.text.to_lowercase(), HOSTS, "is a host of somebody's registry");
    if source.path.ends_with("package-lock.json") {
        findings.extend(lines_with(
            source,
            &source.text,
            &["\"resolved\": \"http://", "\"resolved\": \"https://"],
            "ties the lock to a host",
        ));
    }
    findings
}

/// Every committed file that is text, or why git does not tell.
fn committed() -> Result<Vec<Source>, String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listed = listed.map_err(|problem| format!("git does not run: {problem}"))?;
    if !listed.status.success() {
        return Err(format!("git lists nothing: {}", String::from_utf8_lossy(&listed.stderr)));
    }
    let names = String::from_utf8(listed.stdout).map_err(|_| "a path is not UTF-8".to_owned())?;
    let read = |path: &str| fs::read(root().join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(names.split('\0').filter_map(|path| read(path).map(|text| Source::new(path, &text))).collect())
}

#[test]
fn no_machine_and_no_registry_is_named() {
    let committed = committed().expect("the committed files");
    assert!(committed.iter().any(|source| source.path == "Cargo.toml"), "the committed files were not found");
    none(&committed.iter().flat_map(machine_paths).collect::<Vec<_>>());
    none(&committed.iter().flat_map(registry_hosts).collect::<Vec<_>>());
}

#[test]
fn a_machine_and_a_registry_are_found() {
    breaks(machine_paths, "README.md", &["cd /home/me", "see `/root/.cargo`", "cp a \"/tmp/b\"", "x=/home/me"]);
    breaks(
        machine_paths,
        "crates/carefold/src/main.rs",
        &["// as in /tmp/x\nfn f() {}", "fn f() { open(\"/tmp/x\") }"],
    );
    passes(machine_paths, "README.md", &["see docs/work/plan.md and deploy/tmp/a", "crates/care/src/thread.rs"]);
    passes(
        machine_paths,
        "crates/carefold/src/main.rs",
        &["#[cfg(test)]\nmod tests {\n    fn f() { open(\"/tmp/x\") }\n}"],
    );
    let lock = "tests/clients/package-lock.json";
    breaks(
        registry_hosts,
        lock,
        &[
            "  \"resolved\": \"https://example.org/graphql-http.tgz\",",
            "  \"url\": \"https://registry.example/graphql\",",
        ],
    );
    passes(registry_hosts, lock, &["  \"integrity\": \"sha512-a\",", "  \"resolved\": \"../local\","]);
}
