//! Who may read a message of a thread now, as far as the reader may know.
//!
//! Who may read messages to an audience may know how many persons read them, in which roles and why.
//! Names need more: the reader knows the name of
//! - the patient, if the policy lets them know whom the thread is about;
//! - who opened the thread, owns it or takes part in it, or helps the patient, if they may list the participants;
//! - who is on the patient's care team, if they may read it;
//! - who works where they may read the names of colleagues (`person.read`).
//!
//! From when on a participant who is named sees the thread is for who may list the participants. The delegation of a helper,
//! its end and how much of the past it opens, are for who may read so much of it. Everybody knows that of themself.
//!
//! Everybody else counts and is not named. A delegate learns of no other delegate, not even by a count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use care::conversation::Party;
use care::ids::{Id, OrganizationId, PersonId};
use care::words::{Audience, Purpose, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};
use uuid::Uuid;

use crate::authorization::readers::{MayRead, Readership};
use crate::authorization::{Subject, care_team, certain};
use crate::fault::Fault;
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::thread::ThreadView;
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PersonRow, Reader};
use crate::tokens::{Key, List};

/// The persons who may read a message to an audience now.
pub struct MessageReaders {
    audience: Audience,
    /// Those who are named in the message, if it names any.
    named: Option<BTreeSet<PersonId>>,
    /// In the order in which they are listed.
    rows: Vec<MayRead>,
    viewer: PersonId,
    /// Whether the reader is a delegate, who does not learn of others.
    to_delegate: bool,
}

impl MessageReaders {
    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// How many they are without the reader who asks.
    #[must_use]
    pub fn others(&self) -> usize {
        self.rows.iter().filter(|row| row.person != self.viewer).count()
    }

    /// Whether persons whom the patient chose may read it beside those who are listed. To a delegate that is said of every
    /// message to an audience that a delegate can read, whether or not there are others; to nobody else.
    #[must_use]
    pub fn may_include_others(&self) -> bool {
        self.to_delegate && self.audience == Audience::Everyone
    }

    /// Whether the patient is among them.
    #[must_use]
    pub fn includes_patient(&self) -> bool {
        self.rows.iter().any(|row| row.standing == Standing::Self_)
    }
}

/// A person who may read a message, and why.
pub struct MessageReader {
    /// The name; none if the reader may not know it.
    pub person: Option<Arc<Visible<PersonRow>>>,
    /// Whether it is the reader who asks.
    pub is_viewer: bool,
    /// By which standing they may read it.
    pub standing: Standing,
    /// In which role.
    pub role: Role,
    /// For which purpose, as the policy says it.
    pub purpose: Purpose,
    /// How far their access reaches, as far as the reader may know.
    pub extent: Extent,
}

/// How far the access of a person reaches, as far as a reader may know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// From when on they see the thread; none if all of it.
    pub sees_from: Option<DateTime<Utc>>,
    /// When the delegation by which they read ends; none of everybody but a delegate.
    pub until: Option<DateTime<Utc>>,
    /// That delegation.
    pub delegation: Option<UnderDelegation>,
}

/// The permits by which the reader may know names.
struct Naming {
    patient: Option<Permit>,
    participants: Option<Permit>,
    care_team: Option<Permit>,
    colleagues: BTreeMap<OrganizationId, Option<Permit>>,
}

impl Reader {
    /// Who may read a message to an audience that is posted now; none if the reader may not read it.
    /// With persons, a message that names them: those among them who may read it, and the reader as its author.
    /// Of [`Audience::TeamAndMe`], a message of the team and one person: the reader, unless they are of the team; else
    /// the one who is named; else the patient.
    #[must_use]
    pub fn message_readers(
        &self,
        view: &ThreadView,
        audience: Audience,
        named: Option<BTreeSet<PersonId>>,
    ) -> Option<MessageReaders> {
        let facts = view.facts();
        let asked = facts.asked(view.held());
        let reads = asked.asking(Action::Read(Read::ThreadReadMessage), Some(audience));
        let reads = self.viewer.decide(&reads)?;
        let (viewer, now) = (self.person(), self.now);
        let state = self.application.projector().authorization();
        let one_person = match &named {
            _ if !reads.held().is_of_team() => Some(viewer),
            Some(named) => named.first().copied().filter(|_| named.len() == 1),
            None => facts.patient.and_then(|patient| state.people(Party::Patient(patient), now).first().copied()),
        };
        let mut rows =
            state.readers(&self.viewer, Readership { thread: view.thread, facts, audience, one_person, now });
        match (&named, audience) {
            (None, _) | (Some(_), Audience::TeamAndMe) => {}
            (Some(named), Audience::Everyone | Audience::ClinicalTeam | Audience::Named) => {
                rows.retain(|row| row.person == viewer || named.contains(&row.person));
            }
        }
        let to_delegate = reads.standing() == Standing::Delegate;
        if to_delegate {
            rows.retain(|row| row.person == viewer || row.standing != Standing::Delegate);
        }
        rows.sort_by_key(place);
        Some(MessageReaders { audience, named, rows, viewer, to_delegate })
    }

