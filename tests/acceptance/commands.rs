//! Commands that need no clinic: the policy and the schema.

use std::process::{Command, Output};

use crate::clinic::ended;

fn run(arguments: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    Command::new(env!("CARGO_BIN_EXE_carefold")).args(arguments).current_dir(root).output().expect("it runs")
}

#[test]
fn the_policy_passes_lint_and_test_and_can_be_explained() {
    for arguments in [&["policy", "lint"][..], &["policy", "test"], &["policy", "test", "--folder", "policies"]] {
        assert_eq!(ended(&run(arguments)), (0, String::new()), "{arguments:?}");
    }
    let of_a_nurse = ["--role", "nurse", "--standing", "none", "--action", "thread.read"];
    let asked = [&["policy", "explain"][..], &of_a_nurse].concat();
    // An action of several kinds of thread needs its kind.
    assert_eq!(ended(&run(&asked)).0, 1);
    let asked = [&asked[..], &["--kind", "team_thread"]].concat();
    let told = run(&asked);
    assert_eq!(ended(&told).0, 1);
    assert!(String::from_utf8_lossy(&told.stdout).starts_with("refused by policy "));
    assert_eq!(ended(&run(&[&asked[..], &["--code", "gossip"]].concat())).0, 2, "no such code");
}

#[test]
fn the_schema_is_printed_and_compared_with_its_reviewed_file() {
    assert_eq!(ended(&run(&["schema", "check"])), (0, String::new()));
    let printed = run(&["schema", "print"]).stdout;
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("schema.graphql");
    let check = || ended(&run(&["schema", "check", "--file", file.to_str().expect("a path")])).0;
    assert_eq!(check(), 1, "there is no such file");
    std::fs::write(&file, &printed).expect("a file");
    assert_eq!(check(), 0);
    std::fs::write(&file, [&printed[..], b"\n# More"].concat()).expect("a file");
    assert_eq!(check(), 1);
}
