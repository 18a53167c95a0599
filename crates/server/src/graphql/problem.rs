//! Problems: why a mutation had no effect, as data that a person can act on.
//!
//! To add a refusal: give it an arm in the function of its concept, or in [`AsProblem`] of its kind of thread or in the
//! file of its concept, with a code of `code.rs` and the path of the field that it is about. Codes are never renamed; a new code is no breaking change. Where several
//! commands hear one refusal, [`Arguments`] says where each names what it is about.

mod code;

use async_graphql::{ComplexObject, Context, ID, Interface, Result, SimpleObject};
use care::calendar::CalendarProblem;
use care::care_team::CareTeamRefusal;
use care::command_name::{Acts, Command, CommandName, Named};
use care::conversation::{ConversationAct, ConversationCommand, ConversationRefusal, PostMessage};
use care::day::DayProblem;
use care::delegation::DelegationRefusal;
use care::draft::{DraftRefusal, opened_kind};
use care::ids::PatientId;
use care::legal_authority::LegalAuthorityRefusal;
use care::lifecycle::ThreadKind;
use care::organization::OrganizationRefusal;
use care::outside_message::OutsideMessageRefusal;
use care::patient::PatientRefusal;
use care::person::PersonRefusal;
use care::text::TextProblem;
use care::thread::ThreadRefusal;
use care::words::Urgency;
use coordination::fault::{self, Refusal};
use policy::decide::Permitted;

use super::id::encode_id;
use super::patient::Patient;
use super::scalars::Version;
use super::words::Role;
use crate::session::RequestContext;

pub use code::ProblemCode;

/// Why a mutation had no effect. A client that reads only these fields still works when a kind of problem is added.
#[derive(Debug, Clone, PartialEq, Interface)]
#[graphql(
    field(name = "code", ty = "&ProblemCode", desc = "The kind of the problem."),
    field(name = "message", ty = "&String", desc = "A description for developers."),
    field(name = "path", ty = "&Option<Vec<String>>", desc = "The path of the argument, from the outermost.")
)]
pub enum Problem {
    /// An argument is not as it should be.
    Input(InputProblem),
    /// There is no such thing.
    NotFound(NotFoundProblem),
    /// It is not for this person to do.
    NotPermitted(NotPermittedProblem),
    /// The thread has changed since the expected version.
    Conflict(ConflictProblem),
    /// The key was used before.
    Idempotency(IdempotencyProblem),
    /// It comes too early or too late.
    State(StateProblem),
    /// The rules of care refuse it.
    Rule(RuleProblem),
    /// There are records with a similar name and birth date.
    Duplicate(DuplicateProblem),
}

/// The kind of a problem, and the path of its argument.
pub(crate) struct ProblemPlace {
    pub code: ProblemCode,
    pub path: Option<Vec<String>>,
}

impl Problem {
    /// Its kind and its place.
    pub(crate) fn place(&self) -> ProblemPlace {
        let (code, path) = match self {
            Self::Input(InputProblem { code, path, .. })
            | Self::NotFound(NotFoundProblem { code, path, .. })
            | Self::NotPermitted(NotPermittedProblem { code, path, .. })
            | Self::Conflict(ConflictProblem { code, path, .. })
            | Self::Idempotency(IdempotencyProblem { code, path, .. })
            | Self::State(StateProblem { code, path, .. })
            | Self::Rule(RuleProblem { code, path, .. })
            | Self::Duplicate(DuplicateProblem { code, path, .. }) => (code, path),
        };
        ProblemPlace { code: *code, path: path.clone() }
    }
}

/// There are records with a similar name and birth date. Compare them; if they are of other people, send the command again
/// with their ids in `confirmedNotDuplicateOf`.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
#[graphql(complex)]
pub struct DuplicateProblem {
    /// The kind of the problem.
    code: ProblemCode,
    /// A description for developers.
    message: String,
    /// The path of the argument, from the outermost.
    path: Option<Vec<String>>,
    /// The ids of these records.
    candidate_ids: Vec<ID>,
    #[graphql(skip)]
    alike: Vec<PatientId>,
}

