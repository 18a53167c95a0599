//! Whether a person may send a form that they have typed into: only then is its draft saved and shown. And whether the sender
//! of a command reaches what it names beside its target: a thread or a patient.

use care::command_name::{Command, Named as _};
use care::conversation::PostMessage;
use care::draft::Form;
use care::party::FormSubject;
use care::words::Audience;
use chrono::{DateTime, Utc};
use policy::decide::Viewer;
use policy::reach::HeldStanding;
use policy::words::{Action, Read};

use crate::authorization::{AuthorizationState, Sender, Subject};
use crate::fault::Problem;

/// What the sender of a command does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotReached {
    /// What it is aimed at.
    Target,
    /// What it names beside that.
    Beside(FormSubject),
}

impl AuthorizationState {
    /// Whether the viewer, by what they are to the subject of a form, may send the form to some audience.
    pub fn may_send(&self, viewer: &Viewer, form: Form, held: &[HeldStanding]) -> bool {
        let subject = Subject::of_form(form);
        let facts = self.facts(&subject, held);
        let audiences = Audience::ALL.iter().copied().map(Some).chain([None]);
        let mut may = audiences.map(|audience| viewer.may(Action::Command(form.command), audience, &facts));
        self.finds(viewer, &subject, facts) && may.any(|may| may)
    }

    /// The first of what a command is aimed at and what it names beside that which its sender does not reach; none if they
    /// may give it.
    pub fn not_reached<C: Command>(
        &self,
        viewer: &Viewer,
        subject: &Subject,
        command: &C,
        now: DateTime<Utc>,
    ) -> Option<NotReached> {
        let held = self.standings(subject, viewer.identity().actor(), now);
        if self.authorize(Sender { viewer, held: &held, now }, subject, command).is_err() {
            return Some(NotReached::Target);
        }
        let beside = command.also_reaches()?;
        self.check_reaches(viewer, beside, now).is_err().then_some(NotReached::Beside(beside))
    }

    /// Whether the sender of a command reaches what it names beside what it is aimed at: a thread in which they may write to
    /// the clinical team, or a patient or an organization of whom they may know.
    ///
    /// # Errors
    /// [`Problem::NotFound`] if they may not know of it, [`Problem::NotPermitted`] if they know of the thread and may not
    /// write so.
    pub fn check_reaches(&self, viewer: &Viewer, named: FormSubject, now: DateTime<Utc>) -> Result<(), Problem> {
        let subject = match named {
            FormSubject::Thread(thread) => Subject::Thread(thread),
            FormSubject::Patient(patient) => Subject::Patient(patient),
            FormSubject::Organization(organization) => Subject::Organization(organization),
        };
        let held = self.standings(&subject, viewer.identity().actor(), now);
        let facts = self.facts(&subject, &held);
        let finds = match named {
            // That a person is invited to a care team, or oversees helpers, is not to know who the patient is.
            FormSubject::Patient(_) => viewer.decide(&facts.asking(Action::Read(Read::PatientRead), None)).is_some(),
            FormSubject::Thread(_) | FormSubject::Organization(_) => self.finds(viewer, &subject, facts),
        };
        if !finds {
            return Err(Problem::NotFound);
        }
        let writes = || viewer.may(Action::Command(PostMessage::NAME), Some(Audience::ClinicalTeam), &facts);
        match named {
            FormSubject::Thread(_) if !writes() => Err(Problem::NotPermitted),
            FormSubject::Thread(_) | FormSubject::Patient(_) | FormSubject::Organization(_) => Ok(()),
        }
    }
}
