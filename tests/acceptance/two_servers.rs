//! Two servers with copies of one directory on one log in a database: one serves, whatever happens to it.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::clinic::{Clinic, Place, ended, is_one_reason, run, serving, token};
use crate::refused::refuses;
use crate::store::Home;

crate::store::on_each_network_store!(the_second_of_two_servers_of_one_log_is_refused_and_who_stood_still_ends);

fn the_second_of_two_servers_of_one_log_is_refused_and_who_stood_still_ends(home: &Home) {
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let copy = Place { directory: place.directory.with_file_name("copy"), ..place.clone() };
    let copied = Command::new("cp").arg("-r").args([&place.directory, &copy.directory]).status();
    assert!(copied.expect("cp runs").success());

    let mut first = Clinic::started(serving(&place).stderr(Stdio::piped()));
    let (code, said) = ended(&serving(&copy).output().expect("it runs"));
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("another server serves the log") && is_one_reason(&said), "{said}");
    // Nor does the operator write beside it.
    let thread = format!("thread-{}", "0".repeat(32));
    refuses(&run(&["keys", "destroy", "--stream", &thread], &copy), 3, "another server serves the log");
    let inbox = first.inbox(&token("pcp", &place));

    signal(&first, "-STOP");
    let second = Clinic::start(&copy);
    signal(&first, "-CONT");
    let (code, said) = first.ends();
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("another server serves the log"), "{said}");
    assert_eq!(second.health()["ready"], json!(true));
    assert_eq!(second.inbox(&token("pcp", &copy)), inbox);
    assert_eq!(second.stop(), Some(0));
}

fn signal(clinic: &Clinic, signal: &str) {
    let pid = clinic.pid().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
}
