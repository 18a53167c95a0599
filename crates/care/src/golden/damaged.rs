//! Damaged data is told from the words of newer software.

use crate::event::{Event, EventProblem};

#[test]
fn damaged_data_is_no_word_of_newer_software() {
    let malformed = |kind: &str, stored: &str| {
        let problem = EventProblem::Malformed { kind: kind.to_owned() };
        assert_eq!(Event::read(kind, 1, stored.as_bytes()), Err(problem), "{stored}");
    };
    malformed("thread.released", "{}");
    malformed("thread.released", r#"{"by":7}"#);
    malformed("thread.released", r#"{"by":"person-3"}"#);
    malformed("person.role_ended", r#"{"person":"3","organization":"2","role":"nurse"}"#);
}
