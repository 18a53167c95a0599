//! What the screens show of persons, patients and threads. Each operation has generated types of its own; here they
//! become one type each, with the words in the language of the reader.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::queries::{
    colleagues, consultation_form, drafts, help_reminders, helper_preview, helper_work, helpers, helping, home, inbox,
    namesakes, organization, organization_access_records, organization_patients, organization_threads, outside_message,
    outside_messages, patient, patient_access_records, patient_directives, patient_list, patient_people, pool_search,
    preview_directive, preview_tightened_directive, thread, thread_access_records, thread_readers,
    threads_to_attach_to, threads_to_list, what_would_open, who_could_see, who_helps, worklist_rows, worklists,
};
use super::texts::Texts;
use super::time::{Due, DueTone, Moment, PageTime};
use super::words::{audience_icon, audience_tone};
use crate::graphql::scalars::Withheld;
use crate::graphql::thread::fields::PartyKind;
use crate::graphql::words::{Audience, Capacity, ConsultationState, Role, ThreadStatus, Urgency};

/// Text about a person, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wording {
    Text(String),
    Withheld,
    Erased,
}

impl Wording {
    pub(super) fn of(text: Option<&String>, withheld: Option<Withheld>) -> Self {
        match (text, withheld) {
            (Some(text), _) => Self::Text(text.clone()),
            (None, Some(Withheld::Erased)) => Self::Erased,
            (None, Some(Withheld::Withheld) | None) => Self::Withheld,
        }
    }

    /// The text, if it may be read.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Withheld | Self::Erased => None,
        }
    }
}

/// A person.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub id: String,
    pub name: Wording,
}

/// A patient, with both identifiers.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub id: String,
    pub name: Wording,
    pub birth_date: Wording,
    /// Whether their page opens for the reader, where that is asked for.
    pub is_open: bool,
    /// When they died, where that is asked for; none while they live.
    pub died_at: Option<DateTime<Utc>>,
}

impl Subject {
    /// Name and date of birth, if both may be read: only then may a form be shown.
    pub fn identity(&self) -> Option<(&str, &str)> {
        Some((self.name.text()?, self.birth_date.text()?))
    }

    /// The date of birth in words, with the age if it is known and they live.
    pub fn born(&self, time: &PageTime<'_>) -> Option<String> {
        if self.died_at.is_some() {
            return self.birthday(time);
        }
        let born = self.birth_date.text()?;
        let words = time.birth_date(born);
        Some(time.age(born).map_or_else(|| words.clone(), |age| time.l.born_with_age(age, &words)))
    }

    /// The day of death in words, where it is shown and they died.
    pub fn died(&self, time: &PageTime<'_>) -> Option<String> {
        self.died_at.map(|at| time.day(time.local_day(at)))
    }

    /// The date of birth in words.
    pub fn birthday(&self, time: &PageTime<'_>) -> Option<String> {
        self.birth_date.text().map(|born| time.birth_date(born))
    }
}

/// Whether it is certain whom something is about, or that it is about nobody: only then may a form be shown.
pub(crate) fn is_identified(patient: Option<&Subject>, is_about_patient: Option<bool>) -> bool {
    patient.map_or(is_about_patient == Some(false), |patient| patient.identity().is_some())
}

/// The command that is awaited of who is invited.
const ACCEPT_INVITATION: &str = "thread.accept_invitation";

/// Whose turn it is.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    pub party: PartyKind,
    pub person: Option<Who>,
    pub pool: Option<String>,
    pub role: Option<Role>,
    pub organization: Option<String>,
    pub action: String,
    pub due: Option<DateTime<Utc>>,
    pub note: Option<Wording>,
}

impl Awaited {
    /// Whether it is the turn of this person by name.
    pub fn names(&self, person: &str) -> bool {
        self.party == PartyKind::Person && self.person.as_ref().is_some_and(|awaited| awaited.id == person)
    }

