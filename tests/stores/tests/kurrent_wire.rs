//! Tests of the stand-in for KurrentDB with requests that no client sends: requests that the server refuses, and a
//! subscription that ends without an error.

#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::collections::HashMap;
use std::time::Duration;

use test_stores::kurrent::wire::event_store::client::streams::append_req::options::ExpectedStreamRevision;
use test_stores::kurrent::wire::event_store::client::streams::append_req::{self, Content, ProposedMessage};
use test_stores::kurrent::wire::event_store::client::streams::read_req::options::all_options::AllOption;
use test_stores::kurrent::wire::event_store::client::streams::read_req::options::filter_options::{
    Expression, Filter, Window,
};
use test_stores::kurrent::wire::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use test_stores::kurrent::wire::event_store::client::streams::read_req::options::uuid_option::Content as IdForm;
use test_stores::kurrent::wire::event_store::client::streams::read_req::options::{
    AllOptions, ControlOption, CountOption, FilterOption, FilterOptions, ReadDirection, StreamOption, StreamOptions,
    SubscriptionOptions, UuidOption,
};
use test_stores::kurrent::wire::event_store::client::streams::read_req::{self, Options as ReadOptions};
use test_stores::kurrent::wire::event_store::client::streams::read_resp::Content as Answer;
use test_stores::kurrent::wire::event_store::client::streams::streams_client::StreamsClient;
use test_stores::kurrent::wire::event_store::client::streams::{AppendReq, ReadReq};
use test_stores::kurrent::wire::event_store::client::{Empty, StreamIdentifier, Uuid, uuid};
use test_stores::kurrent::{Options, StandIn};
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Status};

const BOUND: Duration = Duration::from_secs(30);

async fn caller(stand_in: &StandIn) -> StreamsClient<Channel> {
    StreamsClient::connect(format!("http://{}", stand_in.address(0))).await.expect("a connection")
}

fn stream() -> StreamIdentifier {
    StreamIdentifier { stream_name: b"thread-a".to_vec() }
}

/// A read that the server accepts.
fn whole() -> ReadOptions {
    let revision_option = Some(RevisionOption::Start(Empty {}));
    ReadOptions {
        stream_option: Some(StreamOption::Stream(StreamOptions { stream_identifier: Some(stream()), revision_option })),
        read_direction: ReadDirection::Forwards.into(),
        resolve_links: false,
        count_option: Some(CountOption::Count(10)),
        filter_option: Some(FilterOption::NoFilter(Empty {})),
        uuid_option: Some(UuidOption { content: Some(IdForm::Structured(Empty {})) }),
        control_option: Some(ControlOption { compatibility: 1 }),
    }
}

fn of_all(all_option: AllOption) -> Option<StreamOption> {
    Some(StreamOption::All(AllOptions { all_option: Some(all_option) }))
}

fn filter(filter: Option<Filter>, window: Option<Window>) -> Option<FilterOption> {
    Some(FilterOption::Filter(FilterOptions { filter, window, checkpoint_interval_multiplier: 1 }))
}

async fn read(caller: &mut StreamsClient<Channel>, options: ReadOptions) -> Result<Vec<Answer>, Status> {
    let mut answers = caller.read(ReadReq { options: Some(options) }).await?.into_inner();
    let mut found = Vec::new();
    while let Some(answer) = answers.message().await? {
        found.extend(answer.content);
    }
    Ok(found)
}

async fn append(caller: &mut StreamsClient<Channel>, parts: Vec<Content>) -> Result<(), Status> {
    let parts: Vec<AppendReq> = parts.into_iter().map(|part| AppendReq { content: Some(part) }).collect();
    caller.append(futures_util::stream::iter(parts)).await.map(drop)
}

fn head(expected_stream_revision: Option<ExpectedStreamRevision>) -> Content {
    Content::Options(append_req::Options { stream_identifier: Some(stream()), expected_stream_revision })
}

fn event(keys: &[&str]) -> Content {
    let id = uuid::Value::String("5f0d1a2e-0000-4000-8000-000000000001".into());
    let metadata: HashMap<String, String> = keys.iter().map(|key| ((*key).to_owned(), "noted".to_owned())).collect();
    let id = Some(Uuid { value: Some(id) });
    Content::ProposedMessage(ProposedMessage { id, metadata, custom_metadata: Vec::new(), data: Vec::new() })
}

