//! The fields that the threads of all kinds share.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use care::command_name::{CommandName, Named};
use care::conversation::{
    AcceptInvitation, AddParticipant, ChangeHistoryWindow, Claim, DeclineInvitation, InviteParticipant, Leave, Party,
    PassTurn, Place, PostMessage, Release, RemoveParticipant, Reopen, SetWaitingOn, TakeOver, Transfer,
};
use care::ids::{OrganizationId, PersonId, PoolId};
use coordination::WaitingRow;
use coordination::fault::Fault;
use coordination::reader::{Page, Reader, ThreadView};

use crate::graphql::connection::{connections, page};
use crate::graphql::id::{decode_id, encode_id};
use crate::graphql::invitation::Invitation;
use crate::graphql::message::{Message, Receipts};
use crate::graphql::mutation_name::closing;
use crate::graphql::organization::{Organization, Pool};
use crate::graphql::patient::Patient;
use crate::graphql::permission::Permission;
use crate::graphql::person::Person;
use crate::graphql::readership::MessageReaders;
use crate::graphql::scalars::{Instant, PersonalText, Version};
use crate::graphql::thread_kind::ThreadKind;
use crate::graphql::words::{Audience, Confidentiality, Role, Sensitivity, ThreadStatus, Topic};

/// The fields of every thread.
pub struct ThreadFields {
    pub(in crate::graphql) reader: Arc<Reader>,
    pub(in crate::graphql) view: Arc<ThreadView>,
}

impl ThreadFields {
    /// The fields of a thread.
    pub(in crate::graphql) fn of(reader: &Arc<Reader>, view: &Arc<ThreadView>) -> Self {
        Self { reader: Arc::clone(reader), view: Arc::clone(view) }
    }

    /// A person of the thread.
    pub(in crate::graphql) fn person(&self, person: Option<PersonId>) -> Result<Option<Person>, Fault> {
        let Some(person) = person else { return Ok(None) };
        Ok(self.reader.person_in(&self.view, person)?.map(Person))
    }

    /// An organization of the thread.
    pub(in crate::graphql) fn organization(&self, id: Option<OrganizationId>) -> Result<Option<Organization>, Fault> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.reader.organization_in(&self.view, id)?.map(|row| Organization::of(&self.reader, row)))
    }

    /// A pool of the thread.
    pub(in crate::graphql) fn pool(&self, pool: Option<PoolId>) -> Result<Option<Pool>, Fault> {
        let Some(pool) = pool else { return Ok(None) };
        Ok(self.reader.pool_in(&self.view, pool)?.map(|row| Pool::of(&self.reader, row)))
    }

    /// Whether the viewer can give a command now.
    pub(in crate::graphql) fn can(&self, command: CommandName) -> Result<Permission> {
        Ok(self.reader.can(&self.view, command, None)?.into())
    }

    fn accountable(&self) -> Result<Owner, Fault> {
        Ok(Owner { pool: self.pool(self.view.owner_pool)?, person: self.person(self.view.owner_person)? })
    }

    fn turn(&self, waiting: &WaitingRow) -> Result<WaitingOn, Fault> {
        let WaitingRow { party, action, since, due, note } = waiting;
        let (kind, person, pool, place) = match *party {
            Party::Person(person) => (PartyKind::Person, Some(person), None, None),
            Party::Pool(pool) => (PartyKind::Pool, None, Some(pool), None),
            Party::PoolCoordinator(pool) => (PartyKind::PoolCoordinator, None, Some(pool), None),
            Party::Role(place) => (PartyKind::Role, None, None, Some(place)),
            Party::Patient(_) => (PartyKind::Patient, None, None, None),
            Party::Nobody => (PartyKind::Nobody, None, None, None),
        };
        let organization = self.organization(place.map(|Place { organization, .. }| organization))?;
        Ok(WaitingOn {
            party: kind,
            person: self.person(person)?,
            pool: self.pool(pool)?,
            role: place.map(|place| place.role.into()),
            organization,
            action: action.word(),
            since: (*since).into(),
            due: due.map(Into::into),
            note: note.as_ref().map(PersonalText::from),
        })
    }

    fn open_invitations(&self) -> Result<Vec<Invitation>, Fault> {
        let rows = self.reader.invitations(&self.view)?;
        rows.iter().map(|row| Invitation::of(&self.reader, &self.view, row)).collect()
    }

    fn own_invitation(&self) -> Result<Option<Invitation>, Fault> {
        let row = self.reader.own_invitation(&self.view)?;
        row.map(|row| Invitation::of(&self.reader, &self.view, &row)).transpose()
    }

    fn page_of_messages(&self, asked: &Page) -> Result<MessageConnection> {
        let receipts = Receipts::of(&self.reader, &self.view)?;
        let found = self.reader.messages(&self.view, asked)?;
        page(found, |row| Message::of(&self.reader, &self.view, &receipts, row))
    }

    fn page_of_participants(&self, asked: &Page) -> Result<ParticipantConnection> {
        page(self.reader.participants(&self.view, asked)?, |row| {
            Ok(Participant {
                person: self.person(Some(row.person))?,
                role: row.role.into(),
                organization: self.organization(Some(row.organization))?,
                since: row.since.into(),
                sees_from: row.sees_from.map(Into::into),
                ended_at: row.ended_at.map(Into::into),
            })
        })
    }
}

