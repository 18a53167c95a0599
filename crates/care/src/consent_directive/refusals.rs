//! Why a command to the directives of a patient is refused.

use crate::consent_text::TextNotShown;
use crate::ids::ThreadId;
use crate::words::DirectiveState;

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveRefusal {
    /// … there is no such directive.
    #[error("there is no such directive")]
    NoSuchDirective,
    /// … the state does not take the command.
    #[error("the directive is {}", .state.word())]
    NotInState {
        /// The state.
        state: DirectiveState,
    },
    /// … it is about nobody.
    #[error("a person, a role of staff or an organization is needed")]
    WhomMissing,
    /// … a permission is for a purpose.
    #[error("the purpose of a permission is needed")]
    PurposeMissing,
    /// … a permission has an end.
    #[error("the end of a permission is needed")]
    UntilMissing,
    /// … the end is before the beginning, or has passed.
    #[error("the end must be in the future, and after the beginning")]
    UntilNotAhead,
    /// … the patient is not blocked from what is about themself.
    #[error("a patient cannot be blocked from their own record")]
    WouldShutOutPatient,
    /// … nobody blocks themself by another's record, and nobody writes down what permits themself.
    #[error("a directive is about another person than its sender")]
    SelfNotAllowed,
    /// … oversight goes on.
    #[error("oversight cannot be denied: a privacy officer or auditor sees who read, and never what")]
    CannotDenyOversight,
    /// … who writes it down says what the patient said.
    #[error("what the patient said is needed")]
    PatientWordMissing,
    /// … nobody else could act in open threads.
    #[error("nobody else could act in the open threads of the people whom it blocks")]
    NobodyLeft(Vec<ThreadId>),
    /// … no rule of the policy asks for such a permission, so it would give nothing.
    #[error("no rule asks for the patient's permission for that")]
    NotPermittable,
    /// … a representative decides only about what they reach themself.
    #[error("a representative decides only within their own scope")]
    OnwardNotAllowed,
    /// … it is not said that the text was shown by which somebody consents.
    #[error(transparent)]
    TextNotShown(TextNotShown),
    /// … another person has to do it.
    #[error("the person who wrote it down, or who is permitted by it, cannot do this")]
    SamePerson,
    /// … a patient with an account confirms it there.
    #[error("the patient has an account and confirms it there")]
    HasAccount,
    /// … it would be looser, or the same.
    #[error("a deny can only become wider or longer, and a permission only narrower or shorter")]
    NotTighter,
    /// … only the patient ends what they have said themself, and blocks a representative.
    #[error("only the patient ends their own directive, or blocks a representative")]
    NotTheirs,
    /// … only a person can do that.
    #[error("only a person can do that")]
    NotAPerson,
    /// … it is not time for it.
    #[error("it is not time for that")]
    NotDue,
}
