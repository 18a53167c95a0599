//! What a command or a question to the policy is about, and what a person is or was to it.

use care::command_name::Command;
use care::draft::{Form, opened_kind};
use care::event::Stream;
use care::ids::{AuthorityId, DelegationId, Id, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::party::FormSubject;
use care::words::Confidentiality;
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::HeldStanding;
use policy::words::Read;
use uuid::Uuid;

use super::entity::Entities;
use super::thread::ThreadFacts;
use super::{
    around_patient, care_team, delegation, draft, involvement, organization, outside_message, patient, person, thread,
};

/// What a command or a question to the policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A thread, existing or missing.
    Thread(ThreadId),
    /// A new thread.
    Opening {
        kind: ThreadKind,
        patient: Option<PatientId>,
        organization: Option<OrganizationId>,
        confidentiality: Confidentiality,
        codes: CodeSet,
    },
    /// A patient, with their care team.
    Patient(PatientId),
    /// A delegation.
    Delegation(DelegationId),
    /// A legal authority.
    LegalAuthority(AuthorityId),
    /// A message from outside.
    OutsideMessage(OutsideMessageId),
    /// A message from outside that is to be sent: every person who is registered may write one.
    NewOutsideMessage,
    /// An organization, with its pools and its calendar.
    Organization(OrganizationId),
    /// The drafts of a person, and the form whose text is to be saved.
    Drafts { author: PersonId, form: Option<Form> },
    /// The installation as a whole.
    Installation,
}

impl Subject {
    /// The subject of a command to a stream; `creates` says that the command creates the stream.
    pub fn of<C: Command>(stream: Stream, creates: bool, command: &C) -> Self {
        if let Some((kind, opening)) = command.opens() {
            return Self::Opening {
                kind,
                patient: opening.patient,
                organization: opening.organization,
                confidentiality: opening.confidentiality,
                codes: opening.sensitivities.iter().copied().collect(),
            };
        }
        if let Some(organization) = command.at_organization() {
            return Self::Organization(organization);
        }
        if let Some(patient) = command.at_patient().filter(|_| creates) {
            return Self::Patient(patient);
        }
        match stream {
            Stream::Thread(thread) => Self::Thread(thread),
            Stream::CareTeam(patient) | Stream::Patient(patient) | Stream::Directives(patient) => {
                Self::Patient(patient)
            }
            Stream::Delegation(delegation) => Self::Delegation(delegation),
            Stream::LegalAuthority(authority) => Self::LegalAuthority(authority),
            Stream::OutsideMessage(_) if creates => Self::NewOutsideMessage,
            Stream::OutsideMessage(message) => Self::OutsideMessage(message),
            Stream::Drafts(author) => {
                let form = command.form().map(|(command, subject)| Form { command, subject });
                Self::Drafts { author, form }
            }
            Stream::Organization(organization) if !creates => Self::Organization(organization),
            // Roles are granted and ended at an organization; nothing else is done to a person.
            Stream::Organization(_) | Stream::Person(_) | Stream::Policy(_) => Self::Installation,
        }
    }

    /// What the command of a form is given to.
    pub fn of_form(form: Form) -> Self {
        let opening = |kind, patient, organization| Self::Opening {
            kind,
            patient,
            organization,
            confidentiality: Confidentiality::Normal,
            codes: CodeSet::NONE,
        };
        match (form.subject, opened_kind(form.command)) {
            (FormSubject::Thread(thread), _) => Self::Thread(thread),
            (FormSubject::Patient(patient), Some(kind)) => opening(kind, Some(patient), None),
            (FormSubject::Organization(organization), Some(kind)) => opening(kind, None, Some(organization)),
            // The form of a command that opens nothing is about a thread, so this is none, and is missing.
            (FormSubject::Patient(_) | FormSubject::Organization(_), None) => {
                Self::Thread(ThreadId::from_uuid(Uuid::nil()))
            }
        }
    }

    /// The same without the codes that a thread is to have: what somebody may find does not depend on what they choose.
    pub(super) fn without_codes(&self) -> Self {
        let mut same = self.clone();
        if let Self::Opening { codes, .. } = &mut same {
            *codes = CodeSet::NONE;
        }
        same
    }

