//! A reader: one signed-in person, one policy version, one snapshot, for one answer. It is opened
//! by the answer's [`Reads`] and reads nothing after the answer has ended.
//!
//! Every question goes the same way: the authorization state says what the person is to the thing, the
//! policy whether they may, the snapshot (which must agree) what there is; the row is redacted
//! under the permit, what is left is opened, and what was opened is recorded before the answer
//! leaves. A thing that is missing and one that is forbidden are asked the same questions.
//!
//! To add a question: 1. a method in the concept's file under `reader/`; 2. ask [`Reader::decide`]
//! before any row is read; 3. give rows out only through [`Reader::reveal`]; 4. of a list in which some rows may be kept from
//! the reader, count those alone that are shown (`Reader::filled`, [`Reader::counted_if_shown`]).

mod access_records;
mod by_id;
mod delegations;
mod directives;
mod directory;
mod draft;
mod filled;
mod help_reminders;
mod legal_authorities;
mod listed;
mod lists;
mod outside_messages;
mod page;
mod patient;
mod patient_list;
mod preview;
mod readership;
mod staff;
mod thread;
mod timeline;
mod under_delegation;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use care::command_name::CommandName;
use care::ids::{EventId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use chrono::{DateTime, Utc};
use journal::Position;
use policy::decide::{Permit, Permitted, Viewer};
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::{Opens, Redact, Visible};
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::access::About;
use crate::answer::{Ledger, Reads};
use crate::application::Application;
use crate::authorization::agreed::agreed;
use crate::authorization::thread::ThreadFacts;
use crate::authorization::{Subject, certain, standings};
use crate::caller::{Origin, Reading};
use crate::fault::Fault;
use crate::lock::locked;
use crate::meter::Meter;
use crate::processes::LooseEnd;
use crate::read_models::Snapshot;
use crate::read_models::entities::SnapshotEntities;
use crate::refused_tries::Tried;
use crate::sealing::TextCell;

pub use crate::read_models::worklist::Worklist;
pub use access_records::{AccessRecordRow, AccessRecordView, AccessRecordsAsked, PatientAccessAsked};
pub use by_id::{ContentInThread, MessageInThread};
pub use delegations::{DelegationView, OpenedListView, OpenedThreadRow};
pub use directives::{DirectivePreview, DirectiveView};
pub use draft::DraftView;
pub use help_reminders::{HelpMatter, HelpReminder, HelpReminderKind};
pub use legal_authorities::AuthorityView;
pub use lists::InboxFilter;
pub use outside_messages::{OutsideMessageView, OutsideNotes};
pub use page::{Connection, Direction, Edge, PAGE_DEFAULT, PAGE_MAX, Page, PageProblem};
pub use patient::{PatientLink, PatientView};
pub use preview::{PreviewedMessage, PreviewedThread};
pub use readership::{Extent, MessageReader, MessageReaders};
pub use staff::{GrantedRole, PoolMember, ProposedRole, StaffMember, UnconfirmedRole};
pub use thread::{Can, ThreadDelegates, ThreadView};
pub use timeline::TimelineView;
pub use under_delegation::UnderDelegation;

/// What a request reads through.
pub struct Reader {
    application: Arc<Application>,
    viewer: Viewer,
    reading: Reading,
    now: DateTime<Utc>,
    origin: Origin,
    snapshot: Mutex<Snapshot>,
    position: Option<Position>,
    ledger: Arc<Ledger>,
    meter: Arc<Meter>,
    names: Mutex<HashMap<PersonId, Option<Arc<Visible<PersonRow>>>>>,
    texts_opened: AtomicU64,
    loose_ends: OnceLock<Vec<LooseEnd>>,
    /// The patients of the reader's list, in its order.
    listed: Mutex<HashMap<listed::Scope, Arc<Vec<listed::Listed>>>>,
}

pub use crate::read_models::people::PersonRow;

/// How much work an answer took, to compare answers that must look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Rows read from the read models.
    pub rows: u64,
    /// Questions put to the policy.
    pub decisions: u64,
    /// Texts opened.
    pub texts: u64,
}

/// What a question found with rows that count against no limit of the answer yet, and how many rows these are.
struct Uncounted<T> {
    found: T,
    rows: u64,
}

