//! Kill -9: every acknowledged command has its effect afterwards, exactly once.
//!
//! Each round starts the clinic, lets several clients post, and kills it at a moment that follows from the round's
//! number. With `CAREFOLD_SOAK=1` there are a thousand rounds instead of a few.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, ended, run, token};
use crate::http;
use crate::store::Home;

const CLIENTS: usize = 3;
const ROUNDS: usize = 20;
const ROUNDS_ELSEWHERE: usize = 6;
const ANSWERS_WAIT_MAX: Duration = Duration::from_secs(60);
const ROUNDS_SOAK: usize = 1_000;

const POST: &str = "mutation($thread: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $thread, input: $input) { replayed problems { message } message { id } } }";

/// The acknowledgements of a client: its key, the thread and the message's id.
type Acknowledged = BTreeMap<String, (String, String)>;

/// Posts under a key; the message's id and whether it was there already, if an answer came.
fn post(clinic: &Clinic, token: &str, thread: &str, key: &str) -> Option<(String, bool)> {
    let input = json!({ "clientMutationId": key, "audience": "EVERYONE", "body": format!("Message {key}.") });
    let answer = http::graphql(clinic.address, token, POST, &json!({ "thread": thread, "input": input })).ok()?;
    let payload = &answer["data"]["postMessage"];
    assert_eq!(payload["problems"], json!([]), "{answer}");
    let message = payload["message"]["id"].as_str().expect("a message").to_owned();
    Some((message, payload["replayed"].as_bool().expect("whether it was there")))
}

/// The clients post until the server is gone; it is killed after so many acknowledgements.
fn round(clinic: Clinic, round: usize, kill_after: usize, token: &str, threads: &[String]) -> Acknowledged {
    let acknowledged = Mutex::new(Acknowledged::new());
    let count = AtomicUsize::new(0);
    let (reached, killing) = mpsc::channel();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (acknowledged, count, reached, clinic) = (&acknowledged, &count, reached.clone(), &clinic);
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("round-{round}-client-{client}-{number}");
                    let thread = &threads[(client + number) % threads.len()];
                    let Some((message, replayed)) = post(clinic, token, thread, &key) else { return };
                    assert!(!replayed, "{key} was never sent before");
                    acknowledged.lock().expect("no panic").insert(key, (thread.clone(), message));
                    if count.fetch_add(1, Ordering::Relaxed) == kill_after {
                        reached.send(()).expect("the killer waits");
                    }
                }
            });
        }
        killing.recv_timeout(ANSWERS_WAIT_MAX).expect("the clients get their answers");
        clinic.kill();
    });
    acknowledged.into_inner().expect("no panic")
}

/// Everything that several people may read, to compare before and after.
fn answers(directory: &Place) -> Vec<Value> {
    let clinic = Clinic::start(directory);
    let readers = ["pcp", "nurse", "patient", "specialist", "social_worker"];
    let read = readers.map(|handle| clinic.inbox(&token(handle, directory)));
    assert_eq!(clinic.stop(), Some(0));
    read.into()
}

crate::store::on_each_store!(every_acknowledged_message_survives_kill_9_exactly_once);

fn every_acknowledged_message_survives_kill_9_exactly_once(home: &Home) {
    let place = home.place("clinic");
    let directory = &place;
    let soaking = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    let rounds = match place.journal {
        _ if soaking => ROUNDS_SOAK,
        None => ROUNDS,
        // What is acknowledged there does not depend on files of ours.
        Some(_) => ROUNDS_ELSEWHERE,
    };
    let clinic = Clinic::start(directory);
    let pcp = token("pcp", directory);
    let query = "{ viewer { inbox(first: 50) { nodes { id viewerCanPost(audience: EVERYONE) { allowed } } } } }";
    let inbox = clinic.data(&pcp, query, &json!({}))["viewer"]["inbox"]["nodes"].clone();
    let open =
        inbox.as_array().expect("a list").iter().filter(|thread| thread["viewerCanPost"]["allowed"] == json!(true));
    let threads: Vec<String> = open.map(|thread| thread["id"].as_str().expect("an id").to_owned()).take(4).collect();
    assert_eq!(threads.len(), 4, "{inbox}");
    assert_eq!(clinic.stop(), Some(0));

    let mut acknowledged = Acknowledged::new();
    for number in 0..rounds {
        // A moment between the first answer and the thirtieth, another in each round.
        let kill_after = number * 7 % 30;
        acknowledged.extend(round(Clinic::start(directory), number, kill_after, &pcp, &threads));
    }
    assert!(acknowledged.len() > rounds, "{} messages", acknowledged.len());

    let clinic = Clinic::start(directory);
    for (key, (thread, message)) in &acknowledged {
        assert_eq!(post(&clinic, &pcp, thread, key), Some((message.clone(), true)), "{key} was lost");
    }
    let mut seen = BTreeMap::<String, usize>::new();
    for thread in &threads {
        for id in clinic.messages(&pcp, thread) {
            *seen.entry(id).or_default() += 1;
        }
    }
    for (key, (_, message)) in &acknowledged {
        assert_eq!(seen.get(message), Some(&1), "{key}");
    }
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], directory)), (0, String::new()));
    let before = answers(directory);
    assert_eq!(ended(&run(&["read-models", "rebuild"], directory)), (0, String::new()));
    assert_eq!(
        answers(directory),
        before,
        "read models that grew through crashes and read models folded at once differ"
    );
}
