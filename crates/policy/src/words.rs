//! The words that only the policy has: standings, reads, obligations; and actions, which are commands and reads.
//!
//! Policy files are words and code is enums; each word is written down once, beside its variant. Roles, audiences,
//! labels, purposes and the names of commands are words of care and are declared there.
//!
//! To add a standing: 1. add it to [`Standing`], at the place where it should be preferred to those below it, and say in
//! [`Standing::roles`] which roles it can be held in; 2. compute it where standings are looked up; 3. write its rows in
//! `policies/policy.csv` and its cases in `policies/cases/`, without which it may do nothing, and its default audience if
//! it may post.
//!
//! To add an action that is no command: 1. add it to [`Read`]; 2. ask for it where the read happens; 3. write its rows
//! and cases. A command needs no line here: its name is its action.
//!
//! To add an obligation: 1. add it to [`Obligation`]; 2. fulfil it wherever a permit is used; 3. name it in a row.

use std::sync::LazyLock;

use care::command_name::{CommandName, Named as _};
use care::conversation::{MarkRead, PostMessage, PutAway};
use care::lifecycle::ThreadKind;
use care::words::{Role, UnknownWord, words};

words! {
    /// What a person is to a thing now. Where several allow the same, the first in this order is
    /// the one that is recorded.
    Standing {
        /// The patient themself; held with [`Role::Person`].
        Self_ = "self",
        /// Who writes a draft, or a message from outside.
        Author = "author",
        /// Who opened the thread.
        Requester = "requester",
        /// The person who owns the thread.
        Assignee = "assignee",
        /// Takes part in the thread by name.
        Participant = "participant",
        /// On the patient's care team.
        CareTeam = "care_team",
        /// On the patient's care team by their own word, for less than a day.
        Joined = "joined",
        /// In a pool that owns the thread, or that takes part in it.
        PoolMember = "pool_member",
        /// In the pool that the owner has the thread from.
        OwnersPool = "owners_pool",
        /// Invited into the thread, or asked to the patient's care team, by name, or to help the patient; has not answered.
        /// Held with [`Role::Person`] by who is to help the patient.
        Invited = "invited",
        /// A patient's record was proposed to them as their own; has not answered. Held with [`Role::Person`].
        Proposed = "proposed",
        /// Represents the patient by law, and may manage their other helpers. Held with [`Role::Person`].
        Representative = "representative",
        /// Helps the patient under a delegation whose scope has the thing; to the delegation itself, who holds it. Held
        /// with [`Role::Person`].
        Delegate = "delegate",
        /// A role at the organization for which the thread was opened.
        RequestingOrganization = "requesting_organization",
        /// A role at the organization of the thread's owner.
        ReceivingOrganization = "receiving_organization",
        /// A role at the organization that a patient, person, pool or care team belongs to.
        Organization = "organization",
        /// It is their turn to say whose turn it is, since nobody else can.
        LastResort = "last_resort",
        /// An administrator of another organization, while an organization never had one of its own.
        StandIn = "stand_in",
        /// A role at any organization here, for what belongs to the installation as a whole:
        /// its directory, policy and journal. Also the installation itself, held with
        /// [`Role::Service`], while nobody is registered.
        Installation = "installation",
        /// A place in another thread about the patient about whom a thread is to be opened.
        Involved = "involved",
        /// A role at the organization for which a thread about no patient is to be opened.
        Employed = "employed",
        /// A process of this software; held with [`Role::Service`].
        Process = "process",
        /// Blocked by a consent directive, whatever other standings they have.
        Blocked = "blocked",
        /// No standing.
        None = "none",
    }

    /// What is read or checked, by its action's word; a command is an action by its own name.
    Read {
        /// Read who read or tried to read what, and why; never what was read.
        AccessRead = "access.read",
        /// Read who is on a care team.
        CareTeamRead = "care_team.read",
        /// See that one is asked to a care team: by which organization, in which role, until when.
        CareTeamReadQuestion = "care_team.read_question",
        /// Read whom a patient blocks and whom they permit something.
        ConsentDirectiveRead = "consent_directive.read",
        /// Read the directives that one wrote down for the patient.
        ConsentDirectiveReadRecorded = "consent_directive.read_recorded",
        /// See what a helper sees under a delegation.
        DelegationPreview = "delegation.preview",
        /// Read a delegation: who helps the patient, how, about which topics and until when.
        DelegationRead = "delegation.read",
        /// Read what was written about the steps of a delegation, and what a scope would open.
        DelegationReadEvidence = "delegation.read_evidence",
        /// Read an invitation to help: the kind, who asks, and the terms.
        DelegationReadInvitation = "delegation.read_invitation",
        /// Read the delegation that one holds: the kind, the scope and the end, and not why it ended.
        DelegationReadOwn = "delegation.read_own",
        /// Read the whole scope of a delegation and its steps: who did what and when, without what was written about it.
        DelegationReadSteps = "delegation.read_steps",
        /// Read one's own draft.
        DraftRead = "draft.read",
        /// Check the journal's digests.
        JournalVerify = "journal.verify",
        /// Read a legal authority: its document and its limits.
        LegalAuthorityRead = "legal_authority.read",
        /// Count the open threads that a person owns at an organization, without knowing one of them.
        OrganizationCountWork = "organization.count_work",
        /// Read an organization's name, pools and calendar.
        OrganizationRead = "organization.read",
        /// Read a message from outside: who sent it, about whom, and what it says.
        OutsideMessageRead = "outside_message.read",
        /// Read to which organizations a message from outside can be sent: their names and numbers.
        OutsideMessageReadPlaces = "outside_message.read_places",
        /// List the records that an organization keeps. Each is shown as far as its own permission goes.
        PatientList = "patient.list",
        /// Read a patient's identity.
        PatientRead = "patient.read",
        /// Read what a patient's name and date of birth were before a correction, and why they were corrected.
        PatientReadHistory = "patient.read_history",
        /// See that a record was proposed to oneself: by which organization, in which role, until when.
        PatientReadProposal = "patient.read_proposal",
        /// Read who could see something of a patient, from when to when and why.
        PatientReadTimeline = "patient.read_timeline",
        /// Read a colleague's name and roles, or one's own.
        PersonRead = "person.read",
        /// Read the policy and why it decides as it does.
        PolicyRead = "policy.read",
        /// Find the pools of all organizations that can be addressed, by their public names.
        PoolSearch = "pool.search",
        /// See that a thread exists: its state, owner, participants' names and expected answer.
        ThreadFind = "thread.find",
        /// Read who takes part, and how far each has read.
        ThreadListParticipants = "thread.list_participants",
        /// Read a thread's subject, question, advice and plan.
        ThreadRead = "thread.read",
        /// Read a message of an audience.
        ThreadReadMessage = "thread.read_message",
        /// See the list of what waits at an organization or in a pool.
        WorklistRead = "worklist.read",
    }

    /// What the use of a permit demands.
    Obligation {
        /// Mark the access record, so that a review looks at it first.
        AuditHigh = "audit:high",
        /// The patient's permission is needed: the rule allows only whom a directive of the patient permits it.
        Consent = "consent",
    }
}

