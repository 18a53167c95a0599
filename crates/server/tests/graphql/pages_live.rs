//! The stream of a page over HTTP: what it tells, that nothing is lost or told twice after a reconnect, and how it ends.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

use crate::client::request;
use crate::clinic::{Clinic, Target};
use crate::pages::{Browser, Form, OWN, between};
use crate::pages_threads::team_thread;

/// The open stream of a page.
pub struct Live(Lines<BufReader<TcpStream>>);

/// What the stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub event: String,
    id: String,
    pub data: String,
}

impl Event {
    fn is(&self, event: &str, data: &str) -> bool {
        self.event == event && self.data == data
    }
}

pub const MESSAGE: &str = r#"{"topic":"MESSAGE","own":false}"#;

impl Live {
    pub async fn open(browser: &Browser<'_>, query: &str, header: &str) -> Self {
        let address = browser.clinic.address;
        let mut socket = TcpStream::connect(address).await.unwrap();
        let cookie = &browser.cookie;
        let request = format!(
            "GET /live?{query} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nconnection: close\r\n{OWN}\r\n{header}\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(socket).lines();
        let first = lines.next_line().await.unwrap();
        assert_eq!(first.as_deref(), Some("HTTP/1.1 200 OK"), "{request}");
        Self(lines)
    }

    /// The next event that is no heartbeat; none at the end.
    pub async fn next(&mut self) -> Option<Event> {
        let (mut event, mut id) = (String::new(), String::new());
        let read = async {
            while let Some(line) = self.0.next_line().await.unwrap() {
                match line.split_once(": ") {
                    Some(("event", name)) => event = name.to_owned(),
                    Some(("id", position)) => id = position.to_owned(),
                    Some(("data", data)) if event != "beat" => return Some(data.to_owned()),
                    _ => {}
                }
            }
            None
        };
        let data = tokio::time::timeout(Duration::from_secs(20), read).await.expect("an event in time")?;
        Some(Event { event, id, data })
    }

    /// The events up to this many of one kind.
    pub async fn until(&mut self, kind: &str, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.iter().filter(|each: &&Event| each.event == kind).count() < count {
            events.push(self.next().await.expect("more events"));
        }
        events
    }

    /// The reason for which it ends, which is the next event and the last.
    async fn end(&mut self) -> String {
        let ended = self.next().await.expect("a reason");
        assert_eq!(ended.event, "ended", "{ended:?}");
        assert_eq!(self.next().await, None);
        ended.data
    }
}

/// The query of the stream of a page.
pub async fn query_of(browser: &Browser<'_>, path: &str) -> String {
    let page = browser.page(path).await;
    let part = |name: &str| between(&page.body, &format!("{name}=\""), "\"").unwrap_or_default().to_owned();
    let (after, person, thread) = (part("data-live"), part("data-person"), part("data-thread"));
    assert!(!after.is_empty(), "{page:?}");
    let thread = if thread.is_empty() { String::new() } else { format!("&thread={thread}") };
    format!("after={after}&person={person}{thread}")
}

async fn post(clinic: &Clinic, who: &'static str, thread: &str, key: &str, audience: &str) {
    let input = json!({ "clientMutationId": key, "body": "Secret words", "audience": audience });
    let target = Some(Target { argument: "threadId", id: thread });
    clinic.by(who).done("postMessage", target, input, "message { id }").await;
}

#[tokio::test]
async fn a_page_is_told_that_something_changed_and_after_a_reconnect_everything_once() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let query = query_of(&pcp, &format!("/t/{id}")).await;
    let mut whole = Live::open(&pcp, &query, "").await;
    for (number, who) in [(1, "nurse"), (2, "nurse"), (3, "pcp")] {
        post(&clinic, who, &id, &format!("m{number}"), "CLINICAL_TEAM").await;
    }
    let own = r#"{"topic":"MESSAGE","own":true}"#;
    let told = |events: &[Event], which: &str| -> Vec<String> {
        events.iter().filter(|each| each.event == which).map(|each| each.data.clone()).collect()
    };
    let mut events = whole.until("thread", 3).await;
    if told(&events, "inbox").len() < 3 {
        let left = 3 - told(&events, "inbox").len();
        events.extend(whole.until("inbox", left).await);
    }
    for which in ["thread", "inbox"] {
        assert_eq!(told(&events, which), [MESSAGE, MESSAGE, own], "{which}: {events:?}");
    }
    assert!(!format!("{events:?}").contains(&id), "no event names the thread: {events:?}");

    // A stream that breaks off after each event goes on behind it, in every subscription.
    let mut again: Vec<Event> = Vec::new();
    while again.len() < events.len() {
        let last = again.last().map(|event| format!("last-event-id: {}\r\n", event.id)).unwrap_or_default();
        let mut part = Live::open(&pcp, &query, &last).await;
        again.push(part.next().await.expect("an event"));
    }
    for which in ["thread", "inbox", "worklist"] {
        assert_eq!(told(&again, which), told(&events, which), "{which}: {again:?}");
    }
    let last = format!("last-event-id: {}\r\n", again.last().expect("an event").id);
    let mut rest = Live::open(&pcp, &query, &last).await;
    let sign_out = Form::of(&pcp.page("/home").await, "/sign-out");
    pcp.send("/sign-out", &sign_out).await;
    assert_eq!(rest.end().await, "signed-out", "nothing is told a second time");
    assert_eq!(whole.end().await, "signed-out", "every stream of the session ends");
}