#[ComplexObject]
impl DuplicateProblem {
    /// The records, as far as you may see them.
    async fn candidates(&self, context: &Context<'_>) -> Result<Vec<Patient>> {
        let request = RequestContext::of(context)?;
        let reader = request.reader(request.application.decided_at()).await?;
        let mut candidates = Vec::with_capacity(self.alike.len());
        for patient in &self.alike {
            candidates.extend(reader.patient(*patient)?.map(|view| Patient::of(&reader, view)));
        }
        Ok(candidates)
    }
}

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, SimpleObject)]
        pub struct $name {
            /// The kind of the problem.
            code: ProblemCode,
            /// A description for developers.
            message: String,
            /// The path of the argument, from the outermost.
            path: Option<Vec<String>>,
            $($(#[$field_meta])* $field: $ty,)*
        }
    )+};
}

problems! {
    /// An argument is invalid. All invalid arguments of an input are reported at once.
    InputProblem {}
    /// The object does not exist, or you may not know of it.
    NotFoundProblem {}
    /// You may know of the object, but you may not do this in any role or place that you have there now.
    NotPermittedProblem {
        /// The command, by its name in the policy: `consultation.advise`.
        command: &'static str,
        /// Whom the policy permits the command, for a thread of this kind. It says nothing of this object: labels and state
        /// may narrow it. Empty if you may not know the kind.
        permitted_to: Vec<PermittedTo>,
    }
    /// The object has changed since the version that the command relies on.
    ConflictProblem {
        /// The current version, if you may see the object.
        current_version: Option<Version>,
    }
    /// The key was already used with another input.
    IdempotencyProblem {}
    /// The state does not allow it.
    StateProblem {
        /// The state now, as a word of its kind: for a consultation, one of `ConsultationState`.
        state: String,
        /// The command that the state of a thread waits for, by its name in the policy. Null if you may not know, if it waits for
        /// none, and for what is no thread.
        awaited: Option<&'static str>,
        /// The commands that are possible now, by their names in the policy: those of the lifecycle that the state of a thread
        /// allows; for what is no thread, those that you could give. Empty if you may not know.
        possible: Vec<&'static str>,
    }
    /// The rules of care refuse it.
    RuleProblem {}
}

/// Where in the arguments: the names from the outermost.
pub(super) type Path<'a> = &'a [&'a str];

fn path(names: Path<'_>) -> Option<Vec<String>> {
    (!names.is_empty()).then(|| names.iter().map(|name| (*name).to_owned()).collect())
}

pub(super) fn rule(code: ProblemCode, names: Path<'_>, message: String) -> Problem {
    Problem::Rule(RuleProblem { code, message, path: path(names) })
}

/// The state does not allow it; `state` is a word of the kind. What is possible instead, [`StateProblem::follow_with`] adds.
pub(super) fn not_in_state(state: &str, message: String) -> Problem {
    let (code, state) = (ProblemCode::NotInState, state.to_ascii_uppercase());
    Problem::State(StateProblem { code, message, path: None, state, awaited: None, possible: Vec::new() })
}

impl StateProblem {
    /// Says which command the state waits for, and which it allows.
    pub(super) fn follow_with(&mut self, awaited: Option<CommandName>, possible: Vec<CommandName>) {
        self.awaited = awaited.map(CommandName::word);
        self.possible = possible.into_iter().map(CommandName::word).collect();
        if let Some(awaited) = self.awaited {
            self.message = format!("{}; it waits for {awaited}", self.message);
        }
        if !self.possible.is_empty() {
            self.message = format!("{}; possible now: {}", self.message, self.possible.join(", "));
        }
    }
}

/// A place in which the policy permits a command.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct PermittedTo {
    /// What a person must be to the object, by its name in the policy: `pool_member`.
    standing: &'static str,
    /// The roles that it is permitted to there; at least one.
    roles: Vec<Role>,
}

