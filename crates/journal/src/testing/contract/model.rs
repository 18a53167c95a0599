//! A log compared with a model of it, over generated sequences of appends (property test).
//!
//! The model is a list of (stream, id) and shares no code with the backends.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, TestCaseError, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::{Site, StoreTraits, append, at, opened, read_all};
use crate::{AppendError, Appended, Expected, Journal};

/// What may happen to a log.
#[derive(Debug, Clone)]
enum Step {
    /// An append where the stream is thought to be so many events long.
    Append { stream: u8, length: u64, ids: Vec<u128> },
    /// An append to where the stream really ends.
    Extend { stream: u8, ids: Vec<u128> },
    /// One of the earlier appends again.
    Repeat(usize),
    /// Close and open.
    Restart,
}

pub(super) async fn the_log_answers_as_its_model_does(site: Arc<dyn Site>) {
    compare(site, 48, steps).await;
}

pub(super) async fn the_log_answers_as_its_model_does_through_restarts(site: Arc<dyn Site>) {
    compare(site, 16, || prop_oneof![5 => steps(), 1 => Just(Step::Restart)].boxed()).await;
}

fn steps() -> BoxedStrategy<Step> {
    // Few streams and few ids, so that they meet.
    let ids = || vec(0..30_u128, 1..4);
    prop_oneof![
        2 => (0..3_u8, 0..6_u64, ids()).prop_map(|(stream, length, ids)| Step::Append { stream, length, ids }),
        4 => (0..3_u8, ids()).prop_map(|(stream, ids)| Step::Extend { stream, ids }),
        1 => any::<usize>().prop_map(Step::Repeat),
    ]
    .boxed()
}

async fn compare(site: Arc<dyn Site>, sequences: u32, step: fn() -> BoxedStrategy<Step>) {
    let runtime = Handle::current();
    let compared = tokio::task::spawn_blocking(move || {
        let config = Config { cases: sequences, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&vec(step(), 1..40), |steps| runtime.block_on(play(site.fresh(), steps)))
    });
    if let Err(difference) = compared.await.expect("a comparison that ends") {
        panic!("{difference}");
    }
}

async fn play(site: Arc<dyn Site>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut journal = opened(&site).await;
    let mut model = Model { log: Vec::new(), traits: site.traits() };
    let mut done = Vec::<(u8, u64, Vec<u128>)>::new();
    for step in steps {
        let (stream, length, ids) = match step {
            Step::Append { stream, length, ids } => (stream, length, ids),
            Step::Extend { stream, ids } => (stream, model.of(stream).len() as u64, ids),
            Step::Repeat(_) if done.is_empty() => continue,
            Step::Repeat(which) => done[which % done.len()].clone(),
            Step::Restart => {
                drop(journal);
                journal = opened(&site).await;
                continue;
            }
        };
        done.push((stream, length, ids.clone()));
        let expected = length.checked_sub(1).map_or(Expected::NoStream, at);
        let said = journal.append(append(&format!("s-{stream}"), expected, ids.clone())).await;
        model.agrees(stream, length, &ids, &said)?;
    }
    same(&journal, &model).await
}

async fn same(journal: &Arc<dyn Journal>, model: &Model) -> Result<(), TestCaseError> {
    let events = read_all(journal).await;
    let found: Vec<_> = events.iter().map(|event| (event.stream.to_string(), event.id.as_u128())).collect();
    let known: Vec<_> = model.log.iter().map(|noted| (format!("s-{}", noted.stream), noted.id)).collect();
    claim(found == known, || format!("the log is {found:?}, the model {known:?}"))?;
    let elsewhere = model.log.iter().zip(&events).find(|(noted, event)| noted.position != Some(event.position.0));
    match elsewhere {
        Some((Noted { position: Some(said), .. }, event)) => Err(TestCaseError::fail(format!("{said} is {event:?}"))),
        Some(_) | None => Ok(()),
    }
}

struct Model {
    log: Vec<Noted>,
    traits: StoreTraits,
}

/// An event as the model has it.
struct Noted {
    stream: u8,
    id: u128,
    /// The acknowledged position; only that of the last event of an append is known, unless positions are dense.
    position: Option<u64>,
}

impl Model {
    /// The ids of a stream, each with its place in the model.
    fn of(&self, stream: u8) -> Vec<(u128, usize)> {
        let all = self.log.iter().enumerate();
        all.filter(|(_, noted)| noted.stream == stream).map(|(place, noted)| (noted.id, place)).collect()
    }

    /// Whether the event at this place may be at this position of the log; notes it.
    fn placed(&mut self, place: usize, position: u64) -> bool {
        let before = self.log[..place].iter().rev().find_map(|noted| noted.position);
        let after = self.log[place + 1..].iter().find_map(|noted| noted.position);
        let noted = self.log[place].position.replace(position);
        noted.is_none_or(|noted| noted == position)
            && before.is_none_or(|before| before < position)
            && after.is_none_or(|after| position < after)
            && (!self.traits.dense || position == place as u64 + 1)
    }

    /// Takes the append as the rules say, and holds what was said against that.
    fn agrees(
        &mut self,
        stream: u8,
        length: u64,
        ids: &[u128],
        said: &Result<Appended, AppendError>,
    ) -> Result<(), TestCaseError> {
        let known = self.of(stream);
        let start = usize::try_from(length).expect("small");
        let written = known.get(start..start + ids.len());
        let repeated = written.is_some_and(|there| there.iter().map(|(id, _)| id).eq(ids));
        let twice = (1..ids.len()).any(|index| ids[..index].contains(&ids[index]));
        let used = self.traits.unique_ids && ids.iter().any(|id| self.log.iter().any(|noted| noted.id == *id));
        let fits = match said {
            Ok(appended) => {
                let place = if repeated {
                    written.and_then(|there| there.last()).map(|(_, place)| *place)
                } else {
                    let fresh = known.len() == start && !used && !twice;
                    self.log.extend(ids.iter().map(|id| Noted { stream, id: *id, position: None }));
                    Some(self.log.len() - 1).filter(|_| fresh)
                };
                let revisions = (length, length + ids.len() as u64 - 1);
                (appended.first.0, appended.last.0) == revisions
                    && place.is_some_and(|place| self.placed(place, appended.position.0))
            }
            Err(AppendError::IdReused { .. }) => twice || (used && !repeated),
            Err(AppendError::Conflict { actual, .. }) => {
                let last = (known.len() as u64).checked_sub(1);
                known.len() != start && !repeated && actual.map(|last| last.0) == last
            }
            Err(_) => false,
        };
        claim(fits, || format!("{ids:?} at {length} of {stream}, which has {known:?}: {said:?}"))
    }
}

fn claim(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if holds { Ok(()) } else { Err(TestCaseError::fail(otherwise())) }
}
