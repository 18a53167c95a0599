//! Payloads: what every mutation answers with.
//!
//! To add one: 1. name it below with the field that its entity goes into; 2. give it a variant in
//! [`Payload`].

use async_graphql::{ID, Interface, SimpleObject};

use super::consultation::Consultation;
use super::message::Message;
use super::organization::{Organization, Pool};
use super::patient::Patient;
use super::problem::Problem;
use super::scalars::Position;
use super::thread::Thread;

/// What a mutation came to, before its payload gives the entity a name.
pub(super) struct Answer<T> {
    pub client_mutation_id: ID,
    pub position: Option<Position>,
    pub replayed: bool,
    pub problems: Vec<Problem>,
    pub entity: Option<T>,
}

impl<T> Answer<T> {
    /// The same with another entity.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        let Self { client_mutation_id, position, replayed, problems, entity } = self;
        Answer { client_mutation_id, position, replayed, problems, entity: entity.map(map) }
    }
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident { $(#[$field_meta:meta])* $field:ident: $ty:ty })+) => {$(
        $(#[$meta])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The key that you sent.
            client_mutation_id: ID,
            /// How far to read to see the effect; null when there was none.
            position: Option<Position>,
            /// Whether it had been carried out before under this key.
            replayed: bool,
            /// Why it had no effect; empty when it had.
            problems: Vec<Problem>,
            $(#[$field_meta])*
            $field: Option<$ty>,
        }

        impl From<Answer<$ty>> for $name {
            fn from(answer: Answer<$ty>) -> Self {
                let Answer { client_mutation_id, position, replayed, problems, entity } = answer;
                Self { client_mutation_id, position, replayed, problems, $field: entity }
            }
        }
    )+};
}

payloads! {
    /// A consultation was asked for.
    RequestConsultationPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// A consultation was assigned.
    AssignConsultationPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// A thread was taken on.
    ClaimThreadPayload {
        /// The thread.
        thread: Thread
    }
    /// A consultation was answered.
    AdviseConsultationPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// The result of `recordPlan`.
    RecordPlanPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// That the patient was told was recorded.
    InformPatientPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// A consultation was closed.
    CloseConsultationPayload {
        /// The consultation.
        consultation: Consultation
    }
    /// How far you have read was noted.
    MarkThreadReadPayload {
        /// The thread.
        thread: Thread
    }
    /// Somebody was taken into a thread.
    AddParticipantPayload {
        /// The thread.
        thread: Thread
    }
    /// A patient was put on record.
    RegisterPatientPayload {
        /// The patient.
        patient: Patient
    }
    /// Somebody was taken onto a care team.
    AddCareTeamMemberPayload {
        /// The patient.
        patient: Patient
    }
    /// Somebody left a care team.
    RemoveCareTeamMemberPayload {
        /// The patient.
        patient: Patient
    }
    /// A person was put on record.
    RegisterPersonPayload {
        /// The person's id. Persons are met in what they take part in.
        person_id: ID
    }
    /// A role was granted.
    GrantRolePayload {
        /// Whose role.
        person_id: ID
    }
    /// A role was ended.
    EndRolePayload {
        /// Whose role.
        person_id: ID
    }
    /// An organization was founded.
    FoundOrganizationPayload {
        /// The organization.
        organization: Organization
    }
    /// A calendar was set.
    SetCalendarPayload {
        /// The organization.
        organization: Organization
    }
    /// A pool was opened.
    OpenPoolPayload {
        /// The pool.
        pool: Pool
    }
    /// Somebody became a member of a pool.
    AddPoolMemberPayload {
        /// The pool.
        pool: Pool
    }
    /// Somebody left a pool.
    RemovePoolMemberPayload {
        /// The pool.
        pool: Pool
    }
}

/// A message was posted.
#[derive(SimpleObject)]
pub struct PostMessagePayload {
    /// The key that you sent.
    client_mutation_id: ID,
    /// How far to read to see the effect; null when there was none.
    position: Option<Position>,
    /// Whether it had been carried out before under this key.
    replayed: bool,
    /// Why it had no effect; empty when it had.
    problems: Vec<Problem>,
    /// The thread.
    thread: Option<Thread>,
    /// The message, if you may read what you wrote.
    message: Option<Message>,
}

impl From<Answer<(Thread, Option<Message>)>> for PostMessagePayload {
    fn from(answer: Answer<(Thread, Option<Message>)>) -> Self {
        let Answer { client_mutation_id, position, replayed, problems, entity } = answer;
        let (thread, message) = entity.unzip();
        Self { client_mutation_id, position, replayed, problems, thread, message: message.flatten() }
    }
}

/// What every mutation answers with.
#[derive(Interface)]
#[graphql(
    field(name = "client_mutation_id", ty = "&ID", desc = "The key that you sent."),
    field(
        name = "position",
        ty = "&Option<Position>",
        desc = "How far to read to see the effect; null when there was none."
    ),
    field(name = "replayed", ty = "&bool", desc = "Whether it had been carried out before under this key."),
    field(name = "problems", ty = "&Vec<Problem>", desc = "Why it had no effect; empty when it had.")
)]
#[expect(missing_docs, reason = "each variant is the payload that it names")]
pub enum Payload {
    RequestConsultation(RequestConsultationPayload),
    AssignConsultation(AssignConsultationPayload),
    ClaimThread(ClaimThreadPayload),
    AdviseConsultation(AdviseConsultationPayload),
    RecordPlan(RecordPlanPayload),
    InformPatient(InformPatientPayload),
    CloseConsultation(CloseConsultationPayload),
    PostMessage(PostMessagePayload),
    MarkThreadRead(MarkThreadReadPayload),
    AddParticipant(AddParticipantPayload),
    RegisterPatient(RegisterPatientPayload),
    AddCareTeamMember(AddCareTeamMemberPayload),
    RemoveCareTeamMember(RemoveCareTeamMemberPayload),
    RegisterPerson(RegisterPersonPayload),
    GrantRole(GrantRolePayload),
    EndRole(EndRolePayload),
    FoundOrganization(FoundOrganizationPayload),
    SetCalendar(SetCalendarPayload),
    OpenPool(OpenPoolPayload),
    AddPoolMember(AddPoolMemberPayload),
    RemovePoolMember(RemovePoolMemberPayload),
}
