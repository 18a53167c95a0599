//! What every backend must keep: one list of cases, run against each.
//!
//! A backend is described once ([`Backend`]) with the classes it claims, and why it does not claim the others; [`run`]
//! runs what is claimed, prints what ran and what did not, and fails with the names of all cases that failed.
//!
//! To add a case: 1. write it in the file of its subject, as a function with a true sentence for a name; 2. list it in
//! [`CASES`] under its class; 3. break a backend on purpose and see it fail.
//! To add a backend: 1. implement [`Site`]; 2. describe it as a [`Backend`]; 3. call [`run`] in a test.

mod appending;
mod concurrency;
mod durability;
mod following;
mod histories;
mod killing;
mod migrating;
mod model;
mod reading;
mod repeating;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::testing::fault::Fault;
use crate::{
    Access, Append, Clock, Direction, EventType, Expected, Journal, LogIdentity, NewEvent, OpenError, Recorded,
    Revision, StreamName,
};

/// No case takes nearly this long; one that hangs fails.
const CASE_TIME_MAX: Duration = Duration::from_secs(120);

/// What a case needs of its backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Holds of any log.
    Core,
    /// Holds of a log that can be closed and opened again.
    Reopened,
    /// Holds of a log that outlives its process, in a store that can be reached behind its back.
    Durable,
    /// Holds where faults can be made to happen.
    Faults,
    /// Holds where the store itself keeps every event id unique in the log.
    Unique,
}

/// A backend as the contract sees it.
pub(crate) struct Backend {
    pub name: &'static str,
    pub claims: &'static [Class],
    /// The classes it does not claim, and why.
    pub unclaimed: &'static [(Class, &'static str)],
    /// A place for logs, with none in it.
    pub start: fn() -> Arc<dyn Site>,
}

/// The allowed differences between stores, which a case must know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoreTraits {
    /// Positions are 1, 2, 3 …; no hole is left. A store that others share has gaps.
    pub dense: bool,
    /// The store finds an id that is used anywhere in the log.
    pub unique_ids: bool,
    /// A second writer is refused. Elsewhere writers take turns.
    pub one_writer: bool,
}

/// A place for the logs of a backend, with ways to change them from outside.
#[async_trait]
pub(crate) trait Site: Send + Sync + 'static {
    /// Another such place, with no log in it.
    fn fresh(&self) -> Arc<dyn Site>;

    /// How its store differs from others.
    fn traits(&self) -> StoreTraits;

    /// Opens the log of a namespace.
    async fn open_as(&self, namespace: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError>;

    /// Where another process would open it.
    fn url(&self) -> String {
        unclaimed()
    }

    /// Changes a byte in the stored contents that begin with `mark`. The log is closed.
    async fn flip_byte_of(&self, _mark: &[u8]) {
        unclaimed()
    }

    /// Tries to change and to remove stored events by the store's own means; returns what the store let happen.
    async fn rewrite(&self) -> Vec<&'static str> {
        unclaimed()
    }

    /// Begins a new epoch, as a restore does.
    async fn renew_epoch(&self) -> LogIdentity {
        unclaimed()
    }

    /// Makes a fault happen at the next commit of the log that is opened next, or is open.
    fn arm(&self, _fault: Fault) {
        unclaimed()
    }
}

fn unclaimed() -> ! {
    panic!("a case needs what its class says, and this backend does not claim that class")
}

struct Case {
    name: &'static str,
    class: Class,
    run: fn(Arc<dyn Site>) -> BoxFuture<'static, ()>,
}

macro_rules! cases {
    ($($class:ident in $room:ident: $($name:ident),+;)+) => {
        &[$($(Case {
            name: stringify!($name),
            class: Class::$class,
            run: |site| Box::pin($room::$name(site)),
        },)+)+]
    };
}

const CASES: &[Case] = cases! {
    Core in appending:
        a_first_append_gets_the_revisions_from_zero,
        an_append_at_the_last_revision_continues_the_stream,
        no_stream_is_a_conflict_where_there_is_one,
        a_revision_too_low_or_too_high_is_a_conflict_and_writes_nothing,
        a_revision_of_a_missing_stream_is_a_conflict_with_none,
        the_events_of_an_append_are_neighbours_in_stream_and_log,
        an_event_that_is_too_large_refuses_the_whole_append,
        an_append_without_events_is_refused,
        an_append_at_a_limit_is_accepted_and_one_above_is_refused,
        data_and_metadata_come_back_byte_for_byte,
        an_id_twice_in_an_append_is_refused,
        the_time_of_storing_never_goes_back,
        a_proof_that_it_works_adds_no_event;
    Core in repeating:
        a_repeat_is_answered_like_the_first_time,
        a_repeat_after_later_events_is_answered_like_the_first_time,
        a_partial_overlap_writes_nothing,
        reordered_ids_write_nothing,
        the_beginning_of_an_earlier_append_is_a_repeat,
        two_equal_appends_at_once_have_one_effect;
    Unique in repeating:
        an_id_used_before_is_refused_at_the_end_of_its_stream,
        an_id_of_another_stream_is_refused;
    Core in migrating:
        a_sequence_of_appends_keeps_its_order,
        a_row_stops_at_the_first_that_fails,
        a_repeated_row_is_answered_and_not_written_again,
        a_long_row_is_written_whole;
    Faults in migrating:
        a_row_repeated_from_where_it_stopped_ends_in_the_same_log;
    Faults in histories:
        the_answers_to_concurrent_clients_are_possible_for_one_log_with_one_order;
    Core in concurrency:
        one_writer_wins_each_revision,
        many_writers_lose_and_double_nothing,
        a_follower_sees_everything_once_and_in_order_while_many_write,
        two_followers_see_the_same_order,
        an_append_after_an_answer_has_a_higher_position,
        no_page_at_the_head_ends_within_an_append,
        of_two_servers_one_serves_and_the_next_begins_when_it_has_ended;
    Core in reading:
        a_missing_stream_is_empty,
        a_stream_is_read_both_ways_from_anywhere,
        the_log_is_read_after_any_position,
        two_namespaces_do_not_see_each_other,
        a_namespace_is_no_prefix_of_another,
        holds_is_true_of_that_event_at_that_position_only,
        the_head_is_the_last_position;
    Core in following:
        from_the_start_all_is_replayed_and_then_it_is_caught_up,
        after_a_position_is_exclusive,
        live_events_arrive,
        nothing_is_lost_or_doubled_between_replay_and_live,
        a_slow_consumer_loses_nothing,
        a_dropped_follower_leaves_nothing_behind;
    Core in model:
        the_log_answers_as_its_model_does;
    Reopened in model:
        the_log_answers_as_its_model_does_through_restarts;
    Reopened in durability:
        a_repeat_after_a_restart_is_answered_like_the_first_time,
        a_second_writer_is_refused_or_takes_turns_and_a_reader_only_reads,
        the_identity_outlives_restarts_and_the_epoch_ends_with_a_restore,
        the_time_of_storing_never_goes_back_over_a_restart,
        a_reader_beside_the_writer_follows_it;
    Durable in durability:
        a_changed_byte_is_found_at_the_next_read,
        the_store_itself_refuses_to_change_or_remove_events;
    Durable in killing:
        acknowledged_appends_survive_a_kill;
    Faults in durability:
        a_lost_acknowledgement_is_indeterminate_and_its_repeat_is_answered,
        a_lost_commit_is_indeterminate_and_its_repeat_is_written_once,
        a_full_disk_writes_nothing_and_recovers;
};