/// What is done: a command by its name, or something that is read or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A command.
    Command(CommandName),
    /// Anything else.
    Read(Read),
}

impl From<CommandName> for Action {
    fn from(name: CommandName) -> Self {
        Self::Command(name)
    }
}

impl From<Read> for Action {
    fn from(read: Read) -> Self {
        Self::Read(read)
    }
}

/// What an action does, as a reach distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// See or read something, record how far one has read, and put it away from one's own lists.
    Read,
    /// Write messages.
    Write,
    /// Give every other command.
    Act,
}

impl Action {
    /// Every action, sorted.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Action>> = LazyLock::new(|| {
            let commands = CommandName::all().iter().copied().map(Action::Command);
            commands.chain(Read::ALL.iter().copied().map(Action::Read)).collect()
        });
        &ALL
    }

    /// The word as written in policy files and access records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Command(name) => name.word(),
            Self::Read(read) => read.word(),
        }
    }

    /// The action that a word names.
    ///
    /// # Errors
    /// [`UnknownWord`] when the text is not exactly one of the words.
    pub fn parse(word: &str) -> Result<Self, UnknownWord> {
        let command = |_| CommandName::parse(word).map(Self::Command);
        Read::parse(word).map(Self::Read).or_else(command).map_err(|_| UnknownWord { vocabulary: "Action" })
    }

    /// What it does.
    #[must_use]
    pub fn verb(self) -> Verb {
        match self {
            Self::Read(_) => Verb::Read,
            Self::Command(name) if [MarkRead::NAME, PutAway::NAME].contains(&name) => Verb::Read,
            Self::Command(PostMessage::NAME) => Verb::Write,
            Self::Command(_) => Verb::Act,
        }
    }

    /// Whether it changes who may do something: a refused try of it is looked at.
    #[must_use]
    pub fn changes_who_may(self) -> bool {
        let Self::Command(name) = self else { return false };
        match name.word().split_once('.') {
            Some(("person" | "care_team" | "consent_directive" | "delegation" | "legal_authority" | "policy", _)) => {
                true
            }
            Some(("organization", act)) => ["add_pool_member", "remove_pool_member"].contains(&act),
            Some(("patient", act)) => act.ends_with("_link"),
            Some(("thread", act)) => {
                ["add_participant", "invite_participant", "change_history_window", "remove_participant"].contains(&act)
            }
            Some(_) | None => false,
        }
    }

    /// The kinds of thread that it belongs to: every kind for `thread.…`, one kind for the commands of its lifecycle,
    /// none for what is done outside threads.
    #[must_use]
    pub fn kinds(self) -> &'static [ThreadKind] {
        match self.word().split_once('.') {
            Some(("thread", _)) => ThreadKind::ALL,
            Some((thing, _)) => match ThreadKind::ALL.iter().position(|kind| kind.word() == thing) {
                Some(index) => ThreadKind::ALL.get(index..=index).unwrap_or_default(),
                None => &[],
            },
            None => &[],
        }
    }

    /// Whether it can be asked about a thread of this kind or, for `None`, about something outside threads.
    #[must_use]
    pub fn is_asked_about(self, kind: Option<ThreadKind>) -> bool {
        match kind {
            None => self.kinds().is_empty(),
            // The patient of a thread is read through it too, and who read the thread is read as far as it may be known.
            Some(kind) => {
                let around = [Self::Read(Read::PatientRead), Self::Read(Read::AccessRead)];
                self.kinds().contains(&kind) || around.contains(&self)
            }
        }
    }
}

