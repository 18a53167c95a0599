//! The words that only the policy has: standings, actions, obligations.
//!
//! Policy files are words and code is enums; each word is written down once, beside its variant.
//! Roles, audiences, labels and purposes are words of care itself and live there.
//!
//! To add a standing: 1. add it to [`Standing`], at the place where it should win over those
//! below it; 2. compute it where standing is looked up; 3. write its rows in `policies/policy.csv`
//! and its cases in `policies/cases/`, without which it may do nothing.
//!
//! To add an action: 1. add it to [`Action`]; 2. name it in `Governed` of the command that it
//! is, or ask for it where the read happens; 3. write its rows and cases.
//!
//! To add an obligation: 1. add it to [`Obligation`]; 2. fulfil it wherever a permit is used;
//! 3. name it in a row.

use care::words::{Role, UnknownWord};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every word, in the order in which they are declared.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as written in policy files and access records.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The variant that a word names.
            ///
            /// # Errors
            /// [`UnknownWord`] when the text is not exactly one of the words.
            pub fn parse(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|each| each.word() == word)
                    .ok_or(UnknownWord { vocabulary: stringify!($name) })
            }
        }
    )+};
}

words! {
    /// What a person is to a thing now. Where several allow the same, the first in this order is
    /// the one that is recorded.
    Standing {
        /// The patient themself; held with [`Role::Person`].
        Self_ = "self",
        /// Who asked for the consultation.
        Requester = "requester",
        /// Who has taken it on.
        Assignee = "assignee",
        /// Invited into the thread by name.
        Participant = "participant",
        /// On the patient's care team.
        CareTeam = "care_team",
        /// In the pool that owns the thread.
        PoolMember = "pool_member",
        /// A role at the organization that asked.
        RequestingOrganization = "requesting_organization",
        /// A role at the organization that is asked.
        ReceivingOrganization = "receiving_organization",
        /// A role at the organization that a patient, person, pool or care team belongs to.
        Organization = "organization",
        /// A role at any organization here, for what belongs to the installation as a whole:
        /// its directory, policy and journal. Also the installation itself, held with
        /// [`Role::Service`], while nobody is on record.
        Installation = "installation",
        /// Shut out by a consent directive, whatever else they are.
        Blocked = "blocked",
        /// Nothing.
        None = "none",
    }

    /// What is done to what: one for each command and for each kind of read.
    Action {
        /// Found an organization.
        OrganizationFound = "organization.found",
        /// Set an organization's calendar.
        OrganizationSetCalendar = "organization.set_calendar",
        /// Open a pool.
        OrganizationOpenPool = "organization.open_pool",
        /// Take a person into a pool.
        OrganizationAddPoolMember = "organization.add_pool_member",
        /// Let a person leave a pool.
        OrganizationRemovePoolMember = "organization.remove_pool_member",
        /// Read an organization's name, pools and calendar.
        OrganizationRead = "organization.read",
        /// Put a person on record.
        PersonRegister = "person.register",
        /// Grant a role.
        PersonGrantRole = "person.grant_role",
        /// End a role.
        PersonEndRole = "person.end_role",
        /// Read a colleague's name and roles, or one's own.
        PersonRead = "person.read",
        /// Put a patient on record.
        PatientRegister = "patient.register",
        /// Read a patient's identity.
        PatientRead = "patient.read",
        /// Take a person onto a care team.
        CareTeamAdd = "care_team.add",
        /// Let a person leave a care team.
        CareTeamRemove = "care_team.remove",
        /// Read who is on a care team.
        CareTeamRead = "care_team.read",
        /// See that a thread exists: its state, owner, participants' names and expected answer.
        ThreadFind = "thread.find",
        /// Read a thread's subject, question, advice and plan.
        ThreadRead = "thread.read",
        /// Read a message of an audience.
        ThreadReadMessage = "thread.read_message",
        /// Write a message to an audience.
        ThreadPost = "thread.post",
        /// Note how far one has read.
        ThreadMarkRead = "thread.mark_read",
        /// Add a participant.
        ThreadInvite = "thread.invite",
        /// Take a thread on from its pool.
        ThreadClaim = "thread.claim",
        /// Read who takes part, and how far each has read.
        ThreadListParticipants = "thread.list_participants",
        /// Ask for a consultation.
        ConsultationRequest = "consultation.request",
        /// Hand a consultation to a pool or person.
        ConsultationAssign = "consultation.assign",
        /// Give the advice.
        ConsultationAdvise = "consultation.advise",
        /// Record what becomes of each recommendation.
        ConsultationRecordPlan = "consultation.record_plan",
        /// Record that the patient was told.
        ConsultationInformPatient = "consultation.inform_patient",
        /// Close the consultation.
        ConsultationClose = "consultation.close",
        /// See the list of what waits at an organization or in a pool.
        WorklistRead = "worklist.read",
        /// Read who read or tried to read what, and why; never what was read.
        AccessRead = "access.read",
        /// Put a policy version in force.
        PolicyActivate = "policy.activate",
        /// Read the policy and why it decides as it does.
        PolicyRead = "policy.read",
        /// Check the journal's digests.
        JournalVerify = "journal.verify",
    }

    /// What a permit demands of whoever uses it.
    Obligation {
        /// Mark the access record, so that a review looks at it first.
        AuditHigh = "audit:high",
    }
}

impl Standing {
    /// The roles that it can be held in.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Self_ => &[Role::Person],
            // Only who takes part in care is on a care team, and only members are added to a thread.
            Self::Participant | Self::CareTeam => {
                &[Role::Physician, Role::Nurse, Role::Pharmacist, Role::Coordinator, Role::SocialWorker]
            }
            Self::Requester
            | Self::Assignee
            | Self::PoolMember
            | Self::RequestingOrganization
            | Self::ReceivingOrganization
            | Self::Organization
            | Self::Installation => &[
                Role::Physician,
                Role::Nurse,
                Role::Pharmacist,
                Role::Coordinator,
                Role::SocialWorker,
                Role::PrivacyOfficer,
                Role::Administrator,
                Role::Auditor,
                Role::Service,
            ],
            Self::Blocked => Role::ALL,
            Self::None => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
        for standing in Standing::ALL {
            assert_eq!(Standing::parse(standing.word()), Ok(*standing));
        }
        for action in Action::ALL {
            assert_eq!(Action::parse(action.word()), Ok(*action));
        }
        assert_eq!(Obligation::parse("audit:high"), Ok(Obligation::AuditHigh));
    }

    #[test]
    fn a_word_in_another_spelling_is_refused() {
        assert!(Standing::parse("Self").is_err());
        assert!(Action::parse("thread.READ").is_err());
    }
}