impl From<Permitted> for PermittedTo {
    fn from(Permitted { standing, roles }: Permitted) -> Self {
        Self { standing: standing.word(), roles: roles.into_iter().map(Role::from).collect() }
    }
}

impl NotPermittedProblem {
    /// Says whom the policy permits it.
    pub(super) fn permit(&mut self, permitted: Vec<Permitted>) {
        self.permitted_to = permitted.into_iter().map(PermittedTo::from).collect();
    }

    /// Whether it is about this command.
    pub(super) fn is_about(&self, command: CommandName) -> bool {
        self.command == command.word()
    }

    /// Says by which mutation threads of this kind are closed.
    pub(super) fn follow_with(&mut self, kind: ThreadKind, mutation: &str) {
        let kind = kind.word().replace('_', " ");
        self.message = format!("{}; a {kind} is closed by `{mutation}`", self.message);
    }
}

pub(super) fn not_found_at(names: Path<'_>) -> Problem {
    let message = "there is no such thing".to_owned();
    Problem::NotFound(NotFoundProblem { code: ProblemCode::NotFound, message, path: path(names) })
}

fn not_permitted(command: CommandName) -> Problem {
    let command = command.word();
    let message = format!("{command} is not permitted in any role or place that you have there now");
    let permitted_to = Vec::new();
    Problem::NotPermitted(NotPermittedProblem {
        code: ProblemCode::NotPermitted,
        message,
        path: None,
        command,
        permitted_to,
    })
}

/// An argument is not as it should be.
pub(super) fn input(code: ProblemCode, names: Path<'_>, message: &str) -> Problem {
    Problem::Input(InputProblem { code, message: message.to_owned(), path: path(names) })
}

/// A text is not one that is taken.
pub(super) fn text(problem: TextProblem, names: Path<'_>) -> Problem {
    let code = match problem {
        TextProblem::Empty => ProblemCode::Empty,
        TextProblem::TooLong { .. } | TextProblem::TooManyBytes { .. } => ProblemCode::TooLong,
        TextProblem::ControlCharacter | TextProblem::InvisibleCharacter(_) => ProblemCode::ControlCharacter,
    };
    input(code, names, &problem.to_string())
}

/// A date is not one that is taken.
pub(super) fn day(problem: DayProblem, names: Path<'_>) -> Problem {
    let code = match problem {
        DayProblem::Malformed => ProblemCode::Malformed,
        DayProblem::OutOfRange => ProblemCode::OutOfRange,
        DayProblem::InFuture => ProblemCode::InFuture,
    };
    input(code, names, &problem.to_string())
}

/// A refusal that the file of its kind of thread, or of its concept, turns into a problem.
pub(super) trait AsProblem {
    /// What problem it is.
    fn problem(&self) -> Problem;
}

/// A command as its mutation was given it: what it is called, and where its arguments name what it is about. A problem
/// names the argument of what was not found. That tells nothing more than the code: what is asked about first depends on
/// the command alone, and what is missing and what is forbidden are named alike.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    given: CommandName,
    /// The argument with the id of the target; empty for a command that creates its target.
    target: Option<&'a str>,
    /// The path of what the policy is asked about.
    subject: Vec<&'a str>,
}

impl<'a> Asked<'a> {
    /// `target` is the argument with the id of the target.
    pub(super) fn of<C: Command>(command: &C, target: Option<&'a str>) -> Self {
        let subject = match command.opens() {
            Some((_, opening)) if opening.patient.is_some() => vec!["input", "patientId"],
            Some(_) => vec!["input", "organizationId"],
            None if command.form().is_some() => vec!["input", "about"],
            None if command.draft().is_some() => vec!["input", "draft"],
            None if command.at_patient().is_some() && target.is_none() => vec!["input", "patientId"],
            None if command.at_organization().is_some() => vec!["input", "organizationId"],
            None => target.into_iter().collect(),
        };
        Self { given: command.name(), target, subject }
    }

