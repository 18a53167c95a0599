//! Help that ends while its streams are open over HTTP: a WebSocket, server-sent events, and the stream of a page. The
//! thread completes in each, nothing more is told of it, and the next request finds nothing.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{self, BOUND, Events};
use crate::clinic::{Clinic, Target};
use crate::codes;
use crate::hidden_threads::{Help, begin_help, missing_like, page_without_tokens};
use crate::pages::Browser;
use crate::pages_live::{Live, MESSAGE, query_of};

const HELPER: &str = "stranger";

fn of_thread(thread: &str, after: &str) -> String {
    let (thread, after) = (json!(thread), json!(after));
    format!("subscription {{ threadEvents(threadId: {thread}, after: {after}) {{ position topic isOwn }} }}")
}

fn of_inbox(after: &str) -> String {
    let after = json!(after);
    format!("subscription {{ inboxEvents(after: {after}) {{ position threadId topic isOwn }} }}")
}

/// Follows a thread by server-sent events.
pub async fn follow_thread(clinic: &Clinic, who: &str, thread: &str, after: &str) -> Events {
    Events::open(clinic.address, &clinic.credential(who), &of_thread(thread, after)).await
}

/// Follows the inbox by server-sent events.
pub async fn follow_inbox(clinic: &Clinic, who: &str, after: &str) -> Events {
    Events::open(clinic.address, &clinic.credential(who), &of_inbox(after)).await
}

/// The notices that were told, once there are so many.
pub async fn notices(events: &mut Events, count: usize) -> Vec<Value> {
    events.until(|read| told(read).len() >= count).await;
    told(&events.read)
}

/// The notices in the bytes of a stream.
fn told(read: &str) -> Vec<Value> {
    let data = read.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    data.filter_map(|data| notice(&data)).collect()
}

/// The notice of an answer to a subscription.
fn notice(answer: &Value) -> Option<Value> {
    answer["data"].as_object()?.values().next().cloned()
}

/// A socket on which a thread and the inbox are followed.
struct Socket(WebSocketStream<TcpStream>);

/// What a socket tells.
#[derive(Debug)]
enum Heard {
    /// Of which subscription, and what.
    Notice(String, Value),
    Complete(String),
}