impl Reads {
    /// Opens a reader at a moment when the read models have reached `read_after`.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when this node cannot confirm that it knows every revocation;
    /// [`Fault::Ended`] when the answer is complete.
    pub async fn reader(&self, read_after: Option<Position>) -> Result<Arc<Reader>, Fault> {
        self.ledger.check_open()?;
        let projector = self.application.projector();
        let slot = projector.read_models.slot().await?;
        let head = projector.head();
        head.confirm_recently().await?;
        if projector.read_models_at() < read_after {
            projector.caught_up(read_after).await;
            // Time went by: the snapshot is taken within a second of what it rests on.
            head.confirm_recently().await?;
        }
        let snapshot = projector.read_models.snapshot_in(slot)?.counted_by(&self.meter);
        let position = snapshot.checkpoint()?.last.map(|(position, _)| position);
        Ok(Arc::new(Reader {
            viewer: projector.decisions.viewer(self.identity),
            application: Arc::clone(&self.application),
            reading: self.reading,
            now: self.now,
            origin: self.origin.clone(),
            snapshot: Mutex::new(snapshot),
            position,
            ledger: Arc::clone(&self.ledger),
            meter: Arc::clone(&self.meter),
            names: Mutex::default(),
            texts_opened: AtomicU64::new(0),
            loose_ends: OnceLock::new(),
            listed: Mutex::default(),
        }))
    }
}

