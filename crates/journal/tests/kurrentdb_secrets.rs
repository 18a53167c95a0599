//! The password of a KurrentDB is in its URL, and in nothing that is written down: in no error, and in no line of a log at
//! any level, whether ours or its client's. A test of its own, since it listens to the whole process.

use std::io;
use std::sync::{Arc, Mutex};

use journal::{Access, Append, Clock, EventType, Expected, Namespace, NewEvent, StreamName, open};
use test_stores::kurrent::{Options, StandIn, User};
use uuid::Uuid;

const PASSWORD: &str = "s3cr3tW0rd";
/// A piece of the same as a header has it, which is `ann:s3cr3tW0rd` in Base64.
const IN_BASE64: &str = "MzY3IzdFcwcm";

/// Everything that is written to the log.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().map_err(|_| io::ErrorKind::Other)?.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_at_any_level_and_no_error_has_the_password() {
    let heard = Heard::default();
    let writer = heard.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    log.init();

    let user = User { name: "ann".into(), password: PASSWORD.into(), admin: true };
    let mut stand_in = StandIn::start(Options { nodes: 3, user: Some(user), ..Options::default() });
    let care = || Namespace::parse("care").expect("a namespace");
    let clock = || -> Clock { Arc::new(|| chrono::DateTime::UNIX_EPOCH) };
    let url = format!("{}&unknown={PASSWORD}x", stand_in.url());
    let journal = open(&url, care(), Access::Write, clock()).await.expect("the log opens");
    let event = NewEvent {
        id: Uuid::from_u128(1),
        event_type: EventType::parse("note.taken").expect("an event type"),
        data: "what nobody may read".into(),
        meta: "{}".into(),
    };
    let stream = StreamName::parse("a-1").expect("a name");
    let append = Append { stream, expected: Expected::NoStream, events: vec![event] };
    journal.append(append).await.expect("appended");
    let mut errors = Vec::new();
    for node in 0..3 {
        stand_in.kill(node);
    }
    errors.push(format!("{:?}", journal.head().await));
    for wrong in [
        url.replace("tls=false", "tls=perhaps"),
        url.replace("ann:", "bob:"),
        url.replace("?", "/x?"),
        url.replace("@127", "@"),
    ] {
        errors.push(format!("{:?}", open(&wrong, care(), Access::Write, clock()).await.map(drop)));
    }

    let heard = String::from_utf8(heard.0.lock().expect("no panic while writing").clone()).expect("text");
    assert!(heard.contains("Ignored connection string parameter: unknown"), "an unknown parameter is warned of");
    assert!(heard.len() > 10_000, "the client was heard");
    for said in errors.iter().map(String::as_str).chain(heard.lines()) {
        assert!(!said.contains(PASSWORD) && !said.contains(IN_BASE64), "{said}");
        assert!(!said.contains("what nobody may read"), "{said}");
    }
}
