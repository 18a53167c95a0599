//! The newest activity of each thread, by audience: a message to an audience changes nothing for a person who may not
//! read it.

use care::ids::PersonId;
use care::notice::{NoticeTopic, Recipients, notices};
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
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 3 }];

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

/// The counters that the event changes, of everyone who may notice it as a reader of the thread. An event for a single
/// party is not an activity of the thread, nor is a change of the participants.
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
                    NoticeTopic::Changed
                    | NoticeTopic::YourTurn
                    | NoticeTopic::Added
                    | NoticeTopic::Participants
                    | NoticeTopic::Marked => counters.push(Counter::Changes),
                }
            }
            Recipients::SeesParticipants | Recipients::Party(_) => {}
        }
    }
    counters
}

/// The newest activity of a thread in each counter that can concern one viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Activity(Vec<(Counter, DateTime<Utc>)>);

impl Activity {
    /// The newest activity that a viewer may know of who may read the messages of these counters. What changes the
    /// thread everyone who finds it may notice.
    pub fn newest(&self, readable: impl Fn(Counter) -> bool) -> DateTime<Utc> {
        let Self(newest) = self;
        let known = newest.iter().filter(|(counter, _)| *counter == Counter::Changes || readable(*counter));
        known.map(|(_, at)| *at).max().unwrap_or_default()
    }
}

/// The columns of an [`Activity`] beside a thread `t`; their parameters are [`parameters`], from ?2 on.
pub(super) fn columns() -> String {
    let column = |index: usize| {
        format!("(SELECT at FROM activity a WHERE a.thread = t.thread AND a.counter = ?{})", index.saturating_add(2))
    };
    (0..Counter::COUNT).map(column).collect::<Vec<_>>().join(", ")
}

pub(super) fn parameters(viewer: PersonId) -> impl Iterator<Item = String> {
    Counter::all_for(viewer).into_iter().map(Counter::text)
}

pub(super) fn read(cells: &mut Cells<'_>, viewer: PersonId) -> Result<Activity, Fault> {
    let mut newest = Vec::new();
    // In the order of the columns.
    for counter in Counter::all_for(viewer) {
        newest.extend(cells.time_or_none()?.map(|at| (counter, at)));
    }
    Ok(Activity(newest))
}