    fn target_not_found(&self) -> Problem {
        not_found_at(self.target.as_slice())
    }
}

/// What the application answered to a command. `current` is the version of the target now, if its reader may know.
pub(super) fn answered(problem: &fault::Problem, asked: &Asked<'_>, current: Option<Version>) -> Vec<Problem> {
    let message = problem.to_string();
    vec![match problem {
        fault::Problem::NotFound => not_found_at(&asked.subject),
        fault::Problem::NotPermitted => not_permitted(asked.given),
        fault::Problem::IdempotencyMismatch => Problem::Idempotency(IdempotencyProblem {
            code: ProblemCode::IdempotencyMismatch,
            message,
            path: path(&["input", "clientMutationId"]),
        }),
        fault::Problem::VersionConflict | fault::Problem::Refused(Refusal::Draft(DraftRefusal::Changed)) => {
            Problem::Conflict(ConflictProblem {
                code: ProblemCode::VersionConflict,
                message,
                path: path(&["input", "expectedVersion"]),
                current_version: current,
            })
        }
        fault::Problem::InvalidVersion => input(ProblemCode::InvalidVersion, &["input", "expectedVersion"], &message),
        fault::Problem::Erased => rule(ProblemCode::Erased, &[], message),
        fault::Problem::Refused(refusal) => return refused(refusal, asked),
    }]
}

fn refused(refusal: &Refusal, asked: &Asked<'_>) -> Vec<Problem> {
    match refusal {
        Refusal::Organization(OrganizationRefusal::Calendar(problems)) => problems.iter().map(calendar).collect(),
        Refusal::Organization(refusal) => vec![organization(refusal, asked)],
        Refusal::Person(refusal) => vec![person(*refusal, asked)],
        Refusal::Patient(refusal) => vec![patient(refusal, asked)],
        Refusal::CareTeam(refusal) => vec![care_team(*refusal)],
        Refusal::Thread(ThreadRefusal::Missing | ThreadRefusal::OtherKind) => vec![asked.target_not_found()],
        Refusal::Thread(refusal @ ThreadRefusal::Exists) => {
            vec![rule(ProblemCode::AlreadyExists, &[], refusal.to_string())]
        }
        Refusal::Thread(ThreadRefusal::Conversation(refusal)) => vec![conversation(*refusal, asked.given)],
        Refusal::Thread(ThreadRefusal::Message(refusal)) => vec![message(*refusal)],
        Refusal::Thread(ThreadRefusal::Lifecycle(refusal)) => vec![refusal.problem()],
        Refusal::Directive(refusal) => vec![refusal.problem()],
        Refusal::Delegation(DelegationRefusal::Several(all)) => all.iter().map(AsProblem::problem).collect(),
        Refusal::Delegation(
            DelegationRefusal::Missing | DelegationRefusal::NotTheInvited | DelegationRefusal::InvitationExpired,
        )
        | Refusal::LegalAuthority(LegalAuthorityRefusal::Missing)
        | Refusal::OutsideMessage(OutsideMessageRefusal::Missing) => vec![asked.target_not_found()],
        Refusal::OutsideMessage(OutsideMessageRefusal::Offer(DelegationRefusal::Several(all))) => {
            all.iter().map(offer).collect()
        }
        Refusal::OutsideMessage(refusal) => vec![refusal.problem()],
        Refusal::Delegation(refusal) => vec![refusal.problem()],
        Refusal::LegalAuthority(refusal) => vec![refusal.problem()],
        Refusal::Draft(refusal) => vec![draft(*refusal)],
        Refusal::Policy(never) => match *never {},
    }
}

/// Why the person cannot be asked about as a helper of the patient whom an input names.
pub(super) fn offer(refusal: &DelegationRefusal) -> Problem {
    rule(refusal.problem().place().code, &["input", "patientId"], refusal.to_string())
}

