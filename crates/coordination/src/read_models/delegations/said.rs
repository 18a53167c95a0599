//! What a step of a delegation says, as it is read from an event: what was done, by whom, and which texts were written about it.

use care::consent_text::WordsShown;
use care::delegation::{
    Accepted, AccessCheck, Activated, Consented, DelegationEvent, Ended, IdentityVerified, Invited, Narrowed, Offered,
    OpenedOnPurpose, Renewed, Resumed, SafeguardingPassed, Scope, Suspended, Widened, WideningChecked,
};
use care::envelope::Actor;
use care::ids::{DelegationId, PersonId, ThreadId};
use care::shown::TextVersion;
use care::text::PersonalText;
use care::words::{
    AskedAlone, ConsentBasis, ConsentMethod, DelegationEnd, IdentityLevel, IdentityMethod, InvitationGround, OwnWord,
    Role, SuspensionCause,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A step of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationStepKind {
    /// A person offered to help.
    Offered,
    /// A person was invited.
    Invited,
    /// They accepted.
    Accepted,
    /// It was verified who they are.
    IdentityVerified,
    /// It was checked that the access is necessary, fits and is safe.
    SafeguardingPassed,
    /// A consent, or what the law says instead, was recorded.
    Consented,
    /// The access began.
    Activated,
    /// The scope became narrower.
    Narrowed,
    /// It was checked that more can be reached; the patient can widen it so far for a while.
    WideningChecked,
    /// The scope became wider.
    Widened,
    /// It ends later.
    Renewed,
    /// The access was taken away until somebody else has looked.
    Suspended,
    /// The access was given back.
    Resumed,
    /// It ended.
    Ended,
}

/// What a text of a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationNoteKind {
    /// Where the invitation went.
    Contact,
    /// What was seen when it was verified who they are.
    Evidence,
    /// How the organization of a professional helper confirmed that they work there.
    Employment,
    /// Why a sensitive thread is to open.
    OpenedThread,
    /// What the patient says to an access that the law gives, or what was found.
    OwnWord,
    /// What the law says.
    LegalBasis,
    /// Why.
    Reason,
    /// What the patient said.
    PatientWord,
}

/// What a text is about, and about which thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteAbout {
    /// What it is about.
    pub kind: DelegationNoteKind,
    /// The thread; none if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
}

