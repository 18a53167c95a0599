//! Problems: why a mutation had no effect, as data that a person can act on.
//!
//! Codes are never renamed; a new code is no breaking change. `problem/refused.rs` says which refusal is which problem.

mod code;
mod refused;

use async_graphql::{ComplexObject, Context, ID, Interface, Result, SimpleObject};
use care::command_name::CommandName;
use care::day::DayProblem;
use care::ids::PatientId;
use care::lifecycle::ThreadKind;
use care::text::TextProblem;
use policy::decide::Permitted;

use super::patient::Patient;
use super::scalars::Version;
use super::words::Role;
use crate::session::RequestContext;

pub use code::ProblemCode;
pub(super) use refused::{AsProblem, Asked, answered, input_calendar, offer};

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