/// Runs all that a backend claims.
pub(crate) async fn run(backend: &Backend) {
    let mut failed = Vec::new();
    for case in CASES {
        if !backend.claims.contains(&case.class) {
            let why = backend.unclaimed.iter().find(|(class, _)| *class == case.class);
            let (_, why) = why.expect("a class is claimed, or it is said why not");
            println!("{}: not run ({:?}: {why}): {}", backend.name, case.class, sentence(case));
            continue;
        }
        let running = tokio::spawn(tokio::time::timeout(CASE_TIME_MAX, (case.run)((backend.start)())));
        match running.await {
            Ok(Ok(())) => println!("{}: ok ({:?}): {}", backend.name, case.class, sentence(case)),
            Ok(Err(_)) => failed.push(format!("{} (it hangs)", sentence(case))),
            Err(_) => failed.push(sentence(case)),
        }
    }
    assert!(failed.is_empty(), "{} fails that\n  {}", backend.name, failed.join("\n  "));
}

fn sentence(case: &Case) -> String {
    case.name.replace('_', " ")
}

// Helpers of the cases.

/// A clock that always gives the same time.
pub(crate) fn fixed_clock() -> Clock {
    Arc::new(|| DateTime::<Utc>::UNIX_EPOCH)
}

pub(crate) async fn opened(site: &Arc<dyn Site>) -> Arc<dyn Journal> {
    site.open_as("care", Access::Write, fixed_clock()).await.expect("the log opens")
}

pub(crate) fn stream(name: &str) -> StreamName {
    StreamName::parse(name).expect("a stream's name")
}

pub(crate) fn event(id: u128) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(id),
        event_type: EventType::parse("note.taken").expect("an event type"),
        data: Bytes::from(format!("note {id}")),
        meta: Bytes::from_static(b"{}"),
    }
}

pub(crate) fn append(name: &str, expected: Expected, ids: impl IntoIterator<Item = u128>) -> Append {
    Append { stream: stream(name), expected, events: ids.into_iter().map(event).collect() }
}

pub(crate) fn at(revision: u64) -> Expected {
    Expected::Exact(Revision(revision))
}

pub(crate) fn many(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not zero")
}

/// The whole log, page by page.
pub(crate) async fn read_all(journal: &Arc<dyn Journal>) -> Vec<Recorded> {
    let (mut events, mut after) = (Vec::new(), None);
    loop {
        let page = journal.read_log(after, many(7)).await.expect("a page");
        events.extend(page.events);
        after = page.scanned;
        if page.at_head {
            return events;
        }
    }
}

/// A whole stream.
async fn read_whole_stream(journal: &Arc<dyn Journal>, name: &str) -> Vec<Recorded> {
    let (mut events, mut from) = (Vec::<Recorded>::new(), None);
    loop {
        let page = journal.read_stream(&stream(name), from, Direction::Forward, many(7)).await.expect("a page");
        events.extend(page.events);
        from = events.last().map(|last| Revision(last.revision.0 + 1));
        if page.at_end {
            return events;
        }
    }
}

pub(crate) fn ids(events: &[Recorded]) -> Vec<u128> {
    events.iter().map(|event| event.id.as_u128()).collect()
}

/// Positions rise, revisions of each stream are 0, 1, 2 …, and no id comes twice.
pub(crate) fn assert_sound(events: &[Recorded]) {
    let mut next = std::collections::HashMap::new();
    let mut seen = std::collections::HashSet::new();
    for event in events {
        let revision = next.entry(event.stream.clone()).or_insert(0);
        assert_eq!(event.revision.0, *revision, "revisions of {} are contiguous", event.stream);
        *revision += 1;
        assert!(seen.insert(event.id), "an id comes once");
    }
    assert!(events.windows(2).all(|pair| pair[0].position < pair[1].position), "positions rise");
}
