//! Commands that need no clinic: the policy and the schema.

use std::process::{Command, Output};

use crate::clinic::{ended, is_one_reason};

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
    // A question without a needed word, or with one that does not belong to it, is wrong usage. A refusal is not.
    let (code, said) = ended(&run(&asked));
    assert!(code == 2 && said.contains("name one with `--kind`"), "{said}");
    let of_consultations = ["--action", "consultation.close", "--kind", "team_thread"];
    let (code, said) = ended(&run(&[&asked[..6], &of_consultations[..]].concat()));
    assert!(code == 2 && said.contains("is not an action of the kind team_thread"), "{said}");
    let asked = [&asked[..], &["--kind", "team_thread"]].concat();
    let told = run(&asked);
    assert_eq!(ended(&told).0, 1);
    assert!(String::from_utf8_lossy(&told.stdout).starts_with("refused by policy "));
    assert_eq!(ended(&run(&[&asked[..], &["--code", "gossip"]].concat())).0, 2, "no such code");
}

#[test]
fn the_last_line_of_every_command_that_fails_is_json_and_has_its_exit_code() {
    let place = tempfile::tempdir().expect("a directory");
    let nowhere = place.path().join("nowhere").to_str().expect("text").to_owned();
    let there = ["--data", nowhere.as_str()];
    for (command, rest, code) in [
        (&["demo"][..], &["--listen", "192.0.2.1:80"][..], 3),
        (&["demo"], &["--data", "/dev/null/x"], 1),
        (&["token", "--as", "pcp"], &there, 3),
        (&["journal", "verify"], &there, 3),
        (&["journal", "init"], &["--journal", "mysql://x"], 2),
        (&["journal", "export"], &there, 3),
        (&["journal", "import"], &["--journal", "memory:", "--from", &nowhere], 1),
        (&["journal", "renew-epoch"], &["--journal", "mysql://x"], 2),
        (&["read-models", "status"], &there, 3),
        (&["read-models", "rebuild"], &there, 3),
        (&["policy", "lint"], &["--folder", &nowhere], 1),
        (&["policy", "test"], &["--folder", &nowhere], 1),
        (&["policy", "explain"], &[], 2),
        (&["schema", "check"], &["--file", &nowhere], 1),
        (&["schema"], &["prnt"], 2),
        (&[], &["--wrong"], 2),
    ] {
        let arguments = [command, rest].concat();
        let (status, said) = ended(&run(&arguments));
        assert!(is_one_reason(&said), "{arguments:?}: {said}");
        let line: serde_json::Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((status, &line["fields"]["exit_code"]), (code, &serde_json::json!(code)), "{arguments:?}: {said}");
    }
    // Help is no failure.
    let help = run(&["journal", "--help"]);
    assert_eq!(ended(&help), (0, String::new()));
    assert!(!help.stdout.is_empty());
}

#[test]
fn a_failure_says_what_was_expected_or_what_to_do_next() {
    let place = tempfile::tempdir().expect("a directory");
    let folder = place.path().to_str().expect("text");
    let missing = format!("{folder}/cases: No such file");
    for (arguments, part) in [
        (&["demo", "--wait", "x"][..], "a whole number of seconds"),
        (&["policy", "lint", "--folder", folder], missing.as_str()),
        (&["schema", "check", "--file", "nowhere"], "run it in the repository, or use `--file` and `--released`"),
        (&["schema", "check", "--released", "nowhere"], "run it in the repository, or use `--file` and `--released`"),
        (&["demo", "--time-zones", folder], "name a directory with zone files, or leave `--time-zones` out"),
    ] {
        let (_, said) = ended(&run(arguments));
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn the_help_lists_the_words_and_the_exit_codes() {
    let help = |arguments: &[&str]| String::from_utf8(run(&[arguments, &["--help"]].concat()).stdout).expect("text");
    let explain = help(&["policy", "explain"]);
    for word in ["named", "team_thread", "social_worker", "care_team", "thread.read_message", "V very restricted"] {
        assert!(explain.contains(word), "{word}: {explain}");
    }
    let all = help(&[]);
    for code in ["0 success", "1 failure", "2 wrong", "3 refused", "4 the", "5 the", "6 the"] {
        assert!(all.contains(code), "{code}: {all}");
    }
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