#[tokio::test]
async fn reads_that_no_client_makes_are_refused() {
    let stand_in = StandIn::start(Options::default());
    let mut caller = caller(&stand_in).await;
    let by_name =
        || Some(Filter::StreamIdentifier(Expression { regex: String::new(), prefix: vec!["thread-".into()] }));
    let window = || Some(Window::Max(8));
    let backwards = ReadDirection::Backwards.into();
    let following = || Some(CountOption::Subscription(SubscriptionOptions {}));
    let all = || of_all(AllOption::Start(Empty {}));
    let beyond = read_req::options::Position { commit_position: 5, prepare_position: 9 };
    let invalid: [(&str, ReadOptions); 10] = [
        ("no form of ids", ReadOptions { uuid_option: None, ..whole() }),
        ("nothing to read", ReadOptions { stream_option: None, ..whole() }),
        ("no count", ReadOptions { count_option: None, ..whole() }),
        ("neither filter nor none", ReadOptions { filter_option: None, ..whole() }),
        ("a filter on a stream", ReadOptions { filter_option: filter(by_name(), window()), ..whole() }),
        ("following backwards", ReadOptions { count_option: following(), read_direction: backwards, ..whole() }),
        (
            "following everything backwards",
            ReadOptions { stream_option: all(), count_option: following(), read_direction: backwards, ..whole() },
        ),
        ("no filter in it", ReadOptions { stream_option: all(), filter_option: filter(None, window()), ..whole() }),
        ("no window", ReadOptions { stream_option: all(), filter_option: filter(by_name(), None), ..whole() }),
        (
            "prepared after it was committed",
            ReadOptions { stream_option: of_all(AllOption::Position(beyond)), ..whole() },
        ),
    ];
    for (what, options) in invalid {
        let answer = read(&mut caller, options).await;
        assert_eq!(answer.as_ref().map_err(Status::code), Err(Code::InvalidArgument), "{what}: {answer:?}");
    }
    let everything = read(&mut caller, ReadOptions { stream_option: all(), ..whole() }).await;
    assert!(everything.is_ok(), "what is whole is read: {everything:?}");
}

#[tokio::test]
async fn the_last_revision_is_sent_only_to_clients_that_support_it() {
    let stand_in = StandIn::start(Options::default());
    stand_in.append_foreign("thread-a", "noted", b"{}");
    let mut caller = caller(&stand_in).await;
    let told = read(&mut caller, whole()).await.expect("a read");
    assert!(matches!(told[..], [Answer::Event(_), Answer::LastStreamPosition(0)]), "{told:?}");
    let old = read(&mut caller, ReadOptions { control_option: None, ..whole() }).await.expect("a read");
    assert!(matches!(old[..], [Answer::Event(_)]), "{old:?}");
}

#[tokio::test]
async fn appends_that_no_client_makes_are_refused_and_write_nothing() {
    let stand_in = StandIn::start(Options { noisy: false, ..Options::default() });
    let mut caller = caller(&stand_in).await;
    let any = || head(Some(ExpectedStreamRevision::Any(Empty {})));
    let whole = || event(&["type", "content-type"]);
    let refused = [
        ("no head", vec![whole()], Code::Unknown),
        ("nothing", vec![], Code::Unknown),
        ("two heads", vec![any(), any()], Code::Unknown),
        ("no expectation", vec![head(None), whole()], Code::InvalidArgument),
        ("no type", vec![any(), whole(), event(&["content-type"])], Code::InvalidArgument),
        ("no content type", vec![any(), event(&["type"])], Code::InvalidArgument),
    ];
    for (what, parts, code) in refused {
        let answer = append(&mut caller, parts).await;
        assert_eq!(answer.as_ref().map_err(Status::code), Err(code), "{what}: {answer:?}");
    }
    assert!(stand_in.records().is_empty());
    append(&mut caller, vec![any(), whole()]).await.expect("what is whole is written");
    assert_eq!(stand_in.records().len(), 1);
}

#[tokio::test]
async fn a_subscription_ends_without_an_error_when_a_test_ends_it() {
    let stand_in = StandIn::start(Options::default());
    for _ in 0..3 {
        stand_in.append_foreign("thread-a", "noted", b"{}");
    }
    stand_in.end_subscriptions_after(Some(2));
    let mut caller = caller(&stand_in).await;
    let following = ReadOptions { count_option: Some(CountOption::Subscription(SubscriptionOptions {})), ..whole() };
    for stream_option in [following.stream_option.clone(), of_all(AllOption::Start(Empty {}))] {
        let options = ReadOptions { stream_option, ..following.clone() };
        let ended = timeout(BOUND, read(&mut caller, options)).await.expect("it ends").expect("without an error");
        let events = ended.iter().filter(|answer| matches!(answer, Answer::Event(_))).count();
        assert_eq!(events, 2, "{ended:?}");
    }
}