impl Reader {
    /// Who reads.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.reading.person
    }

    /// The position that everything here is read at.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// How much work was done so far.
    #[must_use]
    pub fn work(&self) -> Work {
        Work {
            rows: locked(&self.snapshot).rows_read(),
            decisions: self.viewer.decisions(),
            texts: self.texts_opened.load(Ordering::Relaxed),
        }
    }

    /// The permit to do something to a thing, if the policy gives it.
    fn decide(&self, action: Action, facts: &ThingFacts<'_>) -> Option<Permit> {
        self.viewer.decide(&facts.asking(action, None))
    }

    /// Whom the policy permits a command for a thread of a kind, or outside threads for `None`.
    #[must_use]
    pub fn who_may(&self, command: CommandName, kind: Option<ThreadKind>) -> Vec<Permitted> {
        self.viewer.who_may(Action::Command(command), kind)
    }

    /// Counts rows of an answer that come from elsewhere than the read models.
    ///
    /// # Errors
    /// [`Fault::TooMuch`] and [`Fault::OverTime`].
    pub fn take_rows(&self, rows: usize) -> Result<(), Fault> {
        self.meter.add_rows(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    /// Asks about what may turn out not to be the reader's to see: its rows count against no limit, so that none tells of it.
    /// Those of what is shown are counted afterwards. The fields of an answer are resolved one after the other, so nothing else
    /// is read meanwhile.
    fn uncounted<T>(&self, ask: impl FnOnce() -> Result<T, Fault>) -> Result<Uncounted<T>, Fault> {
        let rows_read = || locked(&self.snapshot).rows_countable();
        let before = rows_read();
        let was_counted = locked(&self.snapshot).count(false);
        let found = ask();
        locked(&self.snapshot).count(was_counted);
        Ok(Uncounted { found: found?, rows: rows_read().saturating_sub(before) })
    }

    /// Asks about one of many things, some of which may turn out not to be the reader's to see: what is shown counts, with
    /// the rows that lead to it and its place among them.
    fn counted_if_shown<T>(&self, ask: impl FnOnce() -> Result<Option<T>, Fault>) -> Result<Option<T>, Fault> {
        let Uncounted { found, rows } = self.uncounted(ask)?;
        if found.is_some() {
            self.meter.add_rows(rows.saturating_add(1))?;
        }
        Ok(found)
    }

    /// Fails once the answer has ended, or its time is over.
    fn check_going_on(&self) -> Result<(), Fault> {
        self.ledger.check_open()?;
        self.meter.check_time()
    }

    /// Records that something was not given, whether it is missing or forbidden.
    fn refused(&self, action: Action, target: Uuid) -> Result<(), Fault> {
        self.check_going_on()?;
        let tried = Tried { action, target: Some(target), organization: None };
        self.application.record_refused(self.reading, self.origin.clone(), tried, self.now);
        Ok(())
    }

    /// Redacts a row under a permit, opens what is left, and notes it for the access log.
    fn reveal<T>(&self, permit: &Permit, about: Option<About>, row: T) -> Result<Visible<T>, Fault>
    where
        T: Redact + Opens<Text = TextCell>,
    {
        self.reveal_as(permit, about.map(|about| (about, permit)), row)
    }

    /// The same of a row that is shown as one permit shows it and read under another, by which it is noted.
    fn reveal_as<T>(&self, permit: &Permit, noted: Option<(About, &Permit)>, row: T) -> Result<Visible<T>, Fault>
    where
        T: Redact + Opens<Text = TextCell>,
    {
        let mut visible = permit.show(row);
        let mut events: Vec<EventId> = Vec::new();
        let mut fault = None;
        visible.open_texts(&mut |cell: &mut TextCell| {
            if let TextCell::Sealed(sealed) = cell {
                let event = sealed.event();
                self.texts_opened.fetch_add(1, Ordering::Relaxed);
                let counted = match cell.open(self.application.vault()).map_err(Fault::from) {
                    // Key or text is damaged: this text alone is not shown, and the rest of the answer is.
                    Err(error @ Fault::Sealing(_)) => {
                        tracing::error!(%error, %event, "a text cannot be opened and is withheld; `carefold keys verify` names damaged keys");
                        *cell = TextCell::Withheld;
                        return;
                    }
                    opened => opened.and_then(|()| self.meter.add_text(cell.text_bytes())),
                };
                events.push(event);
                if let Err(error) = counted {
                    // What cannot be opened is not shown, whether or not the answer is sent.
                    *cell = TextCell::Withheld;
                    fault.get_or_insert(error);
                }
            }
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        if let Some((about, noted)) = noted
            && !events.is_empty()
        {
            self.ledger.note(about, noted, events)?;
        }
        Ok(visible)
    }

    /// What the rows are read from.
    fn snapshot(&self) -> Result<MutexGuard<'_, Snapshot>, Fault> {
        self.check_going_on()?;
        Ok(locked(&self.snapshot))
    }

    /// What the reader is to a subject, by the state in memory.
    fn held(&self, subject: &Subject) -> Vec<HeldStanding> {
        certain(standings(&*self.application.projector().authorization(), subject, self.reading.person, self.now))
    }

    /// What the reader is to a subject, as far as memory and snapshot agree.
    fn agreed(&self, subject: &Subject, held: Vec<HeldStanding>) -> Result<Vec<HeldStanding>, Fault> {
        let snapshot = self.snapshot()?;
        let memory = self.application.projector().authorization();
        let entities = SnapshotEntities { snapshot: &snapshot, position: self.position, memory: &memory };
        Ok(agreed(held, &standings(&entities, subject, self.reading.person, self.now)?))
    }

    /// What the reader is to a subject and their permit to read it, if memory and snapshot agree that they may. Memory is asked
    /// first, so that nothing is read of what it keeps from them.
    fn permitted(&self, subject: &Subject, read: Read) -> Result<Option<(Vec<HeldStanding>, Permit)>, Fault> {
        let held = self.held(subject);
        if self.decide(Action::Read(read), &ThingFacts::unlabelled(&held)).is_none() {
            return Ok(None);
        }
        let held = self.agreed(subject, held)?;
        let permit = self.decide(Action::Read(read), &ThingFacts::unlabelled(&held));
        Ok(permit.map(|permit| (held, permit)))
    }

    /// The facts of a thread, by the state in memory; none if there is none.
    fn thread_facts(&self, thread: ThreadId) -> Option<ThreadFacts> {
        self.application.projector().authorization().thread(thread).cloned()
    }

    /// Asks about a thread: what the state in memory says of it, if there is one, and what the reader is to it. The facts
    /// are lent, since to copy those of a thread that the reader may not find would take longer than to find none.
    fn about_thread<T>(&self, thread: ThreadId, ask: impl FnOnce(Option<&ThreadFacts>, Vec<HeldStanding>) -> T) -> T {
        let state = self.application.projector().authorization();
        let held = certain(standings(&*state, &Subject::Thread(thread), self.reading.person, self.now));
        ask(state.thread(thread), held)
    }

    /// The name of a person whom the reader meets in something that a permit shows them.
    fn name_of(&self, permit: &Permit, person: PersonId) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.check_going_on()?;
        if let Some(known) = locked(&self.names).get(&person) {
            return Ok(known.clone());
        }
        let row = crate::read_models::people::person(&*self.snapshot()?, person)?;
        let name = match row {
            // Names of staff are no content of a patient, so they are not recorded as read.
            Some(row) => Some(Arc::new(self.reveal(permit, None, row)?)),
            None => None,
        };
        locked(&self.names).insert(person, name.clone());
        Ok(name)
    }
}