/// Something is wrong with a calendar in an input.
pub(super) fn input_calendar(problem: &CalendarProblem) -> Problem {
    let (code, path) = place_in_calendar(problem);
    Problem::Input(InputProblem { code, message: problem.to_string(), path })
}

fn draft(refusal: DraftRefusal) -> Problem {
    let named: Path<'_> = &["input", "draft"];
    let (code, names): (_, Path<'_>) = match refusal {
        DraftRefusal::Missing => return not_found_at(named),
        DraftRefusal::Ended => (ProblemCode::DraftEnded, named),
        DraftRefusal::Exists(_) => (ProblemCode::DraftExists, named),
        DraftRefusal::OtherForm => (ProblemCode::DraftOfOtherForm, named),
        DraftRefusal::Changed => (ProblemCode::VersionConflict, &["input", "expectedVersion"]),
        DraftRefusal::TooSoon { next: _ } => (ProblemCode::DraftSavedRecently, &[]),
        DraftRefusal::TooMany => (ProblemCode::TooManyDrafts, &[]),
    };
    rule(code, names, refusal.to_string())
}

fn calendar(problem: &CalendarProblem) -> Problem {
    let (code, path) = place_in_calendar(problem);
    Problem::Rule(RuleProblem { code, message: problem.to_string(), path })
}

fn place_in_calendar(problem: &CalendarProblem) -> (ProblemCode, Option<Vec<String>>) {
    let target = |urgency| match urgency {
        Urgency::Routine => path(&["input", "answerMinutes", "routine"]),
        Urgency::Urgent => path(&["input", "answerMinutes", "urgent"]),
    };
    let path = match problem {
        CalendarProblem::UnknownZone => return (ProblemCode::Malformed, path(&["input", "zone"])),
        CalendarProblem::Hours { place }
        | CalendarProblem::TooManyHours { place }
        | CalendarProblem::Overlap { place, other: _ } => {
            path(&["input", "week", place.weekday_word(), &place.index.to_string()])
        }
        CalendarProblem::NeverOpen => path(&["input", "week"]),
        CalendarProblem::Target { urgency } | CalendarProblem::OutOfReach { urgency, .. } => target(*urgency),
        CalendarProblem::UrgentAfterRoutine { .. } => target(Urgency::Urgent),
    };
    (ProblemCode::InvalidCalendar, path)
}

fn organization(refusal: &OrganizationRefusal, asked: &Asked<'_>) -> Problem {
    let (code, names): (_, Path<'_>) = match refusal {
        OrganizationRefusal::Exists => (ProblemCode::AlreadyExists, &[]),
        OrganizationRefusal::NameTaken | OrganizationRefusal::PoolNameTaken => {
            (ProblemCode::AlreadyExists, &["input", "name"])
        }
        OrganizationRefusal::PublicPoolNameTaken => (ProblemCode::AlreadyExists, &["input", "publicName"]),
        OrganizationRefusal::Missing => return asked.target_not_found(),
        OrganizationRefusal::NoSuchPool => return not_found_at(&["input", "poolId"]),
        OrganizationRefusal::NotTheFirst => return not_permitted(asked.given),
        OrganizationRefusal::Calendar(_) => (ProblemCode::InvalidCalendar, &["input"]),
        OrganizationRefusal::NoCalendar => (ProblemCode::NoCalendar, &[]),
        OrganizationRefusal::SelfNotAllowed => (ProblemCode::SelfNotAllowed, &["input", "personId"]),
        OrganizationRefusal::NoRoleHere => (ProblemCode::NoRoleThere, &["input", "personId"]),
        OrganizationRefusal::AgeGates => (ProblemCode::OutOfRange, &["input"]),
    };
    rule(code, names, refusal.to_string())
}