#[Object]
impl ThreadFields {
    /// The id of the thread.
    pub(in crate::graphql) async fn id(&self) -> ID {
        encode_id(self.view.thread)
    }

    /// The version, for the next command that relies on it.
    pub(in crate::graphql) async fn version(&self) -> Result<Version> {
        Ok(self.reader.version(&self.view)?.into())
    }

    /// The kind of the thread. It never changes.
    pub(in crate::graphql) async fn kind(&self) -> ThreadKind {
        self.view.kind.into()
    }

    /// When the thread was opened.
    pub(in crate::graphql) async fn created_at(&self) -> Instant {
        self.view.opened_at.into()
    }

    /// When the thread was closed. Null while it is open.
    pub(in crate::graphql) async fn closed_at(&self) -> Option<Instant> {
        self.view.closed_at.map(Into::into)
    }

    /// The outcome in words, as given when the thread was closed. Null while the thread is open, and if none was
    /// given.
    pub(in crate::graphql) async fn closing_note(&self) -> Option<PersonalText> {
        self.view.outcome.as_ref().map(PersonalText::from)
    }

    /// The newest activity that you may know of.
    pub(in crate::graphql) async fn updated_at(&self) -> Instant {
        self.view.updated_at.into()
    }

    /// The patient whom the thread is about. Null if it is about no patient, and if you may not know.
    pub(in crate::graphql) async fn patient(&self) -> Option<Result<Patient>> {
        let found = self.reader.patient_of(&self.view).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// Whether the thread is about a patient. Null if you may not read its content.
    pub(in crate::graphql) async fn is_about_patient(&self) -> Option<bool> {
        self.view.is_about_patient()
    }

    /// Whether the thread is open.
    pub(in crate::graphql) async fn status(&self) -> ThreadStatus {
        if self.view.closed_at.is_some() { ThreadStatus::Closed } else { ThreadStatus::Open }
    }

    /// Who is accountable for the thread. Null if you may not know.
    pub(in crate::graphql) async fn owner(&self) -> Option<Result<Owner>> {
        // An owner is a pool, a person, or both.
        let is_shown = self.view.owner_pool.is_some() || self.view.owner_person.is_some();
        is_shown.then_some(())?;
        Some(self.accountable().map_err(Into::into))
    }

    /// Whose turn it is. Null once the thread is closed, and if you may not know.
    pub(in crate::graphql) async fn waiting_on(&self) -> Option<Result<WaitingOn>> {
        self.view.waiting_on.as_ref().map(|waiting| Ok(self.turn(waiting)?))
    }

    /// The person who opened the thread. Null if you may not know.
    pub(in crate::graphql) async fn opened_by(&self) -> Option<Result<Person>> {
        self.person(self.view.opened_by.and_then(|by| by.person())).map_err(Into::into).transpose()
    }

    /// The one topic of the thread. Null if you may not read its content.
    pub(in crate::graphql) async fn topic(&self) -> Option<Topic> {
        self.view.topic.map(Into::into)
    }

    /// A line that says what the thread is about.
    pub(in crate::graphql) async fn subject(&self) -> PersonalText {
        PersonalText::from(&self.view.subject)
    }

    /// How confidential the thread is. Null if you may not read its content.
    pub(in crate::graphql) async fn confidentiality(&self) -> Option<Confidentiality> {
        self.view.labels.as_ref().map(|labels| labels.confidentiality.into())
    }

    /// The sensitive subjects of the thread. Null if you may not read its content.
    pub(in crate::graphql) async fn sensitivities(&self) -> Option<Vec<Sensitivity>> {
        let labels = self.view.labels.as_ref()?;
        Some(labels.sensitivities.iter().copied().map(Into::into).collect())
    }

    /// The current and former participants, the person who opened it first. Empty if you may not know.
    pub(in crate::graphql) async fn participants(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<ParticipantConnection>> {
        Some(self.page_of_participants(&Page { first, after, last: None, before: None }))
    }

    /// The pools that take part in addition to the owner. Empty if there are none, and if you may not know.
    pub(in crate::graphql) async fn pools(&self) -> Result<Vec<Pool>> {
        let rows = self.reader.pools_in(&self.view)?;
        Ok(rows.into_iter().map(|row| Pool::of(&self.reader, row)).collect())
    }

    /// The invitations that can still be accepted, the oldest first. Empty if you may not know.
    pub(in crate::graphql) async fn invitations(&self) -> Option<Result<Vec<Invitation>>> {
        Some(self.open_invitations().map_err(Into::into))
    }

    /// Your own invitation, without its reason. Null if you have none that you can still accept.
    pub(in crate::graphql) async fn viewer_invitation(&self) -> Option<Result<Invitation>> {
        self.own_invitation().map_err(Into::into).transpose()
    }

    /// The messages that you may read, in the order in which they were posted.
    #[expect(clippy::too_many_arguments, reason = "a page in both directions is asked for by four")]
    pub(in crate::graphql) async fn messages(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
        #[graphql(desc = "Rows from the end: 1 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the rows end.")] before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        Some(self.page_of_messages(&Page { first, after, last, before }))
    }

    /// The number of messages by others that you may read and that are newer than your read receipt.
    pub(in crate::graphql) async fn unread_count(&self) -> Result<i64> {
        Ok(self.reader.unread(&self.view)?)
    }

    /// Whether you have put the thread away from your inbox and nothing has arrived for you since.
    pub(in crate::graphql) async fn is_put_away(&self) -> Result<bool> {
        Ok(self.reader.is_put_away(&self.view)?)
    }

    /// Your default audience: that of a message of yours that names none.
    pub(in crate::graphql) async fn default_audience(&self) -> Audience {
        self.reader.default_audience(&self.view).into()
    }

    /// Who may read a message to this audience that is posted now; without an audience, to your default audience. With
    /// `to`, which belongs to `NAMED`: those of these persons who may read it, and you. Without `to`, `NAMED` answers whom
    /// you can name. `TEAM_AND_ME` answers the clinical team and one person: you, unless you are of the team; else the one
    /// in `to`; else the patient. Null if you may not read messages to this audience.
    pub(in crate::graphql) async fn readers(
        &self,
        audience: Option<Audience>,
        to: Option<Vec<ID>>,
    ) -> Option<MessageReaders> {
        let audience = audience.map_or_else(|| self.reader.default_audience(&self.view), Into::into);
        let named = to.map(|persons| persons.iter().map(decode_id).collect());
        let found = self.reader.message_readers(&self.view, audience, named)?;
        Some(MessageReaders { reader: Arc::clone(&self.reader), view: Arc::clone(&self.view), found })
    }

    /// Whether you can post to this audience now. Without an audience: to your default audience.
    pub(in crate::graphql) async fn viewer_can_post(&self, audience: Option<Audience>) -> Result<Permission> {
        let audience = audience.map_or_else(|| self.reader.default_audience(&self.view), Into::into);
        Ok(self.reader.can(&self.view, PostMessage::NAME, Some(audience))?.into())
    }

    /// Whether you can add a participant now.
    pub(in crate::graphql) async fn viewer_can_add_participant(&self) -> Result<Permission> {
        self.can(AddParticipant::NAME)
    }

    /// Whether you can invite a person of another organization now.
    pub(in crate::graphql) async fn viewer_can_invite_participant(&self) -> Result<Permission> {
        self.can(InviteParticipant::NAME)
    }

    /// Whether you can accept your invitation now.
    pub(in crate::graphql) async fn viewer_can_accept_invitation(&self) -> Result<Permission> {
        self.can(AcceptInvitation::NAME)
    }

    /// Whether you can decline your invitation now.
    pub(in crate::graphql) async fn viewer_can_decline_invitation(&self) -> Result<Permission> {
        self.can(DeclineInvitation::NAME)
    }

    /// Whether you can leave the thread now.
    pub(in crate::graphql) async fn viewer_can_leave(&self) -> Result<Permission> {
        self.can(Leave::NAME)
    }

    /// Whether you can end the participation or the invitation of another person now.
    pub(in crate::graphql) async fn viewer_can_remove_participant(&self) -> Result<Permission> {
        self.can(RemoveParticipant::NAME)
    }

    /// Whether you can change now how much a participant sees.
    pub(in crate::graphql) async fn viewer_can_change_history_window(&self) -> Result<Permission> {
        self.can(ChangeHistoryWindow::NAME)
    }

    /// Whether you can claim the thread now.
    pub(in crate::graphql) async fn viewer_can_claim(&self) -> Result<Permission> {
        self.can(Claim::NAME)
    }

    /// Whether you can return the thread to its pool now.
    pub(in crate::graphql) async fn viewer_can_release(&self) -> Result<Permission> {
        self.can(Release::NAME)
    }

    /// Whether you can make somebody else the owner now.
    pub(in crate::graphql) async fn viewer_can_transfer(&self) -> Result<Permission> {
        self.can(Transfer::NAME)
    }

    /// Whether you can make yourself the owner now, in place of an owner who does not act.
    pub(in crate::graphql) async fn viewer_can_take_over(&self) -> Result<Permission> {
        self.can(TakeOver::NAME)
    }

    /// Whether you can set now whom the thread waits for.
    pub(in crate::graphql) async fn viewer_can_set_waiting_on(&self) -> Result<Permission> {
        self.can(SetWaitingOn::NAME)
    }

    /// Whether you can pass the turn on now.
    pub(in crate::graphql) async fn viewer_can_pass_turn(&self) -> Result<Permission> {
        self.can(PassTurn::NAME)
    }

    /// Whether you can close the thread now.
    pub(in crate::graphql) async fn viewer_can_close(&self) -> Result<Permission> {
        self.can(closing(self.view.kind))
    }

    /// Whether you can open the thread again now.
    pub(in crate::graphql) async fn viewer_can_reopen(&self) -> Result<Permission> {
        self.can(Reopen::NAME)
    }
}

/// Who is accountable for a thread: a person, a pool, or a person who has the thread from a pool.
#[derive(SimpleObject)]
pub struct Owner {
    /// The pool. Null if a person has the thread from no pool.
    pool: Option<Pool>,
    /// The person. Null while no member of the pool has claimed the thread.
    person: Option<Person>,
}

/// What kind of party a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartyKind {
    /// One person.
    Person,
    /// Any member of a pool.
    Pool,
    /// Any coordinator among the members of a pool.
    PoolCoordinator,
    /// Any person who holds a role at an organization.
    Role,
    /// The patient.
    Patient,
    /// Nobody, by agreement, until the due instant.
    Nobody,
}

/// Whose turn it is in a thread, for which command and until when.
#[derive(SimpleObject)]
pub struct WaitingOn {
    /// The kind of the party.
    party: PartyKind,
    /// The person. Null if the party is no single person.
    person: Option<Person>,
    /// The pool. Null if the party does not belong to a pool.
    pool: Option<Pool>,
    /// The role. Null if the party is not a role.
    role: Option<Role>,
    /// The organization at which the role is held. Null if the party is not a role.
    organization: Option<Organization>,
    /// The command that is awaited, by its name in the policy: `consultation.advise`.
    action: &'static str,
    /// Since when the thread waits for the party.
    since: Instant,
    /// The due instant. Null if there is no target.
    due: Option<Instant>,
    /// What is expected, in words. Null if the awaited command says it.
    note: Option<PersonalText>,
}

/// A person who takes part or took part in a thread.
#[derive(SimpleObject)]
pub struct Participant {
    /// The person.
    person: Option<Person>,
    /// The role in which they take part.
    role: Role,
    /// The organization of that role.
    organization: Option<Organization>,
    /// The start of their participation.
    since: Instant,
    /// From when on they see the thread. Null if they see all of it.
    sees_from: Option<Instant>,
    /// When their participation ended. Null while they take part.
    ended_at: Option<Instant>,
}

connections! {
    /// A page of a thread's messages.
    MessageConnection, MessageEdge of Message;
    /// A page of those who take part in a thread.
    ParticipantConnection, ParticipantEdge of Participant;
}