    /// The answer of the reader to their own invitation.
    fn to_invitation(until: DateTime<Utc>) -> Self {
        Self {
            party: PartyKind::Person,
            person: None,
            pool: None,
            role: None,
            organization: None,
            action: ACCEPT_INVITATION.to_owned(),
            due: Some(until),
            note: None,
        }
    }

    /// Whether it is the reader's own answer to an invitation, which they can give before they know who takes part.
    pub fn is_invitation(&self) -> bool {
        self.person.is_none() && self.action == ACCEPT_INVITATION
    }

    /// Whose turn it is, in words.
    pub fn whose(&self, time: &PageTime<'_>) -> String {
        let l = time.l;
        let pool = || self.pool.clone().unwrap_or_else(|| l.a_pool().into_owned());
        match self.party {
            PartyKind::Person if self.is_invitation() => l.inbox_yours().into_owned(),
            PartyKind::Person => match self.person.as_ref().and_then(|person| person.name.text()) {
                Some(name) => l.with_person(name),
                None => l.with_somebody().into_owned(),
            },
            PartyKind::Pool => l.waits_in_pool(pool()),
            PartyKind::PoolCoordinator => l.waits_for_coordinator(pool()),
            PartyKind::Role => {
                let role = self.role.map_or_else(|| l.role(&Role::Person), |role| l.role(&role));
                l.waits_for_role(self.organization.as_deref().unwrap_or_default(), role)
            }
            PartyKind::Patient => l.waits_for_patient().into_owned(),
            PartyKind::Nobody => l.waits_for_nobody().into_owned(),
        }
    }

    /// What is awaited, to stand before the subject of its thread.
    pub fn lead(&self, time: &PageTime<'_>) -> String {
        let what = self.what(time);
        if what.ends_with(['.', '?', '!']) { what } else { format!("{what}:") }
    }

    /// What is awaited, beginning with the verb.
    pub fn what(&self, time: &PageTime<'_>) -> String {
        if let Some(note) = self.note.as_ref().and_then(Wording::text) {
            return note.to_owned();
        }
        doing(&self.action, time.l).unwrap_or_else(|| time.l.do_act()).into_owned()
    }
}

/// A command that a thread waits for, in words; none if it has none of its own.
fn doing<'l>(command: &str, l: &'l Texts) -> Option<Cow<'l, str>> {
    Some(match command {
        "consultation.assign" => l.do_assign(),
        "thread.claim" => l.do_claim(),
        "consultation.advise" => l.do_advise(),
        "consultation.record_plan" => l.do_record_plan(),
        "consultation.inform_patient" => l.do_inform_patient(),
        "consultation.close" | "thread.close" => l.do_close(),
        "thread.post" => l.do_reply(),
        ACCEPT_INVITATION => l.do_accept(),
        "thread.pass_turn" => l.do_pass_turn(),
        _ => return None,
    })
}

/// The newest message of a thread.
#[derive(Debug, Clone)]
pub(crate) struct Last {
    pub author: Option<Who>,
    pub capacity: Capacity,
    pub audience: Audience,
    pub body: Wording,
    pub posted: DateTime<Utc>,
}

/// Which of several threads that look alike in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alike {
    pub number: usize,
    pub total: usize,
}

/// A thread in a list.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub id: String,
    pub version: String,
    pub subject: Wording,
    pub patient: Option<Subject>,
    /// None if the reader may not know.
    pub is_about_patient: Option<bool>,
    pub is_put_away: bool,
    pub unread: i64,
    pub is_open: bool,
    pub updated: DateTime<Utc>,
    pub owner_pool: Option<String>,
    pub owner: Option<Who>,
    pub awaited: Option<Awaited>,
    pub can_claim: bool,
    pub last: Option<Last>,
    pub kind: RowKind,
    /// The organizations of the thread, where the list asks for them.
    pub contacts: Vec<Contact>,
    /// Which one it is of those that look alike; none if none does.
    pub alike: Option<Alike>,
}

