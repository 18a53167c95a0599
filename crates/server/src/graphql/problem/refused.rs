//! What the application answered to a command that had no effect, as problems of its mutation.
//!
//! To add a refusal: give it an arm in the function of its concept, or in [`AsProblem`] of its kind of thread or in the
//! file of its concept, with a code of `code.rs` and the path of the field that it is about. Where several commands hear
//! one refusal, [`Arguments`] says where each names what it is about.

use care::calendar::CalendarProblem;
use care::care_team::CareTeamRefusal;
use care::command_name::{Acts, Command, CommandName, Named};
use care::conversation::{ConversationAct, ConversationCommand, ConversationRefusal, PostMessage};
use care::delegation::DelegationRefusal;
use care::draft::{DraftRefusal, opened_kind};
use care::legal_authority::LegalAuthorityRefusal;
use care::lifecycle::ThreadKind;
use care::organization::OrganizationRefusal;
use care::outside_message::OutsideMessageRefusal;
use care::patient::PatientRefusal;
use care::person::PersonRefusal;
use care::thread::ThreadRefusal;
use care::words::Urgency;
use coordination::fault::{self, Refusal};

use super::{
    ConflictProblem, DuplicateProblem, IdempotencyProblem, InputProblem, Path, Problem, ProblemCode, RuleProblem,
    input, not_found_at, not_permitted, path, rule,
};
use crate::graphql::id::encode_id;
use crate::graphql::scalars::Version;

/// A refusal that the file of its kind of thread, or of its concept, turns into a problem.
pub(in crate::graphql) trait AsProblem {
    /// What problem it is.
    fn problem(&self) -> Problem;
}

/// A command as its mutation was given it: what it is called, and where its arguments name what it is about. A problem
/// names the argument of what was not found. That tells nothing more than the code: what is asked about first depends on
/// the command alone, and what is missing and what is forbidden are named alike.
#[derive(Debug)]
pub(in crate::graphql) struct Asked<'a> {
    given: CommandName,
    /// The argument with the id of the target; empty for a command that creates its target.
    target: Option<&'a str>,
    /// The path of what the policy is asked about.
    subject: Vec<&'a str>,
}

impl<'a> Asked<'a> {
    /// `target` is the argument with the id of the target.
    pub(in crate::graphql) fn of<C: Command>(command: &C, target: Option<&'a str>) -> Self {
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
pub(in crate::graphql) fn answered(
    problem: &fault::Problem,
    asked: &Asked<'_>,
    current: Option<Version>,
) -> Vec<Problem> {
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
pub(in crate::graphql) fn offer(refusal: &DelegationRefusal) -> Problem {
    rule(refusal.problem().place().code, &["input", "patientId"], refusal.to_string())
}

/// Something is wrong with a calendar in an input.
pub(in crate::graphql) fn input_calendar(problem: &CalendarProblem) -> Problem {
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