fn person(refusal: PersonRefusal, asked: &Asked<'_>) -> Problem {
    let (code, names): (_, Path<'_>) = match refusal {
        PersonRefusal::Registered => (ProblemCode::AlreadyExists, &[]),
        PersonRefusal::Missing => return asked.target_not_found(),
        PersonRefusal::NotTheFirst => return not_permitted(asked.given),
        PersonRefusal::NotGrantable => (ProblemCode::RoleNotGrantable, &["input", "role"]),
        PersonRefusal::SelfNotAllowed => (ProblemCode::SelfNotAllowed, &["input", "role"]),
        PersonRefusal::NotProposed => (ProblemCode::NoProposal, &["input", "role"]),
        PersonRefusal::NoAdministratorYet => (ProblemCode::NoAdministratorYet, &["input", "role"]),
        PersonRefusal::LastAdministrator => (ProblemCode::LastAdministrator, &["input", "role"]),
        PersonRefusal::LastCoordinator => (ProblemCode::LastCoordinator, &["input", "role"]),
        PersonRefusal::EndsBeforeItBegins => (ProblemCode::EndsBeforeItBegins, &["input", "until"]),
    };
    rule(code, names, refusal.to_string())
}

fn patient(refusal: &PatientRefusal, asked: &Asked<'_>) -> Problem {
    let person: Path<'_> = &["input", "personId"];
    let message = refusal.to_string();
    match refusal {
        PatientRefusal::Missing => asked.target_not_found(),
        PatientRefusal::Registered | PatientRefusal::LinkExists => rule(ProblemCode::AlreadyExists, &[], message),
        PatientRefusal::OtherRecord => rule(ProblemCode::AlreadyExists, person, message),
        PatientRefusal::ProposedToOneself => rule(ProblemCode::SelfNotAllowed, person, message),
        PatientRefusal::NoProposal => rule(ProblemCode::NoProposal, &[], message),
        PatientRefusal::NotLinked => rule(ProblemCode::NotLinked, &[], message),
        PatientRefusal::DeathRecorded => rule(ProblemCode::AlreadyExists, &[], message),
        PatientRefusal::NoDeath => rule(ProblemCode::NoDeathRecorded, &[], message),
        PatientRefusal::DeathInFuture => rule(ProblemCode::InFuture, &["input", "diedAt"], message),
        PatientRefusal::NoteAboutOneself => rule(ProblemCode::SelfNotAllowed, person, message),
        PatientRefusal::NoteAboutPatient => rule(ProblemCode::OwnRecord, person, message),
        PatientRefusal::NoteExists => rule(ProblemCode::AlreadyExists, person, message),
        PatientRefusal::NoNote => not_found_at(person),
        PatientRefusal::NothingCorrected => input(ProblemCode::Empty, &["input"], &message),
        PatientRefusal::PossibleDuplicates(alike) => Problem::Duplicate(DuplicateProblem {
            code: ProblemCode::PossibleDuplicate,
            message,
            path: path(&["input", "confirmedNotDuplicateOf"]),
            candidate_ids: alike.iter().copied().map(encode_id).collect(),
            alike: alike.clone(),
        }),
    }
}

fn care_team(refusal: CareTeamRefusal) -> Problem {
    let role: Path<'_> = &["input", "role"];
    let (code, names): (_, Path<'_>) = match refusal {
        CareTeamRefusal::NoSuchRole => (ProblemCode::NoRoleThere, role),
        CareTeamRefusal::NotACareRole => (ProblemCode::NotACareRole, role),
        CareTeamRefusal::InAnotherRole => (ProblemCode::InAnotherRole, role),
        CareTeamRefusal::OwnRecord => (ProblemCode::OwnRecord, role),
        CareTeamRefusal::SelfNotAllowed => (ProblemCode::SelfNotAllowed, &["input", "personId"]),
        CareTeamRefusal::OtherOrganization => (ProblemCode::OtherOrganization, &[]),
        CareTeamRefusal::NotAsked => (ProblemCode::NotInvited, &[]),
        CareTeamRefusal::ConflictNotKnown => (ProblemCode::ConflictOfInterest, &["input", "knowsConflict"]),
        CareTeamRefusal::ConflictOfInterest => (ProblemCode::ConflictOfInterest, &[]),
    };
    rule(code, names, refusal.to_string())
}

