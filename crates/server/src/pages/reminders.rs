//! What about help and directives waits for a person themself, or was announced to them: the cards of the home page and of
//! `/helping`. Each line is a sentence with its due time, and leads to where it is answered or read about.
//!
//! To add a line: 1. its kind in `graphql/help_reminder.rs`; 2. its sentence in [`Reminder::what`].

use chrono::{DateTime, Utc};
use coordination::answer::Recorded;

use super::client::Answer;
use super::delegates::name_of;
use super::directives::said::Whom;
use super::lists::ListState;
use super::queries::{HelpReminders as Query, help_reminders};
use super::rows::{Subject, Who};
use super::site::{Failed, Visit};
use super::texts::Texts;
use super::time::{Due, PageTime};
use crate::graphql::help_reminder::HelpReminderKind;

/// All reminders of a person.
pub(crate) struct Reminders {
    rows: Vec<Reminder>,
    state: ListState,
}

/// One reminder.
pub(crate) struct Reminder {
    kind: HelpReminderKind,
    /// The page where it is answered or read about.
    pub link: String,
    /// The helper; none while an invitation names nobody.
    helper: Option<Who>,
    /// The patient, where it is not the reader; none if the reader may not know who they are.
    patient: Option<Subject>,
    /// Who keeps the record of the patient whom the reader helps.
    keeper: Option<String>,
    /// Whom a directive is about.
    whom: Option<Whom>,
    due: Option<DateTime<Utc>>,
}

impl Reminders {
    /// All reminders of the reader.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<Query>(help_reminders::Variables {}).await?;
        Ok(answer.map(|answer| Self::of(&answer)))
    }

    fn of(answer: &Answer<help_reminders::ResponseData>) -> Self {
        let found = answer.data.viewer.help_reminders.as_ref();
        let rows = found.into_iter().flatten().map(Reminder::from).collect();
        Self { rows, state: ListState::of(found.is_some(), answer.is_whole) }
    }

    /// Those that wait for an answer of the reader.
    pub fn waiting(&self) -> impl Iterator<Item = &Reminder> {
        self.rows.iter().filter(|row| row.waits())
    }

    /// How many wait for an answer of the reader.
    pub fn number_waiting(&self) -> usize {
        self.waiting().count()
    }

    /// Those that tell the reader something.
    pub fn told(&self) -> impl Iterator<Item = &Reminder> {
        self.rows.iter().filter(|row| !row.waits())
    }

    /// Whether there is anything to tell the reader.
    pub fn tells(&self) -> bool {
        self.told().next().is_some()
    }

    /// Whether they are complete as of now.
    pub fn is_complete(&self) -> bool {
        self.state == ListState::Complete
    }

    /// Whether they are older than what this person has seen, or a part is missing.
    pub fn is_partial(&self) -> bool {
        self.state == ListState::Partial
    }

    /// Whether they could not be read.
    pub fn has_failed(&self) -> bool {
        self.state == ListState::Failed
    }
}

impl Reminder {
    /// Whether it waits for an answer of the reader.
    fn waits(&self) -> bool {
        match self.kind {
            HelpReminderKind::AnswerOffer
            | HelpReminderKind::GiveConsent
            | HelpReminderKind::ConfirmDirective
            | HelpReminderKind::AnswerInvitation => true,
            HelpReminderKind::InvitationUnanswered
            | HelpReminderKind::ConsentOverdue
            | HelpReminderKind::AccessEnds
            | HelpReminderKind::AgeReached
            | HelpReminderKind::DocumentEnds
            | HelpReminderKind::DirectiveEnds => false,
        }
    }

    /// What waits, or what is told.
    pub fn what(&self, time: &PageTime<'_>) -> String {
        let l = time.l;
        let helper = || name_of(self.helper.as_ref(), l);
        let whom = || self.whom.as_ref().map_or_else(|| l.directive_somebody().into_owned(), |whom| whom.words(l));
        let day = || self.due.map_or_else(|| l.no_due().into_owned(), |due| time.last_day(due));
        match self.kind {
            HelpReminderKind::AnswerOffer => l.reminder_answer_offer(helper()),
            HelpReminderKind::GiveConsent => l.reminder_give_consent(helper()),
            HelpReminderKind::ConfirmDirective => l.reminder_confirm(whom()),
            HelpReminderKind::AnswerInvitation => l.reminder_answer_invitation().into_owned(),
            HelpReminderKind::InvitationUnanswered => l.reminder_unanswered(self.helped(l)),
            HelpReminderKind::ConsentOverdue => l.reminder_consent_overdue(helper(), self.helped(l)),
            HelpReminderKind::AccessEnds if self.is_own_help() => l.reminder_own_access_ends(day(), self.helped(l)),
            HelpReminderKind::AccessEnds => l.reminder_access_ends(day(), helper()),
            HelpReminderKind::AgeReached if self.is_own_help() => l.reminder_own_age(self.helped(l)),
            HelpReminderKind::AgeReached => l.reminder_age(helper()),
            HelpReminderKind::DocumentEnds => l.reminder_document_ends(day(), self.helped(l)),
            HelpReminderKind::DirectiveEnds => l.reminder_directive_ends(day(), whom()),
        }
    }

    /// When it is due, in words; none of what says its day itself.
    pub fn due(&self, time: &PageTime<'_>) -> Option<Due> {
        let says_when = match self.kind {
            HelpReminderKind::AccessEnds
            | HelpReminderKind::AgeReached
            | HelpReminderKind::DocumentEnds
            | HelpReminderKind::DirectiveEnds => true,
            HelpReminderKind::AnswerOffer
            | HelpReminderKind::GiveConsent
            | HelpReminderKind::ConfirmDirective
            | HelpReminderKind::AnswerInvitation
            | HelpReminderKind::InvitationUnanswered
            | HelpReminderKind::ConsentOverdue => false,
        };
        self.due.filter(|_| !says_when).map(|due| time.due(due))
    }

    fn is_own_help(&self) -> bool {
        self.keeper.is_some()
    }

    /// The patient by name, or by the place that keeps their record.
    fn helped(&self, l: &Texts) -> String {
        let name = self.patient.as_ref().and_then(|patient| patient.name.text()).map(str::to_owned);
        let keeper = || self.keeper.as_ref().map(|at| l.helped_patient_of(at));
        name.or_else(keeper).unwrap_or_else(|| l.helped_patient().into_owned())
    }
}

impl From<&help_reminders::Reminder> for Reminder {
    fn from(found: &help_reminders::Reminder) -> Self {
        let of_patient = |page: &str| found.patient_id.as_ref().map(|id| format!("/patients/{id}/{page}"));
        let own = found.own_delegation.as_ref();
        let link = match (&found.delegation, own, &found.directive) {
            (Some(_), _, _) => of_patient("helpers"),
            (None, Some(own), _) => Some(format!("/helping/{}", own.id)),
            (None, None, Some(_)) => of_patient("directives"),
            (None, None, None) => None,
        };
        let delegation = found.delegation.as_ref();
        let of_others = delegation.and_then(|delegation| delegation.patient.as_ref());
        Self {
            kind: found.kind,
            link: link.unwrap_or_else(|| "/invitation".to_owned()),
            helper: delegation.and_then(|delegation| delegation.person.as_ref()).map(Who::from),
            patient: own.and_then(|own| own.patient.as_ref()).or(of_others).map(Subject::from),
            keeper: own.map(|own| own.record_keeper.as_ref().map(|at| at.name.clone()).unwrap_or_default()),
            whom: found.directive.as_ref().map(Whom::from),
            due: found.due_at,
        }
    }
}
