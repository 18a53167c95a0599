//! A destroyed key stays destroyed, also when the key store is put back from an older copy.

use std::fs;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use vault::{KeyEncryptionKey, KeyState, KeyStoreUrl, Node, Vault};

use crate::clinic::{Clinic, ended, run, token};
use crate::store::Home;

fn a_destroyed_key_does_not_come_back_with_an_older_key_store(home: &Home) {
    let place = home.place("clinic");
    let clinic = Clinic::start(&place);
    let pcp = token("pcp", &place);
    let [thread, other] = [0, 1].map(|index| clinic.inbox(&pcp)[index]["id"].as_str().expect("an id").to_owned());
    let uuid =
        uuid::Uuid::from_slice(&BASE64URL_NOPAD.decode(thread.as_bytes()).expect("an id")[1..]).expect("128 bits");
    let subject = |clinic: &Clinic, id: &str| {
        clinic.data(&pcp, "query($id: ID!) { thread(id: $id) { subject { text withheld } } }", &json!({ "id": id }))["thread"]
            ["subject"]
            .clone()
    };
    assert!(subject(&clinic, &thread)["text"].is_string());
    let stream = format!("thread-{}", uuid.simple());
    assert_eq!(ended(&run(&["keys", "destroy", "--stream", &stream], &place)).0, 3, "a server runs");
    assert_eq!(clinic.stop(), Some(0));
    let keys = place.directory.join("keys.db");
    let older = fs::read(&keys).expect("the key store");

    for wrong in ["organization-00000000000000000000000000000001", "thread-00000000000000000000000000000001"] {
        assert_eq!(ended(&run(&["keys", "destroy", "--stream", wrong], &place)).0, 1, "{wrong}");
    }
    // The stream is named by the id in the API or by its own name; the second time adds nothing.
    let verified = || String::from_utf8(run(&["journal", "verify"], &place).stdout).expect("text");
    for named in [&thread, &stream] {
        assert_eq!(ended(&run(&["keys", "destroy", "--stream", named], &place)), (0, String::new()));
    }
    let events = verified();
    let erased = json!({ "text": Value::Null, "withheld": "ERASED" });
    for put_back in [false, true] {
        if put_back {
            fs::write(&keys, &older).expect("the older key store");
            assert!(matches!(state(&place.directory, uuid), KeyState::Known), "the key is there again");
        }
        let clinic = Clinic::start(&place);
        assert_eq!(subject(&clinic, &thread), erased);
        assert!(subject(&clinic, &other)["text"].is_string(), "another thread is left alone");
        assert_eq!(clinic.stop(), Some(0));
        assert!(matches!(state(&place.directory, uuid), KeyState::Destroyed { .. }));
    }
    // The log says it, so it holds for read models that are folded again, and for rows that know nothing.
    fs::write(&keys, &older).expect("the older key store");
    assert_eq!(ended(&run(&["read-models", "rebuild"], &place)), (0, String::new()));
    let clinic = Clinic::start(&place);
    assert_eq!(subject(&clinic, &thread), erased);
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(verified().lines().next(), events.lines().next(), "no event was added");
}

crate::store::on_each_store!(a_destroyed_key_does_not_come_back_with_an_older_key_store);

/// The state of a thread's key in the key store of a directory.
fn state(directory: &std::path::Path, thread: uuid::Uuid) -> KeyState {
    let kek = KeyEncryptionKey::read(&directory.join("kek.key")).expect("the key");
    let url = KeyStoreUrl::Sqlite(directory.join("keys.db"));
    let vault = Vault::open_at(&url, &kek, vault::Access::ReadOnly).expect("the key store");
    let key = format!("{}:1", Node::Thread(thread)).parse().expect("a key id");
    vault.key_state(&key).expect("a state")
}