#[tokio::test]
async fn a_position_of_another_installation_begins_now_and_says_that_something_was_missed() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let mut live = Live::open(&pcp, &format!("after=unknown&thread={id}"), "").await;
    let missed = r#"{"topic":"MISSED","own":false}"#;
    for which in ["inbox", "worklist", "thread"] {
        let event = live.next().await.expect("an event");
        assert!(event.is(which, missed), "{event:?}");
    }
    post(&clinic, "nurse", &id, "m1", "CLINICAL_TEAM").await;
    let event = live.until("thread", 1).await.pop().expect("an event");
    assert!(event.is("thread", MESSAGE), "{event:?}");
}

#[tokio::test]
async fn a_page_of_the_patient_is_not_told_what_only_the_clinical_team_reads() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let mut live = Live::open(&mira, &query_of(&mira, &format!("/t/{id}")).await, "").await;
    for (key, audience) in [("c1", "CLINICAL_TEAM"), ("e1", "EVERYONE"), ("c2", "CLINICAL_TEAM"), ("e2", "EVERYONE")] {
        post(&clinic, "nurse", &id, key, audience).await;
    }
    let mut events = live.until("thread", 2).await;
    post(&clinic, "nurse", &id, "e3", "EVERYONE").await;
    events.extend(live.until("thread", 1).await);
    let of_thread = events.iter().filter(|each| each.event == "thread").count();
    let of_inbox = events.iter().filter(|each| each.event == "inbox").count();
    assert_eq!((of_thread, of_inbox <= 3), (3, true), "{events:?}");
    assert!(events.iter().all(|each| each.data == MESSAGE), "{events:?}");
}

#[tokio::test]
async fn a_stream_ends_with_the_place_in_the_thread_and_with_the_server() {
    let clinic = Clinic::with_pages().await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let mut of_thread = Live::open(&nurse, &query_of(&nurse, &format!("/t/{id}")).await, "").await;
    let mut of_inbox = Live::open(&nurse, &query_of(&nurse, "/inbox").await, "").await;
    let thread = clinic.ask("pcp", &format!("{{ thread(id: {}) {{ version }} }}", json!(id))).await;
    let input = json!({
        "clientMutationId": "r1", "expectedVersion": thread["thread"]["version"], "personId": clinic.id("nurse"),
        "note": "Moved on.",
    });
    let target = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("pcp").done("removeParticipant", target, input, "thread { id }").await;
    let mut last = of_thread.next().await.expect("an event");
    while last.event != "ended" {
        assert_ne!(last.event, "thread", "the thread has ended for the nurse, and tells nothing more: {last:?}");
        last = of_thread.next().await.expect("a reason");
    }
    assert_eq!((last.data.as_str(), of_thread.next().await), ("thread", None));
    // The worklist may be told first, since it was the nurse's turn.
    let mut left = of_inbox.next().await.expect("an event");
    while left.event == "worklist" || left.event == "beat" {
        left = of_inbox.next().await.expect("an event");
    }
    assert_eq!(left.event, "inbox", "{left:?}");

    // As for a thread that does not exist.
    for thread in [id.as_str(), "nothing"] {
        let mut live = Live::open(&nurse, &format!("thread={thread}"), "").await;
        assert_eq!(live.end().await, "thread", "{thread}");
    }
    clinic.live.stop();
    let mut last = of_inbox.next().await.expect("an event");
    while last.event != "ended" {
        last = of_inbox.next().await.expect("a reason");
    }
    assert_eq!((last.data.as_str(), of_inbox.next().await), ("stopping", None));
}

#[tokio::test]
async fn a_stream_is_for_the_reader_of_the_page_and_for_own_pages_only() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let of_pcp = query_of(&pcp, "/inbox").await;
    assert_eq!(Live::open(&nurse, &of_pcp, "").await.end().await, "signed-out", "somebody else signed in");
    let nobody = Browser { clinic: &clinic, cookie: "other=1".to_owned(), language: "en" };
    assert_eq!(Live::open(&nobody, &of_pcp, "").await.end().await, "signed-out");
    let ended = Browser { clinic: &clinic, cookie: "carefold-demo=ended".to_owned(), language: "en" };
    assert_eq!(Live::open(&ended, &of_pcp, "").await.end().await, "expired");
    let cookie = format!("cookie: {}", pcp.cookie);
    for site in ["sec-fetch-site: cross-site", "sec-fetch-site: none", "x-nothing: 1"] {
        let answer = request(clinic.address, &format!("GET /live?{of_pcp}"), &[&cookie, site], "").await;
        assert_eq!(answer.status, 403, "{site}: {answer:?}");
    }
    let mut open = Vec::new();
    for _ in 0..24 {
        open.push(Live::open(&pcp, &of_pcp, "").await);
    }
    assert_eq!(Live::open(&pcp, &of_pcp, "").await.end().await, "full");
}
