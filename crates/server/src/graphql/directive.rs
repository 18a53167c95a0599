//! The directives of a patient: whom they block and whom they permit something, and what one would change.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::command_name::Named as _;
use care::consent_directive::{
    ConfirmDirective, ConfirmSignedPaper, EndDirective, RefuseDirective, TightenDirective, VoidDirective,
};
use coordination::reader::{DirectivePreview, DirectiveView, PatientView, Reader};

use super::consent_text::ConsentText;
use super::directive_words::{DirectiveEffect, DirectiveGiver, DirectiveState};
use super::id::encode_id;
use super::organization::Organization;
use super::permission::Permission;
use super::person::Person;
use super::scalars::{Instant, PersonalText};
use super::words::{Purpose, Role, Sensitivity};

/// A directive of a patient.
#[derive(SimpleObject)]
pub struct ConsentDirective {
    /// Its id.
    id: ID,
    /// What it does.
    effect: DirectiveEffect,
    /// Its state.
    state: DirectiveState,
    /// Who gave or confirmed it.
    giver: DirectiveGiver,
    /// Whether it names a person.
    names_person: bool,
    /// The person whom it names. Null if it names none, and if you may not know them.
    person: Option<Person>,
    /// The role that it names. Null: every role.
    role: Option<Role>,
    /// The organization that it names. Null if it names none, and if you may not know it.
    organization: Option<Organization>,
    /// Whether it names an organization.
    names_organization: bool,
    /// The sensitive subjects that it is about. Empty: for a deny, everything about the patient; for a permission, what is
    /// not sensitive.
    sensitivities: Vec<Sensitivity>,
    /// The purpose that it is about. Null: every purpose.
    purpose: Option<Purpose>,
    /// From when on it holds. Null: from `since` on.
    from: Option<Instant>,
    /// Until when it holds. Null: without an end.
    until: Option<Instant>,
    /// When it was given or written down.
    since: Instant,
    /// Who wrote it down. Null if the patient or who represents them gave it.
    written_by: Option<Person>,
    /// What the patient said, where another person wrote it down.
    patient_word: Option<PersonalText>,
    /// Which paper the patient signed. Null if there is none.
    document: Option<PersonalText>,
    /// What the error was. Null unless it was voided.
    void_reason: Option<PersonalText>,
    /// The words by which it was given or confirmed. Null if there were none, as for a deny of the patient's own and for signed
    /// paper, and if only their version was recorded.
    consent_text: Option<ConsentText>,
    /// Until when the patient can confirm it, or has to. Null where there is nothing to confirm.
    confirm_by: Option<Instant>,
    /// By when staff have to ask the patient who has not confirmed it. Null where they need not.
    ask_by: Option<Instant>,
    /// When it ended, was refused or was voided. Null until then.
    ended_at: Option<Instant>,
    /// Whether you can confirm it.
    viewer_can_confirm: Permission,
    /// Whether you can record that the patient signed it on paper.
    viewer_can_confirm_on_paper: Permission,
    /// Whether you can refuse it.
    viewer_can_refuse: Permission,
    /// Whether you can make it tighter: a deny wider or longer, a permission narrower or shorter.
    viewer_can_tighten: Permission,
    /// Whether you can end it.
    viewer_can_end: Permission,
    /// Whether you can record that it was entered in error.
    viewer_can_void: Permission,
}

impl ConsentDirective {
    pub(super) fn of(reader: &Arc<Reader>, row: &DirectiveView) -> Result<Self> {
        let whom = row.terms.whom;
        let can = |name| reader.can_change_directive(row, name).map(Permission::from);
        let person = match whom.person {
            Some(person) => reader.person_named_by(row, person)?.map(Person),
            None => None,
        };
        let organization = match whom.organization {
            Some(organization) => reader.organization_named_by(row, organization)?,
            None => None,
        };
        Ok(Self {
            id: encode_id(row.directive),
            effect: row.effect.into(),
            state: row.state.into(),
            giver: row.giver.into(),
            names_person: whom.person.is_some(),
            person,
            role: whom.role.map(Into::into),
            organization: organization.map(|row| Organization::of(reader, row)),
            names_organization: whom.organization.is_some(),
            sensitivities: row.terms.sensitivities.iter().map(|code| (*code).into()).collect(),
            purpose: row.terms.purpose.map(Into::into),
            from: row.terms.from.map(Into::into),
            until: row.terms.until.map(Into::into),
            since: row.at.into(),
            written_by: reader.writer_of(row)?.map(Person),
            patient_word: row.patient_word.as_ref().map(PersonalText::from),
            document: row.document.as_ref().map(PersonalText::from),
            void_reason: row.void_reason.as_ref().map(PersonalText::from),
            consent_text: row.words_shown.as_ref().and_then(ConsentText::of),
            confirm_by: row.confirm_by.map(Into::into),
            ask_by: row.ask_by.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            viewer_can_confirm: can(ConfirmDirective::NAME)?,
            viewer_can_confirm_on_paper: can(ConfirmSignedPaper::NAME)?,
            viewer_can_refuse: can(RefuseDirective::NAME)?,
            viewer_can_tighten: can(TightenDirective::NAME)?,
            viewer_can_end: can(EndDirective::NAME)?,
            viewer_can_void: can(VoidDirective::NAME)?,
        })
    }
}

/// The directives of a patient, each as the reader may know it.
pub(super) fn directives(
    reader: &Arc<Reader>,
    views: Option<Vec<DirectiveView>>,
) -> Result<Option<Vec<ConsentDirective>>> {
    let Some(views) = views else { return Ok(None) };
    views.iter().map(|view| ConsentDirective::of(reader, view)).collect::<Result<_>>().map(Some)
}

/// Somebody whose access a directive would change.
#[derive(SimpleObject)]
pub struct ConsentDirectiveChange {
    /// The person. Null if you may not know them.
    person: Option<Person>,
    /// In how many open threads.
    thread_count: i32,
}

/// What a directive of a patient would change if it were given now.
pub struct ConsentDirectivePreview {
    reader: Arc<Reader>,
    view: PatientView,
    preview: DirectivePreview,
}

impl ConsentDirectivePreview {
    pub(super) fn of(reader: &Arc<Reader>, view: PatientView, preview: DirectivePreview) -> Self {
        Self { reader: Arc::clone(reader), view, preview }
    }

    fn change(&self, person: care::ids::PersonId, threads: usize) -> Result<ConsentDirectiveChange> {
        Ok(ConsentDirectiveChange {
            person: self.reader.blocked_person(&self.view, person)?.map(Person),
            thread_count: i32::try_from(threads).unwrap_or(i32::MAX),
        })
    }
}

/// What a directive of a patient would change if it were given now. It counts open threads, and none that only
/// their participants know.
#[Object]
impl ConsentDirectivePreview {
    /// Who would lose access by a deny, read more by a permission, or read less by a narrower one.
    fn changes(&self) -> Result<Vec<ConsentDirectiveChange>> {
        self.preview.persons.iter().map(|(person, threads)| self.change(*person, *threads)).collect()
    }

    /// In how many open threads nobody else could act. While there is one, a deny is refused.
    fn threads_left_alone(&self) -> i32 {
        i32::try_from(self.preview.left_alone).unwrap_or(i32::MAX)
    }
}
