//! The kinds of problems. A code is never renamed; a new one is no breaking change.

use async_graphql::Enum;

/// The kind of the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProblemCode {
    /// The object does not exist, or you may not know of it.
    NotFound,
    /// You may know of it, but you may not do this.
    NotPermitted,
    /// The key was used with another input.
    IdempotencyMismatch,
    /// The object has changed since the version that the command relies on.
    VersionConflict,
    /// The version does not belong to this object.
    InvalidVersion,
    /// The text has no visible character.
    Empty,
    /// The text is too long.
    TooLong,
    /// The text contains a control character; a line also if it contains a tab or a line break, and a name if it contains
    /// an invisible character that its script does not need.
    ControlCharacter,
    /// The value does not have the required form.
    Malformed,
    /// The number or date is too small or too large.
    OutOfRange,
    /// The state does not allow it.
    NotInState,
    /// The thread is closed.
    ThreadClosed,
    /// The thread is not closed.
    ThreadNotClosed,
    /// The thread was closed too long ago.
    TooLate,
    /// No pool has the thread.
    NoPool,
    /// Only the owner can do that.
    NotOwner,
    /// The pool has no other member.
    PoolEmpty,
    /// The new owner cannot act in the thread.
    OwnerCannotAct,
    /// The new owner is already the owner.
    SameOwner,
    /// The owner can act, and the due instant has not passed.
    OwnerPresent,
    /// A patient cannot act in a thread about themselves.
    OwnRecord,
    /// This is possible only for another person.
    SelfNotAllowed,
    /// The person belongs to an organization that does not take part.
    OtherOrganization,
    /// The person belongs to an organization that takes part.
    SameOrganization,
    /// There is no invitation.
    NotInvited,
    /// The thread waits for somebody, or its date has not come.
    NotWaiting,
    /// The invitation has not expired.
    NotExpired,
    /// The owner must transfer the thread first.
    OwnerMustTransfer,
    /// Nobody else would remain in the thread.
    LastParticipant,
    /// The person does not take part in the thread.
    NotAParticipant,
    /// The party cannot do what is awaited.
    PartyCannotAct,
    /// The role cannot take part in such a thread.
    NotAStaffRole,
    /// Only the author could read it.
    NoReachableReader,
    /// The person who opens the thread does not work at that organization.
    NoOrganization,
    /// This kind of thread does not allow the command now.
    NotAdmitted,
    /// Only a process can do this.
    NotAProcess,
    /// A person already owns it.
    AlreadyClaimed,
    /// It exists already.
    AlreadyExists,
    /// The texts there were erased, and none can be written there any more. A later try has the same answer.
    Erased,
    /// It is assigned to another member of the pool.
    AssignedToAnother,
    /// The person is not a physician of the pool.
    NotInPool,
    /// A reason is needed.
    ReasonMissing,
    /// The instant or date is in the future.
    InFuture,
    /// The pool's calendar has no working hours.
    NoStaffedHour,
    /// There are too few or too many recommendations.
    RecommendationCount,
    /// Such a thread must be about a patient.
    NoPatient,
    /// Such a thread must be owned by a pool.
    NotAPool,
    /// Not every recommendation has exactly one disposition.
    NotAllDisposed,
    /// Only a clinician can do that.
    NotAClinician,
    /// Only a person can do that.
    NotAPerson,
    /// There is no such message in the thread.
    NoSuchMessage,
    /// That person is not on the patient's care team.
    NotOnCareTeam,
    /// The role cannot be part of a care team.
    NotACareRole,
    /// That person is on the care team in another role.
    InAnotherRole,
    /// That person does not hold that role there.
    NoRoleThere,
    /// The role cannot be granted.
    RoleNotGrantable,
    /// It would end before it begins.
    EndsBeforeItBegins,
    /// The first role at an organization must be that of an administrator.
    NoAdministratorYet,
    /// The organization would be without an administrator.
    LastAdministrator,
    /// The organization has pools or open threads, and would be without a coordinator.
    LastCoordinator,
    /// No proposal is open.
    NoProposal,
    /// The answering side was asked already, and has had no full working day since.
    AskedToday,
    /// The requester can act, and hands over themself.
    RequesterPresent,
    /// The patient's word is needed.
    PatientWordMissing,
    /// A patient cannot be blocked from their own record.
    WouldShutOutPatient,
    /// Oversight cannot be blocked.
    CannotDenyOversight,
    /// Nobody else could act in the open threads of that person.
    NobodyLeft,
    /// Only the patient can do that.
    NotTheirs,
    /// The record is not linked to a person.
    NotLinked,
    /// No death of the patient is recorded.
    NoDeathRecorded,
    /// There are records with a similar name and birth date.
    PossibleDuplicate,
    /// There is no calendar yet.
    NoCalendar,
    /// The calendar cannot be used.
    InvalidCalendar,
    /// The draft was sent or discarded.
    DraftEnded,
    /// You have another draft of this form; the payload shows it.
    DraftExists,
    /// The draft belongs to another form.
    DraftOfOtherForm,
    /// The draft was saved less than ten seconds ago; `nextSaveAt` of the draft says from when on it can be saved.
    DraftSavedRecently,
    /// You have as many drafts as one person can have.
    TooManyDrafts,
    /// A member of staff does not decide about their own relative.
    RelativeNotAllowed,
    /// Staff invite while the patient is present, or where the law gives the person a right.
    PatientNotPresent,
    /// Only a representative by law who may manage helpers invites, and within their own scope.
    OnwardNotAllowed,
    /// An executor is invited after the patient's death is recorded.
    PatientAlive,
    /// The patient's death is recorded, so that only an executor has access.
    PatientDeceased,
    /// The patient is of adult age.
    PatientAdult,
    /// The patient's date of birth is not known to the day.
    BirthDateUnknown,
    /// The person has an open delegation of this kind.
    AlreadyDelegate,
    /// The scope reaches nothing.
    ScopeEmpty,
    /// The scope is wider than the kind allows.
    ScopeTooWide,
    /// The invitation needs a person or a contact.
    ContactMissing,
    /// A professional helper is invited with their organization, and nobody else with one.
    OrganizationMismatch,
    /// The end does not lie ahead of now, or of the present end or the beginning.
    UntilNotAhead,
    /// The end is too far in the future for the kind, or for the legal authority.
    UntilTooFar,
    /// The person has sent as many messages from outside as are taken in a month.
    TooManyTries,
    /// A helper has an account of their own.
    SharedAccount,
    /// Evidence of the person's identity is needed, or some from the last twelve months.
    EvidenceMissing,
    /// A verified legal authority for this person and patient is needed.
    AuthorityNotVerified,
    /// The legal authority does not cover the scope.
    AuthorityTooNarrow,
    /// The organization has to confirm that the helper works there.
    EmploymentNotVerified,
    /// The access has to be necessary, relevant and safe.
    ChecksNotPassed,
    /// The patient has to be asked alone.
    NotAskedAlone,
    /// Other threads would open than were seen.
    OpenedListChanged,
    /// Sensitive threads would open: each is hidden, or accepted with a reason.
    SensitiveUnlabelled,
    /// A note protects the patient from the person.
    ProtectionNote,
    /// The helper does not consent for the patient.
    ConsentByDelegate,
    /// Staff record only what the law gives, or the word of a patient without an account.
    StaffCannotConsent,
    /// Another basis is needed: the law's for a representative, the patient's for every other helper.
    OtherBasisNeeded,
    /// Another member of staff of the organization is needed as witness.
    WitnessMissing,
    /// The patient's own consent is needed, or for a minor a written finding that they are not competent.
    OwnWordMissing,
    /// The scope is wider than the one that was checked.
    ScopeChanged,
    /// The patient lacks capacity, so that the basis is the law.
    PatientLacksCapacity,
    /// The new scope does not lie within the old one, or reaches nothing.
    NotNarrower,
    /// The new scope does not contain the old one.
    NotWider,
    /// A sensitive subject, the past, or the right to act or to manage helpers needs a new check by staff.
    SafeguardingNeeded,
    /// A minor below the first age gate does not make the scope wider.
    MinorCannotWiden,
    /// The law gives no access of this kind.
    KindNotByLaw,
    /// Another person has to do this than the one before.
    SamePerson,
    /// The patient suspended it, so the patient's consent is needed.
    PatientSuspended,
    /// The end has passed.
    Expired,
    /// A representative does not manage another representative by law.
    OtherRepresentative,
    /// It is not time for that.
    NotDue,
    /// The limits cover nothing.
    LimitsEmpty,
    /// The kind and the ground of the legal authority do not fit.
    OtherGroundNeeded,
    /// The thread is hidden already from those who help the patient.
    AlreadyHidden,
    /// The thread is not hidden from those who help the patient.
    NotHidden,
    /// The basis is needed.
    BasisMissing,
    /// Others who help the patient have read or written in the thread than those who were shown.
    DelegateHasRead,
    /// The list has changed since it was shown.
    ListChanged,
    /// A minor whom a parent helps is asked whether the thread is hidden from those who help them.
    HidingNotAnswered,
    /// You name who may read it.
    AudienceMissing,
    /// A directive is about a person, a role of staff or an organization.
    WhomMissing,
    /// A permission is for a purpose.
    PurposeMissing,
    /// A permission has an end.
    UntilMissing,
    /// No rule of the policy asks for the patient's permission for that.
    NotPermittable,
    /// The patient has an account, and confirms it there.
    HasAccount,
    /// A deny can only become wider or longer, and a permission only narrower or shorter.
    NotTighter,
    /// The person helps the patient under a delegation, so they have no access to that patient as staff.
    ConflictOfInterest,
    /// The text by which the person consents is not the current one for it, or its language is missing. The message names the
    /// version to show; `consentTexts` has its words.
    TextNotShown,
}