    /// A page of the persons who may read a message: the patient first, then by their standing.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn listed_readers(
        &self,
        view: &ThreadView,
        readers: &MessageReaders,
        page: &Page,
    ) -> Result<Result<Connection<MessageReader>, PageProblem>, Fault> {
        let list = List::Readers(readers.digest(view.thread.uuid()));
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let cursors = self.application.tokens().cursors(list, self.person());
        let after = bounds.after.map(|key| (key.number, key.id));
        let rows = readers.rows.iter().filter(|row| after.is_none_or(|after| place(row) > after));
        let edge = |row: &MayRead| {
            let (number, id) = place(row);
            Edge { node: *row, cursor: cursors.at(Key { number, id }) }
        };
        let edges: Vec<_> = rows.take(bounds.rows_max.saturating_add(1)).map(edge).collect();
        let mut naming = self.naming(view);
        connection(edges, bounds)
            .opened(|row| {
                let MayRead { person, standing, role, purpose, sees_from: _, grant: _ } = row;
                let name = self.reader_name(view, &mut naming, &row)?;
                let extent = if name.is_some() { self.extent(&naming, &row)? } else { Extent::default() };
                let is_viewer = person == self.person();
                Ok(MessageReader { person: name, is_viewer, standing, role, purpose, extent })
            })
            .map(Ok)
    }

    fn naming(&self, view: &ThreadView) -> Naming {
        let care_team = view.facts().patient.and_then(|patient| {
            let held = self.held(&Subject::Patient(patient));
            self.decide(Action::Read(Read::CareTeamRead), &ThingFacts::unlabelled(&held))
        });
        Naming {
            patient: self.thread_permit(view, Action::Read(Read::PatientRead)),
            participants: self.thread_permit(view, Action::Read(Read::ThreadListParticipants)),
            care_team,
            colleagues: BTreeMap::new(),
        }
    }

    /// The name of a person who may read a message, if the reader may know it.
    fn reader_name(
        &self,
        view: &ThreadView,
        naming: &mut Naming,
        row: &MayRead,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        let person = row.person;
        if person == self.person() {
            return self.person_in(view, person);
        }
        if row.standing == Standing::Self_ {
            return naming.patient.as_ref().map_or(Ok(None), |permit| self.name_of(permit, person));
        }
        let facts = view.facts();
        let takes_part = facts.requester.person() == Some(person)
            || facts.owner.person() == Some(person)
            || facts.participation(person, self.now).is_some()
            || row.standing == Standing::Delegate;
        if takes_part && let Some(permit) = &naming.participants {
            return self.name_of(permit, person);
        }
        if let (Some(permit), Some(patient)) = (&naming.care_team, facts.patient)
            && self.is_on_care_team(patient, person)
        {
            return self.name_of(permit, person);
        }
        for organization in self.employers(person) {
            let permit = naming.colleagues.entry(organization).or_insert_with(|| {
                let held = self.held(&Subject::Organization(organization));
                self.decide(Action::Read(Read::PersonRead), &ThingFacts::unlabelled(&held))
            });
            if let Some(permit) = permit {
                return self.name_of(permit, person);
            }
        }
        Ok(None)
    }

    /// How far the access of a person whose name the reader knows reaches.
    fn extent(&self, naming: &Naming, row: &MayRead) -> Result<Extent, Fault> {
        let is_viewer = row.person == self.person();
        let Some(grant) = row.grant else {
            let sees_from = row.sees_from.filter(|_| is_viewer || naming.participants.is_some());
            return Ok(Extent { sees_from, ..Extent::default() });
        };
        let read = if is_viewer { Read::DelegationReadOwn } else { Read::DelegationRead };
        let help = self.counted_if_shown(|| self.seen_delegation(grant, read))?;
        let Some(help) = help else { return Ok(Extent::default()) };
        // The past that it opens and the right by law are shown with the whole of it.
        let under = self
            .under_delegation(grant)
            .map(|under| UnderDelegation { authority: under.authority.filter(|_| help.has_scope), ..under });
        Ok(Extent { sees_from: row.sees_from.filter(|_| help.has_scope), until: help.until, delegation: under })
    }

    fn is_on_care_team(&self, patient: care::ids::PatientId, person: PersonId) -> bool {
        let state = self.application.projector().authorization();
        certain(care_team::place(&*state, patient, person, self.now)).is_some()
    }

    /// The organizations at which a person holds a role now.
    pub(super) fn employers(&self, person: PersonId) -> BTreeSet<OrganizationId> {
        self.application.projector().authorization().employers(person, self.now)
    }
}

impl MessageReaders {
    /// What a cursor of the list is bound to.
    fn digest(&self, thread: Uuid) -> Uuid {
        let Self { audience, named, rows: _, viewer: _, to_delegate: _ } = self;
        let mut text = audience.word().to_owned();
        for person in named.iter().flatten() {
            text.push_str(&person.to_string());
        }
        Uuid::new_v5(&thread, text.as_bytes())
    }
}

/// The place in the list: by standing, in the order in which the policy prefers them.
fn place(row: &MayRead) -> (i64, Uuid) {
    let rank = Standing::ALL.iter().position(|each| *each == row.standing).and_then(|rank| i64::try_from(rank).ok());
    (rank.unwrap_or(i64::MAX), row.person.uuid())
}
