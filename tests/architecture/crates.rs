//! Crates are walls: which crate may name which, and which foreign crate stays in which room.
//!
//! To add a crate: 1. say in ARCHITECTURE.md what its wall stops; 2. give it a row in [`ROOMS`];
//! 3. list it in the `ours` of each crate that may name it. One that only tests need lies under
//! `tests/` and has its row in [`NEVER_SHIPPED`] as well.

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand};

use crate::sources::{none, root};

/// A crate of ours, and all that it depends on.
struct Room {
    name: String,
    depends_on: Vec<String>,
    /// Without what only its tests need.
    ships_with: Vec<String>,
}

/// Each crate with the crates of ours that it names: no more, and no fewer.
const ROOMS: &[(&str, &[&str])] = &[
    ("care", &[]),
    ("journal", &[]),
    ("vault", &[]),
    ("policy", &["care"]),
    ("coordination", &["care", "journal", "policy", "vault"]),
    ("server", &["care", "coordination", "policy"]),
    ("carefold", &["care", "coordination", "journal", "policy", "server", "vault"]),
    ("test_stores", &[]),
];

/// What only tests may name: a store that is not there, or one that fails when it is told to.
const NEVER_SHIPPED: &[&str] = &["test_stores"];

/// What pure decisions may rest on: nothing that waits, reads, writes or draws lots.
const CARE_MAY_NAME: &[&str] =
    &["chrono", "chrono-tz", "data-encoding", "serde", "serde_json", "thiserror", "uuid", "zeroize"];

/// Foreign crates that stay in their room, tests included.
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

fn ours_are_named_as_the_table_says(rooms: &[Room]) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, expected) in ROOMS {
        let Some(room) = rooms.iter().find(|room| room.name == *name) else {
            findings.push(format!("the crate {name} is missing"));
            continue;
        };
        let is_ours = |dependency: &&String| ROOMS.iter().any(|(ours, _)| *ours == dependency.as_str());
        let mut named: Vec<&str> = room.ships_with.iter().filter(is_ours).map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        if named != *expected {
            findings.push(format!("{name} names {named:?}, and the table says {expected:?}"));
        }
    }
    let unlisted = rooms.iter().filter(|room| ROOMS.iter().all(|(name, _)| *name != room.name));
    findings.extend(unlisted.map(|room| format!("the crate {} is not in the table", room.name)));
    findings
}

fn foreign_crates_stay_in_their_rooms(rooms: &[Room]) -> Vec<String> {
    let mut findings = Vec::new();
    for room in rooms {
        for (foreign, homes) in KEPT_IN {
            let ships = room.ships_with.iter().any(|name| name == foreign);
            let measures = !ships && MEASURED_BESIDE.contains(&(room.name.as_str(), *foreign));
            let names = room.depends_on.iter().any(|name| name == foreign);
            if names && !measures && !homes.contains(&room.name.as_str()) {
                findings.push(format!("{} depends on {foreign}, which stays in {homes:?}", room.name));
            }
        }
        if room.name == "care" {
            let strange = room.ships_with.iter().filter(|name| !CARE_MAY_NAME.contains(&name.as_str()));
            findings.extend(strange.map(|name| format!("care ships with {name}, which is not on its list")));
        }
    }
    findings
}

fn what_is_for_tests_is_not_shipped(rooms: &[Room]) -> Vec<String> {
    let shipped = rooms.iter().filter(|room| !NEVER_SHIPPED.contains(&room.name.as_str()));
    let named = |room: &Room| NEVER_SHIPPED.iter().filter(|name| room.ships_with.iter().any(|d| d == *name)).count();
    shipped
        .filter(|room| named(room) > 0)
        .map(|room| format!("{} ships with what is for tests alone: {NEVER_SHIPPED:?}", room.name))
        .collect()
}

fn the_foundations_are_there(rooms: &[Room]) -> Vec<String> {
    let shipped: Vec<&Room> = rooms.iter().filter(|room| !NEVER_SHIPPED.contains(&room.name.as_str())).collect();
    let missing = BUILT_ON.iter().filter(|name| !shipped.iter().any(|room| room.ships_with.iter().any(|d| d == *name)));
    missing.map(|name| format!("no crate ships with {name}")).collect()
}

fn rooms_of(metadata: &Metadata) -> Vec<Room> {
    let packages = metadata.workspace_packages().into_iter();
    // A crate is called here what our code calls it.
    let called = |dependency: &Dependency| dependency.rename.as_ref().unwrap_or(&dependency.name).clone();
    packages
        .map(|package| Room {
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
    ROOMS.iter().map(|(name, _)| *name)
}

#[test]
fn the_workspace_keeps_the_crate_table() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec();
    let rooms = rooms_of(&metadata.expect("cargo describes the workspace"));
    none(&ours_are_named_as_the_table_says(&rooms));
    none(&foreign_crates_stay_in_their_rooms(&rooms));
    none(&what_is_for_tests_is_not_shipped(&rooms));
    none(&the_foundations_are_there(&rooms));
}

#[test]
fn a_crate_that_breaks_through_a_wall_is_found() {
    let room = |name: &str, depends_on: &[&str]| {
        let depends_on: Vec<String> = depends_on.iter().map(|name| (*name).to_owned()).collect();
        Room { name: name.to_owned(), ships_with: depends_on.clone(), depends_on }
    };
    let table = || ROOMS.iter().map(|(name, ours)| room(name, ours)).collect::<Vec<_>>();
    none(&ours_are_named_as_the_table_says(&table()));
    let with = |changed: Room| {
        let mut rooms = table();
        rooms.retain(|room| room.name != changed.name);
        rooms.push(changed);
        rooms
    };
    let through = with(room("server", &["care", "coordination", "policy", "vault"]));
    assert_eq!(ours_are_named_as_the_table_says(&through).len(), 1, "the door holds a key");
    assert_eq!(ours_are_named_as_the_table_says(&with(room("policy", &[]))).len(), 1, "fewer than the table");
    assert_eq!(ours_are_named_as_the_table_says(&with(room("annex", &[]))).len(), 1, "not in the table");
    assert_eq!(ours_are_named_as_the_table_says(&table()[1..]).len(), 1, "missing");
    assert_eq!(foreign_crates_stay_in_their_rooms(&[room("server", &["rusqlite", "poem"])]).len(), 1);
    assert_eq!(foreign_crates_stay_in_their_rooms(&[room("care", &["chrono", "tokio"])]).len(), 1);
    assert_eq!(foreign_crates_stay_in_their_rooms(&[room("coordination", &["casbin", "async-graphql"])]).len(), 2);
    assert_eq!(foreign_crates_stay_in_their_rooms(&[room("carefold", &["poem"])]).len(), 1, "it would ship");
    let measuring = Room { ships_with: Vec::new(), ..room("carefold", &["poem", "casbin"]) };
    assert_eq!(foreign_crates_stay_in_their_rooms(&[measuring]).len(), 1, "casbin, and not poem");
    assert_eq!(what_is_for_tests_is_not_shipped(&[room("journal", &["test_stores"])]).len(), 1);
    let tested = Room { ships_with: Vec::new(), ..room("journal", &["test_stores"]) };
    none(&what_is_for_tests_is_not_shipped(&[tested]));
    let built_on = &["tokio", "poem", "chrono", "serde", "casbin", "eventstore"];
    assert_eq!(the_foundations_are_there(&[room("server", built_on)]).len(), 1, "no GraphQL");
    assert_eq!(the_foundations_are_there(&[room("test_stores", BUILT_ON)]).len(), BUILT_ON.len(), "it is not shipped");
}
