//! When something last happened in a thread, for each audience apart: what is written to an audience
//! changes nothing that somebody can notice who may not read it.

use care::ids::PersonId;
use care::notice::{NoticeTopic, Recipients, notices};
use care::words::Audience;
use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::counter::Counter;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape};

const SCHEMA: &str = "
CREATE TABLE activity (thread BLOB, counter TEXT, at INTEGER NOT NULL, PRIMARY KEY (thread, counter)) STRICT, WITHOUT ROWID;
";

/// The newest activity of every thread.
pub(super) struct Activities;

impl ReadModel for Activities {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 2 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Some((thread, _)) = fold.thread() else { return Ok(()) };
        for counter in noticed_by(fold) {
            fold.run(
                "INSERT INTO activity (thread, counter, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (thread, counter) DO UPDATE SET at = max(at, excluded.at)",
                params![id(thread), counter.text(), fold.at],
            )?;
        }
        Ok(())
    }
}

/// The counters of everybody who may notice the event as readers of its thread. What is told to one
/// party alone is no activity of the thread.
pub(super) fn noticed_by(fold: &Fold<'_>) -> Vec<Counter> {
    let Some((thread, event)) = fold.thread() else { return Vec::new() };
    let author = fold.recorded().metadata.actor.person();
    let mut counters = Vec::new();
    for notice in notices(thread, event) {
        match notice.to {
            Recipients::Readers(addressed) => {
                counters.extend(Counter::all_of(&addressed, author));
                match notice.topic {
                    NoticeTopic::Message => {}
                    NoticeTopic::Changed | NoticeTopic::YourTurn | NoticeTopic::Added => {
                        counters.push(Counter::Changes);
                    }
                }
            }
            Recipients::Party(_) => {}
        }
    }
    counters
}

/// The newest activity of a thread in each audience, as far as it concerns one viewer; of no audience is what
/// everybody who finds the thread may notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Activity(Vec<(Option<Audience>, DateTime<Utc>)>);

impl Activity {
    /// The newest that a viewer may know of who may read these audiences.
    pub fn newest(&self, readable: impl Fn(Audience) -> bool) -> DateTime<Utc> {
        let Self(newest) = self;
        let known = newest.iter().filter(|(audience, _)| audience.is_none_or(&readable));
        known.map(|(_, at)| *at).max().unwrap_or_default()
    }
}

/// The columns of an [`Activity`] beside a thread `t`; their parameters are [`parameters`], from ?2 on.
pub(super) fn columns() -> String {
    let column = |index: usize| {
        format!("(SELECT at FROM activity a WHERE a.thread = t.thread AND a.counter = ?{})", index.saturating_add(2))
    };
    (0..=Audience::ALL.len()).map(column).collect::<Vec<_>>().join(", ")
}

pub(super) fn parameters(viewer: PersonId) -> impl Iterator<Item = String> {
    Counter::all_for(viewer).map(Counter::text)
}

pub(super) fn read(cells: &mut Cells<'_>) -> Result<Activity, Fault> {
    let mut newest = Vec::new();
    // In the order of the columns.
    for audience in std::iter::once(None).chain(Audience::ALL.iter().copied().map(Some)) {
        newest.extend(cells.time_or_none()?.map(|at| (audience, at)));
    }
    Ok(Activity(newest))
}