    /// The reads of which each lets a person find it.
    pub(super) fn found_by(&self) -> &'static [Read] {
        match self {
            Self::Thread(_) => &[Read::ThreadFind],
            Self::Opening { .. } => &[Read::PatientRead],
            // Who is asked whether the record is theirs, or to its care team, knows that it exists, and not whose it is; so
            // does who oversees its delegations. Who asks about the patient in a consultation writes down their word.
            Self::Patient(_) => &[
                Read::PatientRead,
                Read::PatientReadProposal,
                Read::CareTeamReadQuestion,
                Read::DelegationRead,
                Read::ConsentDirectiveReadRecorded,
            ],
            Self::Delegation(_) => &[Read::DelegationRead, Read::DelegationReadOwn, Read::DelegationReadInvitation],
            Self::LegalAuthority(_) => &[Read::LegalAuthorityRead],
            Self::OutsideMessage(_) => &[Read::OutsideMessageRead],
            Self::NewOutsideMessage => &[Read::OutsideMessageReadPlaces],
            Self::Drafts { .. } => &[Read::DraftRead],
            Self::Organization(_) | Self::Installation => &[Read::OrganizationRead],
        }
    }
}

/// The standings of a person to a subject now.
pub(crate) fn standings<S: Entities>(
    store: &S,
    subject: &Subject,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    match subject {
        Subject::Thread(thread) => match store.get::<ThreadFacts>(thread.uuid())? {
            Some(facts) => thread::standings(store, *thread, &facts, person, now),
            None => Ok(Vec::new()),
        },
        Subject::Patient(patient) => involvement::standings_to_patient(store, *patient, person, now),
        Subject::Delegation(id) => delegation::standings(store, *id, person, now),
        Subject::LegalAuthority(id) => around_patient::standings_to_authority(store, *id, person, now),
        Subject::OutsideMessage(id) => outside_message::standings(store, *id, person, now),
        Subject::NewOutsideMessage => outside_message::standings_of_sender(store, person),
        Subject::Opening { patient: Some(patient), codes, .. } => {
            involvement::standings_at_opening(store, *patient, *codes, person, now)
        }
        Subject::Organization(organization) => organization::standings(store, *organization, person, now),
        Subject::Opening { patient: None, organization, .. } => {
            person::standings_as_staff(store, *organization, person, now)
        }
        Subject::Drafts { author, form: _ } => draft::standings(store, *author, person, now),
        Subject::Installation => person::standings_anywhere(store, person, now),
    }
}

/// Whether a person ever had a standing to a subject, by name or by a role that has ended: then they knew of it, and a
/// repeat of their command is still answered. It permits nothing.
pub(crate) fn ever_had_standing<S: Entities>(
    store: &S,
    subject: &Subject,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    match subject {
        Subject::Thread(thread) => match store.get::<ThreadFacts>(thread.uuid())? {
            Some(facts) => thread::ever_had_standing(store, &facts, person, now),
            None => Ok(false),
        },
        // A person who is blocked, or lost access as staff by helping the patient, is told nothing of what they did before.
        Subject::Patient(patient) | Subject::Opening { patient: Some(patient), .. }
            if delegation::forgets(store, *patient, person, CodeSet::NONE, now)? =>
        {
            Ok(false)
        }
        Subject::Patient(patient) => Ok(care_team::was_member(store, *patient, person)?
            || care_team::was_asked(store, *patient, person)?
            || patient::was_asked(store, *patient, person)?),
        Subject::Opening { patient: Some(patient), .. } => care_team::was_member(store, *patient, person),
        Subject::Organization(organization)
        | Subject::Opening { patient: None, organization: Some(organization), .. } => {
            person::worked_at(store, *organization, person)
        }
        Subject::Delegation(id) => delegation::ever_had_standing(store, *id, person, now),
        // Who no longer finds it is told nothing of it.
        Subject::LegalAuthority(_) | Subject::OutsideMessage(_) | Subject::NewOutsideMessage => Ok(false),
        // Nobody loses their own drafts.
        Subject::Drafts { .. } => Ok(false),
        Subject::Opening { patient: None, organization: None, .. } | Subject::Installation => Ok(true),
    }
}
