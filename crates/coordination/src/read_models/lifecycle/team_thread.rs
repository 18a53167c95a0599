//! What a team thread adds to its thread: until when it is parked, and why.

use care::ids::{PersonId, ThreadId};
use care::lifecycle::team_thread::{Parked, TeamThreadEvent, TeamThreadState};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use super::row::{Depth, LifecycleRow};
use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::threads::is_outside;
use crate::read_models::{Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
-- A row while the thread is parked.
CREATE TABLE parked_thread (
  thread BLOB PRIMARY KEY, review_at INTEGER NOT NULL, parked_at INTEGER NOT NULL, reason BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The facts of a team thread for everyone who may find it, and its content for persons who may read it.
#[derive(Debug)]
pub struct TeamThreadRow {
    /// The state that it is in.
    pub state: TeamThreadState,
    /// Until when it is parked; none if it is not, and for who is outside of the thread.
    pub review_at: Option<DateTime<Utc>>,
    /// The content; `None` if the reader may not read the thread, or if it is not parked.
    pub content: Option<ParkedContent>,
}

/// The content of a parked thread.
#[derive(Debug)]
pub struct ParkedContent {
    /// When it was parked.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: TextCell,
}

impl Redact for TeamThreadRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { state, review_at, content } = self;
        let content = content.filter(|_| permit.action() == Action::Read(Read::ThreadRead));
        let review_at = review_at.filter(|_| !is_outside(permit));
        Self { state, review_at, content }
    }
}

impl Opens for TeamThreadRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { state: _, review_at: _, content } = self;
        if let Some(ParkedContent { at: _, reason }) = content {
            open(reason);
        }
    }
}

impl LifecycleRow for TeamThreadRow {
    type Event = TeamThreadEvent;
    const SHAPE: Shape = Shape { schema: SCHEMA, fold_version: 1 };

    fn fold(fold: &Fold<'_>, thread: ThreadId, event: &TeamThreadEvent) -> Folded {
        match event {
            TeamThreadEvent::Parked(Parked { by: _, review_at, reason }) => fold.run(
                "INSERT OR REPLACE INTO parked_thread (thread, review_at, parked_at, reason) VALUES (?1, ?2, ?3, ?4)",
                params![id(thread), review_at.timestamp_micros(), fold.at, fold.cell(reason)?],
            ),
            TeamThreadEvent::Resumed(_) => fold.run("DELETE FROM parked_thread WHERE thread = ?1", params![id(thread)]),
        }
    }

    fn named_by(event: &TeamThreadEvent) -> Option<PersonId> {
        match event {
            TeamThreadEvent::Parked(_) | TeamThreadEvent::Resumed(_) => None,
        }
    }

    fn persons(&self) -> Vec<PersonId> {
        Vec::new()
    }

    fn read(snapshot: &Snapshot, thread: ThreadId, depth: Depth) -> Result<Option<Self>, Fault> {
        let sql = "SELECT t.state, p.review_at, p.parked_at, p.reason
                   FROM thread t LEFT JOIN parked_thread p ON p.thread = t.thread WHERE t.thread = ?1";
        snapshot.one(sql, [id(thread)], |cells: &mut Cells<'_>| {
            let (state, review_at, at) =
                (cells.word(TeamThreadState::parse)?, cells.time_or_none()?, cells.time_or_none()?);
            let reason = cells.cell_or_none()?;
            let content = match depth {
                Depth::Header => None,
                Depth::Content(reach) => {
                    let parked = at.zip(reason).filter(|(at, _)| reach.covers_at(*at));
                    parked.map(|(at, reason)| ParkedContent { at, reason })
                }
            };
            Ok(Self { state, review_at, content })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, at, by, opened, permit, sealed, thread_id};
    use care::conversation::{ConversationEvent, Opened, Since};
    use care::lifecycle::ThreadKind;
    use care::lifecycle::team_thread::Resumed;
    use policy::reach::Reach;

    fn parked(log: &mut Log, review_at: u64) {
        let parked = Parked { by: by(1), review_at: at(review_at), reason: sealed("team_thread.parked_reason") };
        log.thread(1, 1, TeamThreadEvent::Parked(parked));
    }

    fn row(log: &Log, depth: Depth) -> TeamThreadRow {
        TeamThreadRow::read(&log.snapshot(), thread_id(1), depth).unwrap().expect("a team thread")
    }

    fn log() -> Log {
        let mut log = Log::new();
        let opened = Opened { kind: ThreadKind::TeamThread, ..opened(None) };
        log.thread(1, 1, ConversationEvent::Opened(opened));
        log
    }

    #[test]
    fn a_thread_is_parked_until_its_newest_review_date_or_until_it_goes_on() {
        let mut log = log();
        assert_eq!(
            (row(&log, Depth::Content(Reach::FULL)).state, row(&log, Depth::Content(Reach::FULL)).review_at),
            (TeamThreadState::Active, None)
        );
        parked(&mut log, 500);
        parked(&mut log, 900);
        let parked = row(&log, Depth::Content(Reach::FULL));
        assert_eq!((parked.state, parked.review_at), (TeamThreadState::Parked, Some(at(900))));
        assert!(parked.content.is_some());
        log.thread(1, 1, TeamThreadEvent::Resumed(Resumed { by: by(1) }));
        let resumed = row(&log, Depth::Content(Reach::FULL));
        assert_eq!((resumed.state, resumed.review_at), (TeamThreadState::Active, None));
        assert!(resumed.content.is_none());
    }

    #[test]
    fn why_it_is_parked_is_shown_to_who_may_read_it_from_the_window_on() {
        let mut log = log();
        parked(&mut log, 900);
        assert!(row(&log, Depth::Header).content.is_none());
        assert!(row(&log, Depth::Content(Reach::FULL)).redact(&permit(Read::ThreadFind)).content.is_none());
        assert!(row(&log, Depth::Content(Reach::FULL)).redact(&permit(Read::ThreadRead)).content.is_some());
        let from = |number| Depth::Content(Reach { since: Some(Since { number: 1, at: at(number) }), ..Reach::FULL });
        assert!(row(&log, from(2)).content.is_some());
        let later = row(&log, from(3));
        assert!(later.content.is_none());
        assert_eq!(later.review_at, Some(at(900)));
    }
}