/// Declares what a step says: each field is none where it does not belong to the step.
macro_rules! said {
    ($($(#[$meta:meta])* $field:ident: $ty:ty,)+) => {
        /// What a step of a delegation says, beside its texts. What does not belong to the step is none.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct StepSaid {
            /// The step.
            pub kind: DelegationStepKind,
            /// Who did it.
            pub by: Actor,
            $($(#[$meta])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$ty>,)+
            /// What its texts are about, in their order.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub notes: Vec<NoteAbout>,
        }

        impl StepSaid {
            pub(super) fn of(kind: DelegationStepKind, by: Actor) -> Self {
                Self { kind, by, $($field: None,)+ notes: Vec::new() }
            }
        }
    };
}

said! {
    /// In which role.
    role: Role,
    /// The delegation under which who did it acted; none for everybody but a delegate.
    under: DelegationId,
    /// What is reached from then on.
    scope: Scope,
    /// When the access ends from then on.
    until: DateTime<Utc>,
    /// Until when an invitation can be accepted.
    expires_at: DateTime<Utc>,
    /// On what ground staff invited.
    ground: InvitationGround,
    /// How it was verified who the helper is.
    identity_method: IdentityMethod,
    /// How sure that is.
    identity_level: IdentityLevel,
    /// Whether the patient was asked without the helper.
    asked_alone: AskedAlone,
    /// On whose word the helper has access.
    basis: ConsentBasis,
    /// How the consent was given.
    method: ConsentMethod,
    /// When it was given.
    given_at: DateTime<Utc>,
    /// The text that was shown.
    text_version: TextVersion,
    /// The words that were shown; none where only the version was recorded, and of the terms for the helper.
    words_shown: WordsShown,
    /// What the patient says to an access that the law gives.
    own_word: OwnWord,
    /// Who heard the word of a patient without an account, or the other member of staff who agreed.
    witness: PersonId,
    /// Why the software suspended it.
    cause: SuspensionCause,
    /// Why it ended.
    end: DelegationEnd,
}

/// The texts of an event, by what they are about.
#[derive(Default)]
struct Texts<'a> {
    about: Vec<NoteAbout>,
    texts: Vec<&'a PersonalText>,
}

impl<'a> Texts<'a> {
    fn with(mut self, kind: DelegationNoteKind, text: Option<&'a PersonalText>) -> Self {
        if let Some(text) = text {
            self.about.push(NoteAbout { kind, thread: None });
            self.texts.push(text);
        }
        self
    }

    /// Why each sensitive thread is to open.
    fn with_opened(mut self, accepted: &'a [OpenedOnPurpose]) -> Self {
        for OpenedOnPurpose { thread, reason } in accepted {
            self.about.push(NoteAbout { kind: DelegationNoteKind::OpenedThread, thread: Some(*thread) });
            self.texts.push(reason);
        }
        self
    }
}

/// What a check says as a step.
fn checked(kind: DelegationStepKind, check: &AccessCheck) -> (StepSaid, Texts<'_>) {
    let AccessCheck { by, role, asked_alone, seen: _, accepted, scope, at: _ } = check;
    let said = StepSaid {
        role: Some(*role),
        asked_alone: Some(*asked_alone),
        scope: Some(scope.clone()),
        ..StepSaid::of(kind, *by)
    };
    (said, Texts::default().with_opened(accepted))
}

/// What an event says as a step, with its texts; none if it is no step.
pub(super) fn step(event: &DelegationEvent, actor: Actor) -> Option<(StepSaid, Vec<&PersonalText>)> {
    use DelegationNoteKind as Note;
    use DelegationStepKind as Kind;
    let none = Texts::default;
    let (said, texts) = match event {
        DelegationEvent::Offered(Offered { person, .. }) => {
            (StepSaid { role: Some(Role::Person), ..StepSaid::of(Kind::Offered, Actor::Person(*person)) }, none())
        }
        DelegationEvent::Invited(Invited { by, role, contact, scope, until, ground, expires_at, .. }) => {
            let said = StepSaid {
                role: Some(*role),
                scope: Some(scope.clone()),
                until: Some(*until),
                expires_at: Some(*expires_at),
                ground: *ground,
                ..StepSaid::of(Kind::Invited, *by)
            };
            (said, none().with(Note::Contact, contact.as_ref()))
        }
        DelegationEvent::Accepted(Accepted { person, terms_version, .. }) => {
            let said = StepSaid {
                role: Some(Role::Person),
                text_version: Some(terms_version.clone()),
                ..StepSaid::of(Kind::Accepted, Actor::Person(*person))
            };
            (said, none())
        }
        DelegationEvent::IdentityVerified(IdentityVerified {
            by, role, method, level, evidence, employment, ..
        }) => {
            let said = StepSaid {
                role: Some(*role),
                identity_method: Some(*method),
                identity_level: Some(*level),
                ..StepSaid::of(Kind::IdentityVerified, *by)
            };
            (said, none().with(Note::Evidence, evidence.as_ref()).with(Note::Employment, employment.as_ref()))
        }
        DelegationEvent::SafeguardingPassed(SafeguardingPassed { check }) => checked(Kind::SafeguardingPassed, check),
        DelegationEvent::WideningChecked(WideningChecked { check }) => checked(Kind::WideningChecked, check),
        DelegationEvent::Consented(Consented {
            by,
            role,
            basis,
            method,
            text_version,
            words_shown,
            scope,
            at,
            own_word,
            own_word_note,
            witness,
            ..
        }) => {
            let said = StepSaid {
                role: Some(*role),
                basis: Some(*basis),
                method: Some(*method),
                text_version: Some(text_version.clone()),
                words_shown: *words_shown,
                scope: Some(scope.clone()),
                given_at: Some(*at),
                own_word: *own_word,
                witness: *witness,
                ..StepSaid::of(Kind::Consented, *by)
            };
            (said, none().with(Note::OwnWord, own_word_note.as_ref()))
        }
        DelegationEvent::Activated(Activated { scope, until, .. }) => {
            let said =
                StepSaid { scope: Some(scope.clone()), until: Some(*until), ..StepSaid::of(Kind::Activated, actor) };
            (said, none())
        }
        DelegationEvent::Narrowed(Narrowed { by, scope }) => {
            (StepSaid { scope: Some(scope.clone()), ..StepSaid::of(Kind::Narrowed, *by) }, none())
        }
        DelegationEvent::Widened(Widened {
            by,
            scope,
            accepted,
            agreed_by,
            legal_basis,
            own_word,
            own_word_note,
            ..
        }) => {
            let said = StepSaid {
                scope: Some(scope.clone()),
                witness: *agreed_by,
                own_word: *own_word,
                ..StepSaid::of(Kind::Widened, *by)
            };
            let texts = none().with_opened(accepted).with(Note::LegalBasis, legal_basis.as_ref());
            (said, texts.with(Note::OwnWord, own_word_note.as_ref()))
        }
        DelegationEvent::Renewed(Renewed { by, until, basis, method, text_version, words_shown }) => {
            let said = StepSaid {
                until: Some(*until),
                basis: Some(*basis),
                method: Some(*method),
                text_version: Some(text_version.clone()),
                words_shown: *words_shown,
                ..StepSaid::of(Kind::Renewed, *by)
            };
            (said, none())
        }
        DelegationEvent::Suspended(Suspended { by, role, cause, reason, .. }) => {
            let said = StepSaid { role: Some(*role), cause: *cause, ..StepSaid::of(Kind::Suspended, *by) };
            (said, none().with(Note::Reason, reason.as_ref()))
        }
        DelegationEvent::Resumed(Resumed { by, role, reason, asked_alone, patient_word }) => {
            let said =
                StepSaid { role: Some(*role), asked_alone: Some(*asked_alone), ..StepSaid::of(Kind::Resumed, *by) };
            (said, none().with(Note::Reason, Some(reason)).with(Note::PatientWord, patient_word.as_ref()))
        }
        DelegationEvent::Ended(Ended { reason, by, role, note }) => {
            let said = StepSaid { role: Some(*role), end: Some(*reason), ..StepSaid::of(Kind::Ended, *by) };
            (said, none().with(Note::Reason, note.as_ref()))
        }
        // That somebody was reminded is no step: the timers say it.
        DelegationEvent::Reminded(_) => return None,
    };
    let Texts { about, texts } = texts;
    Some((StepSaid { notes: about, ..said }, texts))
}