impl Socket {
    async fn open(clinic: &Clinic, thread: &str, after: &str) -> Self {
        let mut socket = Self(client::socket(clinic.address, &[]).await.unwrap());
        let payload = json!({ "authorization": clinic.credential(HELPER) });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        for (id, query) in [("thread", of_thread(thread, after)), ("inbox", of_inbox(after))] {
            socket.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
        }
        socket
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn message(&mut self) -> Value {
        let read = async {
            loop {
                match self.0.next().await.expect("it is open").unwrap() {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Ping(_) => {}
                    other @ (Message::Binary(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => {
                        panic!("a message of the protocol, not {other:?}")
                    }
                }
            }
        };
        tokio::time::timeout(BOUND, read).await.expect("in time")
    }

    async fn hear(&mut self) -> Heard {
        let message = self.message().await;
        let id = message["id"].as_str().unwrap_or_else(|| panic!("{message}")).to_owned();
        match message["type"].as_str() {
            Some("next") => Heard::Notice(id, notice(&message["payload"]).expect("a notice")),
            Some("complete") => Heard::Complete(id),
            _ => panic!("{message}"),
        }
    }
}

/// How help ends that somebody gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Revoked,
    /// The topic of the thread is not in the scope any more.
    Narrowed,
    /// By staff.
    Suspended,
}

impl Ending {
    async fn happen(self, clinic: &Clinic, delegation: &str) {
        let to = Some(Target { argument: "delegationId", id: delegation });
        let (by, mutation, input) = match self {
            Self::Revoked => ("mira", "revokeDelegation", json!({ "clientMutationId": "end" })),
            Self::Narrowed => {
                let scope = json!({ "topics": [{ "topic": "RESULTS", "read": true, "write": true }],
                    "threadKinds": ["CONSULTATION"], "history": "ALL" });
                ("mira", "narrowDelegation", json!({ "clientMutationId": "end", "scope": scope }))
            }
            Self::Suspended => {
                ("nurse", "suspendDelegation", json!({ "clientMutationId": "end", "reason": "A worry." }))
            }
        };
        clinic.by(by).done(mutation, to, input, "").await;
    }

    /// Something else that the helper is told of in their inbox, after everything that was before.
    async fn and_later(self, clinic: &Clinic, delegation: &str) {
        if self == Self::Revoked {
            let scope = json!({ "topics": [{ "topic": "CLINICAL_ADVICE", "read": true, "write": false }],
                "threadKinds": ["CONSULTATION"], "history": "ALL" });
            let invite = json!({
                "clientMutationId": "later", "patientId": clinic.patient, "personId": clinic.id(HELPER),
                "kind": "PATIENT_AUTHORISED", "relationship": "CHILD", "scope": scope, "until": "2027-01-23T09:00:00Z",
            });
            clinic.by("mira").done("inviteDelegate", None, invite, "").await;
        } else {
            let to = Some(Target { argument: "delegationId", id: delegation });
            clinic.by("mira").done("revokeDelegation", to, json!({ "clientMutationId": "later" }), "").await;
        }
    }
}

async fn post(clinic: &Clinic, thread: &str, key: &str) -> String {
    let input = json!({ "clientMutationId": key, "body": "Secret words", "audience": "EVERYONE" });
    let to = Some(Target { argument: "threadId", id: thread });
    let posted = clinic.by("nurse").done("postMessage", to, input, "message { id }").await;
    posted["position"].as_str().expect("a position").to_owned()
}

/// What the inbox tells: the topics, each with whether it names the thread.
fn topics<'n>(notices: &'n [Value]) -> Vec<(&'n str, bool)> {
    let row = |notice: &'n Value| (notice["topic"].as_str().expect("a topic"), !notice["threadId"].is_null());
    notices.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_of_a_helper_ends_with_the_help_and_the_next_request_finds_nothing() {
    for ending in [Ending::Revoked, Ending::Narrowed, Ending::Suspended] {
        let clinic = Clinic::with_pages().await;
        let (thread, _) = clinic.asked("q").await;
        let delegation = begin_help(&clinic, &Help::of(&clinic, HELPER)).await;
        let helper = Browser::signed_in(&clinic, HELPER).await;
        let path = format!("/t/{thread}");
        let after = post(&clinic, &thread, "m0").await;
        let mut socket = Socket::open(&clinic, &thread, &after).await;
        let mut events = follow_thread(&clinic, HELPER, &thread, &after).await;
        let mut events_of_inbox = follow_inbox(&clinic, HELPER, &after).await;
        let mut page = Live::open(&helper, &query_of(&helper, &path).await, "").await;
        post(&clinic, &thread, "m1").await;
        // Each is open, and tells of a message.
        let mut in_inbox = Vec::new();
        for _ in 0..2 {
            match socket.hear().await {
                Heard::Notice(id, notice) if id == "inbox" => in_inbox.push(notice),
                Heard::Notice(_, notice) => assert_eq!(notice["topic"], "MESSAGE", "{notice}"),
                Heard::Complete(id) => panic!("{id} ended"),
            }
        }
        assert_eq!(notices(&mut events, 1).await[0]["topic"], "MESSAGE");
        assert_eq!(topics(&notices(&mut events_of_inbox, 1).await), [("MESSAGE", true)]);
        let mut of_page = page.until("thread", 1).await;

        ending.happen(&clinic, &delegation).await;
        post(&clinic, &thread, "m2").await;
        ending.and_later(&clinic, &delegation).await;
        // Twice something changed in the inbox, and the thread completed; the message after the end is told nowhere.
        let mut is_complete = false;
        while in_inbox.len() < 3 || !is_complete {
            match socket.hear().await {
                Heard::Notice(id, notice) if id == "inbox" => in_inbox.push(notice),
                Heard::Notice(id, notice) => panic!("{ending:?}: {id} tells {notice}"),
                Heard::Complete(id) => {
                    assert_eq!(id, "thread", "{ending:?}");
                    is_complete = true;
                }
            }
        }
        let expected = [("MESSAGE", true), ("CHANGED", false), ("CHANGED", false)];
        assert_eq!(topics(&in_inbox), expected, "{ending:?}");
        assert_eq!(topics(&notices(&mut events_of_inbox, 3).await), expected, "{ending:?}");
        events.until_text("event: complete").await;
        assert_eq!(notices(&mut events, 1).await.len(), 1, "{ending:?}");
        while let Some(event) = page.next().await {
            of_page.push(event);
        }
        let end = of_page.pop().expect("a reason");
        assert_eq!((end.event.as_str(), end.data.as_str()), ("ended", "thread"), "{ending:?}");
        for which in ["thread", "inbox"] {
            let messages = of_page.iter().filter(|event| event.event == which && event.data == MESSAGE);
            assert!(messages.count() <= 1, "{ending:?}: {of_page:?}");
        }

        // As for a thread that does not exist.
        let missing = missing_like(&thread);
        let mut answers = Vec::new();
        for id in [&thread, &missing] {
            let found = clinic.ask(HELPER, &format!("{{ thread(id: {}) {{ id }} }}", json!(id))).await;
            let input = json!({ "clientMutationId": format!("late-{id}"), "body": "late", "audience": "EVERYONE" });
            let to = Some(Target { argument: "threadId", id: id.as_str() });
            let posted = clinic.by(HELPER).act("postMessage", to, input, "").await;
            assert_eq!(codes(&posted), ["NOT_FOUND"], "{ending:?}");
            let mut late = follow_thread(&clinic, HELPER, id, &after).await;
            late.until_text("event: complete").await;
            let shown = helper.get(&format!("/t/{id}")).await;
            assert_eq!(shown.status, 404, "{ending:?}");
            answers.push((found, told(&late.read), page_without_tokens(&shown.body).replace(id.as_str(), "ID")));
        }
        assert_eq!(answers[0], answers[1], "{ending:?}");
        assert_eq!((&answers[0].0["thread"], answers[0].1.len()), (&Value::Null, 0), "{ending:?}");
    }
}