/// The kind of a thread, with what a list shows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    Consultation { state: ConsultationState, urgency: Urgency },
    TeamThread,
}

/// An organization, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub name: String,
    pub phone: Option<String>,
}

impl Contact {
    /// The number as a link.
    pub fn link(&self) -> Option<String> {
        self.phone.as_deref().map(telephone_link)
    }
}

/// A telephone number as a link.
pub(crate) fn telephone_link(number: &str) -> String {
    let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}

impl Row {
    /// Whether it waits for this person by name, or for their answer to an invitation.
    pub fn waits_for(&self, person: &str) -> bool {
        let waits = |awaited: &Awaited| awaited.names(person) || awaited.is_invitation();
        self.is_open && self.awaited.as_ref().is_some_and(waits)
    }

    /// Whether forms may be shown: whom the thread is about is certain, or it is about nobody.
    pub fn is_identified(&self) -> bool {
        is_identified(self.patient.as_ref(), self.is_about_patient)
    }

    /// What stands where no patient can be named.
    pub fn without_patient(&self, time: &PageTime<'_>) -> String {
        match self.is_about_patient {
            Some(false) => time.l.about_no_patient(),
            Some(true) | None => time.l.patient_not_shown(),
        }
        .into_owned()
    }

    /// Whether it is urgent.
    pub fn is_urgent(&self) -> bool {
        match self.kind {
            RowKind::Consultation { state: _, urgency } => urgency == Urgency::Urgent,
            RowKind::TeamThread => false,
        }
    }

    /// When something is awaited.
    pub fn due(&self, time: &PageTime<'_>) -> Option<Due> {
        self.awaited.as_ref().and_then(|awaited| awaited.due).map(|due| time.due(due))
    }

    /// Whether it is late.
    pub fn is_late(&self, time: &PageTime<'_>) -> bool {
        self.due(time).is_some_and(|due| due.urgency == DueTone::Late)
    }

    /// The kind of the thread, in words.
    pub fn kind(&self, time: &PageTime<'_>) -> String {
        match self.kind {
            RowKind::Consultation { .. } => time.l.kind_consultation(),
            RowKind::TeamThread => time.l.kind_team_thread(),
        }
        .into_owned()
    }

    /// The icon of the kind.
    pub fn icon(&self) -> &'static str {
        match self.kind {
            RowKind::Consultation { .. } => "consult",
            RowKind::TeamThread => "people",
        }
    }

    /// Kind and state, in words.
    pub fn state(&self, time: &PageTime<'_>) -> String {
        match &self.kind {
            RowKind::Consultation { state, urgency: _ } => {
                time.l.kind_and_state(self.kind(time), time.l.consultation_state(state))
            }
            RowKind::TeamThread => self.kind(time),
        }
    }

    /// When the newest message was written, or the newest activity where there is no message.
    pub fn newest_at(&self, time: &PageTime<'_>) -> Moment {
        time.moment(self.last.as_ref().map_or(self.updated, |last| last.posted))
    }

    /// The newest activity.
    pub fn at(&self, time: &PageTime<'_>) -> Moment {
        time.moment(self.updated)
    }
}

/// The first words of a text. A text that is longer ends in an ellipsis.
pub(crate) fn preview(text: &str) -> String {
    const CHARACTERS: usize = 120;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(CHARACTERS).collect();
    if short.len() < line.len() { format!("{}…", short.trim_end()) } else { line }
}

impl Last {
    /// The first words of the message. A text that is longer ends in an ellipsis.
    pub fn preview(&self) -> Option<String> {
        self.body.text().map(preview)
    }

    /// The tone of its audience.
    pub fn tone(&self) -> &'static str {
        audience_tone(self.audience)
    }

    /// The icon of its audience.
    pub fn icon(&self) -> &'static str {
        audience_icon(self.audience)
    }
}

