//! Tests of the stand-in for KurrentDB with the official Rust client: writes, reads, subscriptions, refusals, and the
//! faults that other tests use.
#![expect(clippy::expect_used, clippy::wildcard_enum_match_arm, reason = "a test says what it expects by failing")]

use std::time::{Duration, Instant};

use eventstore::{
    AppendToStreamOptions, Client, ClientSettings, CurrentRevision, Error, EventData, Position, ReadAllOptions,
    ReadStreamOptions, StreamPosition, StreamState, SubscribeToAllOptions, SubscriptionEvent, SubscriptionFilter,
};
use test_stores::kurrent::{Options, RULES, Refusal, StandIn, User};
use tokio::time::timeout;
use uuid::Uuid;

/// Longer than any answer here takes, and short enough for a test that expects no answer.
const BOUND: Duration = Duration::from_secs(30);

fn client(url: &str) -> Client {
    let settings: ClientSettings = url.parse().expect("a connection string");
    Client::new(settings).expect("a client")
}

fn event(name: &str) -> EventData {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
    EventData::json("noted", &name).expect("an event").id(id)
}

fn expecting(state: StreamState) -> AppendToStreamOptions {
    AppendToStreamOptions::default().stream_state(state).deadline(Duration::from_secs(5))
}

async fn append(client: &Client, stream: &str, state: StreamState, names: &[&str]) -> Result<Position, Error> {
    let events: Vec<EventData> = names.iter().map(|name| event(name)).collect();
    let written = client.append_to_stream(stream, &expecting(state), events).await;
    written.map(|written| written.position)
}

async fn names(client: &Client, stream: &str, options: ReadStreamOptions) -> Result<Vec<String>, Error> {
    let mut events = client.read_stream(stream, &options).await?;
    let mut names = Vec::new();
    while let Some(event) = events.next().await? {
        names.push(event.get_original_event().as_json::<String>().expect("a name"));
    }
    Ok(names)
}

async fn all(client: &Client, options: ReadAllOptions) -> Result<Vec<(String, Position)>, Error> {
    let mut events = client.read_all(&options).await?;
    let mut found = Vec::new();
    while let Some(event) = events.next().await? {
        let event = event.get_original_event();
        found.push((event.stream_id().to_owned(), event.position));
    }
    Ok(found)
}

fn ours() -> SubscriptionFilter {
    SubscriptionFilter::on_stream_name().add_prefix("thread-")
}

async fn next(subscription: &mut eventstore::Subscription) -> SubscriptionEvent {
    let next = timeout(BOUND, subscription.next_subscription_event()).await;
    next.expect("the subscription says something").expect("the subscription goes on")
}

#[tokio::test]
async fn a_stream_is_written_once_and_read_both_ways() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    let first = append(&client, "thread-a", StreamState::NoStream, &["a", "b", "c"]).await.expect("the first append");
    let again = append(&client, "thread-a", StreamState::NoStream, &["a", "b", "c"]).await.expect("the same again");
    assert_eq!(first, again, "a repeat is answered as the first time");
    append(&client, "thread-a", StreamState::StreamRevision(2), &["d"]).await.expect("the next append");
    let again = append(&client, "thread-a", StreamState::NoStream, &["a", "b", "c"]).await.expect("the same, late");
    assert_eq!(first, again, "however old it is");
    let longer = append(&client, "thread-a", StreamState::NoStream, &["a", "b", "x"]).await;
    assert!(
        matches!(longer, Err(Error::WrongExpectedVersion { current: CurrentRevision::Current(3), .. })),
        "only the first ones are there: {longer:?}"
    );
    let forwards = names(&client, "thread-a", ReadStreamOptions::default()).await.expect("forwards");
    assert_eq!(forwards, ["a", "b", "c", "d"]);
    let backwards = ReadStreamOptions::default().backwards().position(StreamPosition::End).max_count(2);
    assert_eq!(names(&client, "thread-a", backwards).await.expect("backwards"), ["d", "c"]);
    let missing = names(&client, "thread-b", ReadStreamOptions::default()).await;
    assert!(matches!(missing, Err(Error::ResourceNotFound)), "{missing:?}");
}

#[tokio::test]
async fn the_current_revision_looks_up_no_ids() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("the first append");
    append(&client, "thread-a", StreamState::StreamRevision(0), &["a"]).await.expect("the same id, further on");
    let found = names(&client, "thread-a", ReadStreamOptions::default()).await.expect("the stream");
    assert_eq!(found, ["a", "a"]);
}