/// Where a command to a conversation, or one that opens a thread, names what a refusal can be about;
/// empty where it does not name it.
struct Arguments {
    person: Path<'static>,
    place: Path<'static>,
    message: Path<'static>,
    owner: Path<'static>,
    pool: Path<'static>,
    party: Path<'static>,
    due: Path<'static>,
    reason: Path<'static>,
}

impl Arguments {
    const NONE: Self =
        Self { person: &[], place: &[], message: &[], owner: &[], pool: &[], party: &[], due: &[], reason: &[] };

    fn of(given: CommandName) -> Self {
        const PERSON: Path<'_> = &["input", "personId"];
        const FROM_MESSAGE: Path<'_> = &["input", "history", "fromMessageId"];
        const TO: Path<'_> = &["input", "to"];
        let Some(act) = ConversationCommand::named(given) else {
            // It is of a kind: what it can hear of the conversation is about the opening.
            let pool: Path<'_> = match opened_kind(given) {
                Some(ThreadKind::Consultation) => &["input", "poolId"],
                Some(ThreadKind::TeamThread) | None => &["input", "owner", "poolId"],
            };
            return Self {
                owner: &["input", "owner"],
                pool,
                party: &["input", "waitingOn"],
                due: &["input", "waitingOn", "dueAt"],
                ..Self::NONE
            };
        };
        match act {
            ConversationAct::AddParticipant | ConversationAct::InviteParticipant => Self {
                person: PERSON,
                place: &["input", "place"],
                message: FROM_MESSAGE,
                reason: &["input", "reason"],
                ..Self::NONE
            },
            ConversationAct::ChangeHistoryWindow => Self { person: PERSON, message: FROM_MESSAGE, ..Self::NONE },
            ConversationAct::RemoveParticipant => Self { person: PERSON, reason: &["input", "note"], ..Self::NONE },
            ConversationAct::PostMessage => Self { person: TO, ..Self::NONE },
            ConversationAct::MarkRead => Self { message: &["input", "messageId"], ..Self::NONE },
            ConversationAct::HideFromDelegates => Self { reason: &["input", "basis"], ..Self::NONE },
            ConversationAct::PutAway | ConversationAct::ShowToDelegates => Self::NONE,
            ConversationAct::Transfer => Self { person: TO, owner: TO, pool: TO, ..Self::NONE },
            ConversationAct::SetWaitingOn | ConversationAct::PassTurn | ConversationAct::Reopen => {
                Self { party: TO, due: &["input", "to", "dueAt"], ..Self::NONE }
            }
            ConversationAct::AcceptInvitation
            | ConversationAct::DeclineInvitation
            | ConversationAct::ExpireInvitation
            | ConversationAct::Leave
            | ConversationAct::Claim
            | ConversationAct::Release
            | ConversationAct::TakeOver
            | ConversationAct::ReturnToPool
            | ConversationAct::EndWait
            | ConversationAct::Escalate
            | ConversationAct::NoteDeath
            | ConversationAct::Close => Self::NONE,
        }
    }
}

/// A problem of the message that goes with a step.
fn message(refusal: ConversationRefusal) -> Problem {
    let to: Path<'_> = &["input", "message", "to"];
    if refusal == ConversationRefusal::NotAParticipant {
        rule(ProblemCode::NotAParticipant, to, refusal.to_string())
    } else if refusal == ConversationRefusal::NoReachableReader {
        rule(ProblemCode::NoReachableReader, to, refusal.to_string())
    } else {
        conversation(refusal, PostMessage::NAME)
    }
}