macro_rules! wordings { ($($module:ident)+) => {$(
    impl From<&$module::Wording> for Wording {
        fn from(text: &$module::Wording) -> Self {
            Self::of(text.text.as_ref(), text.withheld)
        }
    }
)+} }
wordings! { colleagues consultation_form home inbox namesakes organization organization_patients organization_threads }
wordings! { helpers helping patient patient_list patient_people pool_search thread thread_readers what_would_open }
wordings! { worklist_rows worklists organization_access_records patient_access_records who_could_see helper_preview }
wordings! { patient_directives preview_directive helper_work outside_message outside_messages threads_to_attach_to }
wordings! { threads_to_list who_helps help_reminders preview_tightened_directive thread_access_records }

macro_rules! persons { ($($module:ident)+) => {$(
    impl From<&$module::Who> for Who {
        fn from(person: &$module::Who) -> Self {
            Self { id: person.id.clone(), name: (&person.name).into() }
        }
    }
)+} }
persons! { colleagues helpers home inbox organization organization_threads patient patient_people thread thread_readers }
persons! { worklist_rows worklists organization_access_records patient_access_records who_could_see helper_preview }
persons! { patient_directives preview_directive helper_work outside_message outside_messages who_helps help_reminders }
persons! { preview_tightened_directive thread_access_records }

macro_rules! subjects { ($($module:ident$(.$is_open:ident)?$(, $died_at:ident)?;)+) => {$(
    impl From<&$module::Subject> for Subject {
        fn from(patient: &$module::Subject) -> Self {
            let id = patient.id.clone();
            let is_open = false $(|| patient.$is_open)?;
            let died_at = None$(.or(patient.$died_at))?;
            Self { id, name: (&patient.name).into(), birth_date: (&patient.birth_date).into(), is_open, died_at }
        }
    }
)+} }
subjects! { colleagues; consultation_form, died_at; drafts; helpers; helping; home; inbox; namesakes; organization_patients; }
subjects! { patient_directives; helper_work; threads_to_attach_to; help_reminders; }
subjects! { organization_threads; patient, died_at; patient_access_records; patient_list; patient_people; pool_search; }
subjects! { who_could_see; helper_preview; thread_access_records; }
subjects! { thread.is_open_to_viewer, died_at; thread_readers.is_open_to_viewer; worklist_rows; worklists; }

macro_rules! turns { ($($module:ident)+) => {$(
    impl From<&$module::Awaited> for Awaited {
        fn from(awaited: &$module::Awaited) -> Self {
            Self {
                party: awaited.party,
                person: awaited.person.as_ref().map(Into::into),
                pool: awaited.pool.as_ref().map(|pool| pool.name.clone()),
                role: awaited.role,
                organization: awaited.organization.as_ref().map(|organization| organization.name.clone()),
                action: awaited.action.clone(),
                due: awaited.due,
                note: awaited.note.as_ref().map(Into::into),
            }
        }
    }
)+} }
turns! { home inbox organization_threads patient thread worklist_rows worklists }

macro_rules! rows { ($($module:ident($last:expr, $contacts:expr, $invited_until:expr))+) => {$(
    impl From<&$module::Row> for Row {
        fn from(row: &$module::Row) -> Self {
            let owner = row.owner.as_ref();
            let invited_until: Option<DateTime<Utc>> = $invited_until(row);
            let awaited = row.waiting_on.as_ref().map(Into::into);
            Self {
                id: row.id.clone(),
                version: row.version.as_str().to_owned(),
                subject: (&row.subject).into(),
                patient: row.patient.as_ref().map(Into::into),
                is_about_patient: row.is_about_patient,
                is_put_away: row.is_put_away,
                unread: row.unread_count,
                is_open: row.status == ThreadStatus::Open,
                updated: row.updated_at,
                owner_pool: owner.and_then(|owner| owner.pool.as_ref()).map(|pool| pool.name.clone()),
                owner: owner.and_then(|owner| owner.person.as_ref()).map(Into::into),
                awaited: invited_until.map(Awaited::to_invitation).or(awaited),
                can_claim: row.viewer_can_claim.allowed,
                last: $last(row),
                contacts: $contacts(row),
                alike: None,
                kind: match &row.on {
                    $module::RowOn::Consultation(own) => RowKind::Consultation { state: own.state, urgency: own.urgency },
                    $module::RowOn::TeamThread => RowKind::TeamThread,
                },
            }
        }
    }
)+} }