#[tokio::test]
async fn a_wrong_version_says_what_was_expected_and_what_is() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    for state in [StreamState::StreamRevision(4), StreamState::StreamExists] {
        match append(&client, "thread-a", state, &["a"]).await {
            Err(Error::WrongExpectedVersion { expected, current }) => {
                assert_eq!((expected, current), (state, CurrentRevision::NoStream));
            }
            other => panic!("not a wrong version: {other:?}"),
        }
    }
    append(&client, "thread-a", StreamState::Any, &["a"]).await.expect("an append");
    match append(&client, "thread-a", StreamState::NoStream, &["b"]).await {
        Err(Error::WrongExpectedVersion { expected, current }) => {
            assert_eq!((expected, current), (StreamState::NoStream, CurrentRevision::Current(0)));
        }
        other => panic!("not a wrong version: {other:?}"),
    }
}

#[tokio::test]
async fn positions_are_large_and_reads_begin_with_them() {
    let first = (1 << 53) + 7;
    let stand_in = StandIn::start(Options { first_position: first, ..Options::default() });
    let client = client(&stand_in.url());
    for number in 0..6_u32 {
        let (stream, name) = (format!("thread-{number}"), number.to_string());
        append(&client, &stream, StreamState::NoStream, &[&name]).await.expect("an append");
    }
    let found = all(&client, ReadAllOptions::default().position(StreamPosition::Start)).await.expect("everything");
    assert!(found.iter().all(|(_, position)| position.commit >= first), "{found:?}");
    assert!(found.windows(2).all(|pair| pair[0].1 < pair[1].1), "{found:?}");
    assert!(
        found.iter().filter(|(stream, _)| stream.starts_with('$')).count() >= 4,
        "the system writes too: {found:?}"
    );
    let from = found[3].1;
    let options = ReadAllOptions::default().position(StreamPosition::Position(from)).max_count(2);
    assert_eq!(all(&client, options).await.expect("from a position"), found[3..5], "the position is included");
    let options = ReadAllOptions::default().backwards().position(StreamPosition::Position(from)).max_count(1);
    assert_eq!(all(&client, options).await.expect("back from it"), found[2..3], "backwards it is not");
    let between = Position { commit: from.commit + 1, prepare: from.commit + 1 };
    let options = ReadAllOptions::default().position(StreamPosition::Position(between));
    let refused = all(&client, options).await;
    assert!(matches!(refused, Err(Error::Grpc { .. })), "no record begins there: {refused:?}");
}

