//! Why a command to a conversation is refused.

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// … the conversation is closed.
    #[error("the thread is closed")]
    Closed,
    /// … the conversation is not closed.
    #[error("the thread is not closed")]
    NotClosed,
    /// … it was closed too long ago.
    #[error("the thread was closed more than 90 days ago")]
    TooLate,
    /// … there is no such message in it.
    #[error("there is no such message in the thread")]
    NoSuchMessage,
    /// … there is no such pool.
    #[error("there is no such pool")]
    NoSuchPool,
    /// … somebody owns it already.
    #[error("the thread is claimed already")]
    AlreadyClaimed,
    /// … a person owns it who has it from no pool.
    #[error("no pool has this thread")]
    NoPool,
    /// … only the owner can do that.
    #[error("only the owner can do that")]
    NotOwner,
    /// … no other member of the pool could take it.
    #[error("the pool has no other member")]
    PoolEmpty,
    /// … the new owner could not act in it.
    #[error("the new owner cannot act in this thread")]
    OwnerCannotAct,
    /// … that is the owner already.
    #[error("the new owner is the owner already")]
    SameOwner,
    /// … the owner can act and is not late.
    #[error("the owner can act, and the due instant has not passed")]
    OwnerPresent,
    /// … it is about the acting person.
    #[error("nobody takes a thread about themselves")]
    OwnRecord,
    /// … only members of the patient's care team are added.
    #[error("only members of the patient's care team can take part")]
    NotOnCareTeam,
    /// … nobody does that to themselves.
    #[error("that is done for another person only")]
    SelfNotAllowed,
    /// … the person does not hold that role.
    #[error("the person does not hold that role at that organization")]
    NoSuchRole,
    /// … the person belongs to an organization that does not take part.
    #[error("the person belongs to another organization and is invited instead")]
    OtherOrganization,
    /// … the person belongs to an organization that takes part.
    #[error("the person belongs to an organization that takes part and is added instead")]
    SameOrganization,
    /// … a reason is needed.
    #[error("a reason is needed")]
    ReasonMissing,
    /// … they were not invited.
    #[error("there is no invitation")]
    NotInvited,
    /// … nobody is waited for by agreement, or the instant has not come.
    #[error("the thread waits for somebody, or its date has not come")]
    NotWaiting,
    /// … the invitation has not expired.
    #[error("the invitation has not expired")]
    NotExpired,
    /// … the owner cannot leave.
    #[error("the owner hands the thread over first")]
    OwnerMustTransfer,
    /// … nobody would remain.
    #[error("nobody else would remain in the thread")]
    LastParticipant,
    /// … the person does not take part.
    #[error("the person does not take part in the thread")]
    NotAParticipant,
    /// … that party could not do what is asked.
    #[error("the thread can wait only for a participant or the owning pool")]
    PartyCannotAct,
    /// … what is awaited would be due before it is asked for.
    #[error("the due instant has passed")]
    DuePast,
    /// … nobody but the author could read it.
    #[error("nobody else could read it")]
    NoReachableReader,
    /// … the opener works at no organization in that role.
    #[error("the person who opens it does not work at that organization")]
    NoOrganization,
    /// … the kind does not take this command, or not in this state.
    #[error("this kind of thread does not take that command now")]
    NotAdmitted,
    /// … the thread is hidden from delegates.
    #[error("the thread is hidden from delegates already")]
    AlreadyHidden,
    /// … the thread is not hidden from delegates.
    #[error("the thread is not hidden from delegates")]
    NotHidden,
    /// … the basis is missing.
    #[error("the basis is missing")]
    BasisMissing,
    /// … the sender was not shown which delegates know of the thread.
    #[error("other delegates have read or written in the thread than those who were shown")]
    DelegateHasRead,
    /// … others would see it than those who were shown.
    #[error("who would see the thread has changed since it was shown")]
    ListChanged,
    /// … the patient died, so that nobody opens it as the patient or for them.
    #[error("the patient's death is recorded, so that only staff open a thread")]
    PatientDeceased,
    /// … a minor whom a parent helps was not asked whether it is hidden from their helpers.
    #[error("a minor whom a parent helps is asked whether the thread is hidden from those who help them")]
    HidingNotAnswered,
    /// … only a person can do that.
    #[error("only a person can do that")]
    NotAPerson,
    /// … only a process does that.
    #[error("only the system does that")]
    NotAProcess,
}