macro_rules! last_message {
    ($module:ident) => {
        |row: &$module::Row| -> Option<Last> {
            let message = row.messages.as_ref()?.nodes.last()?;
            Some(Last {
                author: message.author.as_ref().map(Into::into),
                capacity: message.capacity,
                audience: message.audience,
                body: (&message.body).into(),
                posted: message.posted_at,
            })
        }
    };
}
/// Until when the reader can answer their invitation.
macro_rules! invited_until {
    ($module:ident) => {
        |row: &$module::Row| row.viewer_invitation.as_ref().map(|invitation| invitation.expires_at)
    };
}
rows! {
    home(last_message!(home), |_: &home::Row| Vec::new(), invited_until!(home))
    inbox(last_message!(inbox), |_: &inbox::Row| Vec::new(), invited_until!(inbox))
    patient(last_message!(patient), |_: &patient::Row| Vec::new(), |_: &patient::Row| None)
    worklists(|_: &worklists::Row| None, |_: &worklists::Row| Vec::new(), |_: &worklists::Row| None)
    organization_threads(
        |_: &organization_threads::Row| None,
        |_: &organization_threads::Row| Vec::new(),
        |_: &organization_threads::Row| None
    )
    worklist_rows(|_: &worklist_rows::Row| None, contacts, |_: &worklist_rows::Row| None)
}

/// The organizations of a thread: the asking one first, each once.
fn contacts(row: &worklist_rows::Row) -> Vec<Contact> {
    let owner = row.owner.as_ref().and_then(|owner| owner.pool.as_ref()).and_then(|pool| pool.organization.as_ref());
    let (asking, asked) = match &row.on {
        worklist_rows::RowOn::Consultation(own) => {
            (own.requesting_organization.as_ref(), own.receiving_organization.as_ref())
        }
        worklist_rows::RowOn::TeamThread => (None, None),
    };
    let mut contacts: Vec<Contact> = Vec::new();
    for found in [asking, asked, owner].into_iter().flatten() {
        let contact = Contact { name: found.name.clone(), phone: found.phone.clone() };
        if !contacts.contains(&contact) {
            contacts.push(contact);
        }
    }
    contacts
}

#[cfg(test)]
mod tests {
    use care::command_name::CommandName;
    use care::lifecycle::ThreadKind;

    use super::*;
    use crate::pages::texts::Languages;

    fn last(text: &str) -> Last {
        let body = Wording::Text(text.to_owned());
        let posted = DateTime::UNIX_EPOCH;
        Last { author: None, capacity: Capacity::Nurse, audience: Audience::Everyone, body, posted }
    }

    #[test]
    fn a_preview_that_is_cut_ends_in_an_ellipsis() {
        assert_eq!(last("Take  one\nin the morning.").preview().unwrap(), "Take one in the morning.");
        let long = last(&"µ≥ ".repeat(60)).preview().unwrap();
        assert!(long.ends_with('…') && long.chars().count() <= 121, "{long}");
        assert_eq!(Last { body: Wording::Withheld, ..last("") }.preview(), None);
    }

    #[test]
    fn each_command_that_a_kind_adds_is_in_words_or_no_thread_waits_for_it_by_itself() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let of_kinds = ThreadKind::ALL.iter().flat_map(|kind| kind.command_names().into_iter().skip(1));
        let without: Vec<_> = of_kinds.map(CommandName::word).filter(|word| doing(word, l).is_none()).collect();
        // The first two are given beside what is awaited; who waits for the last says so in a note.
        assert_eq!(without, ["consultation.ask_for_assignment", "consultation.hand_over_request", "team_thread.park"]);
    }
}