#[tokio::test]
async fn a_subscription_begins_after_its_position_and_says_how_far_it_looked() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    let first = append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("an append");
    let second = append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await.expect("an append");
    for _ in 0..40 {
        stand_in.append_foreign("foreign-x", "happened", b"{}");
    }
    let options = SubscribeToAllOptions::default().position(StreamPosition::Position(first)).filter(ours().max(16));
    let mut subscription = client.subscribe_to_all(&options).await;
    assert!(matches!(next(&mut subscription).await, SubscriptionEvent::Confirmed(_)));
    match next(&mut subscription).await {
        SubscriptionEvent::EventAppeared(event) => assert_eq!(event.get_original_event().position, second),
        other => panic!("not the second event: {other:?}"),
    }
    let mut checkpoints = Vec::new();
    loop {
        match next(&mut subscription).await {
            SubscriptionEvent::Checkpoint(position) => checkpoints.push(position),
            SubscriptionEvent::CaughtUp(_) => break,
            other => panic!("nothing else is there: {other:?}"),
        }
    }
    assert!(checkpoints.len() >= 3, "one for each window, and one at the end: {checkpoints:?}");
    assert!(checkpoints.windows(2).all(|pair| pair[0] < pair[1]), "{checkpoints:?}");
    assert!(checkpoints[0] >= second);
    let third = append(&client, "thread-a", StreamState::StreamRevision(1), &["c"]).await.expect("an append");
    loop {
        match next(&mut subscription).await {
            SubscriptionEvent::EventAppeared(event) => {
                assert_eq!(event.get_original_event().position, third);
                break;
            }
            SubscriptionEvent::Checkpoint(position) => assert!(position < third),
            other => panic!("not the live event: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_closed_says_so() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    append(&client, "thread-a", StreamState::NoStream, &["a", "b"]).await.expect("an append");
    stand_in.delete("thread-a", false);
    let gone = names(&client, "thread-a", ReadStreamOptions::default()).await;
    assert!(matches!(gone, Err(Error::ResourceNotFound)), "{gone:?}");
    append(&client, "thread-a", StreamState::NoStream, &["c"]).await.expect("it begins again");
    let found = names(&client, "thread-a", ReadStreamOptions::default()).await.expect("the new events");
    assert_eq!(found, ["c"]);
    assert_eq!(stand_in.records().iter().find(|record| record.event.data == b"\"c\"").map(|r| r.revision), Some(2));
    stand_in.delete("thread-a", true);
    let closed = names(&client, "thread-a", ReadStreamOptions::default()).await;
    assert!(matches!(closed, Err(Error::ResourceDeleted)), "{closed:?}");
    let closed = append(&client, "thread-a", StreamState::Any, &["d"]).await;
    assert!(matches!(closed, Err(Error::ResourceDeleted)), "{closed:?}");
    let tombstone = stand_in.records().pop().expect("a record");
    assert_eq!((tombstone.stream.as_str(), tombstone.event.event_type.as_str()), ("thread-a", "$streamDeleted"));
}

#[tokio::test]
async fn an_append_that_is_too_large_is_refused_whole() {
    let stand_in = StandIn::start(Options { append_bytes_max: 2_000, ..Options::default() });
    let client = client(&stand_in.url());
    let long = "x".repeat(1_500);
    let refused = append(&client, "thread-a", StreamState::NoStream, &["small", &long, &long]).await;
    assert!(
        matches!(&refused, Err(Error::Grpc { message, .. }) if message == "Maximum Append Size of 2000 Exceeded."),
        "{refused:?}"
    );
    let nothing = names(&client, "thread-a", ReadStreamOptions::default()).await;
    assert!(matches!(nothing, Err(Error::ResourceNotFound)), "{nothing:?}");
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_a_lost_request_is_not() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("an append");
    stand_in.lose_next_answer();
    let lost = append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await;
    assert!(matches!(lost, Err(Error::ServerError(_))), "{lost:?}");
    let written = stand_in.records().iter().find(|record| record.event.data == b"\"b\"").map(|record| record.position);
    let again = append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await.expect("the same again");
    assert_eq!(Some(again.commit), written);
    stand_in.lose_next_request();
    let lost = append(&client, "thread-a", StreamState::StreamRevision(1), &["c"]).await;
    assert!(matches!(lost, Err(Error::ServerError(_))), "{lost:?}");
    let found = names(&client, "thread-a", ReadStreamOptions::default()).await.expect("the stream");
    assert_eq!(found, ["a", "b"], "the log never had it");
    assert_eq!(stand_in.appends(), 4);
}

#[tokio::test]
async fn a_silent_node_answers_nothing_and_goes_on_afterwards() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("an append");
    stand_in.silence(0, true);
    let mut late = Box::pin(append(&client, "thread-b", StreamState::NoStream, &["b"]));
    let unheard = timeout(Duration::from_millis(300), &mut late).await;
    assert!(unheard.is_err(), "nothing is heard of it: {unheard:?}");
    assert_eq!(stand_in.appends(), 1, "and it heard nothing");
    stand_in.silence(0, false);
    timeout(BOUND, late).await.expect("an answer at last").expect("the append, late");
}

#[tokio::test]
async fn a_node_that_died_is_back_on_its_port_with_its_log() {
    let mut stand_in = StandIn::start(Options::default());
    let url = stand_in.url();
    append(&client(&url), "thread-a", StreamState::NoStream, &["a"]).await.expect("an append");
    stand_in.kill(0);
    let dead = append(&client(&url), "thread-a", StreamState::StreamRevision(0), &["b"]).await;
    assert!(matches!(dead, Err(Error::ConnectionClosed | Error::GrpcConnectionError(_))), "{dead:?}");
    stand_in.revive(0);
    append(&client(&url), "thread-a", StreamState::StreamRevision(0), &["b"]).await.expect("it is back");
}

#[tokio::test]
async fn three_nodes_have_one_leader_and_another_when_it_dies() {
    let mut stand_in = StandIn::start(Options { nodes: 3, ..Options::default() });
    let url = stand_in.url();
    append(&client(&url), "thread-a", StreamState::NoStream, &["a"]).await.expect("the leader writes");
    let follower = client(&format!("kurrentdb://{}?tls=false", stand_in.address(1)));
    let sent_on = append(&follower, "thread-b", StreamState::NoStream, &["b"]).await;
    match sent_on {
        Err(Error::NotLeaderException(leader)) => assert_eq!(leader.port, u32::from(stand_in.address(0).port())),
        other => panic!("a follower does not write for who wants the leader: {other:?}"),
    }
    stand_in.kill(0);
    let other = client(&format!("kurrentdb://{}?tls=false", stand_in.address(2)));
    let before = append(&other, "thread-b", StreamState::NoStream, &["b"]).await;
    assert!(matches!(&before, Err(Error::ServerError(says)) if says.contains("Not Ready")), "nobody leads: {before:?}");
    stand_in.elect(2);
    append(&client(&url), "thread-b", StreamState::NoStream, &["b"]).await.expect("the new leader writes");
    stand_in.revive(0);
    let old = client(&format!("kurrentdb://{}?tls=false", stand_in.address(0)));
    let sent_on = append(&old, "thread-c", StreamState::NoStream, &["c"]).await;
    assert!(matches!(sent_on, Err(Error::NotLeaderException(_))), "it follows now: {sent_on:?}");
}

#[tokio::test]
async fn tls_and_passwords_are_kept() {
    let user = User { name: "program".into(), password: "s3cret".into(), admin: false };
    let stand_in = StandIn::start(Options { tls: true, user: Some(user), ..Options::default() });
    let known = client(&stand_in.url());
    append(&known, "thread-a", StreamState::NoStream, &["a"]).await.expect("with the password");
    let system = append(&known, "$ours", StreamState::Any, &["a"]).await;
    assert!(matches!(system, Err(Error::AccessDenied)), "no program writes there: {system:?}");
    let everything = all(&known, ReadAllOptions::default().position(StreamPosition::Start)).await;
    assert!(matches!(everything, Err(Error::AccessDenied)), "only admins read everything: {everything:?}");
    for account in [Some(("program", "wrong")), None] {
        let stranger = client(&stand_in.url_as(account));
        let refused = append(&stranger, "thread-a", StreamState::Any, &["b"]).await;
        assert!(matches!(refused, Err(Error::AccessDenied)), "{refused:?}");
    }
    let distrustful = client(&format!("kurrentdb://program:s3cret@{}?tls=true", stand_in.address(0)));
    let untrusted = append(&distrustful, "thread-a", StreamState::Any, &["b"]).await;
    assert!(untrusted.is_err(), "nobody vouches for it: {untrusted:?}");
}

#[tokio::test]
async fn refusals_and_changed_bytes_are_what_was_asked_for() {
    let stand_in = StandIn::start(Options { noisy: false, ..Options::default() });
    let client = client(&stand_in.url());
    let position = append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("an append");
    stand_in.refuse_writes(Some(Refusal::Timeout));
    let late = append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await;
    assert!(matches!(late, Err(Error::Grpc { .. })), "{late:?}");
    stand_in.refuse_writes(None);
    assert!(stand_in.flip(position.commit) && !stand_in.flip(position.commit + 1));
    assert_ne!(stand_in.records()[0].event.data, b"\"a\"");
    append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await.expect("it writes again");
    stand_in.restore_before(position.commit + 1);
    append(&client, "thread-a", StreamState::StreamRevision(0), &["c"]).await.expect("the second event was forgotten");
}

#[tokio::test]
async fn a_slow_node_takes_its_time_and_a_cut_one_ends_subscriptions() {
    let stand_in = StandIn::start(Options::default());
    let client = client(&stand_in.url());
    let wait = Duration::from_millis(200);
    append(&client, "thread-b", StreamState::NoStream, &["b"]).await.expect("a connection");
    stand_in.slow(wait);
    let begun = Instant::now();
    append(&client, "thread-a", StreamState::NoStream, &["a"]).await.expect("a slow append");
    assert!(begun.elapsed() >= wait, "{:?}", begun.elapsed());
    stand_in.slow(Duration::ZERO);
    let options = SubscribeToAllOptions::default().position(StreamPosition::End).filter(ours());
    let mut subscription = client.subscribe_to_all(&options).await;
    assert!(matches!(next(&mut subscription).await, SubscriptionEvent::Confirmed(_)));
    assert!(matches!(next(&mut subscription).await, SubscriptionEvent::CaughtUp(_)), "at once, without a checkpoint");
    stand_in.cut_connections(0);
    let ended = timeout(BOUND, subscription.next_subscription_event()).await.expect("it ends");
    assert!(matches!(ended, Err(Error::ServerError(_))), "{ended:?}");
    append(&client, "thread-a", StreamState::StreamRevision(0), &["b"]).await.expect("over a new connection");
}

#[test]
fn every_rule_says_where_it_is_known_from_and_operators_can_read_it() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/kurrentdb.md");
    let page = std::fs::read_to_string(page).expect("the page for operators");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for rule in RULES {
        let quoted = format!("- {} [{}]", rule.says, rule.known_from);
        println!("{quoted}");
        assert!(rule.says.ends_with('.') && rule.known_from.len() > 10, "{rule:?}");
        assert!(page.contains(&quoted), "deploy/kurrentdb.md does not quote: {quoted}");
    }
    assert!(RULES.len() >= 20, "{} rules", RULES.len());
}