impl Standing {
    /// The roles that it can be held in.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Self_ | Self::Proposed | Self::Representative | Self::Delegate => &[Role::Person],
            Self::Process => &[Role::Service],
            Self::StandIn => &[Role::Administrator],
            // Only who takes part in care is on a care team or takes part in a thread.
            Self::Participant | Self::CareTeam | Self::Joined => {
                &[Role::Physician, Role::Nurse, Role::Pharmacist, Role::Coordinator, Role::SocialWorker]
            }
            Self::Invited => {
                &[Role::Physician, Role::Nurse, Role::Pharmacist, Role::Coordinator, Role::SocialWorker, Role::Person]
            }
            Self::Requester
            | Self::Assignee
            | Self::PoolMember
            | Self::OwnersPool
            | Self::Employed
            | Self::Involved
            | Self::LastResort
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
            Self::Author | Self::Blocked => Role::ALL,
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
        for action in Action::all() {
            assert_eq!(Action::parse(action.word()), Ok(*action));
        }
        assert_eq!(Obligation::parse("audit:high"), Ok(Obligation::AuditHigh));
    }

    #[test]
    fn the_actions_are_sorted_and_no_read_is_called_like_a_command() {
        assert!(Action::all().is_sorted_by(|one, other| one < other));
        let words: std::collections::BTreeSet<&str> = Action::all().iter().map(|action| action.word()).collect();
        assert_eq!(words.len(), Action::all().len());
    }

    #[test]
    fn an_action_belongs_to_every_kind_or_one_or_none() {
        let kinds = |word| Action::parse(word).expect("an action").kinds();
        assert_eq!(kinds("thread.find"), ThreadKind::ALL);
        assert_eq!(kinds("consultation.close"), [ThreadKind::Consultation]);
        assert_eq!(kinds("patient.read"), []);
        let close = Action::Command(care::lifecycle::consultation::CloseConsultation::NAME);
        assert!(close.is_asked_about(Some(ThreadKind::Consultation)) && !close.is_asked_about(None));
        let read = Action::Read(Read::PatientRead);
        assert!(read.is_asked_about(Some(ThreadKind::Consultation)) && read.is_asked_about(None));
        let access = Action::Read(Read::AccessRead);
        assert!(access.is_asked_about(Some(ThreadKind::TeamThread)) && access.is_asked_about(None));
    }

    #[test]
    fn a_word_in_another_spelling_is_refused() {
        assert!(Standing::parse("Self").is_err());
        assert!(Action::parse("thread.READ").is_err());
    }
}
