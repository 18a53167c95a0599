//! `carefold administrators restore` refuses beside a server, where there is an administrator, and what is no such id.

use serde_json::json;

use crate::clinic::{Clinic, run, token};
use crate::refused::refuses;
use crate::store::{Home, Kind};

#[test]
fn nobody_is_made_an_administrator_beside_a_server_or_another_administrator() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    let clinic = Clinic::start(&place);
    let query = "{ viewer { person { id } roles { role organization { id } } } }";
    let viewer = clinic.data(&token("admin", &place), query, &json!({}))["viewer"].clone();
    let person = viewer["person"]["id"].as_str().expect("an id");
    let roles = viewer["roles"].as_array().expect("roles");
    let held = roles.iter().find(|held| held["role"] == "ADMINISTRATOR").expect("an administrator");
    let organization = held["organization"]["id"].as_str().expect("an id");
    let restore = |organization: &str, person: &str| {
        run(&["administrators", "restore", "--organization", organization, "--person", person], &place)
    };
    refuses(&restore(organization, person), 3, "another process serves the clinic");
    assert_eq!(clinic.stop(), Some(0));
    refuses(&restore(organization, person), 1, "the organization has an administrator, who can grant the role");
    // An id of one kind is not taken for that of another.
    refuses(&restore(person, organization), 2, "it is the id of an organization in the API");
    assert_eq!(Clinic::start(&place).stop(), Some(0), "the log was left to the next server");
}