fn conversation(refusal: ConversationRefusal, given: CommandName) -> Problem {
    let Arguments { person, place, message, owner, pool, party, due, reason } = Arguments::of(given);
    let (code, names): (_, Path<'_>) = match refusal {
        ConversationRefusal::Closed => (ProblemCode::ThreadClosed, &[]),
        ConversationRefusal::NoSuchMessage => (ProblemCode::NoSuchMessage, message),
        ConversationRefusal::AlreadyClaimed => (ProblemCode::AlreadyClaimed, &[]),
        ConversationRefusal::NotOnCareTeam => (ProblemCode::NotOnCareTeam, person),
        ConversationRefusal::NotAPerson => (ProblemCode::NotAPerson, &[]),
        ConversationRefusal::NotClosed => (ProblemCode::ThreadNotClosed, &[]),
        ConversationRefusal::TooLate => (ProblemCode::TooLate, &[]),
        ConversationRefusal::NoPool => (ProblemCode::NoPool, &[]),
        ConversationRefusal::NotOwner => (ProblemCode::NotOwner, &[]),
        ConversationRefusal::PoolEmpty => (ProblemCode::PoolEmpty, &[]),
        ConversationRefusal::OwnerCannotAct => (ProblemCode::OwnerCannotAct, owner),
        ConversationRefusal::SameOwner => (ProblemCode::SameOwner, owner),
        ConversationRefusal::DuePast => (ProblemCode::EndsBeforeItBegins, due),
        ConversationRefusal::OwnerPresent => (ProblemCode::OwnerPresent, &[]),
        ConversationRefusal::OwnRecord => (ProblemCode::OwnRecord, person),
        ConversationRefusal::SelfNotAllowed => (ProblemCode::SelfNotAllowed, person),
        ConversationRefusal::OtherOrganization => (ProblemCode::OtherOrganization, place),
        ConversationRefusal::SameOrganization => (ProblemCode::SameOrganization, place),
        ConversationRefusal::NotInvited => (ProblemCode::NotInvited, &[]),
        ConversationRefusal::NotWaiting => (ProblemCode::NotWaiting, &[]),
        ConversationRefusal::NotExpired => (ProblemCode::NotExpired, &[]),
        ConversationRefusal::OwnerMustTransfer => (ProblemCode::OwnerMustTransfer, person),
        ConversationRefusal::LastParticipant => (ProblemCode::LastParticipant, person),
        ConversationRefusal::NotAParticipant => (ProblemCode::NotAParticipant, person),
        ConversationRefusal::PartyCannotAct => (ProblemCode::PartyCannotAct, party),
        ConversationRefusal::NoReachableReader => (ProblemCode::NoReachableReader, person),
        ConversationRefusal::NoOrganization => (ProblemCode::NoOrganization, &["input", "organizationId"]),
        ConversationRefusal::NotAdmitted => (ProblemCode::NotAdmitted, &[]),
        ConversationRefusal::NotAProcess => (ProblemCode::NotAProcess, &[]),
        ConversationRefusal::NoSuchPool => return not_found_at(pool),
        ConversationRefusal::NoSuchRole => (ProblemCode::NoRoleThere, place),
        ConversationRefusal::ReasonMissing => (ProblemCode::ReasonMissing, reason),
        ConversationRefusal::AlreadyHidden => (ProblemCode::AlreadyHidden, &[]),
        ConversationRefusal::NotHidden => (ProblemCode::NotHidden, &[]),
        ConversationRefusal::BasisMissing => (ProblemCode::BasisMissing, reason),
        ConversationRefusal::DelegateHasRead => (ProblemCode::DelegateHasRead, &["input", "knownTo"]),
        ConversationRefusal::ListChanged => (ProblemCode::ListChanged, &["input", "delegates"]),
        ConversationRefusal::PatientDeceased => (ProblemCode::PatientDeceased, &["input", "patientId"]),
        ConversationRefusal::HidingNotAnswered => (ProblemCode::HidingNotAnswered, &["input", "hiddenFromDelegates"]),
    };
    rule(code, names, refusal.to_string())
}

#[cfg(test)]
mod tests;
